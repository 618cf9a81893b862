#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/venues/common/front.hpp"
#include "sim/venues/common/json.hpp"

namespace parallax::sim_front {

/// Sockets that exist in memory only: a test says what peers do, and reads what the front did.
class RecordedServer final : public ports::ServerTransport {
public:
    struct Request {
        std::string method = "GET", path, query, body;
        std::vector<ports::HttpHeader> headers;
        std::string peer = "10.0.0.1";
        ports::ListenerId listener{0};
    };

    /// Gives a request to the front and takes its answer; status 0 when there is none so far.
    ports::HttpReply request(Front& front, const Request& r) {
        const ports::ExchangeId exchange{++last_};
        front.on(event(ports::ServerEventKind::Request, exchange, r));
        return std::exchange(replies[exchange.raw()], {0, {}, {}, false});
    }
    /// Asks for a WebSocket. The id is not valid when it was refused: see `replies`.
    ports::SessionId open(Front& front, const Request& r) {
        const ports::ExchangeId exchange{++last_};
        front.on(event(ports::ServerEventKind::Upgrade, exchange, r));
        const auto found = accepted_.find(exchange.raw());
        refusal = std::exchange(replies[exchange.raw()], {0, {}, {}, false});
        if (found == accepted_.end()) return {};
        ports::ServerEvent e = event(ports::ServerEventKind::Opened, exchange, r);
        e.session = found->second;
        front.on(e);
        return found->second;
    }
    /// A stream of bytes at a listener that takes them.
    ports::SessionId open_stream(Front& front, ports::ListenerId listener) {
        ports::ServerEvent e = event(ports::ServerEventKind::Opened, {}, {});
        e.listener = listener;
        e.session = ports::SessionId{++last_};
        front.on(e);
        return e.session;
    }
    void message(Front& front, ports::SessionId session, std::string_view text) {
        tell(front, ports::ServerEventKind::Message, session, text);
    }
    void pong(Front& front, ports::SessionId session) {
        tell(front, ports::ServerEventKind::Pong, session, {});
    }
    /// The peer goes, or learns that it was closed.
    void leave(Front& front, ports::SessionId session) {
        tell(front, ports::ServerEventKind::Closed, session, {});
    }
    /// Takes what the session was sent, parsed.
    std::vector<Json> take(ports::SessionId session) {
        std::vector<Json> out;
        for (const std::string& text : std::exchange(sent[session.raw()], {}))
            out.push_back(Json::parse(text));
        return out;
    }
    Json take_one(ports::SessionId session) {
        const std::vector<Json> all = take(session);
        return all.size() == 1 ? all[0] : Json{{"messages", all}};
    }

    ports::SessionId accept(ports::ExchangeId exchange,
                            std::span<const ports::HttpHeader>) override {
        const ports::SessionId id{++last_};
        accepted_.emplace(exchange.raw(), id);
        return id;
    }
    void respond(ports::ExchangeId exchange, ports::HttpReply reply) override {
        replies[exchange.raw()] = std::move(reply);
    }
    void drop(ports::ExchangeId exchange) override { dropped.insert(exchange.raw()); }
    HotResult<void> send(ports::SessionId session, std::string_view text) override {
        if (full) return fail(Errc::BackPressured);
        sent[session.raw()].emplace_back(text);
        return {};
    }
    HotResult<void> ping(ports::SessionId session) override {
        ++pings[session.raw()];
        return {};
    }
    void close(ports::SessionId session, std::uint16_t code) override {
        closed[session.raw()] = code;
    }
    std::span<const ports::ServerEvent> poll(Nanos) override { return {}; }
    UnixNanos now() const noexcept override { return time; }

    UnixNanos time = UnixNanos::from_millis(1'767'225'600'000);
    bool full = false;  ///< send() finds no room
    ports::HttpReply refusal;
    std::map<std::uint64_t, ports::HttpReply> replies;
    std::map<std::uint64_t, std::deque<std::string>> sent;
    std::map<std::uint64_t, int> pings;
    std::map<std::uint64_t, std::uint16_t> closed;
    std::set<std::uint64_t> dropped;  ///< requests whose connection was cut

private:
    ports::ServerEvent event(ports::ServerEventKind kind, ports::ExchangeId exchange,
                             const Request& r) {
        ports::ServerEvent e;
        e.kind = kind;
        e.listener = r.listener;
        e.exchange = exchange;
        e.received = time;
        e.peer = r.peer;
        e.method = r.method;
        e.path = r.path;
        e.query = r.query;
        e.bytes = r.body;
        e.headers = r.headers;
        return e;
    }
    void tell(Front& front, ports::ServerEventKind kind, ports::SessionId session,
              std::string_view text) {
        ports::ServerEvent e;
        e.kind = kind;
        e.session = session;
        e.received = time;
        e.bytes = text;
        front.on(e);
    }
    std::uint64_t last_ = 0;
    std::map<std::uint64_t, ports::SessionId> accepted_;
};

[[nodiscard]] inline std::string header_of(const ports::HttpReply& reply, std::string_view name) {
    for (const ports::HttpHeader& header : reply.headers) {
        if (header.name == name) return header.value;
    }
    return {};
}

}  // namespace parallax::sim_front
