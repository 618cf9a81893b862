#include "core/instrument.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "core/archive.hpp"

namespace parallax {
namespace {

InstrumentDefinition spot(Market market, std::string symbol, std::string tick, std::string lot) {
    InstrumentDefinition d;
    d.market = market;
    d.kind = InstrumentKind::Spot;
    d.venue_symbol = std::move(symbol);
    d.base = "BTC";
    d.quote = "USDT";
    d.tick = std::move(tick);
    d.lot = std::move(lot);
    return d;
}

InstrumentDefinition okx_swap() {
    auto d = spot(Market::Okx, "BTC-USDT-SWAP", "0.1", "0.01");
    d.kind = InstrumentKind::LinearPerpetual;
    d.settle = "USDT";
    d.contract_size = "0.01";
    return d;
}

InstrumentDefinition coin_margined() {
    auto d = spot(Market::BinanceCoinm, "BTCUSD_PERP", "0.1", "1");
    d.kind = InstrumentKind::InversePerpetual;
    d.quote = "USD";
    d.settle = "BTC";
    d.contract_size = "100";
    return d;
}

Universe reread(const Universe& universe) {
    std::vector<std::byte> bytes;
    StateWriter writer{bytes};
    writer(universe);
    Universe copy;
    StateReader reader{bytes};
    reader(copy);
    EXPECT_TRUE(reader.finished());
    return copy;
}

Errc refusal(Universe& universe, const InstrumentDefinition& definition) {
    const auto result = universe.list(definition);
    EXPECT_FALSE(result);
    return result ? Errc::Unknown : result.error().code;
}

TEST(Universe, GivesDenseIdsInOrderOfArrival) {
    Universe u;
    const auto a = u.list(spot(Market::BinanceSpot, "BTCUSDT", "0.01", "0.00001"));
    const auto b = u.list(spot(Market::BybitSpot, "BTCUSDT", "0.01", "0.000001"));
    ASSERT_TRUE(a && b);
    EXPECT_EQ(a->id, InstrumentId{0});
    EXPECT_EQ(b->id, InstrumentId{1});
    EXPECT_EQ(u.instrument(a->id).symbol, u.instrument(b->id).symbol) << "one symbol at two venues";
    EXPECT_EQ(u.symbols().size(), 1U);
    EXPECT_EQ(u.find(Market::BybitSpot, "BTCUSDT"), b->id);
    EXPECT_EQ(u.find(Market::Okx, "BTCUSDT"), std::nullopt);
    EXPECT_EQ(u.asset_name(u.instrument(a->id).quote), "USDT");
    EXPECT_EQ(u.find_asset("DOGE"), std::nullopt);
}

TEST(Universe, NamesSymbolsAsTheFieldDoes) {
    EXPECT_EQ(canonical_name(spot(Market::Okx, "BTC-USDT", "", "")), "BTC/USDT");
    EXPECT_EQ(canonical_name(okx_swap()), "BTC/USDT:USDT");
    EXPECT_EQ(canonical_name(coin_margined()), "BTC/USD:BTC");
    auto dated = coin_margined();
    dated.kind = InstrumentKind::InverseFuture;
    dated.expiry_code = "211231";
    EXPECT_EQ(canonical_name(dated), "BTC/USD:BTC-211231");
    auto silent = okx_swap();
    silent.settle.clear();
    EXPECT_EQ(canonical_name(silent), "BTC/USDT:USDT")
        << "linear settles in quote unless said otherwise";
}

TEST(Universe, AFinerVenueGrowsTheScaleForAll) {
    Universe u;
    const auto coarse = u.list(spot(Market::BinanceSpot, "BTCUSDT", "0.01", "0.001"));
    ASSERT_TRUE(coarse);
    EXPECT_FALSE(coarse->rescaled) << "nobody holds numbers of a new symbol";
    const auto fine = u.list(spot(Market::Okx, "BTC-USDT", "0.0001", "0.00001"));
    ASSERT_TRUE(fine && fine->rescaled);
    EXPECT_EQ(fine->rescaled->price_digits, 2);
    EXPECT_EQ(fine->rescaled->quantity_digits, 2);
    EXPECT_EQ(u.symbol_of(coarse->id).price_scale, Scale{4});
    EXPECT_EQ(u.instrument(coarse->id).tick, Price::from_raw(100)) << "still 0.01";
    EXPECT_EQ(u.instrument(coarse->id).lot, Quantity::from_raw(100)) << "still 0.001";
    EXPECT_EQ(u.instrument(coarse->id).wire, (WireFormat{4, 5, 1}));
}

TEST(Universe, ACoarserRuleNeverShrinksTheScale) {
    Universe u;
    const auto id = u.list(spot(Market::BinanceSpot, "BTCUSDT", "0.0001", "0.001"))->id;
    const auto again = u.list(spot(Market::BinanceSpot, "BTCUSDT", "0.1", "0.1"));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->id, id);
    EXPECT_FALSE(again->rescaled);
    EXPECT_EQ(u.symbol_of(id).price_scale, Scale{4});
    EXPECT_EQ(u.instrument(id).tick, Price::from_raw(1000));
    EXPECT_EQ(u.symbol_of(id).instruments.size(), 1U);
}

TEST(Universe, ReadsContractsIntoBaseUnitsAndBack) {
    Universe u;
    const auto id = u.list(okx_swap())->id;
    const Instrument& swap = u.instrument(id);
    EXPECT_EQ(u.symbol_of(id).quantity_scale, Scale{4});  // 0.01 contract of 0.01 BTC
    EXPECT_EQ(swap.wire, (WireFormat{1, 2, 1}));
    EXPECT_EQ(swap.lot, Quantity::from_raw(1));
    const auto contracts = parse_decimal("12.34", swap.wire.quantity_decimals);
    ASSERT_TRUE(contracts);
    const auto quantity = Quantity::from_raw(*contracts * swap.wire.quantity_multiplier);
    EXPECT_EQ(quantity.text(u.symbol_of(id).quantity_scale), "0.1234") << "BTC";
    EXPECT_EQ(u.venue_quantity(id, quantity), "12.34");
    EXPECT_EQ(u.price_text(id, Price::from_raw(630'125)), "63012.5");
}

TEST(Universe, ContractTextMakesTheRoundTripAtAnySize) {
    EXPECT_TRUE(rc::check("contracts", [] {
        Universe u;
        auto d = okx_swap();
        const auto mantissa = *rc::gen::inRange<std::int64_t>(1, 2'000);
        d.contract_size = format_decimal(mantissa, *rc::gen::inRange<std::uint8_t>(0, 5));
        const auto listed = u.list(d);
        RC_ASSERT(listed.has_value());
        const WireFormat& wire = u.instrument(listed->id).wire;
        const std::string text = format_decimal(*rc::gen::inRange<std::int64_t>(0, 1'000'000), 2);
        const auto raw = parse_decimal(text, wire.quantity_decimals);
        RC_ASSERT(raw.has_value());
        RC_ASSERT(u.venue_quantity(listed->id,
                                   Quantity::from_raw(*raw * wire.quantity_multiplier)) == text);
    }));
}

TEST(Universe, InverseSizesAreQuoteUnits) {
    Universe u;
    const auto id = u.list(coin_margined())->id;
    EXPECT_EQ(u.instrument(id).wire, (WireFormat{1, 0, 100}));
    const auto price = Price::from_raw(500'000);         // 50,000.0 USD
    const auto quantity = Quantity::from_raw(25 * 100);  // 25 contracts
    EXPECT_EQ(u.quote_value(id, price, quantity, Rounding::Down), Amount::units(2'500));
    EXPECT_EQ(u.base_value(id, price, quantity, Rounding::Down), Amount::parse("0.05").value());
    EXPECT_EQ(u.venue_quantity(id, quantity), "25");
    const auto third = Price::from_raw(300'000);
    EXPECT_EQ(u.base_value(id, third, quantity, Rounding::Up) -
                  u.base_value(id, third, quantity, Rounding::Down),
              Amount::from_raw(1));
}

TEST(Universe, LinearSizesAreBaseUnits) {
    Universe u;
    const auto id = u.list(okx_swap())->id;
    const auto price = Price::from_raw(500'000);      // 50,000.0
    const auto quantity = Quantity::from_raw(1'234);  // 0.1234 BTC
    EXPECT_EQ(u.quote_value(id, price, quantity, Rounding::Down), Amount::units(6'170));
    EXPECT_EQ(u.base_value(id, price, quantity, Rounding::Down), Amount::parse("0.1234").value());
}

TEST(Universe, RefinesTheScaleWhenAMessageIsFinerThanPromised) {
    Universe u;
    const auto id = u.list(spot(Market::BinanceSpot, "BTCUSDT", "0.01", "0.001"))->id;
    const auto other = u.list(spot(Market::Okx, "BTC-USDT", "0.1", "0.001"))->id;
    const auto version = u.version();
    const auto rescale = u.refine(id, 3, 3);
    ASSERT_TRUE(rescale && *rescale);
    EXPECT_EQ((*rescale)->price_digits, 1);
    EXPECT_EQ((*rescale)->quantity_digits, 0);
    EXPECT_GT(u.version(), version);
    EXPECT_EQ(u.instrument(id).tick, Price::from_raw(10)) << "the promised tick stays 0.01";
    EXPECT_EQ(u.instrument(other).tick, Price::from_raw(100));
    EXPECT_FALSE(u.refine(id, 2, 2).value()) << "fits already";
}

TEST(Universe, AnInferredTickFollowsTheDigitsSeen) {
    Universe u;
    auto guessed = spot(Market::BinanceSpot, "BTCUSDT", "0.1", "0.1");
    guessed.inferred = true;
    const auto id = u.list(guessed)->id;
    ASSERT_TRUE(u.refine(id, 3, 1).value());
    EXPECT_EQ(u.instrument(id).tick, Price::from_raw(1));
    ASSERT_TRUE(u.list(spot(Market::Okx, "BTC-USDT", "0.00001", "0.1")));
    EXPECT_EQ(u.instrument(id).tick, Price::from_raw(100));
    EXPECT_FALSE(u.refine(id, 4, 1).value()) << "the symbol's scale is finer already";
    EXPECT_EQ(u.instrument(id).tick, Price::from_raw(10)) << "but this listing's tick is finer now";
}

TEST(Universe, HugeLimitsAreNoLimits) {
    Universe u;
    auto d = spot(Market::BinanceSpot, "BTCUSDT", "0.01", "0.00000001");
    d.max_quantity = "9999999999999";  // beyond int64 at 8 decimals
    d.max_market_quantity = "90000";
    d.max_price = "99999999999999999999";
    const auto id = u.list(d);
    ASSERT_TRUE(id);
    EXPECT_TRUE(u.instrument(id->id).max_quantity.is_zero());
    EXPECT_EQ(u.instrument(id->id).max_market_quantity, Quantity::from_raw(9'000'000'000'000));
    EXPECT_EQ(u.instrument(id->id).max_price.raw(), 0);
}

TEST(Universe, WithoutARuleAnyStepGoes) {
    Universe u;
    auto d = coin_margined();
    d.lot.clear();
    d.tick.clear();
    const auto id = u.list(d)->id;
    EXPECT_EQ(u.instrument(id).tick, Price::from_raw(1));
    EXPECT_EQ(u.instrument(id).lot, Quantity::from_raw(100)) << "one contract";
}

TEST(Universe, RefusesDefinitionsThatMakeNoSense) {
    Universe u;
    const auto with = [](auto change) {
        auto d = okx_swap();
        change(d);
        return d;
    };
    EXPECT_EQ(refusal(u, with([](auto& d) { d.venue_symbol.clear(); })), Errc::Malformed);
    EXPECT_EQ(refusal(u, with([](auto& d) { d.base.clear(); })), Errc::Malformed);
    EXPECT_EQ(refusal(u, with([](auto& d) { d.tick = "1e-8"; })), Errc::Malformed);
    EXPECT_EQ(refusal(u, with([](auto& d) { d.tick = "-0.1"; })), Errc::Malformed);
    EXPECT_EQ(refusal(u, with([](auto& d) { d.max_quantity = "lots"; })), Errc::Malformed);
    EXPECT_EQ(refusal(u, with([](auto& d) { d.min_notional = "-5"; })), Errc::Malformed);
    EXPECT_EQ(refusal(u, with([](auto& d) { d.funding_cap = "x"; })), Errc::Malformed);
    EXPECT_EQ(refusal(u, with([](auto& d) { d.contract_size = "0"; })), Errc::Unrepresentable);
    EXPECT_EQ(refusal(u, with([](auto& d) { d.tick = "0.0000000000000000001"; })),
              Errc::Unrepresentable);
    EXPECT_EQ(refusal(u, with([](auto& d) { d.lot = "0." + std::string(250, '0') + "1"; })),
              Errc::Unrepresentable);
    EXPECT_EQ(refusal(u, with([](auto& d) { d.min_quantity = "99999999999999999999"; })),
              Errc::Unrepresentable);
    EXPECT_EQ(refusal(u, with([](auto& d) { d.market = static_cast<Market>(200); })),
              Errc::Malformed);
    EXPECT_EQ(refusal(u, with([](auto& d) { d.kind = InstrumentKind::LinearFuture; })),
              Errc::Malformed);
    EXPECT_EQ(state_hash(u), state_hash(Universe{})) << "nothing stays behind";
    EXPECT_EQ(u.version(), 0U);
}

TEST(Universe, ARefusedDefinitionLeavesNoTrace) {
    Universe u;
    const auto id = u.list(spot(Market::BinanceSpot, "BTCUSDT", "0.01", "0.001"))->id;
    const auto before = state_hash(u);
    auto bad = spot(Market::Okx, "BTC-USDT", "0.0001", "0.00001");  // would grow both scales
    bad.min_notional = "five";
    EXPECT_EQ(refusal(u, bad), Errc::Malformed);
    auto moved = spot(Market::BinanceSpot, "BTCUSDT", "0.0001", "0.001");
    moved.quote = "USDC";
    EXPECT_EQ(refusal(u, moved), Errc::Rejected);
    EXPECT_FALSE(u.refine(id, 19, 0));
    EXPECT_EQ(state_hash(u), before);
    EXPECT_EQ(u.symbol_of(id).price_scale, Scale{2});
    EXPECT_EQ(u.symbols().size(), 1U);
}

TEST(Universe, AScaleThatOneListingCannotTakeIsRefusedForAll) {
    Universe u;
    auto large = spot(Market::BinanceSpot, "BTCUSDT", "0.01", "1");
    large.min_quantity = "9000000000000";
    const auto id = u.list(large)->id;
    const auto before = state_hash(u);
    EXPECT_EQ(refusal(u, spot(Market::Okx, "BTC-USDT", "0.01", "0.00000001")),
              Errc::Unrepresentable);
    EXPECT_FALSE(u.refine(id, 2, 8));
    EXPECT_EQ(state_hash(u), before);
}

TEST(Universe, ReadsBackFromItsStateWithRefinedScales) {
    Universe u;
    const auto id = u.list(spot(Market::BinanceSpot, "BTCUSDT", "0.01", "0.001"))->id;
    ASSERT_TRUE(u.list(okx_swap()));
    ASSERT_TRUE(u.list(coin_margined()));
    ASSERT_TRUE(u.refine(id, 5, 6));
    u.asset("BNB");
    const Universe copy = reread(u);
    EXPECT_EQ(state_hash(copy), state_hash(u));
    ASSERT_EQ(copy.instruments().size(), u.instruments().size());
    EXPECT_EQ(copy.symbol_of(id).price_scale, Scale{5});
    EXPECT_EQ(copy.symbol_of(id).quantity_scale, Scale{6});
    EXPECT_EQ(copy.find_asset("BNB"), u.find_asset("BNB"));
    for (const Instrument& instrument : u.instruments()) {
        const Instrument& other = copy.instrument(instrument.id);
        EXPECT_EQ(other.tick, instrument.tick);
        EXPECT_EQ(other.lot, instrument.lot);
        EXPECT_EQ(other.wire, instrument.wire);
        EXPECT_EQ(other.settle, instrument.settle);
        EXPECT_EQ(other.symbol, instrument.symbol);
        EXPECT_EQ(copy.definition(instrument.id), u.definition(instrument.id));
    }
}

TEST(Universe, DamagedStateIsNoticed) {
    Universe u;
    ASSERT_TRUE(u.list(okx_swap()));
    std::vector<std::byte> bytes;
    StateWriter writer{bytes};
    writer(u);
    EXPECT_TRUE(rc::check("damage", [&](std::uint8_t value) {
        auto damaged = bytes;
        damaged[*rc::gen::inRange<std::size_t>(0, bytes.size())] = std::byte{value};
        Universe copy;
        StateReader reader{damaged};
        reader(copy);
        if (reader.finished()) RC_ASSERT(copy.instruments().size() <= 1U);
    }));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        Universe copy;
        StateReader reader{std::span{bytes}.first(size)};
        reader(copy);
        EXPECT_FALSE(reader.finished()) << size;
    }
}

TEST(Universe, AQuantityThatIsNoWholeContractStopsTheProcess) {
    Universe u;
    const auto id = u.list(coin_margined())->id;
    EXPECT_DEATH((void)u.venue_quantity(id, Quantity::from_raw(150)), "quantity_multiplier");
}

}  // namespace
}  // namespace parallax
