#include <algorithm>
#include <cmath>

#include "messages/risk.hpp"
#include "services/scanner/service.hpp"

namespace parallax::scanner {

using messages::OpportunityKind;
using messages::ReasonCode;

namespace {

/// Expected profit per leg (each leg takes a rate token), in 1e-6 value units.
std::int64_t priority_of(Amount expected, std::size_t legs) noexcept {
    constexpr __int128 kMicro = 1'000'000'000'000;
    const __int128 value =
        divide(expected.raw(), kMicro * static_cast<__int128>(legs), Rounding::Down);
    constexpr __int128 kLimit = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::clamp(value, -kLimit, kLimit));
}

}  // namespace

void Service::count(ReasonCode code) noexcept {
    if (code == ReasonCode::None) {
        ++counts_.signalled;
    } else {
        ++counts_.refused[static_cast<std::size_t>(code)];
    }
}

PricedLeg Service::priced(InstrumentId id, Side side, Quantity quantity,
                          AssetId value_asset) const noexcept {
    PricedLeg leg;
    fill_leg(leg, id, side,
             walk_book(*tracks_[id.index()].book, universe_.symbol_of(id), side, quantity,
                       static_cast<std::size_t>(config_.max_levels)),
             value_asset);
    price_leg(leg, universe_.symbol_of(id));
    return leg;
}

/// All that price_leg() goes by. The age is found anew by each look.
void Service::fill_leg(PricedLeg& leg, InstrumentId id, Side side, const Walk& walk,
                       AssetId value_asset) const noexcept {
    const Instrument& instrument = universe_.instrument(id);
    const ConversionRate conversion = conversions_.between(instrument.quote, value_asset);
    leg.leg.instrument = id;
    leg.leg.side = side;
    leg.leg.reduce_only = false;
    leg.leg.quantity = walk.quantity;
    leg.leg.value = walk.value;
    leg.walk = walk;
    leg.conversion = side == Side::Buy ? conversion.pay : conversion.receive;
    leg.taker = fees_.rates(instrument.market, instrument.kind).taker;
    leg.shadow = shadow(instrument.market, instrument.quote, instrument.base);
    leg.volatility = to_rate(observed_[id.index()].volatility.per_sqrt_second() *
                             latency_roots_[static_cast<std::size_t>(venue_of(instrument.market))]);
}

// --- Guards
// -------------------------------------------------------------------------------------------------

Nanos Service::age_of(InstrumentId id, UnixNanos now) const noexcept {
    const Track& track = tracks_[id.index()];
    return quote_age(now, track.book->received(), track.queue.delay(), track.conflation);
}

/// Ages of all legs and the difference of the extremes; `allowed_override` replaces the ages
/// allowed when not 0.
void Service::check_ages(Draft& draft, UnixNanos now, Nanos allowed_skew, Nanos allowed_override) {
    Nanos youngest{std::numeric_limits<std::int64_t>::max()},
        oldest{std::numeric_limits<std::int64_t>::min()};
    std::size_t oldest_leg = 0;
    for (std::size_t i = 0; i < draft.count; ++i) {
        messages::OpportunityLeg& leg = draft.legs[i].leg;
        leg.book_age = age_of(leg.instrument, now);
        const Nanos allowed = allowed_override.count() > 0
                                  ? allowed_override
                                  : tracks_[leg.instrument.index()].allowed_age;
        if (leg.book_age > allowed)
            draft.refuse(ReasonCode::BookStale, leg.book_age.count(), allowed.count(), i);
        youngest = std::min(youngest, leg.book_age);
        if (leg.book_age > oldest) oldest = leg.book_age, oldest_leg = i;
    }
    if (draft.count > 1 && oldest - youngest > allowed_skew) {
        draft.refuse(ReasonCode::ClockSkew, (oldest - youngest).count(), allowed_skew.count(),
                     oldest_leg);
    }
}

// --- Probabilities
// -----------------------------------------------------------------------------------------------

LegOdds Service::odds_for(OpportunityKind kind, InstrumentId buy, InstrumentId sell,
                          std::size_t legs) noexcept {
    const Market bought = universe_.instrument(buy).market;
    const Market sold = universe_.instrument(sell).market;
    return LegOdds::of(estimates_.fill(kind, bought, sold).lower(), legs,
                       estimates_.unwind(kind, bought, sold).value());
}

