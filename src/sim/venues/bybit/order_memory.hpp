#pragma once

#include <deque>
#include <map>
#include <unordered_map>
#include <vector>

#include "sim/engine/venue.hpp"

namespace parallax::sim_bybit {

/// What Bybit tells of an order and the engine does not keep: the fees of its fills by asset, its
/// realised profit, orders that were acknowledged and rejected afterwards, and payments of funding.
/// Bounded: the newest 20,000 orders, 500 rejected ones and 2,000 payments an account.
class OrderMemory {
public:
    struct Costs {
        std::vector<std::pair<AssetId, Amount>> fees;
        Amount realised;
    };
    struct Refused {
        sim_engine::Order order;
        sim_engine::Reject reason{};
    };
    struct Paid {
        sim_engine::FundingPayment payment;
        UnixNanos time;
        std::uint64_t number = 0;
    };
    static constexpr std::uint64_t kFirstRefused = std::uint64_t{1} << 40;

    void filled(sim_engine::OrderId id, const sim_engine::Execution& execution);
    [[nodiscard]] const Costs& costs(sim_engine::OrderId id) const noexcept;
    /// Gives it an id of its own.
    const Refused& refused(const sim_engine::NewOrder& request, sim_engine::Reject reason,
                           UnixNanos now);
    [[nodiscard]] const std::deque<Refused>& refused(sim_engine::AccountId account) const noexcept;
    void paid(const sim_engine::FundingPayment& payment, UnixNanos time, std::uint64_t number);
    /// Oldest first.
    [[nodiscard]] const std::deque<Paid>& paid(sim_engine::AccountId account) const noexcept;

private:
    std::unordered_map<std::uint64_t, Costs> costs_;
    std::deque<std::uint64_t> oldest_;
    std::map<sim_engine::AccountId, std::deque<Refused>> refused_;
    std::map<sim_engine::AccountId, std::deque<Paid>> paid_;
    std::uint64_t next_refused_ = kFirstRefused;
};

}  // namespace parallax::sim_bybit
