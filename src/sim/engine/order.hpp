#pragma once

#include <cstdint>
#include <optional>

#include "core/amount.hpp"
#include "core/price.hpp"
#include "core/time.hpp"
#include "sim/engine/reasons.hpp"
#include "sim/engine/types.hpp"

namespace parallax::sim_engine {

/// A request as a front understood it. Either `quantity` or `quote_quantity` is given; the latter
/// only with market orders ("spend 100 USDT").
struct NewOrder {
    AccountId account;
    ListingId listing;
    Side side{};
    OrderType type{};
    TimeInForce time_in_force{};
    bool post_only = false;
    bool reduce_only = false;
    Price price;  ///< limit orders
    Quantity quantity;
    Amount quote_quantity;
    std::optional<SelfTrade> self_trade;  ///< the market's own mode when not given
    std::optional<Rate> protection;       ///< narrower than the market's own, market orders
    ClientId client_id;                   ///< may be empty
};

/// At least one of the two.
struct AmendOrder {
    AccountId account;
    OrderId order;
    std::optional<Price> price;
    std::optional<Quantity> quantity;  ///< the new total, what is filled included
};

struct Order {
    OrderId id;
    AccountId account;
    ListingId listing;
    ClientId client_id;
    Side side{};
    OrderType type{};
    TimeInForce time_in_force{};
    bool post_only = false;
    bool reduce_only = false;
    SelfTrade self_trade{};
    OrderStatus status{};
    CloseReason reason{};
    bool liquidation = false;  ///< by the venue in the account's name
    std::uint32_t amends = 0;
    Price price;        ///< of market orders: the furthest price they go to
    Quantity quantity;  ///< of orders in quote: what is filled so far
    Amount quote_quantity;
    Quantity filled;
    Quantity prevented;   ///< shrunk away by SelfTrade::Decrement
    Amount filled_quote;  ///< sum of price x quantity of its fills
    Amount held;          ///< of what spot orders pay with
    UnixNanos created;
    UnixNanos updated;

    [[nodiscard]] Quantity remaining() const noexcept { return quantity - filled - prevented; }
    [[nodiscard]] bool in_quote() const noexcept { return !quote_quantity.is_zero(); }

    template <class Archive>
    void describe(Archive& a) {
        a(id, account, listing, client_id, side, type, time_in_force, post_only, reduce_only,
          self_trade, status, reason, liquidation, amends, price, quantity, quote_quantity, filled,
          prevented, filled_quote, held, created, updated);
    }
};

}  // namespace parallax::sim_engine
