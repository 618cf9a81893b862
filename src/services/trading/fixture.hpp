#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <vector>

#include "core/archive.hpp"
#include "services/trading/service.hpp"

// A small market, a gate and a wallet for the tests and the benchmark of this folder.
namespace parallax::trading::fixture {

class Gate final : public ports::PreTradeGate {
public:
    messages::Verdict check(const ports::Intent& intent) noexcept override {
        ++asked;
        if (!verdict.approved()) return verdict;
        approved += intent.orders.size();
        return {};
    }
    void retract(std::span<const messages::OrderRequest> orders) noexcept override {
        retracted += orders.size();
    }
    messages::Verdict verdict;
    std::size_t asked = 0, approved = 0, retracted = 0;
};

class Wallets final : public ports::Reservations {
public:
    HotResult<void> reserve(PlanId, std::span<const ports::Hold> holds, UnixNanos) override {
        for (const ports::Hold& hold : holds) PLX_ASSERT(!hold.amount.is_negative());
        if (refuse) return fail(Errc::Rejected);
        all.assign(holds.begin(), holds.end());
        last = all.back();
        ++held;
        return {};
    }
    void release(PlanId, UnixNanos) override { held = 0; }
    Amount available(Market wallet, AssetId) const noexcept override {
        return empty[static_cast<std::size_t>(wallet)] ? Amount{} : Amount::units(1'000'000);
    }
    std::array<bool, kMarketCount> empty{};
    bool refuse = false;
    int held = 0;
    std::vector<ports::Hold> all;  ///< of the last call
    ports::Hold last;
};

struct World {
    Universe universe;
    book::BookSet books;
    FeeSchedule fees = *FeeSchedule::named("base");
    Gate gate;
    Wallets money;
    Config config;
    UnixNanos now = UnixNanos::from_millis(1'700'000'000'000);
    std::optional<Service> service;
    std::uint64_t sequence = 0, next_opportunity = 1, next_trade = 1;

    InstrumentId binance =
        list(Market::BinanceSpot, InstrumentKind::Spot, "BTCUSDT", "BTC", "USDT");
    InstrumentId okx = list(Market::Okx, InstrumentKind::Spot, "BTC-USDT", "BTC", "USDT");
    InstrumentId bybit = list(Market::BybitSpot, InstrumentKind::Spot, "BTCUSDT", "BTC", "USDT");
    InstrumentId perp =
        list(Market::BybitLinear, InstrumentKind::LinearPerpetual, "BTCUSDT", "BTC", "USDT");
    InstrumentId eth_btc = list(Market::BinanceSpot, InstrumentKind::Spot, "ETHBTC", "ETH", "BTC");
    InstrumentId eth_usdt =
        list(Market::BinanceSpot, InstrumentKind::Spot, "ETHUSDT", "ETH", "USDT");

