// A venue's account and our ledger agree on what perpetuals earn, to the last unit, in whatever
// order the fills are told.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "services/portfolio/test_world.hpp"
#include "sim/engine/test_support.hpp"

namespace parallax::tests {
namespace {

namespace engine = sim_engine::testing;

constexpr std::size_t kUs = 0;

Market market_of(Venue venue) {
    return venue == Venue::Binance ? Market::BinanceUsdm
           : venue == Venue::Okx   ? Market::Okx
                                   : Market::BybitLinear;
}

/// One perpetual at one venue, traded by a venue's account and booked by a ledger.
class Desk {
public:
    /// `opens`: the ledger begins now; else with open().
    Desk(Venue which, bool tells, bool opens = true)
        : world_{which, "base"}, market_{market_of(which)}, tells_{tells} {
        InstrumentDefinition d = world_.venue.listing(world_.perpetual).definition;
        d.tick = "0.01";
        d.quote_decimals = which == Venue::Binance ? 8 : 0;
        d.min_notional = "";
        RC_ASSERT(world_.venue.change_rules(d).has_value());
        id_ = universe_.list(d)->id;
        world_.venue.set_index(world_.perpetual, world_.price(100), world_.now);
        usdt_ = universe_.asset("USDT");
        books_.add(book::GapPolicy::SnapshotOnly);
        if (opens) ledger_.on(messages::ExternalFlow{market_, usdt_, held(), world_.now});
        world_.venue.clear_events();
    }

    /// The ledger takes over what the account has come to, at an entry price of so many decimals.
    void open(std::uint8_t decimals) {
        for (const auto& fill : world_.venue.fills_since(world_.accounts[kUs], 0))
            told_ = fill.number;
        world_.venue.clear_events();
        ledger_.on(messages::ExternalFlow{market_, usdt_, held(), world_.now});
        const auto& there = world_.venue.position(world_.accounts[kUs], world_.perpetual);
        const Amount net = world_.venue.listing(world_.perpetual).amount(there.quantity());
        if (net.is_zero()) return;
        const __int128 step = pow10(static_cast<std::uint8_t>(18 - decimals));
        const __int128 entry =
            multiply_divide(there.entry_value().magnitude().raw(), Amount::units(1).raw(),
                            net.magnitude().raw(), Rounding::HalfEven);
        const Amount told = Amount::from_raw(divide(entry, step, Rounding::HalfEven) * step);
        RC_ASSERT(ledger_.on(messages::PositionAdopted{id_, net, told, {}, world_.now}));
        rest_ = ledger_.positions()[0].basis + there.entry_value();
    }

    /// Trades with somebody; returns nothing when the venue has reasons against it.
    void trade(Side side, std::int64_t cents, std::int64_t thousandths) {
        const Side other = side == Side::Buy ? Side::Sell : Side::Buy;
        sim_engine::NewOrder against = world_.on_perpetual(world_.limit(1, other, 0, thousandths));
        against.price = Price::from_raw(cents * 10);
        sim_engine::NewOrder order = against;
        order.account = world_.accounts[kUs];
        order.side = side;
        world_.place(against);
        world_.place(order);
    }
    void fund() {
        world_.now = world_.venue.desk(world_.perpetual).next_funding;
        world_.venue.advance(world_.now);
        for (const auto& paid : world_.told<sim_engine::FundingPayment>()) {
            if (paid.account != world_.accounts[kUs]) continue;
            messages::CashEvent event;
            event.kind = messages::EntryKind::Funding;
            event.wallet = market_;
            event.asset = usdt_;
            event.instrument = id_;
            event.amount = -paid.amount;
            event.time = world_.now;
            ledger_.on(event);
        }
        world_.venue.clear_events();
    }
    /// What has filled since the last time, in another order than it did.
    void tell(const std::vector<std::uint32_t>& dice) {
        std::vector<messages::OrderEvent> events;
        for (const auto& fill : world_.venue.fills_since(world_.accounts[kUs], told_)) {
            told_ = fill.number;
            events.push_back(event_of(fill));
        }
        for (std::size_t i = 0; i + 1 < events.size() && !dice.empty(); ++i)
            std::swap(events[i], events[i + dice[i % dice.size()] % (events.size() - i)]);
        for (const messages::OrderEvent& event : events) {
            send(event);
            ledger_.on(event);
        }
        world_.venue.clear_events();
    }
    void expect_equal() {
        RC_ASSERT(booked() == held());
        const auto failure = ledger_.verify();
        RC_ASSERT(failure.value_or("") == "");
        const auto& there = world_.venue.position(world_.accounts[kUs], world_.perpetual);
        const auto& listing = world_.venue.listing(world_.perpetual);
        if (ledger_.positions().empty()) return;
        const portfolio::PositionReport here = ledger_.positions()[0];
        RC_ASSERT(here.net == listing.amount(there.quantity()));
        RC_ASSERT(here.basis == rest_ - there.entry_value());
    }
    [[nodiscard]] Amount held() const {
        return world_.total(kUs, world_.margin_wallet(), world_.usdt);
    }
    [[nodiscard]] Amount booked() const {
        return ledger_.ledger().holdings(wallet_of(market_), usdt_);
    }

private:
    messages::OrderEvent event_of(const sim_engine::Fill& fill) const {
        const auto& listing = world_.venue.listing(world_.perpetual);
        const Symbol& symbol = universe_.symbol_of(id_);
        const sim_engine::Execution& e = fill.execution;
        messages::OrderEvent event;
        event.kind = messages::OrderEventKind::Filled;
        event.id = ClientOrderId{PlanId{fill.order.raw()}, 0, 0};
        event.instrument = id_;
        event.side = fill.side;
        event.received = event.venue_time = fill.time;
        event.trade_id = e.trade.raw();
        event.price = *Price::parse(listing.text(e.price), symbol.price_scale);
        event.quantity = *Quantity::parse(listing.text(e.quantity), symbol.quantity_scale);
        event.fee = e.fee;
        event.fee_asset = usdt_;
        event.realised = e.realised;
        event.realised_told = tells_;
        return event;
    }
    void send(const messages::OrderEvent& fill) {
        messages::OrderRequest order;
        order.id = fill.id;
        order.instrument = id_;
        order.side = fill.side;
        order.price = fill.price;
        order.quantity = fill.quantity;
        order.decided = fill.received;
        const auto need = orders::worst_case(universe_, fees_, id_, order.side, order.price,
                                             order.quantity, 3, false);
        const ports::Hold hold{need.wallet, need.asset, need.amount, order.id};
        RC_ASSERT(ledger_.reserve(order.id.plan(), {&hold, 1}, order.decided));
        ledger_.on(order);
    }

