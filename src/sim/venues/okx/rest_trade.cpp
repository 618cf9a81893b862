// Orders over REST.
#include <algorithm>

#include "sim/venues/okx/order_messages.hpp"
#include "sim/venues/okx/rest.hpp"

namespace parallax::sim_okx {

using sim_engine::ListingId;
using sim_engine::OrderType;

namespace {

Answer operation(Json data, std::size_t refused, UnixNanos now) {
    Answer out;
    const std::size_t all = data.size();
    out.body["code"] = refused == 0 ? "0" : refused == all ? "1" : "2";
    out.body["data"] = std::move(data);
    out.body["msg"] = refused == 0     ? ""
                      : refused == all ? "All operations failed"
                                       : "Bulk operation partially succeeded.";
    out.body["inTime"] = micros(now);
    out.body["outTime"] = micros(now);
    return out;
}

/// Whether the client's deadline is over. A deadline that is no number is an error as well.
const Code* past_expiry(std::string_view expiry, UnixNanos now) noexcept {
    if (expiry.empty()) return nullptr;
    const auto at = sim_front::integer(expiry);
    if (!at) return &kParameter;
    return *at < now.millis() ? &kPastExpiry : nullptr;
}

}  // namespace

Answer Rest::single(const Call& call, Action action) {
    if (!call.body.is_object()) return bad(kBadJson);
    if (action != Action::Cancel) {
        if (const Code* const late = past_expiry(call.expiry, call.now))
            return bad(*late, "expTime");
    }
    if (const Code* const over =
            core_.over_limit(call.account, action, false, call.body, NamedBy::Name, call.now))
        return bad(*over);
    const OrderAnswer done = core_.run(call.account, action, call.body, NamedBy::Name, call.now);
    return operation(Json::array({done.json(action)}), done.refusal.refused() ? 1 : 0, call.now);
}

Answer Rest::batch(const Call& call, Action action) {
    if (!call.body.is_array()) return bad(kBadJson);
    if (call.body.empty() || call.body.size() > kMostInBatch) return bad(kParameter, "body");
    if (action != Action::Cancel) {
        if (const Code* const late = past_expiry(call.expiry, call.now))
            return bad(*late, "expTime");
    }
    Json data = Json::array();
    std::size_t refused = 0;
    for (const Json& arg : call.body) {
        // A batch of one counts as a single operation.
        OrderAnswer done;
        done.time = call.now;
        if (const Code* const over = core_.over_limit(call.account, action, call.body.size() > 1,
                                                      arg, NamedBy::Name, call.now)) {
            done.refusal = refusal(*over);
            if (arg.is_object()) done.client_id = parameter(arg, "clOrdId");
        } else {
            done = core_.run(call.account, action, arg, NamedBy::Name, call.now);
        }
        refused += done.refusal.refused() ? 1 : 0;
        data.push_back(done.json(action));
    }
    return operation(std::move(data), refused, call.now);
}

Answer Rest::place(const Call& call) { return single(call, Action::Place); }
Answer Rest::place_batch(const Call& call) { return batch(call, Action::Place); }
Answer Rest::cancel(const Call& call) { return single(call, Action::Cancel); }
Answer Rest::cancel_batch(const Call& call) { return batch(call, Action::Cancel); }
Answer Rest::amend(const Call& call) { return single(call, Action::Amend); }
Answer Rest::amend_batch(const Call& call) { return batch(call, Action::Amend); }

Answer Rest::cancel_all_after(const Call& call) {
    if (!call.body.is_object()) return bad(kBadJson);
    const std::string text = parameter(call.body, "timeOut");
    const std::string tag = parameter(call.body, "tag");
    if (text.empty()) return bad(kParameterEmpty, "timeOut");
    const auto seconds = sim_front::integer(text);
    if (!seconds || (*seconds != 0 && (*seconds < 10 || *seconds > 120)))
        return bad(kParameter, "timeOut");
    if (!tag.empty() && !is_word(tag, 16)) return bad(kParameter, "tag");
    const std::string who = std::to_string(call.account.raw()) + " " + tag;
    if (!core_.limits.take("cancel-all-after", who, 1, call.now, 1, Nanos::seconds(1)))
        return bad(kRateLimit);
    const UnixNanos at = *seconds == 0 ? UnixNanos{} : call.now + Nanos::seconds(*seconds);
    if (!core_.dead_men.arm(call.account, tag, at)) return bad(kTags);
    Json row;
    row["triggerTime"] = at.known() ? std::to_string(at.millis() / 1'000) : "0";
    row["tag"] = tag;
    row["ts"] = std::to_string(call.now.millis() / 1'000);
    return good(Json::array({row}));
}

Answer Rest::close_position(const Call& call) {
    if (!call.body.is_object()) return bad(kBadJson);
    const auto id = core_.entry.by_name(parameter(call.body, "instId"));
    if (!id) return bad(kUnknownInstrument);
    const std::string mode = parameter(call.body, "mgnMode");
    if (mode.empty()) return bad(kParameterEmpty, "mgnMode");
    if (mode != "cross") return bad(kAccountMode);
    const std::string position_side = parameter(call.body, "posSide");
    if (!position_side.empty() && position_side != "net") return bad(kParameter, "posSide");
    const std::string client = parameter(call.body, "clOrdId");
    if (!client.empty() && !is_word(client, 32)) return bad(kParameter, "clOrdId");
    const sim_engine::Position& p = core_.venue.position(call.account, *id);
    if (p.quantity().is_zero()) return bad(kNoPosition);
    const Side side = p.quantity() > Quantity{} ? Side::Sell : Side::Buy;
    std::vector<sim_engine::OrderId> closing;
    for (const sim_engine::Order* order : core_.venue.open_orders(call.account, *id)) {
        if (order->side == side) closing.push_back(order->id);
    }
    if (!closing.empty() && parameter(call.body, "autoCxl") != "true")
        return bad(kCloseOrdersFirst);
    for (const sim_engine::OrderId order : closing)
        (void)core_.venue.cancel(call.account, order, call.now);
    sim_engine::NewOrder request;
    request.account = call.account;
    request.listing = *id;
    request.side = side;
    request.type = OrderType::Market;
    request.reduce_only = true;
    request.quantity = p.magnitude();
    request.client_id = sim_engine::ClientId{client};
    const auto placed = core_.venue.place(request, call.now);
    if (!placed) {
        const Refusal why = refusal(placed.error(), Action::Place, core_.venue.listing(*id),
                                    core_.venue.listing(*id).definition.quote);
        return bad(Code{why.code, 200, why.message});
    }
    OrderNote& note = core_.notes.order(*placed);
    note.kind = "market";
    note.trade_mode = "cross";
    note.stp_mode = "cancel_maker";
    note.tag = parameter(call.body, "tag");
    Json row;
    row["clOrdId"] = client;
    row["instId"] = core_.venue.listing(*id).definition.venue_symbol;
    row["posSide"] = "net";
    row["tag"] = note.tag;
    return good(Json::array({row}));
}

/// Market makers' options only, which nobody has here.
Answer Rest::mass_cancel(const Call&) { return bad(kAccountMode); }

}  // namespace parallax::sim_okx
