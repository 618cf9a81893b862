#include "sim/engine/ledger.hpp"

namespace parallax::sim_engine {

void Ledger::add_asset() {
    const std::size_t old = pockets_.size();
    std::vector<Balance> wider((old + 1) * kWalletCount * accounts_);
    for (std::size_t wallet = 0; wallet < kWalletCount * accounts_; ++wallet) {
        for (std::size_t asset = 0; asset < old; ++asset)
            wider[wallet * (old + 1) + asset] = balances_[wallet * old + asset];
    }
    balances_ = std::move(wider);
    pockets_.emplace_back();
}

void Ledger::add_account() {
    ++accounts_;
    balances_.resize(accounts_ * kWalletCount * pockets_.size());
}

Balance& Ledger::add(AccountId account, Wallet wallet, AssetId asset, Amount amount) {
    Balance& balance = balances_[index(account, wallet, asset)];
    balance.total += amount;
    pockets_[asset.index()].wallets += amount;
    return balance;
}

void Ledger::deposit(AccountId account, Wallet wallet, AssetId asset, Amount amount) {
    PLX_ASSERT(!amount.is_negative());
    pockets_[asset.index()].deposited += amount;
    add(account, wallet, asset, amount);
    check(asset);
}

void Ledger::send(AccountId account, Wallet wallet, AssetId asset, Amount amount) {
    const Balance& balance = add(account, wallet, asset, -amount);
    PLX_ASSERT(!balance.free().is_negative());
    pockets_[asset.index()].moving += amount;
    check(asset);
}

void Ledger::into_wallet(AccountId account, Wallet wallet, AssetId asset, Amount amount) {
    pockets_[asset.index()].moving -= amount;
    PLX_ASSERT(!pockets_[asset.index()].moving.is_negative());
    add(account, wallet, asset, amount);
    check(asset);
}

void Ledger::leave(AssetId asset, Amount amount) {
    pockets_[asset.index()].moving -= amount;
    PLX_ASSERT(!pockets_[asset.index()].moving.is_negative());
    pockets_[asset.index()].deposited -= amount;
    check(asset);
}

void Ledger::hold(AccountId account, Wallet wallet, AssetId asset, Amount amount) {
    Balance& balance = balances_[index(account, wallet, asset)];
    balance.held += amount;
    PLX_ASSERT(!balance.held.is_negative());
}

void Ledger::pay(AccountId from, AccountId to, Wallet wallet, AssetId asset, Amount amount) {
    PLX_ASSERT(!amount.is_negative());
    add(from, wallet, asset, -amount);
    add(to, wallet, asset, amount);
    check(asset);
}

void Ledger::charge_fee(AccountId account, Wallet wallet, AssetId asset, Amount amount) {
    add(account, wallet, asset, -amount);
    pockets_[asset.index()].fees += amount;
    check(asset);
}

void Ledger::settle(AccountId account, Wallet wallet, AssetId asset, Amount profit) {
    add(account, wallet, asset, profit);
    pockets_[asset.index()].clearing -= profit;
    check(asset);
}

void Ledger::insure(AccountId account, Wallet wallet, AssetId asset, Amount amount) {
    add(account, wallet, asset, amount);
    pockets_[asset.index()].insurance -= amount;
    check(asset);
}

void Ledger::sweep_dust(AssetId asset, Amount amount) {
    pockets_[asset.index()].clearing -= amount;
    pockets_[asset.index()].insurance += amount;
    check(asset);
}

bool Ledger::conserved() const noexcept {
    std::vector<Amount> sums(pockets_.size());
    for (std::size_t i = 0; i < balances_.size(); ++i) {
        if (balances_[i].held.is_negative()) return false;
        sums[i % pockets_.size()] += balances_[i].total;
    }
    for (std::size_t asset = 0; asset < pockets_.size(); ++asset) {
        if (sums[asset] != pockets_[asset].wallets || !pockets_[asset].balanced()) return false;
    }
    return true;
}

}  // namespace parallax::sim_engine
