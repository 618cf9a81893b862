#include "services/analytics/crosses.hpp"

#include <rapidcheck.h>

#include <map>

namespace parallax::analytics {
namespace {

InstrumentDefinition definition(Market market, InstrumentKind kind, const char* symbol,
                                const char* quote, const char* contract = "") {
    InstrumentDefinition d;
    d.market = market;
    d.kind = kind;
    d.venue_symbol = symbol;
    d.base = "BTC";
    d.quote = quote;
    d.settle = is_inverse(kind) ? "BTC" : quote;
    d.tick = "0.1";
    d.lot = is_inverse(kind) ? "1" : "0.001";
    d.contract_size = contract;
    return d;
}

struct Fixture {
    Universe universe;
    InstrumentId spot =
        universe.list(definition(Market::BinanceSpot, InstrumentKind::Spot, "BTCUSDT", "USDT"))->id;
    InstrumentId other =
        universe.list(definition(Market::Okx, InstrumentKind::Spot, "BTC-USDT", "USDT"))->id;
    InstrumentId inverse =
        universe
            .list(definition(Market::BinanceCoinm, InstrumentKind::InversePerpetual, "BTCUSD_PERP",
                             "USD", "100"))
            ->id;
};

messages::BestQuote quote(InstrumentId id, std::int64_t ms, std::int64_t bid, std::int64_t ask,
                          std::int64_t size = 1'000) {
    messages::BestQuote q;
    q.instrument = id;
    q.stamp.received = UnixNanos::from_millis(ms);
    q.bid = {Price::from_raw(bid), Quantity::from_raw(size)};
    q.ask = {Price::from_raw(ask), Quantity::from_raw(size)};
    return q;
}

const CrossReport& find(const std::vector<CrossReport>& reports, InstrumentId buy,
                        InstrumentId sell, Rate threshold) {
    for (const CrossReport& report : reports) {
        if (report.buy == buy && report.sell == sell && report.threshold == threshold)
            return report;
    }
    throw std::runtime_error("no such report");
}

TEST(Crosses, ComparesDollarsWithStablecoinsButNotWithCoins) {
    Fixture f;
    const InstrumentId dearer =
        f.universe.list(definition(Market::Okx, InstrumentKind::Spot, "BTC-ETH", "ETH"))->id;
    Crosses crosses{f.universe, {Rate{}}};
    for (const InstrumentId id : {f.spot, f.inverse, dearer}) crosses.on(quote(id, 1, 10, 11));
    const auto reports = crosses.report();
    ASSERT_EQ(reports.size(), 2U);  // spot in USDT and the contract in USD, both ways
    for (const CrossReport& report : reports) {
        EXPECT_NE(report.buy, dearer);
        EXPECT_NE(report.sell, dearer);
    }
}

TEST(Crosses, MeasureAnEpisodeFromTheFirstCrossedToTheFirstUncrossedMessage) {
    Fixture f;
    Crosses crosses{f.universe, {Rate{}, Rate::basis_points(100)}};
    crosses.on(quote(f.spot, 1, 9'990, 10'000));
    crosses.on(quote(f.other, 2, 10'005, 10'010, 400));  // 5 bp above
    crosses.on(quote(f.spot, 7, 10'004, 10'006));
    crosses.on(quote(f.other, 9, 10'003, 10'009));
    const auto reports = crosses.report();
    EXPECT_EQ(reports.size(), 4U);
    const CrossReport& report = find(reports, f.spot, f.other, Rate{});
    EXPECT_EQ(report.episodes, 1U);
    EXPECT_EQ(report.total, Nanos::millis(5));
    EXPECT_EQ(report.max_base_quantity.text(), "0.4");
    EXPECT_EQ(find(reports, f.spot, f.other, Rate::basis_points(100)).episodes, 0U);
    EXPECT_EQ(find(reports, f.other, f.spot, Rate{}).episodes, 0U);
}

TEST(Crosses, CloseAnOpenEpisodeAtTheEarlierLastMessage) {
    Fixture f;
    Crosses crosses{f.universe, {Rate{}}};
    crosses.on(quote(f.spot, 1, 9'990, 10'000));
    crosses.on(quote(f.other, 2, 10'005, 10'010));
    crosses.on(quote(f.spot, 4, 9'990, 10'000));
    crosses.on(
        quote(f.spot, 50, 20'000, 20'001));  // beyond the other's last message: outside the window
    const auto reports = crosses.report();
    const CrossReport& report = find(reports, f.spot, f.other, Rate{});
    EXPECT_EQ(report.episodes, 1U);
    EXPECT_EQ(report.total, Nanos{});  // opened by the other's last message
    EXPECT_EQ(find(reports, f.other, f.spot, Rate{}).episodes, 0U);
}

TEST(Crosses, CountInverseContractsInCoins) {
    Fixture f;
    Crosses crosses{f.universe, {Rate{}}};
    crosses.on(quote(f.spot, 1, 9'990, 10'000, 10'000));       // 10 BTC at 1000.0
    crosses.on(quote(f.inverse, 2, 20'000, 20'010, 3 * 100));  // 300 USD at 2000.0
    crosses.on(quote(f.spot, 3, 9'990, 10'000, 10'000));
    EXPECT_EQ(find(crosses.report(), f.spot, f.inverse, Rate{}).max_base_quantity.text(), "0.15");
}

TEST(Crosses, SurviveAFinerScaleInMidStream) {
    Fixture f;
    Crosses crosses{f.universe, {Rate{}}};
    crosses.on(quote(f.spot, 1, 9'990, 10'000));
    crosses.on(quote(f.other, 2, 10'005, 10'010));
    const auto change = f.universe.refine(f.spot, 2, 3);
    ASSERT_TRUE(change && *change);
    crosses.on_rescale(**change);
    crosses.on(quote(f.spot, 5, 99'900, 100'000));
    crosses.on(quote(f.other, 9, 100'050, 100'100));
    const CrossReport report = find(crosses.report(), f.spot, f.other, Rate{});
    EXPECT_EQ(report.episodes, 1U);
    EXPECT_EQ(report.total, Nanos::millis(3));  // to the spot's last message
}

/// The definition, read literally over the whole list of messages.
struct Naive {
    std::uint64_t episodes = 0;
    std::int64_t total = 0, max = 0;
};
Naive naive(const std::vector<messages::BestQuote>& all, InstrumentId buy, InstrumentId sell,
            std::int64_t threshold) {
    std::map<InstrumentId, std::pair<std::int64_t, std::int64_t>> window;
    for (const auto& q : all) {
        const std::int64_t t = q.stamp.received.nanos();
        auto& [first, last] = window.try_emplace(q.instrument, t, t).first->second;
        last = std::max(last, t);
    }
    if (!window.contains(buy) || !window.contains(sell)) return {};
    const std::int64_t end = std::min(window[buy].second, window[sell].second);
    std::int64_t ask = 0, bid = 0, since = -1;
    Naive out;
    const auto close = [&](std::int64_t t) {
        ++out.episodes;
        out.total += t - since;
        out.max = std::max(out.max, t - since);
        since = -1;
    };
    for (const auto& q : all) {
        if (q.instrument != buy && q.instrument != sell) continue;
        const std::int64_t t = q.stamp.received.nanos();
        if (t > end) break;
        (q.instrument == buy ? ask : bid) =
            q.instrument == buy ? q.ask.price.raw() : q.bid.price.raw();
        if (ask == 0 || bid == 0) continue;
        const bool above = bid * 1'000'000'000 > ask * (1'000'000'000 + threshold);
        if (above && since < 0) since = t;
        if (!above && since >= 0) close(t);
    }
    if (since >= 0) close(end);
    return out;
}

TEST(Crosses, AgreeWithTheLiteralDefinition) {
    EXPECT_TRUE(rc::check([] {
        Fixture f;
        const std::vector<Rate> thresholds{Rate{}, Rate::basis_points(5), Rate::basis_points(20)};
        Crosses crosses{f.universe, thresholds};
        std::vector<messages::BestQuote> all;
        std::int64_t ms = 1;
        const int count = *rc::gen::inRange(0, 60);
        for (int i = 0; i < count; ++i) {
            ms += *rc::gen::inRange(0, 3);
            const InstrumentId id = *rc::gen::element(f.spot, f.other);
            const std::int64_t bid = *rc::gen::inRange(9'980, 10'020);
            all.push_back(quote(id, ms, bid, bid + *rc::gen::inRange(1, 4)));
            crosses.on(all.back());
        }
        for (const CrossReport& report : crosses.report()) {
            const Naive expected = naive(all, report.buy, report.sell, report.threshold.raw());
            RC_ASSERT(report.episodes == expected.episodes);
            RC_ASSERT(report.total.count() == expected.total);
            RC_ASSERT(report.max.count() == expected.max);
        }
    }));
}

}  // namespace
}  // namespace parallax::analytics
