#pragma once

#include <cstdint>

#include "core/amount.hpp"
#include "core/market.hpp"
#include "sim/engine/types.hpp"

namespace parallax::sim_engine {

enum class AmendRule : std::uint8_t {
    QuantityDownOnly,       ///< and keeps the place in the queue (Binance spot)
    AlwaysToTheBack,        ///< (Binance USD-M)
    KeepsPlaceWhenSmaller,  ///< same price and less: place kept; else to the back (OKX, Bybit)
};
/// An order that cannot do what it says: refused at the door, or accepted and closed at once.
enum class Unfit : std::uint8_t { Rejected, AcceptedThenClosed };
enum class AmendBelowFilled : std::uint8_t { Rejected, Cancels, Fills };

/// Everything in which the markets of the three venues differ and that is not a rule of a listing.
/// Sources: the exchange sheets of 2026-11; where these are silent the choice is marked.
struct MarketPolicy {
    Market market{};
    AmendRule amend = AmendRule::QuantityDownOnly;
    std::uint32_t max_amends = 0;  ///< an order; 0 = no limit
    AmendBelowFilled amend_below_filled = AmendBelowFilled::Rejected;
    bool amend_would_take_cancels = false;  ///< post-only; else the amend is refused
    Unfit post_only = Unfit::Rejected;
    Unfit fill_or_kill = Unfit::AcceptedThenClosed;
    bool reduce_only_trims = true;  ///< larger than the position: cut; else refused
    bool client_id_once = false;    ///< never again, not even after the order closed (Bybit)
    SelfTrade self_trade = SelfTrade::Allow;  ///< when the order names no mode
    bool band_by_side = false;           ///< buys have only a highest, sells only a lowest price
    Rate market_protection;              ///< how far from the reference price a market order goes
    std::uint32_t max_matches = 0;       ///< orders one taker may meet; 0 = no limit
    std::uint32_t max_open_total = 0;    ///< open orders of an account; 0 = no limit
    std::uint32_t update_stride = 1;     ///< book change numbers rise by this
    std::uint8_t fee_decimals = 8;       ///< fees are charged in steps of 10^-this, rounded up
    bool rebate_in_spent_asset = false;  ///< negative maker fees on spot: paid in what the fill
                                         ///< gives away, not in what it brings (Bybit)
    Wallet wallet = Wallet::Trading;     ///< that orders are paid from
};

[[nodiscard]] MarketPolicy policy_of(Market market) noexcept;

}  // namespace parallax::sim_engine
