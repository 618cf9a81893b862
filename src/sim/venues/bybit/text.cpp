#include "sim/venues/bybit/text.hpp"

#include <algorithm>

#include "core/decimal.hpp"
#include "sim/venues/common/parameters.hpp"

namespace parallax::sim_bybit {

using sim_engine::Listing;

std::optional<Market> market_of(std::string_view category) noexcept {
    if (category == "spot") return Market::BybitSpot;
    if (category == "linear") return Market::BybitLinear;
    return std::nullopt;
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        out.emplace_back(text.substr(0, comma));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return out;
}

std::string price_text(const Listing& listing, Price price) {
    return sim_front::exact_text(price.raw(), listing.price_scale.decimals,
                                 significant_decimals(listing.definition.tick));
}

std::string quantity_text(const Listing& listing, Quantity quantity) {
    if (!listing.perpetual || quantity.is_zero()) return listing.text(quantity);
    return sim_front::exact_text(quantity.raw(), listing.quantity_scale.decimals,
                                 significant_decimals(listing.definition.lot));
}

std::string average_text(const Listing& listing, Amount value, Quantity quantity) {
    if (quantity.is_zero()) return "";
    // value is in 10^-18; value / quantity in steps of 10^-(18 - quantity scale), exact enough.
    const __int128 per_step = value.raw() / quantity.raw();
    const auto decimals =
        static_cast<std::uint8_t>(Amount::kDecimals - listing.quantity_scale.decimals);
    const std::uint8_t wanted =
        std::min<std::uint8_t>(decimals, significant_decimals(listing.definition.tick) + 2);
    return format_decimal(per_step / pow10(static_cast<std::uint8_t>(decimals - wanted)), wanted);
}

std::string rate_text(Rate rate) { return format_decimal(rate.raw(), 9); }

std::string_view time_in_force_text(const sim_engine::Order& order) noexcept {
    if (order.post_only) return "PostOnly";
    switch (order.time_in_force) {
        case sim_engine::TimeInForce::ImmediateOrCancel:
            return "IOC";
        case sim_engine::TimeInForce::FillOrKill:
            return "FOK";
        case sim_engine::TimeInForce::GoodTillCancel:
            break;
    }
    return "GTC";
}

std::string_view self_trade_text(sim_engine::SelfTrade mode) noexcept {
    switch (mode) {
        case sim_engine::SelfTrade::CancelTaker:
            return "CancelTaker";
        case sim_engine::SelfTrade::CancelMaker:
            return "CancelMaker";
        case sim_engine::SelfTrade::CancelBoth:
            return "CancelBoth";
        case sim_engine::SelfTrade::Allow:
        case sim_engine::SelfTrade::Decrement:
            break;
    }
    return "None";
}

}  // namespace parallax::sim_bybit
