// error: too few arguments
#include "core/amount.hpp"

namespace parallax {
#ifdef PLX_WRONG
inline const auto kValue = notional(Price::from_raw(1), Scale{0}, Quantity::from_raw(1), Scale{0});
#else
inline const auto kValue =
    notional(Price::from_raw(1), Scale{0}, Quantity::from_raw(1), Scale{0}, Rounding::Up);
#endif
}  // namespace parallax
