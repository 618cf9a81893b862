#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace parallax::net {

/// Memory for messages put together from pieces. Finished messages stay where they are until
/// recycle(); the one being built moves when its block is full.
class MessageArena {
public:
    /// Free space behind the message being built, at least one byte; commit() what was written.
    [[nodiscard]] std::span<char> room(std::size_t wanted) {
        if (capacity_ - end_ < wanted) grow(wanted);
        return {block_.get() + end_, capacity_ - end_};
    }
    void commit(std::size_t count) noexcept { end_ += count; }
    void append(std::string_view bytes) {
        if (bytes.empty()) return;
        std::memcpy(room(bytes.size()).data(), bytes.data(), bytes.size());
        end_ += bytes.size();
    }
    /// Bytes of the message being built.
    [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
    /// The message is complete; the next one begins.
    [[nodiscard]] std::string_view finish() noexcept {
        const std::string_view message{block_.get() + begin_, end_ - begin_};
        begin_ = end_;
        return message;
    }
    /// Nobody looks at finished messages any more.
    void recycle() noexcept {
        full_.clear();
        if (begin_ == 0) return;
        if (begin_ == end_) {
            begin_ = end_ = 0;
            if (capacity_ <= kKept) return;
            block_.reset();
            capacity_ = 0;
            return;
        }
        std::memmove(block_.get(), block_.get() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }

private:
    static constexpr std::size_t kFirst = 4 * 1024;
    static constexpr std::size_t kKept = 256 * 1024;

    void grow(std::size_t wanted) {
        const std::size_t used = end_ - begin_;
        std::size_t capacity = capacity_ < kFirst ? kFirst : capacity_;
        while (capacity - used < wanted) capacity *= 2;
        auto grown = std::make_unique_for_overwrite<char[]>(capacity);
        if (used > 0) std::memcpy(grown.get(), block_.get() + begin_, used);
        if (begin_ > 0) full_.push_back(std::move(block_));  // finished messages are in it
        block_ = std::move(grown);
        capacity_ = capacity;
        begin_ = 0;
        end_ = used;
    }

    std::unique_ptr<char[]> block_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;  ///< of the message being built
    std::size_t end_ = 0;
    std::vector<std::unique_ptr<char[]>> full_;
};

}  // namespace parallax::net
