#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/random.hpp"
#include "services/scanner/service.hpp"

namespace parallax::scanner {

/// The first of a kind among what was emitted; null without one.
inline const messages::Opportunity* find(std::span<const messages::Opportunity> all,
                                         messages::OpportunityKind kind) {
    for (const messages::Opportunity& o : all) {
        if (o.kind == kind) return &o;
    }
    return nullptr;
}

/// A universe, books and a scanner for tests and benchmarks: list instruments, start(), then
/// quote().
struct Desk {
    explicit Desk(std::string_view schedule = "zero") : fees{*FeeSchedule::named(schedule)} {
        config.unlimited_balances = true;
    }
    InstrumentId spot(Market market, std::string base, std::string quote) {
        InstrumentDefinition d;
        d.market = market;
        d.kind = InstrumentKind::Spot;
        d.base = base;
        d.quote = quote;
        d.venue_symbol = base + quote;
        const bool fine = quote == "BTC" || is_dollar(base);
        d.tick = fine ? (quote == "BTC" ? "0.00001" : "0.0001") : "0.01";
        d.lot = "0.00001";
        return add(d);
    }
    InstrumentId linear(Market market, std::string base) {
        InstrumentDefinition d = derivative(market, InstrumentKind::LinearPerpetual, base, "USDT");
        d.tick = "0.01";
        d.lot = "0.001";
        d.funding_interval = Nanos::seconds(8 * 3'600);
        return add(d);
    }
    InstrumentId inverse(Market market, std::string base) {
        InstrumentDefinition d = derivative(market, InstrumentKind::InversePerpetual, base, "USD");
        d.settle = base;
        d.tick = "0.1";
        d.lot = "1";
        d.contract_size = "100";
        return add(d);
    }
    InstrumentId dated(Market market, std::string base, UnixNanos expiry) {
        InstrumentDefinition d = derivative(market, InstrumentKind::LinearFuture, base, "USDT");
        d.tick = "0.01";
        d.lot = "0.001";
        d.expiry = expiry;
        d.expiry_code = "260101";
        return add(d);
    }
    void start() {
        service = std::make_unique<Service>(universe, books, fees, config);
        for (const InstrumentId id : ids) service->on_listed(id);
    }
    /// A whole new book of one level a side.
    void quote(InstrumentId id, std::string_view bid, std::string_view bid_size,
               std::string_view ask, std::string_view ask_size) {
        const Symbol& symbol = universe.symbol_of(id);
        raw_quote(id, Price::parse(bid, symbol.price_scale)->raw(),
                  Quantity::parse(bid_size, symbol.quantity_scale)->raw(),
                  Price::parse(ask, symbol.price_scale)->raw(),
                  Quantity::parse(ask_size, symbol.quantity_scale)->raw());
    }
    void raw_quote(InstrumentId id, std::int64_t bid, std::int64_t bid_size, std::int64_t ask,
                   std::int64_t ask_size) {
        const Level bids[] = {{Price::from_raw(bid), Quantity::from_raw(bid_size)}};
        const Level asks[] = {{Price::from_raw(ask), Quantity::from_raw(ask_size)}};
        set_book(id, bids, asks);
        tell(id);
    }
    void set_book(InstrumentId id, std::span<const Level> bids, std::span<const Level> asks) {
        book::DepthInput input;
        input.snapshot = true;
        input.last_id = ++sequence;
        input.received = now;
        input.venue_time = now + venue_clock;
        input.bids = bids;
        input.asks = asks;
        books.at(id).on_depth(input);
    }
    /// The same book again, received now.
    void tick_book(InstrumentId id) {
        const Level bid = books[id].best_bid(), ask = books[id].best_ask();
        raw_quote(id, bid.price.raw(), bid.quantity.raw(), ask.price.raw(), ask.quantity.raw());
    }
    void tell(InstrumentId id) {
        const std::size_t before = allocations();
        service->on_book(id, now);
        service_allocations += allocations() - before;
        if (second != nullptr) second->on_book(id, now);
    }
    template <class Message>
    void send(const Message& message) {
        const std::size_t before = allocations();
        service->on(message);
        service_allocations += allocations() - before;
        if (second != nullptr) second->on(message);
    }
    /// The plan of an opportunity ends: each leg filled by `share` of a hundred.
    void finish(const messages::Opportunity& o, messages::PlanOutcome outcome,
                std::int64_t share = 100) {
        messages::PlanUpdate update;
        update.opportunity = o.id;
        update.kind = o.kind;
        update.state = messages::PlanState::Settled;
        update.outcome = outcome;
        update.time = now;
        update.leg_count = o.leg_count;
        for (std::size_t i = 0; i < o.leg_count; ++i) {
            const messages::OpportunityLeg& leg = o.legs[i];
            update.legs[i] = {leg.instrument, leg.side,
                              leg.quantity,   Quantity::from_raw(leg.quantity.raw() * share / 100),
                              leg.worst,      leg.protection,
                              leg.value,      leg.value,
                              leg.fee};
        }
        send(update);
    }
    [[nodiscard]] std::uint64_t refused(messages::ReasonCode code) const {
        return service->counts().refused[static_cast<std::size_t>(code)];
    }
    void clock() { send(messages::ClockTick{now}); }
    [[nodiscard]] std::string text(InstrumentId id, Quantity quantity) const {
        return quantity.text(universe.symbol_of(id).quantity_scale);
    }
    Universe universe;
    book::BookSet books;
    FeeSchedule fees;
    Config config;
    std::unique_ptr<Service> service;
    Service* second = nullptr;  ///< told the same
    std::vector<InstrumentId> ids;
    UnixNanos now = UnixNanos::from_millis(1'700'000'000'000);
    Nanos venue_clock;  ///< of the venues, ahead of ours
    std::uint64_t sequence = 0;
    /// Calls of operator new so far, in a program that counts them.
    std::size_t (*allocations)() noexcept = []() noexcept { return std::size_t{0}; };
    std::size_t service_allocations = 0;  ///< within its handlers, listings apart

private:
    static InstrumentDefinition derivative(Market market, InstrumentKind kind,
                                           const std::string& base, const std::string& quote) {
        InstrumentDefinition d;
        d.market = market;
        d.kind = kind;
        d.base = base;
        d.quote = quote;
        d.settle = quote;
        d.venue_symbol = base + quote + std::to_string(static_cast<int>(kind));
        return d;
    }
    InstrumentId add(const InstrumentDefinition& d) {
        const auto listed = universe.list(d);
        PLX_ASSERT(listed.has_value());
        books.add(book::GapPolicy::SnapshotOnly);
        ids.push_back(listed->id);
        return listed->id;
    }
};

/// A day's worth of everything in small: three venues, cycles, perpetuals, random walks, outages.
struct Day {
    Desk desk;
    std::vector<InstrumentId> ids;
    runtime::Random random;

