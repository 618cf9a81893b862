#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/engine/venue.hpp"

namespace parallax::sim_okx {

/// What OKX shows of an order that the engine does not keep.
struct OrderNote {
    std::string tag;
    std::string kind = "limit";  ///< ordType
    std::string trade_mode;      ///< tdMode
    std::string unit;            ///< tgtCcy, market orders on SPOT
    std::string stp_mode;
    std::vector<std::string> requests;  ///< reqIds of amends that are still to be told
    std::string request;                ///< of the one that is being told
    bool amended_by_user = false;       ///< it is the user's
    Amount fee, rebate, pnl;            ///< so far; fee as OKX signs it: negative = paid
    AssetId fee_asset;
    sim_engine::Execution last;
    UnixNanos filled_at;  ///< of `last`
};

/// What it shows of a position besides.
struct PositionNote {
    Amount fee, funding;
    std::uint64_t last_trade = 0;
    UnixNanos created, updated;
};

/// Lines of the account's book: GET /account/bills.
struct Bill {
    std::uint64_t id = 0;
    UnixNanos time;
    std::string type, sub_type;  ///< 1 transfer, 2 trade, 8 funding fee
    AssetId asset;
    Amount change, balance, fee;
    sim_engine::OrderId order;
    sim_engine::ListingId listing;
};

/// Lines of the funding account: GET /asset/bills. The balance after each follows from today's.
struct AssetBill {
    std::uint64_t id = 0;
    UnixNanos time;
    std::string_view type;  ///< 1 deposit, 2 withdrawal, 13 its end, 130 and 131 from, to trading
    AssetId asset;
    Amount change;
    sim_engine::MovementId movement;
};

/// The notes of all orders and positions of one venue, as long as the engine remembers the orders.
class Notes {
public:
    OrderNote& order(sim_engine::OrderId id) { return orders_[id.raw()]; }
    [[nodiscard]] const OrderNote& order(sim_engine::OrderId id) const noexcept {
        static const OrderNote kNone;
        const auto found = orders_.find(id.raw());
        return found == orders_.end() ? kNone : found->second;
    }
    void closed(sim_engine::OrderId id, const sim_engine::SimVenue& venue) {
        closed_.push_back(id);
        while (!closed_.empty() && venue.order(closed_.front()) == nullptr) {
            orders_.erase(closed_.front().raw());
            closed_.pop_front();
        }
    }
    PositionNote& position(sim_engine::AccountId account, sim_engine::ListingId listing) {
        return positions_[key(account, listing)];
    }
    [[nodiscard]] const PositionNote& position(sim_engine::AccountId account,
                                               sim_engine::ListingId listing) const noexcept {
        static const PositionNote kNone;
        const auto found = positions_.find(key(account, listing));
        return found == positions_.end() ? kNone : found->second;
    }
    void add_bill(sim_engine::AccountId account, Bill bill) {
        auto& bills = bills_[account.raw()];
        bills.push_back(std::move(bill));
        if (bills.size() > kMostBills) bills.pop_front();
    }
    /// Oldest first.
    [[nodiscard]] const std::deque<Bill>& bills(sim_engine::AccountId account) const noexcept {
        static const std::deque<Bill> kNone;
        const auto found = bills_.find(account.raw());
        return found == bills_.end() ? kNone : found->second;
    }
    void add_asset_bill(sim_engine::AccountId account, const AssetBill& bill) {
        auto& bills = asset_bills_[account.raw()];
        bills.push_back(bill);
        if (bills.size() > kMostBills) bills.pop_front();
    }
    /// Oldest first.
    [[nodiscard]] const std::deque<AssetBill>& asset_bills(
        sim_engine::AccountId account) const noexcept {
        static const std::deque<AssetBill> kNone;
        const auto found = asset_bills_.find(account.raw());
        return found == asset_bills_.end() ? kNone : found->second;
    }
    [[nodiscard]] std::size_t orders() const noexcept { return orders_.size(); }

private:
    static constexpr std::size_t kMostBills = 5'000;
    static std::uint64_t key(sim_engine::AccountId account,
                             sim_engine::ListingId listing) noexcept {
        return (static_cast<std::uint64_t>(account.raw()) << 32) | listing.raw();
    }
    std::unordered_map<std::uint64_t, OrderNote> orders_;
    std::unordered_map<std::uint64_t, PositionNote> positions_;
    std::unordered_map<std::uint32_t, std::deque<Bill>> bills_;
    std::unordered_map<std::uint32_t, std::deque<AssetBill>> asset_bills_;
    std::deque<sim_engine::OrderId> closed_;
};

}  // namespace parallax::sim_okx
