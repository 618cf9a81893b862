#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ports/transport.hpp"

namespace parallax::venue_common::testing {

/// A transport without sockets: remembers what was asked for, and makes the events a test wants.
struct ScriptedTransport final : ports::Transport {
    struct Sent {
        ports::ConnectionId connection;
        std::string text;
    };
    UnixNanos time = UnixNanos::from_millis(1'770'000'000'000);
    std::vector<ports::WebSocketTarget> targets;
    std::vector<Sent> sent;
    std::vector<std::pair<ports::RequestId, ports::HttpRequest>> requests;
    std::vector<ports::ConnectionId> closed;
    bool full = false;  ///< takes nothing more

    Result<ports::ConnectionId> connect(const ports::WebSocketTarget& target) override {
        targets.push_back(target);
        return ports::ConnectionId{targets.size()};
    }
    HotResult<void> send(ports::ConnectionId connection, std::string_view text) override {
        if (full) return fail(Errc::BackPressured);
        sent.push_back({connection, std::string{text}});
        return {};
    }
    HotResult<void> ping(ports::ConnectionId) override { return {}; }
    void close(ports::ConnectionId connection, std::uint16_t) override {
        closed.push_back(connection);
    }
    Result<ports::RequestId> request(const ports::HttpRequest& request) override {
        if (full) return fail(Errc::BackPressured, "full");
        requests.emplace_back(ports::RequestId{++last_}, request);
        return requests.back().first;
    }
    std::span<const ports::NetEvent> poll(Nanos) override { return {}; }
    [[nodiscard]] UnixNanos now() const noexcept override { return time; }

    /// The answer to a request; body and headers must outlive its use.
    [[nodiscard]] ports::NetEvent answer(ports::RequestId request, std::string_view body,
                                         std::uint16_t status = 200,
                                         std::span<const ports::HttpHeader> headers = {}) const {
        ports::NetEvent event;
        event.kind = ports::NetEventKind::Response;
        event.request = request;
        event.code = status;
        event.bytes = body;
        event.headers = headers;
        event.received = time;
        return event;
    }
    [[nodiscard]] ports::NetEvent failure(ports::RequestId request, bool unsent) const {
        ports::NetEvent event;
        event.kind = ports::NetEventKind::Failed;
        event.request = request;
        event.unsent = unsent;
        event.bytes = "gone";
        event.received = time;
        return event;
    }
    [[nodiscard]] ports::NetEvent socket_event(ports::NetEventKind kind,
                                               ports::ConnectionId connection,
                                               std::string_view bytes = {}) const {
        ports::NetEvent event;
        event.kind = kind;
        event.connection = connection;
        event.bytes = bytes;
        event.received = time;
        return event;
    }

private:
    std::uint64_t last_ = 0;
};

}  // namespace parallax::venue_common::testing
