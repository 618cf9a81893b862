#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/time.hpp"

struct evp_pkey_st;
struct x509_st;

namespace parallax::net {

/// A server's certificate, those that vouch for it behind it, and its private key: PEM.
struct Certificate {
    std::string chain_pem;
    std::string key_pem;
};

/// A throw-away certificate authority for simulated venues and tests: made in memory with a fresh
/// P-256 key, trusted by nobody but those who are given its certificate.
class CertificateAuthority {
public:
    explicit CertificateAuthority(const std::string& name);
    ~CertificateAuthority();
    CertificateAuthority(const CertificateAuthority&) = delete;
    CertificateAuthority& operator=(const CertificateAuthority&) = delete;

    /// What clients trust: PEM.
    [[nodiscard]] const std::string& pem() const noexcept { return pem_; }
    /// Errors: Unavailable (the file cannot be written).
    [[nodiscard]] Result<void> write(const std::string& path) const;
    /// A certificate for host names and addresses, good from `from` to `to`, both relative to now.
    [[nodiscard]] Certificate issue(std::span<const std::string> hosts,
                                    Nanos from = Nanos::seconds(-3'600),
                                    Nanos to = Nanos::seconds(30 * 86'400)) const;

private:
    struct Free {
        void operator()(evp_pkey_st* key) const noexcept;
        void operator()(x509_st* certificate) const noexcept;
    };
    std::unique_ptr<evp_pkey_st, Free> key_;
    std::unique_ptr<x509_st, Free> certificate_;
    std::string pem_;
};

}  // namespace parallax::net
