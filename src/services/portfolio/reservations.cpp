#include <algorithm>

#include "services/portfolio/service.hpp"

// Reservations: money that orders may take is put aside before they leave, one reservation an order
// (I5). Its life: created by trading through ports::Reservations; adjusted to the order as it was
// sent; after each fill adjusted to what is left of the order; released with the order's end, or
// with the plan when the order was never sent. Nowhere else does anything touch the bucket
// Reserved.

namespace parallax::portfolio {

HotResult<void> Service::reserve(PlanId plan, std::span<const ports::Hold> holds, UnixNanos now) {
    for (std::size_t i = 0; i < holds.size(); ++i) {
        PLX_ASSERT(!holds[i].amount.is_negative());
        PLX_ASSERT(known(holds[i].asset));
        Amount needed;  // of this account, by this and the earlier holds
        for (std::size_t j = 0; j <= i; ++j) {
            const bool same = holds[j].asset == holds[i].asset &&
                              wallet_of(holds[j].wallet) == wallet_of(holds[i].wallet);
            if (same) needed += holds[j].amount;
        }
        if (needed > available(holds[i].wallet, holds[i].asset)) return fail(Errc::Rejected);
    }
    PlanAccount& account = open_plan(plan);
    ledger_.begin(plan, now);
    for (const ports::Hold& hold : holds) {
        PLX_ASSERT(hold.order.plan() == plan);
        PLX_ASSERT(orders_.find(hold.order) == nullptr);         // I5: before it is sent
        PLX_ASSERT(account.reservation(hold.order) == nullptr);  // I5: once
        Reservation& made = account.reservations.emplace_back();
        made.order = hold.order;
        made.wallet = wallet_of(hold.wallet);
        made.asset = hold.asset;
        const Reservation before = made;
        fit(made, hold.amount);
        count_reserved(before, made);
    }
    return {};
}

void Service::release(PlanId plan, UnixNanos now) {
    if (PlanAccount* account = plans_.find(plan.raw())) release_unsent(*account, now);
}

void Service::release_unsent(PlanAccount& account, UnixNanos now) {
    ledger_.begin(account.plan, now);
    for (Reservation& one : account.reservations) {
        if (!one.sent) empty(one);
    }
    std::erase_if(account.reservations, [](const Reservation& one) { return !one.sent; });
}

Amount Service::available(Market wallet, AssetId asset) const noexcept {
    if (asset.index() >= ledger_.assets()) return {};
    return ledger_.balance(wallet_of(wallet), asset, Bucket::Available);
}

orders::Need Service::worst_case(const Order& order) const noexcept {
    return orders::worst_case(universe_, fees_, order.instrument, order.side, order.price,
                              order.left(), config_.derivative_leverage, order.reduce_only);
}

/// The order leaves: what it holds is its worst case from now on.
void Service::send(PlanAccount& account, ClientOrderId id, UnixNanos now) {
    Reservation* held = account.reservation(id);
    PLX_ASSERT(held != nullptr && !held->sent);  // I5: created before send
    const orders::Need need = worst_case(*orders_.find(id));
    PLX_ASSERT(held->wallet == need.wallet && held->asset == need.asset);
    PLX_ASSERT(held->amount >= need.amount);  // I5: worst case and fee
    const Reservation before = *held;
    held->sent = true;
    ledger_.begin(account.plan, now);
    fit(*held, need.amount);
    count_reserved(before, *held);
}

/// Gives back or adds what makes a reservation as large as needed. Adding can only be for what a
/// venue took beyond the worst case, rounding of parts included: as far as there is money.
void Service::fit(Reservation& held, Amount needed) {
    const Place reserved{held.wallet, Bucket::Reserved}, free{held.wallet, Bucket::Available};
    held.needed = needed;
    const Amount more =
        std::min(held.missing(), ledger_.balance(held.wallet, held.asset, Bucket::Available));
    if (held.missing().is_negative()) {
        move(EntryKind::Release, held.asset, reserved, free, -held.missing());
        held.amount = needed;
    } else if (!more.is_zero()) {
        move(EntryKind::Reserve, held.asset, free, reserved, more);
        held.amount += more;
    }
    if (!held.missing().is_zero()) ++counters_.reservations_short;
}

/// Ends a reservation: what is left goes back, once (I5).
void Service::empty(Reservation& held) {
    const Reservation before = held;
    fit(held, Amount{});
    count_reserved(before, held);
}

/// The account of all reservations, kept apart from the ledger: after each change, what the ledger
/// has in Reserved is the sum of what the open and the unsent orders need (I5).
void Service::count_reserved(const Reservation& before, const Reservation& after) {
    PLX_ASSERT(!after.amount.is_negative() && after.amount <= after.needed);
    Needed& sum = needed_[{after.wallet, after.asset}];
    sum.needed += after.needed - before.needed;
    sum.missing += after.missing() - before.missing();
    PLX_ASSERT(ledger_.balance(after.wallet, after.asset, Bucket::Reserved) + sum.missing ==
               sum.needed);  // I5: sum of reservations
}

}  // namespace parallax::portfolio
