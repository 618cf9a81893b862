#include "net/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "core/assert.hpp"
#include "net/address.hpp"

namespace parallax::net {
namespace {

constexpr unsigned char kHttp11[] = "\x08http/1.1";
constexpr unsigned kHttp11Size = sizeof kHttp11 - 1;

int choose_protocol(SSL* /*session*/, const unsigned char** out, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void* /*argument*/) {
    unsigned char* chosen = nullptr;
    const int found =
        SSL_select_next_proto(&chosen, size, kHttp11, kHttp11Size, offered, offered_size);
    *out = chosen;
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

int endpoint_index() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

using BioPtr = std::unique_ptr<BIO, decltype([](BIO* bio) { BIO_free(bio); })>;
using X509Ptr = std::unique_ptr<X509, decltype([](X509* one) { X509_free(one); })>;
using KeyPtr = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* key) { EVP_PKEY_free(key); })>;

BioPtr reader(const std::string& pem) {
    return BioPtr{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
}

void set_common(SSL_CTX* context) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
}

}  // namespace

void TlsFree::operator()(ssl_st* session) const noexcept { SSL_free(session); }
void TlsFree::operator()(ssl_ctx_st* context) const noexcept { SSL_CTX_free(context); }
void TlsFree::operator()(ssl_session_st* ticket) const noexcept { SSL_SESSION_free(ticket); }

std::string take_tls_error() {
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    if (code == 0) return "unknown error";
    const char* reason = ERR_reason_error_string(code);
    return reason != nullptr ? reason : "error " + std::to_string(code);
}

Result<std::unique_ptr<TlsClientContext>> TlsClientContext::make(
    const std::string& extra_ca_file, const std::vector<std::string>& tls12_hosts) {
    std::unique_ptr<TlsClientContext> made{new TlsClientContext};
    made->context_.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX* context = made->context_.get();
    PLX_ASSERT(context != nullptr);
    set_common(context);
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_default_verify_paths(context);
    if (!extra_ca_file.empty() && SSL_CTX_load_verify_file(context, extra_ca_file.c_str()) != 1) {
        return fail(Errc::Rejected, "CA file " + extra_ca_file + ": " + take_tls_error());
    }
    ERR_clear_error();  // a machine without the system's certificates is none
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, &TlsClientContext::keep_ticket);
    SSL_CTX_set_app_data(context, made.get());
    made->tls12_hosts_.insert(tls12_hosts.begin(), tls12_hosts.end());
    return made;
}

TlsClientContext::~TlsClientContext() {
    // Sessions still open keep the context alive; their tickets have no place any more.
    SSL_CTX_sess_set_new_cb(context_.get(), nullptr);
}

int TlsClientContext::keep_ticket(SSL* session, SSL_SESSION* ticket) {
    auto* self = static_cast<TlsClientContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(session)));
    const auto* endpoint =
        static_cast<const std::string*>(SSL_get_ex_data(session, endpoint_index()));
    if (endpoint == nullptr) return 0;
    self->tickets_[*endpoint].reset(ticket);
    return 1;  // it is ours now
}

TlsPtr TlsClientContext::open(const std::string& host, const std::string& endpoint, bool http) {
    TlsPtr session{SSL_new(context_.get())};
    PLX_ASSERT(session != nullptr);
    SSL* ssl = session.get();
    if (tls12_hosts_.contains(host)) SSL_set_min_proto_version(ssl, TLS1_2_VERSION);
    if (parse_address(host, 0)) {  // an address is no name: no SNI, and the certificate names it
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
    } else {
        SSL_set_tlsext_host_name(ssl, host.c_str());
        SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        PLX_ASSERT(SSL_set1_host(ssl, host.c_str()) == 1);
    }
    if (http) PLX_ASSERT(SSL_set_alpn_protos(ssl, kHttp11, kHttp11Size) == 0);
    // The map's key outlives every session: entries are never erased.
    const auto entry = tickets_.try_emplace(endpoint).first;
    SSL_set_ex_data(ssl, endpoint_index(), const_cast<std::string*>(&entry->first));
    if (entry->second != nullptr) SSL_set_session(ssl, entry->second.get());
    SSL_set_connect_state(ssl);
    return session;
}

TlsServerContext::TlsServerContext(std::unique_ptr<ssl_ctx_st, TlsFree> context) noexcept
    : context_{std::move(context)} {}

Result<std::unique_ptr<TlsServerContext>> TlsServerContext::make(const Certificate& certificate,
                                                                 bool allow_tls12) {
    std::unique_ptr<ssl_ctx_st, TlsFree> context{SSL_CTX_new(TLS_server_method())};
    PLX_ASSERT(context != nullptr);
    set_common(context.get());
    SSL_CTX_set_min_proto_version(context.get(), allow_tls12 ? TLS1_2_VERSION : TLS1_3_VERSION);
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);  // a server has many idle peers
    SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
    // Each context has ticket keys of its own, so nobody resumes past a changed certificate.
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);

    const auto refuse = [](const std::string& what) {
        return fail(Errc::Rejected, what + ": " + take_tls_error());
    };
    const BioPtr chain = reader(certificate.chain_pem);
    const X509Ptr leaf{PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)};
    if (leaf == nullptr || SSL_CTX_use_certificate(context.get(), leaf.get()) != 1) {
        return refuse("certificate");
    }
    while (X509* next = PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)) {
        const X509Ptr owned{next};
        if (SSL_CTX_add1_chain_cert(context.get(), next) != 1) return refuse("certificate chain");
    }
    ERR_clear_error();  // the end of the chain is one
    const KeyPtr key{
        PEM_read_bio_PrivateKey(reader(certificate.key_pem).get(), nullptr, nullptr, nullptr)};
    if (key == nullptr || SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1) {
        return refuse("private key");
    }
    return std::unique_ptr<TlsServerContext>{new TlsServerContext{std::move(context)}};
}

TlsPtr TlsServerContext::open() {
    TlsPtr session{SSL_new(context_.get())};
    PLX_ASSERT(session != nullptr);
    SSL_set_accept_state(session.get());
    return session;
}

}  // namespace parallax::net
