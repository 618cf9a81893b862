#include "net/websocket_codec.hpp"

#include <openssl/rand.h>
#include <simdjson.h>

#include <algorithm>

#include "core/assert.hpp"

namespace parallax::net {
namespace {

constexpr std::size_t kWorthCompressing = 128;  // bytes; below, deflate saves next to nothing

bool valid_utf8(std::string_view text) noexcept {
    return simdjson::validate_utf8(text.data(), text.size());
}

bool is_control(Opcode opcode) noexcept { return static_cast<unsigned>(opcode) >= 8; }

}  // namespace

WebSocketCodec::WebSocketCodec(WebSocketRole role, std::size_t max_message)
    : role_{role}, max_message_{max_message} {
    PLX_ASSERT(max_message > 0);
}

void WebSocketCodec::enable_deflate(const DeflateParameters& parameters) {
    const bool client = role_ == WebSocketRole::Client;
    const int theirs = client ? parameters.server_window_bits : parameters.client_window_bits;
    const int ours = client ? parameters.client_window_bits : parameters.server_window_bits;
    // zlib reads a window of 2^8 with 2^9; it cannot write one, and sending plain is allowed.
    inflater_ = std::make_unique<Inflater>(
        std::max(theirs, 9), client ? parameters.server_takeover : parameters.client_takeover);
    if (ours >= 9) {
        deflater_ = std::make_unique<Deflater>(
            ours, client ? parameters.client_takeover : parameters.server_takeover);
    }
}

WebSocketCodec::Status WebSocketCodec::fail(std::uint16_t code, std::string_view why) noexcept {
    failure_code_ = code;
    failure_ = why;
    return Status::Failed;
}

WebSocketCodec::Status WebSocketCodec::next(Buffer& in, Item& item) {
    for (;;) {
        if (failure_code_ != 0) return Status::Failed;
        FrameHeader header;
        switch (read_frame_header(in.bytes(), header)) {
            case FrameStatus::Partial:
                return Status::Partial;
            case FrameStatus::Bad:
                return fail(close_code::kProtocolError, "bad frame header");
            case FrameStatus::Whole:
                break;
        }
        if (check(header) == Status::Failed) return Status::Failed;
        if (in.size() - header.size < header.length) return Status::Partial;
        const auto length = static_cast<std::size_t>(header.length);
        char* payload = in.data() + header.size;
        if (header.masked) apply_mask(payload, payload, length, header.mask);
        in.consume(header.size + length);
        const Status status = is_control(header.opcode)
                                  ? take_control(header, {payload, length}, item)
                                  : take_data(header, {payload, length}, item);
        if (status != Status::Partial) return status;  // a fragment: see whether the rest is here
    }
}

// What the header alone tells, so that nobody waits for a frame that will be refused.
WebSocketCodec::Status WebSocketCodec::check(const FrameHeader& header) noexcept {
    if (header.masked != (role_ == WebSocketRole::Server)) {
        return fail(close_code::kProtocolError,
                    header.masked ? "masked by a server" : "not masked by a client");
    }
    if (is_control(header.opcode)) return Status::Item;
    const bool continues = header.opcode == Opcode::Continuation;
    const bool within = message_opcode_ != Opcode::Continuation;
    if (continues != within) {
        return fail(close_code::kProtocolError,
                    within ? "new message inside another" : "continuation of nothing");
    }
    if (header.compressed && (continues || inflater_ == nullptr)) {
        return fail(close_code::kProtocolError, "unexpected compression");
    }
    if (header.length > max_message_ - std::min(max_message_, within ? arena_.size() : 0)) {
        return fail(close_code::kTooBig, "message too big");
    }
    return Status::Item;
}

WebSocketCodec::Status WebSocketCodec::take_control(const FrameHeader& header,
                                                    std::string_view payload, Item& item) {
    item = {header.opcode, 0, payload};
    if (header.opcode != Opcode::Close) return Status::Item;
    item.code = close_code::kNone;
    if (payload.empty()) return Status::Item;
    if (payload.size() == 1) return fail(close_code::kProtocolError, "half a close code");
    item.code = static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) << 8 |
                                           static_cast<unsigned char>(payload[1]));
    item.bytes = payload.substr(2);
    if (!close_code::sendable(item.code)) {
        return fail(close_code::kProtocolError, "bad close code");
    }
    if (!valid_utf8(item.bytes)) return fail(close_code::kNotUtf8, "close reason is not UTF-8");
    return Status::Item;
}

WebSocketCodec::Status WebSocketCodec::take_data(const FrameHeader& header,
                                                 std::string_view payload, Item& item) {
    if (header.opcode != Opcode::Continuation) {
        message_opcode_ = header.opcode;
        message_compressed_ = header.compressed;
        if (header.final && !header.compressed) return finish(payload, item);
    }
    if (message_compressed_) {
        switch (inflater_->append(payload, header.final, arena_, max_message_)) {
            case Inflater::Status::Good:
                break;
            case Inflater::Status::Corrupt:
                return fail(close_code::kNotUtf8, "corrupt compressed data");
            case Inflater::Status::TooBig:
                return fail(close_code::kTooBig, "message too big");
        }
    } else {
        arena_.append(payload);
    }
    if (!header.final) return Status::Partial;
    return finish(arena_.finish(), item);
}

WebSocketCodec::Status WebSocketCodec::finish(std::string_view message, Item& item) noexcept {
    item = {message_opcode_, 0, message};
    message_opcode_ = Opcode::Continuation;
    if (item.opcode == Opcode::Text && !valid_utf8(message)) {
        return fail(close_code::kNotUtf8, "text is not UTF-8");
    }
    return Status::Item;
}

// Unpredictable, as RFC 6455 10.3 asks; drawn by the dozen because each draw costs a microsecond.
std::uint32_t WebSocketCodec::next_mask() {
    if (masks_left_ == 0) {
        PLX_ASSERT(RAND_bytes(reinterpret_cast<unsigned char*>(masks_.data()), sizeof masks_) == 1);
        masks_left_ = masks_.size();
    }
    return masks_[--masks_left_];
}

std::string_view WebSocketCodec::encode(Opcode opcode, std::string_view payload) {
    FrameHeader header;
    header.opcode = opcode;
    if (deflater_ != nullptr && !is_control(opcode) && payload.size() >= kWorthCompressing) {
        deflater_->compress(payload, compressed_);
        payload = compressed_;
        header.compressed = true;
    }
    header.length = payload.size();
    header.masked = role_ == WebSocketRole::Client;
    if (header.masked) header.mask = next_mask();
    if (frame_.size() < kMaxFrameHeader + payload.size()) {
        frame_.resize(std::max(kMaxFrameHeader + payload.size(), 2 * frame_.size()));
    }
    const std::size_t size = write_frame_header(
        header, std::span<char, kMaxFrameHeader>{frame_.data(), kMaxFrameHeader});
    char* to = frame_.data() + size;
    if (header.masked) {
        apply_mask(payload.data(), to, payload.size(), header.mask);
    } else {
        std::copy(payload.begin(), payload.end(), to);
    }
    return {frame_.data(), size + payload.size()};
}

std::string_view WebSocketCodec::encode_close(std::uint16_t code, std::string_view reason) {
    std::string payload;
    if (code != 0 && code != close_code::kNone) {
        payload += static_cast<char>(code >> 8);
        payload += static_cast<char>(code & 0xFF);
        reason = reason.substr(0, kMaxControlPayload - 2);
        while (!valid_utf8(reason)) reason.remove_suffix(1);  // cut inside a character
        payload += reason;
    }
    return encode(Opcode::Close, payload);
}

}  // namespace parallax::net
