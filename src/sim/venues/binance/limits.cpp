#include "sim/venues/binance/limits.hpp"

#include <algorithm>

namespace parallax::sim_binance {
namespace {

using sim_front::RateLimit;
using sim_front::RateTable;
using sim_front::WindowKind;

RateTable table(std::int64_t seconds, std::uint32_t most) {
    return RateTable{{Nanos::seconds(seconds), most, WindowKind::Aligned}};
}

/// Requests after the first 429 of a minute that are answered with 429 still. A choice: the
/// documents say "repeatedly".
constexpr std::uint32_t kPatience = 20;

}  // namespace

Limits::Limits(Product product)
    : product_{product}, weights_{table(60, product == Product::Spot ? 6'000 : 2'400)} {
    if (product == Product::Spot) {
        orders_.push_back({"10S", "SECOND", 10, table(10, 100)});
        orders_.push_back({"1D", "DAY", 1, table(86'400, 200'000)});
    } else {
        orders_.push_back({"10S", "SECOND", 10, table(10, 300)});
        orders_.push_back({"1M", "MINUTE", 1, table(60, 1'200)});
    }
}

bool Limits::banned(std::string_view address, UnixNanos now) const noexcept {
    const auto found = bans_.find(address);
    return found != bans_.end() && found->second.until > now;
}

UnixNanos Limits::retry_at(std::string_view address, UnixNanos now) {
    const auto found = bans_.find(address);
    if (found != bans_.end() && found->second.until > now) return found->second.until;
    return weights_.free_at(address, now);
}

std::optional<Fault> Limits::charge(std::string_view address, std::uint32_t weight, UnixNanos now) {
    if (banned(address, now)) {
        return Fault{-1003,
                     "Way too much request weight used; IP banned until " +
                         std::to_string(retry_at(address, now).millis()) +
                         ". Please use WebSocket Streams for live updates to avoid bans.",
                     418,
                     {}};
    }
    const bool good = raw_.add(address, now) && weights_.fits(address, now, weight);
    if (good) {
        weights_.add(address, now, weight);
        return std::nullopt;
    }
    if (bans_.size() > 4'096)
        std::erase_if(bans_,
                      [now](auto& b) { return now - b.second.until > Nanos::seconds(86'400); });
    Ban& ban = bans_[std::string{address}];
    const UnixNanos window = weights_.free_at(address, now);
    if (std::exchange(ban.window, window) != window) ban.ignored = 0;
    if (++ban.ignored > kPatience) {
        ban.ignored = 0;
        const std::int64_t seconds = std::int64_t{120} << std::min(ban.bans++, 12U);
        ban.until = now + Nanos::seconds(std::min<std::int64_t>(seconds, 3 * 86'400));
        return charge(address, weight, now);
    }
    return Fault{-1003,
                 "Too much request weight used; current limit is " +
                     std::to_string(weights_.limit().most) +
                     " request weight per 1 MINUTE. Please use WebSocket Streams for live updates "
                     "to avoid polling the API.",
                 429,
                 {}};
}

std::optional<Fault> Limits::charge_orders(AccountId account, std::uint32_t orders,
                                           std::uint32_t minute_orders, UnixNanos now) {
    const std::string who = key(account);
    for (std::size_t i = 0; i < orders_.size(); ++i) {
        if (orders_[i].table.fits(who, now, i == 0 ? orders : minute_orders)) continue;
        return Fault{-1015,
                     "Too many new orders; current limit is " +
                         std::to_string(orders_[i].table.limit().most) + " orders per " +
                         std::to_string(orders_[i].number) + " " + orders_[i].interval + ".",
                     429,
                     {}};
    }
    for (std::size_t i = 0; i < orders_.size(); ++i)
        orders_[i].table.add(who, now, i == 0 ? orders : minute_orders);
    return std::nullopt;
}

void Limits::filled(AccountId account, bool maker, UnixNanos now) {
    if (product_ != Product::Spot) return;
    for (OrderLimit& limit : orders_) limit.table.take_back(key(account), now, maker ? 5 : 1);
}

Json Limits::rate_limits(const Call* call, bool weights, bool orders) {
    Json out = Json::array();
    const auto add = [&](const char* type, const char* interval, int number, std::uint32_t most,
                         std::optional<std::uint32_t> count) {
        Json row{{"rateLimitType", type},
                 {"interval", interval},
                 {"intervalNum", number},
                 {"limit", most}};
        if (count) row["count"] = *count;
        out.push_back(std::move(row));
    };
    if (orders) {
        for (OrderLimit& limit : orders_) {
            std::optional<std::uint32_t> count;
            if (call != nullptr && call->key != nullptr)
                count = limit.table.used(key(call->account()), call->now);
            if (call == nullptr || count)
                add("ORDERS", limit.interval, limit.number, limit.table.limit().most, count);
        }
    }
    if (weights) {
        std::optional<std::uint32_t> count;
        if (call != nullptr) count = weights_.used(call->peer, call->now);
        add("REQUEST_WEIGHT", "MINUTE", 1, weights_.limit().most, count);
        if (call == nullptr && product_ == Product::Spot)
            add("RAW_REQUESTS", "MINUTE", 5, raw_.limit().most, std::nullopt);
    }
    return out;
}

}  // namespace parallax::sim_binance
