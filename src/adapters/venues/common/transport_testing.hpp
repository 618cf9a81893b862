#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ports/transport.hpp"

/// Only for tests: sockets that exist in memory only. A test says what the venue does and gives the
/// events to what it tests; it reads what was sent.
namespace parallax::venue_common {

class RecordedTransport final : public ports::Transport {
public:
    struct Connection {
        std::string url;
        bool open = false;
        bool closed = false;  ///< by us
        std::uint16_t code = 0;
        int pings = 0;
        std::vector<std::string> sent;
    };

    Result<ports::ConnectionId> connect(const ports::WebSocketTarget& target) override {
        if (target.url.find(':') == std::string::npos) return fail(Errc::Rejected, "no url");
        connections[last_].url = target.url;
        return ports::ConnectionId{last_++};
    }
    HotResult<void> send(ports::ConnectionId id, std::string_view text) override {
        Connection& to = connections[id.raw()];
        if (!to.open) return parallax::fail(Errc::Unavailable);
        if (full) return parallax::fail(Errc::BackPressured);
        to.sent.emplace_back(text);
        return {};
    }
    HotResult<void> ping(ports::ConnectionId id) override {
        if (!connections[id.raw()].open) return parallax::fail(Errc::Unavailable);
        ++connections[id.raw()].pings;
        return {};
    }
    void close(ports::ConnectionId id, std::uint16_t code) override {
        Connection& it = connections[id.raw()];
        it.open = false;
        it.closed = true;
        it.code = code;
    }
    Result<ports::RequestId> request(const ports::HttpRequest& asked) override {
        if (full) return fail(Errc::BackPressured, "too many wait");
        requests.emplace_back(last_, asked);
        return ports::RequestId{last_++};
    }
    std::span<const ports::NetEvent> poll(Nanos) override { return {}; }
    UnixNanos now() const noexcept override { return time; }

    // ---- what the venue does: events for on()

    ports::NetEvent opens(ports::ConnectionId id) {
        connections[id.raw()].open = true;
        return event(ports::NetEventKind::Opened, id);
    }
    ports::NetEvent says(ports::ConnectionId id, std::string_view text) {
        return event(ports::NetEventKind::Message, id, text);
    }
    ports::NetEvent pongs(ports::ConnectionId id) { return event(ports::NetEventKind::Pong, id); }
    ports::NetEvent closes(ports::ConnectionId id, std::uint16_t code, std::string_view why = {}) {
        connections[id.raw()].open = false;
        ports::NetEvent closed = event(ports::NetEventKind::Closed, id, why);
        closed.code = code;
        return closed;
    }
    ports::NetEvent answers(ports::RequestId id, std::uint16_t status, std::string_view body,
                            std::span<const ports::HttpHeader> headers = {}) {
        ports::NetEvent answer = event(ports::NetEventKind::Response, {}, body);
        answer.request = id;
        answer.code = status;
        answer.headers = headers;
        return answer;
    }
    ports::NetEvent fails(ports::RequestId id, bool unsent, std::string_view why = {}) {
        ports::NetEvent failed = event(ports::NetEventKind::Failed, {}, why);
        failed.request = id;
        failed.unsent = unsent;
        return failed;
    }
    /// The one made last.
    [[nodiscard]] ports::ConnectionId newest() const {
        return connections.empty() ? ports::ConnectionId{}
                                   : ports::ConnectionId{connections.rbegin()->first};
    }
    std::vector<std::string> take(ports::ConnectionId id) {
        return std::exchange(connections[id.raw()].sent, {});
    }

    UnixNanos time = UnixNanos::from_millis(1'700'000'000'000);
    bool full = false;
    std::map<std::uint64_t, Connection> connections;
    std::vector<std::pair<std::uint64_t, ports::HttpRequest>> requests;

private:
    [[nodiscard]] ports::NetEvent event(ports::NetEventKind kind, ports::ConnectionId id,
                                        std::string_view bytes = {}) const {
        ports::NetEvent made;
        made.kind = kind;
        made.connection = id;
        made.received = time;
        made.bytes = bytes;
        return made;
    }
    std::uint64_t last_ = 0;
};

}  // namespace parallax::venue_common
