#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "adapters/recording/byte_stream.hpp"

namespace parallax::recording {

/// A piece of decompressed recording that can be read by itself: whole lines, or whole frames.
struct Block {
    std::vector<char> buffer;  ///< reused from block to block; may be larger than what it holds
    std::size_t size = 0;
    std::vector<std::string> notes;  ///< what had to be skipped before this block
    [[nodiscard]] std::string_view text() const noexcept { return {buffer.data(), size}; }
};

/// Blocks of a recording from front to back. One thread fills; `consumed` may be asked from any.
class BlockSource {
public:
    virtual ~BlockSource() = default;
    /// True: `block` holds the next one (perhaps only notes). False: the end. After an error: the
    /// end. Errors as ByteStream.
    [[nodiscard]] virtual Result<bool> fill(Block& block) = 0;
    [[nodiscard]] virtual std::uint64_t consumed() const noexcept = 0;
};

/// Cuts a stream behind line feeds. Everything before an error is delivered up to the last whole
/// line; at a regular end the last line needs no line feed.
class LineBlocks final : public BlockSource {
public:
    /// `name` of the file, for errors.
    LineBlocks(std::string name, std::unique_ptr<ByteStream> stream)
        : name_{std::move(name)}, stream_{std::move(stream)} {}
    Result<bool> fill(Block& block) override;
    std::uint64_t consumed() const noexcept override { return stream_->consumed(); }

private:
    static constexpr std::size_t kBlock = 256 * 1024;
    static constexpr std::size_t kLongestLine = 64 * 1024 * 1024;
    Result<bool> finish(Block& block, std::size_t size);
    std::string name_;
    std::unique_ptr<ByteStream> stream_;
    std::string carry_;  ///< beginning of the line the last block ended in
    std::optional<Error> error_;
    bool ended_ = false;
};

/// Fills blocks ahead on a thread of its own, so that decompression and parsing overlap. Delivers
/// exactly what the inner source would.
class Prefetched final : public BlockSource {
public:
    explicit Prefetched(std::unique_ptr<BlockSource> inner);
    ~Prefetched() override;
    Prefetched(const Prefetched&) = delete;
    Prefetched& operator=(const Prefetched&) = delete;
    Result<bool> fill(Block& block) override;
    std::uint64_t consumed() const noexcept override { return inner_->consumed(); }

private:
    void run();
    static constexpr std::size_t kAhead = 4;
    std::unique_ptr<BlockSource> inner_;
    std::mutex mutex_;
    std::condition_variable changed_;
    // Slot i % kAhead belongs to the consumer while read_ <= i < filled_, else to the thread.
    Block slots_[kAhead];
    std::uint64_t filled_ = 0;
    std::uint64_t read_ = 0;
    bool ended_ = false;
    bool stopping_ = false;
    std::optional<Error> error_;
    std::thread thread_;
};

/// Lines of blocks, with their number. A line is valid until the next call.
class LineReader {
public:
    explicit LineReader(std::unique_ptr<BlockSource> blocks) : blocks_{std::move(blocks)} {}
    /// True: `line` without its line feed. False: the end. Errors as BlockSource::fill.
    [[nodiscard]] Result<bool> next(std::string_view& line) {
        while (at_ == end_) {
            auto more = blocks_->fill(block_);
            if (!more || !*more) return more;
            at_ = block_.buffer.data();
            end_ = at_ + block_.size;
        }
        const auto* feed =
            static_cast<const char*>(std::memchr(at_, '\n', static_cast<std::size_t>(end_ - at_)));
        const char* stop = feed != nullptr ? feed : end_;
        line = {at_, static_cast<std::size_t>(stop - at_)};
        if (line.ends_with('\r')) line.remove_suffix(1);
        at_ = feed != nullptr ? feed + 1 : end_;
        ++number_;
        return true;
    }
    /// Of the line last delivered, from 1.
    [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
    [[nodiscard]] std::uint64_t consumed() const noexcept { return blocks_->consumed(); }

private:
    std::unique_ptr<BlockSource> blocks_;
    Block block_;
    const char* at_ = nullptr;
    const char* end_ = nullptr;
    std::uint64_t number_ = 0;
};

}  // namespace parallax::recording
