#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "book/book_set.hpp"
#include "core/archive.hpp"
#include "core/instrument.hpp"
#include "messages/trade.hpp"
#include "services/portfolio/service.hpp"

// A small market for tests and benchmarks: three spot venues, a dollar stablecoin pair, a linear
// and an inverse perpetual.

namespace parallax::portfolio::test {

inline Amount amount(std::string_view text) { return Amount::parse(text).value(); }
inline UnixNanos at(std::int64_t ms) { return UnixNanos::from_millis(1'700'000'000'000 + ms); }

class World {
public:
    World() {
        binance_btc = list(Market::BinanceSpot, InstrumentKind::Spot, "BTCUSDT", "BTC", "USDT",
                           "0.01", "0.00001");
        okx_btc =
            list(Market::Okx, InstrumentKind::Spot, "BTC-USDT", "BTC", "USDT", "0.1", "0.00000001");
        bybit_btc = list(Market::BybitSpot, InstrumentKind::Spot, "BTCUSDT", "BTC", "USDT", "0.01",
                         "0.000001");
        binance_eth = list(Market::BinanceSpot, InstrumentKind::Spot, "ETHUSDT", "ETH", "USDT",
                           "0.01", "0.0001");
        bnb = list(Market::BinanceSpot, InstrumentKind::Spot, "BNBUSDT", "BNB", "USDT", "0.01",
                   "0.001");
        usdc = list(Market::BinanceSpot, InstrumentKind::Spot, "USDCUSDT", "USDC", "USDT", "0.0001",
                    "1");
        okx_btc_usdc =
            list(Market::Okx, InstrumentKind::Spot, "BTC-USDC", "BTC", "USDC", "0.1", "0.00000001");
        perp = list(Market::BinanceUsdm, InstrumentKind::LinearPerpetual, "BTCUSDT", "BTC", "USDT",
                    "0.1", "0.001");
        inverse = list(Market::BinanceCoinm, InstrumentKind::InversePerpetual, "BTCUSD_PERP", "BTC",
                       "USD", "0.1", "1", "BTC", "100");
        for (const InstrumentId id : {binance_btc, okx_btc, bybit_btc})
            quote(id, "59999.5", "60000.5");
        quote(binance_eth, "2999.5", "3000.5");
        quote(bnb, "599.5", "600.5");
        quote(usdc, "0.9998", "1.0000");
        quote(okx_btc_usdc, "60009", "60011");
        quote(perp, "60010", "60020");
    }

    InstrumentId list(Market market, InstrumentKind kind, std::string venue_symbol,
                      std::string base, std::string quote_, std::string tick, std::string lot,
                      std::string settle = "", std::string contract = "") {
        InstrumentDefinition d;
        d.market = market;
        d.kind = kind;
        d.venue_symbol = std::move(venue_symbol);
        d.base = std::move(base);
        d.quote = std::move(quote_);
        d.tick = std::move(tick);
        d.lot = std::move(lot);
        d.settle = settle.empty() && !is_spot(kind) ? d.quote : std::move(settle);
        d.contract_size = std::move(contract);
        d.max_leverage = 125;
        return list(d);
    }

    InstrumentId list(const InstrumentDefinition& d) {
        const auto listed = universe.list(d);
        if (!listed) throw std::runtime_error(listed.error().detail);
        if (books.size() == listed->id.index()) books.add(book::GapPolicy::SnapshotOnly);
        return listed->id;
    }

    void quote(InstrumentId id, std::string_view bid, std::string_view ask) {
        const Level bids[] = {{price(id, bid), Quantity::from_raw(1'000'000)}};
        const Level asks[] = {{price(id, ask), Quantity::from_raw(1'000'000)}};
        book::DepthInput input;
        input.snapshot = true;
        input.first_id = input.last_id = ++updates;
        input.received = input.venue_time = at(0);
        input.bids = bids;
        input.asks = asks;
        books.at(id).on_depth(input);
    }

    Price price(InstrumentId id, std::string_view text) const {
        return Price::parse(text, universe.symbol_of(id).price_scale).value();
    }
    Quantity size(InstrumentId id, std::string_view text) const {
        return Quantity::parse(text, universe.symbol_of(id).quantity_scale).value();
    }
    AssetId asset(std::string_view name) const { return universe.find_asset(name).value(); }

