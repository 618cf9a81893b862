#pragma once

#include <cstdint>
#include <optional>

#include "adapters/venues/common/rate_limiter.hpp"
#include "ports/transport.hpp"

/// Budgets of Binance (spot docs of 2026-07-21, USD-M SDK of 2026-08-21). Spot and USD-M are two
/// venues here: each has limits of its own.
namespace parallax::binance {

/// Rows of the longest list the venue gives at once.
inline constexpr std::size_t kPage = 1'000;
/// Connections are cut after 24 hours; ours are replaced half an hour before.
inline constexpr Nanos kReplaceAfter = Nanos::seconds(23 * 3'600 + 1'800);

namespace spot {
enum Limit : std::uint8_t {
    kWeight,
    kRawRequests,
    kOrders10s,
    kOrders1d,
    kConnections,
    kStreamMessages,
    kFixOrderMessages,
    kFixOrderLogons,
    kFixDropMessages,
    kFixDropLogons,
    kFixMarketMessages,
    kFixMarketLogons,
    kUidWeight,
    kWithdrawHistory,
    kLimitCount
};
enum Call : std::uint8_t {
    kTime,
    kExchangeInfo,
    kDepth100,
    kDepth500,
    kDepth1000,
    kDepth5000,
    kTrades,
    kKlines,
    kTicker,
    kPlace,
    kTest,
    kCancel,
    kCancelAll,
    kCancelReplace,
    kAmend,
    kQuery,
    kOpenOrders,
    kAllOpenOrders,
    kAllOrders,
    kMyTrades,
    kAccount,
    kCommission,
    kOrderUsage,
    kSubscribeUser,
    kConnectApi,
    kConnectStreams,
    kStreamMessage,
    kFixOrderMessage,
    kFixOrderLogon,
    kFixPlace,
    kFixDropMessage,
    kFixDropLogon,
    kFixMarketMessage,
    kFixMarketLogon,
    kTransfer,
    kTransferHistory,
    kKeyPermissions,
    kCoins,
    kDepositHistory,
    kWithdraw,
    kWithdrawalHistory,
    kCallCount
};
[[nodiscard]] const venue_common::RateTable& rates() noexcept;
}  // namespace spot

namespace usdm {
enum Limit : std::uint8_t {
    kWeight,
    kOrders10s,
    kOrders1m,
    kConnections,
    kStreamMessages,
    kFundingHistory,
    kUidWeight,  ///< of /sapi
    kLimitCount
};
enum Call : std::uint8_t {
    kTime,
    kExchangeInfo,
    kDepth50,
    kDepth100,
    kDepth500,
    kDepth1000,
    kPremiumIndex,
    kAllPremiumIndexes,
    kFundingRates,
    kPlace,
    kModify,
    kCancel,
    kCancelAll,
    kBatchPlace,
    kBatchModify,
    kBatchCancel,
    kCountdownCancel,
    kQuery,
    kOpenOrders,
    kAllOpenOrders,
    kAllOrders,
    kMyTrades,
    kAccount,
    kBalance,
    kPositions,
    kAccountConfig,
    kSymbolConfig,
    kLeverageBracket,
    kPositionMode,
    kSetting,
    kCommission,
    kIncome,
    kListenKey,
    kConnect,
    kStreamMessage,
    kTransfer,
    kTransferHistory,
    kKeyPermissions,
    kCallCount
};
[[nodiscard]] const venue_common::RateTable& rates() noexcept;
}  // namespace usdm

enum class Product : std::uint8_t { Spot, Usdm };

/// Gives a ticket back and learns from the answer: X-MBX-USED-WEIGHT-1M, X-MBX-ORDER-COUNT-*, and
/// for 429 and 418 Retry-After (60 s and 120 s when it is missing). Failed requests too.
void on_answer(venue_common::RateLimiter& limiter, Product product,
               const venue_common::RateTicket& ticket, const ports::NetEvent& event);

/// An error of the WebSocket API or in a body. `retry_after`: error.data.retryAfter, our clock.
/// -1003 stops everything until then (60 s without it), -1015 new orders for 10 s.
void on_error(venue_common::RateLimiter& limiter, Product product, std::int32_t code,
              std::optional<UnixNanos> retry_after, UnixNanos now);

}  // namespace parallax::binance
