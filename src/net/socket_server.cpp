#include "net/socket_server.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/assert.hpp"
#include "runtime/clock.hpp"

namespace parallax::net {
namespace {

constexpr int kAcceptAtOnce = 64;  // then others get their turn

int spare_descriptor() noexcept { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

}  // namespace

class SocketServer::Listener final : Loop::Handler {
public:
    Listener(SocketServer& server, ports::ListenerId id, const ListenOptions& options,
             std::unique_ptr<TlsServerContext> tls)
        : Handler{*server.loop_},
          server_{server},
          id_{id},
          allow_tls12_{options.allow_tls12},
          deflate_{options.deflate},
          raw_{options.raw},
          tls_{std::move(tls)},
          spare_{spare_descriptor()} {}
    ~Listener() override {
        if (fd_ >= 0) ::close(fd_);
        if (spare_ >= 0) ::close(spare_);
    }

    Result<std::uint16_t> open(Address address) {
        const auto refuse = [](const char* what) {
            return fail(Errc::Unavailable, std::string{what} + ": " + std::strerror(errno));
        };
        fd_ = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd_ < 0) return refuse("socket");
        const int on = 1;
        (void)::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (::bind(fd_, address.get(), address.length) != 0) return refuse("bind");
        if (::listen(fd_, SOMAXCONN) != 0) return refuse("listen");
        if (::getsockname(fd_, address.get(), &address.length) != 0) return refuse("getsockname");
        if (!loop().watch(fd_, *this)) return refuse("epoll");
        return address.port();
    }
    Result<void> replace_certificate(const Certificate& certificate) {
        PLX_ASSERT(tls_ != nullptr);
        auto made = TlsServerContext::make(certificate, allow_tls12_);
        if (!made) return tl::unexpected{std::move(made.error())};
        tls_ = std::move(*made);
        return {};
    }
    [[nodiscard]] ports::ListenerId id() const noexcept { return id_; }
    [[nodiscard]] bool deflate() const noexcept { return deflate_; }
    [[nodiscard]] bool raw() const noexcept { return raw_; }
    [[nodiscard]] TlsPtr open_tls() { return tls_ == nullptr ? nullptr : tls_->open(); }

private:
    void on_ready(std::uint32_t /*events*/) override {
        for (int i = 0; i < kAcceptAtOnce; ++i) {
            Address address;
            address.length = sizeof address.storage;
            const int fd =
                ::accept4(fd_, address.get(), &address.length, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd >= 0) {
                server_.add_peer(fd, address.host(), *this);
            } else if (errno == EMFILE || errno == ENFILE) {
                // Without descriptors a waiting peer could not even be turned away.
                ::close(spare_);
                const int turned_away = ::accept(fd_, nullptr, nullptr);
                if (turned_away >= 0) ::close(turned_away);
                spare_ = spare_descriptor();
                if (turned_away < 0) return;
            } else if (errno != ECONNABORTED && errno != EINTR) {
                return;
            }
        }
        call_again();
    }
    void on_deadline() override {}

    SocketServer& server_;
    ports::ListenerId id_;
    bool allow_tls12_;
    bool deflate_;
    bool raw_;
    std::unique_ptr<TlsServerContext> tls_;
    int fd_ = -1;
    int spare_;
};

Result<std::unique_ptr<SocketServer>> SocketServer::make(const ServerOptions& options) {
    auto loop = Loop::make(options.loop);
    if (!loop) return tl::unexpected{std::move(loop.error())};
    return std::unique_ptr<SocketServer>{new SocketServer{options, std::move(*loop)}};
}

SocketServer::SocketServer(const ServerOptions& options, std::unique_ptr<Loop> loop)
    : options_{options},
      loop_{std::move(loop)},
      context_{*loop_, options_, {}, {}, {}, 0, {}, {}},
      now_{runtime::wall_now()} {}

SocketServer::~SocketServer() = default;

Result<SocketServer::Listening> SocketServer::listen(const ListenOptions& options) {
    const auto address = parse_address(options.address, options.port);
    if (!address) return fail(Errc::Rejected, "not an address: " + options.address);
    std::unique_ptr<TlsServerContext> tls;
    if (options.certificate) {
        auto made = TlsServerContext::make(*options.certificate, options.allow_tls12);
        if (!made) return tl::unexpected{std::move(made.error())};
        tls = std::move(*made);
    }
    const ports::ListenerId id{static_cast<std::uint32_t>(listeners_.size())};
    auto listener = std::make_unique<Listener>(*this, id, options, std::move(tls));
    auto port = listener->open(*address);
    if (!port) {
        port.error().detail =
            options.address + ":" + std::to_string(options.port) + ": " + port.error().detail;
        return tl::unexpected{std::move(port.error())};
    }
    listeners_.push_back(std::move(listener));
    return Listening{id, *port};
}

Result<void> SocketServer::replace_certificate(ports::ListenerId listener,
                                               const Certificate& certificate) {
    PLX_ASSERT(listener.index() < listeners_.size());
    return listeners_[listener.index()]->replace_certificate(certificate);
}

void SocketServer::add_peer(int fd, std::string address, Listener& listener) {
    if (peers_.size() >= options_.max_connections) {
        ::close(fd);
        return;
    }
    const std::uint64_t id = peers_.next_id();
    auto peer = std::make_unique<Peer>(context_, id, listener.id(), std::move(address),
                                       listener.deflate(), listener.raw());
    // What fails here closed the descriptor; the peer notices by itself.
    if (peer->adopt(fd, listener.open_tls())) peers_.add(std::move(peer));
}

ports::SessionId SocketServer::accept(ports::ExchangeId exchange,
                                      std::span<const ports::HttpHeader> headers) {
    const auto found = context_.exchanges.find(exchange);
    if (found == context_.exchanges.end()) return ports::SessionId::none();
    return found->second->accept(exchange, headers);
}

void SocketServer::respond(ports::ExchangeId exchange, ports::HttpReply reply) {
    const auto found = context_.exchanges.find(exchange);
    if (found != context_.exchanges.end()) found->second->respond(exchange, std::move(reply));
}

void SocketServer::drop(ports::ExchangeId exchange) {
    const auto found = context_.exchanges.find(exchange);
    if (found != context_.exchanges.end()) found->second->drop();
}

HotResult<void> SocketServer::send(ports::SessionId session, std::string_view text) {
    Peer* peer = peers_.find(session.raw());
    return peer == nullptr ? fail(Errc::Unavailable) : peer->send(Opcode::Text, text);
}

HotResult<void> SocketServer::ping(ports::SessionId session) {
    Peer* peer = peers_.find(session.raw());
    return peer == nullptr ? fail(Errc::Unavailable) : peer->send(Opcode::Ping, {});
}

void SocketServer::close(ports::SessionId session, std::uint16_t code) {
    if (Peer* peer = peers_.find(session.raw())) peer->close(code);
}

std::span<const ports::ServerEvent> SocketServer::poll(Nanos wait) {
    for (const std::uint64_t id : expired_) peers_.remove(id);
    expired_.clear();
    told_.clear();
    told_requests_.clear();
    // What was sent after the first message since the last poll leaves together.
    for (const std::uint64_t id : context_.unsent) {
        if (Peer* peer = peers_.find(id)) peer->flush();
    }
    context_.unsent.clear();
    loop_->poll(context_.events.empty() ? wait : Nanos{});
    now_ = runtime::wall_now();
    // What happens between two polls is told by the later one, and expires after it.
    told_.swap(context_.events);
    told_requests_.swap(context_.requests);
    expired_.swap(context_.gone);
    return told_;
}

}  // namespace parallax::net
