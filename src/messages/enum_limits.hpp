#pragma once

#include <cstdint>
#include <type_traits>

#include "core/instrument.hpp"
#include "messages/market.hpp"
#include "messages/portfolio.hpp"
#include "messages/risk.hpp"
#include "messages/scanner.hpp"
#include "messages/trade.hpp"

// How many values each enum of a message has. Decoders refuse the rest: code indexes tables by
// these enums.
namespace parallax::messages {

template <class Enum>
inline constexpr std::uint8_t kValuesOf = 0;  // 0: not listed, does not compile where it is used
template <>
inline constexpr std::uint8_t kValuesOf<Market> = kMarketCount;
template <>
inline constexpr std::uint8_t kValuesOf<Side> = 2;
template <>
inline constexpr std::uint8_t kValuesOf<InstrumentKind> = 5;
template <>
inline constexpr std::uint8_t kValuesOf<InstrumentStatus> = 4;
template <>
inline constexpr std::uint8_t kValuesOf<DepthKind> = 2;
template <>
inline constexpr std::uint8_t kValuesOf<ReasonCode> = kReasonCount;
template <>
inline constexpr std::uint8_t kValuesOf<OpportunityKind> = 6;
template <>
inline constexpr std::uint8_t kValuesOf<Execution> = 2;
template <>
inline constexpr std::uint8_t kValuesOf<TimeInForce> = 4;
template <>
inline constexpr std::uint8_t kValuesOf<Purpose> = 4;
template <>
inline constexpr std::uint8_t kValuesOf<OrderAction> = 3;
template <>
inline constexpr std::uint8_t kValuesOf<OrderEventKind> = 6;
template <>
inline constexpr std::uint8_t kValuesOf<PlanState> = 8;
template <>
inline constexpr std::uint8_t kValuesOf<PlanOutcome> = 7;
template <>
inline constexpr std::uint8_t kValuesOf<RiskCheck> = 12;
template <>
inline constexpr std::uint8_t kValuesOf<TradingState> = 4;
template <>
inline constexpr std::uint8_t kValuesOf<ScopeKind> = 5;
template <>
inline constexpr std::uint8_t kValuesOf<LimitsOutcome> = 6;
template <>
inline constexpr std::uint8_t kValuesOf<Bucket> = kBucketCount;
template <>
inline constexpr std::uint8_t kValuesOf<EntryKind> = 17;
template <>
inline constexpr std::uint8_t kValuesOf<TransferState> = 3;

// The last value of each, so that a new one cannot be forgotten here.
static_assert(static_cast<int>(InstrumentKind::InverseFuture) + 1 == kValuesOf<InstrumentKind>);
static_assert(static_cast<int>(InstrumentStatus::Delisted) + 1 == kValuesOf<InstrumentStatus>);
static_assert(static_cast<int>(ReasonCode::Halted) + 1 == kValuesOf<ReasonCode>);
static_assert(static_cast<int>(OpportunityKind::DatedBasis) + 1 == kValuesOf<OpportunityKind>);
static_assert(static_cast<int>(TimeInForce::PostOnly) + 1 == kValuesOf<TimeInForce>);
static_assert(static_cast<int>(Purpose::Revert) + 1 == kValuesOf<Purpose>);
static_assert(static_cast<int>(OrderAction::Query) + 1 == kValuesOf<OrderAction>);
static_assert(static_cast<int>(OrderEventKind::NotFound) + 1 == kValuesOf<OrderEventKind>);
static_assert(static_cast<int>(PlanState::Settled) + 1 == kValuesOf<PlanState>);
static_assert(static_cast<int>(PlanOutcome::Residual) + 1 == kValuesOf<PlanOutcome>);
static_assert(static_cast<int>(RiskCheck::ReduceOnly) + 1 == kValuesOf<RiskCheck>);
static_assert(static_cast<int>(TradingState::Killed) + 1 == kValuesOf<TradingState>);
static_assert(static_cast<int>(ScopeKind::Quote) + 1 == kValuesOf<ScopeKind>);
static_assert(static_cast<int>(LimitsOutcome::SamePerson) + 1 == kValuesOf<LimitsOutcome>);
static_assert(static_cast<int>(Bucket::Suspense) + 1 == kValuesOf<Bucket>);
static_assert(static_cast<int>(EntryKind::Unexplained) + 1 == kValuesOf<EntryKind>);
static_assert(static_cast<int>(TransferState::Returned) + 1 == kValuesOf<TransferState>);

/// What a byte must be below to be a value of T (bool or enum); 0: every value is good.
template <class T>
[[nodiscard]] constexpr std::uint8_t value_limit() noexcept {
    if constexpr (std::is_same_v<T, bool>) {
        return 2;
    } else if constexpr (std::is_enum_v<T>) {
        static_assert(sizeof(T) == 1 && kValuesOf<T> > 0,
                      "list the enum in messages/enum_limits.hpp");
        return kValuesOf<T>;
    } else {
        return 0;
    }
}

}  // namespace parallax::messages
