#pragma once

#include <array>
#include <vector>

#include "core/amount.hpp"
#include "sim/engine/types.hpp"

namespace parallax::sim_engine {

struct Balance {
    Amount total;
    Amount held;  ///< by open spot orders; part of total
    [[nodiscard]] Amount free() const noexcept { return total - held; }
    template <class Archive>
    void describe(Archive& a) {
        a(total, held);
    }
};

/// Every asset of the venue, booked twice: what one pocket loses another gains. Pockets are the
/// accounts' wallets, the venue's fees, the insurance fund, the clearing house (which pays and
/// receives the profits of perpetuals) and what is on its way between wallets or out. Their sum is
/// what was deposited less what was withdrawn; every booking asserts it.
class Ledger {
public:
    void add_asset();
    void add_account();
    [[nodiscard]] std::size_t assets() const noexcept { return pockets_.size(); }

    [[nodiscard]] const Balance& balance(AccountId account, Wallet wallet,
                                         AssetId asset) const noexcept {
        return balances_[index(account, wallet, asset)];
    }

    void deposit(AccountId account, Wallet wallet, AssetId asset, Amount amount);
    /// Out of a wallet into what is on its way; into_wallet() or leave() follows.
    void send(AccountId account, Wallet wallet, AssetId asset, Amount amount);
    void into_wallet(AccountId account, Wallet wallet, AssetId asset, Amount amount);
    void leave(AssetId asset, Amount amount);

    /// What spot orders set aside: negative gives it back.
    void hold(AccountId account, Wallet wallet, AssetId asset, Amount amount);
    void pay(AccountId from, AccountId to, Wallet wallet, AssetId asset, Amount amount);
    /// To the venue; negative is a rebate.
    void charge_fee(AccountId account, Wallet wallet, AssetId asset, Amount amount);
    /// Profit of perpetuals, from the clearing house; negative is a loss. A loss may exceed the
    /// balance: the insurance fund makes up for that after the liquidation.
    void settle(AccountId account, Wallet wallet, AssetId asset, Amount profit);
    /// From the insurance fund; negative is paid to it. The fund itself may run into debt.
    void insure(AccountId account, Wallet wallet, AssetId asset, Amount amount);
    /// Dust that rounding left at the clearing house.
    void sweep_dust(AssetId asset, Amount amount);

    [[nodiscard]] Amount fees(AssetId asset) const noexcept { return pockets_[asset.index()].fees; }
    [[nodiscard]] Amount insurance(AssetId asset) const noexcept {
        return pockets_[asset.index()].insurance;
    }
    /// What the clearing house holds: the negative sum of what is paid for all open positions.
    [[nodiscard]] Amount clearing(AssetId asset) const noexcept {
        return pockets_[asset.index()].clearing;
    }
    [[nodiscard]] Amount deposited(AssetId asset) const noexcept {
        return pockets_[asset.index()].deposited;
    }
    /// Adds everything up anew. True when each asset's sum is what was deposited.
    [[nodiscard]] bool conserved() const noexcept;

    template <class Archive>
    void describe(Archive& a) {
        a(balances_, pockets_, accounts_);
        if constexpr (Archive::kReading) {
            if (balances_.size() != accounts_ * kWalletCount * pockets_.size()) a.damage();
        }
    }

private:
    struct Pockets {
        Amount wallets, fees, insurance, clearing, moving, deposited;
        template <class Archive>
        void describe(Archive& a) {
            a(wallets, fees, insurance, clearing, moving, deposited);
        }
        [[nodiscard]] bool balanced() const noexcept {
            return wallets + fees + insurance + clearing + moving == deposited;
        }
    };
    [[nodiscard]] std::size_t index(AccountId account, Wallet wallet,
                                    AssetId asset) const noexcept {
        return (account.index() * kWalletCount + static_cast<std::size_t>(wallet)) *
                   pockets_.size() +
               asset.index();
    }
    Balance& add(AccountId account, Wallet wallet, AssetId asset, Amount amount);
    void check(AssetId asset) const noexcept { PLX_ASSERT(pockets_[asset.index()].balanced()); }

    std::vector<Balance> balances_;
    std::vector<Pockets> pockets_;  ///< by asset
    std::uint32_t accounts_ = 0;
};

}  // namespace parallax::sim_engine
