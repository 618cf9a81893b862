#include "net/websocket_session.hpp"

#include "core/assert.hpp"

namespace parallax::net {
namespace {

constexpr Nanos kCloseTimeout = Nanos::seconds(2);  // for the peer's close frame, and its FIN

}  // namespace

WebSocketSession::WebSocketSession(Owner& owner, Loop& loop, WebSocketRole role,
                                   const Limits& limits)
    : owner_{owner}, loop_{loop}, limits_{limits}, codec_{role, limits.max_message} {}

void WebSocketSession::open(Stream& stream, const std::optional<DeflateParameters>& deflate) {
    PLX_ASSERT(state_ == State::Opening);
    stream_ = &stream;
    state_ = State::Open;
    if (deflate) codec_.enable_deflate(*deflate);
    owner_.set_session_deadline({});
}

void WebSocketSession::end(std::uint16_t code, std::string reason, bool linger) {
    if (state_ == State::Finishing || state_ == State::Gone) return;
    reason_ = std::move(reason);
    state_ = State::Finishing;
    owner_.on_closed(code, reason_);
    if (!linger || stream_ == nullptr || !stream_->open()) return leave();
    owner_.set_session_deadline(loop_.now() + kCloseTimeout);
    stream_->finish();
    if (stream_->state() == Stream::State::Closed) leave();
}

void WebSocketSession::leave() {
    if (state_ == State::Gone) return;
    state_ = State::Gone;
    owner_.set_session_deadline({});
    if (stream_ != nullptr) stream_->cut();
    owner_.on_gone();
}

void WebSocketSession::on_stream() {
    codec_.recycle();
    if (limits_.raw) {
        read_bytes();
    } else if (state_ == State::Open || state_ == State::Closing) {
        read_frames();
    }
    if (stream_->state() == Stream::State::Closed) {
        const std::string& why = stream_->failure();
        end(close_code::kAbnormal, why.empty() ? "the peer cut the connection" : why, false);
        leave();
    } else if (limits_.raw && stream_->ended_cleanly()) {
        end(close_code::kNormal, "the peer ended the connection", true);
    } else if (stream_->ended()) {
        end(close_code::kAbnormal, "the peer ended the connection without a close frame", true);
    } else {
        flush();
    }
}

void WebSocketSession::flush() {
    if (state_ != State::Open) return;
    stream_->flush();
    watch_sending();
}

void WebSocketSession::read_bytes() {
    Buffer& in = stream_->in();
    if (in.empty()) return;
    const std::string_view bytes = in.bytes();
    in.consume(bytes.size());  // the view stays good until the next on_stream()
    WebSocketCodec::Item item;
    item.opcode = Opcode::Binary;
    item.bytes = bytes;
    if (state_ == State::Open) owner_.on_item(item);
}

void WebSocketSession::read_frames() {
    WebSocketCodec::Item item;
    while (state_ == State::Open || state_ == State::Closing) {
        switch (codec_.next(stream_->in(), item)) {
            case WebSocketCodec::Status::Partial:
                return;
            case WebSocketCodec::Status::Item:
                take(item);
                break;
            case WebSocketCodec::Status::Failed:
                if (state_ == State::Open) {
                    put(codec_.encode_close(codec_.failure_code(), codec_.failure()));
                }
                return end(codec_.failure_code(),
                           "peer broke the protocol: " + std::string{codec_.failure()}, true);
        }
    }
}

void WebSocketSession::take(const WebSocketCodec::Item& item) {
    if (item.opcode == Opcode::Close) {
        if (state_ == State::Open) put(codec_.encode_close(item.code, {}));
        return end(item.code, std::string{item.bytes}, true);
    }
    if (item.opcode == Opcode::Ping && state_ == State::Open) {
        put(codec_.encode(Opcode::Pong, item.bytes));
    }
    owner_.on_item(item);
}

void WebSocketSession::put(std::string_view frame) {
    if (!stream_->open()) return;
    // send() refuses at once the limit; who asks on and on without reading the answers is cut here.
    if (stream_->queued() > 2 * limits_.send_buffer) {
        return end(close_code::kAbnormal, "the peer does not read", false);
    }
    stream_->write(frame);
}

void WebSocketSession::watch_sending() {
    const MonoNanos stuck = stream_->stuck_since();
    owner_.set_session_deadline(stuck.known() ? stuck + limits_.stuck_timeout : MonoNanos{});
}

HotResult<void> WebSocketSession::send(Opcode opcode, std::string_view payload) {
    if (state_ != State::Open || !stream_->open()) return fail(Errc::Unavailable);
    const std::size_t queued = stream_->queued();
    if (queued > 0 && queued + payload.size() > limits_.send_buffer)
        return fail(Errc::BackPressured);
    if (limits_.raw) {
        stream_->write(payload);
    } else {
        put(codec_.encode(opcode, payload));
    }
    return {};
}

void WebSocketSession::close(std::uint16_t code) {
    if (state_ == State::Opening) {
        return end(close_code::kAbnormal, "closed before it opened", false);
    }
    if (state_ != State::Open) return;
    if (limits_.raw) return end(code, "closed by this side", true);
    put(codec_.encode_close(code, {}));
    if (state_ != State::Open) return;
    state_ = State::Closing;
    stream_->flush();
    owner_.set_session_deadline(loop_.now() + kCloseTimeout);
}

void WebSocketSession::on_deadline() {
    switch (state_) {
        case State::Opening:
        case State::Gone:
            return;
        case State::Open:
            if (const MonoNanos stuck = stream_->stuck_since(); stuck.known()) {
                if (loop_.now() < stuck + limits_.stuck_timeout) return watch_sending();
                end(close_code::kAbnormal, "the peer does not read", false);
            }
            return;
        case State::Closing:
            return end(close_code::kAbnormal, "no answer to our close frame", false);
        case State::Finishing:
            return leave();
    }
}

}  // namespace parallax::net
