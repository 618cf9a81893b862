#include "services/portfolio/orders.hpp"

#include <gtest/gtest.h>

#include "core/archive.hpp"
#include "services/portfolio/test_world.hpp"

namespace parallax::portfolio {
namespace {

using test::at;
using test::order_id;

messages::OrderRequest order(std::uint64_t plan) {
    messages::OrderRequest request;
    request.id = order_id(plan);
    request.instrument = InstrumentId{0};
    request.quantity = Quantity::from_raw(100);
    return request;
}

messages::OrderEvent fill(std::uint64_t plan, std::uint64_t trade, std::int64_t quantity,
                          std::int64_t cumulative) {
    messages::OrderEvent event;
    event.kind = messages::OrderEventKind::Filled;
    event.id = order_id(plan);
    event.instrument = InstrumentId{0};
    event.trade_id = trade;
    event.price = Price::from_raw(1);
    event.quantity = Quantity::from_raw(quantity);
    event.cumulative = Quantity::from_raw(cumulative);
    return event;
}

TEST(OrderRegistry, TellsRepetitionsAndMoreThanOrdered) {
    OrderRegistry orders{10, Nanos::seconds(60)};
    orders.place(order(1), SymbolId{0});
    for (std::int64_t i = 1; i <= 100; ++i) {
        EXPECT_EQ(orders.accept(fill(1, static_cast<std::uint64_t>(i), 1, i), SymbolId{0}, at(1))
                      .quantity.raw(),
                  1);
    }
    EXPECT_EQ(orders.accept(fill(1, 40, 1, 40), SymbolId{0}, at(1)).verdict,
              FillVerdict::Duplicate);
    EXPECT_TRUE(orders.accept(fill(1, 101, 1, 101), SymbolId{0}, at(1)).oversize);
}

/// A process that takes over hears of the last fills again: they must not seem forgotten.
TEST(OrderRegistry, TimeWithoutAProcessIsNotCounted) {
    OrderRegistry orders{10, Nanos::seconds(60)};
    orders.place(order(1), SymbolId{0});
    EXPECT_EQ(orders.accept(fill(1, 7, 100, 0), SymbolId{0}, at(1)).quantity.raw(), 100);
    EXPECT_TRUE(orders.close(order_id(1), at(2)));
    orders.slept(Nanos::seconds(3'600));
    orders.forget_old(at(3'610'000));
    EXPECT_EQ(orders.accept(fill(1, 7, 100, 0), SymbolId{0}, at(3'610'000)).verdict,
              FillVerdict::Duplicate);
    std::vector<std::byte> state;
    StateWriter{state}(orders);
    OrderRegistry copy{10, Nanos::seconds(60)};
    StateReader reader{state};
    reader(copy);
    EXPECT_EQ(state_hash(copy), state_hash(orders));
}

TEST(OrderRegistry, IsBoundedByOpenOrdersAndWhatItKeeps) {
    OrderRegistry orders{16, Nanos::seconds(60)};
    for (std::uint64_t plan = 1; plan <= 1'000; ++plan) {
        orders.place(order(plan), SymbolId{0});
        if (plan % 100 != 0) orders.close(order_id(plan), at(1));
        orders.forget_old(at(1));
        ASSERT_LE(orders.size(), orders.open() + 16);
    }
    EXPECT_EQ(orders.open(), 10u);
    EXPECT_EQ(orders.accept(fill(5, 1, 1, 1), SymbolId{0}, at(1)).verdict, FillVerdict::Expired);
    EXPECT_EQ(orders.accept(fill(100, 1, 1, 1), SymbolId{0}, at(1)).verdict, FillVerdict::Book);
    EXPECT_EQ(orders.accept(fill(2'000, 1, 1, 1), SymbolId{0}, at(1)).verdict, FillVerdict::Book);
    orders.forget_old(at(61'002));
    EXPECT_EQ(orders.size(), 10u);
}

TEST(OrderRegistry, ItsHashSeesAChangeOfAClosedOrderAndSurvivesASnapshot) {
    OrderRegistry orders{16, Nanos::seconds(60)};
    for (std::uint64_t plan = 1; plan <= 20; ++plan) {
        orders.place(order(plan), SymbolId{0});
        (void)orders.accept(fill(plan, 1, 10, 10), SymbolId{0}, at(1));
        if (plan % 3 != 0) orders.close(order_id(plan), at(2));
    }
    const std::uint64_t before = state_hash(orders);
    (void)orders.accept(fill(1, 2, 5, 15), SymbolId{0}, at(3));  // late
    EXPECT_NE(state_hash(orders), before);
    orders.rescale({SymbolId{0}, 0, 2});
    std::vector<std::byte> bytes;
    StateWriter{bytes}(orders);
    OrderRegistry copy{16, Nanos::seconds(60)};
    StateReader reader{bytes};
    reader(copy);
    EXPECT_TRUE(reader.finished());
    EXPECT_EQ(state_hash(copy), state_hash(orders));
    EXPECT_EQ(copy.open(), orders.open());
    copy.forget_old(at(100'000));
    orders.forget_old(at(100'000));
    EXPECT_EQ(state_hash(copy), state_hash(orders));
    bytes.clear();
    StateWriter{bytes}(orders);
    StateReader{bytes}(copy);
    EXPECT_EQ(state_hash(copy), state_hash(orders));  // nothing is left of what was forgotten
}

TEST(OrderRegistry, AnOrderStaysOpenUntilTheFillsItsEndCountsHaveCome) {
    OrderRegistry orders{16, Nanos::seconds(60)};
    orders.place(order(1), SymbolId{0});
    EXPECT_FALSE(orders.end(order_id(1), Quantity::from_raw(60)));
    (void)orders.accept(fill(1, 1, 20, 20), SymbolId{0}, at(1));
    EXPECT_TRUE(orders.find(order_id(1))->ended);
    EXPECT_TRUE(orders.find(order_id(1))->fills.missing());
    (void)orders.accept(fill(1, 2, 40, 60), SymbolId{0}, at(1));
    EXPECT_FALSE(orders.find(order_id(1))->fills.missing());
    EXPECT_TRUE(orders.end(order_id(1), Quantity::from_raw(60)));
}

TEST(OrderRegistry, WhatContradictsItselfIsMalformed) {
    OrderRegistry orders{16, Nanos::seconds(60)};
    orders.place(order(1), SymbolId{0});
    for (const auto& bad : {fill(1, 1, 0, 1), fill(1, 1, -5, 1), fill(1, 1, 5, 4),
                            fill(1, 1, 5, -1), fill(1, 0, 5, 0)}) {
        EXPECT_EQ(orders.accept(bad, SymbolId{0}, at(1)).verdict, FillVerdict::Malformed);
    }
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(orders.accept(fill(1, 1, kMost, 0), SymbolId{0}, at(1)).verdict, FillVerdict::Book);
    EXPECT_EQ(orders.accept(fill(1, 2, 1, 0), SymbolId{0}, at(1)).verdict, FillVerdict::Malformed);
}

}  // namespace
}  // namespace parallax::portfolio
