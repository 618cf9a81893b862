// What a trade moves: assets, fees, holds, positions and margins.
#include <algorithm>

#include "sim/engine/preview.hpp"
#include "sim/engine/steps.hpp"
#include "sim/engine/venue.hpp"

namespace parallax::sim_engine {

/// What a spot order must have set aside for what is left of it.
Amount SimVenue::hold_for(const Order& order, const Listing& listing) const noexcept {
    Quantity quantity = order.remaining();
    Amount quote = order.quote_quantity - order.filled_quote;
    if (order.type == OrderType::Market && order.filled.is_zero()) {
        const Preview met = preview(order, desks_[order.listing.index()]);
        if (!order.in_quote()) quote = met.quote;
        if (order.in_quote()) quantity = met.quantity;
    } else if (!order.in_quote()) {
        quote = listing.notional(order.price, quantity);
    }
    if (order.side == Side::Sell) return listing.amount(quantity);
    const AccountSettings& owner = accounts_[order.account.index()].settings;
    const FeeRates& rates = owner.fees.rates(listing.policy.market, listing.definition.kind);
    if (rates.asset != FeeAsset::Quote) return quote;
    const Rate rate = std::max({rates.maker, rates.taker, Rate{}});
    return quote + apply(rate, quote, Rounding::Up);
}

/// After a fill or a reduction: the order holds what its rest needs.
void SimVenue::settle_hold(Order& order, const Listing& listing, Amount paid) {
    Amount next = order.type == OrderType::Market ? order.held - paid : hold_for(order, listing);
    if (order.status == OrderStatus::Filled) next = Amount{};
    // Not more than what is left of it, even when a higher fee rate would ask for that now.
    next = std::clamp(next, Amount{}, std::max(Amount{}, order.held - paid));
    const AssetId asset_id = pays_with(order, listing);
    ledger_.hold(order.account, listing.policy.wallet, asset_id, next - order.held);
    order.held = next;
    touch_balance(order.account, listing.policy.wallet, asset_id, BalanceReason::Order);
}

void SimVenue::settle_spot(const Listing& listing, Order& taker, Order& maker,
                           Execution& execution) {
    const Wallet wallet = listing.policy.wallet;
    const Amount coins = listing.amount(execution.quantity);
    for (Order* const order : {&taker, &maker})
        settle_hold(*order, listing, order->side == Side::Buy ? execution.quote : coins);
    const AccountId buyer = taker.side == Side::Buy ? taker.account : maker.account;
    const AccountId seller = taker.side == Side::Buy ? maker.account : taker.account;
    ledger_.pay(buyer, seller, wallet, listing.quote, execution.quote);
    ledger_.pay(seller, buyer, wallet, listing.base, coins);
    for (const AccountId account : {buyer, seller}) {
        touch_balance(account, wallet, listing.base, BalanceReason::Order);
        touch_balance(account, wallet, listing.quote, BalanceReason::Order);
    }
    // Where perpetuals settle in the same wallet their losses may have overdrawn it.
    if (wallet != derivatives_wallet()) {
        PLX_ASSERT(!ledger_.balance(buyer, wallet, listing.quote).free().is_negative());
        PLX_ASSERT(!ledger_.balance(seller, wallet, listing.base).free().is_negative());
    }
}

Amount SimVenue::settle_position(const Listing& listing, AccountId account, Side side, Price price,
                                 Quantity quantity) {
    Position& p = accounts_[account.index()].positions[listing.id.index()];
    const Amount profit = p.apply(listing, side, price, quantity);
    ledger_.settle(account, listing.policy.wallet, listing.quote, profit);
    update_margin(account, desks_[listing.id.index()]);
    touch_balance(account, listing.policy.wallet, listing.quote, BalanceReason::Order);
    touch_position(account, listing.id);
    return profit;
}

/// Charges one side of a trade: in what it received, in quote, or in the discount asset as long as
/// the wallet has enough of that.
void SimVenue::fee(const Listing& listing, const Order& order, Execution& execution) {
    const AccountSettings& owner = accounts_[order.account.index()].settings;
    const MarketPolicy& policy = listing.policy;
    const FeeRates& rates = owner.fees.rates(policy.market, listing.definition.kind);
    const Rate rate = execution.maker ? rates.maker : rates.taker;
    bool in_quote = listing.perpetual || rates.asset == FeeAsset::Quote || order.side == Side::Sell;
    if (rate < Rate{} && policy.rebate_in_spent_asset && !listing.perpetual)
        in_quote = order.side == Side::Buy;
    AssetId asset_id = in_quote ? listing.quote : listing.base;
    const Amount from = in_quote ? execution.quote : listing.amount(execution.quantity);
    Amount amount = round_up(apply(rate, from, Rounding::Up), policy.fee_decimals);

    if (owner.pays_with_discount_asset && rate > Rate{} && discount_.valid() &&
        values_[discount_.index()] > Amount{} && values_[asset_id.index()] > Amount{}) {
        const Amount worth =
            Amount::from_raw(multiply_divide(amount.raw(), values_[asset_id.index()].raw(),
                                             values_[discount_.index()].raw(), Rounding::Up));
        const Amount cheaper =
            round_up(apply(Rate::from_raw(Rate::kOne) - settings_.discount, worth, Rounding::Up),
                     policy.fee_decimals);
        if (cheaper <= ledger_.balance(order.account, policy.wallet, discount_).free()) {
            asset_id = discount_;
            amount = cheaper;
        }
    }
    // Rounding up the parts of an order may exceed what was held for its whole by some steps.
    if (!listing.perpetual && amount > Amount{}) {
        const Amount free = ledger_.balance(order.account, policy.wallet, asset_id).free();
        amount = std::clamp(free, Amount{}, amount);
    }
    ledger_.charge_fee(order.account, policy.wallet, asset_id, amount);
    touch_balance(order.account, policy.wallet, asset_id, BalanceReason::Order);
    execution.fee = amount;
    execution.fee_asset = asset_id;
}

void SimVenue::filled(Order& order, const Execution& execution, const Listing& listing) {
    Account& account = accounts_[order.account.index()];
    if (!account.settings.watched) return;
    notify(order.account, OrderUpdate{OrderChange::Filled, Reject::None, order, execution});
    account.fills.push_back(
        {next_event_, now_, order.id, order.client_id, listing.id, order.side, execution});
    if (account.fills.size() > settings_.history) account.fills.pop_front();
}

/// An open order of a perpetual grows or shrinks by `change`.
void SimVenue::open_interest(const Order& order, const Listing& listing, Quantity change) {
    if (order.reduce_only || change.is_zero()) return;
    Position& p = accounts_[order.account.index()].positions[order.listing.index()];
    const Amount worth = listing.notional(order.price, change);
    p.add_order(order.side, change, worth);
}

void SimVenue::update_margin(AccountId account_id, const Desk& desk) {
    Account& account = accounts_[account_id.index()];
    Position& p = account.positions[desk.listing.id.index()];
    const Amount now_needed = p.margin(desk.listing, desk.reference());
    account.margin[desk.listing.quote.index()] += now_needed - p.margin_booked;
    p.margin_booked = now_needed;
}

Amount SimVenue::unrealised(AccountId account_id, AssetId asset_id) const noexcept {
    const Account& account = accounts_[account_id.index()];
    Amount sum;
    for (std::size_t i = 0; i < desks_.size(); ++i) {
        const Position& p = account.positions[i];
        if (!p.quantity().is_zero() && desks_[i].listing.quote == asset_id)
            sum += p.unrealised(desks_[i].listing, desks_[i].reference());
    }
    return sum;
}

Amount SimVenue::available(AccountId account, Wallet wallet, AssetId asset_id) const noexcept {
    const Amount free = ledger_.balance(account, wallet, asset_id).free();
    if (wallet != derivatives_wallet()) return free;
    return free - accounts_[account.index()].margin[asset_id.index()] +
           std::min(Amount{}, unrealised(account, asset_id));
}

}  // namespace parallax::sim_engine
