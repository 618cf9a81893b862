#include "sim/venues/bybit/order_desk.hpp"

#include "sim/venues/bybit/ids.hpp"
#include "sim/venues/bybit/text.hpp"

namespace parallax::sim_bybit {
namespace {

using sim_engine::AccountId;
using sim_engine::Order;
using sim_engine::Reject;

Json ids_json(const Order& order, bool spot) {
    return {{"orderId", order_text(order.id, spot)}, {"orderLinkId", order.client_id.text()}};
}

}  // namespace

Reply OrderDesk::one(Operation operation, AccountId account, const Json& request, UnixNanos now) {
    if (!request.is_object()) return {parameter_error("request invalid"), Json::object(), {}};
    switch (operation) {
        case Operation::Create:
            return create(account, request, now);
        case Operation::Amend:
            return amend(account, request, now);
        case Operation::Cancel:
            break;
    }
    return cancel(account, request, now);
}

Reply OrderDesk::create(AccountId account, const Json& request, UnixNanos now) {
    Reply out;
    const Parsed parsed = parse_order(venue_, account, request);
    if (!parsed.answer.ok()) {
        out.answer = parsed.answer;
        return out;
    }
    const auto placed = venue_.place(parsed.order, now);
    if (placed) {
        out.result = {{"orderId", order_text(*placed, parsed.spot)},
                      {"orderLinkId", parsed.order.client_id.text()}};
    } else if (late_ && found_late(placed.error())) {
        rejected_.push_back(memory_.refused(parsed.order, placed.error(), now));
        out.result = ids_json(rejected_.back().order, parsed.spot);
    } else {
        out.answer = refusal(placed.error(), parsed.spot);
    }
    return out;
}

OrderDesk::Found OrderDesk::find(AccountId account, const Json& request) const {
    Found out;
    const auto category = field(request, "category"), symbol = field(request, "symbol"),
               id = field(request, "orderId"), link = field(request, "orderLinkId");
    if (!category || !symbol || !id || !link) {
        out.answer = parameter_error("request invalid");
        return out;
    }
    const Where at = where(venue_, *category, *symbol);
    out.spot = at.spot;
    out.answer = at.answer;
    if (!at.answer.ok()) return out;
    if (id->empty() && link->empty()) {
        out.answer = parameter_error("orderId or orderLinkId is required");
        return out;
    }
    if (!id->empty()) {  // wins when both are given
        const auto number = parse_order_id(*id);
        if (number) out.order = venue_.order(*number);
    } else {
        out.order = venue_.order(account, sim_engine::ClientId{*link});
    }
    if (out.order == nullptr || out.order->account != account || out.order->listing != at.listing) {
        out.order = nullptr;
        out.answer = refusal(Reject::UnknownOrder, at.spot);
    }
    return out;
}

Reply OrderDesk::amend(AccountId account, const Json& request, UnixNanos now) {
    Reply out;
    const Found found = find(account, request);
    out.answer = found.answer;
    if (!out.answer.ok()) return out;
    const sim_engine::Listing& listing = venue_.listing(found.order->listing);
    const auto price = field(request, "price"), quantity = field(request, "qty");
    if (!price || !quantity) {
        out.answer = parameter_error("price or qty invalid");
        return out;
    }
    for (const std::string_view name : {"triggerPrice", "takeProfit", "stopLoss", "orderIv"}) {
        const auto text = field(request, name);
        if (!text || (!text->empty() && *text != "0")) {
            out.answer = parameter_error(std::string{name} + " is not supported here");
            return out;
        }
    }
    sim_engine::AmendOrder amend{account, found.order->id, {}, {}};
    const auto refuse = [&](Errc error, Reject fine, Reject invalid) {
        out.answer = refusal(error == Errc::Unrepresentable ? fine : invalid, found.spot);
        return out;
    };
    if (!price->empty()) {
        const auto value = listing.parse_price(*price);
        if (!value) return refuse(value.error(), Reject::TickSize, Reject::InvalidPrice);
        amend.price = *value;
    }
    if (!quantity->empty()) {
        const auto value = listing.parse_quantity(*quantity);
        if (!value) return refuse(value.error(), Reject::LotSize, Reject::InvalidQuantity);
        amend.quantity = *value;
    }
    const Json ids = ids_json(*found.order, found.spot);
    const auto done = venue_.amend(amend, now);
    if (done) {
        out.result = ids;
    } else {
        out.answer = refusal(done.error(), found.spot);
    }
    return out;
}

Reply OrderDesk::cancel(AccountId account, const Json& request, UnixNanos now) {
    Reply out;
    const Found found = find(account, request);
    out.answer = found.answer;
    if (!out.answer.ok()) return out;
    const Json ids = ids_json(*found.order, found.spot);
    const auto done = venue_.cancel(account, found.order->id, now);
    if (done) {
        out.result = ids;
    } else {
        out.answer = refusal(done.error(), found.spot);
        if (!found.spot && out.answer.code == 110001)
            out.answer.text = "order not exists or too late to cancel";
    }
    return out;
}

std::size_t OrderDesk::batch_size(const Json& request) noexcept {
    const auto list = request.is_object() ? request.find("request") : request.end();
    if (!request.is_object() || list == request.end() || !list->is_array()) return 1;
    return std::max<std::size_t>(1, list->size());
}

Reply OrderDesk::batch(Operation operation, AccountId account, const Json& request,
                       std::size_t allowed, UnixNanos now) {
    Reply out;
    const auto category =
        request.is_object() ? field(request, "category") : std::optional<std::string>{};
    if (!category || !market_of(*category)) {
        out.answer = parameter_error("category invalid");
        return out;
    }
    const auto list = request.find("request");
    const std::size_t most = *category == "spot" ? 10 : 20;
    if (list == request.end() || !list->is_array() || list->empty() || list->size() > most) {
        out.answer = parameter_error("request must hold 1 to " + std::to_string(most) + " orders");
        return out;
    }
    Json results = Json::array(), codes = Json::array();
    for (std::size_t i = 0; i < list->size(); ++i) {
        Json item = (*list)[i];
        Reply reply;
        if (i >= allowed) {
            reply.answer = {kTooMany, "Too many visits!"};
        } else if (!item.is_object()) {
            reply.answer = parameter_error("request invalid");
        } else {
            item["category"] = *category;
            reply = one(operation, account, item, now);
        }
        const bool good = reply.answer.ok();
        const auto symbol = item.is_object() ? field(item, "symbol") : std::nullopt;
        Json row = {{"category", *category}, {"symbol", symbol.value_or("")}};
        row["orderId"] = good ? reply.result["orderId"] : Json("");
        const auto link = item.is_object() ? field(item, "orderLinkId") : std::nullopt;
        row["orderLinkId"] = good ? reply.result["orderLinkId"] : Json(link.value_or(""));
        if (operation == Operation::Create)
            row["createAt"] = good ? std::to_string(now.millis()) : std::string{};
        results.push_back(std::move(row));
        codes.push_back({{"code", reply.answer.code}, {"msg", reply.answer.text}});
    }
    out.result = {{"list", std::move(results)}};
    out.extra = {{"list", std::move(codes)}};
    return out;
}

Reply OrderDesk::cancel_all(AccountId account, const Json& request, UnixNanos now) {
    Reply out;
    if (!request.is_object()) {
        out.answer = parameter_error("request invalid");
        return out;
    }
    const auto category = field(request, "category"), symbol = field(request, "symbol"),
               base = field(request, "baseCoin"), settle = field(request, "settleCoin");
    const auto market = category ? market_of(*category) : std::nullopt;
    if (!market || !symbol || !base || !settle) {
        out.answer = parameter_error("category invalid");
        return out;
    }
    const bool spot = *market == Market::BybitSpot;
    sim_engine::ListingId only;
    if (!symbol->empty()) {
        const Where at = where(venue_, *category, *symbol);
        out.answer = at.answer;
        if (!at.answer.ok()) return out;
        only = at.listing;
    } else if (!spot && base->empty() && settle->empty()) {
        out.answer = parameter_error("symbol, baseCoin or settleCoin is required");
        return out;
    }
    Json list = Json::array();
    std::size_t count = 0;
    std::vector<sim_engine::OrderId> chosen;
    for (const Order* const order : venue_.open_orders(account, only)) {
        const sim_engine::Listing& l = venue_.listing(order->listing);
        const InstrumentDefinition& d = l.definition;
        if (d.market != *market || (symbol->empty() && !base->empty() && d.base != *base) ||
            (symbol->empty() && !spot && !settle->empty() && d.settle != *settle)) {
            continue;
        }
        if (!spot && ++count > 500) break;
        chosen.push_back(order->id);
        list.push_back(ids_json(*order, spot));
    }
    for (const sim_engine::OrderId id : chosen)
        (void)venue_.cancel(account, id, now, sim_engine::CloseReason::CancelAll);
    out.result = {{"list", std::move(list)}, {"success", "1"}};
    return out;
}

}  // namespace parallax::sim_bybit
