#include <algorithm>
#include <array>

#include "sim/venues/bybit/rest.hpp"
#include "sim/venues/bybit/text.hpp"

namespace parallax::sim_bybit {

std::optional<std::size_t> list_limit(const sim_front::Parameters& query, std::size_t otherwise,
                                      std::size_t most) {
    const std::string_view text = query.text("limit");
    if (text.empty()) return otherwise;
    const auto value = sim_front::integer(text);
    if (!value || *value < 1) return std::nullopt;
    return std::min(static_cast<std::size_t>(*value), most);
}

std::vector<Json> newest_first(std::vector<std::pair<UnixNanos, Json>> rows) {
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Json> out;
    for (auto it = rows.rbegin(); it != rows.rend(); ++it) out.push_back(std::move(it->second));
    return out;
}

Json page(const sim_front::Parameters& query, std::vector<Json> rows, std::size_t limit) {
    const auto cursor = sim_front::integer(query.text("cursor"));
    const std::size_t from =
        cursor && *cursor > 0 ? std::min(static_cast<std::size_t>(*cursor), rows.size()) : 0;
    const std::size_t to = std::min(from + limit, rows.size());
    Json list = Json::array();
    for (std::size_t i = from; i < to; ++i) list.push_back(std::move(rows[i]));
    return {{"category", query.text("category")},
            {"list", std::move(list)},
            {"nextPageCursor", to < rows.size() ? std::to_string(to) : std::string{}}};
}

bool RestMarket::serves(std::string_view path) noexcept {
    constexpr std::array<std::string_view, 18> kPaths{"/v5/system/status",
                                                      "/v5/announcements/index",
                                                      "/v5/market/time",
                                                      "/v5/market/instruments-info",
                                                      "/v5/market/orderbook",
                                                      "/v5/market/tickers",
                                                      "/v5/market/recent-trade",
                                                      "/v5/market/kline",
                                                      "/v5/market/price-limit",
                                                      "/v5/market/funding/history",
                                                      "/v5/market/mark-price-kline",
                                                      "/v5/market/index-price-kline",
                                                      "/v5/market/premium-index-price-kline",
                                                      "/v5/market/open-interest",
                                                      "/v5/market/risk-limit",
                                                      "/v5/market/account-ratio",
                                                      "/v5/market/delivery-price",
                                                      "/v5/market/insurance"};
    return std::find(kPaths.begin(), kPaths.end(), path) != kPaths.end();
}

Reply RestMarket::answer(const Call& call) {
    if (call.path == "/v5/system/status") return {{}, {{"list", Json::array()}}, Json::object()};
    if (call.path == "/v5/announcements/index") return announcements(call);
    const std::string_view path = call.path.substr(std::string_view{"/v5/market/"}.size());
    if (path == "time") {
        return {{},
                {{"timeSecond", std::to_string(call.now.millis() / 1'000)},
                 {"timeNano", std::to_string(call.now.nanos())}},
                Json::object()};
    }
    if (path == "instruments-info") return instruments(call);
    if (path == "tickers") return tickers(call);
    if (path == "orderbook") return book(call);
    if (path == "recent-trade") return trades(call);
    if (path == "kline") return candles(call);
    if (path == "price-limit") return limits(call);
    if (path == "mark-price-kline") return prices(call, &Tape::marks);
    if (path == "index-price-kline") return prices(call, &Tape::indices);
    if (path == "premium-index-price-kline")
        return prices(call, &Tape::premiums, sim_front::kPremiumDigits);
    if (path == "open-interest") return interests(call);
    if (path == "risk-limit") return risk_limits(call);
    if (path == "account-ratio") return ratios(call);
    if (path == "delivery-price") return deliveries(venue_, call);
    if (path == "insurance") return insurance(call);
    return fundings(call);
}

/// The venue has nothing to announce.
Reply RestMarket::announcements(const Call& call) {
    if (call.query.text("locale").empty()) return Reply::failed(parameter_error("locale invalid"));
    if (!list_limit(call.query, 20, 20)) return Reply::failed(parameter_error("limit invalid"));
    return {{}, {{"total", 0}, {"list", Json::array()}}, Json::object()};
}

Reply RestMarket::instruments(const Call& call) const {
    const std::string_view category = call.query.text("category");
    const std::string_view symbol = call.query.text("symbol");
    const std::string_view base = call.query.text("baseCoin");
    const std::string_view status = call.query.text("status");
    const auto market = market_of(category);
    const auto limit = list_limit(call.query, 500, 1'000);
    if (!market && !none_simulated(category))
        return Reply::failed(parameter_error("category invalid"));
    if (!limit) return Reply::failed(parameter_error("limit invalid"));
    if (market && !symbol.empty() && !venue_.find_listing(*market, symbol))
        return Reply::failed(where(venue_, category, symbol).answer);
    std::vector<Json> rows;
    for (std::size_t i = 0; market && i < venue_.listings(); ++i) {
        const sim_engine::Listing& l =
            venue_.listing(sim_engine::ListingId{static_cast<std::uint32_t>(i)});
        if (l.definition.market != *market) continue;
        if (!symbol.empty() && l.definition.venue_symbol != symbol) continue;
        if (!base.empty() && l.definition.base != base) continue;
        Json row = instrument_json(l);
        if (row["status"] != (status.empty() ? std::string_view{"Trading"} : status)) continue;
        rows.push_back(std::move(row));
    }
    // Spot is not paginated.
    return {{}, page(call.query, std::move(rows), category == "spot" ? 1'000 : *limit), {}};
}

Reply RestMarket::book(const Call& call) {
    const std::string_view category = call.query.text("category");
    const Where at = where(venue_, category, call.query.text("symbol"));
    if (!at.answer.ok()) return Reply::failed(at.answer);
    const auto limit = list_limit(call.query, at.spot ? 1 : 25, 1'000);
    if (!limit) return Reply::failed(parameter_error("limit invalid"));
    const PublicStreams::Snapshot book = streams_.book(at.listing, *limit, call.now);
    const sim_engine::Listing& l = venue_.listing(at.listing);
    const Tape& tape = streams_.tape(at.listing);
    const auto side = [&](const std::vector<Level>& levels) {
        Json rows = Json::array();
        for (const Level& level : levels)
            rows.push_back({price_text(l, level.price), quantity_text(l, level.quantity)});
        return rows;
    };
    const UnixNanos engine = tape.book_time().known() ? tape.book_time() : call.now;
    return {{},
            {{"s", l.definition.venue_symbol},
             {"a", side(book.asks)},
             {"b", side(book.bids)},
             {"ts", call.now.millis()},
             {"u", book.update},
             {"seq", tape.seq()},
             {"cts", engine.millis()}},
            Json::object()};
}

Reply RestMarket::tickers(const Call& call) const {
    const std::string_view category = call.query.text("category");
    const std::string_view symbol = call.query.text("symbol");
    const auto market = market_of(category);
    if (!market && !none_simulated(category))
        return Reply::failed(parameter_error("category invalid"));
    if (market && !symbol.empty() && !venue_.find_listing(*market, symbol))
        return Reply::failed(where(venue_, category, symbol).answer);
    Json list = Json::array();
    for (std::size_t i = 0; market && i < venue_.listings(); ++i) {
        const sim_engine::ListingId id{static_cast<std::uint32_t>(i)};
        const sim_engine::Listing& l = venue_.listing(id);
        if (l.definition.market != *market) continue;
        if (!symbol.empty() && l.definition.venue_symbol != symbol) continue;
        Json row = Json::object();
        for (const auto& [name, text] :
             ticker_fields(venue_, id, streams_.tape(id), call.now, true)) {
            row[std::string{name}] = text;
        }
        list.push_back(std::move(row));
    }
    return {{}, {{"category", category}, {"list", std::move(list)}}, Json::object()};
}

Reply RestMarket::trades(const Call& call) const {
    const std::string_view category = call.query.text("category");
    const Where at = where(venue_, category, call.query.text("symbol"));
    if (!at.answer.ok()) return Reply::failed(at.answer);
    const auto limit = list_limit(call.query, at.spot ? 60 : 500, at.spot ? 60 : 1'000);
    if (!limit) return Reply::failed(parameter_error("limit invalid"));
    const auto& trades = streams_.tape(at.listing).trades();
    Json list = Json::array();  // newest first
    for (auto t = trades.rbegin(); t != trades.rend() && list.size() < *limit; ++t)
        list.push_back(recent_trade_json(venue_.listing(at.listing), *t));
    return {{}, {{"category", category}, {"list", std::move(list)}}, Json::object()};
}

CandleQuery::CandleQuery(const Call& call, std::int64_t until)
    : interval{call.query.text("interval")},
      from{sim_front::integer(call.query.text("start")).value_or(0)},
      to{sim_front::integer(call.query.text("end")).value_or(until)} {
    const auto most = list_limit(call.query, 200, 1'000);
    limit = most.value_or(0);
    if (!interval_of(interval, 0)) {
        answer = parameter_error("Invalid period!");
    } else if (!most) {
        answer = parameter_error("limit invalid");
    }
}

Reply RestMarket::candles(const Call& call) const {
    const std::string_view category =
        call.query.has("category") ? call.query.text("category") : "linear";
    const Where at = where(venue_, category, call.query.text("symbol"));
    if (!at.answer.ok()) return Reply::failed(at.answer);
    const CandleQuery asked{call, call.now.millis()};
    if (!asked.answer.ok()) return Reply::failed(asked.answer);
    const sim_engine::Listing& l = venue_.listing(at.listing);
    const auto candles =
        streams_.tape(at.listing).candles(asked.interval, asked.from, asked.to, asked.limit);
    Json list = Json::array();
    for (auto c = candles.rbegin(); c != candles.rend(); ++c) list.push_back(candle_row(l, *c));
    return {
        {},
        {{"category", category}, {"symbol", l.definition.venue_symbol}, {"list", std::move(list)}},
        Json::object()};
}

Reply RestMarket::limits(const Call& call) const {
    const std::string_view category =
        call.query.has("category") ? call.query.text("category") : "linear";
    const Where at = where(venue_, category, call.query.text("symbol"));
    if (!at.answer.ok()) return Reply::failed(at.answer);
    const sim_engine::Listing& l = venue_.listing(at.listing);
    const Limits limits = price_limits(venue_.desk(at.listing));
    return {{},
            {{"symbol", l.definition.venue_symbol},
             {"buyLmt", price_text(l, limits.highest_bid)},
             {"sellLmt", price_text(l, limits.lowest_ask)},
             {"ts", std::to_string(call.now.millis())}},
            Json::object()};
}

Reply RestMarket::fundings(const Call& call) const {
    const std::string_view category = call.query.text("category");
    const Where at = where(venue_, category, call.query.text("symbol"));
    if (!at.answer.ok()) return Reply::failed(at.answer);
    if (at.spot) return Reply::failed(parameter_error("category invalid"));
    const auto limit = list_limit(call.query, 200, 200);
    if (!limit) return Reply::failed(parameter_error("limit invalid"));
    if (call.query.has("startTime") && !call.query.has("endTime"))
        return Reply::failed(parameter_error("startTime alone is not allowed"));
    const auto from = sim_front::integer(call.query.text("startTime")).value_or(0);
    const auto to = sim_front::integer(call.query.text("endTime")).value_or(call.now.millis());
    const auto& fundings = streams_.tape(at.listing).fundings();
    Json list = Json::array();
    for (auto f = fundings.rbegin(); f != fundings.rend() && list.size() < *limit; ++f) {
        if (f->time.millis() < from || f->time.millis() > to) continue;
        list.push_back({{"symbol", venue_.listing(at.listing).definition.venue_symbol},
                        {"fundingRate", rate_text(f->rate)},
                        {"fundingRateTimestamp", std::to_string(f->time.millis())}});
    }
    return {{}, {{"category", category}, {"list", std::move(list)}}, Json::object()};
}

}  // namespace parallax::sim_bybit
