#include <algorithm>

#include "sim/venues/binance/api.hpp"
#include "sim/venues/binance/messages.hpp"

namespace parallax::sim_binance {
namespace {

Json row(const SimVenue& venue, const Order& order, Product product) {
    return product == Product::Spot ? spot_order(venue, order) : futures_order(venue, order, true);
}

}  // namespace

Reply Api::query(Call& call) {
    const auto listing = listing_of(call);
    if (!listing) return tl::unexpected{listing.error()};
    const auto order = order_of(call, *listing, unknown_order());
    if (!order) return tl::unexpected{order.error()};
    return row(venue_, **order, call.product);
}

Reply Api::open_order(Call& call) {
    const auto listing = listing_of(call);
    if (!listing) return tl::unexpected{listing.error()};
    const auto order = order_of(call, *listing, unknown_order());
    if (!order) return tl::unexpected{order.error()};
    if (!is_open((*order)->status)) return tl::unexpected{unknown_order()};
    return row(venue_, **order, call.product);
}

Reply Api::open_orders(Call& call) {
    const auto ids = listings_of(call);
    if (!ids) return tl::unexpected{ids.error()};
    Json out = Json::array();
    for (const ListingId id : *ids) {
        for (const Order* order : venue_.open_orders(call.account(), id))
            out.push_back(row(venue_, *order, call.product));
    }
    return out;
}

Reply Api::all_orders(Call& call) {
    const auto listing = listing_of(call);
    if (!listing) return tl::unexpected{listing.error()};
    Arguments in{call};
    const auto limit = static_cast<std::size_t>(in.number_or("limit", 500, 1'000));
    const auto from = in.number("orderId");
    const auto start = in.number("startTime");
    const auto end = in.number("endTime");
    if (in.fault()) return in.failure();
    const std::int64_t longest = (call.product == Product::Spot ? 1 : 7) * std::int64_t{86'400'000};
    if (start && end && *end - *start > longest)
        return refuse(-1127, call.product == Product::Spot
                                 ? "More than 24 hours between startTime and endTime."
                                 : "More than 7 days between startTime and endTime.");
    std::vector<const Order*> all = venue_.closed_orders(call.account());
    std::erase_if(all, [&](const Order* o) { return o->listing != *listing; });
    for (const Order* order : venue_.open_orders(call.account(), *listing)) all.push_back(order);
    std::erase_if(all, [&](const Order* o) {
        return (from && o->id.raw() < static_cast<std::uint64_t>(*from)) ||
               (start && o->created.millis() < *start) || (end && o->created.millis() > *end);
    });
    std::sort(all.begin(), all.end(), [](const Order* a, const Order* b) { return a->id < b->id; });
    const std::size_t first = from || start || all.size() < limit ? 0 : all.size() - limit;
    Json out = Json::array();
    for (std::size_t i = first; i < all.size() && out.size() < limit; ++i)
        out.push_back(row(venue_, *all[i], call.product));
    return out;
}

Reply Api::my_trades(Call& call) {
    const auto listing = listing_of(call);
    if (!listing) return tl::unexpected{listing.error()};
    Arguments in{call};
    const auto limit = static_cast<std::size_t>(in.number_or("limit", 500, 1'000));
    const auto order = in.number("orderId");
    const auto from = in.number("fromId");
    const auto start = in.number("startTime");
    const auto end = in.number("endTime");
    if (in.fault()) return in.failure();
    auto fills = venue_.fills_since(call.account(), 0);
    std::erase_if(fills, [&](const sim_engine::Fill& f) {
        return f.listing != *listing ||
               (order && f.order.raw() != static_cast<std::uint64_t>(*order)) ||
               (from && f.execution.trade.raw() < static_cast<std::uint64_t>(*from)) ||
               (start && f.time.millis() < *start) || (end && f.time.millis() > *end);
    });
    const std::size_t first = from || start || fills.size() < limit ? 0 : fills.size() - limit;
    Json out = Json::array();
    for (std::size_t i = first; i < fills.size() && out.size() < limit; ++i)
        out.push_back(call.product == Product::Spot ? spot_fill(venue_, fills[i])
                                                    : futures_fill(venue_, fills[i]));
    return out;
}

/// What the venue sold or bought in the account's name, newest first.
Reply Api::force_orders(Call& call) {
    const auto ids = listings_of(call);
    if (!ids) return tl::unexpected{ids.error()};
    Arguments in{call};
    const auto limit = static_cast<std::size_t>(in.number_or("limit", 50, 100));
    const auto start = in.number("startTime");
    const auto end = in.number("endTime");
    const std::string_view type = in.may("autoCloseType");
    if (in.fault()) return in.failure();
    if (!type.empty() && type != "LIQUIDATION" && type != "ADL")
        return refuse(-1130, "Data sent for parameter 'autoCloseType' is not valid.");
    std::vector<const Order*> all = venue_.closed_orders(call.account());
    std::erase_if(all, [&](const Order* o) {
        return !o->liquidation || type == "ADL" ||
               std::ranges::find(*ids, o->listing) == ids->end() ||
               (start && o->created.millis() < *start) || (end && o->created.millis() > *end);
    });
    std::sort(all.begin(), all.end(), [](const Order* a, const Order* b) { return a->id > b->id; });
    if (all.size() > limit) all.resize(limit);
    Json out = Json::array();
    for (const Order* order : all) out.push_back(row(venue_, *order, call.product));
    return out;
}

Reply Api::order_usage(Call& call) { return limits(call.product).rate_limits(&call, false, true); }

Reply Api::prevented_matches(Call& call) {
    const auto listing = listing_of(call);
    if (!listing) return tl::unexpected{listing.error()};
    return Json::array();  // the engine keeps no list of them
}

}  // namespace parallax::sim_binance
