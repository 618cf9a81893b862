// error: no match for .operator<.
#include "core/time.hpp"

namespace parallax {
#ifdef PLX_WRONG
constexpr bool kOlder = UnixNanos::from_nanos(1) < MonoNanos::from_nanos(2);
#else
constexpr bool kOlder = UnixNanos::from_nanos(1) < UnixNanos::from_nanos(2);
#endif
}  // namespace parallax
