#pragma once

#include <zlib.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "adapters/recording/formats.hpp"
#include "ports/frame_source.hpp"

/// For tests: frames kept beyond the next call, and compressed files made in memory.
namespace parallax::recording {

struct OwnedFrame {
    UnixNanos received;
    std::string bytes, url, symbol;
    std::uint32_t connection = 0;
    ports::FrameKind kind{};
    Market market{};
    OwnedFrame() = default;
    explicit OwnedFrame(const ports::Frame& f)
        : received{f.received},
          bytes{f.bytes},
          url{f.url},
          symbol{f.symbol},
          connection{f.connection},
          kind{f.kind},
          market{f.market} {}
    [[nodiscard]] ports::Frame view() const {
        return {received, bytes, url, symbol, connection, kind, market};
    }
    friend bool operator==(const OwnedFrame&, const OwnedFrame&) = default;
};

struct Read {
    std::vector<OwnedFrame> frames;
    std::vector<std::string> errors;
    std::vector<std::string> notes;
    friend bool operator==(const Read&, const Read&) = default;
};

inline Read read_all(ports::FrameSource& source) {
    Read read;
    for (ports::Frame frame;;) {
        const auto more = source.next(frame);
        if (!more) {
            read.errors.push_back(more.error().detail);
            continue;
        }
        if (!*more) break;
        read.frames.emplace_back(frame);
    }
    read.notes.assign(source.notes().begin(), source.notes().end());
    return read;
}

inline std::string deflate_bytes(const std::string& text, int window_bits) {
    z_stream zlib{};
    deflateInit2(&zlib, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&zlib, text.size()) + 32, '\0');
    zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    zlib.avail_in = static_cast<uInt>(text.size());
    zlib.next_out = reinterpret_cast<Bytef*>(out.data());
    zlib.avail_out = static_cast<uInt>(out.size());
    deflate(&zlib, Z_FINISH);
    out.resize(zlib.total_out);
    deflateEnd(&zlib);
    return out;
}
inline std::string gzip(const std::string& text) { return deflate_bytes(text, MAX_WBITS + 16); }

template <class... T>
std::string packed(T... values) {
    std::string out;
    const auto put = [&](auto value) {
        out.append(reinterpret_cast<const char*>(&value), sizeof value);
    };
    (put(values), ...);
    return out;
}

inline std::string make_zip(const std::vector<std::pair<std::string, std::string>>& files,
                            bool deflated) {
    using u16 = std::uint16_t;
    using u32 = std::uint32_t;
    std::string out;
    std::string directory;
    for (const auto& [name, text] : files) {
        const std::string body = deflated ? deflate_bytes(text, -MAX_WBITS) : text;
        const auto crc = static_cast<u32>(
            crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
        const std::string common =
            packed(u16{20}, u16{0}, static_cast<u16>(deflated ? 8 : 0), u32{0}, crc,
                   static_cast<u32>(body.size()), static_cast<u32>(text.size()),
                   static_cast<u16>(name.size()), u16{0});
        directory += packed(u32{0x02014B50}, u16{20}) + common +
                     packed(u16{0}, u16{0}, u16{0}, u32{0}, static_cast<u32>(out.size())) + name;
        out += packed(u32{0x04034B50}) + common + name + body;
    }
    const auto count = static_cast<u16>(files.size());
    const auto at = static_cast<u32>(out.size());
    return out + directory +
           packed(u32{0x06054B50}, u16{0}, u16{0}, count, count, static_cast<u32>(directory.size()),
                  at, u16{0});
}

}  // namespace parallax::recording
