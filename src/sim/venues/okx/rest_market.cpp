// Public endpoints: instruments, prices, books, trades.
#include <algorithm>

#include "sim/venues/okx/market_messages.hpp"
#include "sim/venues/okx/order_messages.hpp"
#include "sim/venues/okx/rest.hpp"

namespace parallax::sim_okx {

using sim_engine::Listing;
using sim_engine::ListingId;

namespace {

bool is_inst_type(std::string_view type) noexcept {
    return type == "SPOT" || type == "SWAP" || type == "MARGIN" || type == "FUTURES" ||
           type == "OPTION" || type == "EVENTS";
}

}  // namespace

std::vector<ListingId> Rest::selected(const Call& call) const {
    const std::string_view type = call.query.text("instType");
    const std::string_view name = call.query.text("instId");
    std::string_view family = call.query.text("instFamily");
    if (family.empty()) family = call.query.text("uly");
    std::vector<ListingId> out;
    for (std::size_t i = 0; i < core_.venue.listings(); ++i) {
        const ListingId id{static_cast<ListingId::rep>(i)};
        const Listing& l = core_.venue.listing(id);
        if (l.state == sim_engine::ListingState::Delisted) continue;
        if (!type.empty() && type != inst_type(l)) continue;
        if (!name.empty() && name != "ANY" && name != l.definition.venue_symbol) continue;
        if (!family.empty() &&
            (!l.perpetual || family != l.definition.base + "-" + l.definition.quote))
            continue;
        out.push_back(id);
    }
    return out;
}

Answer Rest::listed_rows(const Call& call, const std::function<Json(ListingId)>& row) const {
    const std::string_view name = call.query.text("instId");
    if (!name.empty() && name != "ANY" && !core_.entry.by_name(name))
        return bad(kUnknownInstrument);
    Json rows = Json::array();
    for (const ListingId id : selected(call)) rows.push_back(row(id));
    return good(std::move(rows));
}

Answer Rest::time(const Call& call) { return good(Json::array({{{"ts", millis(call.now)}}})); }

/// No maintenance is ever planned here.
Answer Rest::status(const Call&) { return good(Json::array()); }

Answer Rest::instruments(const Call& call) {
    const std::string_view type = call.query.text("instType");
    if (type.empty()) return bad(kParameterEmpty, "instType");
    if (!is_inst_type(type)) return bad(kParameter, "instType");
    return listed_rows(call,
                       [this](ListingId id) { return instrument_json(core_.venue.listing(id)); });
}

Answer Rest::funding_rate(const Call& call) {
    const std::string_view name = call.query.text("instId");
    if (name.empty()) return bad(kParameterEmpty, "instId");
    if (name != "ANY" && !core_.entry.by_name(name)) return bad(kUnknownInstrument);
    Json rows = Json::array();
    for (const ListingId id : selected(call)) {
        if (core_.venue.listing(id).perpetual)
            rows.push_back(funding_json(core_.venue.desk(id), call.now));
    }
    return rows.empty() ? bad(kUnknownInstrument) : good(std::move(rows));
}

/// The engine remembers the last settled rate only.
Answer Rest::funding_history(const Call& call) {
    const auto id = core_.entry.by_name(call.query.text("instId"));
    if (!id || !core_.venue.listing(*id).perpetual) return bad(kUnknownInstrument);
    const sim_engine::Desk& desk = core_.venue.desk(*id);
    const std::string rate = format_decimal(desk.last_funding_rate.raw(), 9);
    Json row;
    row["formulaType"] = "noRate";
    row["fundingRate"] = rate;
    row["fundingTime"] = millis(desk.next_funding - desk.listing.definition.funding_interval);
    row["instId"] = desk.listing.definition.venue_symbol;
    row["instType"] = "SWAP";
    row["method"] = "current_period";
    row["realizedRate"] = rate;
    return good(Json::array({row}));
}

Answer Rest::mark_price(const Call& call) {
    const std::string_view type = call.query.text("instType");
    if (type.empty() && !call.query.has("instId")) return bad(kParameterEmpty, "instType");
    if (!type.empty() && !is_inst_type(type)) return bad(kParameter, "instType");
    return listed_rows(call,
                       [&](ListingId id) { return mark_json(core_.venue.desk(id), call.now); });
}

Answer Rest::price_limit(const Call& call) {
    const auto id = core_.entry.by_name(call.query.text("instId"));
    if (!call.query.has("instId")) return bad(kParameterEmpty, "instId");
    if (!id) return bad(kUnknownInstrument);
    return good(Json::array({price_limit_json(core_.venue.desk(*id), call.now)}));
}

Answer Rest::ticker(const Call& call) {
    const auto id = core_.entry.by_name(call.query.text("instId"));
    if (!call.query.has("instId")) return bad(kParameterEmpty, "instId");
    if (!id) return bad(kUnknownInstrument);
    Tape& tape = core_.tapes[id->index()];
    tape.roll(call.now);
    return good(Json::array({ticker_json(core_.venue, *id, tape, call.now)}));
}

Answer Rest::tickers(const Call& call) {
    const std::string_view type = call.query.text("instType");
    if (type.empty()) return bad(kParameterEmpty, "instType");
    if (!is_inst_type(type)) return bad(kParameter, "instType");
    return listed_rows(call, [&](ListingId id) {
        Tape& tape = core_.tapes[id.index()];
        tape.roll(call.now);
        return ticker_json(core_.venue, id, tape, call.now);
    });
}

Answer Rest::index_tickers(const Call& call) {
    const std::string_view name = call.query.text("instId");
    const std::string_view quote = call.query.text("quoteCcy");
    if (name.empty() && quote.empty()) return bad(kEither, "instId or quoteCcy");
    Json rows = Json::array();
    for (std::size_t i = 0; i < core_.venue.listings(); ++i) {
        const sim_engine::Desk& desk = core_.venue.desk(ListingId{static_cast<ListingId::rep>(i)});
        if (desk.listing.perpetual) continue;
        if (!name.empty() && name != desk.listing.definition.venue_symbol) continue;
        if (!quote.empty() && quote != desk.listing.definition.quote) continue;
        rows.push_back(index_json(desk, call.now));
    }
    return rows.empty() ? bad(kUnknownInstrument) : good(std::move(rows));
}

Answer Rest::books(const Call& call) {
    const auto id = core_.entry.by_name(call.query.text("instId"));
    if (!call.query.has("instId")) return bad(kParameterEmpty, "instId");
    if (!id) return bad(kUnknownInstrument);
    std::int64_t size = 1;
    if (const std::string* const text = call.query.find("sz")) {
        const auto read = sim_front::integer(*text);
        if (!read || *read < 1 || *read > 400) return bad(kParameter, "sz");
        size = *read;
    }
    std::string out = "{\"asks\":";
    const auto levels = [&](Side side) {
        append_levels(out, core_.venue, *id, side,
                      core_.venue.levels(*id, side, static_cast<std::size_t>(size)));
    };
    levels(Side::Sell);
    out += ",\"bids\":";
    levels(Side::Buy);
    out += "}";
    Json row = Json::parse(out);
    row["ts"] = millis(call.now);
    row["seqId"] = core_.venue.book(*id).update();
    return good(Json::array({row}));
}

Answer Rest::books_full(const Call& call) {
    const auto id = core_.entry.by_name(call.query.text("instId"));
    if (!id) return bad(kUnknownInstrument);
    std::int64_t size = 1;
    if (const std::string* const text = call.query.find("sz")) {
        const auto read = sim_front::integer(*text);
        if (!read || *read < 1 || *read > 5'000) return bad(kParameter, "sz");
        size = *read;
    }
    const auto count = static_cast<std::size_t>(size);
    std::string out = "{\"asks\":";
    append_levels(out, core_.venue, *id, Side::Sell, core_.venue.levels(*id, Side::Sell, count), 3);
    out += ",\"bids\":";
    append_levels(out, core_.venue, *id, Side::Buy, core_.venue.levels(*id, Side::Buy, count), 3);
    out += "}";
    Json row = Json::parse(out);
    row["ts"] = millis(call.now);
    return good(Json::array({row}));
}

Answer Rest::trades(const Call& call) {
    const auto id = core_.entry.by_name(call.query.text("instId"));
    if (!call.query.has("instId")) return bad(kParameterEmpty, "instId");
    if (!id) return bad(kUnknownInstrument);
    Json rows = Json::array();
    for (const Trade& trade : page(core_.tapes[id->index()].trades(), call, 500,
                                   [](const Trade& t) { return t.last; })) {
        Json row = trade_json(core_.venue.listing(*id), trade);
        row["source"] = "0";
        rows.push_back(std::move(row));
    }
    return good(std::move(rows));
}

Answer Rest::candles(const Call& call) {
    const auto id = core_.entry.by_name(call.query.text("instId"));
    if (!call.query.has("instId")) return bad(kParameterEmpty, "instId");
    if (!id) return bad(kUnknownInstrument);
    const auto bar = find_bar(call.query.has("bar") ? call.query.text("bar") : "1m");
    if (!bar) return bad(kParameter, "bar");
    Tape& tape = core_.tapes[id->index()];
    tape.roll(call.now);
    const auto& candles = tape.candles(*bar);
    Json rows = Json::array();
    const std::int64_t running = candles.empty() ? 0 : candles.back().begin;
    const std::size_t most = call.query.has("limit") ? 300 : 100;
    for (const Candle& c : page(candles, call, most, [](const Candle& k) { return k.begin; }))
        rows.push_back(candle_json(core_.venue.listing(*id), c, c.begin != running));
    return good(std::move(rows));
}

}  // namespace parallax::sim_okx
