// Open interest as it was (trading statistics, /api/v5/rubik).
#include <limits>
#include <map>

#include "sim/venues/okx/order_messages.hpp"
#include "sim/venues/okx/rest.hpp"

namespace parallax::sim_okx {

using sim_engine::Listing;
using sim_engine::ListingId;

namespace {

struct Row {
    Quantity open;
    Amount worth;   ///< of the open contracts at the mark, quote
    Amount traded;  ///< quote
};
/// By begin, ms.
using Rows = std::map<std::int64_t, Row>;

struct Period {
    Bar bar{};
    std::int64_t from = 0, to = 0;  ///< ms, both inclusive
};

tl::expected<Period, Answer> period_of(const Call& call) {
    const std::string_view name = call.query.has("period") ? call.query.text("period") : "5m";
    const auto bar = find_bar(name);
    if (!bar || (name != "5m" && name != "1H" && name != "1D"))
        return tl::unexpected{bad(kParameter, "period")};
    const auto from = sim_front::integer(call.query.text("begin"));
    const auto to = sim_front::integer(call.query.text("end"));
    if ((call.query.has("begin") && !from) || (call.query.has("end") && !to))
        return tl::unexpected{bad(kParameter, from ? "end" : "begin")};
    return Period{kBars[*bar], from.value_or(0), to.value_or(call.now.millis())};
}

/// How much was open at the end of each period, for the two days that are remembered.
Rows rows_of(Core& core, ListingId id, const Period& period, UnixNanos now) {
    constexpr auto kAll = std::numeric_limits<std::size_t>::max();
    const auto begin = [&](std::int64_t ms) { return begin_of(period.bar, ms); };
    const Listing& l = core.venue.listing(id);
    Rows out;
    std::map<std::int64_t, Price> marks;
    for (auto* minutes : {&core.prices[id.index()], &core.interests[id.index()]})
        minutes->advance(now);
    for (const auto& c : core.prices[id.index()].candles(begin, period.from, period.to, kAll))
        marks[c.start] = c.close;
    for (const auto& c : core.interests[id.index()].candles(begin, period.from, period.to, kAll)) {
        const Quantity open = Quantity::from_raw(c.close.raw());
        out[c.start] = {open, l.notional(marks[c.start], open), Amount{}};
    }
    Tape& tape = core.tapes[id.index()];
    tape.roll(now);
    for (const Candle& c : tape.candles(*find_bar("1m"))) {
        if (const auto row = out.find(begin(c.begin)); row != out.end())
            row->second.traded += c.worth;
    }
    return out;
}

}  // namespace

/// Of one perpetual: time, contracts, base units, quote.
Answer Rest::open_interest_history(const Call& call) {
    if (!call.query.has("instId")) return bad(kParameterEmpty, "instId");
    const auto id = core_.entry.by_name(call.query.text("instId"));
    if (!id || !core_.venue.listing(*id).perpetual) return bad(kUnknownInstrument);
    const auto limit =
        sim_front::integer(call.query.has("limit") ? call.query.text("limit") : "100");
    if (!limit || *limit < 1 || *limit > 100) return bad(kParameter, "limit");
    const auto period = period_of(call);
    if (!period) return period.error();
    const Listing& l = core_.venue.listing(*id);
    const Rows rows = rows_of(core_, *id, *period, call.now);
    Json out = Json::array();
    for (auto at = rows.rbegin(); at != rows.rend(); ++at) {
        if (out.size() == static_cast<std::size_t>(*limit)) break;
        const Row& row = at->second;
        out.push_back(Json::array({std::to_string(at->first), l.text(row.open),
                                   l.amount(row.open).text(), row.worth.text()}));
    }
    return good(std::move(out));
}

/// Of all perpetuals of a currency: time, what is open and what was traded, quote.
Answer Rest::open_interest_volume(const Call& call) {
    const std::string_view ccy = call.query.text("ccy");
    if (ccy.empty()) return bad(kParameterEmpty, "ccy");
    if (!core_.venue.find_asset(ccy)) return bad(kParameter, "ccy");
    const auto period = period_of(call);
    if (!period) return period.error();
    Rows sum;
    for (std::size_t i = 0; i < core_.venue.listings(); ++i) {
        const ListingId id{static_cast<ListingId::rep>(i)};
        const Listing& l = core_.venue.listing(id);
        if (!l.perpetual || l.definition.base != ccy) continue;
        for (const auto& [begin, row] : rows_of(core_, id, *period, call.now)) {
            sum[begin].worth += row.worth;
            sum[begin].traded += row.traded;
        }
    }
    Json out = Json::array();
    for (auto at = sum.rbegin(); at != sum.rend(); ++at)
        out.push_back(Json::array(
            {std::to_string(at->first), at->second.worth.text(), at->second.traded.text()}));
    return good(std::move(out));
}

}  // namespace parallax::sim_okx
