// Any bytes from the venue, as message, acknowledgement, list or account of either product: no
// crash, no byte read outside, and a gateway's desk that takes whatever comes out.
#include <cstdlib>

#include "adapters/venues/binance/account.hpp"
#include "adapters/venues/binance/instruments.hpp"
#include "adapters/venues/binance/order_gateway.hpp"
#include "adapters/venues/common/key_testing.hpp"

namespace {

using namespace parallax;

const Universe& listed() {
    static const Universe universe = [] {
        Universe all;
        for (const Market market : {Market::BinanceSpot, Market::BinanceUsdm}) {
            if (!all.list(binance::infer_definition(market, "BTCUSDT", 4, 4))) std::abort();
        }
        return all;
    }();
    return universe;
}

void try_all(binance::Product product, std::string_view text) {
    static binance::Signer signer{
        venue_common::testing::credentials("key", "TESTSECRET0123456789")};
    const UnixNanos now = UnixNanos::from_millis(1'700'000'000'000);
    binance::OrderSettings settings;
    settings.product = product;
    binance::Orders orders{listed(), signer, "test", settings};
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
        // Recent fills: a page of trades, then the order of one.
        for (int page = 0; page < 2; ++page) {
            const auto next = orders.read(question, text, in);
            take();
            if (!next || next->empty()) break;
            question.cursor = *next;
        }
    }
    (void)orders.read_stream_key(text);
    desk.rescale({listed().symbols().front().id, 2, 2});
    venue_common::RestAnswer answer;
    answer.status = 200;
    answer.body = text;
    std::vector<venue_common::OrderAck> acks;
    orders.read_acks(answer, 1, acks);
    orders.read_acks(answer, 2, acks);
    binance::AccountSettings account;
    account.product = product;
    binance::Accounts accounts{listed(), account};
    for (int topic = 0; topic <= static_cast<int>(ports::AccountTopic::DeadMan); ++topic) {
        ports::AccountRequest request;
        request.topic = static_cast<ports::AccountTopic>(topic);
        ports::AccountFacts facts;
        for (unsigned step = 0; step < accounts.steps(request); ++step)
            (void)accounts.read(request, step, answer, facts);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    try_all(binance::Product::Spot, text);
    try_all(binance::Product::Usdm, text);
    return 0;
}
