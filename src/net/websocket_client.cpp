#include "net/websocket_client.hpp"

#include "net/websocket_handshake.hpp"
#include "runtime/clock.hpp"

namespace parallax::net {
namespace {

using ports::NetEventKind;

constexpr HttpLimits kAnswerLimits{.body_bytes = 64 * 1024};

}  // namespace

WebSocketClient::WebSocketClient(const ClientContext& context, Url url,
                                 const ports::WebSocketTarget& target, ports::ConnectionId id,
                                 WebSocketEvents& events)
    : Connection{context, std::move(url)},
      id_{id},
      events_{events},
      headers_{target.headers},
      deflate_{target.deflate},
      answer_{HttpParser::Kind::Response, kAnswerLimits},
      session_{*this,
               context.loop,
               WebSocketRole::Client,
               {target.max_message, context.options.send_buffer, context.options.stuck_timeout,
                this->url().raw}} {
    set_deadline(runtime::mono_now() + context.options.clock.real(target.timeout));
    start();
}

ports::NetEvent& WebSocketClient::tell(NetEventKind kind) {
    ports::NetEvent& event = events_.events.emplace_back();
    event.kind = kind;
    event.connection = id_;
    event.received = context().options.clock.now();
    return event;
}

void WebSocketClient::on_item(const WebSocketCodec::Item& item) {
    if (item.opcode == Opcode::Ping) return;
    tell(item.opcode == Opcode::Pong ? NetEventKind::Pong : NetEventKind::Message).bytes =
        item.bytes;
}

void WebSocketClient::on_closed(std::uint16_t code, std::string_view reason) {
    ports::NetEvent& event = tell(NetEventKind::Closed);
    event.code = code;
    event.bytes = reason;
}

void WebSocketClient::on_gone() {
    if (has_stream()) stream().cut();
    events_.gone.push_back(id_);
}

void WebSocketClient::on_stream_open() {
    if (url().raw) {
        opening_ = false;
        session_.open(stream(), std::nullopt);
        tell(NetEventKind::Opened);
        return on_stream();
    }
    WebSocketOffer offer = make_websocket_offer(url(), headers_, deflate_);
    key_ = std::move(offer.key);
    stream().write(offer.request);
    stream().flush();
    on_stream();
}

void WebSocketClient::on_stream_failed(const std::string& why) {
    session_.end(close_code::kAbnormal, why, false);
}

void WebSocketClient::on_stream() {
    if (opening_) read_answer();
    if (!opening_) session_.on_stream();
}

void WebSocketClient::read_answer() {
    Buffer& in = stream().in();
    const HttpParser::Status status = answer_.parse(in.bytes(), stream().ended());
    if (status == HttpParser::Status::Partial) return;
    if (status == HttpParser::Status::Bad) {
        const std::string& why = stream().failure();
        return session_.end(close_code::kAbnormal,
                            why.empty() ? "answer to the upgrade: " + answer_.error() : why, false);
    }
    const auto agreed = check_websocket_answer(answer_, key_, deflate_);
    if (!agreed) return session_.end(close_code::kAbnormal, agreed.error().detail, false);
    in.consume(answer_.size());
    opening_ = false;
    session_.open(stream(), *agreed);
    tell(NetEventKind::Opened);
}

HotResult<void> WebSocketClient::send(Opcode opcode, std::string_view payload) {
    if (url().raw && opcode != Opcode::Text) return fail(Errc::Unavailable);
    const auto sent = session_.send(opcode, payload);
    if (sent) session_.flush();
    return sent;
}

void WebSocketClient::on_deadline() {
    if (!opening_) return session_.on_deadline();
    session_.end(close_code::kAbnormal, url().endpoint() + ": timed out while " + phase(), false);
}

}  // namespace parallax::net
