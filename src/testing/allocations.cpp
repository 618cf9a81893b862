#include "testing/allocations.hpp"

#include <cstdlib>
#include <new>

// A file of its own: inlined into their callers, these operators would look like a mismatch of new
// and free to the compiler.

namespace {

thread_local std::size_t count = 0;

[[maybe_unused]] void* counted(void* memory) {
    ++count;
    if (memory == nullptr) throw std::bad_alloc{};
    return memory;
}

}  // namespace

std::size_t parallax::allocations() noexcept { return count; }

#ifndef PLX_SANITIZED
void* operator new(std::size_t size) { return counted(std::malloc(size == 0 ? 1 : size)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
    const auto align = static_cast<std::size_t>(alignment);
    return counted(std::aligned_alloc(align, (size + align - 1) / align * align));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
#endif
