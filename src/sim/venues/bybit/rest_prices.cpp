// What the venue knows of perpetuals besides trades: marks, indices, open interest, who holds them,
// margins, the fund that insures them.
#include <limits>

#include "sim/venues/bybit/account_text.hpp"
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

/// Perpetuals that settle in a coin, as "A,B".
std::string settled_in(const sim_engine::SimVenue& venue, AssetId asset) {
    std::string out;
    for (std::size_t i = 0; i < venue.listings(); ++i) {
        const sim_engine::ListingId id{static_cast<sim_engine::ListingId::rep>(i)};
        const sim_engine::Listing& l = venue.listing(id);
        if (!l.perpetual || l.quote != asset) continue;
        if (!out.empty()) out += ',';
        out += l.definition.venue_symbol;
    }
    return out;
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

Reply RestMarket::prices(const Call& call,
                         const sim_front::PriceMinutes& (Tape::*minutes)() const noexcept,
                         std::optional<std::uint8_t> digits) const {
    const Where at = perpetual(venue_, call, "linear");
    if (!at.answer.ok()) return Reply::failed(at.answer);
    const CandleQuery asked{call, kForever};
    if (!asked.answer.ok()) return Reply::failed(asked.answer);
    const Tape& tape = streams_.tape(at.listing);
    const auto begin = [&asked](std::int64_t ms) { return interval_of(asked.interval, ms)->start; };
    const sim_engine::Listing& l = venue_.listing(at.listing);
    Json list = Json::array();
    const auto text = [&](Price price) {
        return digits ? sim_front::fixed_text(price.raw(), *digits, *digits) : price_text(l, price);
    };
    for (const auto& c : (tape.*minutes)().candles(begin, asked.from, asked.to, asked.limit)) {
        list.push_back(Json::array(
            {std::to_string(c.start), text(c.open), text(c.high), text(c.low), text(c.close)}));
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

/// Of accounts that hold the perpetual; a moment when nobody does has no ratio.
Reply RestMarket::ratios(const Call& call) const {
    const Where at = perpetual(venue_, call, "");
    if (!at.answer.ok()) return Reply::failed(at.answer);
    const std::int64_t length = sample_length(call.query.text("period"));
    if (length == 0) return Reply::failed(parameter_error("period invalid"));
    const auto limit = list_limit(call.query, 50, 500);
    if (!limit) return Reply::failed(parameter_error("limit invalid"));
    const auto from = sim_front::integer(call.query.text("startTime")).value_or(0);
    const auto to = sim_front::integer(call.query.text("endTime")).value_or(kForever);
    constexpr std::int64_t kWhole = 10'000;  // four digits
    const auto text = [](std::int64_t part) {
        return rate_text(Rate::from_raw(part * (Rate::kOne / kWhole)));
    };
    std::vector<Json> rows;
    for (const Tape::Interest& i : streams_.tape(at.listing).interests(length, from, to)) {
        const std::int64_t all = std::int64_t{i.holders.longs} + i.holders.shorts;
        if (all == 0) continue;
        const std::int64_t longs = (i.holders.longs * kWhole + all / 2) / all;
        rows.push_back({{"symbol", venue_.listing(at.listing).definition.venue_symbol},
                        {"buyRatio", text(longs)},
                        {"sellRatio", text(kWhole - longs)},
                        {"timestamp", std::to_string(i.start)}});
    }
    Json out = page(call.query, std::move(rows), *limit);
    out.erase("category");
    return {{}, std::move(out), Json::object()};
}

Reply deliveries(const sim_engine::SimVenue& venue, const Call& call) {
    if (call.query.text("category") != "option") {
        const Perpetuals asked{venue, call};
        if (!asked.answer.ok()) return Reply::failed(asked.answer);
    }
    if (!list_limit(call.query, 50, 200)) return Reply::failed(parameter_error("limit invalid"));
    return {{}, page(call.query, {}, 50), Json::object()};
}

/// One fund a coin, for all perpetuals that settle in it; it may be in debt.
Reply RestMarket::insurance(const Call& call) const {
    const std::string_view wanted = call.query.text("coin");
    if (!wanted.empty() && !venue_.find_asset(wanted))
        return Reply::failed(parameter_error("coin invalid"));
    Json list = Json::array();
    for (std::size_t i = 0; i < venue_.assets(); ++i) {
        const AssetId asset{static_cast<AssetId::rep>(i)};
        const std::string& coin = venue_.asset_name(asset);
        const std::string symbols = settled_in(venue_, asset);
        if (symbols.empty() || (!wanted.empty() && wanted != coin)) continue;
        const Amount balance = venue_.ledger().insurance(asset);
        list.push_back({{"coin", coin},
                        {"symbols", symbols},
                        {"balance", balance.text()},
                        {"value", usd_value(venue_, asset, balance).text()}});
    }
    return {{},
            {{"updatedTime", std::to_string(call.now.millis())}, {"list", std::move(list)}},
            Json::object()};
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
