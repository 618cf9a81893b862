#include "services/portfolio/service.hpp"

#include <algorithm>

namespace parallax::portfolio {
namespace {

/// More of anything in one event is nonsense; it keeps peers from overflowing sums.
constexpr Amount kLargestFact = Amount::units(10'000'000'000'000'000);

bool sensible(Amount amount) noexcept { return amount <= kLargestFact && amount >= -kLargestFact; }

/// Where the other end of a venue's cash event lies; suspense for what no venue should send.
Bucket far_end(EntryKind kind) noexcept {
    switch (kind) {
        case EntryKind::Deposit:
        case EntryKind::Withdrawal:
        case EntryKind::Airdrop:
            return Bucket::External;
        case EntryKind::Fee:
        case EntryKind::Rebate:
            return Bucket::Fee;
        case EntryKind::Funding:
        case EntryKind::Interest:
            return Bucket::Funding;
        case EntryKind::RealisedPnl:
        case EntryKind::Liquidation:
        case EntryKind::Adl:
            return Bucket::Pnl;
        case EntryKind::Transfer:
            return Bucket::InTransit;
        default:
            return Bucket::Suspense;
    }
}

/// A plan's overdraft is its own cost, so suspense counts as ours when plans are accounted.
bool is_plans(Bucket bucket) noexcept { return is_own(bucket) || bucket == Bucket::Suspense; }

void add(messages::Attribution& total, const messages::Attribution& one) noexcept {
    total.time = one.time;
    total.realised += one.realised;
    total.edge += one.edge;
    total.volume += one.volume;
    total.slippage += one.slippage;
    total.legging += one.legging;
    total.fees += one.fees;
    total.conversion += one.conversion;
    total.funding += one.funding;
    total.inventory += one.inventory;
    total.transfers += one.transfers;
    total.residual += one.residual;
}

}  // namespace

Service::Service(const Universe& universe, const book::BookSet& books, const Config& config)
    : universe_{universe},
      config_{config},
      orders_{static_cast<std::size_t>(config.closed_orders_kept), config.closed_order_retention},
      marks_{universe, books},
      seen_{static_cast<std::size_t>(config.cash_events_kept)},
      settled_{static_cast<std::size_t>(config.closed_orders_kept)},
      reconciler_{config.reconciliation_reports} {
    on_listed();
}

// Reservations

HotResult<void> Service::reserve(PlanId plan, std::span<const ports::Hold> holds, UnixNanos now) {
    for (std::size_t i = 0; i < holds.size(); ++i) {
        PLX_ASSERT(holds[i].amount > Amount{});
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
        const Market wallet = wallet_of(hold.wallet);
        move(EntryKind::Reserve, hold.asset, {wallet, Bucket::Available},
             {wallet, Bucket::Reserved}, hold.amount);
        if (PlanAccount::Held* held = account.held(wallet, hold.asset)) {
            held->amount += hold.amount;
        } else {
            account.holds.push_back({wallet, hold.asset, hold.amount});
        }
    }
    return {};
}

void Service::release(PlanId plan, UnixNanos now) {
    if (PlanAccount* account = plans_.find(plan.raw())) release_holds(*account, now);
}

void Service::release_holds(PlanAccount& account, UnixNanos now) {
    ledger_.begin(account.plan, now);
    for (const PlanAccount::Held& held : account.holds) {
        if (held.amount.is_zero()) continue;
        move(EntryKind::Release, held.asset, {held.wallet, Bucket::Reserved},
             {held.wallet, Bucket::Available}, held.amount);
    }
    account.holds.clear();
}

Amount Service::available(Market wallet, AssetId asset) const noexcept {
    if (asset.index() >= ledger_.assets()) return {};
    return ledger_.balance(wallet_of(wallet), asset, Bucket::Available);
}

// Postings

/// Books one posting; what crosses between us and the world also counts for the plan it is made
/// for.
void Service::move(EntryKind kind, AssetId asset, Place from, Place to, Amount amount) {
    ledger_.post(kind, asset, from, to, amount);
    if (current_ == nullptr || is_plans(from.bucket) == is_plans(to.bucket)) return;
    Item& item = touch(*current_, ItemKey::of(asset), marks_, universe_, nullptr, {});
    item.booked += is_plans(to.bucket) ? amount : -amount;
}

/// Takes an amount that is gone already: from the plan's hold, then from what is free, and if the
/// venue took more than there is, from suspense, so that no balance of ours goes below zero.
void Service::pay(EntryKind kind, AssetId asset, Place to, Amount amount, PlanAccount* holder,
                  UnixNanos now) {
    if (PlanAccount::Held* held = holder == nullptr ? nullptr : holder->held(to.wallet, asset)) {
        const Amount part = std::min(amount, held->amount);
        if (!part.is_zero()) move(kind, asset, {to.wallet, Bucket::Reserved}, to, part);
        held->amount -= part;
        amount -= part;
    }
    const Amount free = std::min(amount, ledger_.balance(to.wallet, asset, Bucket::Available));
    if (!free.is_zero()) move(kind, asset, {to.wallet, Bucket::Available}, to, free);
    amount -= free;
    if (amount.is_zero()) return;
    if (to.bucket != Bucket::Suspense) move(kind, asset, {to.wallet, Bucket::Suspense}, to, amount);
    halt(to.wallet, Alarm::Overdraft, now);
}

/// Books money received (negative: paid) against a bucket of the world.
void Service::settle_cash(EntryKind kind, Market wallet, AssetId asset, Bucket far, Amount received,
                          PlanAccount* holder, UnixNanos now) {
    if (received > Amount{})
        move(kind, asset, {wallet, far}, {wallet, Bucket::Available}, received);
    if (received.is_negative()) pay(kind, asset, {wallet, far}, -received, holder, now);
}

bool Service::known(AssetId asset) {
    if (asset.index() < ledger_.assets()) return true;
    ledger_.grow(universe_.asset_count());
    return asset.index() < ledger_.assets();
}

AssetId Service::reporting_asset() const noexcept {
    return universe_.find_asset(config_.reporting_asset).value_or(AssetId::none());
}

void Service::halt(Market market, Alarm alarm, UnixNanos time) {
    ++counters_.alarms[static_cast<std::size_t>(alarm)];
    const messages::Scope scope{messages::ScopeKind::Venue,
                                static_cast<std::uint32_t>(venue_of(market))};
    for (const messages::SetTradingState& command : commands_) {
        if (command.scope == scope) return;  // asked for already
    }
    commands_.push_back({scope, messages::TradingState::Halted, time});
}

// Money from outside

void Service::on(const messages::ExternalFlow& flow) {
    const Market wallet = wallet_of(flow.wallet);
    if (!known(flow.asset) || !sensible(flow.amount))
        return halt(wallet, Alarm::UnknownEntry, flow.time);
    ledger_.begin(PlanId::none(), flow.time);
    settle_cash(flow.amount.is_negative() ? EntryKind::Withdrawal : EntryKind::Deposit, wallet,
                flow.asset, Bucket::External, flow.amount, nullptr, flow.time);
}

void Service::on(const messages::CashEvent& event) {
    const Market wallet = wallet_of(event.wallet);
    if (!known(event.asset) || !sensible(event.amount))
        return halt(wallet, Alarm::UnknownEntry, event.time);
    // Without a venue id events cannot be told apart.
    if (event.venue_id != 0 && !seen_.insert({event.venue_id, wallet, event.kind, event.asset})) {
        ++counters_.duplicates;
        return;
    }
    const Bucket far = far_end(event.kind);
    const bool understood = far != Bucket::Suspense || event.kind == EntryKind::Correction;
    current_ = plan_behind(event);
    ledger_.begin(current_ != nullptr ? current_->plan : PlanId::none(), event.time);
    if (current_ != nullptr) {
        Item& item = touch(*current_, ItemKey::of(event.asset), marks_, universe_, nullptr, {});
        item.funding += event.amount;
        item.funding_value += Wide::product(
            event.amount, marks_.rate(event.asset, current_->value_asset).value_or(item.opening));
    }
    settle_cash(understood ? event.kind : EntryKind::Unexplained, wallet, event.asset, far,
                event.amount, nullptr, event.time);
    current_ = nullptr;
    if (far == Bucket::Pnl) other_pnl_[{wallet, event.asset}] += event.amount;
    if (!understood) halt(wallet, Alarm::UnknownEntry, event.time);
}

/// Funding belongs to the oldest open plan with a position in its instrument.
PlanAccount* Service::plan_behind(const messages::CashEvent& event) {
    if (event.kind != EntryKind::Funding || !event.instrument.valid()) return nullptr;
    for (const std::uint64_t plan : plans_.keys()) {
        PlanAccount* account = plans_.find(plan);
        if (account->find(ItemKey::of(event.instrument)) != nullptr) return account;
    }
    return nullptr;
}

// Orders and fills

PlanAccount& Service::open_plan(PlanId plan) {
    if (PlanAccount* account = plans_.find(plan.raw())) return *account;
    PlanAccount& account = plans_.add(plan.raw());
    account.plan = plan;
    return account;
}

void Service::value_in(PlanAccount& account, AssetId preferred) {
    if (account.value_asset.valid()) return;
    account.value_asset = preferred.valid() ? preferred : reporting_asset();
}

void Service::on(const messages::OrderRequest& request) {
    if (request.action != messages::OrderAction::Place) return;
    orders_.forget_old(request.decided);
    const Instrument& listing = universe_.instrument(request.instrument);
    if (!orders_.place(request, listing.symbol)) return;
    ++open_orders_[static_cast<std::size_t>(wallet_of(listing.market))];
    PlanAccount& account = open_plan(request.id.plan());
    account.orders.push_back(request.id);
    if (!covers_worst_case(request, account)) ++counters_.unreserved_orders;
}

bool Service::covers_worst_case(const messages::OrderRequest& request, PlanAccount& account) const {
    const Instrument& listing = universe_.instrument(request.instrument);
    if (!is_spot(listing.kind) || request.purpose != messages::Purpose::Entry) return true;
    const bool buys = request.side == Side::Buy;
    const Amount worst =
        buys ? universe_.quote_value(listing.id, request.price, request.quantity, Rounding::Up)
             : universe_.base_value(listing.id, request.price, request.quantity, Rounding::Up);
    const PlanAccount::Held* held =
        account.held(wallet_of(listing.market), buys ? listing.quote : listing.base);
    return held != nullptr && held->amount >= worst;
}

void Service::on(const messages::OrderEvent& event) {
    switch (event.kind) {
        case messages::OrderEventKind::Filled:
            return fill(event);
        case messages::OrderEventKind::Rejected:
        case messages::OrderEventKind::NotFound:
        case messages::OrderEventKind::Done:
            return close_order(event.id, event.received);
        case messages::OrderEventKind::Accepted:
        case messages::OrderEventKind::Unknown:
            return;
    }
}

void Service::close_order(ClientOrderId id, UnixNanos now) {
    if (!orders_.close(id, now)) return;
    const Market market = universe_.instrument(orders_.find(id)->instrument).market;
    --open_orders_[static_cast<std::size_t>(wallet_of(market))];
}

/// Whether the amounts of a fill are such as this ledger can hold.
bool Service::bookable(const messages::OrderEvent& event) {
    if (event.price.raw() <= 0 || event.quantity.raw() <= 0) return false;
    if (!event.fee.is_zero() && !known(event.fee_asset)) return false;
    return sensible(universe_.quote_value(event.instrument, event.price, event.quantity,
                                          Rounding::Up)) &&
           sensible(
               universe_.base_value(event.instrument, event.price, event.quantity, Rounding::Up)) &&
           sensible(event.fee);
}

void Service::fill(const messages::OrderEvent& event) {
    if (event.instrument.index() >= universe_.instruments().size())
        return;  // decoders know no other
    const Instrument& listing = universe_.instrument(event.instrument);
    const Market wallet = wallet_of(listing.market);
    counters_.fill_checks += 2;
    if (!bookable(event)) return halt(wallet, Alarm::BadFill, event.received);
    const FillDecision decision = orders_.accept(event, listing.symbol, event.received);
    switch (decision.verdict) {
        case FillVerdict::Duplicate:
            ++counters_.duplicates;
            return;
        case FillVerdict::Malformed:
            return halt(wallet, Alarm::BadFill, event.received);
        case FillVerdict::Expired:
            return halt(wallet, Alarm::ForgottenOrder, event.received);
        case FillVerdict::Book:
            break;
    }
    ++counters_.fills;
    if (decision.late) ++counters_.late_fills;
    if (decision.oversize) {
        const bool asked = !decision.order->ordered.is_zero();
        halt(wallet, asked ? Alarm::OversizeFill : Alarm::UnknownOrder, event.received);
    }
    PlanAccount* account = plans_.find(event.id.plan().raw());
    const bool ended = account == nullptr;
    if (ended) account = &open_plan(event.id.plan());
    value_in(*account, AssetId::none());
    book_fill(event, decision.quantity, *account);
    if (ended) finish(*account, {}, event.received);
}

void Service::book_fill(const messages::OrderEvent& event, Quantity quantity,
                        PlanAccount& account) {
    const Instrument& listing = universe_.instrument(event.instrument);
    const TradedItems items = traded_items(listing);
    touch(account, items.thing, marks_, universe_, &listing, event.price).bought_or_sold = true;
    touch(account, items.money, marks_, universe_, &listing, event.price).paid_in = true;

    const Order* order = orders_.find(event.id);
    const bool entry = order->purpose == messages::Purpose::Entry && !order->ordered.is_zero();
    const Amount size = to_amount(quantity, universe_.symbol_of(listing.id).quantity_scale);

    current_ = &account;
    ledger_.begin(account.plan, event.received);
    Amount cash;
    if (is_spot(listing.kind)) {
        cash = book_spot(event, listing, quantity, account);
        book_fee(event, listing, quantity, account);
    } else {
        const PositionChange change = book_position(event, listing, quantity, account);
        cash = change.gain;
        book_fee(event, listing, quantity, account);
        lock_margin(listing, change.margin_needed, account);
    }
    current_ = nullptr;

    TradeSum& trade = account.trade(event.id.leg(), entry, listing.id, event.side);
    trade.quantity += size;
    trade.cash += cash;
    account.find(items.thing)->traded += event.side == Side::Buy ? size : -size;
    account.find(items.money)->traded += cash;
}

/// Exchanges base and quote; returns what came in (positive) or went out in quote.
Amount Service::book_spot(const messages::OrderEvent& event, const Instrument& listing,
                          Quantity quantity, PlanAccount& account) {
    const Market wallet = wallet_of(listing.market);
    const Place far{wallet, Bucket::Conversion}, free{wallet, Bucket::Available};
    const bool buys = event.side == Side::Buy;
    const Amount base = universe_.base_value(listing.id, event.price, quantity, Rounding::Down);
    // Finer than 1e-18 only for exotic scales; then the dust is against us.
    const Amount quote = universe_.quote_value(listing.id, event.price, quantity,
                                               buys ? Rounding::Up : Rounding::Down);
    pay(EntryKind::Fill, buys ? listing.quote : listing.base, far, buys ? quote : base, &account,
        event.received);
    const Amount received = buys ? base : quote;
    if (!received.is_zero())
        move(EntryKind::Fill, buys ? listing.base : listing.quote, far, free, received);
    return buys ? -quote : quote;
}

/// Changes the position, gives back margin of what it closed and books the profit of it.
PositionChange Service::book_position(const messages::OrderEvent& event, const Instrument& listing,
                                      Quantity quantity, PlanAccount& account) {
    const Market wallet = wallet_of(listing.market);
    const PositionChange change =
        apply_fill(positions_[listing.id], universe_, listing.id, event.side, event.price, quantity,
                   config_.derivative_leverage);
    if (!change.margin_released.is_zero()) {
        move(EntryKind::Margin, listing.settle, {wallet, Bucket::Margin},
             {wallet, Bucket::Available}, change.margin_released);
    }
    settle_cash(EntryKind::RealisedPnl, wallet, listing.settle, Bucket::Pnl, change.realised,
                &account, event.received);
    account.find(ItemKey::of(listing.id))->booked += change.net;
    account.find(ItemKey::of(listing.settle))->booked += change.basis;
    return change;
}

/// Fees are paid in their own asset at the moment of the fill, never netted into the price (I9).
void Service::book_fee(const messages::OrderEvent& event, const Instrument& listing,
                       Quantity quantity, PlanAccount& account) {
    const Amount fee = quantity == event.quantity
                           ? event.fee
                           : Amount::from_raw(multiply_divide(event.fee.raw(), quantity.raw(),
                                                              event.quantity.raw(), Rounding::Up));
    if (fee.is_zero()) return;
    Item& item = touch(account, ItemKey::of(event.fee_asset), marks_, universe_, nullptr, {});
    item.fees += fee;
    item.fees_value += Wide::product(
        fee, marks_.rate(event.fee_asset, account.value_asset).value_or(item.opening));
    // What a fill brought in pays its own fee; holds are for other assets.
    const AssetId received = !is_spot(listing.kind)    ? AssetId::none()
                             : event.side == Side::Buy ? listing.base
                                                       : listing.quote;
    settle_cash(fee.is_negative() ? EntryKind::Rebate : EntryKind::Fee, wallet_of(listing.market),
                event.fee_asset, Bucket::Fee, -fee,
                event.fee_asset == received ? nullptr : &account, event.received);
}

/// Margin is our reckoning, not the venue's: it locks what there is, and counts when that is too
/// little.
void Service::lock_margin(const Instrument& listing, Amount needed, PlanAccount& account) {
    const Market wallet = wallet_of(listing.market);
    const Place margin{wallet, Bucket::Margin};
    Position& position = positions_[listing.id];
    if (PlanAccount::Held* held = account.held(wallet, listing.settle)) {
        const Amount part = std::min(needed, held->amount);
        if (!part.is_zero())
            move(EntryKind::Margin, listing.settle, {wallet, Bucket::Reserved}, margin, part);
        held->amount -= part;
        position.margin += part;
        needed -= part;
    }
    const Amount free =
        std::min(needed, ledger_.balance(wallet, listing.settle, Bucket::Available));
    if (!free.is_zero())
        move(EntryKind::Margin, listing.settle, {wallet, Bucket::Available}, margin, free);
    position.margin += free;
    if (free < needed) ++counters_.margin_short;
}

// Plans

void Service::on(const messages::PlanUpdate& update) {
    const std::span legs{update.legs.data(),
                         std::min<std::size_t>(update.leg_count, messages::kMaxLegs)};
    const bool over = update.state == messages::PlanState::Settled ||
                      update.state == messages::PlanState::Refused;
    PlanAccount* account = plans_.find(update.plan.raw());
    if (account == nullptr) {
        if (over) return;  // nothing was held or sent
        account = &open_plan(update.plan);
    }
    value_in(*account, update.value_asset);
    for (const messages::PlanLeg& leg : legs) {
        const Instrument& listing = universe_.instrument(leg.instrument);
        const TradedItems items = traded_items(listing);
        touch(*account, items.thing, marks_, universe_, &listing, leg.planned_worst)
            .bought_or_sold = true;
        touch(*account, items.money, marks_, universe_, &listing, leg.planned_worst).paid_in = true;
    }
    if (!over) return;
    if (update.state == messages::PlanState::Refused && account->orders.empty() &&
        account->trades.empty()) {
        release_holds(*account, update.time);
        plans_.erase(update.plan.raw());
        return;
    }
    finish(*account, legs, update.time);
}

void Service::finish(PlanAccount& account, std::span<const messages::PlanLeg> legs, UnixNanos now) {
    release_holds(account, now);
    for (const ClientOrderId id : account.orders) close_order(id, now);
    // A plan that lives again after a late fill has had its edge counted: all of the rest is
    // legging.
    if (!settled_.insert(account.plan.raw())) legs = {};
    const Settlement settlement = settle(account, legs, now, marks_, universe_);
    ++counters_.attributions;
    if (!settlement.exact) ++counters_.inexact_attributions;
    attributions_.push_back(settlement.attribution);
    const auto same = [&](const messages::Attribution& total) {
        return total.value_asset == account.value_asset;
    };
    auto total = std::find_if(totals_.begin(), totals_.end(), same);
    if (total == totals_.end()) {
        total = totals_.insert(total, messages::Attribution{});
        total->value_asset = account.value_asset;
    }
    add(*total, settlement.attribution);
    plans_.erase(account.plan.raw());
}

// Reconciliation

void Service::on(const messages::BalanceReport& report) {
    const Market wallet = wallet_of(report.wallet);
    if (!known(report.asset) || !sensible(report.total))
        return halt(wallet, Alarm::UnknownEntry, report.time);
    const Amount ours = ledger_.holdings(wallet, report.asset) -
                        ledger_.balance(wallet, report.asset, Bucket::InTransit);
    const Amount difference = report.total - ours;
    const bool in_flight = open_orders_[static_cast<std::size_t>(wallet)] > 0;
    if (!reconciler_.compare(wallet, report.asset, difference,
                             ledger_.movements(wallet, report.asset), in_flight)) {
        return;
    }
    discrepancies_.push_back({wallet, report.asset, ours, report.total, report.time});
    halt(wallet, Alarm::Unreconciled, report.time);
    // Missing money is taken out as far as it is free; held or locked money stays until its order
    // or position ends.
    const Amount found =
        std::max(difference, -ledger_.balance(wallet, report.asset, Bucket::Available));
    ledger_.begin(PlanId::none(), report.time);
    settle_cash(EntryKind::Unexplained, wallet, report.asset, Bucket::Suspense, found, nullptr,
                report.time);
}

// Universe

void Service::on_listed() {
    ledger_.grow(universe_.asset_count());
    marks_.on_listed();
}

void Service::on_rescale(const Rescale& change) {
    orders_.rescale(change);
    marks_.rescale(change);
    const std::int64_t factor = pow10(change.price_digits);
    for (auto& [id, position] : positions_) {
        if (universe_.instrument(id).symbol != change.symbol) continue;
        std::int64_t raw = 0;
        PLX_ASSERT(!__builtin_mul_overflow(position.last.raw(), factor, &raw));
        position.last = Price::from_raw(raw);
    }
}

void Service::clear_outputs() {
    ledger_.clear_outputs();
    attributions_.clear();
    commands_.clear();
    discrepancies_.clear();
}

}  // namespace parallax::portfolio
