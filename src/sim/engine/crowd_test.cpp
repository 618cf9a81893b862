#include "sim/engine/crowd.hpp"

#include "core/archive.hpp"
#include "sim/engine/test_support.hpp"

namespace parallax::sim_engine {
namespace {

struct Party {
    SimVenue binance{{.venue = Venue::Binance, .discount_asset = "BNB"}};
    SimVenue okx{{.venue = Venue::Okx}};
    SimVenue bybit{{.venue = Venue::Bybit}};
    CrowdSettings settings;
    Crowd crowd;
    explicit Party(std::uint64_t seed) : crowd{settings, seed} {
        for (SimVenue* venue : venues()) crowd.join(*venue);
    }
    std::array<SimVenue*, 3> venues() { return {&binance, &okx, &bybit}; }
    void clear() {
        for (SimVenue* venue : venues()) venue->clear_events();
    }
    void run(std::int64_t ms) { crowd.advance(settings.prices.start + Nanos::millis(ms)); }
    std::uint64_t hash() {
        StateHasher hasher;
        hasher(binance, okx, bybit, crowd);
        return hasher.value();
    }
};

/// Of everything public that was told.
std::uint64_t event_hash(Party& party) {
    StateHasher hasher;
    for (SimVenue* venue : party.venues()) {
        for (const PublicEvent& event : venue->public_events()) {
            hasher(event.number, event.time, event.body.index());
            if (const auto* trade = std::get_if<TradePrint>(&event.body))
                hasher(trade->listing, trade->trade, trade->price, trade->quantity, trade->maker);
            if (const auto* level = std::get_if<LevelChange>(&event.body))
                hasher(level->listing, level->price, level->after, level->orders, level->update);
            if (const auto* best = std::get_if<BestChange>(&event.body)) hasher(*best);
            if (const auto* mark = std::get_if<MarkChange>(&event.body))
                hasher(mark->listing, mark->index, mark->mark, mark->funding_rate);
        }
    }
    return hasher.value();
}

TEST(Crowd, SameSeedSameStateAndAnotherSeedAnother) {
    Party a{5}, b{5}, c{6};
    a.run(3'000);
    for (int ms = 0; ms <= 3'000; ms += 7) b.run(ms);  // in small steps: the same
    b.run(3'000);
    c.run(3'000);
    EXPECT_EQ(a.hash(), b.hash());
    EXPECT_NE(a.hash(), c.hash());
    EXPECT_EQ(event_hash(a), event_hash(b));
    EXPECT_NE(event_hash(a), event_hash(c));
}

TEST(Crowd, StateWrittenAndReadGoesOnAlike) {
    Party a{9};
    a.run(2'000);
    std::vector<std::byte> bytes;
    StateWriter writer{bytes};
    writer(a.binance, a.okx, a.bybit, a.crowd);
    Party b{9};
    StateReader reader{bytes};
    reader(b.binance, b.okx, b.bybit, b.crowd);
    ASSERT_TRUE(reader.finished());
    EXPECT_EQ(a.hash(), b.hash());
    a.run(4'000);
    b.run(4'000);
    EXPECT_EQ(a.hash(), b.hash());
    EXPECT_TRUE(b.binance.audit());
}

TEST(Crowd, BooksLiveAndEverythingIsConserved) {
    Party party{3};
    std::size_t trades = 0;
    for (int s = 1; s <= 60; ++s) {
        party.run(s * 1'000);
        for (SimVenue* venue : party.venues()) {
            for (const PublicEvent& event : venue->public_events())
                trades += std::holds_alternative<TradePrint>(event.body) ? 1 : 0;
        }
        party.clear();
        if (s % 10 != 0) continue;
        for (SimVenue* venue : party.venues()) {
            ASSERT_TRUE(venue->audit());
            for (std::uint32_t i = 0; i < venue->listings(); ++i) {
                const ListingId id{i};
                const Listing& listing = venue->listing(id);
                const Book& book = venue->book(id);
                for (const Side side : {Side::Buy, Side::Sell})
                    ASSERT_GE(book.levels(side).size(), 15U) << listing.definition.venue_symbol;
                const Level bid = book.top(Side::Buy);
                const Level ask = book.top(Side::Sell);
                ASSERT_LT(bid.price, ask.price);
                // Within 1 % of the index, or ten ticks where a tick is as large as that.
                const std::int64_t index = venue->desk(id).index.raw();
                const std::int64_t room = index / 100 + 10 * listing.tick.raw();
                EXPECT_GT(bid.price.raw(), index - room) << listing.definition.venue_symbol;
                EXPECT_LT(ask.price.raw(), index + room) << listing.definition.venue_symbol;
            }
        }
    }
    EXPECT_GT(trades, 3'000U);
}

TEST(Crowd, TradesWithOthersWhoseOrdersAreGood) {
    Party party{4};
    party.run(1'000);
    AccountSettings s;
    const AccountId me = party.okx.open_account(s);
    party.okx.grant(me, Wallet::Trading, *party.okx.find_asset("USDT"), Amount::units(1'000'000));
    const ListingId id = *party.okx.find_listing(Market::Okx, "BTC-USDT");
    NewOrder o;
    o.account = me;
    o.listing = id;
    o.price = party.okx.book(id).best(Side::Buy).price + party.okx.listing(id).tick;
    o.quantity = *party.okx.listing(id).parse_quantity("0.01");
    const OrderId order = *party.okx.place(o, party.okx.now());
    party.run(61'000);
    EXPECT_EQ(party.okx.order(order)->status, OrderStatus::Filled);
    EXPECT_TRUE(party.okx.audit());
}

TEST(Crowd, EveryVenueHasTheInstrumentsOfTheWorld) {
    Party party{1};
    for (const auto& [market, symbol] :
         {std::pair{Market::BinanceSpot, "BTCUSDT"}, std::pair{Market::BinanceSpot, "ETHUSDC"},
          std::pair{Market::BinanceSpot, "ETHBTC"}, std::pair{Market::BinanceSpot, "PEPEUSDT"},
          std::pair{Market::BinanceUsdm, "1000PEPEUSDT"}}) {
        EXPECT_TRUE(party.binance.find_listing(market, symbol)) << symbol;
    }
    for (const char* symbol : {"BTC-USDT-SWAP", "PEPE-USDT-SWAP", "ETH-BTC", "BTC-USDC"})
        EXPECT_TRUE(party.okx.find_listing(Market::Okx, symbol)) << symbol;
    for (const char* symbol : {"BTCUSDT", "1000PEPEUSDT", "DOGEUSDT"})
        EXPECT_TRUE(party.bybit.find_listing(Market::BybitLinear, symbol)) << symbol;
}

}  // namespace
}  // namespace parallax::sim_engine
