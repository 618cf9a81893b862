#include "sim/venues/bybit/market_text.hpp"

#include "core/decimal.hpp"
#include "sim/venues/bybit/ids.hpp"
#include "sim/venues/bybit/text.hpp"

namespace parallax::sim_bybit {
namespace {

using sim_engine::Desk;
using sim_engine::Listing;
using sim_engine::SimVenue;

/// (now - then) / then, four digits as the venue.
std::string change_text(Price now, Price then) {
    if (!(then > Price{})) return "0";
    const __int128 steps = __int128{now.raw() - then.raw()} * 10'000 / then.raw();
    return format_decimal(steps, 4);
}

std::string or_empty(const std::string& text, std::string_view otherwise) {
    return text.empty() ? std::string{otherwise} : text;
}

}  // namespace

void append_levels(std::string& out, const Listing& listing, const std::vector<Level>& levels) {
    out += '[';
    for (const Level& level : levels) {
        if (out.back() != '[') out += ',';
        out += "[\"";
        out += price_text(listing, level.price);
        out += "\",\"";
        out += quantity_text(listing, level.quantity);
        out += "\"]";
    }
    out += ']';
}

std::string book_message(const Listing& listing, const BookText& head,
                         const std::vector<Level>& bids, const std::vector<Level>& asks) {
    std::string out;
    out.reserve(160 + 32 * (bids.size() + asks.size()));
    out += R"({"topic":")";
    out += head.topic;
    out += R"(","type":")";
    out += head.snapshot ? "snapshot" : "delta";
    out += R"(","ts":)" + std::to_string(head.now.millis()) + R"(,"data":{"s":")";
    out += listing.definition.venue_symbol;
    out += R"(","b":)";
    append_levels(out, listing, bids);
    out += R"(,"a":)";
    append_levels(out, listing, asks);
    out += R"(,"u":)" + std::to_string(head.update) + R"(,"seq":)" + std::to_string(head.seq);
    out += R"(},"cts":)" + std::to_string(head.engine.millis()) + '}';
    return out;
}

Json trade_json(const Listing& l, const Tape::Trade& t) {
    return {{"T", t.time.millis()},
            {"s", l.definition.venue_symbol},
            {"S", side_text(t.print.aggressor)},
            {"v", quantity_text(l, t.print.quantity)},
            {"p", price_text(l, t.print.price)},
            {"L", t.tick},
            {"i", trade_text(l.id, t.print.trade, is_spot(l))},
            {"BT", false},
            {"seq", t.seq}};
}

Json recent_trade_json(const Listing& l, const Tape::Trade& t) {
    return {{"execId", trade_text(l.id, t.print.trade, is_spot(l))},
            {"symbol", l.definition.venue_symbol},
            {"price", price_text(l, t.print.price)},
            {"size", quantity_text(l, t.print.quantity)},
            {"side", side_text(t.print.aggressor)},
            {"time", std::to_string(t.time.millis())},
            {"isBlockTrade", false},
            {"isRPITrade", false},
            {"seq", std::to_string(t.seq)}};
}

Fields ticker_fields(const SimVenue& venue, sim_engine::ListingId id, const Tape& tape,
                     UnixNanos now, bool rest) {
    const Desk& desk = venue.desk(id);
    const Listing& l = desk.listing;
    const Tape::Day day = tape.day(now);
    const Price last = desk.last_price > Price{} ? desk.last_price : desk.reference();
    const Price first = day.first > Price{} ? day.first : last;
    const Price high = day.high > Price{} ? day.high : last;
    const Price low = day.low > Price{} ? day.low : last;
    const Level bid = desk.book.top(Side::Buy), ask = desk.book.top(Side::Sell);
    const auto price = [&](Price p) { return price_text(l, p); };
    const auto size = [&](Quantity q) { return quantity_text(l, q); };
    Fields f;
    f.emplace_back("symbol", l.definition.venue_symbol);
    if (l.perpetual) {
        f.emplace_back(
            "tickDirection",
            std::string{tape.trades().empty() ? "ZeroPlusTick" : tape.trades().back().tick});
    }
    if (rest || l.perpetual) {
        f.emplace_back("bid1Price", bid.quantity.is_zero() ? "" : price(bid.price));
        f.emplace_back("bid1Size", bid.quantity.is_zero() ? "" : size(bid.quantity));
        f.emplace_back("ask1Price", ask.quantity.is_zero() ? "" : price(ask.price));
        f.emplace_back("ask1Size", ask.quantity.is_zero() ? "" : size(ask.quantity));
    }
    f.emplace_back("lastPrice", price(last));
    f.emplace_back("prevPrice24h", price(first));
    f.emplace_back("price24hPcnt", change_text(last, first));
    f.emplace_back("highPrice24h", price(high));
    f.emplace_back("lowPrice24h", price(low));
    f.emplace_back("turnover24h", day.turnover.text());
    f.emplace_back("volume24h", l.text(day.volume));
    if (!l.perpetual) {
        const bool dollars = l.definition.quote == "USDT" || l.definition.quote == "USDC";
        f.emplace_back("usdIndexPrice",
                       dollars && desk.index > Price{} ? price(desk.index) : std::string{});
        return f;
    }
    const Quantity interest = sim_front::open_interest(venue, id);
    f.emplace_back("prevPrice1h", price(day.hour_ago > Price{} ? day.hour_ago : last));
    f.emplace_back("markPrice", price(desk.mark));
    f.emplace_back("indexPrice", price(desk.index));
    f.emplace_back("openInterest", size(interest));
    f.emplace_back("openInterestValue", l.notional(desk.mark, interest).text());
    f.emplace_back("fundingIntervalHour",
                   std::to_string(l.definition.funding_interval.count() / 3'600'000'000'000));
    f.emplace_back("fundingCap", rate_text(l.funding_cap));
    f.emplace_back("nextFundingTime", std::to_string(desk.next_funding.millis()));
    f.emplace_back("fundingRate", rate_text(desk.funding_rate()));
    return f;
}

