// Signatures, with the library's usual interface beside ours in the same run.
#include <benchmark/benchmark.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "adapters/venues/common/encoding.hpp"
#include "adapters/venues/common/key_testing.hpp"

namespace parallax::venue_common {
namespace {

constexpr std::string_view kSecret =
    "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
constexpr std::string_view kApiKey =
    "apiKey=vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
constexpr std::string_view kOrder =
    "&price=52000.00&quantity=0.01000000&recvWindow=100&side=SELL&symbol=BTCUSDT"
    "&timeInForce=GTC&timestamp=1645423376532&type=LIMIT";

/// A Binance WebSocket order: 202 bytes.
void BM_HmacKept(benchmark::State& state) {
    const HmacSha256 hmac{kSecret};
    for (auto _ : state) benchmark::DoNotOptimize(hmac.sign({kApiKey, kOrder}));
}
BENCHMARK(BM_HmacKept);

/// Its first 71 bytes are the same in every order.
void BM_HmacKeptWithPrefix(benchmark::State& state) {
    const HmacSha256 hmac{kSecret, kApiKey};
    for (auto _ : state) benchmark::DoNotOptimize(hmac.sign(kOrder));
}
BENCHMARK(BM_HmacKeptWithPrefix);

void BM_HmacOpenSslOneShot(benchmark::State& state) {
    const std::string message = std::string{kApiKey} + std::string{kOrder};
    std::array<unsigned char, 32> digest{};
    for (auto _ : state) {
        HMAC(EVP_sha256(), kSecret.data(), static_cast<int>(kSecret.size()),
             reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.data(),
             nullptr);
        benchmark::DoNotOptimize(digest);
    }
}
BENCHMARK(BM_HmacOpenSslOneShot);

void BM_Hex(benchmark::State& state) {
    const auto digest = HmacSha256{kSecret}.sign(kOrder);
    std::string out;
    for (auto _ : state) {
        out.clear();
        append_hex(out, digest);
        benchmark::DoNotOptimize(out.data());
    }
}
BENCHMARK(BM_Hex);

void BM_Base64(benchmark::State& state) {
    const auto digest = HmacSha256{kSecret}.sign(kOrder);
    std::string out;
    for (auto _ : state) {
        out.clear();
        append_base64(out, digest);
        benchmark::DoNotOptimize(out.data());
    }
}
BENCHMARK(BM_Base64);

void sign_with(benchmark::State& state, std::string_view pem) {
    const auto key = SigningKey::read(ports::Secret::copy_of(pem)).value();
    Signature signature;
    for (auto _ : state) {
        key.sign({kOrder}, signature);
        benchmark::DoNotOptimize(signature);
    }
}
void BM_Ed25519(benchmark::State& state) { sign_with(state, testing::kEd25519Pem); }
BENCHMARK(BM_Ed25519);
void BM_Rsa2048(benchmark::State& state) { sign_with(state, testing::kRsaPem); }
BENCHMARK(BM_Rsa2048);

void BM_Ed25519OpenSsl(benchmark::State& state) {
    const auto seed =
        read_hex("8244616b4606b8400a66fd0efcbea9af1611fd2540e975b3808b20007d9bcf6e").value();
    EVP_PKEY* key =
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size());
    std::array<unsigned char, 64> signature{};
    for (auto _ : state) {
        EVP_MD_CTX* context = EVP_MD_CTX_new();
        std::size_t size = signature.size();
        EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key);
        EVP_DigestSign(context, signature.data(), &size,
                       reinterpret_cast<const unsigned char*>(kOrder.data()), kOrder.size());
        EVP_MD_CTX_free(context);
        benchmark::DoNotOptimize(signature);
    }
    EVP_PKEY_free(key);
}
BENCHMARK(BM_Ed25519OpenSsl);

}  // namespace
}  // namespace parallax::venue_common
