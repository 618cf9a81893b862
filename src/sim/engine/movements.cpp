// Assets that go from wallet to wallet, in and out.
#include <algorithm>

#include "sim/engine/venue.hpp"

namespace parallax::sim_engine {

Reject SimVenue::check_movement(AccountId account, Wallet wallet, AssetId asset_id,
                                Amount amount) const noexcept {
    if (!known(account) || account == kHouse) return Reject::UnknownAccount;
    if (!(asset_id.index() < assets_.size())) return Reject::UnknownAsset;
    if (wallet == Wallet::Derivatives && derivatives_wallet() != Wallet::Derivatives)
        return Reject::WalletNotOffered;
    // Beyond 1e15 units sums of amounts could leave their range.
    return amount > Amount{} && amount <= Amount::units(1'000'000'000'000'000)
               ? Reject::None
               : Reject::InvalidAmount;
}

Movement& SimVenue::add_movement(Movement movement, Nanos delay) {
    movement.id = MovementId{++next_movement_};
    movement.created = now_;
    movement.due = now_ + delay;
    notify(movement.account, movement);
    Movement& out = movements_.emplace_back(movement);
    if (delay <= Nanos{}) arrive(out);
    return out;
}

Outcome<MovementId> SimVenue::transfer(AccountId account, Wallet from, Wallet to, AssetId asset_id,
                                       Amount amount, UnixNanos now) {
    begin(now);
    for (const Wallet wallet : {from, to}) {
        const Reject why = check_movement(account, wallet, asset_id, amount);
        if (why != Reject::None) return tl::unexpected{why};
    }
    if (from == to) return tl::unexpected{Reject::InvalidCombination};
    if (amount > available(account, from, asset_id))
        return tl::unexpected{Reject::InsufficientBalance};
    ledger_.send(account, from, asset_id, amount);
    touch_balance(account, from, asset_id, BalanceReason::Movement);
    Movement movement;
    movement.kind = MovementKind::Transfer;
    movement.account = account;
    movement.from = from;
    movement.to = to;
    movement.asset = asset_id;
    movement.amount = amount;
    const MovementId id = add_movement(movement, settings_.transfer_delay).id;
    end();
    return id;
}

Outcome<MovementId> SimVenue::deposit(AccountId account, Wallet to, AssetId asset_id, Amount amount,
                                      UnixNanos now) {
    begin(now);
    const Reject why = check_movement(account, to, asset_id, amount);
    if (why != Reject::None) return tl::unexpected{why};
    Movement movement;
    movement.kind = MovementKind::Deposit;
    movement.account = account;
    movement.to = to;
    movement.asset = asset_id;
    movement.amount = amount;
    const MovementId id = add_movement(movement, settings_.deposit_delay).id;
    end();
    return id;
}

Outcome<MovementId> SimVenue::withdraw(AccountId account, Wallet from, AssetId asset_id,
                                       Amount amount, Amount fee_amount, UnixNanos now) {
    begin(now);
    const Reject why = check_movement(account, from, asset_id, amount);
    if (why != Reject::None) return tl::unexpected{why};
    if (fee_amount.is_negative() || fee_amount > amount)
        return tl::unexpected{Reject::InvalidAmount};
    if (amount + fee_amount > available(account, from, asset_id))
        return tl::unexpected{Reject::InsufficientBalance};
    ledger_.send(account, from, asset_id, amount + fee_amount);
    touch_balance(account, from, asset_id, BalanceReason::Movement);
    Movement movement;
    movement.kind = MovementKind::Withdrawal;
    movement.account = account;
    movement.from = from;
    movement.asset = asset_id;
    movement.amount = amount;
    movement.fee = fee_amount;
    const MovementId id = add_movement(movement, settings_.withdrawal_delay).id;
    end();
    return id;
}

Outcome<MovementId> SimVenue::cancel_withdrawal(AccountId account, MovementId id, UnixNanos now) {
    begin(now);
    const auto found = std::find_if(movements_.begin(), movements_.end(), [&](const Movement& m) {
        return m.id == id && m.account == account && m.kind == MovementKind::Withdrawal;
    });
    if (found == movements_.end()) return tl::unexpected{Reject::UnknownMovement};
    if (found->status != MovementStatus::Pending) return tl::unexpected{Reject::MovementFinal};
    found->status = MovementStatus::Cancelled;
    ledger_.into_wallet(account, found->from, found->asset, found->amount + found->fee);
    touch_balance(account, found->from, found->asset, BalanceReason::Movement);
    notify(account, *found);
    end();
    return id;
}

void SimVenue::arrive(Movement& m) {
    m.status = MovementStatus::Done;
    switch (m.kind) {
        case MovementKind::Transfer:
            ledger_.into_wallet(m.account, m.to, m.asset, m.amount);
            touch_balance(m.account, m.to, m.asset, BalanceReason::Movement);
            break;
        case MovementKind::Deposit:
            ledger_.deposit(m.account, m.to, m.asset, m.amount);
            touch_balance(m.account, m.to, m.asset, BalanceReason::Movement);
            break;
        case MovementKind::Withdrawal:
            ledger_.into_wallet(m.account, m.from, m.asset, m.fee);
            ledger_.charge_fee(m.account, m.from, m.asset, m.fee);
            ledger_.leave(m.asset, m.amount);
            break;
    }
    notify(m.account, m);
}

const Movement* SimVenue::movement(MovementId id) const noexcept {
    const auto found = std::find_if(movements_.begin(), movements_.end(),
                                    [id](const Movement& m) { return m.id == id; });
    return found == movements_.end() ? nullptr : &*found;
}

}  // namespace parallax::sim_engine
