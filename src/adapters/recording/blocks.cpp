#include "adapters/recording/blocks.hpp"

#include <cstring>

namespace parallax::recording {

Result<bool> LineBlocks::finish(Block& block, std::size_t size) {
    block.size = size;
    return size > 0;
}

Result<bool> LineBlocks::fill(Block& block) {
    block.notes.clear();
    block.size = 0;
    if (error_) {
        ended_ = true;
        Error error = std::move(*error_);
        error_.reset();
        return tl::unexpected{std::move(error)};
    }
    if (ended_) return false;
    if (block.buffer.size() < kBlock + carry_.size())
        block.buffer.resize(kBlock + 2 * carry_.size());
    std::size_t size = carry_.copy(block.buffer.data(), carry_.size());
    carry_.clear();
    for (;;) {
        const auto got = stream_->read(std::span{block.buffer}.subspan(size));
        if (!got) {  // what is left in `size` is a line that never ended
            error_ = got.error();
            return fill(block);
        }
        if (*got == 0) {
            ended_ = true;
            return finish(block, size);
        }
        const char* fresh = block.buffer.data() + size;
        size += *got;
        if (const void* feed = memrchr(fresh, '\n', *got)) {
            const auto whole =
                static_cast<std::size_t>(static_cast<const char*>(feed) - block.buffer.data()) + 1;
            carry_.assign(block.buffer.data() + whole, size - whole);
            return finish(block, whole);
        }
        if (size < block.buffer.size()) continue;
        if (size >= kLongestLine) {
            ended_ = true;
            return fail(Errc::Malformed, name_ + ": a line is longer than 64 MiB");
        }
        block.buffer.resize(2 * size);
    }
}

Prefetched::Prefetched(std::unique_ptr<BlockSource> inner)
    : inner_{std::move(inner)}, thread_{[this] { run(); }} {}

Prefetched::~Prefetched() {
    {
        const std::scoped_lock lock{mutex_};
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Prefetched::run() {
    for (std::uint64_t i = 0;; ++i) {
        {
            std::unique_lock lock{mutex_};
            changed_.wait(lock, [&] { return stopping_ || i < read_ + kAhead; });
            if (stopping_) return;
        }
        auto more = inner_->fill(slots_[i % kAhead]);
        const std::scoped_lock lock{mutex_};
        if (more && *more) {
            filled_ = i + 1;
        } else {
            if (!more) error_ = std::move(more.error());
            ended_ = true;
        }
        changed_.notify_all();
        if (ended_) return;
    }
}

Result<bool> Prefetched::fill(Block& block) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return read_ < filled_ || ended_; });
    if (read_ < filled_) {
        std::swap(block, slots_[read_ % kAhead]);  // hands the old buffer back for reuse
        ++read_;
        lock.unlock();
        changed_.notify_all();
        return true;
    }
    if (!error_) return false;
    Error error = std::move(*error_);
    error_.reset();
    return tl::unexpected{std::move(error)};
}

}  // namespace parallax::recording
