#include "services/portfolio/ledger.hpp"

#include <algorithm>

namespace parallax::portfolio {
namespace {

std::uint64_t mix(std::uint64_t state, std::uint64_t word) noexcept {
    const auto product = static_cast<unsigned __int128>(state ^ word) * 0xA0761D6478BD642FULL;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64) ^
           (word << 1 | 1);
}

}  // namespace

void Account::apply(std::uint64_t sequence, Amount change) noexcept {
    balance += change;
    const auto raw = static_cast<unsigned __int128>(change.raw());
    fold = mix(mix(mix(fold, sequence), static_cast<std::uint64_t>(raw)),
               static_cast<std::uint64_t>(raw >> 64));
    ++entries;
}

void Ledger::grow(std::size_t assets) {
    if (assets <= this->assets()) return;
    accounts_.resize(assets * kPerAsset);
    checkpoint_.resize(assets * kPerAsset);
    change_of_.resize(assets * kMarketCount);
}

Amount Ledger::holdings(Market wallet, AssetId asset) const noexcept {
    const Account* account = &accounts_[index(wallet, asset, Bucket::Available)];
    return account[0].balance + account[1].balance + account[2].balance + account[3].balance;
}

std::uint64_t Ledger::movements(Market wallet, AssetId asset) const noexcept {
    const Account* account = &accounts_[index(wallet, asset, Bucket::Available)];
    return account[0].entries + account[1].entries + account[2].entries;
}

const LedgerEntry& Ledger::post(EntryKind kind, AssetId asset, Place from, Place to,
                                Amount amount) {
    PLX_ASSERT(amount > Amount{});
    PLX_ASSERT(asset.index() < assets());
    PLX_ASSERT(wallet_of(from.wallet) == from.wallet && wallet_of(to.wallet) == to.wallet);
    PLX_ASSERT(!is_own(from.bucket) || from.bucket == Bucket::InTransit ||
               balance(from.wallet, asset, from.bucket) >= amount);
    if (begun_) ++transaction_;
    begun_ = false;
    const LedgerEntry& entry =
        entries_.emplace_back(LedgerEntry{++sequence_, transaction_, kind, asset, from.wallet,
                                          from.bucket, to.wallet, to.bucket, amount, plan_, time_});
    apply(entry);
    if (from.bucket == Bucket::Available) note_available(from.wallet, asset);
    if (to.bucket == Bucket::Available) note_available(to.wallet, asset);
    return entry;
}

HotResult<void> Ledger::replay(const LedgerEntry& entry) {
    const bool known = static_cast<std::size_t>(entry.debit) < messages::kBucketCount &&
                       static_cast<std::size_t>(entry.credit) < messages::kBucketCount &&
                       static_cast<std::size_t>(entry.debit_wallet) < kMarketCount &&
                       static_cast<std::size_t>(entry.credit_wallet) < kMarketCount &&
                       entry.asset.valid();
    if (!known || entry.sequence != sequence_ + 1 || entry.transaction < transaction_ ||
        entry.amount <= Amount{}) {
        return fail(Errc::Malformed);
    }
    grow(entry.asset.index() + 1);
    if (is_own(entry.debit) && entry.debit != Bucket::InTransit &&
        balance(entry.debit_wallet, entry.asset, entry.debit) < entry.amount) {
        return fail(Errc::Malformed);
    }
    sequence_ = entry.sequence;
    transaction_ = entry.transaction;
    apply(entry);
    apply(checkpoint_, entry);
    return {};
}

void Ledger::apply(const LedgerEntry& entry) {
    note_used(index(entry.debit_wallet, entry.asset, entry.debit));
    note_used(index(entry.credit_wallet, entry.asset, entry.credit));
    apply(accounts_, entry);
}

void Ledger::note_used(std::size_t account) {
    if (accounts_[account].entries > 0) return;
    const auto i = static_cast<std::uint32_t>(account);
    const auto place = std::lower_bound(used_.begin(), used_.end(), i);
    if (place == used_.end() || *place != i) used_.insert(place, i);
}

void Ledger::apply(std::vector<Account>& accounts, const LedgerEntry& entry) noexcept {
    accounts[index(entry.debit_wallet, entry.asset, entry.debit)].apply(entry.sequence,
                                                                        -entry.amount);
    accounts[index(entry.credit_wallet, entry.asset, entry.credit)].apply(entry.sequence,
                                                                          entry.amount);
}

void Ledger::note_available(Market wallet, AssetId asset) {
    std::uint32_t& place =
        change_of_[asset.index() * kMarketCount + static_cast<std::size_t>(wallet)];
    if (place == 0) {
        changes_.push_back({wallet, asset, {}});
        place = static_cast<std::uint32_t>(changes_.size());
    }
    changes_[place - 1].available = balance(wallet, asset, Bucket::Available);
}

void Ledger::clear_outputs() {
    for (const LedgerEntry& entry : entries_) {
        for (const std::size_t i : {index(entry.debit_wallet, entry.asset, entry.debit),
                                    index(entry.credit_wallet, entry.asset, entry.credit)}) {
            checkpoint_[i] = accounts_[i];
        }
    }
    entries_.clear();
    for (const BalanceChange& change : changes_) {
        change_of_[change.asset.index() * kMarketCount + static_cast<std::size_t>(change.wallet)] =
            0;
    }
    changes_.clear();
}

std::optional<std::string> Ledger::verify(std::uint64_t& checks) const {
    std::vector<Account> folded = checkpoint_;
    std::uint64_t next = sequence_ - entries_.size();
    for (const LedgerEntry& entry : entries_) {
        ++checks;
        if (entry.sequence != ++next)
            return "I2: entry " + std::to_string(entry.sequence) + " is out of sequence";
        apply(folded, entry);
    }
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
        checks += 2;
        if (folded[i] != accounts_[i])
            return "I3: account " + std::to_string(i) + " is not the fold of its entries";
        const auto bucket = static_cast<Bucket>(i % messages::kBucketCount);
        if (is_own(bucket) && bucket != Bucket::InTransit && accounts_[i].balance.is_negative()) {
            return "I4: account " + std::to_string(i) + " is negative";
        }
    }
    for (std::size_t asset = 0; asset < assets(); ++asset) {
        ++checks;
        Amount sum;
        for (std::size_t i = 0; i < kPerAsset; ++i) sum += accounts_[asset * kPerAsset + i].balance;
        if (!sum.is_zero()) return "I6: asset " + std::to_string(asset) + " sums to " + sum.text();
    }
    return std::nullopt;
}

Amount Ledger::total(AssetId asset, Bucket bucket) const noexcept {
    Amount sum;
    for (const MarketInfo& market : kMarkets) sum += balance(market.market, asset, bucket);
    return sum;
}

}  // namespace parallax::portfolio
