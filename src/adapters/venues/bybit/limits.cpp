#include "adapters/venues/bybit/limits.hpp"

#include <algorithm>
#include <array>

#include "adapters/venues/common/rate_feedback.hpp"

namespace parallax::bybit {

using venue_common::CallSpec;
using venue_common::LimitSpec;
using venue_common::Per;
using venue_common::RateTable;
using venue_common::Wire;

namespace {

constexpr Nanos kSecond = Nanos::seconds(1);
constexpr Nanos kBan = kSecond * 600;

constexpr LimitSpec kIpLimits[] = {
    {"HTTP requests of the IP in 5 s", 600, kSecond * 5, Per::Account, 60},
    {"socket requests of the IP a second", 3'000, kSecond, Per::Account, 300},
    {"new connections in 5 minutes", 500, kSecond * 300, Per::Account, 100},
};
static_assert(std::size(kIpLimits) == kFirstEndpointLimit);

struct Endpoint {
    LimitSpec limit;
    bool each = false;  ///< counted per order of a batch
};
constexpr Endpoint kEndpoints[] = {
    {{"order.create, linear", 10, kSecond, Per::Account, 2}},
    {{"order.create, spot", 20, kSecond, Per::Account, 4}},
    {{"order.amend, linear", 10, kSecond, Per::Account, 2}},
    {{"order.amend, spot", 10, kSecond, Per::Account, 2}},
    {{"order.cancel, linear", 10, kSecond}},
    {{"order.cancel, spot", 20, kSecond}},
    {{"order/cancel-all, linear", 10, kSecond}},
    {{"order/cancel-all, spot", 20, kSecond}},
    {{"order.create-batch, linear, orders", 10, kSecond, Per::Account, 2}, true},
    {{"order.create-batch, spot, orders", 20, kSecond, Per::Account, 4}, true},
    {{"order.amend-batch, linear, orders", 10, kSecond, Per::Account, 2}, true},
    {{"order.amend-batch, spot, orders", 20, kSecond, Per::Account, 4}, true},
    {{"order.cancel-batch, linear, orders", 10, kSecond}, true},
    {{"order.cancel-batch, spot, orders", 20, kSecond}, true},
    {{"order/pre-check", 10, kSecond}},
    {{"order/disconnected-cancel-all", 5, kSecond}},
    {{"order/realtime", 50, kSecond, Per::Account, 10}},
    {{"order/history", 50, kSecond}},
    {{"execution/list", 50, kSecond}},
    {{"position/list", 50, kSecond}},
    {{"account/wallet-balance", 50, kSecond}},
    {{"account/fee-rate", 5, kSecond}},
    {{"asset/transfer/inter-transfer", 60, kSecond * 60}},
    {{"asset/transfer/universal-transfer", 5, kSecond}},
    {{"asset/withdraw/create", 5, kSecond}},
    {{"asset/coin/query-info", 5, kSecond}},
    // The rest has no number in the sources at hand: what is low enough for all.
    {{"position/set-leverage", 5, kSecond}},
    {{"user/query-api", 5, kSecond}},
    {{"asset/transfer/query-inter-transfer-list", 60, kSecond * 60}},
    {{"asset/deposit/query-record", 60, kSecond * 60}},
    {{"asset/withdraw/query-record", 60, kSecond * 60}},
    {{"account/info", 5, kSecond}},
};
static_assert(std::size(kEndpoints) == kCallCount - kPlaceLinear);

constexpr auto kLimits = [] {
    std::array<LimitSpec, std::size(kIpLimits) + std::size(kEndpoints)> all{};
    auto* to = std::copy(std::begin(kIpLimits), std::end(kIpLimits), all.begin());
    for (const Endpoint& endpoint : kEndpoints) *to++ = endpoint.limit;
    return all;
}();
constexpr auto kCalls = [] {
    std::array<CallSpec, kCallCount> all{};
    all[kConnect] = {"connect", {{{kConnectionLimit, 1}}}};
    all[kPublic] = {"market data over HTTP", {{{kHttpLimit, 1}}}};
    for (std::uint8_t i = 0; i < std::size(kEndpoints); ++i) {
        all[kPlaceLinear + i] = {
            kEndpoints[i].limit.name,
            {{{static_cast<std::uint8_t>(kFirstEndpointLimit + i), 1, kEndpoints[i].each},
              {kHttpLimit, 1, false, Wire::Http},
              {kSocketLimit, 1, false, Wire::WebSocket}}}};
    }
    return all;
}();
constexpr RateTable kTable{kLimits, kCalls};

}  // namespace

const RateTable& rates() noexcept { return kTable; }

void on_usage(venue_common::RateLimiter& limiter, const venue_common::RateRequest& request,
              const Usage& usage, std::optional<std::int32_t> code, Nanos venue_ahead,
              UnixNanos now) {
    if (request.call < kPlaceLinear) return;
    const std::uint8_t own = kTable.calls[request.call].costs[0].limit;
    if (usage.limit && *usage.limit > 0) {
        limiter.set_limit(own, venue_common::as_count(*usage.limit));
        if (usage.left) {
            limiter.observe(own, venue_common::as_count(*usage.limit - *usage.left), now);
        }
    }
    // 10403 and 20003 are of the IP and the session, 10429 of the venue: all wait a second.
    const bool too_many = code == 10006 || code == 10403 || code == 10429 || code == 20003 ||
                          code == 429 || code == 170005 || code == 170222;
    if (!too_many) return;
    const UnixNanos least = now + kSecond;
    UnixNanos until = least;
    if (code == 10006 && usage.reset_ms && *usage.reset_ms < 4'000'000'000'000) {
        until = UnixNanos::from_millis(*usage.reset_ms + 1) - venue_ahead;
        until = std::clamp(until, least, now + kSecond * 60);
    }
    limiter.block(own, until, now);
}

void on_answer(venue_common::RateLimiter& limiter, const venue_common::RateRequest& request,
               const venue_common::RateTicket& ticket, const ports::NetEvent& event,
               std::optional<std::int32_t> code, Nanos venue_ahead) {
    if (!venue_common::give_back(limiter, ticket, event)) return;
    if (event.code == 403) limiter.block_all(event.received + kBan);
    if (event.code == 429 && !code) code = 429;
    on_usage(limiter, request,
             {venue_common::number_in(event.header("X-Bapi-Limit")),
              venue_common::number_in(event.header("X-Bapi-Limit-Status")),
              venue_common::number_in(event.header("X-Bapi-Limit-Reset-Timestamp"))},
             code, venue_ahead, event.received);
}

}  // namespace parallax::bybit
