#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/amount.hpp"
#include "core/ids.hpp"
#include "core/market.hpp"
#include "messages/portfolio.hpp"

namespace parallax::portfolio {

using messages::Bucket;
using messages::EntryKind;
using messages::LedgerEntry;

/// Ours: what the venue holds for us. The other buckets are the far ends of what comes and goes.
[[nodiscard]] constexpr bool is_own(Bucket bucket) noexcept { return bucket <= Bucket::InTransit; }

/// What the venue calls the balance of a wallet.
[[nodiscard]] constexpr bool is_at_venue(Bucket bucket) noexcept {
    return bucket <= Bucket::Margin;
}

/// One end of a posting.
struct Place {
    Market wallet{};  ///< a wallet_of() market
    Bucket bucket{};
};

/// A balance and the chain of hashes over the entries that made it (I3): same entries, same fold.
struct Account {
    Amount balance;
    std::uint64_t fold = 0;
    std::uint64_t entries = 0;
    void apply(std::uint64_t sequence, Amount change) noexcept;
    friend bool operator==(const Account&, const Account&) = default;
    template <class Archive>
    void describe(Archive& a) {
        a(balance, fold, entries);
    }
};

/// The free balance of a wallet is another.
struct BalanceChange {
    Market wallet{};
    AssetId asset;
    Amount available;
};

/// The double-entry ledger of all assets: an account for each (wallet, asset, bucket), one posting
/// O(1). Every posting moves one amount from one account to another, so each asset sums to zero
/// over all accounts at all times (I1, I6). Balances of the buckets that are not ours show the
/// world's side: External -100 = 100 came in; Fee 3 = 3 paid; Pnl -7 = 7 earned. Single-threaded;
/// no allocation beyond growth of the output.
class Ledger {
public:
    /// Makes room for assets 0..assets-1. Never shrinks.
    void grow(std::size_t assets);
    [[nodiscard]] std::size_t assets() const noexcept { return accounts_.size() / kPerAsset; }

    /// Needs an asset the ledger has room for.
    [[nodiscard]] Amount balance(Market wallet, AssetId asset, Bucket bucket) const noexcept {
        return accounts_[index(wallet, asset, bucket)].balance;
    }
    /// Everything of ours in a wallet: what the venue calls its balance, and what is on the way.
    [[nodiscard]] Amount holdings(Market wallet, AssetId asset) const noexcept;
    /// Number of postings that touched what the venue calls the balance; tells whether anything
    /// moved.
    [[nodiscard]] std::uint64_t movements(Market wallet, AssetId asset) const noexcept;

    /// What is posted until the next begin() is one transaction; nothing posted, none.
    void begin(PlanId plan, UnixNanos time) noexcept {
        begun_ = true;
        plan_ = plan;
        time_ = time;
    }
    /// Moves amount > 0 between two accounts. Our own buckets never go below zero (I4): the caller
    /// has looked.
    const LedgerEntry& post(EntryKind kind, AssetId asset, Place from, Place to, Amount amount);
    /// Applies an entry of a stored stream; for rebuilding. Errors: Malformed (not the next one, or
    /// impossible).
    [[nodiscard]] HotResult<void> replay(const LedgerEntry& entry);

    [[nodiscard]] std::uint64_t sequence() const noexcept { return sequence_; }
    [[nodiscard]] std::span<const LedgerEntry> entries() const noexcept { return entries_; }
    [[nodiscard]] std::span<const BalanceChange> balance_changes() const noexcept {
        return changes_;
    }
    void clear_outputs();

    /// Recomputes every account from the last cleared output on, all sums and signs. Nothing when
    /// all holds, else the first thing that does not, for people. `checks` grows by the number of
    /// comparisons made.
    [[nodiscard]] std::optional<std::string> verify(std::uint64_t& checks) const;
    /// Sum over all wallets.
    [[nodiscard]] Amount total(AssetId asset, Bucket bucket) const noexcept;

    template <class Archive>
    void describe(Archive& a) {
        std::vector<std::uint32_t> used = used_;
        std::uint64_t assets = this->assets();
        a(assets, used, sequence_, transaction_);
        if constexpr (Archive::kReading) {
            *this = Ledger{sequence_, transaction_};
            grow(assets < kMostAssets ? assets : 0);
        }
        for (const std::uint32_t i : used) {
            Account unused;
            a(i < accounts_.size() ? accounts_[i] : unused);
        }
        if constexpr (Archive::kReading) {
            checkpoint_ = accounts_;
            used_ = std::move(used);
        }
    }

    Ledger() : Ledger{0, 0} {}

private:
    static constexpr std::size_t kPerAsset = kMarketCount * messages::kBucketCount;
    static constexpr std::size_t kMostAssets = 65'536;
    explicit Ledger(std::uint64_t sequence, std::uint64_t transaction)
        : sequence_{sequence}, transaction_{transaction} {
        entries_.reserve(256);
        changes_.reserve(64);
    }

    [[nodiscard]] static constexpr std::size_t index(Market wallet, AssetId asset,
                                                     Bucket bucket) noexcept {
        return (asset.index() * kMarketCount + static_cast<std::size_t>(wallet)) *
                   messages::kBucketCount +
               static_cast<std::size_t>(bucket);
    }
    void apply(const LedgerEntry& entry);
    static void apply(std::vector<Account>& accounts, const LedgerEntry& entry) noexcept;
    void note_available(Market wallet, AssetId asset);
    void note_used(std::size_t account);

    std::vector<Account> accounts_;
    std::vector<std::uint32_t> used_;  ///< accounts that have entries, rising
    std::vector<Account> checkpoint_;  ///< accounts as of the last clear_outputs(): accounts =
                                       ///< fold(checkpoint, entries)
    std::uint64_t sequence_ = 0;
    std::uint64_t transaction_ = 0;
    bool begun_ = false;  ///< the next posting opens a transaction
    PlanId plan_;
    UnixNanos time_;
    std::vector<LedgerEntry> entries_;
    std::vector<BalanceChange> changes_;
    std::vector<std::uint32_t> change_of_;  ///< per asset and wallet: 1 + place in changes_
};

}  // namespace parallax::portfolio
