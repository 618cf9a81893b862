#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/archive.hpp"
#include "services/risk/service.hpp"

// A small market for the tests and the benchmark of this folder.
namespace parallax::risk::fixture {

class Wallets final : public ports::Reservations {
public:
    HotResult<void> reserve(PlanId, std::span<const ports::Hold>, UnixNanos) override { return {}; }
    void release(PlanId, UnixNanos) override {}
    Amount available(Market wallet, AssetId asset) const noexcept override {
        return table[static_cast<std::size_t>(wallet)][asset.index() % 16];
    }
    std::array<std::array<Amount, 16>, kMarketCount> table{};
};

struct World {
    Universe universe;
    book::BookSet books;
    FeeSchedule fees = *FeeSchedule::named("base");
    Wallets money;
    Config config;
    UnixNanos now = UnixNanos::from_millis(1'700'000'000'000);
    std::optional<Service> gate;
    std::uint64_t next_plan = 1;
    std::uint64_t opportunity = 0;

    InstrumentId binance =
        list(Market::BinanceSpot, InstrumentKind::Spot, "BTCUSDT", "BTC", "USDT");
    InstrumentId okx = list(Market::Okx, InstrumentKind::Spot, "BTC-USDT", "BTC", "USDT");
    InstrumentId perp =
        list(Market::BybitLinear, InstrumentKind::LinearPerpetual, "BTCUSDT", "BTC", "USDT");
    InstrumentId cross = list(Market::BinanceSpot, InstrumentKind::Spot, "ETHBTC", "ETH", "BTC");

    World() {
        for (const InstrumentId id : {binance, okx, perp}) quote(id, 4'999'900, 5'000'100);
        quote(cross, 4'990, 5'010);
        for (auto& wallet : money.table) wallet.fill(Amount::units(1'000'000));
        start();
    }
    void start() { gate.emplace(universe, books, money, fees, config); }

    InstrumentId list(Market market, InstrumentKind kind, const char* name, const char* base,
                      const char* quote_asset) {
        InstrumentDefinition d;
        d.market = market;
        d.kind = kind;
        d.venue_symbol = name;
        d.base = base;
        d.quote = quote_asset;
        d.tick = d.base == "ETH" ? "0.00001" : "0.05";
        d.lot = "0.00002";
        d.min_price = d.base == "ETH" ? "" : "10";
        d.max_price = d.base == "ETH" ? "" : "1000000";
        d.min_quantity = "0.0001";
        d.max_quantity = "9000";
        d.min_notional = d.base == "ETH" ? "0.0001" : "6";
        d.max_notional = d.base == "ETH" ? "" : "8000000";
        d.max_leverage = 20;
        d.maintenance_margin = is_spot(kind) ? "" : "0.005";
        const InstrumentId id = universe.list(d)->id;
        books.add(book::GapPolicy::SnapshotOnly);
        return id;
    }
    InstrumentDefinition definition(InstrumentId id) const { return universe.definition(id); }
    void relist(const InstrumentDefinition& d) { gate->on_listed(universe.list(d)->id); }

