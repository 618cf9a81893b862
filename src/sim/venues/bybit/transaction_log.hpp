#pragma once

#include <deque>
#include <map>
#include <set>

#include "sim/engine/venue.hpp"

namespace parallax::sim_bybit {

/// A change of one coin of the unified wallet. What spot trades move is two lines of one number.
struct LogLine {
    enum class Type : std::uint8_t { TransferIn, TransferOut, Trade, Settlement, Liquidation };

    std::uint64_t number = 0;  ///< of the engine's event
    UnixNanos time;
    Type type{};
    AssetId asset;
    sim_engine::ListingId listing;  ///< none: movements
    Side side{};
    Amount quantity;  ///< of the trade or position; spot: signed, of this coin
    Price price;
    Rate rate;  ///< of the fee, or of the funding as the account has it
    Amount cash, funding, fee;
    Amount balance;  ///< of the coin, after it
    sim_engine::TradeId trade;
    sim_engine::OrderId order;
    sim_engine::ClientId client_id;
    bool balanced = false;  ///< `balance` is known

    [[nodiscard]] Amount change() const noexcept { return cash + funding - fee; }
};

/// Writes the lines from what the engine tells. Balances come with the engine's BalanceChange,
/// which follows the trades of a request and tells the sum after the last: the lines before are
/// counted back from it. Bounded: the newest 10,000 lines an account.
class TransactionLog {
public:
    explicit TransactionLog(const sim_engine::SimVenue& venue) : venue_{venue} {}
    void happened(const sim_engine::PrivateEvent& event);
    /// Oldest first.
    [[nodiscard]] const std::deque<LogLine>& lines(sim_engine::AccountId account) const noexcept;

private:
    void filled(const sim_engine::OrderUpdate& update, LogLine line);
    void paid(const sim_engine::FundingPayment& payment, LogLine line);
    void moved(const sim_engine::Movement& movement, LogLine line);
    void balanced(const sim_engine::BalanceChange& change, LogLine line);
    void add(sim_engine::AccountId account, const LogLine& line);

    struct Book {
        std::deque<LogLine> lines;
        std::size_t unbalanced = 0;
        std::map<AssetId, Amount> told;  ///< the last balances
        std::set<AssetId> liquidated;    ///< since then, in what the positions settled
    };
    const sim_engine::SimVenue& venue_;
    std::map<sim_engine::AccountId, Book> books_;
};

}  // namespace parallax::sim_bybit
