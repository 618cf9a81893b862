#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "adapters/venues/paper/filters.hpp"
#include "adapters/venues/paper/paper_venue.hpp"
#include "core/assert.hpp"
#include "messages/risk.hpp"

namespace parallax::paper::testing {

using messages::OrderAction;
using messages::OrderEvent;
using messages::OrderEventKind;
using messages::OrderRequest;
using messages::ReasonCode;
using messages::TimeInForce;

inline Config quiet_config() {
    Config config;
    for (VenueLatency& latency : config.latency) {
        latency.feed = {Nanos::millis(2), Nanos::millis(2)};
        latency.order = {Nanos::millis(3), Nanos::millis(3)};
        latency.response = {Nanos::millis(4), Nanos::millis(4)};
    }
    return config;
}

inline InstrumentDefinition define(Market market, InstrumentKind kind, std::string symbol,
                                   std::string base, std::string quote, std::string tick,
                                   std::string lot, std::string settle = {}) {
    InstrumentDefinition d;
    d.market = market;
    d.kind = kind;
    d.venue_symbol = std::move(symbol);
    d.base = std::move(base);
    d.quote = std::move(quote);
    d.settle = std::move(settle);
    d.tick = std::move(tick);
    d.lot = std::move(lot);
    d.min_quantity = d.lot;
    d.max_leverage = 10;
    return d;
}

/// Three instruments (BTC/USDT spot, its linear and an inverse perpetual), books that tests write,
/// and a paper venue.
class World {
public:
    static constexpr Market kSpotMarket = Market::BinanceSpot;
    static constexpr Market kUsdm = Market::BinanceUsdm;
    static constexpr Market kCoinm = Market::BinanceCoinm;

    explicit World(const Config& config = quiet_config(), std::uint64_t seed = 1,
                   const char* fees = "base")
        : fees_{*FeeSchedule::named(fees)} {
        auto spot_definition =
            define(kSpotMarket, InstrumentKind::Spot, "BTCUSDT", "BTC", "USDT", "0.01", "0.001");
        spot_definition.min_notional = "5";
        spot_definition.max_quantity = "100";
        spot_definition.price_band_up = "0.05";
        spot_definition.price_band_down = "0.05";
        spot_definition.max_open_orders = 3;
        spot = list(spot_definition);
        linear = list(define(kUsdm, InstrumentKind::LinearPerpetual, "BTCUSDT", "BTC", "USDT",
                             "0.1", "0.001"));
        inverse = list(define(kCoinm, InstrumentKind::InversePerpetual, "BTCUSD_PERP", "BTC", "USD",
                              "0.1", "1", "BTC"));
        fee_coin = list(
            define(kSpotMarket, InstrumentKind::Spot, "BNBUSDT", "BNB", "USDT", "0.01", "0.001"));
        btc = *universe.find_asset("BTC");
        usdt = *universe.find_asset("USDT");
        bnb = *universe.find_asset("BNB");
        rebuild(config, seed);
        set_book(spot, {{"99.99", "1"}, {"99.98", "2"}},
                 {{"100", "1"}, {"100.01", "2"}, {"100.05", "5"}});
        set_book(linear, {{"99.9", "1"}, {"99.8", "2"}}, {{"100", "1"}, {"100.1", "2"}});
        set_book(inverse, {{"99.9", "1000"}}, {{"100", "1000"}});
        set_book(fee_coin, {{"500", "10"}}, {{"500.5", "10"}});
    }

    World(const World&) = delete;  // the venue refers to its parts
    World& operator=(const World&) = delete;

    void rebuild(const Config& config, std::uint64_t seed) {
        venue = std::make_unique<PaperVenue>(universe, books, fees_, config, seed);
    }
    void set_fees(Market market, bool is_spot_market, FeeRates rates,
                  const Config& config = quiet_config()) {
        fees_.set(market, is_spot_market, rates);
        rebuild(config, 1);
    }

