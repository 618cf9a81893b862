// error: ignoring return value
#include "core/price.hpp"

namespace parallax {
#ifdef PLX_WRONG
#pragma GCC diagnostic error "-Wunused-result"
inline void read() { Price::parse("1", Scale{0}); }
#else
inline auto read() { return Price::parse("1", Scale{0}); }
#endif
}  // namespace parallax