    explicit Day(std::uint64_t seed, std::string_view fees = "vip9") : desk{fees}, random{seed} {
        ids.push_back(desk.spot(Market::BinanceSpot, "BTC", "USDT"));
        ids.push_back(desk.spot(Market::Okx, "BTC", "USDT"));
        ids.push_back(desk.spot(Market::BybitSpot, "BTC", "USDC"));
        ids.push_back(desk.spot(Market::BinanceSpot, "ETH", "USDT"));
        ids.push_back(desk.spot(Market::BinanceSpot, "ETH", "BTC"));
        ids.push_back(desk.linear(Market::BinanceUsdm, "BTC"));
        ids.push_back(desk.inverse(Market::BinanceCoinm, "BTC"));
        ids.push_back(desk.spot(Market::BinanceSpot, "USDC", "USDT"));
        desk.start();
    }
    void step() {
        static constexpr std::int64_t kMid[] = {6'000'000, 6'000'000, 6'000'000, 300'000,
                                                5'000,     6'000'000, 600'000,   10'000};
        const auto i = static_cast<std::size_t>(random.below(ids.size()));
        desk.now = desk.now + Nanos::millis(random.between(0, 20));
        const std::int64_t spread = std::max<std::int64_t>(kMid[i] / 20'000, 1);
        const std::int64_t width = i == 7 ? 3 : std::max<std::int64_t>(kMid[i] / 700, 1);
        const std::int64_t bid = kMid[i] + random.between(-width, width);
        const std::int64_t scale = ids[i].index() == 6 ? 1'000 : 1;
        desk.raw_quote(ids[i], bid, random.between(1, 400) * 1'000 * scale, bid + spread,
                       random.between(1, 400) * 1'000 * scale);
        if (random.chance(0.05)) desk.clock();
        if (random.chance(0.002)) {
            const bool up = random.chance(0.5);
            desk.send(messages::FeedStatus{Market::Okx, desk.now, up});
        }
        if (random.chance(0.01)) finish_a_plan();
    }
    void finish_a_plan() {
        for (const messages::Opportunity& o : desk.service->opportunities()) {
            if (!o.reason.none()) continue;
            messages::PlanUpdate update;
            update.opportunity = o.id;
            update.kind = o.kind;
            update.state = messages::PlanState::Settled;
            update.outcome = random.chance(0.7) ? messages::PlanOutcome::Completed
                                                : messages::PlanOutcome::Legged;
            update.time = desk.now;
            desk.send(update);
            return;
        }
    }
};

/// Two spot venues of one asset, a fee-less schedule: tests of cross-venue gaps start here.
struct TwoVenues : Desk {
    InstrumentId a, b;
    explicit TwoVenues(std::string_view schedule = "zero") : Desk{schedule} {
        a = spot(Market::BinanceSpot, "BTC", "USDT");
        b = spot(Market::Okx, "BTC", "USDT");
    }
    /// 101 against 103, two units and one.
    void cross() {
        quote(a, "100.00", "3", "101.00", "2");
        quote(b, "103.00", "1", "104.00", "5");
    }
};

}  // namespace parallax::scanner
