#pragma once

#include <map>
#include <string>

#include "sim/venues/binance/call.hpp"
#include "sim/venues/common/rate_window.hpp"

namespace parallax::sim_binance {

/// What one product counts: request weight by address, orders by account, and who is banned.
/// (Sheet: sections 4 and 7.7.)
class Limits {
public:
    explicit Limits(Product product);

    /// Counts the weight. A fault when the address is over its limit (429) or banned (418), with
    /// `retry_after` until which it should wait. Going on after 429 bans: 2 minutes, doubling each
    /// time up to 3 days.
    std::optional<Fault> charge(std::string_view address, std::uint32_t weight, UnixNanos now);
    void give_back(std::string_view address, std::uint32_t weight, UnixNanos now) {
        weights_.take_back(address, now, weight);
    }
    [[nodiscard]] UnixNanos retry_at(std::string_view address, UnixNanos now);
    [[nodiscard]] bool banned(std::string_view address, UnixNanos now) const noexcept;

    /// -1015 when the account placed too many orders.
    std::optional<Fault> charge_orders(AccountId account, std::uint32_t orders,
                                       std::uint32_t minute_orders, UnixNanos now);
    /// An order filled for the first time frees some of the count (spot only).
    void filled(AccountId account, bool maker, UnixNanos now);

    [[nodiscard]] std::uint32_t weight_used(std::string_view address, UnixNanos now) {
        return weights_.used(address, now);
    }
    struct OrderLimit {
        const char* header;  ///< such as "10S"
        const char* interval;
        int number;
        sim_front::RateTable table;
    };
    [[nodiscard]] std::vector<OrderLimit>& orders() noexcept { return orders_; }
    [[nodiscard]] std::uint32_t most_weight() const noexcept { return weights_.limit().most; }
    /// As exchangeInfo says them; with counts when somebody's are asked for.
    [[nodiscard]] Json rate_limits(const Call* call, bool weights, bool orders);
    [[nodiscard]] static std::string key(AccountId account) {
        return std::to_string(account.raw());
    }

private:
    struct Ban {
        std::uint32_t ignored = 0;  ///< requests after 429 in this window
        std::uint32_t bans = 0;
        UnixNanos until, window;
    };
    Product product_;
    sim_front::RateTable weights_;
    sim_front::RateTable raw_{{Nanos::seconds(300), 300'000, sim_front::WindowKind::Aligned}};
    std::vector<OrderLimit> orders_;
    std::map<std::string, Ban, std::less<>> bans_;
};

}  // namespace parallax::sim_binance
