#include "sim/venues/binance/api.hpp"
#include "sim/venues/binance/numbers.hpp"
#include "sim/venues/binance/tickers.hpp"

namespace parallax::sim_binance {
namespace {

/// A row for the one symbol that was asked for, or all of them in an array.
template <class Row>
Reply rows(const Call& call, const tl::expected<std::vector<ListingId>, Fault>& ids, Row row) {
    if (!ids) return tl::unexpected{ids.error()};
    if (call.params.has("symbol")) return row((*ids)[0]);
    Json out = Json::array();
    for (const ListingId id : *ids) out.push_back(row(id));
    return out;
}

/// "1m" to "59m", "1h" to "23h", "1d" to "7d".
std::optional<Nanos> window_length(std::string_view text) {
    if (text.size() < 2) return std::nullopt;
    const auto count = sim_front::integer(text.substr(0, text.size() - 1));
    const std::int64_t most = text.back() == 'm'   ? 59
                              : text.back() == 'h' ? 23
                              : text.back() == 'd' ? 7
                                                   : 0;
    if (!count || *count < 1 || *count > most) return std::nullopt;
    return Nanos::seconds(*count * (text.back() == 'm' ? 60 : text.back() == 'h' ? 3'600 : 86'400));
}

/// "0", "8", "-5:45": of a time zone that Binance knows.
std::optional<Nanos> zone_of(std::string_view text) {
    if (text.empty()) return Nanos{};
    const bool west = text.front() == '-';
    if (west || text.front() == '+') text.remove_prefix(1);
    const std::size_t colon = std::min(text.find(':'), text.size());
    const auto hours = sim_front::integer(text.substr(0, colon));
    const auto minutes = colon == text.size() ? std::optional<std::int64_t>{0}
                                              : sim_front::integer(text.substr(colon + 1));
    if (!hours || !minutes || *hours < 0 || *minutes < 0 || *minutes > 59) return std::nullopt;
    const std::int64_t all = (*hours * 60 + *minutes) * (west ? -1 : 1);
    if (all < -12 * 60 || all > 14 * 60) return std::nullopt;
    return Nanos::seconds(all * 60);
}

/// Of windows there is no price before it and no best price.
void keep_window(Json& row) {
    for (const char* const name :
         {"prevClosePrice", "lastQty", "bidPrice", "bidQty", "askPrice", "askQty"})
        row.erase(name);
}

}  // namespace

Json ticker_json(const SimVenue& venue, ListingId id, const Tape& tape, UnixNanos now, bool mini,
                 Nanos span) {
    const Listing& l = venue.listing(id);
    const Candle day = tape.sum(span, now);
    const auto best_bid = venue.book(id).top(Side::Buy);
    const auto best_ask = venue.book(id).top(Side::Sell);
    const Price change = day.close - day.open;
    const Rate percent = day.open > Price{}
                             ? Rate::from_raw(static_cast<std::int64_t>(
                                   divide(static_cast<__int128>(change.raw()) * 100 * Rate::kOne,
                                          day.open.raw(), Rounding::HalfEven)))
                             : Rate{};
    Json out{{"symbol", l.definition.venue_symbol}};
    if (!mini) {
        out["priceChange"] = text(l, change);
        out["priceChangePercent"] = sim_front::fixed_text(percent.raw(), 9, 3);
        out["weightedAvgPrice"] = average(day.quote, day.base, price_digits(l));
        if (spot(l)) out["prevClosePrice"] = text(l, day.open);
    }
    out["lastPrice"] = text(l, venue.desk(id).last_price);
    if (!mini) {
        const Quantity last =
            tape.trades().empty() ? Quantity{} : tape.trades().back().print.quantity;
        out["lastQty"] = text(l, last);
        if (spot(l)) {
            out["bidPrice"] = text(l, best_bid.price);
            out["bidQty"] = text(l, best_bid.quantity);
            out["askPrice"] = text(l, best_ask.price);
            out["askQty"] = text(l, best_ask.quantity);
        }
    }
    out["openPrice"] = text(l, day.open);
    out["highPrice"] = text(l, day.high);
    out["lowPrice"] = text(l, day.low);
    out["volume"] = text(day.base);
    out["quoteVolume"] = text(day.quote);
    out["openTime"] = (now - span).millis();
    out["closeTime"] = now.millis();
    out["firstId"] = day.first;
    out["lastId"] = day.last;
    out["count"] = day.trades;
    return out;
}

Reply Api::average_price(Call& call) {
    const auto id = listing_of(call);
    if (!id) return tl::unexpected{id.error()};
    const Candle five = tapes_[id->index()].sum(Nanos::seconds(300), call.now);
    const Listing& l = venue_.listing(*id);
    return Json{{"mins", 5},
                {"price", five.trades == 0 ? text(l, venue_.desk(*id).last_price)
                                           : average(five.quote, five.base, 8)},
                {"closeTime", call.now.millis()}};
}

Reply Api::ticker_day(Call& call) {
    const bool mini = call.params.text("type") == "MINI";
    return rows(call, listings_of(call), [&](ListingId id) {
        return ticker_json(venue_, id, tapes_[id.index()], call.now, mini);
    });
}

/// Over a window of the client's choice, of which no more than a day is remembered.
Reply Api::ticker_window(Call& call) {
    const std::string_view window = call.params.text("windowSize");
    const auto span = window.empty() ? std::optional{kDay} : window_length(window);
    if (!span) return refuse(-1130, "Data sent for parameter 'windowSize' is not valid.");
    if (call.params.text("symbol").empty() && call.params.text("symbols").empty())
        return refuse(-1128, "Combination of optional parameters invalid.");
    const bool mini = call.params.text("type") == "MINI";
    return rows(call, listings_of(call), [&](ListingId id) {
        Json row = ticker_json(venue_, id, tapes_[id.index()], call.now, mini, *span);
        keep_window(row);
        return row;
    });
}

/// From midnight on, of a time zone of the client's choice.
Reply Api::ticker_trading_day(Call& call) {
    const auto zone = zone_of(call.params.text("timeZone"));
    if (!zone) return refuse(-1130, "Data sent for parameter 'timeZone' is not valid.");
    if (call.params.text("symbol").empty() && call.params.text("symbols").empty())
        return refuse(-1128, "Combination of optional parameters invalid.");
    const std::int64_t into = (call.now + *zone).nanos() % kDay.count();
    const bool mini = call.params.text("type") == "MINI";
    return rows(call, listings_of(call), [&](ListingId id) {
        Json row = ticker_json(venue_, id, tapes_[id.index()], call.now, mini, Nanos{into});
        keep_window(row);
        row["closeTime"] = (call.now - Nanos{into} + kDay).millis() - 1;
        return row;
    });
}

Reply Api::ticker_price(Call& call) {
    return rows(call, listings_of(call), [&](ListingId id) {
        const Listing& l = venue_.listing(id);
        Json out{{"symbol", l.definition.venue_symbol},
                 {"price", text(l, venue_.desk(id).last_price)}};
        if (!spot(l)) out["time"] = call.now.millis();
        return out;
    });
}

Reply Api::ticker_book(Call& call) {
    return rows(call, listings_of(call), [&](ListingId id) {
        const Listing& l = venue_.listing(id);
        const Level bid = venue_.book(id).top(Side::Buy);
        const Level ask = venue_.book(id).top(Side::Sell);
        Json out{{"symbol", l.definition.venue_symbol},
                 {"bidPrice", text(l, bid.price)},
                 {"bidQty", text(l, bid.quantity)},
                 {"askPrice", text(l, ask.price)},
                 {"askQty", text(l, ask.quantity)}};
        if (!spot(l)) {
            out["lastUpdateId"] = venue_.book(id).update();
            out["time"] = call.now.millis();
        }
        return out;
    });
}

Reply Api::premium_index(Call& call) {
    return rows(call, listings_of(call), [&](ListingId id) {
        const Listing& l = venue_.listing(id);
        const sim_engine::Desk& desk = venue_.desk(id);
        const auto wide = [&](Price p) {
            return sim_front::fixed_text(p.raw(), l.price_scale.decimals, 8);
        };
        return Json{{"symbol", l.definition.venue_symbol},
                    {"markPrice", wide(desk.mark)},
                    {"indexPrice", wide(desk.index)},
                    {"estimatedSettlePrice", wide(desk.index)},
                    {"lastFundingRate", text(desk.funding_rate())},
                    {"interestRate", "0.00010000"},
                    {"nextFundingTime", desk.next_funding.millis()},
                    {"time", call.now.millis()}};
    });
}

Reply Api::funding_info(Call& call) {
    Json out = Json::array();
    const auto ids = listings_of(Call{call.product, call.now, {}, {}, nullptr});
    if (!ids) return tl::unexpected{ids.error()};
    for (const ListingId id : *ids) {
        const Listing& l = venue_.listing(id);
        out.push_back({{"symbol", l.definition.venue_symbol},
                       {"adjustedFundingRateCap", text(l.funding_cap)},
                       {"adjustedFundingRateFloor", text(-l.funding_cap)},
                       {"fundingIntervalHours",
                        l.definition.funding_interval.count() / Nanos::seconds(3'600).count()},
                       {"disclaimer", false}});
    }
    return out;
}

Reply Api::open_interest(Call& call) {
    const auto id = listing_of(call);
    if (!id) return tl::unexpected{id.error()};
    const Listing& l = venue_.listing(*id);
    return Json{{"symbol", l.definition.venue_symbol},
                {"openInterest", text(l, sim_front::open_interest(venue_, *id))},
                {"time", call.now.millis()}};
}

/// Nobody's profit is taken for another's bankruptcy here: the lowest place in the queue.
Reply Api::adl_quantile(Call& call) {
    const auto ids = listings_of(call);
    if (!ids) return tl::unexpected{ids.error()};
    Json out = Json::array();
    for (const ListingId id : *ids) {
        if (venue_.position(call.account(), id).quantity().is_zero()) continue;
        out.push_back({{"symbol", venue_.listing(id).definition.venue_symbol},
                       {"adlQuantile", {{"LONG", 0}, {"SHORT", 0}, {"BOTH", 0}}}});
    }
    return out;
}

Reply Api::adl_risk(Call& call) {
    return rows(call, listings_of(call), [&](ListingId id) {
        return Json{{"symbol", venue_.listing(id).definition.venue_symbol},
                    {"adlRisk", "low"},
                    {"updateTime", call.now.millis()}};
    });
}

}  // namespace parallax::sim_binance