    messages::ExternalFlow flow(Market wallet, std::string_view name, std::string_view sum) const {
        return {wallet, asset(name), amount(sum), at(0)};
    }
    messages::OrderRequest order(ClientOrderId id, InstrumentId instrument, Side side,
                                 std::string_view p, std::string_view q,
                                 messages::Purpose purpose = messages::Purpose::Entry) const {
        messages::OrderRequest request;
        request.id = id;
        request.instrument = instrument;
        request.side = side;
        request.price = price(instrument, p);
        request.quantity = size(instrument, q);
        request.purpose = purpose;
        request.decided = at(1);
        return request;
    }
    /// A fill of the order; cumulative "" is not given.
    messages::OrderEvent fill(ClientOrderId id, InstrumentId instrument, Side side,
                              std::uint64_t trade, std::string_view p, std::string_view q,
                              std::string_view cumulative = "", std::string_view fee = "0",
                              std::string_view fee_asset = "USDT") const {
        messages::OrderEvent event;
        event.kind = messages::OrderEventKind::Filled;
        event.id = id;
        event.instrument = instrument;
        event.side = side;
        event.received = event.venue_time = at(2);
        event.trade_id = trade;
        event.price = price(instrument, p);
        event.quantity = size(instrument, q);
        if (!cumulative.empty()) event.cumulative = size(instrument, cumulative);
        event.fee = amount(fee);
        event.fee_asset = asset(fee_asset);
        return event;
    }
    messages::OrderEvent done(ClientOrderId id, InstrumentId instrument) const {
        messages::OrderEvent event;
        event.kind = messages::OrderEventKind::Done;
        event.id = id;
        event.instrument = instrument;
        event.received = at(3);
        return event;
    }
    messages::PlanLeg leg(InstrumentId instrument, Side side, std::string_view q,
                          std::string_view worst, std::string_view value) const {
        messages::PlanLeg leg;
        leg.instrument = instrument;
        leg.side = side;
        leg.planned = size(instrument, q);
        leg.planned_worst = leg.protection = price(instrument, worst);
        leg.planned_value = amount(value);
        return leg;
    }
    messages::PlanUpdate plan(std::uint64_t id, messages::PlanState state,
                              std::vector<messages::PlanLeg> legs,
                              std::string_view value_asset = "USDT") const {
        messages::PlanUpdate update;
        update.plan = PlanId{id};
        update.state = state;
        update.time = at(4);
        update.leg_count = static_cast<std::uint8_t>(legs.size());
        for (std::size_t i = 0; i < legs.size(); ++i) update.legs[i] = legs[i];
        update.value_asset = asset(value_asset);
        return update;
    }

    Universe universe;
    book::BookSet books;
    FeeSchedule fees = *FeeSchedule::named("zero");
    std::uint64_t updates = 0;
    InstrumentId binance_btc, okx_btc, bybit_btc, binance_eth, bnb, usdc, okx_btc_usdc, perp,
        inverse;
};

inline ClientOrderId order_id(std::uint64_t plan, std::uint8_t leg = 0, std::uint16_t attempt = 0) {
    return ClientOrderId{PlanId{plan}, leg, attempt};
}

/// What the order holds back before it leaves.
inline ports::Hold hold_for(const World& world, const messages::OrderRequest& order,
                            std::int64_t leverage = Config{}.derivative_leverage) {
    const orders::Need need =
        orders::worst_case(world.universe, world.fees, order.instrument, order.side, order.price,
                           order.quantity, leverage, order.reduce_only);
    return {need.wallet, need.asset, need.amount, order.id};
}

/// Reserves and sends, as trading does.
inline void send(Service& service, const World& world, const messages::OrderRequest& order,
                 std::int64_t leverage = Config{}.derivative_leverage) {
    const ports::Hold hold = hold_for(world, order, leverage);
    if (!service.reserve(order.id.plan(), {&hold, 1}, order.decided))
        throw std::runtime_error("not enough money for the order");
    service.on(order);
}

/// What a crash leaves: the state written, and read by a fresh service.
inline Service restored(Service& service, const World& world, const Config& config = {}) {
    std::vector<std::byte> bytes;
    StateWriter writer{bytes};
    writer(service);
    Service fresh{world.universe, world.books, world.fees, config};
    StateReader reader{bytes};
    reader(fresh);
    if (!reader.finished()) throw std::runtime_error("snapshot does not fit");
    return fresh;
}

}  // namespace parallax::portfolio::test
