// The one-shot interface of OpenSSL 3 allocates a context a signature; this older one does not, and
// runs the same assembly.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "adapters/venues/common/hmac_sha256.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <cstring>

namespace parallax::venue_common {
namespace {

constexpr std::size_t kBlock = SHA256_CBLOCK;

}  // namespace

HmacSha256::HmacSha256(std::string_view key, std::string_view prefix)
    : midstates_{2 * sizeof(SHA256_CTX)} {
    ports::Secret padded(kBlock);
    std::span<char> block = padded.fill();
    if (key.size() > kBlock) {
        SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(),
               reinterpret_cast<unsigned char*>(block.data()));
    } else if (!key.empty()) {
        std::memcpy(block.data(), key.data(), key.size());
    }
    const auto keep = [&](std::size_t slot, char pad, std::string_view then) {
        for (char& byte : block) byte = static_cast<char>(byte ^ pad);
        SHA256_CTX state;
        SHA256_Init(&state);
        SHA256_Update(&state, block.data(), block.size());
        SHA256_Update(&state, then.data(), then.size());
        std::memcpy(midstates_.fill().data() + slot * sizeof state, &state, sizeof state);
        OPENSSL_cleanse(&state, sizeof state);
    };
    keep(0, 0x36, prefix);
    keep(1, 0x36 ^ 0x5c, {});  // the block is still under the first pad
}

HmacSha256 HmacSha256::after(std::string_view prefix) const {
    HmacSha256 longer;
    longer.midstates_ = ports::Secret::copy_of(midstates_.reveal());
    SHA256_CTX state;
    std::memcpy(&state, midstates_.reveal().data(), sizeof state);
    SHA256_Update(&state, prefix.data(), prefix.size());
    std::memcpy(longer.midstates_.fill().data(), &state, sizeof state);
    OPENSSL_cleanse(&state, sizeof state);
    return longer;
}

HmacSha256::Digest HmacSha256::sign(std::initializer_list<std::string_view> parts) const noexcept {
    const char* kept = midstates_.reveal().data();
    SHA256_CTX state;
    Digest digest;
    std::memcpy(&state, kept, sizeof state);
    for (const std::string_view part : parts) SHA256_Update(&state, part.data(), part.size());
    SHA256_Final(digest.data(), &state);

    // The outer hash has always one block left: the inner digest and the padding for 64 + 32 bytes.
    std::memcpy(&state, kept + sizeof state, sizeof state);
    alignas(16) std::array<std::uint8_t, kBlock> last{};
    std::memcpy(last.data(), digest.data(), digest.size());
    last[digest.size()] = 0x80;
    constexpr std::size_t kBits = (kBlock + std::tuple_size_v<Digest>)*8;
    last[kBlock - 2] = kBits >> 8;
    last[kBlock - 1] = kBits & 0xff;
    SHA256_Transform(&state, last.data());
    for (std::size_t i = 0; i < digest.size() / 4; ++i) {
        const std::uint32_t word = __builtin_bswap32(state.h[i]);
        std::memcpy(digest.data() + 4 * i, &word, sizeof word);
    }
    OPENSSL_cleanse(&state, sizeof state);
    return digest;
}

}  // namespace parallax::venue_common
