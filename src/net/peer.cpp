#include "net/peer.hpp"

#include "core/assert.hpp"
#include "net/websocket_handshake.hpp"
#include "runtime/clock.hpp"

namespace parallax::net {
namespace {

using ports::ServerEventKind;

constexpr Nanos kFinishTimeout = Nanos::seconds(2);
constexpr std::size_t kFlushAt = 64 * 1024;  // more is not worth collecting

std::string_view reason_phrase(std::uint16_t status) noexcept {
    switch (status) {
        case 200:
            return "OK";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 408:
            return "Request Timeout";
        case 413:
            return "Content Too Large";
        case 418:
            return "I'm a teapot";
        case 426:
            return "Upgrade Required";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 503:
            return "Service Unavailable";
        default:
            return "Status";
    }
}

std::string answer_text(const ports::HttpReply& reply, bool close) {
    std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " " +
                       std::string{reason_phrase(reply.status)} + "\r\n";
    for (const ports::HttpHeader& header : reply.headers) {
        text += header.name + ": " + header.value + "\r\n";
    }
    if (close) text += "Connection: close\r\n";
    if (reply.status == 204 || reply.status == 304) return text + "\r\n";
    return text + "Content-Length: " + std::to_string(reply.body.size()) + "\r\n\r\n" + reply.body;
}

}  // namespace

Peer::Peer(ServerContext& server, std::uint64_t id, ports::ListenerId listener, std::string address,
           bool deflate, bool raw)
    : Handler{server.loop},
      server_{server},
      id_{id},
      listener_{listener},
      address_{std::move(address)},
      deflate_{deflate},
      raw_{raw},
      request_{HttpParser::Kind::Request, server.options.http},
      request_due_{loop().now() + server.options.request_timeout} {
    set_deadline(request_due_);
}

Peer::~Peer() { forget_exchanges(); }

void Peer::forget_exchanges() {
    for (const Exchange& exchange : exchanges_) server_.exchanges.erase(exchange.id);
    exchanges_.clear();
}

Result<void> Peer::adopt(int fd, TlsPtr tls) {
    auto stream = Stream::adopt(loop(), *this, fd, std::move(tls));
    if (!stream) return tl::unexpected{std::move(stream.error())};
    stream_ = std::move(*stream);
    return {};
}

ports::ServerEvent& Peer::tell(ServerEventKind kind) {
    ports::ServerEvent& event = server_.events.emplace_back();
    event.kind = kind;
    event.listener = listener_;
    event.peer = address_;
    event.received = runtime::wall_now();
    return event;
}

void Peer::on_ready(std::uint32_t events) {
    stream_->advance(events);
    if (raw_ && state_ == State::Http && stream_->open()) {
        open_session(true);
        session_->open(*stream_, std::nullopt);
        tell(ServerEventKind::Opened).session = ports::SessionId{id_};
    }
    if (state_ == State::WebSocket) return session_->on_stream();
    if (state_ == State::Http && !raw_) read_requests();
    if (state_ == State::Gone) return;
    if (stream_->state() == Stream::State::Closed) return leave(false);
    if (state_ == State::Http && stream_->ended() && exchanges_.empty()) leave(true);
}

void Peer::read_requests() {
    while (state_ == State::Http && read_request()) {
    }
    if (state_ != State::Http) return;
    const bool waits = exchanges_.size() >= server_.options.pipelined ||
                       (!exchanges_.empty() && (exchanges_.back().upgrade || request_.upgrade()));
    stream_->pause(waits);
    if (last_) stream_->in().consume(stream_->in().size());  // nobody asked for it
    watch_request();
}

// Takes one request off the stream; false when there is none, or none may be taken now.
bool Peer::read_request() {
    const std::string_view bytes = stream_->in().bytes();
    if (last_ || bytes.empty() || exchanges_.size() >= server_.options.pipelined) return false;
    if (!exchanges_.empty() && exchanges_.back().upgrade) return false;
    switch (request_.parse(bytes, false)) {
        case HttpParser::Status::Partial:
            if (request_.in_body() && !continued_ &&
                request_.header_has("Expect", "100-continue") && exchanges_.empty() &&
                stream_->open()) {
                continued_ = true;
                stream_->write("HTTP/1.1 100 Continue\r\n\r\n");
                stream_->flush();
            }
            return false;
        case HttpParser::Status::Bad:
            refuse(request_.refusal(), request_.error());
            return false;
        case HttpParser::Status::Done:
            break;
    }
    // After an upgrade the bytes are frames, so it has to be answered before anything is read on;
    // and its turn comes only when all before it are.
    if (request_.upgrade() && !exchanges_.empty()) return false;
    if (request_.upgrade()) {
        if (const std::uint16_t status = check_websocket_request(request_); status != 0) {
            refuse(status, "not a WebSocket request of version 13");
            return false;
        }
    }
    begin_exchange();
    return true;
}

void Peer::begin_exchange() {
    const ports::ExchangeId id{++server_.last_exchange};
    stream_->in().consume(request_.size());
    const HttpParser& request = server_.requests.emplace_back(std::move(request_));
    request_ = HttpParser{HttpParser::Kind::Request, server_.options.http};
    continued_ = false;
    request_due_ = {};
    last_ = !request.keep_alive() && !request.upgrade();

    Exchange& exchange = exchanges_.emplace_back();
    exchange.id = id;
    exchange.upgrade = request.upgrade();
    exchange.keep_alive = request.keep_alive();
    server_.exchanges.emplace(id, this);
    if (exchange.upgrade) {
        exchange.key = request.header("Sec-WebSocket-Key");
        if (deflate_) exchange.extensions = request.header("Sec-WebSocket-Extensions");
    }
    ports::ServerEvent& event =
        tell(exchange.upgrade ? ServerEventKind::Upgrade : ServerEventKind::Request);
    event.exchange = id;
    event.method = request.method();
    const std::string_view target = request.target();
    const std::size_t query = std::min(target.find('?'), target.size());
    event.path = target.substr(0, query);
    event.query = target.substr(std::min(query + 1, target.size()));
    event.bytes = request.body();
    event.headers = request.headers();
}

// Answers what is no request, after the answers before it, and ends the connection.
void Peer::refuse(std::uint16_t status, std::string_view why) {
    last_ = true;
    ports::HttpReply reply{status, {{"Content-Type", "text/plain"}}, std::string{why} + "\n", true};
    if (status == 426) reply.headers.push_back({"Sec-WebSocket-Version", "13"});
    Exchange& exchange = exchanges_.emplace_back();
    exchange.id = ports::ExchangeId{++server_.last_exchange};
    exchange.keep_alive = false;
    exchange.answer = answer_text(reply, true);
    send_answers();
}

Peer::Exchange* Peer::find(ports::ExchangeId id) noexcept {
    for (Exchange& exchange : exchanges_) {
        if (exchange.id == id) return &exchange;
    }
    return nullptr;
}

void Peer::respond(ports::ExchangeId id, ports::HttpReply reply) {
    server_.exchanges.erase(id);
    Exchange* exchange = find(id);
    PLX_ASSERT(exchange != nullptr);
    exchange->keep_alive = exchange->keep_alive && !reply.close;
    exchange->upgrade = false;
    exchange->answer = answer_text(reply, !exchange->keep_alive);
    send_answers();
}

void Peer::send_answers() {
    while (!exchanges_.empty() && !exchanges_.front().answer.empty() && stream_->open()) {
        const Exchange exchange = std::move(exchanges_.front());
        exchanges_.pop_front();
        stream_->write(exchange.answer);
        send_soon();
        if (exchange.keep_alive || !stream_->open()) continue;
        return leave(true);
    }
    call_again();  // requests may have waited for this answer
}

void Peer::open_session(bool raw) {
    WebSocketSession::Owner& owner = *this;
    session_.emplace(
        owner, loop(), WebSocketRole::Server,
        WebSocketSession::Limits{server_.options.max_message, server_.options.send_buffer,
                                 server_.options.stuck_timeout, raw});
    state_ = State::WebSocket;
}

ports::SessionId Peer::accept(ports::ExchangeId id, std::span<const ports::HttpHeader> headers) {
    server_.exchanges.erase(id);
    PLX_ASSERT(exchanges_.size() == 1 && exchanges_.front().id == id && exchanges_.front().upgrade);
    const Exchange exchange = std::move(exchanges_.front());
    exchanges_.clear();
    std::string extensions;
    const auto deflate = choose_deflate(exchange.extensions, extensions);
    open_session(false);
    if (stream_->open()) stream_->write(make_websocket_answer(exchange.key, extensions, headers));
    session_->open(*stream_, deflate);
    send_soon();
    tell(ServerEventKind::Opened).session = ports::SessionId{id_};
    stream_->pause(false);
    call_again();  // frames may have come with the request
    return ports::SessionId{id_};
}

// The first bytes since the last poll leave at once, for whoever waits for one answer; those behind
// them are collected until the next poll, for whoever is sent a stream.
void Peer::send_soon() {
    if (!marked_ || stream_->queued() > kFlushAt) stream_->flush();
    if (marked_) return;
    marked_ = true;
    server_.unsent.push_back(id_);
}

void Peer::flush() {
    marked_ = false;
    if (state_ == State::WebSocket) return session_->flush();
    stream_->flush();
    watch_request();
}

// One deadline: of the request being received, else of a peer that does not read, else of the next
// request.
void Peer::watch_request() {
    if (state_ != State::Http) return;
    const bool receiving = !last_ && (!stream_->in().empty() || !stream_->open());
    if (receiving && exchanges_.empty()) {
        if (!request_due_.known()) request_due_ = loop().now() + server_.options.request_timeout;
        return set_deadline(request_due_);
    }
    request_due_ = {};
    if (stream_->stuck_since().known()) {
        return set_deadline(stream_->stuck_since() + server_.options.stuck_timeout);
    }
    set_deadline(exchanges_.empty() ? loop().now() + server_.options.idle_timeout : MonoNanos{});
}

void Peer::on_deadline() {
    if (state_ == State::WebSocket) return session_->on_deadline();
    if (state_ != State::Http || !stream_->open() || stream_->stuck_since().known()) {
        return leave(false);
    }
    if (stream_->in().empty()) return leave(true);
    refuse(408, "the request took too long");
}

HotResult<void> Peer::send(Opcode opcode, std::string_view payload) {
    if (!session_ || (raw_ && opcode != Opcode::Text)) return fail(Errc::Unavailable);
    const auto sent = session_->send(opcode, payload);
    if (sent) send_soon();
    return sent;
}

void Peer::close(std::uint16_t code) {
    if (!session_) return;
    if (code == 0) return session_->end(close_code::kAbnormal, "cut by us", false);
    session_->close(code);
}

void Peer::on_item(const WebSocketCodec::Item& item) {
    const ServerEventKind kind = item.opcode == Opcode::Ping   ? ServerEventKind::Ping
                                 : item.opcode == Opcode::Pong ? ServerEventKind::Pong
                                                               : ServerEventKind::Message;
    ports::ServerEvent& event = tell(kind);
    event.session = ports::SessionId{id_};
    event.bytes = item.bytes;
}

void Peer::on_closed(std::uint16_t code, std::string_view reason) {
    ports::ServerEvent& event = tell(ServerEventKind::Closed);
    event.session = ports::SessionId{id_};
    event.code = code;
    event.bytes = reason;
}

void Peer::on_gone() { leave(false); }

void Peer::drop() {
    if (state_ == State::Http || state_ == State::Finishing) leave(false);
}

void Peer::leave(bool linger) {
    if (state_ == State::Gone) return;
    if (linger && state_ == State::Http && stream_->open()) {
        state_ = State::Finishing;
        set_deadline(loop().now() + kFinishTimeout);
        stream_->pause(false);
        stream_->finish();
        if (stream_->state() != Stream::State::Closed) return;
    }
    state_ = State::Gone;
    set_deadline({});
    stream_->cut();
    forget_exchanges();
    server_.gone.push_back(id_);
}

}  // namespace parallax::net
