// error: no match for .operator[+].
#include "core/time.hpp"

namespace parallax {
#ifdef PLX_WRONG
constexpr auto kSum = UnixNanos::from_nanos(1) + UnixNanos::from_nanos(1);
#else
constexpr auto kSum = UnixNanos::from_nanos(1) + Nanos{1};
#endif
}  // namespace parallax
