#pragma once

#include <cstddef>
#include <cstdint>

#include "book/feed_book.hpp"
#include "core/instrument.hpp"
#include "messages/trade.hpp"

namespace parallax::paper {

/// Sub-code of a Reason RiskLimit / RiskCheck::Instrument: the venue's rule that an order broke and
/// that has no reason code of its own.
enum class Filter : std::int64_t {
    Tick = 1,
    PriceRange = 2,
    QuantityRange = 3,
    MaxNotional = 4,
    PriceBand = 5,
    OpenOrders = 6,
    ReduceOnly = 7,
    Price = 8,  ///< not positive
};

/// An amount in the unit of Reason, steps of 1e-9; saturated.
[[nodiscard]] std::int64_t nine_decimals(Amount amount) noexcept;

/// The venue's answer to an order before it meets the book: none when it may, otherwise
///   VenueDown (the instrument is not trading), BookStale (value: book::BookState), LotRounding,
///   BelowMinNotional, or RiskLimit with a Filter. The price band is measured from the middle of
///   the book. Minimum notional does not bind a reduce-only order. `open_orders` rest at the
///   instrument already.
[[nodiscard]] messages::Reason check_filters(const Universe& universe, const book::FeedBook& book,
                                             const messages::OrderRequest& order,
                                             std::size_t open_orders);

}  // namespace parallax::paper
