// error: no match for .operator[*].
#include "core/amount.hpp"

namespace parallax {
#ifdef PLX_WRONG
inline const auto kValue = Price::from_raw(1) * Quantity::from_raw(1);
#else
inline const auto kValue =
    notional(Price::from_raw(1), Scale{0}, Quantity::from_raw(1), Scale{0}, Rounding::Up);
#endif
}  // namespace parallax
