// What a place request says, parameter by parameter.
#include "sim/venues/okx/order_reading.hpp"

#include <algorithm>

namespace parallax::sim_okx {

using sim_engine::Desk;
using sim_engine::Listing;
using sim_engine::OrderType;
using sim_engine::SelfTrade;
using sim_engine::TimeInForce;

std::string parameter(const Json& object, std::string_view name) {
    const auto found = object.find(name);
    if (found == object.end() || found->is_null()) return {};
    if (found->is_string()) return found->get<std::string>();
    return found->dump();
}

bool is_word(std::string_view text, std::size_t most) noexcept {
    return !text.empty() && text.size() <= most &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
           });
}

PriceLimits price_limits(const Desk& desk) noexcept {
    const Listing& listing = desk.listing;
    const Price reference = desk.reference();
    PriceLimits out;
    if (!(reference > Price{})) return out;
    const std::int64_t tick = listing.tick.raw();
    if (listing.band_up > Rate{}) {
        const std::int64_t raw = listing.moved(reference, listing.band_up).raw();
        out.buy = Price::from_raw(raw / tick * tick);
    }
    if (listing.band_down > Rate{}) {
        const std::int64_t raw = listing.moved(reference, -listing.band_down).raw();
        out.sell = Price::from_raw((raw + tick - 1) / tick * tick);
    }
    return out;
}

Refusal OrderEntry::read(const Json& arg, Reading& out) const {
    const std::string side = parameter(arg, "side");
    if (side.empty()) return refusal(kParameterEmpty, "side");
    if (side != "buy" && side != "sell") return refusal(kParameter, "side");
    out.order.side = side == "buy" ? Side::Buy : Side::Sell;
    const std::string client = parameter(arg, "clOrdId");
    if (!client.empty() && !is_word(client, 32)) return refusal(kParameter, "clOrdId");
    out.order.client_id = sim_engine::ClientId{client};
    out.note.tag = parameter(arg, "tag");
    if (!out.note.tag.empty() && !is_word(out.note.tag, 16)) return refusal(kParameter, "tag");
    const auto attached = arg.find("attachAlgoOrds");
    if (attached != arg.end() && !attached->empty()) return refusal(kParameter, "attachAlgoOrds");
    if (Refusal why = read_mode(arg, out); why.refused()) return why;
    if (Refusal why = read_kind(arg, out); why.refused()) return why;
    if (Refusal why = read_price(arg, out); why.refused()) return why;
    return read_size(arg, out);
}

/// tdMode, posSide, reduceOnly: an account in futures mode (acctLv 2) with net positions.
Refusal OrderEntry::read_mode(const Json& arg, Reading& out) const {
    const bool swap = out.listing->perpetual;
    out.note.trade_mode = parameter(arg, "tdMode");
    if (out.note.trade_mode.empty()) return refusal(kParameterEmpty, "tdMode");
    const std::string_view mode = out.note.trade_mode;
    if (mode != "cash" && mode != "cross" && mode != "isolated")
        return refusal(kParameter, "tdMode");
    if (mode == "isolated" || (!swap && mode != "cash")) return refusal(kAccountMode);
    if (swap && mode != "cross") return refusal(kParameter, "tdMode");
    const std::string position = parameter(arg, "posSide");
    const bool hedge = swap && venue_.account(out.order.account).settings.hedge_mode;
    if (hedge || (!position.empty() && position != "net")) return refusal(kParameter, "posSide");
    const std::string reduce = parameter(arg, "reduceOnly");
    if (!reduce.empty() && reduce != "true" && reduce != "false")
        return refusal(kParameter, "reduceOnly");
    out.order.reduce_only = swap && reduce == "true";  // SPOT does not know it
    return {};
}

