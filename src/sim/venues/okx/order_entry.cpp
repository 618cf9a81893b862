#include "sim/venues/okx/order_entry.hpp"

#include <charconv>

#include "sim/venues/okx/order_messages.hpp"
#include "sim/venues/okx/order_reading.hpp"

namespace parallax::sim_okx {

using sim_engine::AccountId;
using sim_engine::ListingId;
using sim_engine::Order;
using sim_engine::Reject;

Json OrderAnswer::json(Action action) const {
    Json out;
    out["clOrdId"] = client_id;
    out["ordId"] = order;
    if (action == Action::Amend) out["reqId"] = request;
    if (action == Action::Place) out["tag"] = tag;
    out["ts"] = millis(time);
    out["sCode"] = refusal.code;
    out["sMsg"] = refusal.message;
    out["subCode"] = refusal.sub;
    return out;
}

std::optional<ListingId> OrderEntry::by_name(std::string_view name) const {
    const auto found = venue_.find_listing(Market::Okx, name);
    if (found && venue_.listing(*found).state == sim_engine::ListingState::Delisted)
        return std::nullopt;
    return found;
}

std::optional<ListingId> OrderEntry::listing(const Json& arg, NamedBy named) const {
    if (named == NamedBy::Name) return by_name(parameter(arg, "instId"));
    const auto code = arg.find("instIdCode");
    if (code == arg.end() || !code->is_number_integer()) return std::nullopt;
    for (std::size_t i = 0; i < venue_.listings(); ++i) {
        const ListingId id{static_cast<ListingId::rep>(i)};
        const sim_engine::Listing& l = venue_.listing(id);
        if (*code == l.definition.venue_code && l.state != sim_engine::ListingState::Delisted)
            return id;
    }
    return std::nullopt;
}

Refusal OrderEntry::unknown_instrument(const Json& arg, NamedBy named) const {
    const char* const name = named == NamedBy::Name ? "instId" : "instIdCode";
    if (parameter(arg, name).empty()) return refusal(kParameterEmpty, name);
    if (named == NamedBy::Code && !arg.find(name)->is_number_integer())
        return refusal(kParameter, name);
    return refusal(kUnknownInstrument);
}

Refusal OrderEntry::said(Reject reason, Action action, ListingId id, Side side) const {
    const sim_engine::Listing& listing = venue_.listing(id);
    const bool base = side == Side::Sell && !listing.perpetual;
    return refusal(reason, action, listing, venue_.asset_name(base ? listing.base : listing.quote));
}

const Order* OrderEntry::find(AccountId account, ListingId listing, std::string_view order,
                              std::string_view client) const {
    const Order* found = nullptr;
    if (!order.empty()) {
        std::uint64_t raw = 0;
        const auto [end, error] = std::from_chars(order.data(), order.data() + order.size(), raw);
        if (error != std::errc{} || end != order.data() + order.size()) return nullptr;
        found = venue_.order(sim_engine::OrderId{raw});
    } else if (is_word(client, 32)) {
        found = venue_.order(account, sim_engine::ClientId{client});
    }
    if (found == nullptr || found->account != account || found->listing != listing) return nullptr;
    return found;
}

OrderAnswer OrderEntry::place(AccountId account, const Json& arg, NamedBy named, UnixNanos now) {
    OrderAnswer out;
    out.time = now;
    if (!arg.is_object()) {
        out.refusal = refusal(kParameter, "args");
        return out;
    }
    out.client_id = parameter(arg, "clOrdId");
    out.tag = parameter(arg, "tag");
    const auto id = listing(arg, named);
    if (!id) {
        out.refusal = unknown_instrument(arg, named);
        return out;
    }
    Reading reading;
    reading.listing = &venue_.listing(*id);
    reading.order.account = account;
    reading.order.listing = *id;
    out.refusal = read(arg, reading);
    if (out.refusal.refused()) return out;
    const auto placed = venue_.place(reading.order, now);
    if (!placed) {
        out.refusal = said(placed.error(), Action::Place, *id, reading.order.side);
        return out;
    }
    notes_.order(*placed) = reading.note;
    out.order = id_text(*placed);
    return out;
}

OrderAnswer OrderEntry::cancel(AccountId account, const Json& arg, NamedBy named, UnixNanos now) {
    OrderAnswer out;
    out.time = now;
    if (!arg.is_object()) {
        out.refusal = refusal(kParameter, "args");
        return out;
    }
    out.order = parameter(arg, "ordId");
    out.client_id = parameter(arg, "clOrdId");
    const auto id = listing(arg, named);
    if (!id) {
        out.refusal = unknown_instrument(arg, named);
        return out;
    }
    if (out.order.empty() && out.client_id.empty()) {
        out.refusal = refusal(kEither, "ordId or clOrdId");
        return out;
    }
    const Order* const order = find(account, *id, out.order, out.client_id);
    if (order == nullptr) {
        out.refusal = said(Reject::UnknownOrder, Action::Cancel, *id, Side::Buy);
        return out;
    }
    out.client_id = order->client_id.text();
    out.order = id_text(order->id);
    const auto done = venue_.cancel(account, order->id, now);
    if (!done) out.refusal = said(done.error(), Action::Cancel, *id, Side::Buy);
    return out;
}

OrderAnswer OrderEntry::amend(AccountId account, const Json& arg, NamedBy named, UnixNanos now) {
    OrderAnswer out;
    out.time = now;
    if (!arg.is_object()) {
        out.refusal = refusal(kParameter, "args");
        return out;
    }
    out.order = parameter(arg, "ordId");
    out.client_id = parameter(arg, "clOrdId");
    out.request = parameter(arg, "reqId");
    const auto id = listing(arg, named);
    if (!id) {
        out.refusal = unknown_instrument(arg, named);
        return out;
    }
    const sim_engine::Listing& instrument = venue_.listing(*id);
    sim_engine::AmendOrder request;
    request.account = account;
    const std::string size = parameter(arg, "newSz");
    const std::string price = parameter(arg, "newPx");
    const auto refuse = [&](Refusal why) {
        out.refusal = std::move(why);
        return out;
    };
    if (out.order.empty() && out.client_id.empty())
        return refuse(refusal(kEither, "ordId or clOrdId"));
    if (!out.request.empty() && !is_word(out.request, 32))
        return refuse(refusal(kParameter, "reqId"));
    if (size.empty() && price.empty()) return refuse(refusal(kNothingToAmend));
    if (!size.empty()) {
        const auto quantity = instrument.parse_quantity(size);
        if (!quantity && quantity.error() == Errc::Unrepresentable)
            return refuse(said(Reject::LotSize, Action::Amend, *id, Side::Buy));
        if (!quantity) return refuse(refusal(kParameter, "newSz"));
        request.quantity = *quantity;
    }
    if (!price.empty()) {
        const auto to = instrument.parse_price(price);
        if (!to && to.error() == Errc::Unrepresentable)
            return refuse(said(Reject::TickSize, Action::Amend, *id, Side::Buy));
        if (!to) return refuse(refusal(kParameter, "newPx"));
        request.price = *to;
    }
    const Order* const order = find(account, *id, out.order, out.client_id);
    if (order == nullptr) return refuse(said(Reject::UnknownOrder, Action::Amend, *id, Side::Buy));
    out.client_id = order->client_id.text();
    out.order = id_text(order->id);
    request.order = order->id;
    const Side side = order->side;
    std::vector<std::string>& requests = notes_.order(order->id).requests;
    requests.push_back(out.request);
    const auto done = venue_.amend(request, now);
    if (done) return out;
    requests.pop_back();
    out.refusal = said(done.error(), Action::Amend, *id, side);
    if (parameter(arg, "cxlOnFail") == "true") (void)venue_.cancel(account, request.order, now);
    return out;
}

}  // namespace parallax::sim_okx
