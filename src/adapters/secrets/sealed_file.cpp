#include "adapters/secrets/sealed_file.hpp"

#include <sodium.h>

#include <cstring>

#include "core/assert.hpp"
#include "core/checksum.hpp"

namespace parallax::secrets {
namespace {

constexpr std::string_view kMagic = "PLXSEC1\n";
constexpr std::size_t kKeySize = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t kNonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagSize = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kNonceAt = kMagic.size() + 16 + kSaltSize;
constexpr std::size_t kHeader = kNonceAt + kNonceSize;
constexpr std::size_t kLeast = kHeader + kTagSize + 4;
/// A file that asks for more was not written by us; deriving its key would stop the machine.
constexpr Hardness kHardest{.passes = 64, .memory_bytes = 4ULL << 30};
static_assert(kSaltSize == crypto_pwhash_SALTBYTES);

unsigned char* bytes(char* text) { return reinterpret_cast<unsigned char*>(text); }
const unsigned char* bytes(const char* text) {
    return reinterpret_cast<const unsigned char*>(text);
}

std::uint32_t checksum(std::string_view text) {
    return crc32c(std::as_bytes(std::span{text.data(), text.size()}));
}

void start_sodium() { PLX_ASSERT(sodium_init() >= 0); }

Result<void> derive(SealKey& to, const ports::Secret& passphrase) {
    start_sodium();
    to.key = ports::Secret(kKeySize);
    const int failed = crypto_pwhash(
        bytes(to.key.fill().data()), kKeySize, passphrase.reveal().data(), passphrase.size(),
        to.salt.data(), to.hardness.passes, to.hardness.memory_bytes, crypto_pwhash_ALG_ARGON2ID13);
    if (failed != 0) {
        return fail(Errc::Unavailable, "not enough memory to derive the key: " +
                                           std::to_string(to.hardness.memory_bytes >> 20) +
                                           " MiB are needed");
    }
    return {};
}

tl::unexpected<Error> damaged(const char* how) {
    return fail(Errc::Malformed, std::string{"the secrets file is damaged: "} + how);
}

Result<void> check(std::string_view file) {
    if (!file.starts_with(kMagic)) return damaged("it does not start like one");
    if (file.size() < kLeast) return damaged("it is cut short");
    std::uint32_t stored = 0;
    std::memcpy(&stored, file.data() + file.size() - 4, 4);
    if (stored != checksum(file.substr(0, file.size() - 4))) {
        return damaged("its checksum does not match");
    }
    return {};
}

}  // namespace

Result<SealKey> new_key(const ports::Secret& passphrase, const Hardness& hardness) {
    start_sodium();
    SealKey key;
    key.hardness = hardness;
    randombytes_buf(key.salt.data(), key.salt.size());
    if (auto done = derive(key, passphrase); !done) return tl::unexpected{done.error()};
    return key;
}

Result<SealKey> key_of(std::string_view file, const ports::Secret& passphrase) {
    if (auto good = check(file); !good) return tl::unexpected{good.error()};
    SealKey key;
    std::memcpy(&key.hardness.passes, file.data() + kMagic.size(), 8);
    std::memcpy(&key.hardness.memory_bytes, file.data() + kMagic.size() + 8, 8);
    std::memcpy(key.salt.data(), file.data() + kMagic.size() + 16, kSaltSize);
    if (key.hardness.passes < crypto_pwhash_OPSLIMIT_MIN || key.hardness.passes > kHardest.passes ||
        key.hardness.memory_bytes < crypto_pwhash_MEMLIMIT_MIN ||
        key.hardness.memory_bytes > kHardest.memory_bytes) {
        return damaged("it asks for an absurd effort to open it");
    }
    if (auto done = derive(key, passphrase); !done) return tl::unexpected{done.error()};
    return key;
}

std::string seal(const ports::Secret& content, const SealKey& key) {
    start_sodium();
    std::string file(kHeader + content.size() + kTagSize, '\0');
    kMagic.copy(file.data(), kMagic.size());
    std::memcpy(file.data() + kMagic.size(), &key.hardness.passes, 8);
    std::memcpy(file.data() + kMagic.size() + 8, &key.hardness.memory_bytes, 8);
    std::memcpy(file.data() + kMagic.size() + 16, key.salt.data(), kSaltSize);
    randombytes_buf(file.data() + kNonceAt, kNonceSize);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        bytes(file.data() + kHeader), nullptr, bytes(content.reveal().data()), content.size(),
        bytes(file.data()), kHeader, nullptr, bytes(file.data() + kNonceAt),
        bytes(key.key.reveal().data()));
    const std::uint32_t sum = checksum(file);
    file.append(reinterpret_cast<const char*>(&sum), sizeof sum);
    return file;
}

Result<ports::Secret> open(std::string_view file, const SealKey& key) {
    if (auto good = check(file); !good) return tl::unexpected{good.error()};
    const std::size_t sealed = file.size() - kHeader - 4;
    ports::Secret content(sealed - kTagSize);
    const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
        bytes(content.fill().data()), nullptr, nullptr, bytes(file.data() + kHeader), sealed,
        bytes(file.data()), kHeader, bytes(file.data() + kNonceAt), bytes(key.key.reveal().data()));
    if (failed != 0) return fail(Errc::Rejected, "wrong passphrase for the secrets file");
    return content;
}

}  // namespace parallax::secrets
