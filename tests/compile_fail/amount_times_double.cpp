// error: no match for .operator[*].
#include "core/amount.hpp"

namespace parallax {
#ifdef PLX_WRONG
inline const auto kFee = Amount::units(1) * 0.001;
#else
inline const auto kFee = apply(Rate::basis_points(10), Amount::units(1), Rounding::Up);
#endif
}  // namespace parallax
