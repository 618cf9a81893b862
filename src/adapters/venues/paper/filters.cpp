#include "adapters/venues/paper/filters.hpp"

#include <algorithm>
#include <limits>

#include "messages/risk.hpp"

namespace parallax::paper {
namespace {

using messages::Reason;
using messages::ReasonCode;

Reason broke(Filter filter) noexcept {
    return {ReasonCode::RiskLimit, static_cast<std::int64_t>(messages::RiskCheck::Instrument),
            static_cast<std::int64_t>(filter)};
}

bool outside_band(const Instrument& listing, const book::FeedBook& book, Price price) noexcept {
    const Level bid = book.best_bid();
    const Level ask = book.best_ask();
    if (bid.quantity.is_zero() || ask.quantity.is_zero()) return false;
    const __int128 twice_middle = static_cast<__int128>(bid.price.raw()) + ask.price.raw();
    const __int128 scaled = static_cast<__int128>(price.raw()) * 2 * Rate::kOne;
    const auto up = listing.price_band_up.raw();
    const auto down = listing.price_band_down.raw();
    return (up != 0 && scaled > twice_middle * (Rate::kOne + up)) ||
           (down != 0 && scaled < twice_middle * (Rate::kOne - down));
}

bool beyond(Quantity value, Quantity limit) noexcept { return !limit.is_zero() && value > limit; }

Reason check_state(const Instrument& listing, const book::FeedBook& book,
                   const messages::OrderRequest& order) {
    const bool open = listing.status == InstrumentStatus::Trading ||
                      (listing.status == InstrumentStatus::PostOnly &&
                       order.time_in_force == messages::TimeInForce::PostOnly);
    if (!open) return {ReasonCode::VenueDown, static_cast<std::int64_t>(listing.market), 0};
    if (!book.tradable())
        return {ReasonCode::BookStale, static_cast<std::int64_t>(book.state()), 0};
    return {};
}

Reason check_price(const Instrument& listing, const book::FeedBook& book, Price price) {
    if (price.raw() <= 0) return broke(Filter::Price);
    if (price.raw() % listing.tick.raw() != 0) return broke(Filter::Tick);
    if (price < listing.min_price || (listing.max_price.raw() != 0 && price > listing.max_price)) {
        return broke(Filter::PriceRange);
    }
    return outside_band(listing, book, price) ? broke(Filter::PriceBand) : Reason{};
}

Reason check_size(const Universe& universe, const Instrument& listing,
                  const messages::OrderRequest& order) {
    const Quantity quantity = order.quantity;
    if (quantity.raw() <= 0 || quantity < listing.min_quantity ||
        beyond(quantity, listing.max_quantity)) {
        return broke(Filter::QuantityRange);
    }
    if (quantity.raw() % listing.lot.raw() != 0)
        return {ReasonCode::LotRounding, quantity.raw(), listing.lot.raw()};
    const Amount value = universe.quote_value(listing.id, order.price, quantity, Rounding::Down);
    const bool exempt = order.reduce_only && !is_spot(listing.kind);
    if (!exempt && value < listing.min_notional) {
        return {ReasonCode::BelowMinNotional, nine_decimals(value),
                nine_decimals(listing.min_notional)};
    }
    if (!listing.max_notional.is_zero() && value > listing.max_notional)
        return broke(Filter::MaxNotional);
    return {};
}

}  // namespace

std::int64_t nine_decimals(Amount amount) noexcept {
    constexpr __int128 kMost = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::clamp(amount.raw() / 1'000'000'000, -kMost, kMost));
}

Reason check_filters(const Universe& universe, const book::FeedBook& book,
                     const messages::OrderRequest& order, std::size_t open_orders) {
    const Instrument& listing = universe.instrument(order.instrument);
    if (const Reason reason = check_state(listing, book, order); !reason.none()) return reason;
    if (const Reason reason = check_price(listing, book, order.price); !reason.none())
        return reason;
    if (const Reason reason = check_size(universe, listing, order); !reason.none()) return reason;
    if (listing.max_open_orders != 0 && open_orders >= listing.max_open_orders)
        return broke(Filter::OpenOrders);
    return {};
}

}  // namespace parallax::paper