    /// One level a side, two units deep.
    void quote(InstrumentId id, std::int64_t bid, std::int64_t ask) {
        const Level bids[] = {{Price::from_raw(bid), Quantity::from_raw(200'000)}};
        const Level asks[] = {{Price::from_raw(ask), Quantity::from_raw(200'000)}};
        book::DepthInput in;
        in.snapshot = true;
        in.last_id = ++sequence;
        in.received = now;
        if (bid > 0) in.bids = bids;
        if (ask > 0) in.asks = asks;
        books.at(id).on_depth(in);
    }
    std::uint64_t sequence = 0;

    /// BTC at 50,000 in raw steps of 0.01 and 0.00001.
    messages::OrderRequest order(InstrumentId id, Side side, std::int64_t price = 5'000'000,
                                 std::int64_t quantity = 10'000,
                                 messages::Purpose purpose = messages::Purpose::Entry) {
        messages::OrderRequest request;
        request.id = ClientOrderId{PlanId{next_plan++}, 0, 0};
        request.instrument = id;
        request.side = side;
        request.price = Price::from_raw(price);
        request.quantity = Quantity::from_raw(quantity);
        request.purpose = purpose;
        request.decided = now;
        return request;
    }
    messages::OrderRequest hedge(InstrumentId id, Side side, std::int64_t price = 5'000'000,
                                 std::int64_t quantity = 10'000) {
        return order(id, side, price, quantity, messages::Purpose::Hedge);
    }
    ports::Intent intent(std::span<const messages::OrderRequest> orders) {
        ports::Intent out;
        out.orders = orders;
        out.strategy = messages::OpportunityKind::CrossVenue;
        out.opportunity = OpportunityId{++opportunity};
        out.expected_rate = Rate::basis_points(5);
        out.threshold = Rate::basis_points(1);
        out.expires = now + Nanos::millis(100);
        out.now = now;
        return out;
    }
    messages::Verdict ask(std::initializer_list<messages::OrderRequest> orders) {
        return gate->check(
            intent(std::span<const messages::OrderRequest>{orders.begin(), orders.size()}));
    }
    messages::OrderEvent event(const messages::OrderRequest& order,
                               messages::OrderEventKind kind) const {
        messages::OrderEvent e;
        e.kind = kind;
        e.id = order.id;
        e.instrument = order.instrument;
        e.side = order.side;
        e.received = now;
        return e;
    }
    messages::OrderEvent fill(const messages::OrderRequest& order, std::int64_t quantity,
                              std::int64_t cumulative, std::uint64_t trade) const {
        messages::OrderEvent e = event(order, messages::OrderEventKind::Filled);
        e.trade_id = trade;
        e.price = order.price;
        e.quantity = Quantity::from_raw(quantity);
        e.cumulative = Quantity::from_raw(cumulative);
        return e;
    }
    /// An order approved, filled in full and ended.
    void trade(const messages::OrderRequest& order) {
        PLX_ASSERT(ask({order}).approved());
        gate->on(fill(order, order.quantity.raw(), order.quantity.raw(), order.id.raw()));
        gate->on(event(order, messages::OrderEventKind::Done));
    }
    /// One posting of whole units at Binance.
    void book(messages::EntryKind kind, AssetId asset, messages::Bucket from, messages::Bucket to,
              std::int64_t units) {
        messages::LedgerEntry entry;
        entry.kind = kind;
        entry.asset = asset;
        entry.debit_wallet = entry.credit_wallet = Market::BinanceSpot;
        entry.debit = from;
        entry.credit = to;
        entry.amount = Amount::units(units);
        entry.time = now;
        gate->on(entry);
    }
    void attribute(std::int64_t dollars, std::int64_t legging = 0, std::uint64_t plan = 1) {
        messages::Attribution a;
        a.plan = PlanId{plan};
        a.value_asset = *universe.find_asset("USDT");
        a.time = now;
        a.realised = Amount::units(dollars);
        a.legging = Amount::units(legging);
        gate->on(a);
    }
    void command(messages::Scope scope, messages::TradingState state) {
        gate->on(messages::SetTradingState{scope, state, now});
    }
    const AssetExposure& btc() { return gate->exposures().asset(*universe.find_asset("BTC")); }
    const AssetExposure& usdt() { return gate->exposures().asset(*universe.find_asset("USDT")); }
    messages::TradingState global() const { return gate->state({}); }
    messages::TradingState venue(Venue v) const {
        return gate->state({messages::ScopeKind::Venue, static_cast<std::uint32_t>(v)});
    }
    messages::Scope symbol_scope(InstrumentId id) const {
        return {messages::ScopeKind::Symbol, universe.instrument(id).symbol.raw()};
    }
    messages::Scope quote_scope(const char* asset) const {
        return {messages::ScopeKind::Quote, universe.find_asset(asset)->raw()};
    }
    /// The sub-code of the last state change.
    ProfitCode cause() const {
        return static_cast<ProfitCode>(gate->state_changes().back().reason.limit);
    }
    void tick(Nanos later) {
        now = now + later;
        gate->on(messages::ClockTick{now});
    }
};

}  // namespace parallax::risk::fixture