    engine::World world_;
    Market market_;
    bool tells_;
    Universe universe_;
    book::BookSet books_;
    FeeSchedule fees_ = *FeeSchedule::named("zero");
    InstrumentId id_;
    AssetId usdt_;
    portfolio::Service ledger_{universe_, books_, fees_, portfolio::Config{}};
    std::uint64_t told_ = 0;
    Amount rest_;  ///< what the entry price that was told lacks
};

/// A few trades that are told together.
struct Burst {
    struct Trade {
        bool buys = false;
        std::int64_t cents = 0, thousandths = 0;
    };
    std::vector<Trade> trades;
    std::vector<std::uint32_t> dice;
    bool funding = false;
};

rc::Gen<Burst> a_burst(bool shuffled) {
    return rc::gen::exec([shuffled] {
        Burst burst;
        const int count = *rc::gen::inRange(1, 7);
        for (int i = 0; i < count; ++i) {
            burst.trades.push_back({*rc::gen::arbitrary<bool>(),
                                    *rc::gen::inRange<std::int64_t>(9'000, 11'000),
                                    *rc::gen::inRange<std::int64_t>(1, 997)});
            if (shuffled) burst.dice.push_back(*rc::gen::arbitrary<std::uint32_t>());
        }
        burst.funding = *rc::gen::inRange(0, 4) == 0;
        return burst;
    });
}

void run(Desk& desk, const std::vector<Burst>& bursts) {
    for (const Burst& burst : bursts) {
        for (const Burst::Trade& one : burst.trades)
            desk.trade(one.buys ? Side::Buy : Side::Sell, one.cents, one.thousandths);
        desk.tell(burst.dice);
        if (burst.funding) desk.fund();
        desk.expect_equal();
    }
}

class PerpetualProfit : public ::testing::TestWithParam<Venue> {};

TEST_P(PerpetualProfit, IsTheVenuesToTheLastUnitInWhateverOrderFillsAreTold) {
    EXPECT_TRUE(rc::check([] {
        const auto bursts = *rc::gen::container<std::vector<Burst>>(a_burst(true));
        Desk desk{GetParam(), true};
        run(desk, bursts);
    }));
}

TEST_P(PerpetualProfit, IsReckonedLikeTheVenuesInTheVenuesOrder) {
    EXPECT_TRUE(rc::check([] {
        const auto bursts = *rc::gen::container<std::vector<Burst>>(a_burst(false));
        Desk desk{GetParam(), false};
        run(desk, bursts);
    }));
}

/// Whatever was traded before, and however coarse the average price is that the venue tells.
TEST_P(PerpetualProfit, OfAPositionThatWasTakenOverIsTheVenuesToo) {
    int taken = 0;
    EXPECT_TRUE(rc::check([&] {
        const auto before = *rc::gen::container<std::vector<Burst>>(a_burst(true));
        const auto after = *rc::gen::container<std::vector<Burst>>(a_burst(true));
        Desk desk{GetParam(), true, false};
        for (const Burst& burst : before) {
            for (const Burst::Trade& one : burst.trades)
                desk.trade(one.buys ? Side::Buy : Side::Sell, one.cents, one.thousandths);
        }
        desk.open(*rc::gen::element<std::uint8_t>(2, 5, 8, 18));
        taken += before.empty() ? 0 : 1;
        desk.expect_equal();
        run(desk, after);
    }));
    EXPECT_GT(taken, 10);
}

/// Why the venue's word is booked: two parts of a position closed in the other order.
TEST_P(PerpetualProfit, DependsOnTheOrderOfFillsWhereTheVenueDoesNotTellIt) {
    bool differs = false;
    for (std::int64_t part = 1; part < 100 && !differs; ++part) {
        Desk desk{GetParam(), false};
        desk.trade(Side::Buy, 10'000, 300);
        desk.trade(Side::Buy, 10'001, 401);
        desk.tell({});
        desk.trade(Side::Sell, 10'010, part);
        desk.trade(Side::Sell, 10'020, 3 * part + 7);
        desk.tell({1, 1});
        differs = desk.booked() != desk.held();
        if (!differs) continue;
        const Amount by = (desk.booked() - desk.held()).magnitude();
        EXPECT_EQ(by.text(), GetParam() == Venue::Binance ? "0.00000001" : "0.000000000000000001");
    }
    EXPECT_TRUE(differs);
}

INSTANTIATE_TEST_SUITE_P(Venues, PerpetualProfit,
                         ::testing::Values(Venue::Okx, Venue::Bybit, Venue::Binance),
                         [](const auto& one) { return std::string{to_string(one.param)}; });

}  // namespace
}  // namespace parallax::tests
