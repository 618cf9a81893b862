// What happens to positions without anybody trading: marks, funding, liquidation.
#include <algorithm>

#include "sim/engine/steps.hpp"
#include "sim/engine/venue.hpp"

namespace parallax::sim_engine {
namespace {

UnixNanos next_stamp(UnixNanos now, Nanos interval) noexcept {
    return UnixNanos::from_nanos((now.nanos() / interval.count() + 1) * interval.count());
}

}  // namespace

Outcome<std::uint16_t> SimVenue::set_leverage(AccountId account, ListingId listing_id,
                                              std::uint16_t leverage, UnixNanos now) {
    begin(now);
    if (!known(account)) return tl::unexpected{Reject::UnknownAccount};
    if (!known(listing_id)) return tl::unexpected{Reject::UnknownListing};
    const Desk& desk = desks_[listing_id.index()];
    if (!desk.listing.perpetual || leverage == 0 ||
        leverage > desk.listing.definition.max_leverage) {
        return tl::unexpected{Reject::InvalidLeverage};
    }
    Position& p = accounts_[account.index()].positions[listing_id.index()];
    const std::uint16_t old = p.leverage();
    p.set_leverage(leverage);
    update_margin(account, desk);
    if (leverage < old &&
        available(account, desk.listing.policy.wallet, desk.listing.quote).is_negative()) {
        p.set_leverage(old);
        update_margin(account, desk);
        return tl::unexpected{Reject::InsufficientMargin};
    }
    return leverage;
}

void SimVenue::set_asset_value(AssetId asset_id, Amount value) {
    PLX_ASSERT(asset_id.index() < values_.size());
    values_[asset_id.index()] = value;
}

void SimVenue::set_index(ListingId listing_id, Price index, UnixNanos now) {
    PLX_ASSERT(known(listing_id) && index > Price{});
    begin(now);
    Desk& desk = desks_[listing_id.index()];
    if (!desk.listing.perpetual) {
        desk.index = index;
        return;
    }
    if (!desk.next_funding.known())
        desk.next_funding = next_stamp(now_, desk.listing.definition.funding_interval);
    desk.move_index(index);
    publish(MarkChange{listing_id, index, desk.mark, desk.funding_rate(), desk.next_funding});
    const AssetId settle = desk.listing.quote;
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
        const AccountId account{static_cast<AccountId::rep>(i)};
        const Position& p = accounts_[i].positions[listing_id.index()];
        if (p.quantity().is_zero() && p.margin_booked.is_zero()) continue;
        update_margin(account, desk);
        if (account == kHouse || p.quantity().is_zero()) continue;
        const Margin state = margin(account, settle);
        if (state.equity < state.maintenance) liquidate(account, desk, state);
    }
    end();
}

void SimVenue::advance(UnixNanos now) {
    begin(now);
    for (Desk& desk : desks_) {
        while (desk.next_funding.known() && desk.next_funding <= now_) {
            pay_funding(desk);
            desk.next_funding = desk.next_funding + desk.listing.definition.funding_interval;
        }
    }
    for (Movement& movement : movements_) {
        if (movement.status == MovementStatus::Pending && movement.due <= now_) arrive(movement);
    }
    while (movements_.size() > settings_.history &&
           movements_.front().status != MovementStatus::Pending) {
        movements_.pop_front();
    }
    end();
}

/// Longs pay shorts, or the other way round, in the venue's steps. What the payers pay is rounded
/// up and what the others get down; the dust goes to the insurance fund.
void SimVenue::pay_funding(Desk& desk) {
    const Rate rate = desk.funding_rate();
    const Listing& listing = desk.listing;
    Amount dust;
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
        const Position& p = accounts_[i].positions[listing.id.index()];
        if (p.quantity().is_zero()) continue;
        const AccountId account{static_cast<AccountId::rep>(i)};
        const Amount value = p.mark_value(listing, desk.mark);
        const Amount amount =
            round_up(apply(rate, p.quantity() < Quantity{} ? -value : value, Rounding::Up),
                     listing.policy.fee_decimals);
        ledger_.settle(account, listing.policy.wallet, listing.quote, -amount);
        dust += amount;
        touch_balance(account, listing.policy.wallet, listing.quote, BalanceReason::Funding);
        notify(account, FundingPayment{account, listing.id, p.quantity(), desk.mark, rate, amount});
    }
    ledger_.sweep_dust(listing.quote, dust);
    desk.last_funding_rate = rate;
    desk.premium_sum = Rate{};
    desk.premium_samples = 0;
}

