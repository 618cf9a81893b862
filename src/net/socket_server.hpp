#pragma once

#include <memory>
#include <vector>

#include "net/peer.hpp"
#include "net/slots.hpp"
#include "net/tls_context.hpp"
#include "ports/server_transport.hpp"

namespace parallax::net {

/// The real sockets behind the port: listeners that speak HTTP/1.1 and WebSocket, or take streams
/// of bytes, with or without TLS. Of one thread, the one that polls.
class SocketServer final : public ports::ServerTransport {
public:
    /// Errors: Unavailable (the kernel refuses).
    [[nodiscard]] static Result<std::unique_ptr<SocketServer>> make(const ServerOptions& options);
    ~SocketServer() override;

    struct Listening {
        ports::ListenerId id;
        std::uint16_t port = 0;
    };
    /// Errors: Rejected (no literal address, a bad certificate), Unavailable (port taken).
    [[nodiscard]] Result<Listening> listen(const ListenOptions& options);
    /// Connections from now on get another certificate; those that are stay. Needs: a listener with
    /// TLS. Errors: Rejected (a bad certificate; the old one stays).
    [[nodiscard]] Result<void> replace_certificate(ports::ListenerId listener,
                                                   const Certificate& certificate);
    [[nodiscard]] std::size_t connections() const noexcept { return peers_.size(); }

    ports::SessionId accept(ports::ExchangeId exchange,
                            std::span<const ports::HttpHeader> headers) override;
    void respond(ports::ExchangeId exchange, ports::HttpReply reply) override;
    void drop(ports::ExchangeId exchange) override;
    HotResult<void> send(ports::SessionId session, std::string_view text) override;
    HotResult<void> ping(ports::SessionId session) override;
    void close(ports::SessionId session, std::uint16_t code) override;
    std::span<const ports::ServerEvent> poll(Nanos wait) override;
    UnixNanos now() const noexcept override { return now_; }

private:
    class Listener;
    SocketServer(const ServerOptions& options, std::unique_ptr<Loop> loop);
    void add_peer(int fd, std::string address, Listener& listener);

    ServerOptions options_;
    std::unique_ptr<Loop> loop_;
    ServerContext context_;
    std::vector<std::unique_ptr<Listener>> listeners_;
    Slots<Peer> peers_;
    std::vector<ports::ServerEvent> told_;
    std::deque<HttpParser> told_requests_;
    std::vector<std::uint64_t> expired_;
    UnixNanos now_;
};

}  // namespace parallax::net
