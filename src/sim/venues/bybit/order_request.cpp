#include "sim/venues/bybit/order_request.hpp"

#include <algorithm>
#include <array>

#include "sim/venues/bybit/text.hpp"
#include "sim/venues/common/parameters.hpp"

namespace parallax::sim_bybit {
namespace {

using sim_engine::Listing;
using sim_engine::NewOrder;
using sim_engine::Reject;
using sim_engine::SelfTrade;
using sim_engine::TimeInForce;

/// Features of the venue that are not simulated: refused, never silently ignored.
constexpr std::array<std::string_view, 12> kNotSimulated{
    "triggerPrice", "takeProfit", "stopLoss",    "tpLimitPrice", "slLimitPrice", "orderIv",
    "bboSideType",  "bboLevel",   "tpOrderType", "slOrderType",  "trailingStop", "activePrice"};

Answer number_error(Errc error, Reject too_fine, Reject invalid, bool spot) {
    return refusal(error == Errc::Unrepresentable ? too_fine : invalid, spot);
}

Answer read_time_in_force(std::string_view text, NewOrder& order) {
    const bool market = order.type == sim_engine::OrderType::Market;
    if (market) {  // whatever it says, a market order is IOC
        order.time_in_force = TimeInForce::ImmediateOrCancel;
        return {};
    }
    if (text.empty() || text == "GTC") return {};
    if (text == "IOC") {
        order.time_in_force = TimeInForce::ImmediateOrCancel;
    } else if (text == "FOK") {
        order.time_in_force = TimeInForce::FillOrKill;
    } else if (text == "PostOnly") {
        order.post_only = true;
    } else {
        return parameter_error("timeInForce invalid");
    }
    return {};
}

Answer read_self_trade(std::string_view text, NewOrder& order) {
    if (text.empty()) return {};
    if (text == "None") {
        order.self_trade = SelfTrade::Allow;
    } else if (text == "CancelMaker") {
        order.self_trade = SelfTrade::CancelMaker;
    } else if (text == "CancelTaker") {
        order.self_trade = SelfTrade::CancelTaker;
    } else if (text == "CancelBoth") {
        order.self_trade = SelfTrade::CancelBoth;
    } else {
        return parameter_error("smpType invalid");
    }
    return {};
}

/// How far a market order goes from the best price: a percentage or a number of ticks.
Answer read_slippage(std::string_view kind, std::string_view text, const Level& best,
                     const Listing& listing, NewOrder& order) {
    if (kind.empty() && text.empty()) return {};
    if (order.type != sim_engine::OrderType::Market) return {};
    const auto value = Rate::parse(text);
    if (!value || !(*value > Rate{})) return parameter_error("slippageTolerance invalid");
    if (kind == "Percent") {  // 0.01 to 10
        if (value->raw() < Rate::kOne / 100 || value->raw() > 10 * Rate::kOne)
            return parameter_error("slippageTolerance invalid");
        order.protection = Rate::from_raw(value->raw() / 100);
    } else if (kind == "TickSize") {  // 1 to 10000
        const std::int64_t ticks = value->raw() / Rate::kOne;
        if (value->raw() % Rate::kOne != 0 || ticks > 10'000)
            return parameter_error("slippageTolerance invalid");
        if (best.price > Price{}) {
            const __int128 share = __int128{ticks} * listing.tick.raw() * Rate::kOne;
            order.protection = Rate::from_raw(static_cast<std::int64_t>(
                std::min<__int128>(share / best.price.raw(), Rate::kOne)));
        }
    } else {
        return parameter_error("slippageToleranceType invalid");
    }
    return {};
}

}  // namespace

std::optional<std::string> field(const Json& request, std::string_view name) {
    const auto found = request.find(name);
    if (found == request.end() || found->is_null()) return std::string{};
    if (found->is_string()) return found->get<std::string>();
    if (found->is_number_integer()) return found->dump();
    if (found->is_boolean()) return std::string{found->get<bool>() ? "true" : "false"};
    return std::nullopt;
}

bool good_link_id(std::string_view text) noexcept {
    return text.size() <= 36 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_';
           });
}

Where where(const sim_engine::SimVenue& venue, std::string_view category, std::string_view symbol) {
    Where out;
    const auto market = market_of(category);
    if (!market) {
        out.answer = parameter_error("category invalid");
        return out;
    }
    out.spot = *market == Market::BybitSpot;
    const auto listing = venue.find_listing(*market, symbol);
    if (listing) {
        out.listing = *listing;
    } else {
        out.answer = refusal(Reject::UnknownListing, out.spot);
    }
    return out;
}

