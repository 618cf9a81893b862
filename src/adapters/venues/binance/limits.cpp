#include "adapters/venues/binance/limits.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "adapters/venues/common/rate_feedback.hpp"

namespace parallax::binance {

using venue_common::CallSpec;
using venue_common::LimitSpec;
using venue_common::Per;
using venue_common::RateLimiter;
using venue_common::RateTable;

namespace {

constexpr Nanos kSecond = Nanos::seconds(1);
constexpr Nanos kMinute = Nanos::seconds(60);
constexpr Nanos kDay = Nanos::seconds(86'400);

}  // namespace

namespace spot {
namespace {

// Where the documentation disagrees with itself the smallest number is here; exchangeInfo's goes to
// set_limit(). Pongs are sent by the transport and not counted, so one message a second is left
// out.
constexpr LimitSpec kLimits[] = {
    {"REQUEST_WEIGHT a minute", 6'000, kMinute, Per::Account, 600},
    {"RAW_REQUESTS in 5 minutes", 61'000, kMinute * 5, Per::Account, 3'000},
    {"ORDERS in 10 s", 50, kSecond * 10, Per::Account, 10},
    {"ORDERS a day", 160'000, kDay, Per::Account, 8'000},
    {"connection attempts in 5 minutes", 300, kMinute * 5, Per::Account, 60},
    {"messages a second on a stream connection", 4, kSecond, Per::Connection, 1},
    {"FIX order entry messages in 10 s", 10'000, kSecond * 10, Per::Connection, 1'000},
    {"FIX order entry logons in 30 s", 15, kSecond * 30, Per::Account, 5},
    {"FIX drop copy messages a minute", 60, kMinute, Per::Connection, 20},
    {"FIX drop copy logons in 30 s", 15, kSecond * 30, Per::Account, 5},
    {"FIX market data messages a minute", 2'000, kMinute, Per::Connection, 200},
    {"FIX market data logons in 5 minutes", 300, kMinute * 5, Per::Account, 60},
    // 180,000 for each call by account (wallet docs); here all of them together, and as some are
    // shared with USD-M, which counts its own, half of it.
    {"UID weight a minute", 90'000, kMinute, Per::Account, 7'500},
    {"withdrawal histories a second", 10, kSecond},
};
static_assert(std::size(kLimits) == kLimitCount);

constexpr CallSpec weighs(std::string_view name, std::uint32_t weight) {
    return {name, {{{kWeight, weight}, {kRawRequests, 1}}}};
}
constexpr CallSpec orders(std::string_view name, std::uint32_t weight) {
    return {name, {{{kOrders10s, 1}, {kOrders1d, 1}, {kWeight, weight}, {kRawRequests, 1}}}};
}
constexpr CallSpec only(std::string_view name, Limit limit) { return {name, {{{limit, 1}}}}; }

// Successful orders and cancels cost no weight, failed ones do: the weight is taken for all.
constexpr CallSpec kCalls[] = {
    weighs("time", 1),
    weighs("exchangeInfo", 20),
    weighs("depth, to 100", 5),
    weighs("depth, to 500", 25),
    weighs("depth, to 1000", 50),
    weighs("depth, to 5000", 250),
    weighs("trades", 25),
    weighs("klines", 2),
    weighs("ticker", 4),
    orders("order.place", 1),
    weighs("order.test", 20),
    weighs("order.cancel", 1),
    weighs("openOrders.cancelAll", 1),
    orders("order.cancelReplace", 1),
    weighs("order.amend.keepPriority", 4),
    weighs("order.status", 4),
    weighs("openOrders.status", 6),
    weighs("openOrders, all", 80),
    weighs("allOrders", 20),
    weighs("myTrades", 20),
    weighs("account.status", 20),
    weighs("account.commission", 20),
    weighs("account.rateLimits.orders", 40),
    weighs("userDataStream.subscribe", 2),
    {"connect to the WebSocket API", {{{kConnections, 1}, {kWeight, 2}}}},
    only("connect to streams", kConnections),
    only("stream message", kStreamMessages),
    only("FIX order entry message", kFixOrderMessages),
    only("FIX order entry logon", kFixOrderLogons),
    {"FIX order", {{{kFixOrderMessages, 1}, {kOrders10s, 1}, {kOrders1d, 1}}}},
    only("FIX drop copy message", kFixDropMessages),
    only("FIX drop copy logon", kFixDropLogons),
    only("FIX market data message", kFixMarketMessages),
    only("FIX market data logon", kFixMarketLogons),
    {"asset/transfer", {{{kUidWeight, 300}}}},
    // The documents at hand give the query of transfers no weight: as much as a transfer.
    {"asset/transfer, history", {{{kUidWeight, 300}}}},
    weighs("account/apiRestrictions", 1),
    weighs("capital/config/getall", 10),
    weighs("capital/deposit/hisrec", 1),
    {"capital/withdraw/apply", {{{kUidWeight, 900}}}},
    {"capital/withdraw/history", {{{kUidWeight, 18'000}, {kWithdrawHistory, 1}}}},
};
static_assert(std::size(kCalls) == kCallCount);
constexpr RateTable kTable{kLimits, kCalls};

}  // namespace

const RateTable& rates() noexcept { return kTable; }

}  // namespace spot

namespace usdm {
namespace {

// Connection attempts are not documented: as spot. Of 10 messages a second two are left for pongs.
constexpr LimitSpec kLimits[] = {
    {"REQUEST_WEIGHT a minute", 2'400, kMinute, Per::Account, 240},
    {"ORDERS in 10 s", 300, kSecond * 10, Per::Account, 30},
    {"ORDERS a minute", 1'200, kMinute, Per::Account, 120},
    {"connection attempts in 5 minutes", 300, kMinute * 5, Per::Account, 60},
    {"messages a second on a stream connection", 8, kSecond, Per::Connection, 2},
    {"funding histories in 5 minutes", 500, kMinute * 5},
    // The other half of the spot wallet's.
    {"UID weight a minute", 90'000, kMinute, Per::Account, 7'500},
};
static_assert(std::size(kLimits) == kLimitCount);

constexpr CallSpec weighs(std::string_view name, std::uint32_t weight) {
    return {name, {{{kWeight, weight}}}};
}
constexpr CallSpec orders(std::string_view name, std::uint32_t in_10s, std::uint32_t weight) {
    return {name, {{{kOrders10s, in_10s}, {kOrders1m, 1}, {kWeight, weight}}}};
}

constexpr CallSpec kCalls[] = {
    weighs("time", 1),
    weighs("exchangeInfo", 1),
    weighs("depth, to 50", 2),
    weighs("depth, to 100", 5),
    weighs("depth, to 500", 10),
    weighs("depth, to 1000", 20),
    weighs("premiumIndex", 1),
    weighs("premiumIndex, all", 10),
    {"fundingRate", {{{kFundingHistory, 1}}}},
    orders("order.place", 1, 0),
    orders("order.modify", 1, 0),
    weighs("order.cancel", 1),
    weighs("allOpenOrders, cancel", 1),
    orders("batchOrders, place", 5, 5),
    orders("batchOrders, modify", 5, 5),
    weighs("batchOrders, cancel", 1),
    weighs("countdownCancelAll", 10),
    weighs("order.status", 1),
    weighs("openOrders", 1),
    weighs("openOrders, all", 40),
    weighs("allOrders", 5),
    weighs("userTrades", 5),
    weighs("account", 5),
    weighs("balance", 5),
    weighs("positionRisk", 5),
    weighs("accountConfig", 5),
    weighs("symbolConfig", 5),
    weighs("leverageBracket", 1),
    weighs("positionSide/dual", 30),
    weighs("leverage or marginType", 1),
    weighs("commissionRate", 20),
    weighs("income", 30),
    weighs("listenKey", 1),
    {"connect", {{{kConnections, 1}}}},
    {"stream message", {{{kStreamMessages, 1}}}},
    {"asset/transfer", {{{kUidWeight, 300}}}},
    {"asset/transfer, history", {{{kUidWeight, 300}}}},
    {"account/apiRestrictions", {{{kUidWeight, 1}}}},  // counted by address, at the spot host
};
static_assert(std::size(kCalls) == kCallCount);
constexpr RateTable kTable{kLimits, kCalls};

}  // namespace

const RateTable& rates() noexcept { return kTable; }

}  // namespace usdm

namespace {

struct Header {
    std::string_view name;
    std::uint8_t limit;
};
constexpr Header kSpotHeaders[] = {{"X-MBX-USED-WEIGHT-1M", spot::kWeight},
                                   {"X-MBX-ORDER-COUNT-10S", spot::kOrders10s},
                                   {"X-MBX-ORDER-COUNT-1D", spot::kOrders1d}};
constexpr Header kUsdmHeaders[] = {{"X-MBX-USED-WEIGHT-1M", usdm::kWeight},
                                   {"X-MBX-ORDER-COUNT-10S", usdm::kOrders10s},
                                   {"X-MBX-ORDER-COUNT-1M", usdm::kOrders1m}};

}  // namespace

void on_answer(RateLimiter& limiter, Product product, const venue_common::RateTicket& ticket,
               const ports::NetEvent& event) {
    if (!venue_common::give_back(limiter, ticket, event)) return;
    const auto headers = product == Product::Spot ? std::span<const Header>{kSpotHeaders}
                                                  : std::span<const Header>{kUsdmHeaders};
    for (const Header& header : headers) {
        const auto used = venue_common::number_in(event.header(header.name));
        if (!used) continue;
        limiter.observe(header.limit, venue_common::as_count(*used), event.received);
    }
    if (event.code != 429 && event.code != 418) return;
    const std::int64_t without = event.code == 418 ? 120 : 60;
    const std::int64_t seconds =
        venue_common::number_in(event.header("Retry-After")).value_or(without);
    // A ban may last three days; a number beyond a week is no ban but damage.
    limiter.block_all(event.received +
                      Nanos::seconds(std::clamp<std::int64_t>(seconds, 1, 7 * 86'400)));
}

void on_error(RateLimiter& limiter, Product product, std::int32_t code,
              std::optional<UnixNanos> retry_after, UnixNanos now) {
    if (code == -1003) limiter.block_all(retry_after.value_or(now + kMinute));
    if (code != -1015) return;
    const UnixNanos until = retry_after.value_or(now + kSecond * 10);
    limiter.block(
        product == Product::Spot ? std::uint8_t{spot::kOrders10s} : std::uint8_t{usdm::kOrders10s},
        until, now);
}

}  // namespace parallax::binance
