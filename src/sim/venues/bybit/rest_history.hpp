#pragma once

#include <map>
#include <set>
#include <string>

#include "sim/venues/bybit/rest.hpp"
#include "sim/venues/bybit/transaction_log.hpp"

namespace parallax::sim_bybit {

/// What came in, what went out and what may: deposits and withdrawals.
class RestWallet {
public:
    /// `addresses`: that money may be sent to; outlives this.
    RestWallet(sim_engine::SimVenue& venue, const std::set<std::string>& addresses)
        : venue_{venue}, addresses_{addresses} {}
    [[nodiscard]] Reply deposit_address(const Call& call) const;
    [[nodiscard]] Reply deposits(const Call& call) const;
    [[nodiscard]] Reply withdrawable(const Call& call) const;
    [[nodiscard]] Reply withdrawals(const Call& call) const;
    [[nodiscard]] Reply withdraw(const Call& call);
    [[nodiscard]] Reply cancel(const Call& call);

    /// Of every coin: it has one chain, named like it.
    static constexpr std::string_view kFee = "0.001", kLeast = "0.002";

private:
    struct Sent {  ///< what the engine does not keep of a withdrawal
        std::string address, tag, request;
        UnixNanos cancelled;
    };
    /// Of so many withdrawals; the oldest is forgotten first, with its request's id.
    static constexpr std::size_t kRemembered = 4'096;
    [[nodiscard]] Sent& remember(sim_engine::MovementId id);

    sim_engine::SimVenue& venue_;
    const std::set<std::string>& addresses_;
    std::map<sim_engine::MovementId, Sent> sent_;
    std::map<std::pair<sim_engine::AccountId, AssetId>, UnixNanos> last_;  ///< withdrawals
};

/// What became of an account's money: transaction log, closed profit and loss, collateral, loans.
class RestHistory {
public:
    RestHistory(const sim_engine::SimVenue& venue, const TransactionLog& log)
        : venue_{venue}, log_{log} {}
    [[nodiscard]] Reply transactions(const Call& call) const;
    [[nodiscard]] Reply closed_pnl(const Call& call) const;
    [[nodiscard]] Reply collateral(const Call& call) const;
    [[nodiscard]] Reply borrowings(const Call& call) const;

private:
    const sim_engine::SimVenue& venue_;
    const TransactionLog& log_;
};

}  // namespace parallax::sim_bybit
