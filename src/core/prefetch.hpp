#pragma once

#include <cstddef>

namespace parallax {

/// Asks for the memory of [first, last), which will be written soon, without waiting for it.
/// Changes nothing; the caller has something else to do meanwhile.
inline void prefetch(const void* first, const void* last) noexcept {
    constexpr std::ptrdiff_t kLine = 64;
    const auto* const end = static_cast<const char*>(last);
    for (const auto* line = static_cast<const char*>(first); line < end; line += kLine)
        __builtin_prefetch(line, 1);
}
template <class T>
void prefetch(const T& one) noexcept {
    prefetch(&one, &one + 1);
}

}  // namespace parallax
