// The contract of ports::OrderGateway under each fault: every venue, every way to send.
#include "trader.hpp"

namespace parallax::fault_testing {
namespace {

using messages::OrderEvent;
using messages::OrderEventKind;

struct Combination {
    GatewayCase gateway;
    FaultCase fault;
};
void PrintTo(const Combination& c, std::ostream* out) {
    *out << c.gateway.name << ' ' << c.fault.name;
}

std::vector<Combination> combinations() {
    using namespace gateway_testing;
    const GatewayCase gateways[] = {{"OkxSocket", okx_parts, true},
                                    {"OkxRest", okx_parts, false},
                                    {"BybitSocket", bybit_parts, true},
                                    {"BybitRest", bybit_parts, false},
                                    {"BinanceSpotSocket", binance_spot_parts, true},
                                    {"BinanceSpotRest", binance_spot_parts, false},
                                    {"BinanceSpotFix", binance_fix_parts, true},
                                    {"BinanceUsdmSocket", binance_usdm_parts, true},
                                    {"BinanceUsdmRest", binance_usdm_parts, false}};
    std::vector<Combination> out;
    for (const GatewayCase& gateway : gateways) {
        const bool usdm_stream = gateway.sockets && gateway.parts == binance_usdm_parts;
        for (const FaultCase& fault : order_faults()) {
            if (fault.strikes == FaultCase::kMessages && !gateway.sockets) continue;
            if (fault.strikes == FaultCase::kBinanceSocket && !usdm_stream) continue;
            if (fault.strikes == FaultCase::kFix && gateway.parts != binance_fix_parts) continue;
            out.push_back({gateway, fault});
        }
    }
    return out;
}

class GatewayFaults : public ::testing::TestWithParam<Combination> {};

TEST_P(GatewayFaults, TheContractHolds) {
    const FaultCase& fault = GetParam().fault;
    Trader t{GetParam().gateway, fault_seed()};
    t.run(Nanos::seconds(1));
    const std::uint64_t accidents = t.world.accidents();
    const std::string symbol = t.parts.has_spot ? t.parts.spot : t.parts.perpetual;
    t.world.begin(fault, t.door(), symbol);
    t.run(Nanos::millis(4'500));
    EXPECT_TRUE(t.world.struck_all());
    EXPECT_TRUE(fault.strikes != FaultCase::kMessages || t.world.accidents() > accidents);
    t.world.calm();
    // It comes back by itself, and goes on.
    EXPECT_TRUE(t.until([&] { return t.ready(); }, Nanos::seconds(300))) << t.gateway->waits_for();
    t.run(Nanos::seconds(1));
    t.run(Nanos::millis(800), false);
    EXPECT_TRUE(t.until([&] { return t.all_over() && t.ready(); }, Nanos::seconds(60)));
    t.world.sim().fall_quiet();
    t.run(Nanos::seconds(11), false);  // until the venue takes orders again, if they were many
    const bool gone = std::string_view{fault.name} == "Delisting";
    OrderEvent end = t.one_more(!t.parts.has_spot);
    // That the venue's clock was set shows when it refuses a request; the next one has its time.
    if (fault.sets_clock() && end.kind == OrderEventKind::Rejected) {
        t.run(Nanos::millis(200), false);
        end = t.one_more(!t.parts.has_spot);
    }
    EXPECT_EQ(end.kind, gone ? OrderEventKind::Rejected : OrderEventKind::Done)
        << to_string(end.reason.code) << ' ' << end.reason.value;
    t.run(Nanos::millis(500), false);
    t.expect_contract();
    t.expect_account_tells_balances();
    EXPECT_GT(t.shown(fault.shows), 0U) << "not counted";
    if (fault.strikes == FaultCase::kFix) {
        EXPECT_EQ(t.gateway->link(1).counters().replaced, 2U) << "each time, and no more often";
        EXPECT_EQ(t.gateway->counters().by_rest, 0U) << "there was a session all the time";
    }
    if (std::string_view{fault.name} == "TickChange") {
        EXPECT_FALSE(t.gateway->take_outdated().empty()) << "nobody lists the new rules";
    }
}

INSTANTIATE_TEST_SUITE_P(All, GatewayFaults, ::testing::ValuesIn(combinations()),
                         [](const auto& c) {
                             return std::string{c.param.gateway.name} + c.param.fault.name;
                         });

}  // namespace
}  // namespace parallax::fault_testing
