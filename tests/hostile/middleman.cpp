#include "middleman.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

namespace parallax::tests {
namespace {

constexpr std::size_t kGiant = 1'000'000;
constexpr std::size_t kHandshake = 6'000;  ///< bytes of a server's side of it, and a little more

int open_socket() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}
sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
}
bool readable(int fd) {
    pollfd one{fd, POLLIN, 0};
    return ::poll(&one, 1, 0) > 0 && one.revents != 0;
}
bool send_all(int fd, const char* data, std::size_t size) {
    while (size > 0) {
        const ssize_t sent = ::send(fd, data, size, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        data += sent;
        size -= static_cast<std::size_t>(sent);
    }
    return true;
}

std::unique_ptr<net::SocketServer> serve(const net::CertificateAuthority& authority,
                                         std::uint16_t& port) {
    net::ServerOptions options;
    options.send_buffer = 8 * kGiant;
    auto made = net::SocketServer::make(options);
    EXPECT_TRUE(made);
    net::ListenOptions listen;
    const std::vector<std::string> hosts{"localhost", "127.0.0.1"};
    listen.certificate = authority.issue(hosts);
    listen.deflate = false;
    const auto listening = (*made)->listen(listen);
    EXPECT_TRUE(listening);
    port = listening->port;
    return std::move(*made);
}

}  // namespace

Middleman::Middleman(std::uint16_t honest) : honest_{honest} {
    giant_ = serve(trusted_, giant_port_);
    stranger_ = serve(unknown_, stranger_port_);
    listener_ = open_socket();
    sockaddr_in at = loopback(0);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
    EXPECT_EQ(::listen(listener_, 64), 0);
    socklen_t size = sizeof at;
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size), 0);
    port_ = ntohs(at.sin_port);
    thread_ = std::thread{[this] { run(); }};
}

Middleman::~Middleman() {
    stop_ = true;
    thread_.join();
    for (const Pair& pair : pairs_) {
        ::close(pair.client);
        if (pair.server >= 0) ::close(pair.server);
    }
    ::close(listener_);
}

std::uint16_t Middleman::target(Mood mood) const noexcept {
    switch (mood) {
        case Mood::Honest:
        case Mood::Spoilt:
            return honest_;
        case Mood::WrongCertificate:
            return stranger_port_;
        case Mood::Giant:
            return giant_port_;
        case Mood::HalfOpen:
        case Mood::Garbage:
            break;
    }
    return 0;
}

void Middleman::run() {
    while (!stop_) {
        std::vector<pollfd> all{{listener_, POLLIN, 0}};
        for (const Pair& pair : pairs_) {
            if (mood_ == Mood::HalfOpen) break;  // nobody looks
            all.push_back({pair.client, POLLIN, 0});
            if (pair.server >= 0) all.push_back({pair.server, POLLIN, 0});
        }
        (void)::poll(all.data(), all.size(), 2);
        accept_all();
        const Mood mood = mood_;
        for (Pair& pair : pairs_) {
            if (mood == Mood::HalfOpen) break;
            if (pair.mood != mood) pair.over = true;
            if (!pair.over) shovel(pair);
        }
        std::erase_if(pairs_, [](const Pair& pair) {
            if (!pair.over) return false;
            ::close(pair.client);
            if (pair.server >= 0) ::close(pair.server);
            return true;
        });
        serve_giants();
        for (const ports::ServerEvent& event : stranger_->poll(Nanos{})) (void)event;
    }
}

void Middleman::accept_all() {
    while (readable(listener_)) {
        Pair pair;
        pair.client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (pair.client < 0) return;
        pair.mood = mood_;
        ++met_[static_cast<std::size_t>(pair.mood)];
        if (const std::uint16_t port = target(pair.mood); port != 0) {
            pair.server = open_socket();
            const sockaddr_in at = loopback(port);
            pair.over =
                ::connect(pair.server, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0;
        }
        if (pair.mood == Mood::Garbage) {
            std::string bytes(70'000, '\0');
            for (std::size_t i = 0; i < bytes.size(); ++i)
                bytes[i] = static_cast<char>(i * 2'654'435'761U >> 11);
            (void)send_all(pair.client, bytes.data(), bytes.size());
            pair.over = true;
        }
        pairs_.push_back(pair);
    }
}

void Middleman::shovel(Pair& pair) {
    char bytes[16'384];
    if (pair.server < 0) return;
    for (const bool up : {true, false}) {
        const int from = up ? pair.client : pair.server, to = up ? pair.server : pair.client;
        if (!readable(from)) continue;
        const ssize_t got = ::recv(from, bytes, sizeof bytes, 0);
        if (got <= 0) {
            pair.over = true;
            return;
        }
        const auto size = static_cast<std::size_t>(got);
        if (!up) pair.passed += size;
        if (!up && pair.mood == Mood::Spoilt && pair.passed > kHandshake)
            bytes[size - 1] = static_cast<char>(bytes[size - 1] ^ 0x55);
        if (!send_all(to, bytes, size)) pair.over = true;
    }
}

void Middleman::serve_giants() {
    static const std::string kBody =
        R"({"code":"0","arg":{"channel":"books","instId":"BTC-USDT"},"data":[")" +
        std::string(kGiant - 80, 'x') + "\"]}";
    for (const ports::ServerEvent& event : giant_->poll(Nanos{})) {
        switch (event.kind) {
            case ports::ServerEventKind::Upgrade:
                (void)giant_->accept(event.exchange, {});
                break;
            case ports::ServerEventKind::Request:
                giant_->respond(event.exchange, {200, {}, kBody, false});
                ++giants_;
                break;
            case ports::ServerEventKind::Opened:
                sessions_.push_back(event.session);
                break;
            case ports::ServerEventKind::Closed:
                std::erase(sessions_, event.session);
                break;
            default:
                break;
        }
    }
    for (const ports::SessionId session : sessions_) {
        if (giant_->send(session, kBody)) ++giants_;
    }
}

}  // namespace parallax::tests
