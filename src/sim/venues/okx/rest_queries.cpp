// What became of orders: one, the open ones, the past ones, their fills.
#include <algorithm>

#include "sim/venues/okx/order_messages.hpp"
#include "sim/venues/okx/rest.hpp"

namespace parallax::sim_okx {

using sim_engine::Fill;
using sim_engine::ListingId;
using sim_engine::Order;

namespace {

/// Orders without a fill vanish two hours after their cancellation.
constexpr Nanos kUnfilledKept = Nanos::seconds(2 * 3'600);

bool fits(const Call& call, const sim_engine::SimVenue& venue, const Order& order,
          const OrderNote& note) {
    const sim_engine::Listing& listing = venue.listing(order.listing);
    const auto same = [&call](std::string_view name, std::string_view value) {
        const std::string_view wanted = call.query.text(name);
        return wanted.empty() || wanted == value;
    };
    return same("instType", inst_type(listing)) &&
           same("instId", listing.definition.venue_symbol) &&
           same("state", state_of(order.status)) && same("ordType", note.kind);
}

bool within(const Call& call, UnixNanos time) {
    const auto begin = sim_front::integer(call.query.text("begin"));
    const auto end = sim_front::integer(call.query.text("end"));
    return (!begin || time.millis() >= *begin) && (!end || time.millis() <= *end);
}

}  // namespace

Answer Rest::order(const Call& call) {
    const std::string name = call.text("instId");
    if (name.empty()) return bad(kParameterEmpty, "instId");
    // What was ordered is known for longer than the instrument trades.
    const auto id = core_.venue.find_listing(Market::Okx, name);
    if (!id) return bad(kUnknownInstrument);
    const std::string number = call.text("ordId");
    const std::string client = call.text("clOrdId");
    if (number.empty() && client.empty()) return bad(kEither, "ordId or clOrdId");
    const Order* const found = core_.entry.find(call.account, *id, number, client);
    const bool forgotten = found != nullptr && !sim_engine::is_open(found->status) &&
                           found->filled.is_zero() && call.now - found->updated > kUnfilledKept;
    if (found == nullptr || forgotten) return bad(kOrderNotFound);
    return good(Json::array(
        {order_json(core_.venue, *found, core_.notes.order(found->id), OrderForm::Rest)}));
}

Answer Rest::open_orders(const Call& call) {
    const auto& notes = core_.notes;
    std::vector<const Order*> open = core_.venue.open_orders(call.account, ListingId{});
    std::erase_if(open, [&](const Order* o) {
        return !fits(call, core_.venue, *o, std::as_const(notes).order(o->id));
    });
    Json rows = Json::array();
    for (const Order* o : page(open, call, 100, [](const Order* x) { return x->id.raw(); }))
        rows.push_back(
            order_json(core_.venue, *o, std::as_const(notes).order(o->id), OrderForm::Rest));
    return good(std::move(rows));
}

Answer Rest::order_history(const Call& call) {
    if (call.text("instType").empty()) return bad(kParameterEmpty, "instType");
    const auto& notes = core_.notes;
    std::vector<const Order*> closed = core_.venue.closed_orders(call.account);
    std::erase_if(closed, [&](const Order* o) {
        const bool forgotten = o->filled.is_zero() && call.now - o->updated > kUnfilledKept;
        return forgotten || !within(call, o->created) ||
               !fits(call, core_.venue, *o, std::as_const(notes).order(o->id));
    });
    std::sort(closed.begin(), closed.end(),
              [](const Order* a, const Order* b) { return a->id < b->id; });
    Json rows = Json::array();
    for (const Order* o : page(closed, call, 100, [](const Order* x) { return x->id.raw(); }))
        rows.push_back(
            order_json(core_.venue, *o, std::as_const(notes).order(o->id), OrderForm::Rest));
    return good(std::move(rows));
}

Answer Rest::fills(const Call& call) {
    std::vector<Fill> fills = core_.venue.fills_since(call.account, 0);
    std::erase_if(fills, [&](const Fill& fill) {
        const sim_engine::Listing& listing = core_.venue.listing(fill.listing);
        const auto other = [&call](std::string_view name, std::string_view value) {
            const std::string_view wanted = call.query.text(name);
            return !wanted.empty() && wanted != value;
        };
        return other("instType", inst_type(listing)) ||
               other("instId", listing.definition.venue_symbol) ||
               other("ordId", id_text(fill.order)) || !within(call, fill.time);
    });
    Json rows = Json::array();
    for (const Fill& fill : page(fills, call, 100, [](const Fill& f) { return f.number; }))
        rows.push_back(fill_json(core_.venue, fill, std::as_const(core_.notes).order(fill.order)));
    return good(std::move(rows));
}

Answer Rest::rate_limit(const Call& call) {
    Json row;
    row["accRateLimit"] = "1000";
    row["fillRatio"] = "";
    row["mainFillRatio"] = "";
    row["nextAccRateLimit"] = "";
    row["ts"] = millis(call.now);
    return good(Json::array({row}));
}

}  // namespace parallax::sim_okx
