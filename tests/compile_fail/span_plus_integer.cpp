// error: no match for .operator[+].
#include "core/time.hpp"

namespace parallax {
#ifdef PLX_WRONG
constexpr auto kSpan = Nanos::millis(1) + 5;
#else
constexpr auto kSpan = Nanos::millis(1) + Nanos{5};
#endif
}  // namespace parallax