SimVenue::Margin SimVenue::margin(AccountId account_id, AssetId asset_id) const noexcept {
    const Account& account = accounts_[account_id.index()];
    Margin out;
    out.equity = ledger_.balance(account_id, derivatives_wallet(), asset_id).total +
                 unrealised(account_id, asset_id);
    out.initial = account.margin[asset_id.index()];
    for (std::size_t i = 0; i < desks_.size(); ++i) {
        const Position& p = account.positions[i];
        if (!p.quantity().is_zero() && desks_[i].listing.quote == asset_id)
            out.maintenance += p.maintenance(desks_[i].listing, desks_[i].reference());
    }
    return out;
}

/// The account cannot carry its positions any more: its orders of that wallet go, its positions
/// are sold into the books within the venue's protection, the house takes over what the books do
/// not take, and the insurance fund pays a debt that is left. There is no automatic deleveraging:
/// the fund may run into debt, which insurance() shows.
void SimVenue::liquidate(AccountId account_id, const Desk& marked, const Margin& state) {
    const AssetId settle = marked.listing.quote;
    const Wallet wallet = marked.listing.policy.wallet;
    for (Desk& desk : desks_) {
        if (desk.listing.policy.wallet != wallet) continue;
        const std::vector<OrderId> open =
            accounts_[account_id.index()].open[desk.listing.id.index()];
        for (const OrderId id : open) take_off(orders_.find(id), CloseReason::Liquidation);
    }
    for (Desk& desk : desks_) {
        if (desk.listing.quote != settle || !desk.listing.perpetual) continue;
        const Position& p = position(account_id, desk.listing.id);
        if (p.quantity().is_zero()) continue;
        notify(account_id, LiquidationNotice{account_id, desk.listing.id, p.quantity(),
                                             desk.reference(), state.equity, state.maintenance});
        close_out(account_id, desk);
    }
    const Amount left = ledger_.balance(account_id, wallet, settle).total;
    if (left.is_negative()) {
        ledger_.insure(account_id, wallet, settle, -left);
        touch_balance(account_id, wallet, settle, BalanceReason::Liquidation);
    }
}

/// One position: an order in the account's name, then the house.
void SimVenue::close_out(AccountId account_id, Desk& desk) {
    const Position& p = position(account_id, desk.listing.id);
    const Side side = p.quantity() > Quantity{} ? Side::Sell : Side::Buy;
    const Rate width = desk.listing.policy.market_protection;
    Order order;
    order.id = OrderId{next_order_++};
    order.account = account_id;
    order.listing = desk.listing.id;
    order.side = side;
    order.type = OrderType::Market;
    order.time_in_force = TimeInForce::ImmediateOrCancel;
    order.reduce_only = true;
    order.liquidation = true;
    order.price = desk.listing.moved(desk.reference(), side == Side::Buy ? width : -width);
    order.quantity = p.magnitude();
    order.created = order.updated = now_;
    const Slot slot = orders_.add(order);
    Account& account = accounts_[account_id.index()];
    account.open[desk.listing.id.index()].push_back(order.id);
    ++account.open_total;
    ++account.open_reduce_only[desk.listing.id.index()];
    notify(account_id, OrderUpdate{OrderChange::Accepted, Reject::None, order, {}});
    match(slot);
    if (!orders_[slot].remaining().is_zero()) take_over(slot);
    // The fee of a liquidation is taken as far as there is something left.
    const Amount owed = apply(settings_.liquidation_fee, orders_[slot].filled_quote, Rounding::Up);
    const Wallet wallet = desk.listing.policy.wallet;
    const Amount total = ledger_.balance(account_id, wallet, desk.listing.quote).total;
    ledger_.insure(account_id, wallet, desk.listing.quote, -std::clamp(total, Amount{}, owed));
    touch_balance(account_id, wallet, desk.listing.quote, BalanceReason::Liquidation);
    close(slot, OrderStatus::Filled, CloseReason::Liquidation);
}

/// The house takes the rest at the mark price. No public trade, as on the venues; no fee.
void SimVenue::take_over(Slot slot) {
    Order& order = orders_[slot];
    Desk& desk = desks_[order.listing.index()];
    Execution execution;
    execution.trade = desk.last_trade = TradeId{desk.last_trade.raw() + 1};
    execution.price = desk.reference();
    execution.quantity = order.remaining();
    execution.quote = desk.listing.notional(execution.price, execution.quantity);
    execution.fee_asset = desk.listing.quote;
    order.filled += execution.quantity;
    order.filled_quote += execution.quote;
    order.status = OrderStatus::Filled;
    execution.realised = settle_position(desk.listing, order.account, order.side, execution.price,
                                         execution.quantity);
    settle_position(desk.listing, kHouse, opposite(order.side), execution.price,
                    execution.quantity);
    filled(order, execution, desk.listing);
}

}  // namespace parallax::sim_engine
