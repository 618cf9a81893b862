// error: no match for .operator-.
#include "core/time.hpp"

namespace parallax {
#ifdef PLX_WRONG
constexpr auto kAge = UnixNanos::from_nanos(2) - MonoNanos::from_nanos(1);
#else
constexpr auto kAge = UnixNanos::from_nanos(2) - UnixNanos::from_nanos(1);
#endif
}  // namespace parallax
