// error: give the type a describe
#include "core/archive.hpp"

namespace parallax {
#ifdef PLX_WRONG
struct Named { const char* name = ""; };
inline const auto kHash = state_hash(Named{});
#else
struct Named { std::string name; template <class A> void describe(A& a) { a(name); } };
inline const auto kHash = state_hash(Named{});
#endif
}  // namespace parallax
