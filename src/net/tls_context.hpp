#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/result.hpp"
#include "net/certificate.hpp"

struct ssl_st;
struct ssl_ctx_st;
struct ssl_session_st;

namespace parallax::net {

struct TlsFree {
    void operator()(ssl_st* session) const noexcept;
    void operator()(ssl_ctx_st* context) const noexcept;
    void operator()(ssl_session_st* ticket) const noexcept;
};
using TlsPtr = std::unique_ptr<ssl_st, TlsFree>;

/// What the client sides of TLS share: whom they trust, and the tickets of earlier sessions. TLS
/// 1.3, except for hosts known to need 1.2.
class TlsClientContext {
public:
    /// `extra_ca_file`: PEM certificates trusted besides the system's; may be empty. Errors:
    /// Rejected (a file that cannot be read or holds no certificate).
    [[nodiscard]] static Result<std::unique_ptr<TlsClientContext>> make(
        const std::string& extra_ca_file, const std::vector<std::string>& tls12_hosts);
    ~TlsClientContext();
    TlsClientContext(const TlsClientContext&) = delete;
    TlsClientContext& operator=(const TlsClientContext&) = delete;

    /// A session that sends `host` as SNI, accepts only a certificate for it (name or address),
    /// and resumes an earlier session with `endpoint` (host:port) where there was one. `http`: asks
    /// for HTTP/1.1; other protocols have no name to ask for.
    [[nodiscard]] TlsPtr open(const std::string& host, const std::string& endpoint,
                              bool http = true);

private:
    TlsClientContext() = default;
    static int keep_ticket(ssl_st* session, ssl_session_st* ticket);

    std::unique_ptr<ssl_ctx_st, TlsFree> context_;
    std::unordered_set<std::string> tls12_hosts_;
    std::unordered_map<std::string, std::unique_ptr<ssl_session_st, TlsFree>> tickets_;
};

/// The server side: one certificate with its key. TLS 1.3, or 1.2 when asked for.
class TlsServerContext {
public:
    /// Errors: Rejected (not PEM, or the key is not the certificate's).
    [[nodiscard]] static Result<std::unique_ptr<TlsServerContext>> make(
        const Certificate& certificate, bool allow_tls12);
    [[nodiscard]] TlsPtr open();

private:
    explicit TlsServerContext(std::unique_ptr<ssl_ctx_st, TlsFree> context) noexcept;
    std::unique_ptr<ssl_ctx_st, TlsFree> context_;
};

/// Takes the oldest error off OpenSSL's queue of this thread, as text for people.
[[nodiscard]] std::string take_tls_error();

}  // namespace parallax::net
