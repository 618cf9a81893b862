#include "services/portfolio/service.hpp"

#include <algorithm>

namespace parallax::portfolio {
namespace {

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

}  // namespace

Service::Service(const Universe& universe, const book::BookSet& books, const FeeSchedule& fees,
                 const Config& config)
    : universe_{universe},
      fees_{fees},
      config_{config},
      orders_{static_cast<std::size_t>(config.closed_orders_kept), config.closed_order_retention},
      marks_{universe, books, config.mark_max_age},
      seen_{static_cast<std::size_t>(config.cash_events_kept)},
      settled_{static_cast<std::size_t>(config.closed_orders_kept)},
      transfers_{static_cast<std::size_t>(config.cash_events_kept)},
      reconciler_{config.reconciliation_reports, config.cash_patience} {
    on_listed();
}

// Postings

/// What is posted until the next begin() is one transaction, and at the venue one change.
void Service::begin(PlanId plan, UnixNanos time, Cut cut) {
    ledger_.begin(plan, time);
    cut_ = cut;
}

/// Books one posting; what crosses between us and the world also counts for the plan it is made
/// for, and what changes a venue's balance for its reconciliation.
void Service::move(EntryKind kind, AssetId asset, Place from, Place to, Amount amount) {
    ledger_.post(kind, asset, from, to, amount);
    if (is_at_venue(from.bucket) && !is_at_venue(to.bucket))
        reconciler_.booked(from.wallet, asset, -amount, cut_);
    if (!is_at_venue(from.bucket) && is_at_venue(to.bucket))
        reconciler_.booked(to.wallet, asset, amount, cut_);
    if (current_ == nullptr || is_plans(from.bucket) == is_plans(to.bucket)) return;
    Item& item = touch(*current_, ItemKey::of(asset), marks_, universe_, nullptr, {});
    item.booked += is_plans(to.bucket) ? amount : -amount;
}

/// Takes an amount that is gone already: from the order's reservation, then from what is free, and
/// if the venue took more than there is, from suspense, so that no balance of ours goes below zero
/// (I4).
void Service::pay(EntryKind kind, AssetId asset, Place to, Amount amount, Reservation* held,
                  UnixNanos now) {
    if (held != nullptr && held->wallet == to.wallet && held->asset == asset) {
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
    halt(to.wallet, Alarm::Overdraft, now, asset, amount);
}

/// Books money received (negative: paid) against a bucket of the world.
void Service::settle_cash(EntryKind kind, Market wallet, AssetId asset, Bucket far, Amount received,
                          Reservation* held, UnixNanos now) {
    if (received > Amount{})
        move(kind, asset, {wallet, far}, {wallet, Bucket::Available}, received);
    if (received.is_negative()) pay(kind, asset, {wallet, far}, -received, held, now);
}

bool Service::known(AssetId asset) {
    if (asset.index() < ledger_.assets()) return true;
    ledger_.grow(universe_.asset_count());
    return asset.index() < ledger_.assets();
}

AssetId Service::reporting_asset() const noexcept {
    return universe_.find_asset(config_.reporting_asset).value_or(AssetId::none());
}

void Service::halt(Market wallet, Alarm alarm, UnixNanos time, AssetId asset, Amount amount) {
    alarms_.push_back({alarm, wallet, asset, amount, time});
    ++counters_.alarms[static_cast<std::size_t>(alarm)];
    const messages::Scope scope{messages::ScopeKind::Venue,
                                static_cast<std::uint32_t>(venue_of(wallet))};
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
    begin(PlanId::none(), flow.time);
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
    begin(current_ != nullptr ? current_->plan : PlanId::none(), event.time,
          {event.account_update, event.time});
    if (current_ != nullptr) {
        Item& item = touch(*current_, ItemKey::of(event.asset), marks_, universe_, nullptr, {});
        item.funding += event.amount;
        item.funding_value += Wide::product(event.amount, value_of(event.asset, *current_, item));
    }
    settle_cash(understood ? event.kind : EntryKind::Unexplained, wallet, event.asset, far,
                event.amount, nullptr, event.time);
    current_ = nullptr;
    if (far == Bucket::Pnl) other_pnl_[{wallet, event.asset}] += event.amount;
    if (far == Bucket::InTransit) other_transit_[event.asset] -= event.amount;
    if (!understood) halt(wallet, Alarm::UnknownEntry, event.time, event.asset, event.amount);
}

void Service::on(const messages::CashTold& told) {
    reconciler_.cash_told(wallet_of(told.wallet), told.until);
}

bool Service::on(const messages::PositionAdopted& adopted) {
    if (adopted.instrument.index() >= universe_.instruments().size()) return false;
    const Instrument& listing = universe_.instrument(adopted.instrument);
    const Symbol& symbol = universe_.symbol_of(listing.id);
    const Amount size = adopted.quantity.magnitude();
    // Far beyond any position, and far within what prices, quantities and risk's sums hold.
    constexpr Amount kMost = Amount::units(1'000'000'000'000);
    constexpr std::int64_t kHighestPrice = 1'000'000'000'000'000;
    const bool sane =
        !size.is_zero() && size <= kMost && adopted.entry > Amount{} && adopted.entry <= kMost &&
        to_quantity(adopted.entry, symbol.price_scale, Rounding::Up).raw() <= kHighestPrice;
    if (is_spot(listing.kind) || !sane || positions_.contains(listing.id)) return false;
    const Quantity steps = to_quantity(size, symbol.quantity_scale, Rounding::Down);
    if (to_amount(steps, symbol.quantity_scale) != size) return false;
    Position position;
    const PositionChange change =
        adopt_position(position, universe_, listing.id, adopted.quantity, adopted.entry,
                       orders::terms_of(listing, fees_, config_.derivative_leverage).lever);
    if (change.gain.magnitude() > kMost) return false;
    (void)known(listing.settle);
    positions_.emplace(listing.id, position);
    begin(PlanId::none(), adopted.time);
    lock_margin(listing, change.margin_needed, nullptr);
    return true;
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

// Reconciliation

void Service::on(const messages::BalanceReport& report) {
    const Market wallet = wallet_of(report.wallet);
    if (!known(report.asset) || !sensible(report.total))
        return halt(wallet, Alarm::UnknownEntry, report.time);
    const Amount ours = ledger_.holdings(wallet, report.asset) -
                        ledger_.balance(wallet, report.asset, Bucket::InTransit);
    const auto found = reconciler_.compare(wallet, report.asset, report.total - ours,
                                           {report.account_update, report.time},
                                           {oldest_untold(wallet), orders_.placed()});
    if (!found) return;
    halt(wallet, Alarm::Unreconciled, report.time, report.asset, *found);  // I12
    // Missing money is taken out as far as it is free; held or locked money stays until its order
    // or position ends.
    const Amount free = ledger_.balance(wallet, report.asset, Bucket::Available);
    begin(PlanId::none(), report.time);
    settle_cash(EntryKind::Unexplained, wallet, report.asset, Bucket::Suspense,
                std::max(*found, -free), nullptr, report.time);
}

/// The order of a wallet that was placed first among those that may have fills nobody has told of.
std::uint64_t Service::oldest_untold(Market wallet) const noexcept {
    std::uint64_t oldest = Reconciler::kNone;
    for (const std::uint64_t id : orders_.open_ids()) {
        const Order& order = *orders_.find(ClientOrderId::from_raw(id));
        if (wallet_of(universe_.instrument(order.instrument).market) == wallet &&
            !order.left().is_zero()) {
            oldest = std::min(oldest, order.placing);
        }
    }
    return oldest;
}

// Universe

void Service::on(const messages::ClockTick& tick) {
    marks_.advance(tick.now);
    reconciler_.advance(tick.now);
    orders_.forget_old(tick.now);
}

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
    alarms_.clear();
}

// Here and not in the header: every file that uses the service would generate it all again.
template <class Archive>
void Service::describe(Archive& a) {
    a(ledger_, orders_, plans_, needed_, positions_, marks_, seen_, settled_, transfers_,
      reconciler_, totals_, other_pnl_, other_transit_, counters_);
}
template void Service::describe(StateHasher&);
template void Service::describe(StateWriter&);
template void Service::describe(StateReader&);

}  // namespace parallax::portfolio
