#include "adapters/recording/byte_stream.hpp"

#include <zlib.h>

#include "adapters/recording/inflate.hpp"
#include "adapters/recording/zip.hpp"

namespace parallax::recording {
namespace {

class PlainStream final : public ByteStream {
public:
    explicit PlainStream(std::shared_ptr<const Storage> storage) : storage_{std::move(storage)} {}
    Result<std::size_t> read(std::span<char> out) override {
        auto got = storage_->read_at(consumed(), out);
        if (got) set_consumed(consumed() + *got);
        return got;
    }

private:
    std::shared_ptr<const Storage> storage_;
};

class GzipStream final : public ByteStream {
public:
    explicit GzipStream(std::shared_ptr<const Storage> storage)
        : storage_{std::move(storage)},
          inflater_{*storage_, 0, storage_->size(), Inflater::Wrapper::Gzip} {}
    Result<std::size_t> read(std::span<char> out) override {
        for (;;) {
            auto got = inflater_.read(out);
            set_consumed(inflater_.offset());
            if (!got || *got > 0) return got;
            const auto more = another_member();
            if (!more) return tl::unexpected{more.error()};
            if (!*more) return 0;
        }
    }

private:
    Result<bool> another_member() {
        const std::uint64_t at = inflater_.offset();
        if (at >= storage_->size()) return false;
        unsigned char magic[2] = {};
        const auto got = storage_->read_at(at, std::span{reinterpret_cast<char*>(magic), 2});
        if (!got) return tl::unexpected{got.error()};
        if (magic[0] != 0x1F || magic[1] != 0x8B) {
            inflater_.finish();
            return fail(Errc::Malformed, storage_->name() + ": byte " + std::to_string(at) +
                                             ": something that is no gzip follows the gzip data");
        }
        inflater_.restart();
        return true;
    }
    std::shared_ptr<const Storage> storage_;
    Inflater inflater_;
};

}  // namespace

Result<std::unique_ptr<ByteStream>> open_stream(std::shared_ptr<const Storage> storage) {
    char magic[4] = {};
    const auto got = storage->read_at(0, magic);
    if (!got) return tl::unexpected{got.error()};
    if (*got == 0) return fail(Errc::Malformed, storage->name() + ": the file is empty");
    if (magic[0] == '\x1F' && magic[1] == '\x8B')
        return std::make_unique<GzipStream>(std::move(storage));
    if (magic[0] == 'P' && magic[1] == 'K') return open_zip(std::move(storage));
    return std::make_unique<PlainStream>(std::move(storage));
}

}  // namespace parallax::recording
