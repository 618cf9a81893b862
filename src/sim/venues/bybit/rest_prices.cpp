// What the venue knows of perpetuals besides trades: marks, indices, open interest, margins.
#include <limits>

#include "sim/venues/bybit/rest.hpp"
#include "sim/venues/bybit/text.hpp"

namespace parallax::sim_bybit {
namespace {

constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();

/// The perpetual a call names. An inverse one is unknown: none is simulated.
Where perpetual(const sim_engine::SimVenue& venue, const Call& call, std::string_view otherwise) {
    const std::string_view named = call.query.text("category");
    Where out = where(venue, named.empty() ? otherwise : named, call.query.text("symbol"));
    if (out.spot) out.answer = parameter_error("category invalid");
    return out;
}

std::int64_t sample_length(std::string_view name) noexcept {
    constexpr std::int64_t kMinute = 60'000;
    if (name == "5min") return 5 * kMinute;
    if (name == "15min") return 15 * kMinute;
    if (name == "30min") return 30 * kMinute;
    if (name == "1h") return 60 * kMinute;
    if (name == "4h") return 240 * kMinute;
    return name == "1d" ? 1'440 * kMinute : 0;
}

}  // namespace

Perpetuals::Perpetuals(const sim_engine::SimVenue& venue, const Call& call) {
    const std::string_view category = call.query.text("category");
    const std::string_view symbol = call.query.text("symbol");
    if (category != "linear") {
        if (category != "inverse") answer = parameter_error("category invalid");
        return;
    }
    if (!symbol.empty()) answer = where(venue, category, symbol).answer;
    for (std::size_t i = 0; answer.ok() && i < venue.listings(); ++i) {
        const sim_engine::ListingId id{static_cast<sim_engine::ListingId::rep>(i)};
        const sim_engine::Listing& l = venue.listing(id);
        if (l.perpetual && (symbol.empty() || l.definition.venue_symbol == symbol))
            ids.push_back(id);
    }
}

Reply RestMarket::prices(const Call& call, bool index) const {
    const Where at = perpetual(venue_, call, "linear");
    if (!at.answer.ok()) return Reply::failed(at.answer);
    const CandleQuery asked{call, kForever};
    if (!asked.answer.ok()) return Reply::failed(asked.answer);
    const Tape& tape = streams_.tape(at.listing);
    const auto begin = [&asked](std::int64_t ms) { return interval_of(asked.interval, ms)->start; };
    const sim_engine::Listing& l = venue_.listing(at.listing);
    Json list = Json::array();
    for (const auto& c : (index ? tape.indices() : tape.marks())
                             .candles(begin, asked.from, asked.to, asked.limit)) {
        list.push_back(price_row(l, c));
    }
    return {
        {},
        {{"category", "linear"}, {"symbol", l.definition.venue_symbol}, {"list", std::move(list)}},
        Json::object()};
}

Reply RestMarket::interests(const Call& call) const {
    const Where at = perpetual(venue_, call, "");
    if (!at.answer.ok()) return Reply::failed(at.answer);
    const std::int64_t length = sample_length(call.query.text("intervalTime"));
    if (length == 0) return Reply::failed(parameter_error("intervalTime invalid"));
    const auto limit = list_limit(call.query, 50, 200);
    if (!limit) return Reply::failed(parameter_error("limit invalid"));
    const auto from = sim_front::integer(call.query.text("startTime")).value_or(0);
    const auto to = sim_front::integer(call.query.text("endTime")).value_or(kForever);
    const sim_engine::Listing& l = venue_.listing(at.listing);
    std::vector<Json> rows;
    for (const Tape::Interest& i : streams_.tape(at.listing).interests(length, from, to)) {
        rows.push_back({{"openInterest", quantity_text(l, i.quantity)},
                        {"timestamp", std::to_string(i.start)}});
    }
    Json out = page(call.query, std::move(rows), *limit);
    out["symbol"] = l.definition.venue_symbol;
    return {{}, std::move(out), Json::object()};
}

Reply RestMarket::risk_limits(const Call& call) const {
    const Perpetuals asked{venue_, call};
    if (!asked.answer.ok()) return Reply::failed(asked.answer);
    std::vector<Json> rows;
    for (const sim_engine::ListingId id : asked.ids)
        rows.push_back(risk_tier_json(venue_.listing(id)));
    // The venue tells 15 symbols a page; here there are not so many.
    const std::size_t all = std::max<std::size_t>(1, rows.size());
    return {{}, page(call.query, std::move(rows), all), Json::object()};
}

}  // namespace parallax::sim_bybit
