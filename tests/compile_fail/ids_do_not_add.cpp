// error: no match for .operator[+].
#include "core/ids.hpp"

namespace parallax {
#ifdef PLX_WRONG
constexpr auto kNext = InstrumentId{1} + 1;
#else
constexpr auto kNext = InstrumentId{InstrumentId{1}.raw() + 1};
#endif
}  // namespace parallax
