// What happens to a plan's orders until it is settled.
#include "services/trading/service.hpp"

#include <algorithm>

#include "core/archive.hpp"
#include "core/prefetch.hpp"

namespace parallax::trading {

using messages::OrderAction;
using messages::OrderEventKind;
using messages::PlanOutcome;
using messages::PlanState;
using messages::Purpose;
using messages::Reason;
using messages::ReasonCode;

namespace {
/// Executions beyond this many units are errors and could leave the range of Amount.
constexpr Amount kAbsurd = Amount::units(1'000'000'000'000'000);
}  // namespace

Service::Service(const Universe& universe, const book::BookSet& books, const FeeSchedule& fees,
                 ports::PreTradeGate& gate, ports::Reservations& reservations, const Config& config)
    : universe_{universe},
      books_{books},
      fees_{fees},
      gate_{gate},
      reservations_{reservations},
      config_{config},
      plans_(2 * static_cast<std::size_t>(config.max_plans)),
      index_{plans_.size()} {
    ranked_.reserve(256);
    requests_.reserve(1024);
    updates_.reserve(256);
    decisions_.reserve(256);
    for (const Instrument& listing : universe_.instruments()) on_listed(listing.id);
}

void Service::on_listed(InstrumentId id) {
    const AssetId base = universe_.instrument(id).base;
    if (positions_.size() <= id.index()) positions_.resize(id.index() + 1);
    if (by_base_.size() <= base.index()) by_base_.resize(base.index() + 1);
    std::vector<InstrumentId>& listings = by_base_[base.index()];
    if (std::find(listings.begin(), listings.end(), id) == listings.end()) listings.push_back(id);
}

void Service::on_rescale(const Rescale& change) {
    const std::int64_t prices = pow10(change.price_digits);
    const std::int64_t quantities = pow10(change.quantity_digits);
    for (const InstrumentId id : universe_.symbol(change.symbol).instruments) {
        if (id.index() >= positions_.size()) continue;
        Quantity& position = positions_[id.index()];
        position = Quantity::from_raw(position.raw() * quantities);
    }
    for (Plan& plan : plans_) {
        if (!plan.id.valid()) continue;
        for (std::size_t i = 0; i < plan.leg_count; ++i) {
            messages::PlanLeg& leg = plan.legs[i];
            if (universe_.instrument(leg.instrument).symbol != change.symbol) continue;
            leg.planned = Quantity::from_raw(leg.planned.raw() * quantities);
            leg.filled = Quantity::from_raw(leg.filled.raw() * quantities);
            leg.planned_worst = Price::from_raw(leg.planned_worst.raw() * prices);
            leg.protection = Price::from_raw(leg.protection.raw() * prices);
        }
        for (Order& order : plan.all_orders()) {
            if (universe_.instrument(order.instrument).symbol == change.symbol)
                order.rescale(prices, quantities);
        }
    }
}

Plan* Service::find(PlanId id) noexcept {
    const std::size_t place = index_.find(id);
    return place == PlanIndex::kNowhere ? nullptr : &plans_[place];
}

/// While there is time: the next plan's place is looked up, and what its entries will touch there
/// is fetched.
void Service::make_ready() noexcept {
    if (index_.next() == PlanIndex::kNowhere) return;
    const Plan& next = plans_[index_.next()];
    prefetch(&next, &next.orders[2]);
}

// ---- events

void Service::on(const messages::OrderEvent& event) {
    now_ = std::max(now_, event.received);
    Plan* plan = find(event.id.plan());
    Order* order = plan == nullptr ? nullptr : plan->find(event.id);
    if (order == nullptr) {
        if (event.kind == OrderEventKind::Filled) ++counters_.orphan_fills;
        return;
    }
    if (event.kind == OrderEventKind::Filled && !plausible(event, *order)) {
        ++counters_.malformed;
        return;
    }
    const bool was_live = order->live();
    const bool was_unknown = order->state == OrderState::Unknown;
    const Step step = order->apply(event);
    if (order->state == OrderState::Unknown && step.moved) {
        if (order->doubt()) ask(*plan, *order);
    }
    // What a venue will not reduce is no position to it: it was closed behind our back.
    if (order->state == OrderState::Rejected && step.moved && order->reduce_only)
        plan->plain = true;
    if (order->state == OrderState::Rejected && step.moved && order->purpose != Purpose::Entry)
        pause_repairs(*plan);
    if (was_unknown && event.kind == OrderEventKind::Accepted && order->cancelled) {
        order->cancelled = false;  // our cancel was lost, the order still rests: cancel again
        order->due = now_;
    }
    if (!step.fresh.is_zero()) {
        if (!was_live) ++counters_.late_fills;
        book_fill(*plan, *order, event, step.fresh);
    }
    if (!step.moved && step.fresh.is_zero()) return;
    if (!plan->open()) reopen(*plan);
    advance(*plan);
}

/// A venue that refuses one repair may refuse the next: after the first, each waits twice as long.
/// Without that all rounds were over before the venue, just starting or busy, could take any.
void Service::pause_repairs(Plan& plan) noexcept {
    std::int64_t refused = 0;
    for (const Order& order : plan.all_orders()) {
        if (order.purpose != Purpose::Entry && order.state == OrderState::Rejected) ++refused;
    }
    if (refused < 2) return;
    const std::int64_t times = std::int64_t{1} << std::min<std::int64_t>(refused - 2, 6);
    plan.retry_at = now_ + config_.retry_interval * times;
}

/// Numbers a venue can mean; anything may come from a peer.
bool Service::plausible(const messages::OrderEvent& event, const Order& order) const noexcept {
    if (event.instrument != order.instrument || event.price.raw() <= 0 || event.quantity.raw() < 0)
        return false;
    const Quantity most = std::max(event.quantity, event.cumulative);
    return event.fee.magnitude() <= kAbsurd &&
           universe_.quote_value(order.instrument, event.price, most, Rounding::Up) <= kAbsurd &&
           universe_.base_value(order.instrument, event.price, most, Rounding::Up) <= kAbsurd;
}

void Service::book_fill(Plan& plan, Order& order, const messages::OrderEvent& event,
                        Quantity fresh) {
    const InstrumentId id = order.instrument;
    const bool buy = order.side == Side::Buy;
    const Amount value =
        universe_.paid_value(id, event.price, fresh, buy ? Rounding::Up : Rounding::Down);
    const Amount base = universe_.base_value(id, event.price, fresh, Rounding::HalfEven);
    messages::PlanLeg& leg = plan.legs[order.leg];
    leg.filled += fresh;
    leg.filled_value += value;
    plan.filled_base[order.leg] += base;
    if (!plan.deadline.known()) {
        plan.deadline = now_ + config_.residual_deadline;
        plan.give_up_at = now_ + config_.give_up;
    }
    const Instrument& listing = universe_.instrument(id);
    if (!is_spot(listing.kind)) {
        if (positions_.size() <= id.index()) positions_.resize(id.index() + 1);
        Quantity& position = positions_[id.index()];
        position = buy ? position + fresh : position - fresh;
        return;
    }
    const Market wallet = wallet_of(listing.market);
    if (Flow* flow = plan.flow(wallet, listing.base)) flow->net += buy ? base : -base;
    if (Flow* flow = plan.flow(wallet, listing.quote)) flow->net += buy ? -value : value;
    if (!event.fee_asset.valid() || event.fee_asset.index() >= universe_.asset_count()) return;
    if (event.fee_asset != listing.base && event.fee_asset != listing.quote)
        return;  // paid from a stock of its own
    if (Flow* flow = plan.flow(wallet, event.fee_asset)) flow->net -= event.fee;
}

void Service::on(const messages::ClockTick& tick) {
    now_ = std::max(now_, tick.now);
    if (open_ == 0) return;
    index_.for_each_open([this](std::size_t place) {
        const UnixNanos wake = index_.wake(place);
        if (wake.known() && wake <= now_) advance(plans_[place]);
    });
}

UnixNanos Service::next_deadline() const noexcept {
    UnixNanos first;
    if (open_ == 0) return first;
    index_.for_each_open([&](std::size_t place) {
        const UnixNanos wake = index_.wake(place);
        if (wake.known() && (!first.known() || wake < first)) first = wake;
    });
    return first;
}

// ---- the state machine

/// Looks at everything a plan waits for and does what is due. Safe to call at any time.
void Service::advance(Plan& plan) {
    watch_orders(plan);
    const bool overdue = plan.deadline.known() && now_ >= plan.deadline;
    bool entries_live = false, repairs_live = false, unknown = false;
    for (const Order& order : plan.all_orders()) {
        if (!order.live()) continue;
        (order.purpose == Purpose::Entry ? entries_live : repairs_live) = true;
        unknown = unknown || order.state == OrderState::Unknown;
    }
    // Entries that never answer must not keep a position open: past the deadline they count as not
    // filled, and if they fill after all the difference is mended again. Repairs are always waited
    // for, or they would pile up.
    const bool wait = repairs_live || (entries_live && !overdue);
    if (entries_live && overdue) {  // what has not been sent by now is mended, not sent
        plan.steps_done = plan.entry_legs;
        drop_held(plan);
    }
    if (!wait && !(entries_live ? false : next_step(plan))) {
        const Mended mended = plan.stranded ? Mended::Nothing : mend(plan);
        if (mended == Mended::Nothing && !entries_live) return settle(plan);
        if (mended == Mended::Sent && plan.state != PlanState::Residual)
            emit(plan, PlanState::Residual);
    } else if (wait && plan.state != PlanState::Residual) {
        const PlanState now = unknown           ? PlanState::Unknown
                              : plan.any_fill() ? PlanState::Partial
                                                : PlanState::Sent;
        if (now != plan.state) emit(plan, now);
    }
    set_wake(plan);
}

/// Silence: a timeout makes an order unknown, an unknown one is asked about, a chase's time ends
/// with a cancel.
void Service::watch_orders(Plan& plan) {
    for (Order& order : plan.all_orders()) {
        if (!order.live() || order.due > now_) continue;
        const bool resting = order.time_in_force == messages::TimeInForce::Gtc;
        if (resting && !order.cancelled && !order.ended && order.state != OrderState::Unknown) {
            order.cancelled = true;
            order.due = now_ + config_.order_timeout;
            request(order, OrderAction::Cancel);
            continue;
        }
        if (order.doubt()) ask(plan, order);
    }
}

/// Asks the venue about an order, ever more seldom, but never no more: the answer still counts.
/// After max_queries in vain risk is told; the first query counts.
void Service::ask(Plan& plan, Order& order) {
    request(order, OrderAction::Query);
    std::int64_t pause = config_.query_interval.count();
    for (int i = 1; i < order.queries && pause < config_.query_interval_max.count(); ++i)
        pause *= 2;
    order.due = now_ + std::min(Nanos{pause}, config_.query_interval_max);
    if (order.queries != config_.max_queries) return;
    ++counters_.unanswered;
    emit(plan, PlanState::Unknown);
    const auto market = static_cast<std::int64_t>(universe_.instrument(order.instrument).market);
    updates_.back().reason = {ReasonCode::VenueDown, market, config_.max_queries};
}

/// Sends what a sequential plan still has to send. True when something is on its way.
bool Service::next_step(Plan& plan) {
    if (plan.execution == messages::Execution::Simultaneous || plan.steps_done >= plan.entry_legs)
        return false;
    return plan.cycle() ? step_cycle(plan) : step_pair(plan);
}

/// All other legs at once, scaled down to what the first one filled.
bool Service::step_pair(Plan& plan) {
    plan.steps_done = plan.entry_legs;
    const messages::PlanLeg& first = plan.legs[plan.first_leg];
    bool sent = false;
    for (Order& order : plan.all_orders()) {
        if (order.state != OrderState::Held) continue;
        const messages::PlanLeg& leg = plan.legs[order.leg];
        const __int128 scaled =
            divide(static_cast<__int128>(leg.planned.raw()) * first.filled.raw(),
                   first.planned.raw(), Rounding::Down);
        const Quantity lot = universe_.instrument(order.instrument).lot;
        const auto wanted = Quantity::from_raw(
            static_cast<std::int64_t>(std::min<__int128>(scaled, leg.planned.raw())));
        const Quantity quantity = floor_to(wanted, lot);
        if (!sendable(universe_, order.instrument, order.price, quantity)) continue;
        order.quantity = quantity;
        send(order, config_.order_timeout);
        sent = true;
    }
    drop_held(plan);
    if (sent) emit(plan, PlanState::Partial);
    return sent;
}

/// The protection price, or less if the budget cannot pay that: sizing by it would leave part of
/// the budget behind.
Price Service::affordable_limit(const messages::PlanLeg& leg, Quantity quantity,
                                Amount budget) const noexcept {
    const Symbol& symbol = universe_.symbol_of(leg.instrument);
    const Amount size = to_amount(quantity, symbol.quantity_scale);
    if (size.is_zero()) return leg.protection;
    const __int128 price = multiply_divide(budget.raw(), pow10(symbol.price_scale.decimals),
                                           size.raw(), Rounding::Down);
    if (price >= leg.protection.raw()) return leg.protection;
    const std::int64_t tick = universe_.instrument(leg.instrument).tick.raw();
    return Price::from_raw(static_cast<std::int64_t>(price) / tick * tick);
}

/// The next conversion of a ring, sized by what the last one really brought.
bool Service::step_cycle(Plan& plan) {
    const std::size_t next = (plan.first_leg + plan.steps_done) % plan.entry_legs;
    const messages::PlanLeg& leg = plan.legs[next];
    const Instrument& listing = universe_.instrument(leg.instrument);
    const AssetId pays = leg.side == Side::Sell ? listing.base : listing.quote;
    const Flow* flow = plan.flow(wallet_of(listing.market), pays);
    Amount budget = flow == nullptr ? Amount{} : flow->net;
    const FeeRates& rates = fees_.rates(listing.market, listing.kind);
    if (leg.side == Side::Buy && rates.asset != FeeAsset::Received && budget > Amount{}) {
        const Rate with_fee = Rate::from_raw(Rate::kOne) + std::max(rates.taker, Rate{});
        budget = Amount::from_raw(
            multiply_divide(budget.raw(), Rate::kOne, with_fee.raw(), Rounding::Down));
    }
    const Quantity most = quantity_of(universe_, leg.instrument, pays, budget, leg.planned_worst);
    const Quantity quantity = std::min(most, leg.planned);
    const Price limit =
        leg.side == Side::Sell ? leg.protection : affordable_limit(leg, quantity, budget);
    if (!sendable(universe_, leg.instrument, limit, quantity)) {
        plan.steps_done = plan.entry_legs;  // the ring ends here; what it left is a rest
        return false;
    }
    const std::size_t order = plan.order_count;
    add_order(plan, next, Purpose::Entry, quantity, limit);
    if (const Reason reason = approve(plan, order); !reason.none()) {
        --plan.order_count;
        plan.reason = reason;
        plan.steps_done = plan.entry_legs;
        return false;
    }
    ++plan.steps_done;
    send(plan.orders[order], config_.order_timeout);
    emit(plan, PlanState::Partial);
    return true;
}

/// Approved orders that will not be sent go back to risk.
void Service::drop_held(Plan& plan) {
    for (Order& order : plan.all_orders()) {
        if (order.state != OrderState::Held) continue;
        const messages::OrderRequest request = to_request(order, OrderAction::Place);
        gate_.retract({&request, 1});
        order.state = OrderState::Rejected;
    }
}

void Service::settle(Plan& plan) {
    drop_held(plan);
    release(plan);
    plan.outcome = outcome_of(plan);
    if (plan.reason.none()) plan.reason = closing_reason(plan);
    plan.settled = now_;
    plan.wake = UnixNanos{};
    --open_;
    ++counters_.settled;
    counters_.residuals += plan.stranded ? 1 : 0;
    if (closing_reason(plan).none() && plan.state != PlanState::Residual)
        emit(plan, PlanState::Filled);
    emit(plan, PlanState::Settled);
    mirror(plan);
}

/// A late fill: the plan lives again until its new rest is mended.
void Service::reopen(Plan& plan) {
    ++open_;
    plan.outcome = PlanOutcome::Open;
    plan.reason = Reason{};
    plan.last_try = plan.stranded = plan.kept = false;
    plan.hedges = 0;
    plan.deadline = now_ + config_.residual_deadline;
    plan.give_up_at = now_ + config_.give_up;
    plan.retry_at = UnixNanos{};
    emit(plan, PlanState::Residual);
    mirror(plan);
}

void Service::release(Plan& plan) {
    if (plan.holds) reservations_.release(plan.id, now_);
    plan.holds = false;
}

PlanOutcome Service::outcome_of(const Plan& plan) const noexcept {
    if (plan.stranded) return PlanOutcome::Residual;
    if (!plan.any_fill()) return PlanOutcome::Missed;
    bool repaired = false, only_reverts = true;
    std::uint32_t filled_entries = 0;
    for (const Order& order : plan.all_orders()) {
        if (order.fills.filled().is_zero()) continue;
        if (order.purpose == Purpose::Entry) {
            ++filled_entries;
            continue;
        }
        repaired = true;
        only_reverts = only_reverts && order.purpose == Purpose::Revert;
    }
    if (!repaired) return plan.kept ? PlanOutcome::Legged : PlanOutcome::Completed;
    return only_reverts && filled_entries < plan.entry_legs ? PlanOutcome::Unwound
                                                            : PlanOutcome::Legged;
}

/// Which leg fell short; see ReasonCode::LostRace.
Reason Service::closing_reason(const Plan& plan) const noexcept {
    for (std::size_t i = 0; i < plan.entry_legs; ++i) {
        const messages::PlanLeg& leg = plan.legs[i];
        if (leg.filled < leg.planned)
            return {ReasonCode::LostRace, leg.filled.raw(), leg.planned.raw()};
    }
    return {};
}

void Service::set_wake(Plan& plan) noexcept {
    UnixNanos wake;
    const auto sooner = [&](UnixNanos time) {
        if (time.known() && (!wake.known() || time < wake)) wake = time;
    };
    bool live = false, entries = false;
    for (const Order& order : plan.all_orders()) {
        if (!order.live()) continue;
        live = true;
        entries = entries || order.purpose == Purpose::Entry;
        sooner(order.due);
    }
    if (entries && plan.deadline > now_) sooner(plan.deadline);
    if (plan.retry_at > now_) {
        sooner(plan.retry_at);
        // Pauses grow with each refusal: the end does not wait for the next attempt.
        if (plan.give_up_at > now_) sooner(plan.give_up_at);
    }
    if (!live && !wake.known()) wake = now_ + config_.retry_interval;
    plan.wake = wake;
    mirror(plan);
}

// Here and not in the header: every file that uses the service would generate it all again.
template <class Archive>
void Service::describe(Archive& a) {
    a(next_plan_, now_, open_, counters_, positions_);
    for (Plan& plan : plans_) a(plan);
    if constexpr (Archive::kReading) reindex();
}
template void Service::describe(StateHasher&);
template void Service::describe(StateWriter&);
template void Service::describe(StateReader&);

}  // namespace parallax::trading