/// What our own orders of a moment ago still cost: the part of them that has not come back, by the
/// square-root law, on the value of each leg.
Amount Service::impact_of(const Draft& draft, UnixNanos now) const noexcept {
    Amount impact;
    for (std::size_t i = 0; i < draft.count; ++i) {
        const PricedLeg& leg = draft.legs[i];
        const Observed& seen = observed_[leg.leg.instrument.index()];
        const double taken = seen.taken[static_cast<std::size_t>(leg.leg.side)].left(now);
        if (taken <= 0.0) continue;
        const double daily = seen.volatility.per_sqrt_second() * std::sqrt(86'400.0);
        const double share =
            square_root_impact(config_.impact_factor, daily, taken, seen.volume.value());
        const Amount value = draft.values[i].is_zero()
                                 ? apply(leg.conversion, leg.leg.value, Rounding::Up)
                                 : draft.values[i];
        impact += apply(to_rate(share), value, Rounding::Up);
    }
    return impact;
}

/// Fill odds and survival until arrival.
RiskView Service::risk_of(const Draft& draft) noexcept {
    const messages::Opportunity& out = draft.out;
    const auto legs = draft.all();
    const auto first = [&](Side side) {
        const auto it = std::find_if(legs.begin(), legs.end(),
                                     [side](const PricedLeg& leg) { return leg.leg.side == side; });
        return (it == legs.end() ? legs.front() : *it).leg.instrument;
    };
    RiskView view;
    view.odds = odds_for(out.kind, first(Side::Buy), first(Side::Sell), draft.count);
    Nanos latest, sum;
    Rate risk;
    for (std::size_t i = 0; i < draft.count; ++i) {
        const Nanos latency =
            config_.latency(venue_of(universe_.instrument(legs[i].leg.instrument).market));
        latest = std::max(latest, latency);
        sum = sum + latency;
        if (legs[i].volatility > risk) {
            risk = legs[i].volatility;
            view.riskiest = static_cast<std::uint8_t>(i);
        }
    }
    const SurvivalTable* table = episodes_.survival(out.kind).telling();
    if (table != nullptr) {
        view.lives = table->survival(latest);
        view.lives_longer = table->survival(sum);
    }
    // Half a standard deviation of the last legs' wait is charged as adverse markout until it is
    // measured.
    view.wait = 0.5 * fraction(risk) * std::sqrt(2.0);
    return view;
}

/// What the cheaper way to send the legs costs on average.
void Service::price_risk(Draft& draft, const RiskView& risk, Amount impact) const noexcept {
    messages::Opportunity& out = draft.out;
    const RiskRates rates = rates_of(risk, out.net_rate);
    out.execution =
        rates.simultaneous ? messages::Execution::Simultaneous : messages::Execution::Sequential;
    out.first_leg = rates.simultaneous ? std::uint8_t{0} : risk.riskiest;
    out.fill_probability = to_rate(risk.odds.both);
    const Amount gain = std::max(out.edge.net, Amount{});
    expect(out.edge, impact, apply(rates.latency, gain, Rounding::Up),
           apply(rates.legging, out.capital, Rounding::Up));
}

// --- The verdict
// -------------------------------------------------------------------------------------------------

bool Service::due(const Lane& lane, ReasonCode code, std::int64_t rate,
                  UnixNanos now) const noexcept {
    if (code == ReasonCode::None) return true;
    const bool rested = now - lane.reported_at >= config_.report_interval;
    if (!lane.reported_at.known()) return true;
    if (code != lane.reported) return rested;
    if (rate >= lane.reported_rate + std::max<std::int64_t>(config_.report_step.raw(), 1))
        return true;
    return lane.fresh && rested;
}

void Service::settle_reason(Draft& draft, const Lane& lane, UnixNanos now) const noexcept {
    const messages::Opportunity& out = draft.out;
    for (std::size_t i = 0; i < draft.count; ++i) {
        const auto market = universe_.instrument(draft.legs[i].leg.instrument).market;
        if (down_[static_cast<std::size_t>(market)]) {
            draft.refuse(ReasonCode::VenueDown, static_cast<std::int64_t>(market), 0, i);
        }
    }
    if (out.net_rate > config_.max_edge) {
        draft.refuse(ReasonCode::RiskLimit, static_cast<std::int64_t>(messages::RiskCheck::Profit),
                     0);
    }
    if (out.expected_rate <= out.threshold && !draft.forced) {
        draft.refuse(ReasonCode::BelowMinEdge, out.expected_rate.raw(), out.threshold.raw());
    }
    if (lane.plan_open || now < lane.busy_until) {
        draft.refuse(ReasonCode::Duplicate, static_cast<std::int64_t>(lane.holder.raw()), 0);
    }
    if (now < lane.cooldown_until) {
        draft.refuse(ReasonCode::Cooldown, (lane.cooldown_until - now).count(),
                     config_.cooldown.count());
    }
    if (signals_.size() == kMostSignals) {
        draft.refuse(ReasonCode::RateBudget, 0, static_cast<std::int64_t>(kMostSignals));
    }
    if (config_.shadow) draft.refuse(ReasonCode::ModeShadow, 0, 0);
}

/// Prices the risk of a drafted opportunity. Expects legs and the edge down to net.
void Service::assess(Draft& draft, const RiskView& risk, Amount impact) const noexcept {
    messages::Opportunity& out = draft.out;
    if (out.capital.is_zero()) out.capital = bought_value(draft.all());
    const Amount base = std::max(out.capital, Amount::from_raw(1));
    out.net_rate = ratio(out.edge.net, base, Rounding::Down);
    price_risk(draft, risk, impact);
    out.expected_rate = ratio(out.edge.expected, base, Rounding::Down);
    out.threshold = config_.min_edge + config_.message_cost;
}

/// Finds what stands in the way of an assessed opportunity and publishes it. Expects the reasons
/// found so far.
void Service::conclude(Draft& draft, UnixNanos now) {
    Lane& place = lane(draft.lane);
    settle_reason(draft, place, now);
    publish(draft, place, now);
}

/// Counts a draft by its reason and emits it when that is news.
void Service::publish(Draft& draft, Lane& place, UnixNanos now) {
    count(draft.out.reason.code);
    if (due(place, draft.out.reason.code, draft.out.expected_rate.raw(), now))
        emit(draft, place, now);
}

void Service::decide(Draft& draft, UnixNanos now) {
    assess(draft, risk_of(draft), impact_of(draft, now));
    conclude(draft, now);
}

void Service::emit(Draft& draft, Lane& place, UnixNanos now) {
    messages::Opportunity& out = draft.out;
    set_aligned(draft);
    const Amount slack = out.edge.expected - apply(out.threshold, out.capital, Rounding::Up);
    std::array<Price, messages::kMaxLegs> ticks{};
    for (std::size_t i = 0; i < draft.count; ++i) {
        ticks[i] = universe_.instrument(draft.legs[i].leg.instrument).tick;
        if (draft.values[i].is_zero()) {
            draft.values[i] =
                apply(draft.legs[i].conversion, draft.legs[i].leg.value, Rounding::Up);
        }
    }
    protect(draft.all(), slack, {draft.values.data(), draft.count}, {ticks.data(), draft.count});
    for (std::size_t i = 0; i < draft.count; ++i) out.legs[i] = draft.legs[i].leg;
    for (std::size_t i = draft.count; i < out.leg_count; ++i) out.legs[i] = {};  // of the last one
    out.id = OpportunityId{next_id_++};
    out.leg_count = static_cast<std::uint8_t>(draft.count);
    out.symbol = universe_.instrument(out.legs[0].instrument).symbol;
    out.priority = priority_of(out.edge.expected, draft.count);
    out.detected = now;
    out.expires = now + config_.ttl;
    PLX_ASSERT(adds_up(out.edge));
    opportunities_.push_back(out);

    place.reported = out.reason.code;
    place.reported_at = now;
    // A saturated rate would leave no room to grow by a step.
    const std::int64_t rate = std::min(out.expected_rate.raw(), 1'000'000 * Rate::kOne);
    place.reported_rate = place.fresh ? rate : std::max(place.reported_rate, rate);
    place.fresh = false;
    if (!out.reason.none()) return;
    place.holder = out.id;
    place.busy_until = out.expires;
    const auto market_of = [&](Side side) {
        for (std::size_t i = 0; i < draft.count; ++i) {
            if (out.legs[i].side == side)
                return universe_.instrument(out.legs[i].instrument).market;
        }
        return universe_.instrument(out.legs[0].instrument).market;
    };
    Signal signal{out.id,
                  draft.lane,
                  out.kind,
                  market_of(Side::Buy),
                  market_of(Side::Sell),
                  out.expires + Nanos::seconds(60),
                  draft.exit,
                  draft.sell_future,
                  {},
                  {}};
    for (std::size_t i = 0; i < draft.count; ++i) {
        signal.best[i] = out.legs[i].best;
        signal.symbols[i] = universe_.instrument(out.legs[i].instrument).symbol;
    }
    signals_.push_back(signal);
}

}  // namespace parallax::scanner
