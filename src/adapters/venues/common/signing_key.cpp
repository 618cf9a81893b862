#include "adapters/venues/common/signing_key.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sodium.h>

#include <array>

#include "core/assert.hpp"

namespace parallax::venue_common {
namespace {

constexpr int kLeastRsaBits = 2048;
constexpr std::size_t kSecureHeap = 256 * 1024;

template <class T, void (*kFree)(T*)>
struct Freed {
    void operator()(T* thing) const noexcept { kFree(thing); }
};
void free_bio(BIO* bio) { BIO_free_all(bio); }
using Bio = std::unique_ptr<BIO, Freed<BIO, free_bio>>;
using Context = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX, EVP_MD_CTX_free>>;
using PublicKey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// OpenSSL would ask for the passphrase of an encrypted key on the terminal.
int no_passphrase(char*, int, int, void*) { return 0; }

std::string join(std::initializer_list<std::string_view> parts) {
    std::string whole;
    for (const std::string_view part : parts) whole += part;
    return whole;
}

}  // namespace

std::string_view to_string(KeyKind kind) noexcept {
    constexpr std::array<std::string_view, 3> kNames{"HMAC-SHA256", "Ed25519", "RSA"};
    return kNames[static_cast<std::size_t>(kind)];
}

void SigningKey::Free::operator()(evp_pkey_st* key) const noexcept { EVP_PKEY_free(key); }

SigningKey SigningKey::hmac(const ports::Secret& secret) {
    return SigningKey{Key{std::in_place_type<HmacSha256>, secret.reveal()}};
}

Result<SigningKey> SigningKey::read(const ports::Secret& stored) {
    const std::string_view text = stored.reveal();
    if (text.empty()) return fail(Errc::Rejected, "the key is empty");
    if (text.starts_with("-----BEGIN")) return read_pem(text);
    for (const char c : text) {
        if (c <= ' ' || c > '~') {
            return fail(Errc::Rejected,
                        "the key is neither a PEM file nor one line of printable characters");
        }
    }
    return hmac(stored);
}

Result<SigningKey> SigningKey::read_pem(std::string_view pem) {
    // Before the first private number is read; later calls do nothing.
    if (CRYPTO_secure_malloc_initialized() == 0) CRYPTO_secure_malloc_init(kSecureHeap, 32);
    const Bio bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    Rsa key{PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr)};
    ERR_clear_error();
    if (key == nullptr) {
        const bool encrypted = pem.find("ENCRYPTED") != std::string_view::npos;
        return fail(Errc::Rejected,
                    encrypted ? "the private key is encrypted: remove its passphrase (openssl pkey "
                                "-in KEY -out PLAIN), Parallax encrypts it itself"
                              : "no private key in the PEM text (a public key, or damaged?)");
    }
    const int kind = EVP_PKEY_get_base_id(key.get());
    if (kind == EVP_PKEY_RSA) {
        const int bits = EVP_PKEY_get_bits(key.get());
        if (bits < kLeastRsaBits || bits > static_cast<int>(8 * Signature::kMost)) {
            return fail(Errc::Rejected,
                        "RSA keys must have 2048 to 4096 bits, not " + std::to_string(bits));
        }
        return SigningKey{Key{std::move(key)}};
    }
    if (kind != EVP_PKEY_ED25519) {
        return fail(Errc::Rejected, "the private key is neither Ed25519 nor RSA");
    }
    ports::Secret seed(crypto_sign_SEEDBYTES);
    std::size_t size = seed.size();
    PLX_ASSERT(EVP_PKEY_get_raw_private_key(
                   key.get(), reinterpret_cast<unsigned char*>(seed.fill().data()), &size) == 1);
    Ed25519 pair{ports::Secret(crypto_sign_SECRETKEYBYTES)};
    std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> open{};
    crypto_sign_seed_keypair(open.data(),
                             reinterpret_cast<unsigned char*>(pair.seed_and_public.fill().data()),
                             bytes_of(seed.reveal()));
    return SigningKey{Key{std::move(pair)}};
}

KeyKind SigningKey::kind() const noexcept { return static_cast<KeyKind>(key_.index()); }

std::optional<HmacSha256> SigningKey::hmac_after(std::string_view prefix) const {
    const auto* hmac = std::get_if<HmacSha256>(&key_);
    return hmac == nullptr ? std::nullopt : std::optional{hmac->after(prefix)};
}

void SigningKey::sign(std::initializer_list<std::string_view> parts, Signature& to) const {
    if (const auto* hmac = std::get_if<HmacSha256>(&key_)) {
        const HmacSha256::Digest digest = hmac->sign(parts);
        std::copy(digest.begin(), digest.end(), to.data_);
        to.size_ = digest.size();
        return;
    }
    std::string joined;
    std::string_view message;
    if (parts.size() == 1) {
        message = *parts.begin();
    } else {
        joined = join(parts);
        message = joined;
    }
    if (const auto* pair = std::get_if<Ed25519>(&key_)) {
        crypto_sign_detached(to.data_, nullptr, bytes_of(message), message.size(),
                             bytes_of(pair->seed_and_public.reveal()));
        to.size_ = crypto_sign_BYTES;
        return;
    }
    const Context context{EVP_MD_CTX_new()};
    to.size_ = Signature::kMost;
    PLX_ASSERT(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr,
                                  std::get<Rsa>(key_).get()) == 1);
    PLX_ASSERT(
        EVP_DigestSign(context.get(), to.data_, &to.size_, bytes_of(message), message.size()) == 1);
}

Signature SigningKey::sign(std::string_view message) const {
    Signature signature;
    sign({message}, signature);
    return signature;
}

std::vector<std::uint8_t> SigningKey::public_key() const {
    PublicKey made;
    EVP_PKEY* key = nullptr;
    if (const auto* pair = std::get_if<Ed25519>(&key_)) {
        made.reset(EVP_PKEY_new_raw_public_key(
            EVP_PKEY_ED25519, nullptr,
            bytes_of(pair->seed_and_public.reveal()) + crypto_sign_SEEDBYTES,
            crypto_sign_PUBLICKEYBYTES));
        key = made.get();
    } else if (const auto* rsa = std::get_if<Rsa>(&key_)) {
        key = rsa->get();
    } else {
        return {};
    }
    std::vector<std::uint8_t> der(static_cast<std::size_t>(i2d_PUBKEY(key, nullptr)));
    unsigned char* to = der.data();
    PLX_ASSERT(i2d_PUBKEY(key, &to) == static_cast<int>(der.size()));
    return der;
}

bool verifies(std::string_view public_key, std::string_view message,
              std::span<const std::uint8_t> signature) {
    const unsigned char* der = bytes_of(public_key);
    PublicKey key{
        public_key.starts_with("-----BEGIN")
            ? PEM_read_bio_PUBKEY(
                  Bio{BIO_new_mem_buf(public_key.data(), static_cast<int>(public_key.size()))}
                      .get(),
                  nullptr, no_passphrase, nullptr)
            : d2i_PUBKEY(nullptr, &der, static_cast<long>(public_key.size()))};
    bool good = false;
    if (key != nullptr) {
        const Context context{EVP_MD_CTX_new()};
        const bool rsa = EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_RSA;
        good = EVP_DigestVerifyInit(context.get(), nullptr, rsa ? EVP_sha256() : nullptr, nullptr,
                                    key.get()) == 1 &&
               EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                                bytes_of(message), message.size()) == 1;
    }
    ERR_clear_error();
    return good;
}

}  // namespace parallax::venue_common
