#pragma once

#include <cstdint>
#include <string_view>

#include "core/amount.hpp"
#include "core/ids.hpp"
#include "core/market.hpp"
#include "core/time.hpp"

/// Topic `portfolio`: what the ledger books. Keyed by asset.
namespace parallax::messages {

/// The part of an account an amount lies in. Available + Reserved is what the venue calls the
/// balance.
enum class Bucket : std::uint8_t {
    Available,   ///< free to reserve; never negative
    Reserved,    ///< held for a plan's open orders
    Margin,      ///< locked behind derivative positions
    InTransit,   ///< left one wallet, not yet in the other
    Fee,         ///< sum of fees paid (an expense account)
    Funding,     ///< sum of funding paid or received
    Pnl,         ///< realised profit of derivatives
    External,    ///< the world outside: deposits come from here
    Conversion,  ///< the other side of every exchange of one asset for another
    Suspense,    ///< differences nobody has explained yet
};
inline constexpr std::size_t kBucketCount = 10;
[[nodiscard]] constexpr std::string_view to_string(Bucket bucket) noexcept {
    constexpr std::string_view kNames[] = {"available",  "reserved", "margin", "in_transit",
                                           "fee",        "funding",  "pnl",    "external",
                                           "conversion", "suspense"};
    return kNames[static_cast<std::size_t>(bucket)];
}

enum class EntryKind : std::uint8_t {
    Deposit,
    Withdrawal,
    Reserve,
    Release,
    Fill,
    Fee,
    Funding,
    RealisedPnl,
    Margin,
    Transfer,
    Liquidation,
    Adl,
    Interest,
    Rebate,
    Airdrop,
    Correction,
    Unexplained,
};
[[nodiscard]] constexpr std::string_view to_string(EntryKind kind) noexcept {
    constexpr std::string_view kNames[] = {
        "deposit",  "withdrawal",   "reserve", "release",    "fill",        "fee",
        "funding",  "realised_pnl", "margin",  "transfer",   "liquidation", "adl",
        "interest", "rebate",       "airdrop", "correction", "unexplained"};
    return kNames[static_cast<std::size_t>(kind)];
}

/// One posting: moves an amount of one asset between two accounts of the ledger. Entries of one
/// transaction share `transaction`; per asset they sum to zero by construction.
struct LedgerEntry {
    std::uint64_t sequence = 0;
    std::uint64_t transaction = 0;
    EntryKind kind{};
    AssetId asset;
    Market debit_wallet{};  ///< where it comes from
    Bucket debit{};
    Market credit_wallet{};  ///< where it goes
    Bucket credit{};
    Amount amount;  ///< > 0
    PlanId plan;    ///< none where no plan caused it
    UnixNanos time;
    template <class Archive>
    void describe(Archive& a) {
        a(sequence, transaction, kind, asset, debit_wallet, debit, credit_wallet, credit, amount,
          plan, time);
    }
};

/// Money that enters (or, negative, leaves) a wallet from outside.
struct ExternalFlow {
    Market wallet{};
    AssetId asset;
    Amount amount;
    UnixNanos time;
    template <class Archive>
    void describe(Archive& a) {
        a(wallet, asset, amount, time);
    }
};

/// Funding, interest or another cash event a venue booked on a wallet. Positive = received.
struct CashEvent {
    EntryKind kind = EntryKind::Funding;
    Market wallet{};
    AssetId asset;
    InstrumentId instrument;
    Amount amount;
    UnixNanos time;
    std::uint64_t venue_id = 0;        ///< the venue's own id: an event is booked once
    std::uint64_t account_update = 0;  ///< as in BalanceReport
    template <class Archive>
    void describe(Archive& a) {
        a(kind, wallet, asset, instrument, amount, time, venue_id, account_update);
    }
};

/// A venue's list of a wallet's cash events was read: all there are of `until` and before were
/// told.
struct CashTold {
    Market wallet{};
    UnixNanos until;  ///< by the venue's clock
    UnixNanos time;   ///< when that became known, by ours
    template <class Archive>
    void describe(Archive& a) {
        a(wallet, until, time);
    }
};

enum class TransferState : std::uint8_t {
    Sent,      ///< left `from`
    Arrived,   ///< came into `to`
    Returned,  ///< came back into `from`
};
[[nodiscard]] constexpr std::string_view to_string(TransferState state) noexcept {
    constexpr std::string_view kNames[] = {"sent", "arrived", "returned"};
    return kNames[static_cast<std::size_t>(state)];
}

/// A step of a transfer between two wallets of ours: it is sent, then it arrives or returns. Each
/// step counts once, in any order. A venue that tells only its own side does so by CashEvents of
/// kind Transfer instead.
struct Transfer {
    std::uint64_t id = 0;  ///< ours, the same in all steps; not 0
    TransferState state{};
    Market from{};
    Market to{};
    AssetId asset;
    Amount amount;  ///< > 0: what left `from` for the other side, or what came out of it
    Amount fee;     ///< Sent: taken from `from` besides; else kept back from what was sent
    PlanId plan;    ///< whose profit pays the fees; none where no plan caused it
    UnixNanos time;
    std::uint64_t account_update = 0;  ///< of the wallet it left or came into, as in BalanceReport
    template <class Archive>
    void describe(Archive& a) {
        a(id, state, from, to, asset, amount, fee, plan, time, account_update);
    }
};

/// What a venue says a wallet holds, for reconciliation.
struct BalanceReport {
    Market wallet{};
    AssetId asset;
    Amount total;                      ///< free + held
    UnixNanos time;                    ///< by the venue's clock
    std::uint64_t account_update = 0;  ///< the venue's number of the last change of the wallet that
                                       ///< it contains; rises. 0: the venue gives none
    template <class Archive>
    void describe(Archive& a) {
        a(wallet, asset, total, time, account_update);
    }
};

/// An open position of a derivative that was there before the ledger was: from here on it counts as
/// ours, at the venue's own average price. It settles as if that had been its one fill.
struct PositionAdopted {
    InstrumentId instrument;
    Amount quantity;    ///< in the unit of Quantity, whatever the scale; negative: short
    Amount entry;       ///< average price, as the venue rounds it; > 0
    Amount unrealised;  ///< as the venue said; for people: the ledger reckons by its own marks
    UnixNanos time;
    template <class Archive>
    void describe(Archive& a) {
        a(instrument, quantity, entry, unrealised, time);
    }
};

/// Realised profit of one settled plan, split so that the parts add up exactly (methods:
/// attribution identity): realised = edge + volume + slippage + legging + fees + conversion +
/// funding + inventory + transfers + residual.
struct Attribution {
    PlanId plan;
    AssetId value_asset;
    UnixNanos time;
    Amount realised;
    Amount edge;      ///< planned edge before fees at planned size
    Amount volume;    ///< planned edge of the size that did not fill, negative
    Amount slippage;  ///< entry fills against planned prices
    Amount legging;   ///< what never became a pair, and the orders that repaired it
    Amount fees;      ///< negative when paid
    Amount conversion;
    Amount funding;
    Amount inventory;  ///< mark moves on what was kept
    Amount transfers;
    Amount residual;  ///< must be 0
    template <class Archive>
    void describe(Archive& a) {
        a(plan, value_asset, time, realised, edge, volume, slippage, legging, fees, conversion,
          funding, inventory, transfers, residual);
    }
};

}  // namespace parallax::messages
