// The past of the unified account, from its log and its fills.
#include "sim/venues/bybit/rest_history.hpp"

#include <algorithm>

#include "sim/venues/bybit/ids.hpp"
#include "sim/venues/bybit/text.hpp"

namespace parallax::sim_bybit {

using sim_engine::Fill;
using sim_engine::Listing;
using sim_engine::ListingId;
using sim_engine::Order;

namespace {

constexpr Nanos kUsualSpan = Nanos::seconds(86'400);
constexpr Nanos kWidestSpan = Nanos::seconds(7 * 86'400);

std::string_view type_text(LogLine::Type type) noexcept {
    switch (type) {
        case LogLine::Type::TransferIn:
            return "TRANSFER_IN";
        case LogLine::Type::TransferOut:
            return "TRANSFER_OUT";
        case LogLine::Type::Trade:
            return "TRADE";
        case LogLine::Type::Settlement:
            return "SETTLEMENT";
        case LogLine::Type::Liquidation:
            break;
    }
    return "LIQUIDATION";
}

/// `size`: the position after it.
Json line_json(const sim_engine::SimVenue& venue, const LogLine& line, Amount size) {
    const bool listed = line.listing.valid(), trade = line.type == LogLine::Type::Trade;
    const bool settled = line.type == LogLine::Type::Settlement;
    const Listing* const l = listed ? &venue.listing(line.listing) : nullptr;
    const std::string& coin = venue.asset_name(line.asset);
    const std::string_view symbol =
        listed ? std::string_view{l->definition.venue_symbol} : std::string_view{};
    Json out{{"transSubType", ""},
             {"id", std::to_string(line.number) + '_' + std::string{symbol} + '_' + coin},
             {"symbol", symbol},
             {"side", listed ? side_text(line.side) : std::string_view{"None"}},
             {"funding", settled ? line.funding.text() : ""},
             {"orderLinkId", line.client_id.text()},
             {"orderId", ""},
             {"fee", line.fee.text()},
             {"change", line.change().text()},
             {"cashFlow", line.cash.text()},
             {"transactionTime", std::to_string(line.time.millis())},
             {"type", type_text(line.type)},
             {"feeRate", trade || settled ? rate_text(line.rate) : ""},
             {"bonusChange", ""},
             {"size", size.text()},
             {"qty", line.quantity.text()},
             {"cashBalance", line.balance.text()},
             {"currency", coin},
             {"category", listed ? category_of(*l) : std::string_view{}},
             {"tradePrice", listed ? l->text(line.price) : ""},
             {"tradeId", ""},
             {"extraFees", ""}};
    if (trade) {
        out["orderId"] = order_text(line.order, is_spot(*l));
        out["tradeId"] = trade_text(line.listing, line.trade, is_spot(*l));
    }
    if (settled) out["tradeId"] = uuid_of(line.number | std::uint64_t{1} << 62);
    return out;
}

/// An order that made a position smaller, and what came of it.
struct Closing {
    Quantity closed;
    Amount entry, exit, realised, open_fee, close_fee;
    std::size_t fills = 0;
    UnixNanos first, last;
};

Amount share(Amount of, Quantity part, Quantity whole) {
    if (part == whole) return of;
    return Amount::from_raw(multiply_divide(of.raw(), part.raw(), whole.raw(), Rounding::Down));
}

/// Orders of one listing that closed something, by id. Goes through the fills that are remembered;
/// the position before the first of them follows from today's.
std::map<sim_engine::OrderId, Closing> closings(const sim_engine::SimVenue& venue,
                                                sim_engine::AccountId account, const Listing& l) {
    Quantity position = venue.position(account, l.id).quantity();
    const auto& fills = venue.account(account).fills;
    const auto moved = [](const Fill& fill) {
        const Quantity q = fill.execution.quantity;
        return fill.side == Side::Buy ? q : Quantity{} - q;
    };
    for (const Fill& fill : fills) {
        if (fill.listing == l.id) position -= moved(fill);
    }
    std::map<sim_engine::OrderId, Closing> out;
    Amount open_fees;  // of what is open
    for (const Fill& fill : fills) {
        if (fill.listing != l.id) continue;
        const sim_engine::Execution& e = fill.execution;
        const bool is_long = position > Quantity{};
        const Quantity size = is_long ? position : Quantity{} - position;
        const bool against = !size.is_zero() && is_long == (fill.side == Side::Sell);
        const Quantity closed = against ? std::min(size, e.quantity) : Quantity{};
        Amount fee = e.fee;
        if (!closed.is_zero()) {
            Closing& c = out[fill.order];
            const Amount closing_fee = share(e.fee, closed, e.quantity);
            const Amount opening_fee = share(open_fees, closed, size);
            const Amount exit = l.notional(e.price, closed);
            c.closed += closed;
            c.exit += exit;
            c.entry += is_long ? exit - e.realised : exit + e.realised;
            c.realised += e.realised;
            c.open_fee += opening_fee;
            c.close_fee += closing_fee;
            if (c.fills++ == 0) c.first = fill.time;
            c.last = fill.time;
            fee -= closing_fee;
            open_fees -= opening_fee;
        }
        open_fees += fee;
        position += moved(fill);
    }
    return out;
}

Json closing_json(const sim_engine::SimVenue& venue, const Order& o, const Closing& c) {
    const Listing& l = venue.listing(o.listing);
    return {{"symbol", l.definition.venue_symbol},
            {"orderId", order_text(o.id, false)},
            {"side", side_text(o.side)},
            {"qty", l.text(o.quantity)},
            {"orderPrice", l.text(o.price)},
            {"orderType", o.type == sim_engine::OrderType::Market ? "Market" : "Limit"},
            {"execType", o.liquidation ? "BustTrade" : "Trade"},
            {"closedSize", l.text(c.closed)},
            {"cumEntryValue", c.entry.text()},
            {"avgEntryPrice", average_text(l, c.entry, c.closed)},
            {"cumExitValue", c.exit.text()},
            {"avgExitPrice", average_text(l, c.exit, c.closed)},
            {"closedPnl", (c.realised - c.open_fee - c.close_fee).text()},
            {"fillCount", std::to_string(c.fills)},
            {"leverage", std::to_string(venue.position(o.account, o.listing).leverage())},
            {"openFee", c.open_fee.text()},
            {"closeFee", c.close_fee.text()},
            {"createdTime", std::to_string(c.first.millis())},
            {"updatedTime", std::to_string(c.last.millis())}};
}

/// {list, nextPageCursor} without a category.
Reply list_page(const Call& call, std::vector<Json> rows, std::size_t limit) {
    Json out = page(call.query, std::move(rows), limit);
    out.erase("category");
    return {{}, std::move(out), Json::object()};
}

}  // namespace

TimeSpan time_span(const Call& call, Nanos usual, Nanos widest) {
    TimeSpan out;
    const std::string_view from_text = call.query.text("startTime");
    const std::string_view to_text = call.query.text("endTime");
    const auto from = sim_front::integer(from_text), to = sim_front::integer(to_text);
    // Beyond these no time is meant, and sums could overflow.
    constexpr std::int64_t kMost = 9'000'000'000'000;
    const auto good = [](std::string_view text, const auto& value) {
        return text.empty() || (value && *value >= 0 && *value <= kMost);
    };
    if (!good(from_text, from) || !good(to_text, to)) {
        out.answer = parameter_error("startTime or endTime invalid");
        return out;
    }
    const std::int64_t span = usual.as_millis();
    out.from = from ? *from : (to ? *to : call.now.millis()) - span;
    // Nothing lies ahead, unless the engine's clock does.
    out.to = to ? *to : from ? *from + span : kMost;
    if (from && to && (*from > *to || *to - *from > widest.as_millis()))
        out.answer = parameter_error("the time range is invalid or too wide");
    return out;
}

Reply RestHistory::transactions(const Call& call) const {
    const auto limit = list_limit(call.query, 20, 50);
    if (!limit) return Reply::failed(parameter_error("limit invalid"));
    if (const std::string_view type = call.query.text("accountType");
        !type.empty() && type != "UNIFIED")
        return Reply::failed(parameter_error("accountType only support UNIFIED."));
    const std::string_view category = call.query.text("category");
    if (!category.empty() && !market_of(category) && category != "inverse" && category != "option")
        return Reply::failed(parameter_error("category invalid"));
    const TimeSpan span = time_span(call, kUsualSpan, kWidestSpan);
    if (!span.answer.ok()) return Reply::failed(span.answer);
    const auto asked = [&call](std::string_view name, std::string_view value) {
        const std::string_view wanted = call.query.text(name);
        return wanted.empty() || wanted == value;
    };
    const sim_engine::AccountId account = call.key->account;
    std::map<ListingId, Quantity> positions;  // after the line, counted back from now
    std::vector<Json> rows;                   // newest first
    const auto& lines = log_.lines(account);
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
        const Listing* const l = line->listing.valid() ? &venue_.listing(line->listing) : nullptr;
        Amount size;
        if (l != nullptr && l->perpetual) {
            Quantity& position =
                positions.try_emplace(l->id, venue_.position(account, l->id).quantity())
                    .first->second;
            size = l->amount(position);
            if (line->type == LogLine::Type::Trade) {
                const Quantity q = to_quantity(line->quantity, l->quantity_scale, Rounding::Down);
                position = line->side == Side::Buy ? position - q : position + q;
            }
        }
        if (!span.holds(line->time) || !asked("type", type_text(line->type)) ||
            !asked("currency", venue_.asset_name(line->asset)) ||
            !asked("category", l == nullptr ? std::string_view{} : category_of(*l)) ||
            !asked("baseCoin", l == nullptr ? "" : l->definition.base) ||
            !asked("transSubType", "")) {
            continue;
        }
        rows.push_back(line_json(venue_, *line, size));
    }
    return list_page(call, std::move(rows), *limit);
}

Reply RestHistory::closed_pnl(const Call& call) const {
    const Perpetuals asked{venue_, call};
    if (!asked.answer.ok()) return Reply::failed(asked.answer);
    const auto limit = list_limit(call.query, 50, 100);
    if (!limit) return Reply::failed(parameter_error("limit invalid"));
    const TimeSpan span = time_span(call, kWidestSpan, kWidestSpan);
    if (!span.answer.ok()) return Reply::failed(span.answer);
    std::vector<std::pair<UnixNanos, Json>> found;
    for (const ListingId perpetual : asked.ids) {
        const Listing& l = venue_.listing(perpetual);
        for (const auto& [id, closing] : closings(venue_, call.key->account, l)) {
            const Order* const order = venue_.order(id);
            if (order != nullptr && span.holds(closing.first))
                found.emplace_back(closing.first, closing_json(venue_, *order, closing));
        }
    }
    return {{}, page(call.query, newest_first(std::move(found)), *limit), Json::object()};
}

/// A coin is margin for the perpetuals that settle in it, one for one; nothing is lent.
Reply RestHistory::collateral(const Call& call) const {
    const std::string_view wanted = call.query.text("currency");
    if (!wanted.empty() && !venue_.find_asset(wanted))
        return Reply::failed(parameter_error("currency invalid"));
    Json list = Json::array();
    for (std::size_t i = 0; i < venue_.assets(); ++i) {
        const AssetId asset{static_cast<AssetId::rep>(i)};
        const std::string& coin = venue_.asset_name(asset);
        if (!wanted.empty() && wanted != coin) continue;
        bool margin = false;
        for (std::size_t k = 0; k < venue_.listings(); ++k) {
            const Listing& l = venue_.listing(ListingId{static_cast<ListingId::rep>(k)});
            margin = margin || (l.perpetual && l.quote == asset);
        }
        list.push_back({{"currency", coin},
                        {"hourlyBorrowRate", ""},
                        {"maxBorrowingAmount", "0"},
                        {"freeBorrowingLimit", "0"},
                        {"freeBorrowAmount", "0"},
                        {"borrowAmount", "0"},
                        {"otherBorrowAmount", "0"},
                        {"availableToBorrow", "0"},
                        {"borrowable", false},
                        {"borrowUsageRate", "0"},
                        {"marginCollateral", margin},
                        {"collateralSwitch", margin},
                        {"collateralRatio", margin ? "1" : "0"},
                        {"freeBorrowingAmount", ""}});
    }
    return {{}, {{"list", std::move(list)}}, Json::object()};
}

/// Nobody borrows here.
Reply RestHistory::borrowings(const Call& call) const {
    const std::string_view wanted = call.query.text("currency");
    if (!wanted.empty() && !venue_.find_asset(wanted))
        return Reply::failed(parameter_error("currency invalid"));
    if (!list_limit(call.query, 20, 50)) return Reply::failed(parameter_error("limit invalid"));
    const TimeSpan span = time_span(call, Nanos::seconds(30 * 86'400), Nanos::seconds(30 * 86'400));
    if (!span.answer.ok()) return Reply::failed(span.answer);
    return list_page(call, {}, 20);
}

}  // namespace parallax::sim_bybit
