#include <gtest/gtest.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstdlib>

#include "adapters/venues/common/key_testing.hpp"
#include "testing/allocations.hpp"

namespace parallax::venue_common {
namespace {

std::size_t openssl_allocations = 0;

/// OpenSSL's own allocations do not go through operator new. Set before it allocates anything.
void* counted_malloc(std::size_t size, const char*, int) {
    ++openssl_allocations;
    return std::malloc(size);
}
void* counted_realloc(void* old, std::size_t size, const char*, int) {
    return std::realloc(old, size);
}
void counted_free(void* old, const char*, int) { std::free(old); }
[[maybe_unused]] const int kCounting =
    CRYPTO_set_mem_functions(counted_malloc, counted_realloc, counted_free);

TEST(HmacSha256, SigningAllocatesNothing) {
    PLX_NEEDS_ALLOCATION_COUNT();
    const HmacSha256 hmac{"secret", "apiKey=abc&"};
    const std::string message(300, 'x');
    const std::size_t before = allocations();
    const std::size_t openssl_before = openssl_allocations;
    std::uint32_t sum = 0;
    for (int i = 0; i < 100; ++i) sum += hmac.sign({message, message})[0];
    EXPECT_EQ(allocations(), before);
    EXPECT_EQ(openssl_allocations, openssl_before);
    EXPECT_GT(sum, 0U);
    EVP_MD_CTX_free(EVP_MD_CTX_new());
    EXPECT_GT(openssl_allocations, openssl_before);  // the count does count
}

TEST(SigningKey, Ed25519SigningAllocatesNothing) {
    PLX_NEEDS_ALLOCATION_COUNT();
    const auto key = SigningKey::read(ports::Secret::copy_of(testing::kEd25519Pem)).value();
    Signature signature;
    const std::size_t before = allocations();
    key.sign({"one message"}, signature);
    EXPECT_EQ(allocations(), before);
    EXPECT_EQ(signature.bytes().size(), 64U);
}

}  // namespace
}  // namespace parallax::venue_common
