// What the venue knows of instruments besides trades: marks, indices, open interest, margins.
#include "sim/venues/okx/market_messages.hpp"
#include "sim/venues/okx/order_messages.hpp"
#include "sim/venues/okx/rest.hpp"

#include <limits>

namespace parallax::sim_okx {

using sim_engine::Listing;
using sim_engine::ListingId;

Answer Rest::price_candles(const Call& call, ListingId id) {
    const auto bar = find_bar(call.query.has("bar") ? call.query.text("bar") : "1m");
    if (!bar || kBars[*bar].millis < 60'000) return bad(kParameter, "bar");  // none of a second
    const auto limit = sim_front::integer(call.query.has("limit") ? call.query.text("limit") : "1");
    if (!limit || *limit < 1) return bad(kParameter, "limit");
    const std::size_t most = call.query.has("limit")
                                 ? static_cast<std::size_t>(std::min<std::int64_t>(*limit, 100))
                                 : 100;
    // Both ends are exclusive.
    const auto after = sim_front::integer(call.query.text("after"));
    const auto before = sim_front::integer(call.query.text("before"));
    constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();
    const std::int64_t from = before && *before < kEnd ? *before + 1 : 0;
    const std::int64_t to = after && *after > 0 ? *after - 1 : kEnd;
    sim_front::PriceMinutes& prices = core_.prices[id.index()];
    prices.advance(call.now);
    const auto begin = [&](std::int64_t ms) { return begin_of(kBars[*bar], ms); };
    const std::int64_t running = begin(call.now.millis());
    const Listing& l = core_.venue.listing(id);
    Json rows = Json::array();
    for (const auto& c : prices.candles(begin, from, to, most)) {
        rows.push_back(
            Json::array({std::to_string(c.start), l.text(c.open), l.text(c.high), l.text(c.low),
                         l.text(c.close), c.start == running ? "0" : "1"}));
    }
    return good(std::move(rows));
}

/// An index has the name of its spot pair.
Answer Rest::index_candles(const Call& call) {
    if (!call.query.has("instId")) return bad(kParameterEmpty, "instId");
    const auto id = core_.entry.by_name(call.query.text("instId"));
    if (!id || core_.venue.listing(*id).perpetual) return bad(kUnknownInstrument);
    return price_candles(call, *id);
}

Answer Rest::mark_candles(const Call& call) {
    if (!call.query.has("instId")) return bad(kParameterEmpty, "instId");
    const auto id = core_.entry.by_name(call.query.text("instId"));
    if (!id || !core_.venue.listing(*id).perpetual) return bad(kUnknownInstrument);
    return price_candles(call, *id);
}

Answer Rest::open_interests(const Call& call) {
    const std::string_view type = call.query.text("instType");
    if (type.empty()) return bad(kParameterEmpty, "instType");
    if (type != "SWAP" && type != "FUTURES" && type != "OPTION") return bad(kParameter, "instType");
    return listed_rows(call, [&](ListingId id) {
        const sim_engine::Desk& desk = core_.venue.desk(id);
        const Listing& l = desk.listing;
        const Quantity interest = sim_front::open_interest(core_.venue, id);
        Json row;
        row["instType"] = type;
        row["instId"] = l.definition.venue_symbol;
        row["oi"] = l.text(interest);
        row["oiCcy"] = l.amount(interest).text();
        row["oiUsd"] = l.notional(desk.reference(), interest).text();
        row["ts"] = millis(call.now);
        return row;
    });
}

/// One tier: margins are the same for positions of any size, and these have no limit.
Answer Rest::position_tiers(const Call& call) {
    const std::string_view type = call.query.text("instType");
    if (type.empty()) return bad(kParameterEmpty, "instType");
    if (type != "SWAP" && type != "MARGIN" && type != "FUTURES" && type != "OPTION")
        return bad(kParameter, "instType");
    const std::string_view mode = call.query.text("tdMode");
    if (mode.empty()) return bad(kParameterEmpty, "tdMode");
    if (mode != "cross" && mode != "isolated") return bad(kParameter, "tdMode");
    std::string families = call.text("instFamily");
    if (families.empty()) families = call.text("uly");
    if (type != "MARGIN" && families.empty()) return bad(kEither, "uly or instFamily");
    Json rows = Json::array();
    if (type != "SWAP") return good(std::move(rows));  // nothing of that is traded here
    families = ',' + families + ',';
    const std::string_view tier = call.query.text("tier");
    bool known = false;
    for (std::size_t i = 0; i < core_.venue.listings(); ++i) {
        const Listing& l = core_.venue.listing(ListingId{static_cast<ListingId::rep>(i)});
        const std::string family = l.definition.base + "-" + l.definition.quote;
        if (!l.perpetual || families.find(',' + family + ',') == std::string::npos) continue;
        known = true;
        if (!tier.empty() && tier != "1") continue;
        const std::int64_t lever = std::max<std::int64_t>(1, l.definition.max_leverage);
        Json row;
        row["baseMaxLoan"] = "";
        row["imr"] = format_decimal((Rate::kOne + lever - 1) / lever, 9);
        row["instFamily"] = family;
        row["instId"] = "";
        row["maxLever"] = std::to_string(l.definition.max_leverage);
        row["maxSz"] = "";
        row["minSz"] = "0";
        row["mmr"] = format_decimal(l.maintenance_margin.raw(), 9);
        row["optMgnFactor"] = "0";
        row["quoteMaxLoan"] = "";
        row["tier"] = "1";
        row["uly"] = family;
        rows.push_back(std::move(row));
    }
    return known ? good(std::move(rows)) : bad(kUnknownInstrument);
}

}  // namespace parallax::sim_okx
