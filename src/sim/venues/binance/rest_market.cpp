#include "sim/venues/binance/api.hpp"
#include "sim/venues/binance/messages.hpp"
#include "sim/venues/binance/numbers.hpp"

namespace parallax::sim_binance {
namespace {

using sim_engine::ListingState;

const char* state_text(ListingState state, Product product) {
    switch (state) {
        case ListingState::Trading:
        case ListingState::PostOnly:
            return "TRADING";
        case ListingState::Halted:
            return product == Product::Spot ? "HALT" : "PENDING_TRADING";
        case ListingState::CancelOnly:
            return product == Product::Spot ? "CANCEL_ONLY" : "PRE_SETTLE";
        case ListingState::Delisted:
            return product == Product::Spot ? "BREAK" : "CLOSE";
    }
    return "BREAK";
}

std::string one_less(Rate rate) { return sim_front::fixed_text(Rate::kOne - rate.raw(), 9, 4); }
std::string one_more(Rate rate) { return sim_front::fixed_text(Rate::kOne + rate.raw(), 9, 4); }

Json lot_filter(const Listing& l, const char* type, Quantity most) {
    return {{"filterType", type},
            {"minQty", text(l, l.min_quantity)},
            {"maxQty", text(l, most)},
            {"stepSize", text(l, l.lot)}};
}

Json filters(const Listing& l) {
    Json out = Json::array();
    out.push_back({{"filterType", "PRICE_FILTER"},
                   {"minPrice", text(l, l.min_price)},
                   {"maxPrice", text(l, l.max_price)},
                   {"tickSize", text(l, l.tick)}});
    out.push_back(lot_filter(l, "LOT_SIZE", l.max_quantity));
    out.push_back(lot_filter(l, "MARKET_LOT_SIZE", l.max_market_quantity));
    const std::uint32_t most = l.definition.max_open_orders;
    const bool banded = l.band_up > Rate{} || l.band_down > Rate{};
    if (l.perpetual) {
        if (most != 0) out.push_back({{"filterType", "MAX_NUM_ORDERS"}, {"limit", most}});
        out.push_back({{"filterType", "MIN_NOTIONAL"}, {"notional", l.min_notional.text()}});
        if (banded)
            out.push_back({{"filterType", "PERCENT_PRICE"},
                           {"multiplierUp", one_more(l.band_up)},
                           {"multiplierDown", one_less(l.band_down)},
                           {"multiplierDecimal", "4"}});
        return out;
    }
    if (banded)
        out.push_back({{"filterType", "PERCENT_PRICE"},
                       {"multiplierUp", one_more(l.band_up)},
                       {"multiplierDown", one_less(l.band_down)},
                       {"avgPriceMins", 0}});
    out.push_back({{"filterType", "NOTIONAL"},
                   {"minNotional", text(l.min_notional)},
                   {"applyMinToMarket", true},
                   {"maxNotional",
                    text(l.max_notional.is_zero() ? Amount::units(9'000'000) : l.max_notional)},
                   {"applyMaxToMarket", !l.max_notional.is_zero()},
                   {"avgPriceMins", 0}});
    if (most != 0) out.push_back({{"filterType", "MAX_NUM_ORDERS"}, {"maxNumOrders", most}});
    out.push_back(
        {{"filterType", "MAX_NUM_ORDER_AMENDS"}, {"maxNumOrderAmends", l.policy.max_amends}});
    return out;
}

Json spot_symbol(const Listing& l) {
    Json modes = Json::array({"NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT"});
    return {{"symbol", l.definition.venue_symbol},
            {"status", state_text(l.state, Product::Spot)},
            {"baseAsset", l.definition.base},
            {"baseAssetPrecision", 8},
            {"quoteAsset", l.definition.quote},
            {"quotePrecision", l.definition.quote_decimals},
            {"quoteAssetPrecision", l.definition.quote_decimals},
            {"baseCommissionPrecision", 8},
            {"quoteCommissionPrecision", 8},
            {"orderTypes", Json::array({"LIMIT", "LIMIT_MAKER", "MARKET"})},
            {"icebergAllowed", false},
            {"ocoAllowed", false},
            {"otoAllowed", false},
            {"opoAllowed", false},
            {"quoteOrderQtyMarketAllowed", true},
            {"allowTrailingStop", false},
            {"cancelReplaceAllowed", true},
            {"amendAllowed", true},
            {"pegInstructionsAllowed", false},
            {"isSpotTradingAllowed", true},
            {"isMarginTradingAllowed", false},
            {"filters", filters(l)},
            {"permissions", Json::array()},
            {"permissionSets", Json::array({Json::array({"SPOT"})})},
            {"defaultSelfTradePreventionMode", self_trade_text(l.policy.self_trade)},
            {"allowedSelfTradePreventionModes", std::move(modes)}};
}

Json futures_symbol(const Listing& l) {
    return {{"symbol", l.definition.venue_symbol},
            {"pair", l.definition.venue_symbol},
            {"contractType", "PERPETUAL"},
            {"deliveryDate", 4133404800000},
            {"onboardDate", 1569398400000},
            {"status", state_text(l.state, Product::Futures)},
            {"maintMarginPercent", "2.5000"},
            {"requiredMarginPercent", "5.0000"},
            {"baseAsset", l.definition.base},
            {"quoteAsset", l.definition.quote},
            {"marginAsset", l.definition.quote},
            {"pricePrecision", price_digits(l)},
            {"quantityPrecision", quantity_digits(l)},
            {"baseAssetPrecision", 8},
            {"quotePrecision", l.definition.quote_decimals},
            {"underlyingType", "COIN"},
            {"underlyingSubType", Json::array()},
            {"triggerProtect", "0.0500"},
            {"liquidationFee", "0.012500"},
            {"marketTakeBound", sim_front::fixed_text(l.policy.market_protection.raw(), 9, 2)},
            {"filters", filters(l)},
            {"orderTypes", Json::array({"LIMIT", "MARKET"})},
            {"timeInForce", Json::array({"GTC", "IOC", "FOK", "GTX"})}};
}

}  // namespace

Reply Api::ping(Call&) { return Json::object(); }
Reply Api::time(Call& call) { return Json{{"serverTime", call.now.millis()}}; }

Reply Api::exchange_info(Call& call) {
    const auto ids = listings_of(call);
    if (!ids) return tl::unexpected{ids.error()};
    Json symbols = Json::array();
    std::set<std::string> assets;
    for (const ListingId id : *ids) {
        const Listing& l = venue_.listing(id);
        assets.insert(l.definition.quote);
        symbols.push_back(call.product == Product::Spot ? spot_symbol(l) : futures_symbol(l));
    }
    Json out{{"timezone", "UTC"},
             {"serverTime", call.now.millis()},
             {"rateLimits", limits(call.product).rate_limits(nullptr, true, true)},
             {"exchangeFilters", Json::array()}};
    if (call.product == Product::Futures) {
        out["futuresType"] = "U_MARGINED";
        out["assets"] = Json::array();
        for (const std::string& asset : assets)
            out["assets"].push_back(
                {{"asset", asset}, {"marginAvailable", true}, {"autoAssetExchange", "0"}});
    }
    out["symbols"] = std::move(symbols);
    return out;
}

Reply Api::depth(Call& call) {
    Arguments in{call};
    const bool spot_market = call.product == Product::Spot;
    const std::int64_t limit =
        in.number_or("limit", spot_market ? 100 : 500, spot_market ? 5'000 : 1'000);
    if (in.fault()) return in.failure();
    if (!spot_market && limit != 5 && limit != 10 && limit != 20 && limit != 50 && limit != 100 &&
        limit != 500 && limit != 1'000)
        return refuse(-4021, "Not valid depth limit: " + std::to_string(limit));
    const auto id = listing_of(call);
    if (!id) return tl::unexpected{id.error()};
    const Listing& l = venue_.listing(*id);
    Json out{{"lastUpdateId", venue_.book(*id).update()}};
    if (!spot_market) {
        out["E"] = call.now.millis();
        out["T"] = call.now.millis();
    }
    const auto most = static_cast<std::size_t>(limit);
    out["bids"] = levels_json(l, venue_.levels(*id, Side::Buy, most));
    out["asks"] = levels_json(l, venue_.levels(*id, Side::Sell, most));
    return out;
}

Reply Api::trades(Call& call) {
    Arguments in{call};
    const std::int64_t limit = in.number_or("limit", 500, 1'000);
    const auto from = in.number("fromId");
    if (in.fault()) return in.failure();
    const auto id = listing_of(call);
    if (!id) return tl::unexpected{id.error()};
    const Listing& l = venue_.listing(*id);
    const auto& tape = tapes_[id->index()].trades();
    Json out = Json::array();
    const std::size_t most = static_cast<std::size_t>(limit);
    for (std::size_t i = from || tape.size() < most ? 0 : tape.size() - most;
         i < tape.size() && out.size() < most; ++i) {
        const sim_engine::TradePrint& p = tape[i].print;
        if (from && p.trade.raw() < static_cast<std::uint64_t>(*from)) continue;
        Json row{{"id", p.trade.raw()},           {"price", text(l, p.price)},
                 {"qty", text(l, p.quantity)},    {"quoteQty", text(l.paid(p.price, p.quantity))},
                 {"time", tape[i].time.millis()}, {"isBuyerMaker", p.aggressor == Side::Sell}};
        if (spot(l)) row["isBestMatch"] = true;
        out.push_back(std::move(row));
    }
    return out;
}

Reply Api::aggregate_trades(Call& call) {
    Arguments in{call};
    const auto limit = static_cast<std::size_t>(in.number_or("limit", 500, 1'000));
    const auto from = in.number("fromId");
    const auto start = in.number("startTime");
    const auto end = in.number("endTime");
    if (in.fault()) return in.failure();
    const auto id = listing_of(call);
    if (!id) return tl::unexpected{id.error()};
    const Listing& l = venue_.listing(*id);
    Json out = Json::array();
    const auto& tape = tapes_[id->index()].aggregates();
    const bool ranged = from || start;
    for (std::size_t i = ranged || tape.size() < limit ? 0 : tape.size() - limit;
         i < tape.size() && out.size() < limit; ++i) {
        const AggregateTrade& t = tape[i];
        if ((from && t.id < static_cast<std::uint64_t>(*from)) ||
            (start && t.time.millis() < *start) || (end && t.time.millis() > *end))
            continue;
        Json row{
            {"a", t.id},   {"p", text(l, t.price)}, {"q", text(l, t.quantity)},      {"f", t.first},
            {"l", t.last}, {"T", t.time.millis()},  {"m", t.aggressor == Side::Sell}};
        if (spot(l)) row["M"] = true;
        out.push_back(std::move(row));
    }
    return out;
}

Reply Api::klines(Call& call) {
    Arguments in{call};
    const auto limit = static_cast<std::size_t>(
        in.number_or("limit", 500, call.product == Product::Spot ? 1'000 : 1'500));
    const auto start = in.number("startTime");
    const auto end = in.number("endTime");
    const Nanos length = kline_length(in.must("interval"));
    if (in.fault()) return in.failure();
    if (length == Nanos{}) return refuse(-1120, "Invalid interval.");
    const auto id = listing_of(call);
    if (!id) return tl::unexpected{id.error()};
    Json out = Json::array();
    const Listing& l = venue_.listing(*id);
    auto candles =
        tapes_[id->index()].candles(length, start || end ? Tape::kMinutes : limit, call.now);
    if (end) std::erase_if(candles, [&](const Candle& c) { return c.begin.millis() > *end; });
    if (start) std::erase_if(candles, [&](const Candle& c) { return c.begin.millis() < *start; });
    const std::size_t first = start || candles.size() < limit ? 0 : candles.size() - limit;
    for (std::size_t i = first; i < candles.size() && out.size() < limit; ++i)
        out.push_back(kline_row(l, candles[i], length));
    return out;
}

}  // namespace parallax::sim_binance
