#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace parallax::venue_common {

/// Moves what comes first in `from` to `out`, as much as fits; how much that was.
template <class T>
std::size_t take(std::vector<T>& from, std::span<T> out) {
    const std::size_t count = std::min(from.size(), out.size());
    std::copy_n(from.begin(), count, out.begin());
    from.erase(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(count));
    return count;
}

}  // namespace parallax::venue_common
