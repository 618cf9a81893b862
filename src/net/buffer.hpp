#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "core/assert.hpp"

namespace parallax::net {

/// Bytes in the order they came: filled at the end, used up at the front, in one piece. Only
/// room(), append() and recycle() move bytes, so views stay good between them.
class Buffer {
public:
    [[nodiscard]] std::string_view bytes() const noexcept {
        return {data_.get() + begin_, end_ - begin_};
    }
    /// The same bytes, to be changed in place.
    [[nodiscard]] char* data() noexcept { return data_.get() + begin_; }
    [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
    [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }

    /// Free space of at least `wanted` bytes behind the end; commit() what was written to it.
    [[nodiscard]] std::span<char> room(std::size_t wanted) {
        if (capacity_ - end_ < wanted) make_room(wanted);
        return {data_.get() + end_, capacity_ - end_};
    }
    void commit(std::size_t count) noexcept {
        PLX_ASSERT(count <= capacity_ - end_);
        end_ += count;
    }
    void append(std::string_view bytes) {
        if (bytes.empty()) return;
        std::memcpy(room(bytes.size()).data(), bytes.data(), bytes.size());
        end_ += bytes.size();
    }
    void consume(std::size_t count) noexcept {
        PLX_ASSERT(count <= end_ - begin_);
        begin_ += count;
    }
    /// No view is held any more: start again at the front when empty, give back what a rare big
    /// message took.
    void recycle() noexcept {
        if (begin_ != end_) return;
        begin_ = end_ = 0;
        if (capacity_ > kKept) {
            data_.reset();
            capacity_ = 0;
        }
    }

private:
    static constexpr std::size_t kFirst = 4 * 1024;
    static constexpr std::size_t kKept = 128 * 1024;

    void make_room(std::size_t wanted) {
        const std::size_t used = end_ - begin_;
        if (capacity_ - used >= wanted && begin_ >= used) {  // moving stays cheaper than copying
            std::memcpy(data_.get(), data_.get() + begin_, used);
        } else {
            std::size_t capacity = capacity_ < kFirst ? kFirst : capacity_;
            while (capacity - used < wanted) capacity *= 2;
            auto grown = std::make_unique_for_overwrite<char[]>(capacity);
            if (used > 0) std::memcpy(grown.get(), data_.get() + begin_, used);
            data_ = std::move(grown);
            capacity_ = capacity;
        }
        begin_ = 0;
        end_ = used;
    }

    std::unique_ptr<char[]> data_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace parallax::net
