// The session's money: whatever the paper venue does, the ledger agrees with it to the last unit.
#include "app/session.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "sim/market/synthetic_market.hpp"

namespace parallax::app {
namespace {

constexpr std::string_view kStamp = "1767254400000";  ///< the market's next funding, ms
constexpr Nanos kFundingEvery = Nanos::seconds(2);

/// The frame with its funding stamp moved to the next multiple of a short period.
std::string with_early_funding(const sim_market::Frame& raw) {
    std::string bytes{raw.bytes};
    const std::size_t at = bytes.find(kStamp);
    if (at == std::string::npos) return bytes;
    const std::int64_t period = kFundingEvery.count();
    const std::int64_t next = (raw.received.nanos() / period + 1) * period;
    return bytes.replace(at, kStamp.size(), std::to_string(next / 1'000'000));
}

void run(Session& session, int frames) {
    ASSERT_TRUE(session.open());
    sim_market::SyntheticMarket market{sim_market::Config{}, 1};
    for (const InstrumentDefinition& definition : market.instruments()) session.define(definition);
    sim_market::Frame raw;
    for (int i = 0; i < frames; ++i) {
        market.next(raw);
        const std::string bytes = with_early_funding(raw);
        ports::Frame frame;
        frame.received = raw.received;
        frame.market = raw.market;
        frame.bytes = bytes;
        frame.symbol = raw.snapshot_of;
        session.on_frame(frame);
    }
    ASSERT_TRUE(session.finish());
}

TEST(Session, FundingReachesTheLedgerAndBothAgree) {
    Settings settings;
    settings.fees = *FeeSchedule::named("zero");
    Session session{settings, {}};
    run(session, 120'000);
    EXPECT_GT(session.paper()->venue().counters().fundings, 0u) << "no position at any stamp";
    EXPECT_TRUE(session.paper()->venue().quiet());
    EXPECT_TRUE(session.consistent());
    Amount paid;
    for (const portfolio::Conservation& asset : session.pipeline().portfolio().conservation())
        paid += asset.funding.magnitude();
    EXPECT_GT(paid, Amount{});
}

/// A venue's new rules replace the old ones of a listing that trades; a finer tick makes the scale
/// grow, and a gateway's open orders with it.
TEST(Session, RulesThatChangeAreTakenOver) {
    struct Heard final : Execution {
        void submit(std::span<const messages::OrderRequest>, UnixNanos) override {}
        void advance(UnixNanos) override {}
        [[nodiscard]] UnixNanos next_due() const noexcept override {
            return UnixNanos::from_nanos(INT64_MAX);
        }
        bool deliver(Pipeline&) override { return false; }
        void report_balances(Pipeline&, UnixNanos) override {}
        [[nodiscard]] bool quiet() const noexcept override { return true; }
        void rescale(const Rescale& change) override { digits += change.price_digits; }
        [[nodiscard]] Amount balance(Market, AssetId) const override { return {}; }
        int digits = 0;
    };
    Heard* heard = nullptr;
    Session session{Settings{}, {}, [&](const Pipeline&) {
                        auto made = std::make_unique<Heard>();
                        heard = made.get();
                        return made;
                    }};
    ASSERT_TRUE(session.open());
    UnixNanos now = UnixNanos::from_millis(1'767'225'600'000);
    const auto tell = [&](const std::string& status, const std::string& tick) {
        const std::string bytes =
            R"({"symbols":[{"symbol":"BTCUSDT","baseAsset":"BTC","quoteAsset":"USDT","status":")" +
            status + R"(","filters":[{"filterType":"PRICE_FILTER","minPrice":"0","maxPrice":"0",)" +
            R"("tickSize":")" + tick +
            R"("},{"filterType":"LOT_SIZE","minQty":"0","maxQty":"0","stepSize":"0.001"}]}]})";
        ports::Frame frame;
        frame.received = now = now + Nanos::seconds(1);
        frame.market = Market::BinanceSpot;
        frame.kind = ports::FrameKind::RestBody;
        frame.url = "https://localhost/api/v3/exchangeInfo";
        frame.bytes = bytes;
        session.on_frame(frame);
    };
    const auto listing = [&]() -> const Instrument& {
        const Universe& universe = session.pipeline().universe();
        return universe.instrument(*universe.find(Market::BinanceSpot, "BTCUSDT"));
    };
    const auto tick = [&] {
        return session.pipeline().universe().price_text(listing().id, listing().tick);
    };
    tell("TRADING", "0.10");
    ports::Frame trade;  // the listing appears with its first message
    trade.received = now = now + Nanos::seconds(1);
    trade.market = Market::BinanceSpot;
    trade.bytes =
        R"({"e":"trade","E":1767225602000,"s":"BTCUSDT","t":1,"p":"90000.10","q":"0.001","T":1767225602000,"m":true,"M":true})";
    session.on_frame(trade);
    ASSERT_TRUE(session.pipeline().universe().find(Market::BinanceSpot, "BTCUSDT"));
    EXPECT_EQ(listing().status, InstrumentStatus::Trading);
    EXPECT_EQ(tick(), "0.1");
    const std::uint64_t version = session.pipeline().universe().version();
    tell("TRADING", "0.10");
    EXPECT_EQ(session.pipeline().universe().version(), version) << "nothing is new";
    tell("BREAK", "0.5");
    EXPECT_EQ(listing().status, InstrumentStatus::Halted);
    EXPECT_EQ(tick(), "0.5");
    tell("TRADING", "0.0001");
    EXPECT_EQ(listing().status, InstrumentStatus::Trading);
    EXPECT_EQ(tick(), "0.0001");
    EXPECT_EQ(heard->digits, 3);
}

/// Trading did not hear of listings: a rest could only go back to the legs of its plan.
TEST(Session, TradingKnowsEveryListingItCanHedgeOn) {
    Settings settings;
    Session session{settings, {}};
    run(session, 2'000);
    const Pipeline& pipeline = session.pipeline();
    for (const Instrument& listing : pipeline.universe().instruments()) {
        const auto known = pipeline.trading().listings(listing.base);
        EXPECT_NE(std::find(known.begin(), known.end(), listing.id), known.end())
            << listing.venue_symbol;
    }
}
TEST(Session, OpeningBalancesAreExposure) {
    Settings settings;
    Session session{settings, {}};
    run(session, 2'000);
    const Pipeline& pipeline = session.pipeline();
    const AssetId usdt = *pipeline.universe().find_asset("USDT");
    EXPECT_EQ(pipeline.risk().exposures().asset(usdt).net,
              pipeline.portfolio().ledger().holdings(Market::BinanceSpot, usdt) +
                  pipeline.portfolio().ledger().holdings(Market::Okx, usdt) +
                  pipeline.portfolio().ledger().holdings(Market::BybitSpot, usdt) +
                  pipeline.portfolio().ledger().holdings(Market::BinanceUsdm, usdt));
}
TEST(Session, WhatTheGatewayHasNoRoomForIsRejectedAndThePlanEnds) {
    Settings settings;
    settings.fees = *FeeSchedule::named("zero");
    settings.paper.max_in_flight = 1;  // of two legs one finds no room
    Session session{settings, {}};
    run(session, 60'000);
    const Pipeline::PlanCounts& plans = session.pipeline().plan_counts();
    EXPECT_GT(plans.sent, 0u);
    EXPECT_GT(plans.legged + plans.unwound + plans.missed, 0u);
    EXPECT_EQ(session.pipeline().trading().open_plans(), 0u);
    EXPECT_TRUE(session.consistent());
}

}  // namespace
}  // namespace parallax::app
