#pragma once

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/address.hpp"
#include "net/certificate.hpp"
#include "net/tls_context.hpp"

/// What benchmarks of sockets are compared with.
namespace parallax::net::bench {

inline std::string ca_file(const CertificateAuthority& authority) {
    std::string name = "/tmp/plx_net_bench_XXXXXX";
    const int fd = ::mkstemp(name.data());
    if (fd < 0 || !authority.write(name)) std::abort();
    ::close(fd);
    return name;
}

inline const CertificateAuthority& authority() {
    static const CertificateAuthority one{"Parallax bench"};
    return one;
}

inline Certificate certificate() {
    const std::vector<std::string> hosts{"127.0.0.1"};
    return authority().issue(hosts);
}

/// OpenSSL on its own sockets, nothing else.
class BareTls {
public:
    BareTls() {
        const std::string file = ca_file(authority());
        client_context_ = std::move(*TlsClientContext::make(file, {}));
        ::unlink(file.c_str());
        server_context_ = std::move(*TlsServerContext::make(certificate(), false));
        auto address = parse_address("127.0.0.1", 0);
        const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
        if (listener < 0 || ::bind(listener, address->get(), address->length) != 0 ||
            ::listen(listener, 1) != 0 ||
            ::getsockname(listener, address->get(), &address->length) != 0) {
            std::abort();
        }
        client_fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
        if (::connect(client_fd_, address->get(), address->length) != 0) std::abort();
        server_fd_ = ::accept(listener, nullptr, nullptr);
        ::close(listener);
        for (const int fd : {client_fd_, server_fd_}) {
            const int on = 1;
            ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            ::fcntl(fd, F_SETFL, O_NONBLOCK);
        }
        client = client_context_->open("127.0.0.1", "bench");
        server = server_context_->open();
        SSL_set_fd(client.get(), client_fd_);
        SSL_set_fd(server.get(), server_fd_);
        for (int left = 1'000;; --left) {
            const bool client_done = SSL_do_handshake(client.get()) == 1;
            if (SSL_do_handshake(server.get()) == 1 && client_done) break;
            if (left == 0) std::abort();
        }
    }
    ~BareTls() {
        ::close(client_fd_);
        ::close(server_fd_);
    }
    BareTls(const BareTls&) = delete;
    BareTls& operator=(const BareTls&) = delete;

    static void write(const TlsPtr& to, std::string_view text) {
        std::size_t count = 0;
        if (SSL_write_ex(to.get(), text.data(), text.size(), &count) != 1) std::abort();
    }
    /// The next record, waited for.
    std::string_view read(const TlsPtr& from) {
        std::size_t count = 0;
        while (SSL_read_ex(from.get(), buffer_, sizeof buffer_, &count) != 1) {
        }
        return {buffer_, count};
    }

private:
    std::unique_ptr<TlsClientContext> client_context_;
    std::unique_ptr<TlsServerContext> server_context_;
    int client_fd_ = -1;
    int server_fd_ = -1;
    char buffer_[16 * 1024];

public:
    TlsPtr client;
    TlsPtr server;
};

}  // namespace parallax::net::bench
