#include "adapters/venues/okx/limits.hpp"

#include <array>

namespace parallax::okx {

using venue_common::CallSpec;
using venue_common::Cost;
using venue_common::LimitSpec;
using venue_common::Per;
using venue_common::RateTable;

namespace {

constexpr Nanos kSecond = Nanos::seconds(1);
constexpr Nanos kTwo = Nanos::seconds(2);

constexpr LimitSpec kOrderLimits[] = {
    {"place, of an instrument", 60, kTwo, Per::Instrument, 6},
    {"batch place, orders of an instrument", 300, kTwo, Per::Instrument, 30},
    {"cancel, of an instrument", 60, kTwo, Per::Instrument},
    {"batch cancel, orders of an instrument", 300, kTwo, Per::Instrument},
    {"amend, of an instrument", 60, kTwo, Per::Instrument, 6},
    {"batch amend, orders of an instrument", 300, kTwo, Per::Instrument, 30},
    {"new and amended swap orders of the sub-account", 1'000, kTwo, Per::Account, 100},
    {"new connections a second", 3, kSecond, Per::Account, 1},
    {"subscribe, unsubscribe and login an hour", 480, kSecond * 3'600, Per::Connection, 40},
};
static_assert(std::size(kOrderLimits) == kFirstEndpointLimit);

// A batch of one uses the bucket of single orders: the gateway sends it as a single order.
constexpr Cost kSubAccount{kSubAccountLimit, 1, true};
constexpr CallSpec kOrderCalls[] = {
    {"order, spot", {{{kPlaceLimit, 1}}}},
    {"order, swap", {{{kPlaceLimit, 1}, kSubAccount}}},
    {"batch-orders, spot", {{{kBatchPlaceLimit, 1, true}}}},
    {"batch-orders, swap", {{{kBatchPlaceLimit, 1, true}, kSubAccount}}},
    {"cancel-order", {{{kCancelLimit, 1}}}},
    {"batch-cancel-orders", {{{kBatchCancelLimit, 1, true}}}},
    {"amend-order, spot", {{{kAmendLimit, 1}}}},
    {"amend-order, swap", {{{kAmendLimit, 1}, kSubAccount}}},
    {"batch-amend-orders, spot", {{{kBatchAmendLimit, 1, true}}}},
    {"batch-amend-orders, swap", {{{kBatchAmendLimit, 1, true}, kSubAccount}}},
    {"connect", {{{kConnectionLimit, 1}}}},
    {"subscribe, unsubscribe or login", {{{kControlLimit, 1}}}},
};
static_assert(std::size(kOrderCalls) == kTime);

constexpr LimitSpec kEndpoints[] = {
    {"public/time", 10, kTwo},
    {"public/instruments", 20, kTwo},
    {"account/instruments", 20, kTwo},
    {"market/books", 40, kTwo},
    {"market/ticker", 20, kTwo},
    {"public/price-limit", 20, kTwo},
    {"public/funding-rate-history", 10, kTwo},
    {"public/mark-price", 10, kTwo},
    {"system/status", 1, kSecond * 5},
    {"account/config", 5, kTwo},
    {"account/set-leverage", 20, kTwo},
    {"account/max-size", 20, kTwo},
    {"trade/cancel-all-after", 1, kSecond},
    {"trade/close-position", 20, kTwo},
    {"trade/order, query", 60, kTwo, Per::Instrument, 10},
    {"trade/orders-pending", 60, kTwo},
    {"trade/orders-history", 40, kTwo},
    {"trade/orders-history-archive", 20, kTwo},
    {"trade/fills", 60, kTwo},
    {"trade/fills-history", 10, kTwo},
    {"account/balance", 10, kTwo},
    {"account/positions", 10, kTwo},
    {"account/trade-fee", 5, kTwo},
    {"account/bills", 5, kSecond},
    {"trade/account-rate-limit", 1, kSecond},
    {"asset/transfer", 2, kSecond},
    {"asset/transfer-state", 10, kSecond},
    {"asset/balances", 6, kSecond},
    {"asset/withdrawal", 6, kSecond},
    {"asset/withdrawal-history", 6, kSecond},
    {"asset/deposit-history", 6, kSecond},
    {"account/leverage-info", 20, kTwo},
};
static_assert(std::size(kEndpoints) == kCallCount - kTime);

constexpr auto kLimits = [] {
    std::array<LimitSpec, std::size(kOrderLimits) + std::size(kEndpoints)> all{};
    auto* to = std::copy(std::begin(kOrderLimits), std::end(kOrderLimits), all.begin());
    std::copy(std::begin(kEndpoints), std::end(kEndpoints), to);
    return all;
}();
constexpr auto kCalls = [] {
    std::array<CallSpec, kCallCount> all{};
    std::copy(std::begin(kOrderCalls), std::end(kOrderCalls), all.begin());
    for (std::uint8_t i = 0; i < std::size(kEndpoints); ++i) {
        all[kTime + i] = {kEndpoints[i].name,
                          {{{static_cast<std::uint8_t>(kFirstEndpointLimit + i), 1}}}};
    }
    return all;
}();
constexpr RateTable kTable{kLimits, kCalls};

}  // namespace

const RateTable& rates() noexcept { return kTable; }

void on_error(venue_common::RateLimiter& limiter, const venue_common::RateRequest& request,
              std::int32_t code, UnixNanos now) {
    if (code == 50061) limiter.block(kSubAccountLimit, now + kTwo, now);
    if (code != 50011 && code != 60014) return;
    const std::uint8_t own = kCalls[request.call].costs[0].limit;
    const LimitSpec& limit = kLimits[own];
    const std::uint64_t key =
        limit.per == Per::Instrument ? request.instrument : request.connection;
    // Two seconds at least, the window of nearly all; an hour's count is not waited for whole.
    const Nanos wait = std::clamp(limit.window, kTwo, kSecond * 60);
    limiter.block(own, now + wait, now, key);
}

}  // namespace parallax::okx
