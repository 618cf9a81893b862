// error: no match for .operator==.
#include "core/ids.hpp"

namespace parallax {
#ifdef PLX_WRONG
constexpr bool kSame = InstrumentId{1} == SymbolId{1};
#else
constexpr bool kSame = InstrumentId{1} == InstrumentId{1};
#endif
}  // namespace parallax
