#pragma once

#include <cstddef>

namespace parallax {

/// Calls of operator new by this thread so far. Stands still in sanitizer builds, which bring
/// operators of their own: a test that relies on it says PLX_NEEDS_ALLOCATION_COUNT() first.
[[nodiscard]] std::size_t allocations() noexcept;

}  // namespace parallax

#ifdef PLX_SANITIZED
#define PLX_NEEDS_ALLOCATION_COUNT() GTEST_SKIP() << "sanitizers allocate by themselves"
#else
#define PLX_NEEDS_ALLOCATION_COUNT() static_cast<void>(0)
#endif
