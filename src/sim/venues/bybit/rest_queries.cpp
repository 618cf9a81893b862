#include <algorithm>
#include <limits>
#include <map>

#include "sim/venues/bybit/account_text.hpp"
#include "sim/venues/bybit/ids.hpp"
#include "sim/venues/bybit/rest.hpp"
#include "sim/venues/bybit/text.hpp"

namespace parallax::sim_bybit {
namespace {

using sim_engine::Order;

/// Which rows a list asks for; category is good.
struct Filter {
    Answer answer;
    Market market{};
    std::string_view symbol, base, settle, id, link;
    std::int64_t from = 0, to = 0;

    Filter(const sim_engine::SimVenue& venue, const Call& call) {
        const auto found = market_of(call.query.text("category"));
        if (!found) {
            answer = parameter_error("category invalid");
            return;
        }
        market = *found;
        symbol = call.query.text("symbol");
        base = call.query.text("baseCoin");
        settle = call.query.text("settleCoin");
        id = call.query.text("orderId");
        link = call.query.text("orderLinkId");
        from = sim_front::integer(call.query.text("startTime")).value_or(0);
        to = sim_front::integer(call.query.text("endTime"))
                 .value_or(std::numeric_limits<std::int64_t>::max());
        if (!symbol.empty()) answer = where(venue, call.query.text("category"), symbol).answer;
    }
    [[nodiscard]] bool one() const noexcept { return !id.empty() || !link.empty(); }
    [[nodiscard]] bool coins() const noexcept {
        return !symbol.empty() || !base.empty() || !settle.empty();
    }
    [[nodiscard]] bool wants(const sim_engine::Listing& l) const noexcept {
        const InstrumentDefinition& d = l.definition;
        return d.market == market && (symbol.empty() || d.venue_symbol == symbol) &&
               (base.empty() || d.base == base) &&
               (settle.empty() || !l.perpetual || d.settle == settle);
    }
    [[nodiscard]] bool wants(const sim_engine::Listing& l, sim_engine::OrderId order,
                             std::string_view client_id, UnixNanos time) const {
        if (!wants(l) || time.millis() < from || time.millis() > to) return false;
        if (!id.empty()) return order_text(order, is_spot(l)) == id;
        return link.empty() || client_id == link;
    }
};

}  // namespace

Reply RestQueries::orders(const Call& call, bool open, bool closed, std::size_t most_closed,
                          bool coin_needed) const {
    const Filter filter{venue_, call};
    if (!filter.answer.ok()) return Reply::failed(filter.answer);
    if (coin_needed && filter.market == Market::BybitLinear && !filter.coins() && !filter.one())
        return Reply::failed(parameter_error("symbol, baseCoin or settleCoin is required"));
    const auto limit = list_limit(call.query, 20, 50);
    if (!limit) return Reply::failed(parameter_error("limit invalid"));
    const std::string_view status = call.query.text("orderStatus");
    std::vector<std::pair<UnixNanos, Json>> found;
    const auto add = [&](const Order& o, sim_engine::Reject refused) {
        const sim_engine::Listing& l = venue_.listing(o.listing);
        if (!filter.wants(l, o.id, o.client_id.text(), o.created)) return;
        Json row = order_json(venue_, o, memory_.costs(o.id), false, refused);
        if (status.empty() || row["orderStatus"] == status)
            found.emplace_back(o.created, std::move(row));
    };
    const sim_engine::AccountId account = call.key->account;
    if (closed) {
        const auto all = venue_.closed_orders(account);
        const std::size_t skip = all.size() > most_closed ? all.size() - most_closed : 0;
        for (std::size_t i = skip; i < all.size(); ++i) add(*all[i], sim_engine::Reject::None);
        for (const OrderMemory::Refused& r : memory_.refused(account)) add(r.order, r.reason);
    }
    if (open) {
        for (const Order* const o : venue_.open_orders(account, {}))
            add(*o, sim_engine::Reject::None);
    }
    return {{}, page(call.query, newest_first(std::move(found)), *limit), Json::object()};
}

Reply RestQueries::realtime(const Call& call) const {
    const bool one = call.query.has("orderId") || call.query.has("orderLinkId");
    const bool recent = call.query.text("openOnly") == "1";
    return orders(call, !recent, recent || one, 500, true);
}

Reply RestQueries::history(const Call& call) const {
    return orders(call, false, true, ~std::size_t{0}, false);
}

Reply RestQueries::executions(const Call& call) const {
    const Filter filter{venue_, call};
    if (!filter.answer.ok()) return Reply::failed(filter.answer);
    const auto limit = list_limit(call.query, 50, 100);
    if (!limit) return Reply::failed(parameter_error("limit invalid"));
    const std::string_view type = call.query.text("execType");
    std::vector<std::pair<UnixNanos, Json>> found;
    const auto add = [&](UnixNanos time, Json row) {
        if (!type.empty() && row["execType"] != type) return;
        row.erase("category");
        found.emplace_back(time, std::move(row));
    };
    std::map<sim_engine::OrderId, Quantity> filled;
    for (const sim_engine::Fill& fill : venue_.account(call.key->account).fills) {
        Quantity& sum = filled[fill.order];
        sum += fill.execution.quantity;
        const sim_engine::Listing& l = venue_.listing(fill.listing);
        const Order* const order = venue_.order(fill.order);
        if (order == nullptr || !filter.wants(l, fill.order, fill.client_id.text(), fill.time))
            continue;
        Order then = *order;  // as it was after this fill
        then.filled = sum;
        add(fill.time, execution_json(venue_, then, fill.execution, fill.time, fill.number));
    }
    for (const OrderMemory::Paid& paid : memory_.paid(call.key->account)) {
        const sim_engine::Listing& l = venue_.listing(paid.payment.listing);
        if (filter.one() || !filter.wants(l) || paid.time.millis() < filter.from ||
            paid.time.millis() > filter.to)
            continue;
        add(paid.time, funding_json(venue_, paid.payment, paid.time, paid.number));
    }
    return {{}, page(call.query, newest_first(std::move(found)), *limit), Json::object()};
}

Reply RestQueries::positions(const Call& call) const {
    const Filter filter{venue_, call};
    if (!filter.answer.ok()) return Reply::failed(filter.answer);
    if (filter.market != Market::BybitLinear)
        return Reply::failed(parameter_error("category invalid"));
    if (!filter.coins()) return Reply::failed(parameter_error("symbol or settleCoin is required"));
    const auto limit = list_limit(call.query, 20, 200);
    if (!limit) return Reply::failed(parameter_error("limit invalid"));
    std::vector<Json> rows;
    for (std::size_t i = 0; i < venue_.listings(); ++i) {
        const sim_engine::ListingId id{static_cast<std::uint32_t>(i)};
        if (!filter.wants(venue_.listing(id))) continue;
        // Without a symbol: only what is held.
        if (filter.symbol.empty() && venue_.position(call.key->account, id).magnitude().is_zero()) {
            continue;
        }
        rows.push_back(position_json(venue_, call.key->account, id, 0, false));
        if (!venue_.account(call.key->account).settings.hedge_mode) continue;
        rows.back()["positionIdx"] = 1;
        rows.push_back(rows.back());
        rows.back()["positionIdx"] = 2;
    }
    return {{}, page(call.query, std::move(rows), *limit), Json::object()};
}

}  // namespace parallax::sim_bybit
