// error: no match for .operator<.
#include "core/price.hpp"

namespace parallax {
#ifdef PLX_WRONG
constexpr bool kLess = Price::from_raw(1) < Quantity::from_raw(2);
#else
constexpr bool kLess = Price::from_raw(1) < Price::from_raw(2);
#endif
}  // namespace parallax
