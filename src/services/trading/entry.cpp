// From an opportunity to the first requests: the hot path of trading.
#include "orders/worst_case.hpp"
#include "services/trading/service.hpp"

#include <algorithm>

namespace parallax::trading {

using messages::Execution;
using messages::OrderAction;
using messages::PlanState;
using messages::Purpose;
using messages::Reason;
using messages::ReasonCode;

/// One dislocation shows as many signals that need the same levels; whoever comes first locks the
/// others out, so the best comes first.
void Service::on(std::span<const messages::Opportunity> tick) {
    ranked_.clear();
    for (const messages::Opportunity& opportunity : tick) {
        if (opportunity.reason.none()) ranked_.push_back(&opportunity);
    }
    std::sort(ranked_.begin(), ranked_.end(), [](const auto* a, const auto* b) {
        if (a->priority != b->priority) return a->priority > b->priority;
        if (a->edge.expected != b->edge.expected) return a->edge.expected > b->edge.expected;
        return a < b;  // as they came
    });
    for (const messages::Opportunity* opportunity : ranked_) on(*opportunity);
}

void Service::on(const messages::Opportunity& opportunity) {
    now_ = std::max(now_, opportunity.detected);
    if (!opportunity.reason.none() || opportunity.leg_count < 2 ||
        opportunity.leg_count > messages::kMaxLegs)
        return;
    ++counters_.opportunities;
    if (const Reason reason = objection(opportunity); !reason.none())
        return refuse(opportunity, reason);
    if (open_ >= static_cast<std::uint64_t>(config_.max_plans))
        return refuse(opportunity, {ReasonCode::RateBudget, 0, config_.max_plans});
    Plan* const plan = &plans_[index_.next()];  // there is one: places outnumber what may be open

    fill_in(*plan, opportunity);
    // A later leg of a sequential cycle is paid with what the earlier one brings: it is approved
    // when its turn comes.
    const bool one_by_one = plan->cycle() && plan->execution == Execution::Sequential;
    for (std::size_t i = 0; i < plan->entry_legs; ++i) {
        if (one_by_one && i != plan->first_leg) continue;
        add_order(*plan, i, Purpose::Entry, plan->legs[i].planned, plan->legs[i].protection);
    }
    if (const Reason reason = approve(*plan, 0); !reason.none()) {
        plan->id = PlanId{};
        mirror(*plan);
        return refuse(opportunity, reason);
    }
    ++open_;
    ++counters_.started;
    emit(*plan, PlanState::Reserved);
    for (Order& order : plan->all_orders()) {
        if (plan->execution == Execution::Simultaneous || order.leg == plan->first_leg) {
            send(order, config_.order_timeout);
        }
    }
    plan->steps_done = 1;
    emit(*plan, PlanState::Sent);
    set_wake(*plan);
}

/// Why a plan may not even be tried.
Reason Service::objection(const messages::Opportunity& opportunity) const noexcept {
    if (!config_.enabled) return {ReasonCode::ModeShadow, 0, 0};
    PlanId known = index_.same(opportunity.id);
    if (!known.valid() && config_.exclusive) known = index_.rival(opportunity);
    if (!known.valid()) return {};
    return {ReasonCode::Duplicate, static_cast<std::int64_t>(known.raw()), 0};
}

void Service::fill_in(Plan& plan, const messages::Opportunity& from) noexcept {
    plan.id = PlanId{next_plan_++};
    plan.opportunity = from.id;
    plan.kind = from.kind;
    plan.outcome = messages::PlanOutcome::Open;
    plan.execution = from.execution;
    plan.value_asset = from.value_asset;
    plan.planned = from.edge;
    plan.reason = Reason{};
    plan.expected_rate = from.expected_rate;
    plan.threshold = from.threshold;
    plan.expires = from.expires;
    plan.leg_count = plan.entry_legs = from.leg_count;
    plan.first_leg = from.first_leg < from.leg_count ? from.first_leg : std::uint8_t{0};
    plan.steps_done = plan.order_count = plan.flow_count = plan.hedges = 0;
    plan.chased = plan.holds = plan.kept = false;
    plan.last_try = plan.stranded = plan.plain = false;
    plan.deadline = plan.give_up_at = plan.retry_at = plan.wake = plan.settled = UnixNanos{};
    for (std::size_t i = 0; i < from.leg_count; ++i) {
        const messages::OpportunityLeg& leg = from.legs[i];
        plan.legs[i] = {leg.instrument, leg.side,  leg.quantity, Quantity{}, leg.worst,
                        leg.protection, leg.value, Amount{},     leg.fee};
        plan.planned_base[i] =
            universe_.base_value(leg.instrument, leg.worst, leg.quantity, Rounding::HalfEven);
        plan.filled_base[i] = Amount{};
        plan.reduce_only[i] = leg.reduce_only;
    }
}

/// Asks risk for the held orders from `first_order` on and reserves their worst case; all of them
/// or none.
Reason Service::approve(Plan& plan, std::size_t first_order) {
    std::array<messages::OrderRequest, messages::kMaxLegs> orders;
    std::array<ports::Hold, messages::kMaxLegs> holds;
    std::size_t count = 0;
    for (std::size_t i = first_order; i < plan.order_count && count < orders.size(); ++i, ++count) {
        const Order& order = plan.orders[i];
        orders[count] = to_request(order, OrderAction::Place);
        const orders::Need need =
            orders::worst_case(universe_, fees_, order.instrument, order.side, order.price,
                               order.quantity, config_.leverage, order.reduce_only);
        holds[count] = {need.wallet, need.asset, need.amount, order.id};
    }
    const std::span<const messages::OrderRequest> asked{orders.data(), count};
    const bool entry = asked[0].purpose == Purpose::Entry;
    // Later steps of a plan are the same opportunity: only the first may be refused as its
    // repetition.
    const OpportunityId opportunity =
        entry && first_order == 0 ? plan.opportunity : OpportunityId::none();
    const messages::Verdict verdict =
        gate_.check({asked, plan.kind, opportunity, plan.expected_rate, plan.threshold,
                     first_order == 0 ? plan.expires : UnixNanos{}, now_});
    if (!verdict.approved()) {
        return {ReasonCode::RiskLimit, static_cast<std::int64_t>(verdict.check), verdict.detail};
    }
    if (!reservations_.reserve(plan.id, {holds.data(), count}, now_)) {
        gate_.retract(asked);
        const Amount available = reservations_.available(holds[0].wallet, holds[0].asset);
        constexpr __int128 kNano = kPow10[9];
        return {ReasonCode::InsufficientBalance, static_cast<std::int64_t>(available.raw() / kNano),
                static_cast<std::int64_t>(holds[0].amount.raw() / kNano)};
    }
    plan.holds = true;
    return {};
}

/// A refusal is published like a plan of its own, with the legs it would have had.
void Service::refuse(const messages::Opportunity& opportunity, Reason reason) {
    ++counters_.refused;
    messages::PlanUpdate& update = updates_.emplace_back();
    update.plan = PlanId{next_plan_++};
    update.opportunity = opportunity.id;
    update.kind = opportunity.kind;
    update.state = PlanState::Refused;
    update.outcome = messages::PlanOutcome::Refused;
    update.time = now_;
    update.leg_count = opportunity.leg_count;
    for (std::size_t i = 0; i < opportunity.leg_count; ++i) {
        const messages::OpportunityLeg& leg = opportunity.legs[i];
        update.legs[i] = {leg.instrument, leg.side,  leg.quantity, Quantity{}, leg.worst,
                          leg.protection, leg.value, Amount{},     leg.fee};
    }
    update.value_asset = opportunity.value_asset;
    update.planned = opportunity.edge;
    update.reason = reason;
}

Order& Service::add_order(Plan& plan, std::size_t leg, Purpose purpose, Quantity quantity,
                          Price price) noexcept {
    PLX_ASSERT(plan.order_count < kMaxOrders);
    // reduces() looks at the mirrors, this plan's included.
    PLX_ASSERT(purpose == Purpose::Entry || index_.open(place_of(plan)));
    const std::uint8_t attempt = plan.order_count;  // unique in the plan, so unique in the leg
    Order& order = plan.orders[plan.order_count++];
    order = Order{};
    order.id = ClientOrderId{plan.id, static_cast<std::uint8_t>(leg), attempt};
    order.instrument = plan.legs[leg].instrument;
    order.side = plan.legs[leg].side;
    order.purpose = purpose;
    order.leg = static_cast<std::uint8_t>(leg);
    order.price = price;
    order.quantity = quantity;
    order.reduce_only = purpose == Purpose::Entry
                            ? plan.reduce_only[leg]
                            : !plan.plain && reduces(order.instrument, order.side, quantity);
    return order;
}

/// Whether an order takes back a derivative position of ours, even when those under way have.
bool Service::reduces(InstrumentId id, Side side, Quantity quantity) const noexcept {
    if (is_spot(universe_.instrument(id).kind) || id.index() >= positions_.size()) return false;
    const Quantity position = positions_[id.index()];
    std::int64_t left = side == Side::Sell ? position.raw() : -position.raw();
    index_.for_each_open([&](std::size_t place) {
        for (const Order& order : plans_[place].all_orders()) {
            if (order.live() && order.instrument == id && order.side == side)
                left -= (order.quantity - order.fills.filled()).raw();
        }
    });
    return quantity.raw() <= left;
}

void Service::send(Order& order, Nanos patience) {
    order.state = OrderState::Pending;
    order.due = now_ + patience;
    request(order, OrderAction::Place);
}

messages::OrderRequest Service::to_request(const Order& order, OrderAction action) const noexcept {
    return {action,
            order.id,
            order.instrument,
            order.side,
            order.price,
            order.quantity,
            order.time_in_force,
            order.purpose,
            order.reduce_only,
            now_};
}

void Service::request(const Order& order, OrderAction action) {
    requests_.push_back(to_request(order, action));
}

void Service::emit(Plan& plan, PlanState state) {
    plan.state = state;
    messages::PlanUpdate& update = updates_.emplace_back();
    update.plan = plan.id;
    update.opportunity = plan.opportunity;
    update.kind = plan.kind;
    update.state = state;
    update.outcome = plan.outcome;
    update.time = now_;
    update.leg_count = plan.leg_count;
    std::copy_n(plan.legs.begin(), plan.leg_count, update.legs.begin());
    update.value_asset = plan.value_asset;
    update.planned = plan.planned;
    update.reason = plan.reason;
}

}  // namespace parallax::trading