Json instrument_json(const Listing& l) {
    const InstrumentDefinition& d = l.definition;
    const bool trading = l.state == sim_engine::ListingState::Trading ||
                         l.state == sim_engine::ListingState::PostOnly;
    const std::string band_up = rate_text(l.band_up), band_down = rate_text(l.band_down);
    const std::string most = or_empty(d.max_quantity, "1000000000");
    const std::string most_market = or_empty(d.max_market_quantity, most);
    Json out = {{"symbol", d.venue_symbol}};
    if (!l.perpetual) {
        out.update(
            {{"baseCoin", d.base},
             {"quoteCoin", d.quote},
             {"innovation", "0"},
             {"status", trading ? "Trading" : "Closed"},
             {"marginTrading", "none"},
             {"stTag", "0"},
             {"lotSizeFilter",
              {{"basePrecision", d.lot},
               {"quotePrecision", "0.00000001"},
               {"minOrderQty", d.min_quantity},
               {"maxOrderQty", most},
               {"minOrderAmt", or_empty(d.min_notional, "0")},
               {"maxOrderAmt", or_empty(d.max_notional, "1000000000")},
               {"maxLimitOrderQty", most},
               {"maxMarketOrderQty", most_market},
               {"postOnlyMaxLimitOrderSize", most}}},
             {"priceFilter", {{"tickSize", d.tick}}},
             {"riskParameters", {{"priceLimitRatioX", band_up}, {"priceLimitRatioY", band_down}}}});
        return out;
    }
    out.update(
        {{"contractType", "LinearPerpetual"},
         {"status", trading ? "Trading" : "Closed"},
         {"baseCoin", d.base},
         {"quoteCoin", d.quote},
         {"launchTime", "1584230400000"},
         {"deliveryTime", "0"},
         {"deliveryFeeRate", ""},
         {"priceScale", std::to_string(significant_decimals(d.tick))},
         {"leverageFilter",
          {{"minLeverage", "1"},
           {"maxLeverage", std::to_string(d.max_leverage) + ".00"},
           {"leverageStep", "1"}}},
         {"priceFilter",
          {{"minPrice", d.min_price.empty() ? d.tick : d.min_price},
           {"maxPrice", or_empty(d.max_price, "199999.80")},
           {"tickSize", d.tick}}},
         {"lotSizeFilter",
          {{"maxOrderQty", most},
           {"minOrderQty", d.min_quantity},
           {"qtyStep", d.lot},
           {"postOnlyMaxOrderQty", most},
           {"maxMktOrderQty", most_market},
           {"minNotionalValue", or_empty(d.min_notional, "0")}}},
         {"unifiedMarginTrade", true},
         {"fundingInterval", d.funding_interval.count() / 60'000'000'000},
         {"settleCoin", d.settle},
         {"copyTrading", "none"},
         {"upperFundingRate", rate_text(l.funding_cap)},
         {"lowerFundingRate", rate_text(-l.funding_cap)},
         {"isPreListing", false},
         {"preListingInfo", nullptr},
         {"riskParameters", {{"priceLimitRatioX", band_up}, {"priceLimitRatioY", band_down}}}});
    return out;
}

Json candle_row(const Listing& l, const Candle& c) {
    return Json::array({std::to_string(c.start), price_text(l, c.open), price_text(l, c.high),
                        price_text(l, c.low), price_text(l, c.close), l.text(c.volume),
                        c.turnover.text()});
}

Json risk_tier_json(const Listing& l) {
    const std::int64_t most = std::max<std::int64_t>(1, l.definition.max_leverage);
    const Rate initial = Rate::from_raw((Rate::kOne + most - 1) / most);
    return {{"id", 1},
            {"symbol", l.definition.venue_symbol},
            {"riskLimitValue", ""},
            {"maintenanceMargin", rate_text(l.maintenance_margin)},
            {"initialMargin", rate_text(initial)},
            {"isLowestRisk", 1},
            {"maxLeverage", std::to_string(l.definition.max_leverage) + ".00"},
            {"mmDeduction", ""}};
}

Limits price_limits(const Desk& desk) noexcept {
    const Listing& l = desk.listing;
    const Rate up = l.band_up > Rate{} ? l.band_up : l.policy.market_protection;
    const Rate down = l.band_down > Rate{} ? l.band_down : l.policy.market_protection;
    const auto on_tick = [&](Price p) {  // inside the band
        return Price::from_raw(p.raw() - p.raw() % l.tick.raw());
    };
    Price low = on_tick(l.moved(desk.reference(), -down));
    if (low < l.moved(desk.reference(), -down)) low = low + l.tick;
    return {on_tick(l.moved(desk.reference(), up)), low};
}

}  // namespace parallax::sim_bybit
