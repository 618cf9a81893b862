// Any bytes from a venue, as message, acknowledgement, list or account: no crash, no byte read
// outside, and a gateway's desk that takes whatever comes out.
#include <cstdlib>

#include "adapters/venues/bybit/account.hpp"
#include "adapters/venues/bybit/instruments.hpp"
#include "adapters/venues/bybit/order_gateway.hpp"
#include "adapters/venues/common/key_testing.hpp"

namespace {

using namespace parallax;

const Universe& listed() {
    static const Universe universe = [] {
        Universe all;
        for (const Market market : {Market::BybitSpot, Market::BybitLinear}) {
            if (!all.list(bybit::infer_definition(market, "BTCUSDT", 4, 4))) std::abort();
        }
        return all;
    }();
    return universe;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const bybit::Signer signer{
        venue_common::testing::credentials("key", "TESTSECRET0123456789"), 5'000};
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const UnixNanos now = UnixNanos::from_millis(1'700'000'000'000);
    bybit::Orders orders{listed(), signer, "test", {}};
    venue_common::DeskConfig config;
    config.tag = "test";
    venue_common::OrderDesk desk{listed(), config};
    venue_common::Incoming in;
    const auto take = [&] {
        for (const auto& fill : in.fills) (void)desk.on(fill, now);
        for (const auto& report : in.orders) (void)desk.on(report, now);
        in.clear();
    };
    orders.read(0, text, now, in);
    take();
    for (int what = 0; what < 4; ++what) {
        venue_common::Question question;
        question.what = static_cast<venue_common::Question::What>(what);
        (void)orders.read(question, text, in);
        take();
    }
    desk.rescale({listed().symbols().front().id, 2, 2});
    venue_common::RestAnswer answer;
    answer.status = 200;
    answer.code = 0;
    answer.body = text;
    std::vector<venue_common::OrderAck> acks;
    orders.read_acks(answer, 1, acks);
    bybit::Accounts accounts{listed(), "test"};
    for (int topic = 0; topic <= static_cast<int>(ports::AccountTopic::DeadMan); ++topic) {
        ports::AccountRequest request;
        request.topic = static_cast<ports::AccountTopic>(topic);
        ports::AccountFacts facts;
        (void)accounts.read(request, 0, answer, facts);
    }
    return 0;
}
