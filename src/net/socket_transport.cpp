#include "net/socket_transport.hpp"

#include "net/http_client.hpp"
#include "net/slots.hpp"
#include "net/websocket_client.hpp"

namespace parallax::net {
namespace {

class SocketTransport final : public ports::Transport {
public:
    SocketTransport(const ClientOptions& options, std::unique_ptr<Loop> loop,
                    std::unique_ptr<TlsClientContext> tls)
        : options_{options},
          loop_{std::move(loop)},
          tls_{std::move(tls)},
          resolver_{*loop_},
          context_{*loop_, resolver_, *tls_, options_},
          http_{context_, happened_.events},
          now_{options_.clock.now()} {}

    Result<ports::ConnectionId> connect(const ports::WebSocketTarget& target) override {
        auto url = parse_url(target.url);
        if (!url) return tl::unexpected{std::move(url.error())};
        if (!url->websocket && !url->raw)
            return fail(Errc::Rejected, "not a url to connect to: " + target.url);
        if (target.max_message == 0) return fail(Errc::Rejected, "max_message is 0");
        const ports::ConnectionId id{sockets_.next_id()};
        sockets_.add(
            std::make_unique<WebSocketClient>(context_, std::move(*url), target, id, happened_));
        return id;
    }
    HotResult<void> send(ports::ConnectionId id, std::string_view text) override {
        WebSocketClient* socket = sockets_.find(id.raw());
        return socket == nullptr ? fail(Errc::Unavailable) : socket->send(Opcode::Text, text);
    }
    HotResult<void> ping(ports::ConnectionId id) override {
        WebSocketClient* socket = sockets_.find(id.raw());
        return socket == nullptr ? fail(Errc::Unavailable) : socket->send(Opcode::Ping, {});
    }
    void close(ports::ConnectionId id, std::uint16_t code) override {
        if (WebSocketClient* socket = sockets_.find(id.raw())) socket->close(code);
    }
    Result<ports::RequestId> request(const ports::HttpRequest& request) override {
        return http_.request(request);
    }

    std::span<const ports::NetEvent> poll(Nanos wait) override {
        for (const ports::ConnectionId id : expired_) sockets_.remove(id.raw());
        expired_.clear();
        told_.clear();
        http_.recycle();
        loop_->poll(happened_.events.empty() ? options_.clock.real(wait) : Nanos{});
        now_ = options_.clock.now();
        // What happens between two polls is told by the later one, and expires after it.
        told_.swap(happened_.events);
        expired_.swap(happened_.gone);
        return told_;
    }
    UnixNanos now() const noexcept override { return now_; }

private:
    ClientOptions options_;
    std::unique_ptr<Loop> loop_;
    std::unique_ptr<TlsClientContext> tls_;
    Resolver resolver_;
    ClientContext context_;
    WebSocketEvents happened_;
    std::vector<ports::NetEvent> told_;
    std::vector<ports::ConnectionId> expired_;
    Slots<WebSocketClient> sockets_;
    HttpClient http_;
    UnixNanos now_;
};

}  // namespace

Result<std::unique_ptr<ports::Transport>> make_socket_transport(const ClientOptions& options) {
    auto tls = TlsClientContext::make(options.extra_ca_file, options.tls12_hosts);
    if (!tls) return tl::unexpected{std::move(tls.error())};
    auto loop = Loop::make(options.loop);
    if (!loop) return tl::unexpected{std::move(loop.error())};
    return std::make_unique<SocketTransport>(options, std::move(*loop), std::move(*tls));
}

}  // namespace parallax::net
