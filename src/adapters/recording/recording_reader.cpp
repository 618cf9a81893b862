#include "adapters/recording/recording_reader.hpp"

#include <zstd.h>

#include <cstring>

#include "adapters/recording/recording_format.hpp"
#include "core/checksum.hpp"

namespace parallax::recording {
namespace {

using ports::Frame;
using ports::FrameKind;

constexpr std::size_t kScan = 256 * 1024;

struct ContextDeleter {
    void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

std::string bytes_text(std::uint64_t count) {
    return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

bool valid(const BlockHeader& header) noexcept {
    const std::span<const BlockHeader, 1> whole{&header, 1};
    return header.magic == kBlockMagic && header.raw_size <= kLargestBlock &&
           header.stored_size <= ZSTD_COMPRESSBOUND(kLargestBlock) &&
           crc32c(std::as_bytes(whole).first(kHeaderCrcAt)) == header.header_crc;
}

class RecordingBlocks final : public BlockSource {
public:
    RecordingBlocks(std::shared_ptr<const Storage> storage, std::uint64_t offset)
        : storage_{std::move(storage)}, offset_{offset}, context_{ZSTD_createDCtx()} {}

    std::uint64_t consumed() const noexcept override {
        return consumed_.load(std::memory_order_relaxed);
    }

    Result<bool> fill(Block& block) override {
        block.size = 0;
        block.notes.clear();
        while (offset_ < storage_->size()) {
            const auto filled = step(block);
            if (!filled) {
                offset_ = storage_->size();
                return tl::unexpected{filled.error()};
            }
            consumed_.store(offset_, std::memory_order_relaxed);
            if (*filled) return true;
        }
        return !block.notes.empty();
    }

private:
    [[nodiscard]] std::string at(std::uint64_t offset) const {
        return storage_->name() + ": byte " + std::to_string(offset) + ": ";
    }
    [[nodiscard]] std::uint64_t left() const noexcept { return storage_->size() - offset_; }

    /// One block from offset_ into `block`, or past what is damaged there.
    Result<bool> step(Block& block) {
        BlockHeader header;
        const auto got =
            storage_->read_at(offset_, std::span{reinterpret_cast<char*>(&header), sizeof header});
        if (!got) return tl::unexpected{got.error()};
        if (*got < sizeof header) return lose_tail(block);
        if (!valid(header)) return search(block);
        if (header.stored_size > left() - sizeof header) return lose_tail(block);
        stored_.resize(header.stored_size);
        const auto content = storage_->read_at(offset_ + sizeof header, stored_);
        if (!content) return tl::unexpected{content.error()};
        if (*content < stored_.size()) return lose_tail(block);
        const std::uint64_t start = offset_;
        offset_ += sizeof header + header.stored_size;
        note_missing(header.index, start, block);
        next_index_ = header.index + 1;
        if (crc32c(std::as_bytes(std::span{stored_})) != header.content_crc ||
            !decompress(header, block)) {
            block.size = 0;
            block.notes.push_back(at(start) + "a block of " + std::to_string(header.frames) +
                                  " frames is damaged and was skipped");
            return false;
        }
        return true;
    }
    /// The block's header goes first: its times are relative to it.
    bool decompress(const BlockHeader& header, Block& block) {
        const std::size_t size = sizeof header + header.raw_size;
        if (block.buffer.size() < size) block.buffer.resize(size);
        std::memcpy(block.buffer.data(), &header, sizeof header);
        const std::size_t made =
            ZSTD_decompressDCtx(context_.get(), block.buffer.data() + sizeof header,
                                header.raw_size, stored_.data(), stored_.size());
        block.size = size;
        return ZSTD_isError(made) == 0 && made == header.raw_size;
    }
    void note_missing(std::uint64_t index, std::uint64_t start, Block& block) {
        if (index <= next_index_) return;
        block.notes.push_back(at(start) + std::to_string(index - next_index_) +
                              " blocks are missing before here");
    }
    Result<bool> lose_tail(Block& block) {
        block.notes.push_back(at(offset_) + "the file is cut inside a block: its last " +
                              bytes_text(left()) + " are lost");
        offset_ = storage_->size();
        return false;
    }
    /// Moves to the next place that holds a valid block header.
    Result<bool> search(Block& block) {
        const std::uint64_t start = offset_;
        std::string window;
        for (std::uint64_t from = start + 1; from < storage_->size();) {
            window.resize(kScan + sizeof(BlockHeader));
            const auto got = storage_->read_at(from, window);
            if (!got) return tl::unexpected{got.error()};
            const std::string_view seen = std::string_view{window}.substr(0, *got);
            if (const auto found = find_header(seen)) {
                offset_ = from + *found;
                block.notes.push_back(at(start) + bytes_text(offset_ - start) +
                                      " are damaged and were skipped");
                return false;
            }
            from += kScan;
        }
        block.notes.push_back(at(start) + "the last " + bytes_text(left()) +
                              " of the file are damaged or cut: lost");
        offset_ = storage_->size();
        return false;
    }
    static std::optional<std::size_t> find_header(std::string_view text) {
        const std::string_view magic{reinterpret_cast<const char*>(&kBlockMagic),
                                     sizeof kBlockMagic};
        for (std::size_t i = text.find(magic); i != text.npos; i = text.find(magic, i + 1)) {
            BlockHeader header;
            if (text.size() - i < sizeof header) break;
            std::memcpy(&header, text.data() + i, sizeof header);
            if (valid(header)) return i;
        }
        return std::nullopt;
    }

    std::shared_ptr<const Storage> storage_;
    std::uint64_t offset_;
    std::uint64_t next_index_ = 0;
    std::atomic<std::uint64_t> consumed_{0};
    std::vector<char> stored_;
    std::unique_ptr<ZSTD_DCtx, ContextDeleter> context_;
};

/// Takes frame fields off a block; any that does not fit makes ok() false.
class FrameParser {
public:
    explicit FrameParser(std::string_view bytes) noexcept
        : at_{bytes.data()}, end_{at_ + bytes.size()} {}
    [[nodiscard]] bool ok() const noexcept { return ok_; }
    [[nodiscard]] bool empty() const noexcept { return at_ == end_; }
    std::uint8_t byte() noexcept {
        if (at_ == end_) return refuse();
        return static_cast<std::uint8_t>(*at_++);
    }
    std::uint64_t varint() noexcept {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const std::uint64_t part = byte();
            value |= (part & 0x7F) << shift;
            if (part < 0x80) return value;
        }
        return refuse();
    }
    std::string_view text() noexcept {
        const std::uint64_t size = varint();
        if (size > static_cast<std::uint64_t>(end_ - at_)) return {at_, refuse()};
        const std::string_view value{at_, static_cast<std::size_t>(size)};
        at_ += size;
        return value;
    }
    [[nodiscard]] const char* at() const noexcept { return at_; }

private:
    std::uint8_t refuse() noexcept {
        ok_ = false;
        at_ = end_;
        return 0;
    }
    const char* at_;
    const char* end_;
    bool ok_ = true;
};

class RecordingSource final : public ports::FrameSource {
public:
    RecordingSource(std::string name, std::uint64_t size, std::unique_ptr<BlockSource> blocks,
                    std::optional<Market> market)
        : name_{std::move(name)}, size_{size}, blocks_{std::move(blocks)}, market_{market} {}