Refusal OrderEntry::read_kind(const Json& arg, Reading& out) const {
    const std::string kind = parameter(arg, "ordType");
    if (kind.empty()) return refusal(kParameterEmpty, "ordType");
    if (kind == "market" || (kind == "optimal_limit_ioc" && out.listing->perpetual)) {
        out.order.type = OrderType::Market;
    } else if (kind == "post_only") {
        out.order.post_only = true;
    } else if (kind == "fok") {
        out.order.time_in_force = TimeInForce::FillOrKill;
    } else if (kind == "ioc") {
        out.order.time_in_force = TimeInForce::ImmediateOrCancel;
    } else if (kind != "limit") {
        return refusal(kParameter, "ordType");
    }
    out.note.kind = kind;
    const std::string stp = parameter(arg, "stpMode");
    if (stp == "cancel_taker") {
        out.order.self_trade = SelfTrade::CancelTaker;
    } else if (stp == "cancel_both") {
        if (kind == "fok") return refusal(kFillOrKillStp);
        out.order.self_trade = SelfTrade::CancelBoth;
    } else if (stp == "cancel_maker" || stp.empty()) {
        out.order.self_trade = SelfTrade::CancelMaker;
    } else {
        return refusal(kParameter, "stpMode");
    }
    out.note.stp_mode = stp.empty() ? "cancel_maker" : stp;
    return {};
}

Refusal OrderEntry::read_price(const Json& arg, Reading& out) const {
    const Listing& listing = *out.listing;
    if (out.order.type == OrderType::Market) {
        const std::string slippage = parameter(arg, "slippagePct");
        if (slippage.empty()) return {};
        const auto rate = Rate::parse(slippage);
        if (!rate || *rate < Rate{} || *rate > Rate::basis_points(500) || listing.perpetual)
            return refusal(kParameter, "slippagePct");
        out.order.protection = *rate;
        return {};
    }
    const std::string text = parameter(arg, "px");
    if (text.empty()) return refusal(kParameterEmpty, "px");
    const auto price = listing.parse_price(text);
    if (!price) {
        return price.error() == Errc::Unrepresentable
                   ? said(sim_engine::Reject::TickSize, Action::Place, listing.id, Side::Buy)
                   : refusal(kParameter, "px");
    }
    if (!(*price > Price{})) return refusal(kParameter, "px");
    out.order.price = *price;
    const std::string amend = parameter(arg, "pxAmendType");
    if (!amend.empty() && amend != "0" && amend != "1") return refusal(kParameter, "pxAmendType");
    if (amend != "1") return {};
    const PriceLimits limits = price_limits(venue_.desk(listing.id));
    if (out.order.side == Side::Buy && limits.buy > Price{})
        out.order.price = std::min(out.order.price, limits.buy);
    if (out.order.side == Side::Sell) out.order.price = std::max(out.order.price, limits.sell);
    return {};
}

Refusal OrderEntry::read_size(const Json& arg, Reading& out) const {
    const Listing& listing = *out.listing;
    const std::string text = parameter(arg, "sz");
    if (text.empty()) return refusal(kParameterEmpty, "sz");
    const bool spot_market = out.note.kind == "market" && !listing.perpetual;
    std::string unit = parameter(arg, "tgtCcy");
    if (!unit.empty() && unit != "base_ccy" && unit != "quote_ccy")
        return refusal(kParameter, "tgtCcy");
    if (unit.empty() && spot_market) unit = out.order.side == Side::Buy ? "quote_ccy" : "base_ccy";
    if (spot_market) out.note.unit = unit;
    if (spot_market && unit == "quote_ccy") {
        const auto amount = Amount::parse(text);
        if (!amount || *amount <= Amount{}) return refusal(kParameter, "sz");
        out.order.quote_quantity = *amount;
        // Shrinks to the balance unless the client forbids it.
        const Amount free =
            venue_.available(out.order.account, sim_engine::Wallet::Trading, listing.quote);
        if (parameter(arg, "banAmend") != "true" && out.order.side == Side::Buy && free > Amount{})
            out.order.quote_quantity = std::min(*amount, free);
        return {};
    }
    const auto quantity = listing.parse_quantity(text);
    if (!quantity) {
        return quantity.error() == Errc::Unrepresentable
                   ? said(sim_engine::Reject::LotSize, Action::Place, listing.id, Side::Buy)
                   : refusal(kParameter, "sz");
    }
    if (quantity->is_zero())
        return said(sim_engine::Reject::BelowMinQuantity, Action::Place, listing.id, Side::Buy);
    if (*quantity < Quantity{}) return refusal(kParameter, "sz");
    out.order.quantity = *quantity;
    return {};
}

}  // namespace parallax::sim_okx
