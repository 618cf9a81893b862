#pragma once

#include <cstdint>
#include <optional>

#include "adapters/venues/common/rate_limiter.hpp"
#include "ports/transport.hpp"

/// Budgets of Bybit (v5 rate-limit page, copy of 2026-07-24): rolling seconds for every endpoint
/// and product, of the user; HTTP requests and connections of the IP.
namespace parallax::bybit {

/// The wallet that spot and derivatives share.
inline constexpr Market kUnified = Market::BybitSpot;

enum Limit : std::uint8_t { kHttpLimit, kSocketLimit, kConnectionLimit, kFirstEndpointLimit };
/// Each call from kPlaceLinear on has a limit of its own behind those above, in the same order.
enum Call : std::uint8_t {
    kConnect,
    kPublic,
    kPlaceLinear,
    kPlaceSpot,
    kAmendLinear,
    kAmendSpot,
    kCancelLinear,
    kCancelSpot,
    kCancelAllLinear,
    kCancelAllSpot,
    kBatchPlaceLinear,
    kBatchPlaceSpot,
    kBatchAmendLinear,
    kBatchAmendSpot,
    kBatchCancelLinear,
    kBatchCancelSpot,
    kPreCheck,
    kDisconnectCancel,
    kOpenOrders,
    kOrderHistory,
    kExecutions,
    kPositions,
    kWallet,
    kFeeRate,
    kTransfer,
    kUniversalTransfer,
    kWithdraw,
    kCoins,
    kSetLeverage,
    kKey,
    kTransferList,
    kDeposits,
    kWithdrawals,
    kAccountInfo,
    kCallCount
};

[[nodiscard]] const venue_common::RateTable& rates() noexcept;

/// Gives a ticket back and learns from the answer: X-Bapi-Limit, -Limit-Status and, for 10006,
/// -Limit-Reset-Timestamp. Status 403 stops everything for ten minutes, 429 this call for a second.
/// `code`: retCode, if the body has one. `venue_ahead`: the venue's clock minus ours.
void on_answer(venue_common::RateLimiter& limiter, const venue_common::RateRequest& request,
               const venue_common::RateTicket& ticket, const ports::NetEvent& event,
               std::optional<std::int32_t> code, Nanos venue_ahead);

/// The same numbers from an answer on the trade socket; its ticket was given back before.
struct Usage {
    std::optional<std::int64_t> limit;
    std::optional<std::int64_t> left;      ///< X-Bapi-Limit-Status
    std::optional<std::int64_t> reset_ms;  ///< X-Bapi-Limit-Reset-Timestamp, venue time
};
void on_usage(venue_common::RateLimiter& limiter, const venue_common::RateRequest& request,
              const Usage& usage, std::optional<std::int32_t> code, Nanos venue_ahead,
              UnixNanos now);

}  // namespace parallax::bybit
