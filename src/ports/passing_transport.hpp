#pragma once

#include "ports/transport.hpp"

namespace parallax::ports {

/// Passes everything on to another transport, which outlives it. Who stands between the two
/// overrides what it is there for.
class PassingTransport : public Transport {
public:
    explicit PassingTransport(Transport& inner) noexcept : inner_{inner} {}
    Result<ConnectionId> connect(const WebSocketTarget& target) override {
        return inner_.connect(target);
    }
    HotResult<void> send(ConnectionId connection, std::string_view text) override {
        return inner_.send(connection, text);
    }
    HotResult<void> ping(ConnectionId connection) override { return inner_.ping(connection); }
    void close(ConnectionId connection, std::uint16_t code) override {
        inner_.close(connection, code);
    }
    Result<RequestId> request(const HttpRequest& request) override {
        return inner_.request(request);
    }
    std::span<const NetEvent> poll(Nanos wait) override { return inner_.poll(wait); }
    UnixNanos now() const noexcept override { return inner_.now(); }

protected:
    [[nodiscard]] Transport& inner() noexcept { return inner_; }

private:
    Transport& inner_;
};

}  // namespace parallax::ports
