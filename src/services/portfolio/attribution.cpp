#include "services/portfolio/attribution.hpp"

#include <algorithm>

#include "services/portfolio/positions.hpp"

namespace parallax::portfolio {
namespace {

Amount times(Amount a, Amount b) noexcept {
    return Wide::product(a, b).rounded(Rounding::HalfEven);
}

/// Value of one unit now, when anything quotes it.
std::optional<UnitValue> mark_of(ItemKey key, AssetId value_asset, Marks& marks,
                                 const Universe& universe) {
    if (!key.position) return marks.rate(AssetId{static_cast<std::uint16_t>(key.id)}, value_asset);
    const InstrumentId id{key.id};
    const Mark mark = marks.mark(id);
    const auto rate = marks.rate(universe.instrument(id).settle, value_asset);
    if (mark.source == MarkSource::None || !rate) return std::nullopt;
    return UnitValue{times(unit_value(universe, id, mark.price), rate->value),
                     mark.stale || rate->stale};
}

/// Value of one unit at a price of its own listing, for things no book or mark quotes.
Amount hinted_mark(ItemKey key, AssetId value_asset, Marks& marks, const Universe& universe,
                   const Instrument* listing, Price hint) {
    if (listing == nullptr || hint.raw() <= 0) return {};
    const TradedItems items = traded_items(*listing);
    if (key != items.thing) return {};
    const auto rate = marks.rate(AssetId{static_cast<std::uint16_t>(items.money.id)}, value_asset);
    return rate ? times(unit_value(universe, listing->id, hint), rate->value) : Amount{};
}

/// A leg as planned: signed changes of its two items.
struct PlannedLeg {
    Amount thing;
    Amount money;
};

PlannedLeg planned(const messages::PlanLeg& leg, const Universe& universe) noexcept {
    const Instrument& listing = universe.instrument(leg.instrument);
    const Amount size = to_amount(leg.planned, universe.symbol_of(leg.instrument).quantity_scale);
    // The quote value of inverse contracts says nothing of their price: take the price the edge
    // assumed.
    const Amount money =
        !is_inverse(listing.kind) ? (leg.side == Side::Buy ? -leg.planned_value : leg.planned_value)
        : leg.planned_worst.raw() > 0
            ? gain_of(universe, leg.instrument, leg.side, leg.planned_worst, leg.planned)
            : Amount{};
    return {leg.side == Side::Buy ? size : -size, money};
}

/// The planned money of a part of a leg; whole > 0.
Amount pro_rata(Amount money, Amount part, Amount whole) noexcept {
    return Amount::from_raw(
        multiply_divide(money.raw(), part.raw(), whole.raw(), Rounding::HalfEven));
}

/// Exact parts, in value units at 1e-36.
struct Parts {
    Wide edge, volume, slippage, legging, fees, conversion, funding, inventory, transfers;
};

/// Legs that a plan's repairs brought with them planned nothing: their trades are legging.
bool is_planned(const messages::PlanLeg& leg) noexcept { return leg.planned.raw() > 0; }

/// A trade on a planned leg's own instrument and side.
bool on_leg(const TradeSum& trade, std::span<const messages::PlanLeg> legs) noexcept {
    return trade.leg < legs.size() && is_planned(legs[trade.leg]) &&
           trade.instrument == legs[trade.leg].instrument && trade.side == legs[trade.leg].side;
}

/// part / whole, exact; whole > 0.
struct Fraction {
    Amount part, whole;
    friend bool operator<(const Fraction& a, const Fraction& b) noexcept {
        return (Wide::product(a.part, b.whole) - Wide::product(b.part, a.whole)).is_negative();
    }
};

/// What filled on each leg, by entry orders and by later ones.
struct LegFills {
    Amount entry_size, later_size, entry_cash, later_cash;
    [[nodiscard]] Amount size() const noexcept { return entry_size + later_size; }
};

LegFills fills_of(std::size_t leg, std::span<const messages::PlanLeg> legs,
                  const PlanAccount& account) noexcept {
    LegFills fills;
    for (const TradeSum& trade : account.trades) {
        if (trade.leg != leg || !on_leg(trade, legs)) continue;
        (trade.entry ? fills.entry_size : fills.later_size) += trade.quantity;
        (trade.entry ? fills.entry_cash : fills.later_cash) += trade.cash;
    }
    return fills;
}

/// The part of the plan that became a whole: the smallest filled fraction over its legs, at most 1.
Fraction matched(std::span<const messages::PlanLeg> legs, const PlanAccount& account,
                 const Universe& universe) noexcept {
    Fraction least{Amount::units(1), Amount::units(1)};
    for (std::size_t i = 0; i < legs.size(); ++i) {
        if (!is_planned(legs[i])) continue;
        const Fraction filled{fills_of(i, legs, account).size(),
                              planned(legs[i], universe).thing.magnitude()};
        if (filled < least) least = filled;
    }
    return least;
}

/// From the plan to the fills at opening marks, in steps that cancel: edge is the plan, volume
/// shrinks it to what was matched, slippage and legging turn the rest of each leg's planned money
/// into the fills' own.
void add_leg(Parts& parts, const messages::PlanLeg& leg, const LegFills& fills,
             const Fraction& whole, PlanAccount& account, const Universe& universe) {
    const TradedItems items = traded_items(universe.instrument(leg.instrument));
    const Amount thing_mark = account.find(items.thing)->opening,
                 money_mark = account.find(items.money)->opening;
    const auto value = [&](Amount thing, Amount money) {
        return Wide::product(thing, thing_mark) + Wide::product(money, money_mark);
    };
    const PlannedLeg plan = planned(leg, universe);
    const Amount size = plan.thing.magnitude();
    const Amount entry_money = pro_rata(plan.money, fills.entry_size, size);
    const Amount filled_money = pro_rata(plan.money, fills.size(), size);
    const Amount filled_thing = leg.side == Side::Buy ? fills.size() : -fills.size();
    const Wide planned_value = value(plan.thing, plan.money);
    const Wide matched_value = value(pro_rata(plan.thing, whole.part, whole.whole),
                                     pro_rata(plan.money, whole.part, whole.whole));

    parts.edge += planned_value;
    parts.volume += matched_value - planned_value;
    parts.slippage += Wide::product(fills.entry_cash - entry_money, money_mark);
    parts.legging += value(filled_thing, filled_money) - matched_value;
    parts.legging += Wide::product(fills.later_cash - (filled_money - entry_money), money_mark);
}

void add_other_trades(Parts& parts, std::span<const messages::PlanLeg> legs, PlanAccount& account,
                      const Universe& universe) {
    for (const TradeSum& trade : account.trades) {
        if (on_leg(trade, legs)) continue;
        const TradedItems items = traded_items(universe.instrument(trade.instrument));
        const Amount size = trade.side == Side::Buy ? trade.quantity : -trade.quantity;
        parts.legging += Wide::product(size, account.find(items.thing)->opening) +
                         Wide::product(trade.cash, account.find(items.money)->opening);
    }
}

/// Fees, funding and transfers at the marks of their moments; what is kept moves from those marks
/// to the closing one.
void add_item(Parts& parts, const Item& item, Amount closing) {
    parts.fees -= item.fees_value;
    parts.funding += item.funding_value;
    parts.transfers -= item.transfer_fees_value;
    const Wide moves = Wide::product(item.traded, closing) -
                       Wide::product(item.traded, item.opening) -
                       (Wide::product(item.fees, closing) - item.fees_value) -
                       (Wide::product(item.transfer_fees, closing) - item.transfer_fees_value) +
                       (Wide::product(item.funding, closing) - item.funding_value);
    const bool money_only = item.paid_in && !item.bought_or_sold;
    (money_only ? parts.conversion : parts.inventory) += moves;
}

/// Rounds parts so that they still add up: each is the step of the rounded running sum.
class RunningSum {
public:
    Amount add(Wide part) noexcept {
        exact_ += part;
        const Amount before = rounded_;
        rounded_ = exact_.rounded(Rounding::HalfEven);
        return rounded_ - before;
    }
    [[nodiscard]] Wide exact() const noexcept { return exact_; }
    [[nodiscard]] Amount rounded() const noexcept { return rounded_; }

private:
    Wide exact_;
    Amount rounded_;
};

}  // namespace

void PlanAccount::clear() noexcept {
    plan = PlanId{};
    value_asset = AssetId{};
    reservations.clear();
    items.clear();
    trades.clear();
    orders.clear();
}

Reservation* PlanAccount::reservation(ClientOrderId order) noexcept {
    for (Reservation& one : reservations) {
        if (one.order == order) return &one;
    }
    return nullptr;
}

Item* PlanAccount::find(ItemKey key) noexcept {
    for (Item& item : items) {
        if (item.key == key) return &item;
    }
    return nullptr;
}

TradeSum& PlanAccount::trade(std::uint8_t leg, bool entry, InstrumentId instrument, Side side) {
    for (TradeSum& sum : trades) {
        if (sum.leg == leg && sum.entry == entry && sum.instrument == instrument &&
            sum.side == side)
            return sum;
    }
    return trades.emplace_back(TradeSum{leg, entry, side, instrument, {}, {}});
}

TradedItems traded_items(const Instrument& listing) noexcept {
    if (is_spot(listing.kind)) return {ItemKey::of(listing.base), ItemKey::of(listing.quote)};
    return {ItemKey::of(listing.id), ItemKey::of(listing.settle)};
}

Item& touch(PlanAccount& account, ItemKey key, Marks& marks, const Universe& universe,
            const Instrument* listing, Price hint) {
    if (Item* known = account.find(key)) return *known;
    Item item;
    item.key = key;
    const auto mark = mark_of(key, account.value_asset, marks, universe);
    item.opening =
        mark ? mark->value : hinted_mark(key, account.value_asset, marks, universe, listing, hint);
    return account.items.emplace_back(item);
}

Settlement settle(PlanAccount& account, std::span<const messages::PlanLeg> legs, UnixNanos time,
                  Marks& marks, const Universe& universe) {
    for (const messages::PlanLeg& leg : legs) {
        const Instrument& listing = universe.instrument(leg.instrument);
        const TradedItems items = traded_items(listing);
        touch(account, items.thing, marks, universe, &listing, leg.planned_worst);
        touch(account, items.money, marks, universe, &listing, leg.planned_worst);
    }
    Parts parts;
    const Fraction whole = matched(legs, account, universe);
    for (std::size_t i = 0; i < legs.size(); ++i) {
        if (!is_planned(legs[i])) continue;
        add_leg(parts, legs[i], fills_of(i, legs, account), whole, account, universe);
    }
    add_other_trades(parts, legs, account, universe);

    Wide realised;
    bool stale = false;
    for (const Item& item : account.items) {
        const auto mark = mark_of(item.key, account.value_asset, marks, universe);
        const Amount closing = mark ? mark->value : item.opening;
        stale = stale || (mark && mark->stale);
        realised += Wide::product(item.booked, closing);
        add_item(parts, item, closing);
    }
    messages::Attribution out;
    out.plan = account.plan;
    out.value_asset = account.value_asset;
    out.time = time;
    RunningSum sum;
    out.edge = sum.add(parts.edge);
    out.volume = sum.add(parts.volume);
    out.slippage = sum.add(parts.slippage);
    out.legging = sum.add(parts.legging);
    out.fees = sum.add(parts.fees);
    out.conversion = sum.add(parts.conversion);
    out.funding = sum.add(parts.funding);
    out.inventory = sum.add(parts.inventory);
    out.transfers = sum.add(parts.transfers);
    out.realised = realised.rounded(Rounding::HalfEven);
    out.residual = out.realised - sum.rounded();
    return {out, realised == sum.exact(), stale};
}

}  // namespace parallax::portfolio
