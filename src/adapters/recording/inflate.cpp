#include "adapters/recording/inflate.hpp"

#include "core/assert.hpp"

namespace parallax::recording {

Inflater::Inflater(const Storage& storage, std::uint64_t begin, std::uint64_t end, Wrapper wrapper)
    : storage_{storage}, offset_{begin}, end_{end}, input_(kInput) {
    PLX_ASSERT(inflateInit2(&zlib_, static_cast<int>(wrapper)) == Z_OK);
}

void Inflater::restart() noexcept {
    inflateReset(&zlib_);
    ended_ = false;
}

tl::unexpected<Error> Inflater::damaged(const char* what) {
    ended_ = true;
    return fail(Errc::Malformed,
                storage_.name() + ": byte " + std::to_string(offset()) + ": " + what);
}

Result<void> Inflater::refill() {
    const std::uint64_t left = end_ - offset_;
    const auto got =
        storage_.read_at(offset_, std::span{input_}.first(std::min<std::uint64_t>(left, kInput)));
    if (!got) {
        ended_ = true;
        return tl::unexpected{got.error()};
    }
    offset_ += *got;
    zlib_.next_in = reinterpret_cast<Bytef*>(input_.data());
    zlib_.avail_in = static_cast<uInt>(*got);
    return {};
}

Result<std::size_t> Inflater::read(std::span<char> out) {
    if (ended_) return 0;
    zlib_.next_out = reinterpret_cast<Bytef*>(out.data());
    zlib_.avail_out = static_cast<uInt>(out.size());
    for (;;) {
        if (zlib_.avail_in == 0) {
            if (const auto filled = refill(); !filled) return tl::unexpected{filled.error()};
        }
        const int status = inflate(&zlib_, Z_NO_FLUSH);
        const std::size_t made = out.size() - zlib_.avail_out;
        if (status == Z_STREAM_END) ended_ = true;
        if (made > 0 || status == Z_STREAM_END) return made;
        if (status == Z_BUF_ERROR && zlib_.avail_in == 0 && offset_ >= end_) {
            return damaged("the compressed data ends early (the file is cut)");
        }
        if (status != Z_OK && status != Z_BUF_ERROR) {
            return damaged(zlib_.msg != nullptr ? zlib_.msg : "the compressed data is damaged");
        }
    }
}

}  // namespace parallax::recording