    ports::SourceProgress progress() const noexcept override {
        return {blocks_->consumed(), size_};
    }
    std::uint64_t out_of_order() const noexcept override { return out_of_order_; }
    std::span<const std::string> notes() const noexcept override { return notes_; }

    Result<bool> next(Frame& frame) override {
        do {
            while (left_.empty()) {
                const auto more = next_block();
                if (!more || !*more) return more;
            }
            if (!take(frame)) {
                left_ = {};
                return fail(Errc::Malformed, name_ + ": block " + std::to_string(index_) +
                                                 " is intact but holds what is no frame");
            }
        } while (market_ && frame.market != *market_);
        if (frame.received < latest_)
            ++out_of_order_;
        else
            latest_ = frame.received;
        return true;
    }

private:
    Result<bool> next_block() {
        auto more = blocks_->fill(block_);
        if (!more || !*more) return more;
        for (std::string& note : block_.notes) notes_.push_back(std::move(note));
        left_ = block_.text();
        if (left_.empty()) return true;
        BlockHeader header;
        std::memcpy(&header, left_.data(), sizeof header);
        left_.remove_prefix(sizeof header);
        received_ = header.first_received;
        index_ = header.index;
        return true;
    }
    bool take(Frame& frame) noexcept {
        FrameParser parser{left_};
        const std::uint64_t zigzag = parser.varint();
        const std::uint64_t delta = (zigzag >> 1) ^ (~(zigzag & 1) + 1);
        received_ = static_cast<std::int64_t>(static_cast<std::uint64_t>(received_) + delta);
        const std::uint8_t market = parser.byte();
        const std::uint64_t connection = parser.varint();
        const std::uint8_t kind = parser.byte();
        frame.url = (kind & kHasTexts) != 0 ? parser.text() : std::string_view{};
        frame.symbol = (kind & kHasTexts) != 0 ? parser.text() : std::string_view{};
        frame.bytes = parser.text();
        const auto number = static_cast<std::uint8_t>(kind & ~kHasTexts);
        if (!parser.ok() || market >= kMarketCount || number >= ports::kFrameKindCount ||
            connection > UINT32_MAX) {
            return false;
        }
        frame.received = UnixNanos::from_nanos(received_);
        frame.market = static_cast<Market>(market);
        frame.connection = static_cast<std::uint32_t>(connection);
        frame.kind = static_cast<FrameKind>(number);
        left_.remove_prefix(static_cast<std::size_t>(parser.at() - left_.data()));
        return true;
    }

