#include "ports/secret.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <utility>

#include "core/assert.hpp"

namespace parallax::ports {

Secret::Secret(std::size_t size) : size_{size} {
    if (size == 0) return;
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    mapped_ = (size + page - 1) / page * page;
    void* pages =
        ::mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    PLX_ASSERT(pages != MAP_FAILED);
    data_ = static_cast<char*>(pages);
    locked_ = ::mlock(pages, mapped_) == 0;
    // Best effort, as the lock: a kernel without it still runs.
    (void)::madvise(pages, mapped_, MADV_DONTDUMP);
}

Secret Secret::copy_of(std::string_view text) {
    Secret secret(text.size());
    if (!text.empty()) std::memcpy(secret.data_, text.data(), text.size());
    return secret;
}

Secret::Secret(Secret&& other) noexcept
    : data_{std::exchange(other.data_, nullptr)},
      size_{std::exchange(other.size_, 0)},
      mapped_{std::exchange(other.mapped_, 0)},
      locked_{std::exchange(other.locked_, false)} {}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this == &other) return *this;
    wipe();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    mapped_ = std::exchange(other.mapped_, 0);
    locked_ = std::exchange(other.locked_, false);
    return *this;
}

void Secret::shrink(std::size_t size) noexcept {
    PLX_ASSERT(size <= size_);
    if (data_ != nullptr) ::explicit_bzero(data_ + size, size_ - size);
    size_ = size;
}

void Secret::wipe() noexcept {
    if (data_ == nullptr) return;
    ::explicit_bzero(data_, mapped_);
    ::munmap(data_, mapped_);
    data_ = nullptr;
    size_ = mapped_ = 0;
    locked_ = false;
}

}  // namespace parallax::ports