    using Text = std::pair<const char*, const char*>;
    void set_book(InstrumentId id, std::vector<Text> bids, std::vector<Text> asks) {
        const auto read = [&](const std::vector<Text>& side) {
            std::vector<Level> levels;
            for (const auto& [p, q] : side) levels.push_back({price(id, p), quantity(id, q)});
            return levels;
        };
        const auto b = read(bids), a = read(asks);
        const auto number = ++book_id_;
        books.at(id).on_depth({true, number, number, -1, now, now, b, a});
        if (venue) venue->on_book(id);
    }
    Price price(InstrumentId id, const char* text) const {
        return *Price::parse(text, universe.symbol_of(id).price_scale);
    }
    Quantity quantity(InstrumentId id, const char* text) const {
        return *Quantity::parse(text, universe.symbol_of(id).quantity_scale);
    }
    static Amount amount(const char* text) { return *Amount::parse(text); }

    OrderRequest order(InstrumentId id, Side side, const char* p, const char* q,
                       TimeInForce tif = TimeInForce::Ioc) {
        OrderRequest request;
        request.id = ClientOrderId{PlanId{next_plan_++}, 0, 1};
        request.instrument = id;
        request.side = side;
        request.price = price(id, p);
        request.quantity = quantity(id, q);
        request.time_in_force = tif;
        request.decided = now;
        return request;
    }
    static OrderRequest with_action(OrderRequest request, OrderAction action, UnixNanos decided) {
        request.action = action;
        request.decided = decided;
        return request;
    }
    /// Submits and runs until everything is told.
    std::vector<OrderEvent> run(const OrderRequest& request) {
        PLX_ASSERT(venue->submit({&request, 1}).has_value());
        return drain();
    }
    std::vector<OrderEvent> drain() {
        std::vector<OrderEvent> events = poll();
        while (venue->next_due() != PaperVenue::kNever) {
            now = std::max(now, venue->next_due());
            venue->advance(now);
            for (const OrderEvent& event : poll()) events.push_back(event);
        }
        return events;
    }
    std::vector<OrderEvent> poll() {
        std::vector<OrderEvent> events;
        std::array<OrderEvent, 3> some;
        for (std::size_t n = venue->poll(some); n > 0; n = venue->poll(some)) {
            events.insert(events.end(), some.begin(),
                          some.begin() + static_cast<std::ptrdiff_t>(n));
        }
        return events;
    }
    std::vector<OrderEvent> trade(InstrumentId id, const char* p, const char* q, Side aggressor) {
        messages::TradePrint print;
        print.instrument = id;
        print.price = price(id, p);
        print.quantity = quantity(id, q);
        print.aggressor = aggressor;
        venue->on(print);
        return drain();
    }

    Universe universe;
    book::BookSet books;
    InstrumentId spot, linear, inverse, fee_coin;
    AssetId btc, usdt, bnb;
    UnixNanos now = UnixNanos::from_millis(1'000);
    std::unique_ptr<PaperVenue> venue;

private:
    InstrumentId list(const InstrumentDefinition& definition) {
        const auto listed = universe.list(definition);
        PLX_ASSERT(listed.has_value());
        books.add(book::GapPolicy::SnapshotOnly);
        return listed->id;
    }
    FeeSchedule fees_;
    std::uint64_t book_id_ = 0;
    std::uint64_t next_plan_ = 1;
};

/// A world with money in every wallet.
class Funded final : public World {
public:
    explicit Funded(const Config& config = quiet_config(), std::uint64_t seed = 1)
        : World{config, seed} {
        venue->deposit(kSpotMarket, usdt, amount("10000"));
        venue->deposit(kSpotMarket, btc, amount("10"));
        venue->deposit(kUsdm, usdt, amount("1000"));
        venue->deposit(kCoinm, btc, amount("10"));
    }
};

inline std::vector<OrderEventKind> kinds(const std::vector<OrderEvent>& events) {
    std::vector<OrderEventKind> out;
    for (const OrderEvent& event : events) out.push_back(event.kind);
    return out;
}

inline messages::Reason instrument_rule(Filter filter) {
    return {ReasonCode::RiskLimit, static_cast<std::int64_t>(messages::RiskCheck::Instrument),
            static_cast<std::int64_t>(filter)};
}

}  // namespace parallax::paper::testing