    std::string name_;
    std::uint64_t size_;
    std::unique_ptr<BlockSource> blocks_;
    std::optional<Market> market_;
    Block block_;
    std::string_view left_;  ///< frames of block_ not yet delivered
    std::int64_t received_ = 0;
    std::uint64_t index_ = 0;
    UnixNanos latest_;
    std::uint64_t out_of_order_ = 0;
    std::vector<std::string> notes_;
};

}  // namespace

bool is_recording(const Storage& storage) noexcept {
    char magic[sizeof kFileMagic] = {};
    const auto got = storage.read_at(0, magic);
    return got && *got == sizeof magic && std::memcmp(magic, kFileMagic, sizeof magic) == 0;
}

Result<std::unique_ptr<BlockSource>> open_recording_blocks(std::shared_ptr<const Storage> storage) {
    constexpr std::size_t kFixed = sizeof kFileMagic + 8;
    constexpr std::uint32_t kLongestCreator = 4096;
    std::string header(kFixed + kLongestCreator + 4, '\0');
    const auto got = storage->read_at(0, header);
    if (!got) return tl::unexpected{got.error()};
    header.resize(*got);
    const auto damaged = [&] {
        return fail(Errc::Malformed, storage->name() + ": the file's header is cut or damaged");
    };
    if (header.size() < kFixed + 4) return damaged();
    std::uint32_t version = 0;
    std::uint32_t length = 0;
    std::uint32_t crc = 0;
    std::memcpy(&version, header.data() + 8, 4);
    std::memcpy(&length, header.data() + 12, 4);
    if (version != kFileVersion) {
        return fail(Errc::Malformed, storage->name() + ": version " + std::to_string(version) +
                                         " of the format, we read version " +
                                         std::to_string(kFileVersion));
    }
    if (length > kLongestCreator || header.size() < kFixed + length + 4) return damaged();
    std::memcpy(&crc, header.data() + kFixed + length, 4);
    if (crc32c(std::as_bytes(std::span{header}).first(kFixed + length)) != crc) return damaged();
    return std::make_unique<RecordingBlocks>(std::move(storage), kFixed + length + 4);
}

std::unique_ptr<ports::FrameSource> make_recording_source(std::string name, std::uint64_t size,
                                                          std::unique_ptr<BlockSource> blocks,
                                                          std::optional<Market> market) {
    return std::make_unique<RecordingSource>(std::move(name), size, std::move(blocks), market);
}

Result<std::unique_ptr<ports::FrameSource>> open_recording(std::shared_ptr<const Storage> storage,
                                                           bool prefetch) {
    std::string name = storage->name();
    const std::uint64_t size = storage->size();
    auto blocks = open_recording_blocks(std::move(storage));
    if (!blocks) return tl::unexpected{blocks.error()};
    if (prefetch) *blocks = std::make_unique<Prefetched>(std::move(*blocks));
    return make_recording_source(std::move(name), size, std::move(*blocks), std::nullopt);
}

}  // namespace parallax::recording
