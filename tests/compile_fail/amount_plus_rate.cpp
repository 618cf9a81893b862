// error: no match for .operator[+].
#include "core/amount.hpp"

namespace parallax {
#ifdef PLX_WRONG
inline const auto kSum = Amount::units(1) + Rate::basis_points(1);
#else
inline const auto kSum = Amount::units(1) + Amount::units(1);
#endif
}  // namespace parallax
