#include "adapters/venues/common/order_desk.hpp"

#include <gtest/gtest.h>

#include "adapters/venues/common/order_numbers.hpp"
#include "orders/fill_filter.hpp"
#include "runtime/random.hpp"

namespace parallax::venue_common {
namespace {

using messages::OrderEvent;
using messages::OrderEventKind;
using messages::OrderRequest;
using messages::ReasonCode;
using State = OrderReport::State;

InstrumentDefinition definition() {
    InstrumentDefinition d;
    d.market = Market::Okx;
    d.kind = InstrumentKind::LinearPerpetual;
    d.venue_symbol = "BTC-USDT-SWAP";
    d.base = "BTC";
    d.quote = d.settle = "USDT";
    d.tick = "0.1";
    d.lot = "0.01";
    d.contract_size = "0.01";
    return d;
}

struct Fixture {
    Universe universe;
    InstrumentId instrument = universe.list(definition())->id;
    UnixNanos now = UnixNanos::from_millis(1'770'000'000'000);
    OrderDesk desk{universe, [] {
                       DeskConfig config;
                       config.tag = "ab12";
                       config.most_foreign = 2;
                       return config;
                   }()};
    std::vector<OrderEvent> events;

    OrderRequest request(std::uint64_t plan = 1) const {
        OrderRequest r;
        r.id = ClientOrderId{PlanId{plan}, 2, 3};
        r.instrument = instrument;
        r.side = Side::Sell;
        r.price = Price::from_raw(600'000);
        r.quantity = Quantity::from_raw(100);
        return r;
    }
    LiveOrder& place(std::uint64_t plan = 1) { return *desk.placed(request(plan), now); }
    OrderReport report(State state, std::int64_t filled, std::uint64_t plan = 1) {
        text_ = desk.ids().write(request(plan).id);
        OrderReport r;
        r.client_id = view(text_);
        r.venue_id = "777";
        r.instrument = instrument;
        r.side = Side::Sell;
        r.state = state;
        r.cumulative = Quantity::from_raw(filled);
        return r;
    }
    FillReport fill(std::uint64_t trade, std::int64_t quantity, std::int64_t cumulative = 0,
                    std::uint64_t plan = 1) {
        text_ = desk.ids().write(request(plan).id);
        FillReport f;
        f.client_id = view(text_);
        f.venue_id = "777";
        f.instrument = instrument;
        f.side = Side::Sell;
        f.trade_id = trade;
        f.price = Price::from_raw(600'000);
        f.quantity = Quantity::from_raw(quantity);
        f.cumulative = Quantity::from_raw(cumulative);
        f.fee = Amount::units(1);
        return f;
    }
    std::string told() {
        std::array<OrderEvent, 3> some;  // small, so that several polls are needed
        std::string out;
        for (std::size_t n = desk.poll(some); n > 0; n = desk.poll(some)) {
            for (std::size_t i = 0; i < n; ++i) {
                events.push_back(some[i]);
                out += (out.empty() ? "" : " ") + std::string{to_string(some[i].kind)};
            }
        }
        return out;
    }

private:
    ClientIdText::Text text_{};
};

TEST(ClientIdText, ComesBackAsItWasForEveryIdAndVenue) {
    const ClientIdText ids{"a0z9"};
    runtime::Random random{7};
    for (int i = 0; i < 2'000; ++i) {
        const auto id = ClientOrderId::from_raw(random.next() | 1);
        const auto text = ids.write(id);
        EXPECT_EQ(ids.read(view(text)), id);
        EXPECT_LE(text.size(), 32U);
        for (const char c : text)
            EXPECT_TRUE((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) << c;
    }
    const ClientOrderId id{PlanId{123'456}, 7, 9};
    const auto read = ids.read(view(ids.write(id)));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->plan(), PlanId{123'456});
    EXPECT_EQ(read->leg(), 7);
    EXPECT_EQ(read->attempt(), 9);
}

TEST(ClientIdText, OthersAreNotOurs) {
    const ClientIdText ids{"a0z9"};
    const ClientIdText others{"a0z8"};
    const auto text = others.write(ClientOrderId::from_raw(5));
    EXPECT_FALSE(ids.read(view(text)));
    EXPECT_TRUE(ids.of_another(view(text)));
    for (const std::string_view odd :
         {"", "plxa0z9", "plxa0z900000000000000zz", "plxa0z90000000000000000", "byhand"})
        EXPECT_FALSE(ids.read(odd)) << odd;
    EXPECT_FALSE(ids.of_another("byhand"));
    EXPECT_FALSE(ClientIdText::good_tag("A0z9"));
    EXPECT_FALSE(ClientIdText::good_tag("a0z"));
}

/// Each fill of the last minute that a new process hears of again brought two questions about an
/// order whose end was known.
TEST(OrderDesk, AFillOfAnOrderThatIsOverIsToldAndNothingIsAsked) {
    Fixture f;
    DeskConfig config;
    config.tag = "ab12";
    const ClientOrderId known = f.request().id;
    config.over = [known](ClientOrderId id) { return id == known; };
    OrderDesk desk{f.universe, config};
    const FillReport fill = f.fill(7, 100);
    ASSERT_NE(desk.on(fill, f.now), nullptr);
    EXPECT_TRUE(desk.open().empty());
    std::array<OrderEvent, 4> events;
    ASSERT_EQ(desk.poll(events), 1U);
    EXPECT_EQ(events[0].kind, OrderEventKind::Filled);
    EXPECT_EQ(desk.counters().contradictions, 0U);
    // In the list of open orders it would be one that must not be there: it is seen.
    OrderDesk other{f.universe, config};
    ASSERT_NE(other.on(f.report(State::Open, 0), f.now), nullptr);
    EXPECT_EQ(other.open().size(), 1U);
}

TEST(OrderNumbers, ContractsAndPricesAreExactBothWays) {
    Fixture f;
    const Instrument& listing = f.universe.instrument(f.instrument);
    runtime::Random random{11};
    for (int i = 0; i < 2'000; ++i) {
        const auto quantity =
            Quantity::from_raw(random.between(1, 1'000'000) * listing.wire.quantity_multiplier);
        std::string text;
        ASSERT_TRUE(append_quantity(text, listing.wire, quantity));
        EXPECT_EQ(read_quantity(text, listing.wire), quantity) << text;
        EXPECT_EQ(text, f.universe.venue_quantity(f.instrument, quantity));
        const auto price = Price::from_raw(random.between(1, 1'000'000'000));
        text.clear();
        append_price(text, listing.wire, price);
        EXPECT_EQ(read_price(text, listing.wire), price) << text;
    }
}

TEST(OrderNumbers, TextIdsBecomeNumbersThatDiffer) {
    EXPECT_EQ(number_of("12345"), 12'345U);
    EXPECT_NE(number_of("012345"), 12'345U);
    EXPECT_NE(number_of("0ab1bdf7-4219-438b-b30a-32ec863018f7"),
              number_of("0ab1bdf7-4219-438b-b30a-32ec863018f8"));
    EXPECT_NE(number_of(""), 0U);
}

TEST(OrderDesk, AnOrderWithoutAnAnswerIsUnknownOnce) {
    Fixture f;
    f.place();
    EXPECT_EQ(f.desk.next_due(), f.now + Nanos::seconds(3));
    f.desk.advance(f.now + Nanos::millis(2'999));
    EXPECT_EQ(f.told(), "");
    f.desk.advance(f.now + Nanos::seconds(3));
    f.desk.advance(f.now + Nanos::seconds(30));
    EXPECT_EQ(f.told(), "unknown");
    f.desk.accepted(*f.desk.find(f.request().id), "777", f.now, f.now);
    EXPECT_EQ(f.told(), "accepted");  // late, and the truth
}

TEST(OrderDesk, AFillBeforeTheAnswerSaysThatItIsThere) {
    Fixture f;
    f.place();
    EXPECT_NE(f.desk.on(f.fill(1, 40, 40), f.now), nullptr);
    f.desk.accepted(*f.desk.find(f.request().id), "777", f.now, f.now);
    EXPECT_EQ(f.told(), "accepted filled");
    f.desk.advance(f.now + Nanos::seconds(30));
    EXPECT_EQ(f.told(), "");
}

TEST(OrderDesk, AnOrderEndsOnceWhateverIsSaidLater) {
    Fixture f;
    LiveOrder& order = f.place();
    (void)f.desk.on(f.report(State::Ended, 100), f.now);
    EXPECT_EQ(f.told(), "accepted done");
    EXPECT_TRUE(order.lacks_fills());
    (void)f.desk.on(f.report(State::Ended, 100), f.now);
    (void)f.desk.on(f.report(State::Open, 0), f.now);
    (void)f.desk.on(f.report(State::Refused, 0), f.now);
    f.desk.refused(order, {ReasonCode::LostRace, 0, 0}, f.now, f.now);
    f.desk.not_found(order, f.now);
    f.desk.unknown(order, f.now);
    EXPECT_EQ(f.told(), "");
    (void)f.desk.on(f.fill(1, 100), f.now);  // late, and told
    EXPECT_EQ(f.told(), "filled");
    EXPECT_FALSE(order.lacks_fills());
    EXPECT_EQ(f.desk.counters().late_fills, 1U);
}

TEST(OrderDesk, AFillIsToldOnceUnlessTheCoreAsks) {
    Fixture f;
    f.place();
    (void)f.desk.on(f.fill(1, 40), f.now);
    (void)f.desk.on(f.fill(1, 40), f.now);
    (void)f.desk.on(f.fill(2, 40), f.now);
    EXPECT_EQ(f.told(), "accepted filled filled");
    (void)f.desk.on(f.fill(1, 40), f.now, true);
    EXPECT_EQ(f.told(), "filled");
    EXPECT_EQ(f.desk.find(f.request().id)->filled, Quantity::from_raw(80));
}

TEST(OrderDesk, AFillWaitsForItsFee) {
    Fixture f;
    f.place();
    FillReport bare = f.fill(1, 40);
    bare.fee_known = false;
    (void)f.desk.on(bare, f.now);
    EXPECT_EQ(f.told(), "");
    EXPECT_TRUE(f.desk.find(f.request().id)->lacks_fills());
    EXPECT_TRUE(f.desk.take_fees_wanted(f.now).empty());
    const UnixNanos later = f.now + Nanos::seconds(1);
    EXPECT_EQ(f.desk.take_fees_wanted(later).size(), 1U);
    EXPECT_TRUE(f.desk.take_fees_wanted(later).empty());  // each is named once
    (void)f.desk.on(f.fill(1, 40), later);
    EXPECT_EQ(f.told(), "accepted filled");
    EXPECT_EQ(f.events.back().fee, Amount::units(1));
    (void)f.desk.on(bare, later);  // and a third time, without it
    EXPECT_EQ(f.told(), "");
}

TEST(OrderDesk, WhatWasAcceptedAndIsForgottenByTheVenueIsDone) {
    Fixture f;
    LiveOrder& order = f.place();
    f.desk.accepted(order, "777", f.now, f.now);
    f.desk.not_found(order, f.now);
    EXPECT_EQ(f.told(), "accepted done");
    LiveOrder& never = f.place(2);
    f.desk.not_found(never, f.now);
    EXPECT_EQ(f.told(), "not_found");
}

TEST(OrderDesk, OrdersOfTheRunBeforeAreTakenInOthersAreShown) {
    Fixture f;
    (void)f.desk.on(f.report(State::Open, 0, 9), f.now);
    EXPECT_EQ(f.told(), "accepted");
    EXPECT_EQ(f.events.back().id, f.request(9).id);
    EXPECT_EQ(f.desk.open().size(), 1U);
    OrderReport foreign = f.report(State::Open, 0);
    foreign.client_id = "byhand";
    for (const char* const id : {"1", "2", "2", "3"}) {
        foreign.venue_id = id;
        EXPECT_EQ(f.desk.on(foreign, f.now), nullptr);
    }
    EXPECT_EQ(f.told(), "");
    ASSERT_EQ(f.desk.foreign().size(), 2U);  // the newest, each once
    EXPECT_EQ(f.desk.foreign().back().venue_id, "3");
}

TEST(OrderDesk, ReportsWithoutAClientIdAreFoundByTheVenuesId) {
    Fixture f;
    f.desk.accepted(f.place(), "0ab1bdf7-4219-438b-b30a-32ec863018f7", f.now, f.now);
    FillReport fill = f.fill(1, 40);
    fill.client_id = {};
    fill.venue_id = "0ab1bdf7-4219-438b-b30a-32ec863018f7";
    EXPECT_NE(f.desk.on(fill, f.now), nullptr);
    EXPECT_EQ(f.told(), "accepted filled");
    fill.side = Side::Buy;  // not what we sent
    EXPECT_EQ(f.desk.on(fill, f.now), nullptr);
    EXPECT_EQ(f.desk.counters().contradictions, 1U);
}

TEST(OrderDesk, WhatIsOverIsForgottenInTheEnd) {
    Fixture f;
    for (std::uint64_t plan = 1; plan <= 50; ++plan)
        f.desk.refused(f.place(plan), {}, f.now, f.now);
    f.desk.advance(f.now + Nanos::seconds(899));
    EXPECT_NE(f.desk.find(f.request(50).id), nullptr);
    f.desk.advance(f.now + Nanos::seconds(900));
    for (std::uint64_t plan = 1; plan <= 50; ++plan)
        EXPECT_EQ(f.desk.find(f.request(plan).id), nullptr);
}

/// After a quiet quarter of an hour a new connection asks for the fills since shortly before the
/// last one.
TEST(OrderDesk, AFillThatIsListedAgainMuchLaterIsNoNews) {
    Fixture f;
    f.place();
    FillReport fill = f.fill(7, 100, 100);
    fill.venue_time = f.now;
    f.desk.on(fill, f.now);
    f.desk.on(f.report(State::Ended, 100), f.now);
    EXPECT_EQ(f.told(), "accepted filled done");
    f.now = f.now + Nanos::seconds(3'600);
    f.desk.advance(f.now);
    f.desk.on(fill, f.now);
    EXPECT_EQ(f.told(), "");
    EXPECT_EQ(f.desk.counters().repeated_fills, 1U);
}

/// A list is asked for, a new fill comes by the stream meanwhile, then the list comes: it begins
/// where it was asked to.
TEST(OrderDesk, AFillThatAListOfBeforeTellsLateIsNoNews) {
    Fixture f;
    const auto fill = [&f](std::uint64_t plan, UnixNanos time) {
        FillReport one = f.fill(plan, 100, 100, plan);
        one.venue_id = plan == 1 ? "777" : "778";
        one.venue_time = time;
        f.desk.on(one, f.now);
    };
    const auto trade = [&](std::uint64_t plan) {
        f.place(plan);
        fill(plan, f.now);
        OrderReport end = f.report(State::Ended, 100, plan);
        end.venue_id = plan == 1 ? "777" : "778";
        f.desk.on(end, f.now);
        EXPECT_EQ(f.told(), "accepted filled done");
    };
    const UnixNanos first = f.now;
    trade(1);
    f.now = f.now + Nanos::seconds(3'600);
    f.desk.reads_from(first - Nanos::seconds(10));
    trade(2);
    f.desk.advance(f.now);
    fill(1, first);
    EXPECT_EQ(f.told(), "");
    f.desk.reads_from({});
    f.desk.advance(f.now);
    EXPECT_EQ(f.desk.find(f.request(1).id), nullptr) << "nothing tells of it any more";
    EXPECT_NE(f.desk.find(f.request(2).id), nullptr);
}

/// Whatever a venue says, in any order and how often: one end, each trade once, and a core that
/// filters as ours does knows exactly what filled.
TEST(OrderDesk, KeepsTheContractWhateverTheVenueSays) {
    runtime::Random random{20'261'122};
    for (int round = 0; round < 3'000; ++round) {
        Fixture f;
        LiveOrder& order = f.place();
        const std::int64_t trades = random.between(0, 4);
        std::vector<int> said;
        for (int i = 0; i < 14; ++i) said.push_back(static_cast<int>(random.between(0, 7)));
        for (int i = 0; i < trades; ++i) said.push_back(100 + i);  // each trade comes at last
        for (const int what : said) {
            if (what >= 100 || (what <= 1 && trades > 0)) {
                const std::int64_t which = what >= 100 ? what - 100 : random.between(0, trades - 1);
                FillReport fill = f.fill(static_cast<std::uint64_t>(which + 1), 10);
                if (random.between(0, 1) == 0)
                    fill.cumulative = Quantity::from_raw(10 * (which + 1));
                fill.fee_known = what >= 100 || random.between(0, 2) > 0;
                (void)f.desk.on(fill, f.now, random.between(0, 9) == 0);
            } else if (what == 2) {
                (void)f.desk.on(f.report(State::Open, 0), f.now);
            } else if (what == 3) {
                (void)f.desk.on(f.report(State::Ended, 10 * trades), f.now);
            } else if (what == 4 && trades == 0) {
                f.desk.refused(order, {}, f.now, f.now);
            } else if (what == 5) {
                f.desk.advance(f.now + Nanos::seconds(4));
            } else if (what == 6) {
                f.desk.accepted(order, "777", f.now, f.now);
            }
        }
        (void)f.desk.on(f.report(State::Ended, 10 * trades), f.now);
        (void)f.told();
        std::size_t ends = 0;
        std::size_t unknown = 0;
        orders::FillFilter filter;
        for (const OrderEvent& event : f.events) {
            ends += event.kind == OrderEventKind::Done || event.kind == OrderEventKind::Rejected ||
                            event.kind == OrderEventKind::NotFound
                        ? 1
                        : 0;
            unknown += event.kind == OrderEventKind::Unknown ? 1 : 0;
            if (event.kind == OrderEventKind::Filled)
                (void)filter.accept(event.trade_id, event.quantity, event.cumulative);
        }
        EXPECT_EQ(ends, 1U);
        EXPECT_LE(unknown, 1U);
        EXPECT_EQ(filter.filled(), Quantity::from_raw(10 * trades));
        EXPECT_EQ(order.filled, Quantity::from_raw(10 * trades));
    }
}

}  // namespace
}  // namespace parallax::venue_common
