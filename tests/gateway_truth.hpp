#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/instrument.hpp"
#include "messages/trade.hpp"
#include "sim/engine/venue.hpp"

/// What a gateway told, held against what the simulated venue knows. They fail the running test.
namespace parallax::gateway_testing {

/// Whose account, and the wallet that it trades from.
struct Owner {
    const sim_engine::SimVenue& venue;
    sim_engine::AccountId account;
    sim_engine::Wallet wallet{};
    std::optional<sim_engine::ListingId> perpetual;

    [[nodiscard]] Amount balance(const std::string& asset) const {
        return venue.balance(account, wallet, *venue.find_asset(asset)).total;
    }
};

/// Every fill of the venue's books is among the events once, with its price, quantity, profit, fee
/// and asset, and no other.
void expect_same_fills(const Owner& owner, const Universe& universe,
                       const std::vector<messages::OrderEvent>& events);
/// What the account had at the start, plus what the events say, is what the venue's ledger has.
void expect_same_balances(const Owner& owner, const Universe& universe,
                          const std::vector<messages::OrderEvent>& events,
                          std::map<std::string, Amount> start);

}  // namespace parallax::gateway_testing
