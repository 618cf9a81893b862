#include "sim/venues/bybit/order_memory.hpp"

#include <algorithm>

namespace parallax::sim_bybit {

void OrderMemory::filled(sim_engine::OrderId id, const sim_engine::Execution& execution) {
    const auto [at, fresh] = costs_.try_emplace(id.raw());
    if (fresh) {
        oldest_.push_back(id.raw());
        if (oldest_.size() > 20'000) {
            costs_.erase(oldest_.front());
            oldest_.pop_front();
        }
    }
    Costs& costs = costs_[id.raw()];
    costs.realised += execution.realised;
    const auto fee = std::find_if(costs.fees.begin(), costs.fees.end(), [&](const auto& entry) {
        return entry.first == execution.fee_asset;
    });
    if (fee == costs.fees.end()) {
        costs.fees.emplace_back(execution.fee_asset, execution.fee);
    } else {
        fee->second += execution.fee;
    }
}

const OrderMemory::Costs& OrderMemory::costs(sim_engine::OrderId id) const noexcept {
    static const Costs kNone;
    const auto found = costs_.find(id.raw());
    return found == costs_.end() ? kNone : found->second;
}

const OrderMemory::Refused& OrderMemory::refused(const sim_engine::NewOrder& r,
                                                 sim_engine::Reject reason, UnixNanos now) {
    sim_engine::Order order;
    order.id = sim_engine::OrderId{next_refused_++};
    order.account = r.account;
    order.listing = r.listing;
    order.client_id = r.client_id;
    order.side = r.side;
    order.type = r.type;
    order.time_in_force = r.time_in_force;
    order.post_only = r.post_only;
    order.reduce_only = r.reduce_only;
    order.self_trade = r.self_trade.value_or(sim_engine::SelfTrade::Allow);
    order.status = sim_engine::OrderStatus::Expired;
    order.price = r.price;
    order.quantity = r.quantity;
    order.quote_quantity = r.quote_quantity;
    order.created = order.updated = now;
    auto& list = refused_[r.account];
    list.push_back({order, reason});
    if (list.size() > 500) list.pop_front();
    return list.back();
}

const std::deque<OrderMemory::Refused>& OrderMemory::refused(
    sim_engine::AccountId account) const noexcept {
    static const std::deque<Refused> kNone;
    const auto found = refused_.find(account);
    return found == refused_.end() ? kNone : found->second;
}

void OrderMemory::paid(const sim_engine::FundingPayment& payment, UnixNanos time,
                       std::uint64_t number) {
    auto& list = paid_[payment.account];
    list.push_back({payment, time, number});
    if (list.size() > 2'000) list.pop_front();
}

const std::deque<OrderMemory::Paid>& OrderMemory::paid(
    sim_engine::AccountId account) const noexcept {
    static const std::deque<Paid> kNone;
    const auto found = paid_.find(account);
    return found == paid_.end() ? kNone : found->second;
}

}  // namespace parallax::sim_bybit
