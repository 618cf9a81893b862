// A signed and framed order on the WebSocket API, HMAC: what stands between a decision and the
// socket when no session.logon has taken the signature away.
#include "adapters/venues/binance/order_text.hpp"

#include <benchmark/benchmark.h>

#include "adapters/venues/common/key_testing.hpp"

namespace parallax::binance {
namespace {

constexpr std::string_view kApiKey =
    "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";

void BM_SignedWebSocketOrder(benchmark::State& state) {
    Signer signer{venue_common::testing::credentials(
        kApiKey, "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j")};
    std::string text;
    RequestText request;
    std::int64_t time = 1'645'423'376'532;
    for (auto _ : state) {
        request.clear();
        request.add("newClientOrderId", "plxa001000000001200000a");
        request.add("newOrderRespType", "ACK");
        request.add("price", "52000.00");
        request.add("quantity", "0.01000000");
        request.add("side", "SELL");
        request.add("symbol", "BTCUSDT");
        request.add("timeInForce", "IOC");
        request.add("type", "LIMIT");
        request.add("recvWindow", 100);
        request.add("timestamp", ++time);
        text.assign(R"({"id":123456789,"method":"order.place","params":)");
        request.append_json(text, &signer);
        text += '}';
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
