// error: narrowing conversion
#include "core/price.hpp"

namespace parallax {
#ifdef PLX_WRONG
inline double peer = 63012.5;
const Price kPrice = Price::from_raw({peer});
#else
inline std::int64_t peer = 6301250;
const Price kPrice = Price::from_raw({peer});
#endif
}  // namespace parallax
