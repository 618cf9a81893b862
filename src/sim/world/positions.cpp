#include "sim/world/positions.hpp"

namespace parallax::sim_world {

using sim_engine::AccountId;
using sim_engine::Listing;
using sim_engine::ListingId;
using sim_engine::SimVenue;

namespace {

constexpr std::size_t kLevels = 200;  ///< that one order may take from

std::optional<ListingId> find_perpetual(const SimVenue& venue, std::string_view symbol) {
    for (std::size_t i = 0; i < venue.listings(); ++i) {
        const ListingId id{static_cast<ListingId::rep>(i)};
        const Listing& listing = venue.listing(id);
        if (listing.perpetual && listing.definition.venue_symbol == symbol) return id;
    }
    return std::nullopt;
}

}  // namespace

Quantity take(SimVenue& venue, AccountId account, ListingId id, Side side, Quantity quantity,
              UnixNanos now) {
    sim_engine::NewOrder order;
    order.account = account;
    order.listing = id;
    order.side = side;
    order.time_in_force = sim_engine::TimeInForce::ImmediateOrCancel;
    for (const Level& level : venue.levels(id, opposite(side), kLevels)) {
        if (order.quantity >= quantity) break;
        order.price = level.price;
        order.quantity += std::min(level.quantity, quantity - order.quantity);
    }
    order.quantity = floor_to(order.quantity, venue.listing(id).lot);
    if (order.quantity.is_zero()) return {};
    const auto held = [&] { return venue.position(account, id).quantity(); };
    const Quantity before = held();
    if (!venue.place(order, now)) return {};
    return side == Side::Buy ? held() - before : before - held();
}

Result<void> open_position(SimVenue& venue, AccountId account, const OpenPosition& wanted,
                           UnixNanos now) {
    const std::string what = std::string{to_string(wanted.venue)} + " " + wanted.symbol;
    const auto id = find_perpetual(venue, wanted.symbol);
    if (!id) return fail(Errc::Rejected, what + ": no such perpetual");
    const Listing& listing = venue.listing(*id);
    const Quantity quantity =
        to_quantity(wanted.quantity.magnitude(), listing.quantity_scale, Rounding::Down);
    if (quantity.is_zero() || quantity != floor_to(quantity, listing.lot) ||
        listing.amount(quantity) != wanted.quantity.magnitude())  // finer, or beyond all range
        return fail(Errc::Rejected, what + ": whole lots of " + listing.amount(listing.lot).text() +
                                        " " + listing.definition.base + " only");
    const Side side = wanted.quantity.is_negative() ? Side::Sell : Side::Buy;
    if (take(venue, account, *id, side, quantity, now) != quantity)
        return fail(Errc::Rejected,
                    what + ": more than the book offers or the account's margin bears");
    return {};
}

}  // namespace parallax::sim_world
