// Counts what the test program allocates. A file of its own: inlined into their callers, these
// operators would look like a mismatch of new and free to the compiler.
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {
std::size_t count = 0;
}  // namespace

namespace parallax::venue_common {
std::size_t allocations() noexcept;
std::size_t allocations() noexcept { return count; }
}  // namespace parallax::venue_common

void* operator new(std::size_t size) {
    ++count;
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
