#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/scanner/service.hpp"

namespace parallax::scanner {

/// A universe, books and a scanner for tests and benchmarks: list instruments, start(), then quote().
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
        const bool fine = quote == "BTC" || base == "USDC";
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
    void quote(InstrumentId id, std::string_view bid, std::string_view bid_size, std::string_view ask,
               std::string_view ask_size) {
        const Symbol& symbol = universe.symbol_of(id);
        raw_quote(id, Price::parse(bid, symbol.price_scale)->raw(), Quantity::parse(bid_size, symbol.quantity_scale)->raw(),
                  Price::parse(ask, symbol.price_scale)->raw(), Quantity::parse(ask_size, symbol.quantity_scale)->raw());
    }
    void raw_quote(InstrumentId id, std::int64_t bid, std::int64_t bid_size, std::int64_t ask, std::int64_t ask_size) {
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
        const std::uint64_t before = allocation_count();
        service->on_book(id, now);
        service_allocations += allocation_count() - before;
        if (second != nullptr) second->on_book(id, now);
    }
    template <class Message>
    void send(const Message& message) {
        const std::uint64_t before = allocation_count();
        service->on(message);
        service_allocations += allocation_count() - before;
        if (second != nullptr) second->on(message);
    }
    void clock() { send(messages::ClockTick{now}); }
    [[nodiscard]] std::string text(InstrumentId id, Quantity quantity) const {
        return quantity.text(universe.symbol_of(id).quantity_scale);
    }
    /// Calls of operator new so far; defined by the program that counts them.
    static std::uint64_t allocation_count();

    Universe universe;
    book::BookSet books;
    FeeSchedule fees;
    Config config;
    std::unique_ptr<Service> service;
    Service* second = nullptr;  ///< told the same
    std::vector<InstrumentId> ids;
    UnixNanos now = UnixNanos::from_millis(1'700'000'000'000);
    Nanos venue_clock;          ///< of the venues, ahead of ours
    std::uint64_t sequence = 0;
    std::uint64_t service_allocations = 0;  ///< within its handlers, listings apart

private:
    static InstrumentDefinition derivative(Market market, InstrumentKind kind, const std::string& base,
                                           const std::string& quote) {
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

}  // namespace parallax::scanner
