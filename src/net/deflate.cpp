#include "net/deflate.hpp"

#include <zlib.h>

#include <charconv>

#include "core/assert.hpp"
#include "net/http_parser.hpp"

namespace parallax::net {
namespace {

constexpr std::string_view kTail{"\0\0\xFF\xFF", 4};  // RFC 7692, 7.2.1: cut off by the sender
constexpr int kServerWindowBits = 12;                 // a peer then costs 24 KiB instead of 256
constexpr int kMemoryLevel = 5;
constexpr int kLevel = 3;

/// The next part of a list, cut off its front.
std::string_view take(std::string_view& list, char separator) {
    const std::size_t end = std::min(list.find(separator), list.size());
    const std::string_view part = trimmed(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
    return part;
}

struct Parsed {
    bool server_no_takeover = false;
    bool client_no_takeover = false;
    std::optional<int> server_bits;  ///< 0: named without a value
    std::optional<int> client_bits;
};

bool read_bits(std::string_view value, std::optional<int>& bits) {
    if (bits) return false;
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
        value = value.substr(1, value.size() - 2);
    }
    int number = 0;
    const char* end = value.data() + value.size();
    const auto [at, error] = std::from_chars(value.data(), end, number);
    bits = number;
    return at == end && error == std::errc{} && value.front() != '0' && number >= 8 && number <= 15;
}

/// Nothing when it is another extension or has a parameter that RFC 7692 does not know.
std::optional<Parsed> parse(std::string_view extension) {
    if (!same_word(take(extension, ';'), "permessage-deflate")) return std::nullopt;
    Parsed parsed;
    while (!extension.empty()) {
        std::string_view value = take(extension, ';');
        const bool valued = value.find('=') != std::string_view::npos;
        const std::string_view name = take(value, '=');
        bool good = false;
        if (same_word(name, "server_no_context_takeover")) {
            good = !valued && !parsed.server_no_takeover;
            parsed.server_no_takeover = true;
        } else if (same_word(name, "client_no_context_takeover")) {
            good = !valued && !parsed.client_no_takeover;
            parsed.client_no_takeover = true;
        } else if (same_word(name, "server_max_window_bits")) {
            good = read_bits(trimmed(value), parsed.server_bits);
        } else if (same_word(name, "client_max_window_bits")) {
            good = valued ? read_bits(trimmed(value), parsed.client_bits) : !parsed.client_bits;
            if (!valued) parsed.client_bits = 0;
        }
        if (!good) return std::nullopt;
    }
    return parsed;
}

}  // namespace

std::string_view deflate_offer() noexcept { return "permessage-deflate; client_max_window_bits"; }

std::optional<DeflateParameters> read_deflate_answer(std::string_view answer) {
    if (answer.find(',') != std::string_view::npos) return std::nullopt;  // one was offered
    const std::optional<Parsed> parsed = parse(answer);
    if (!parsed || parsed->client_bits == 0) return std::nullopt;
    return DeflateParameters{!parsed->server_no_takeover, !parsed->client_no_takeover,
                             parsed->server_bits.value_or(15), parsed->client_bits.value_or(15)};
}

std::optional<DeflateParameters> choose_deflate(std::string_view offers, std::string& answer) {
    while (!offers.empty()) {
        const std::optional<Parsed> offer = parse(take(offers, ','));
        if (!offer) continue;
        const int wanted = offer->server_bits.value_or(15);
        if (wanted < 9) continue;  // zlib cannot compress with 2^8
        DeflateParameters chosen;
        chosen.server_takeover = !offer->server_no_takeover;
        chosen.client_takeover = !offer->client_no_takeover;
        chosen.server_window_bits = std::min(wanted, kServerWindowBits);
        answer = "permessage-deflate; server_max_window_bits=" +
                 std::to_string(chosen.server_window_bits);
        if (!chosen.server_takeover) answer += "; server_no_context_takeover";
        if (!chosen.client_takeover) answer += "; client_no_context_takeover";
        if (offer->client_bits) {
            chosen.client_window_bits = kServerWindowBits;
            if (*offer->client_bits > 0) {
                chosen.client_window_bits = std::min(*offer->client_bits, kServerWindowBits);
            }
            answer += "; client_max_window_bits=" + std::to_string(chosen.client_window_bits);
        }
        return chosen;
    }
    return std::nullopt;
}

Inflater::Inflater(int window_bits, bool takeover)
    : stream_{std::make_unique<z_stream_s>()}, takeover_{takeover} {
    PLX_ASSERT(inflateInit2(stream_.get(), -window_bits) == Z_OK);
}

Inflater::~Inflater() { inflateEnd(stream_.get()); }

Inflater::Status Inflater::append(std::string_view fragment, bool last, MessageArena& to,
                                  std::size_t limit) {
    Status status = run(fragment, to, limit);
    if (status != Status::Good || !last) return status;
    if (!ended_) status = run(kTail, to, limit);
    if (ended_ || !takeover_) (void)inflateReset(stream_.get());
    ended_ = false;
    return status;
}

Inflater::Status Inflater::run(std::string_view bytes, MessageArena& to, std::size_t limit) {
    if (bytes.empty()) return Status::Good;
    if (ended_) return Status::Corrupt;
    // zlib's interface has no const.
    stream_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_->avail_in = static_cast<uInt>(bytes.size());
    for (;;) {
        const std::span<char> room = to.room(bytes.size() * 2 + 256);
        stream_->next_out = reinterpret_cast<Bytef*>(room.data());
        stream_->avail_out = static_cast<uInt>(room.size());
        const int result = inflate(stream_.get(), Z_SYNC_FLUSH);
        to.commit(room.size() - stream_->avail_out);
        if (to.size() > limit) return Status::TooBig;
        if (result == Z_STREAM_END) {
            ended_ = true;
            return stream_->avail_in == 0 ? Status::Good : Status::Corrupt;
        }
        if (result != Z_OK && result != Z_BUF_ERROR) return Status::Corrupt;
        if (stream_->avail_in == 0 && stream_->avail_out > 0) return Status::Good;
        if (result == Z_BUF_ERROR && stream_->avail_out > 0) return Status::Corrupt;
    }
}

Deflater::Deflater(int window_bits, bool takeover)
    : stream_{std::make_unique<z_stream_s>()}, takeover_{takeover} {
    PLX_ASSERT(window_bits >= 9);
    PLX_ASSERT(deflateInit2(stream_.get(), kLevel, Z_DEFLATED, -window_bits, kMemoryLevel,
                            Z_DEFAULT_STRATEGY) == Z_OK);
}

Deflater::~Deflater() { deflateEnd(stream_.get()); }

void Deflater::compress(std::string_view message, std::string& out) {
    out.resize(deflateBound(stream_.get(), static_cast<uLong>(message.size())) + 16);
    stream_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(message.data()));
    stream_->avail_in = static_cast<uInt>(message.size());
    stream_->next_out = reinterpret_cast<Bytef*>(out.data());
    stream_->avail_out = static_cast<uInt>(out.size());
    PLX_ASSERT(deflate(stream_.get(), Z_SYNC_FLUSH) == Z_OK && stream_->avail_out > 0);
    const std::size_t written = out.size() - stream_->avail_out;
    PLX_ASSERT(std::string_view{out}.substr(0, written).ends_with(kTail));
    out.erase(written - kTail.size());
    if (!takeover_) (void)deflateReset(stream_.get());
}

}  // namespace parallax::net
