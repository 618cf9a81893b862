// error: no match for .operator[+].
#include "core/price.hpp"

namespace parallax {
#ifdef PLX_WRONG
constexpr auto kSum = Price::from_raw(1) + Quantity::from_raw(1);
#else
constexpr auto kSum = Price::from_raw(1) + Price::from_raw(1);
#endif
}  // namespace parallax
