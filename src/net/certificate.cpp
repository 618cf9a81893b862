#include "net/certificate.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <cstdio>

#include "core/assert.hpp"
#include "net/address.hpp"

namespace parallax::net {
namespace {

template <class Write>
std::string to_pem(Write write) {
    BIO* bio = BIO_new(BIO_s_mem());
    PLX_ASSERT(bio != nullptr && write(bio) == 1);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string text{data, static_cast<std::size_t>(size)};
    BIO_free(bio);
    return text;
}

std::string to_pem(X509* certificate) {
    return to_pem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    PLX_ASSERT(extension != nullptr);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

X509* make_x509(EVP_PKEY* key, const std::string& name, Nanos from, Nanos to) {
    X509* made = X509_new();
    PLX_ASSERT(made != nullptr);
    X509_set_version(made, 2);  // v3
    std::uint64_t serial = 0;
    PLX_ASSERT(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(made), serial >> 1);
    X509_gmtime_adj(X509_getm_notBefore(made), from.count() / 1'000'000'000);
    X509_gmtime_adj(X509_getm_notAfter(made), to.count() / 1'000'000'000);
    X509_set_pubkey(made, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.data()),
                               static_cast<int>(name.size()), -1, 0);
    return made;
}

}  // namespace

void CertificateAuthority::Free::operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
void CertificateAuthority::Free::operator()(X509* certificate) const noexcept {
    X509_free(certificate);
}

CertificateAuthority::CertificateAuthority(const std::string& name) : key_{EVP_EC_gen("P-256")} {
    PLX_ASSERT(key_ != nullptr);
    certificate_.reset(
        make_x509(key_.get(), name, Nanos::seconds(-86'400 * 365), Nanos::seconds(86'400 * 365)));
    X509* own = certificate_.get();
    X509_set_issuer_name(own, X509_get_subject_name(own));
    add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add_extension(own, own, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(own, own, NID_subject_key_identifier, "hash");
    PLX_ASSERT(X509_sign(own, key_.get(), EVP_sha256()) > 0);
    pem_ = to_pem(own);
}

CertificateAuthority::~CertificateAuthority() = default;

Result<void> CertificateAuthority::write(const std::string& path) const {
    std::FILE* file = std::fopen(path.c_str(), "wb");
    if (file == nullptr) return fail(Errc::Unavailable, "cannot write " + path);
    const bool written = std::fwrite(pem_.data(), 1, pem_.size(), file) == pem_.size();
    if (std::fclose(file) != 0 || !written) {
        return fail(Errc::Unavailable, "cannot write " + path);
    }
    return {};
}

Certificate CertificateAuthority::issue(std::span<const std::string> hosts, Nanos from,
                                        Nanos to) const {
    PLX_ASSERT(!hosts.empty());
    const std::unique_ptr<EVP_PKEY, Free> key{EVP_EC_gen("P-256")};
    PLX_ASSERT(key != nullptr);
    const std::unique_ptr<X509, Free> made{make_x509(key.get(), hosts.front(), from, to)};
    X509_set_issuer_name(made.get(), X509_get_subject_name(certificate_.get()));
    std::string names;
    for (const std::string& host : hosts) {
        if (!names.empty()) names += ',';
        names += (parse_address(host, 0) ? "IP:" : "DNS:") + host;
    }
    add_extension(made.get(), certificate_.get(), NID_subject_alt_name, names);
    add_extension(made.get(), certificate_.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_extension(made.get(), certificate_.get(), NID_ext_key_usage, "serverAuth");
    add_extension(made.get(), certificate_.get(), NID_authority_key_identifier, "keyid");
    PLX_ASSERT(X509_sign(made.get(), key_.get(), EVP_sha256()) > 0);
    return {to_pem(made.get()) + pem_, to_pem([&](BIO* bio) {
                return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr,
                                                nullptr);
            })};
}

}  // namespace parallax::net
