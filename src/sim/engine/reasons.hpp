#pragma once

#include <cstdint>
#include <string_view>

namespace parallax::sim_engine {

/// Why a request was refused. One value per cause that some venue answers with a code of its own.
enum class Reject : std::uint8_t {
    None,
    UnknownAccount,
    UnknownListing,
    UnknownAsset,
    Halted,
    CancelOnly,
    PostOnlyPhase,  ///< the listing takes only post-only orders now
    Delisted,
    InvalidCombination,  ///< post-only with market, IOC or FOK; reduce-only on spot; both sizes
                         ///< given
    InvalidQuantity,     ///< zero or below
    InvalidPrice,        ///< zero or below
    LotSize,
    TickSize,
    BelowMinQuantity,
    AboveMaxQuantity,
    AboveMaxMarketQuantity,
    BelowMinPrice,
    AboveMaxPrice,
    PriceTooHigh,  ///< outside the band around the reference price
    PriceTooLow,
    BelowMinNotional,
    AboveMaxNotional,
    TooManyOpenOrders,         ///< on the listing
    TooManyOpenOrdersInTotal,  ///< on the account
    DuplicateClientId,
    InsufficientBalance,
    InsufficientMargin,
    NothingToReduce,  ///< reduce-only without a position on the other side
    ReduceOnlyTooLarge,
    PostOnlyWouldTake,
    FillOrKillUnfilled,
    UnknownOrder,
    OrderClosed,  ///< known, but filled, cancelled or expired
    NothingToAmend,
    AmendNotAllowed,   ///< this market changes quantities downwards only
    AmendBelowFilled,  ///< to no more than what is filled
    AmendWouldTake,    ///< a post-only order into the other side
    TooManyAmends,
    InvalidAmount,
    InvalidLeverage,
    WalletNotOffered,  ///< this venue keeps no such wallet
    UnknownMovement,
    MovementFinal,  ///< a withdrawal that is out cannot be cancelled
};
inline constexpr std::size_t kRejectCount = static_cast<std::size_t>(Reject::MovementFinal) + 1;

/// Why an order is no longer open, other than by being filled.
enum class CloseReason : std::uint8_t {
    None,
    User,
    CancelAll,
    Replaced,
    DeadManSwitch,
    ImmediateOrCancel,  ///< remainder of an IOC order
    FillOrKill,
    NoLiquidity,      ///< remainder of a market order: the other side is empty
    PriceProtection,  ///< remainder of a market order: the rest is too far away
    TooManyMatches,
    PostOnly,
    SelfTrade,
    ReduceOnly,  ///< the position it was to reduce has gone
    AmendBelowFilled,
    AmendWouldTake,
    Liquidation,
    Delisted,
};

[[nodiscard]] std::string_view to_string(Reject reason) noexcept;
[[nodiscard]] std::string_view to_string(CloseReason reason) noexcept;

}  // namespace parallax::sim_engine