    World() {
        for (const InstrumentId id : {binance, okx, bybit, perp}) quote(id, 5'000'000);
        quote(eth_btc, 5'000);
        quote(eth_usdt, 250'000);
        config.chase = false;
        start();
    }
    void start() { service.emplace(universe, books, fees, gate, money, config); }

    InstrumentId list(Market market, InstrumentKind kind, const char* name, const char* base,
                      const char* quote_asset) {
        InstrumentDefinition d;
        d.market = market;
        d.kind = kind;
        d.venue_symbol = name;
        d.base = base;
        d.quote = quote_asset;
        d.tick = d.quote == "BTC" ? "0.00001" : d.base == "USDC" ? "0.0001" : "0.01";
        d.lot = "0.00001";
        d.min_notional = d.quote == "BTC" ? "0.0001" : "5";
        d.max_leverage = 20;
        books.add(book::GapPolicy::SnapshotOnly);
        return universe.list(d)->id;
    }
    /// Three levels a side around the middle, one step apart, half a coin each.
    void quote(InstrumentId id, std::int64_t middle, std::int64_t size = 50'000) {
        std::vector<Level> bids, asks;
        for (std::int64_t i = 1; i <= 3; ++i) {
            bids.push_back({Price::from_raw(middle - i), Quantity::from_raw(size)});
            asks.push_back({Price::from_raw(middle + i), Quantity::from_raw(size)});
        }
        book::DepthInput in;
        in.snapshot = true;
        in.last_id = ++sequence;
        in.received = now;
        in.bids = bids;
        in.asks = asks;
        books.at(id).on_depth(in);
    }
    messages::OpportunityLeg leg(InstrumentId id, Side side, std::int64_t quantity) const {
        const Level top = books[id].best(opposite(side));
        messages::OpportunityLeg out;
        out.instrument = id;
        out.side = side;
        out.quantity = Quantity::from_raw(quantity);
        out.best = out.worst = top.price;
        out.protection = Price::from_raw(top.price.raw() +
                                         (side == Side::Buy ? 1 : -1) * (top.price.raw() / 5'000));
        out.value = universe.quote_value(id, top.price, out.quantity, Rounding::Up);
        return out;
    }
    messages::Opportunity opportunity(
        std::initializer_list<messages::OpportunityLeg> legs,
        messages::Execution execution = messages::Execution::Simultaneous,
        messages::OpportunityKind kind = messages::OpportunityKind::CrossVenue) {
        messages::Opportunity o;
        o.id = OpportunityId{next_opportunity++};
        o.kind = kind;
        o.execution = execution;
        for (const messages::OpportunityLeg& one : legs) o.legs[o.leg_count++] = one;
        o.value_asset = *universe.find_asset("USDT");
        o.detected = now;
        return o;
    }
    /// A tenth of a coin from Binance to OKX.
    messages::Opportunity pair(messages::Execution execution = messages::Execution::Simultaneous) {
        return opportunity({leg(binance, Side::Buy, 10'000), leg(okx, Side::Sell, 10'000)},
                           execution);
    }
    /// Hands an opportunity over and returns the requests.
    std::vector<messages::OrderRequest> start(const messages::Opportunity& o) {
        service->clear_outputs();
        service->on(o);
        return requests();
    }
    std::vector<messages::OrderRequest> requests() const {
        return {service->requests().begin(), service->requests().end()};
    }
    std::vector<messages::OrderRequest> say(const messages::OrderRequest& order,
                                            messages::OrderEventKind kind,
                                            std::int64_t quantity = 0,
                                            std::int64_t cumulative = 0) {
        messages::OrderEvent e;
        e.kind = kind;
        e.id = order.id;
        e.instrument = order.instrument;
        e.side = order.side;
        e.received = now;
        e.price = order.price;
        e.quantity = Quantity::from_raw(quantity);
        e.cumulative = Quantity::from_raw(cumulative == 0 ? quantity : cumulative);
        if (kind == messages::OrderEventKind::Filled) e.trade_id = next_trade++;
        service->clear_outputs();
        service->on(e);
        return requests();
    }
    std::vector<messages::OrderRequest> fill(const messages::OrderRequest& order,
                                             std::int64_t quantity, std::int64_t cumulative = 0) {
        return say(order, messages::OrderEventKind::Filled, quantity, cumulative);
    }
    std::vector<messages::OrderRequest> fill(const messages::OrderRequest& order) {
        return fill(order, order.quantity.raw());
    }
    std::vector<messages::OrderRequest> done(const messages::OrderRequest& order) {
        return say(order, messages::OrderEventKind::Done);
    }
    std::vector<messages::OrderRequest> wait(Nanos time) {
        now = now + time;
        service->clear_outputs();
        service->on(messages::ClockTick{now});
        return requests();
    }
    messages::PlanUpdate last() const { return service->plan_updates().back(); }
    ResidualDecision decision() const { return service->residual_decisions().back(); }
    std::vector<messages::PlanState> states() const {
        std::vector<messages::PlanState> out;
        for (const messages::PlanUpdate& update : service->plan_updates())
            out.push_back(update.state);
        return out;
    }
};

}  // namespace parallax::trading::fixture