Parsed parse_order(const sim_engine::SimVenue& venue, sim_engine::AccountId account,
                   const Json& request) {
    Parsed out;
    const auto fail = [&out](Answer answer) {
        out.answer = std::move(answer);
        return out;
    };
    if (!request.is_object()) return fail(parameter_error("request invalid"));
    std::array<std::string, 14> texts;
    constexpr std::array<std::string_view, 14> kNames{"category",
                                                      "symbol",
                                                      "side",
                                                      "orderType",
                                                      "qty",
                                                      "price",
                                                      "timeInForce",
                                                      "orderLinkId",
                                                      "positionIdx",
                                                      "reduceOnly",
                                                      "smpType",
                                                      "marketUnit",
                                                      "slippageToleranceType",
                                                      "slippageTolerance"};
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        const auto text = field(request, kNames[i]);
        if (!text) return fail(parameter_error(std::string{kNames[i]} + " invalid"));
        texts[i] = *text;
    }
    const auto& [category, symbol, side, type, qty, price, tif, link, index, reduce, smp, unit,
                 slip_kind, slip] = texts;
    const Where at = where(venue, category, symbol);
    out.spot = at.spot;
    if (!at.answer.ok()) return fail(at.answer);
    for (const std::string_view name : kNotSimulated) {
        const auto text = field(request, name);
        if (!text || (!text->empty() && *text != "0"))
            return fail(parameter_error(std::string{name} + " is not supported here"));
    }
    const auto leverage = field(request, "isLeverage");
    if (!leverage || (!leverage->empty() && *leverage != "0"))
        return fail(parameter_error("isLeverage is not supported here"));
    const Listing& listing = venue.listing(at.listing);
    NewOrder& order = out.order;
    order.account = account;
    order.listing = at.listing;
    if (side != "Buy" && side != "Sell") return fail(parameter_error("side invalid"));
    order.side = side == "Buy" ? Side::Buy : Side::Sell;
    if (type != "Limit" && type != "Market") return fail(parameter_error("orderType invalid"));
    order.type = type == "Limit" ? sim_engine::OrderType::Limit : sim_engine::OrderType::Market;
    if (Answer a = read_time_in_force(tif, order); !a.ok()) return fail(std::move(a));
    if (Answer a = read_self_trade(smp, order); !a.ok()) return fail(std::move(a));
    const bool hedge = !at.spot && venue.account(account).settings.hedge_mode;
    if (hedge || (!index.empty() && index != "0"))
        return fail({kParameter, "position idx not match position mode"});
    order.reduce_only = !at.spot && reduce == "true";
    if (!good_link_id(link)) return fail(parameter_error("orderLinkId invalid"));
    order.client_id = sim_engine::ClientId{link};

    const bool market = order.type == sim_engine::OrderType::Market;
    if (qty.empty()) return fail(parameter_error("qty invalid"));
    if (!unit.empty() && unit != "baseCoin" && unit != "quoteCoin")
        return fail(parameter_error("marketUnit invalid"));
    // A spot market buy is in quote unless it says otherwise.
    const bool quoted =
        at.spot && market && (unit == "quoteCoin" || (unit.empty() && order.side == Side::Buy));
    if (quoted) {
        const auto sum = Amount::parse(qty);
        if (!sum || !(*sum > Amount{})) return fail(refusal(Reject::InvalidQuantity, at.spot));
        order.quote_quantity = *sum;
    } else {
        const auto quantity = listing.parse_quantity(qty);
        if (!quantity)
            return fail(
                number_error(quantity.error(), Reject::LotSize, Reject::InvalidQuantity, at.spot));
        order.quantity = *quantity;
        const auto closing = request.find("closeOnTrigger");
        if (quantity->is_zero() && order.reduce_only && closing != request.end() &&
            *closing == true) {
            order.quantity = venue.position(account, at.listing).reducible(order.side);
            if (order.quantity.is_zero()) return fail(refusal(Reject::NothingToReduce, at.spot));
        }
    }
    if (!market) {
        const auto limit = listing.parse_price(price);
        if (!limit)
            return fail(
                number_error(limit.error(), Reject::TickSize, Reject::InvalidPrice, at.spot));
        order.price = *limit;
    }
    const Level best = venue.book(at.listing).top(opposite(order.side));
    return fail(read_slippage(slip_kind, slip, best, listing, order));
}

}  // namespace parallax::sim_bybit
