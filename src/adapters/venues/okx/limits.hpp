#pragma once

#include <cstdint>

#include "adapters/venues/common/rate_limiter.hpp"

/// Budgets of OKX (v5 docs, copy of 2026-07-28): a limit for every endpoint, of the user for
/// private ones and of the IP for public ones, shared by REST and WebSocket. The venue tells no
/// usage.
namespace parallax::okx {

/// Rows of the longest list the venue gives at once.
inline constexpr std::size_t kPage = 100;

enum Limit : std::uint8_t {
    kPlaceLimit,
    kBatchPlaceLimit,
    kCancelLimit,
    kBatchCancelLimit,
    kAmendLimit,
    kBatchAmendLimit,
    kSubAccountLimit,
    kConnectionLimit,
    kControlLimit,
    kFirstEndpointLimit
};
/// Each call from kTime on has a limit of its own behind those above, in the same order.
enum Call : std::uint8_t {
    kPlaceSpot,
    kPlaceSwap,
    kBatchPlaceSpot,
    kBatchPlaceSwap,
    kCancel,
    kBatchCancel,
    kAmendSpot,
    kAmendSwap,
    kBatchAmendSpot,
    kBatchAmendSwap,
    kConnect,
    kControl,
    kTime,
    kInstruments,
    kAccountInstruments,
    kBooks,
    kTicker,
    kPriceLimit,
    kFundingHistory,
    kMarkPrice,
    kStatus,
    kAccountConfig,
    kSetLeverage,
    kMaxSize,
    kCancelAllAfter,
    kClosePosition,
    kQuery,
    kOpenOrders,
    kOrdersHistory,
    kOrdersArchive,
    kFills,
    kFillsHistory,
    kBalance,
    kPositions,
    kTradeFee,
    kBills,
    kAccountRateLimit,
    kTransfer,
    kTransferState,
    kFundingBalances,
    kWithdraw,
    kWithdrawalHistory,
    kDepositHistory,
    kLeverageInfo,
    kCallCount
};

[[nodiscard]] const venue_common::RateTable& rates() noexcept;

/// 50011 and 60014: this call waits a window; 50061: new orders of all swaps do. `request` is what
/// was refused.
void on_error(venue_common::RateLimiter& limiter, const venue_common::RateRequest& request,
              std::int32_t code, UnixNanos now);

}  // namespace parallax::okx
