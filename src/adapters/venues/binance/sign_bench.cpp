// A signed and framed order on the WebSocket API, HMAC: what stands between a decision and the
// socket when no session.logon has taken the signature away.
#include "adapters/venues/binance/sign.hpp"

#include <benchmark/benchmark.h>

#include "adapters/venues/common/encoding.hpp"
#include "adapters/venues/common/key_testing.hpp"

namespace parallax::binance {
namespace {

constexpr std::string_view kApiKey =
    "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";

void BM_SignedWebSocketOrder(benchmark::State& state) {
    Signer signer{venue_common::testing::credentials(
        kApiKey, "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j")};
    std::string text;
    std::string timestamp;
    std::int64_t time = 1'645'423'376'532;
    for (auto _ : state) {
        timestamp.clear();
        venue_common::append_number(timestamp, ++time);
        const Parameter sorted[] = {
            {"apiKey", signer.api_key()}, {"newClientOrderId", "p-123456789"},
            {"price", "52000.00"},        {"quantity", "0.01000000"},
            {"recvWindow", "100"},        {"side", "SELL"},
            {"symbol", "BTCUSDT"},        {"timeInForce", "IOC"},
            {"timestamp", timestamp},     {"type", "LIMIT"}};
        text.assign(R"({"id":"123456789","method":"order.place","params":{)");
        for (const Parameter& parameter : sorted) {
            text += '"';
            text += parameter.name;
            text += R"(":")";
            text += parameter.value;
            text += R"(",)";
        }
        text += R"("signature":")";
        signer.sign_websocket(sorted, text);
        text += R"("}})";
        benchmark::DoNotOptimize(text.data());
    }
}
BENCHMARK(BM_SignedWebSocketOrder);

void BM_SignedRestOrder(benchmark::State& state) {
    Signer signer{venue_common::testing::credentials(
        kApiKey, "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j")};
    std::string text;
    for (auto _ : state) {
        text.assign(
            "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1"
            "&recvWindow=5000&timestamp=1499827319559");
        signer.sign_rest(text);
        benchmark::DoNotOptimize(text.data());
    }
}
BENCHMARK(BM_SignedRestOrder);

}  // namespace
}  // namespace parallax::binance
