#include <atomic>
#include <cstdlib>
#include <new>

#include "services/scanner/testing.hpp"

// Counts every allocation of this test program. A file of its own, so that no caller sees the
// definitions inline.

namespace {
std::atomic<std::uint64_t> allocations{0};
}  // namespace

void* operator new(std::size_t size) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace parallax::scanner {

std::uint64_t Desk::allocation_count() { return allocations.load(); }

}  // namespace parallax::scanner
