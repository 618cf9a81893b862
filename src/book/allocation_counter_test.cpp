// Counts what the test program allocates. A file of its own: inlined into their callers, these
// operators would look like a mismatch of new and free to the compiler.
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {
std::size_t count = 0;
}  // namespace

namespace parallax::book {
std::size_t allocations() noexcept;
std::size_t allocations() noexcept { return count; }
}  // namespace parallax::book

void* operator new(std::size_t size) {
    ++count;
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc{};
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    ++count;
    const auto align = static_cast<std::size_t>(alignment);
    if (void* memory = std::aligned_alloc(align, (size + align - 1) / align * align)) return memory;
    throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
