// error: give the type a describe
#include "core/archive.hpp"

#include <string_view>

namespace parallax {
#ifdef PLX_WRONG
inline const auto kHash = state_hash(std::string_view{"parallax"});
#else
inline const auto kHash = state_hash(std::string{"parallax"});
#endif
}  // namespace parallax
