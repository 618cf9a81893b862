// Futures only: orders that change, several at once, and the switch of a dead man.
#include "sim/venues/binance/api.hpp"
#include "sim/venues/binance/messages.hpp"

namespace parallax::sim_binance {
namespace {

/// Objects of batchOrders as parameters each; empty when it is no list of at most `most` objects.
std::optional<std::vector<sim_front::Parameters>> batch_of(const Call& call, std::size_t most) {
    const sim_front::ReadJson read = sim_front::read_json(call.params.text("batchOrders"));
    if (!read.good || !read.value.is_array() || read.value.empty() || read.value.size() > most)
        return std::nullopt;
    std::vector<sim_front::Parameters> out;
    for (const Json& one : read.value) {
        if (!one.is_object()) return std::nullopt;
        sim_front::Parameters& params = out.emplace_back();
        for (const auto& [name, value] : one.items())
            params.add(name, value.is_string() ? value.get<std::string>() : text_of(value));
    }
    return out;
}

}  // namespace

Reply Api::modify_one(Call& call) {
    const auto listing = listing_of(call);
    if (!listing) return tl::unexpected{listing.error()};
    const auto order = order_of(call, *listing, unknown_order());
    if (!order) return tl::unexpected{order.error()};
    if (!is_open((*order)->status)) return tl::unexpected{unknown_order()};
    Arguments in{call};
    const sim_engine::Listing& l = venue_.listing(*listing);
    const auto quantity = l.parse_quantity(in.must("quantity"));
    const auto price = l.parse_price(in.must("price"));
    const std::string_view side = in.must("side");
    if (in.fault()) return in.failure();
    if (!quantity || !price)
        return refuse(-1111, "Precision is over the maximum defined for this asset.");
    if (side != side_text((*order)->side)) return refuse(-4089, "Side can not be modified.");
    const Order before = **order;
    const auto done = venue_.amend({call.account(), before.id, *price, *quantity}, call.now);
    if (!done) return tl::unexpected{fault_of(done.error(), Product::Futures)};
    amended(before, call.now);
    return futures_order(venue_, *venue_.order(before.id), false);
}

Reply Api::modify(Call& call) {
    if (auto fault = futures_limits_.charge_orders(call.account(), 1, 1, call.now))
        return tl::unexpected{*fault};
    return modify_one(call);
}

Reply Api::place_batch(Call& call) {
    const auto batch = batch_of(call, 5);
    if (!batch) return refuse(-4082, "Invalid number of batch place orders.");
    if (auto fault = futures_limits_.charge_orders(call.account(), 5, 1, call.now))
        return tl::unexpected{*fault};
    Json out = Json::array();
    for (const sim_front::Parameters& params : *batch) {
        Call one = call;
        one.params = params;
        const Reply placed = place_one(one);
        out.push_back(placed ? *placed : fault_json(placed.error()));
    }
    return out;
}

Reply Api::modify_batch(Call& call) {
    const auto batch = batch_of(call, 5);
    if (!batch) return refuse(-4082, "Invalid number of batch place orders.");
    if (auto fault = futures_limits_.charge_orders(call.account(), 5, 1, call.now))
        return tl::unexpected{*fault};
    Json out = Json::array();
    for (const sim_front::Parameters& params : *batch) {
        Call one = call;
        one.params = params;
        const Reply changed = modify_one(one);
        out.push_back(changed ? *changed : fault_json(changed.error()));
    }
    return out;
}

Reply Api::cancel_batch(Call& call) {
    const bool by_number = call.params.has("orderIdList");
    const auto list =
        sim_front::read_json(call.params.text(by_number ? "orderIdList" : "origClientOrderIdList"));
    if (!list.good || !list.value.is_array() || list.value.empty() || list.value.size() > 10)
        return refuse(-4083, "Invalid number of batch cancel orders.");
    Json out = Json::array();
    for (const Json& id : list.value) {
        Call one = call;
        one.params.add(by_number ? "orderId" : "origClientOrderId",
                       id.is_string() ? id.get<std::string>() : text_of(id));
        const Reply cancelled = cancel(one);
        out.push_back(cancelled ? *cancelled : fault_json(cancelled.error()));
    }
    return out;
}

Reply Api::countdown(Call& call) {
    const auto listing = listing_of(call);
    if (!listing) return tl::unexpected{listing.error()};
    Arguments in{call};
    (void)in.must("countdownTime");
    const auto wait = in.number("countdownTime");
    if (in.fault()) return in.failure();
    const std::pair who{call.account(), *listing};
    if (*wait == 0) {
        countdowns_.erase(who);
    } else {
        countdowns_[who] = call.now + Nanos::millis(std::min<std::int64_t>(*wait, 86'400'000));
    }
    return Json{{"symbol", call.params.text("symbol")},
                {"countdownTime", call.params.text("countdownTime")}};
}

}  // namespace parallax::sim_binance
