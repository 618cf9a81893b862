// What orders were before they were amended.
#include "sim/venues/binance/api.hpp"
#include "sim/venues/binance/numbers.hpp"

namespace parallax::sim_binance {

void Api::amended(const Order& before, UnixNanos now) {
    const Order& after = *venue_.order(before.id);
    amendments_.push_back({next_amendment_++, before.account, before.id, now, before.price,
                           after.price, before.quantity, after.quantity, after.amends});
    if (amendments_.size() > kMostKept) amendments_.pop_front();
}

Reply Api::spot_amendments(Call& call) {
    Arguments in{call};
    const auto limit = static_cast<std::size_t>(in.number_or("limit", 500, 1'000));
    const auto from = in.number("fromExecutionId");
    (void)in.must("orderId");
    if (in.fault()) return in.failure();
    const auto listing = listing_of(call);
    if (!listing) return tl::unexpected{listing.error()};
    const auto order = order_of(call, *listing, unknown_order());
    if (!order) return tl::unexpected{order.error()};
    const Listing& l = venue_.listing(*listing);
    Json out = Json::array();
    for (const Amendment& a : amendments_) {
        const std::int64_t execution = a.time.nanos() / 1'000;
        if (a.order != (*order)->id || (from && execution < *from) || out.size() == limit) continue;
        out.push_back({{"symbol", l.definition.venue_symbol},
                       {"orderId", a.order.raw()},
                       {"executionId", execution},
                       {"origClientOrderId", (*order)->client_id.text()},
                       {"newClientOrderId", (*order)->client_id.text()},
                       {"origQty", text(l, a.quantity_before)},
                       {"newQty", text(l, a.quantity_after)},
                       {"time", a.time.millis()}});
    }
    return out;
}

Reply Api::futures_amendments(Call& call) {
    Arguments in{call};
    const auto limit = static_cast<std::size_t>(in.number_or("limit", 50, 100));
    const auto start = in.number("startTime");
    const auto end = in.number("endTime");
    if (in.fault()) return in.failure();
    const auto listing = listing_of(call);
    if (!listing) return tl::unexpected{listing.error()};
    const auto order = order_of(call, *listing, unknown_order());
    if (!order) return tl::unexpected{order.error()};
    const Listing& l = venue_.listing(*listing);
    const auto change = [](std::string before, std::string after) {
        return Json{{"before", std::move(before)}, {"after", std::move(after)}};
    };
    Json out = Json::array();
    for (auto at = amendments_.rbegin(); at != amendments_.rend() && out.size() < limit; ++at) {
        if (at->order != (*order)->id || (start && at->time.millis() < *start) ||
            (end && at->time.millis() > *end))
            continue;
        out.push_back(
            {{"amendmentId", at->id},
             {"symbol", l.definition.venue_symbol},
             {"pair", l.definition.venue_symbol},
             {"orderId", at->order.raw()},
             {"clientOrderId", (*order)->client_id.text()},
             {"time", at->time.millis()},
             {"amendment",
              {{"price", change(text(l, at->price_before), text(l, at->price_after))},
               {"origQty", change(text(l, at->quantity_before), text(l, at->quantity_after))},
               {"count", at->count}}},
             {"priceMatch", "NONE"}});
    }
    return out;
}

}  // namespace parallax::sim_binance
