// What the makers and takers of one listing do at one moment.
#include <algorithm>
#include <cmath>

#include "sim/engine/crowd_view.hpp"

namespace parallax::sim_engine {
namespace {

/// +1 where prices of the side lead away from the middle.
double away(Side side) noexcept { return side == Side::Buy ? -1.0 : 1.0; }

std::size_t index_of(Side side) noexcept { return static_cast<std::size_t>(side); }

constexpr Side kSides[] = {Side::Buy, Side::Sell};

}  // namespace

void Crowd::beat(Bot& bot, std::int64_t now) {
    const View view = look(bot, now);
    if (bot.venue->listing(bot.id).state != ListingState::Trading) return;
    ++beats_;
    for (const Side side : kSides) clear_stale(bot, view, side);
    drop_dead(bot);
    for (const Side side : kSides) step_in(bot, view, side);
    churn(bot, view);
    if (bot.random.chance(0.15)) take(bot, view, bot.random.chance(0.5) ? Side::Buy : Side::Sell);
    drop_dead(bot);
    for (const Side side : kSides) {
        auto& resting = bot.resting[index_of(side)];
        while (resting.size() > bot.listing.levels) cancel(bot, view, side, 0);
        if (resting.size() < bot.listing.levels - bot.listing.levels / 8)
            refill_tail(bot, view, side);
    }
}

/// Forgets orders that were filled: those nearest to the other side go first.
void Crowd::drop_dead(Bot& bot) {
    for (auto& resting : bot.resting) {
        while (!resting.empty() && bot.venue->order(resting.back().order) == nullptr)
            resting.pop_back();
    }
}

/// What lies beyond the middle, whosever it is, is mostly taken by somebody, else the makers take
/// theirs away; so do they with what is too near to it.
void Crowd::clear_stale(Bot& bot, const View& view, Side side) {
    const auto distance = [&](Price price) {
        return away(side) * (static_cast<double>(price.raw()) - view.middle);
    };
    for (int i = 0; i < 16; ++i) {
        const Level best = bot.venue->book(bot.id).top(side);
        if (best.quantity.is_zero() || distance(best.price) >= 0) break;
        if (!bot.random.chance(0.6)) break;
        hit(bot, view, opposite(side), best.price, best.quantity);
    }
    auto& resting = bot.resting[index_of(side)];
    while (!resting.empty() && distance(resting.back().price) < 0.35 * view.calm_spread)
        cancel(bot, view, side, resting.size() - 1);
}

/// New levels at the spread when the best of the makers is too far away, outwards until they meet
/// the old ones.
void Crowd::step_in(Bot& bot, const View& view, Side side) {
    const auto& resting = bot.resting[index_of(side)];
    const double reach =
        resting.empty()
            ? 1e18
            : away(side) * (static_cast<double>(resting.back().price.raw()) - view.middle);
    if (reach <= 1.5 * view.half_spread + view.tick) return;
    std::vector<double> distances;
    double distance = view.half_spread * (0.6 + 0.7 * bot.random.uniform());
    for (int i = 0; i < 12 && distance < reach; ++i) {
        distances.push_back(distance);
        distance += view.spacing * (0.5 + bot.random.uniform());
    }
    for (std::size_t i = distances.size(); i-- > 0;)
        rest(bot, view, side, view.middle + away(side) * distances[i], i);
}

void Crowd::refill_tail(Bot& bot, const View& view, Side side) {
    const auto& resting = bot.resting[index_of(side)];
    while (!resting.empty() && resting.size() < bot.listing.levels) {
        const double step = std::max(view.tick, view.spacing * (0.5 + bot.random.uniform()));
        const double price = static_cast<double>(resting.front().price.raw()) + away(side) * step;
        if (!rest(bot, view, side, price, resting.size())) return;
    }
}

/// A few orders come, change or go, most of them near the best price.
void Crowd::churn(Bot& bot, const View& view) {
    const std::uint64_t count = 1 + bot.random.below(4);
    for (std::uint64_t i = 0; i < count; ++i) {
        const Side side = bot.random.chance(0.5) ? Side::Buy : Side::Sell;
        auto& resting = bot.resting[index_of(side)];
        if (resting.size() < 4) continue;
        const double u = bot.random.uniform();
        const auto depth =
            static_cast<std::size_t>(u * u * u * static_cast<double>(resting.size()));
        const std::size_t index = resting.size() - 1 - depth;
        const auto price = static_cast<double>(resting[index].price.raw());
        const std::uint64_t what = bot.random.below(10);
        if (what < 7) {  // another size
            cancel(bot, view, side, index);
            rest(bot, view, side, price, depth);
        } else if (what < 8 && depth > 0) {
            cancel(bot, view, side, index);
        } else {
            rest(bot, view, side,
                 price + away(side) * (view.tick + view.spacing * bot.random.uniform()), depth);
        }
    }
}

void Crowd::take(Bot& bot, const View& view, Side side) {
    const double u = bot.random.uniform();
    const double lots = std::max(view.least_lots, bot.listing.level_lots * u * u * 0.9) + 1.0;
    // As far as a hurried trader goes: 20 half spreads.
    const double limit = view.middle - away(side) * 20.0 * (view.half_spread + view.tick);
    const auto ticks = static_cast<std::int64_t>(limit / view.tick);
    hit(bot, view, side, Price::from_raw(ticks * view.listing.tick.raw()),
        Quantity::from_raw(static_cast<std::int64_t>(lots) * view.listing.lot.raw()));
}

/// Mostly small, sometimes a wall, larger further out.
Quantity Crowd::random_quantity(Bot& bot, const View& view, std::size_t depth) const {
    const double u = bot.random.uniform();
    const double shape = 0.05 + 0.8 * u + 2.5 * u * u * u * u * u * u * u * u;
    const double deeper = 1.0 + 0.06 * static_cast<double>(std::min<std::size_t>(depth, 50));
    const double lots = std::max(view.least_lots + 1.0, bot.listing.level_lots * shape * deeper);
    return Quantity::from_raw(static_cast<std::int64_t>(lots) * view.listing.lot.raw());
}

/// One more order of the makers, unless they have one at the price or it would trade.
bool Crowd::rest(Bot& bot, const View& view, Side side, double wanted, std::size_t depth) {
    const double ticks = wanted / view.tick;
    const auto whole =
        static_cast<std::int64_t>(side == Side::Buy ? std::floor(ticks) : std::ceil(ticks));
    const Price price = Price::from_raw(whole * view.listing.tick.raw());
    auto& resting = bot.resting[index_of(side)];
    const auto at =
        std::lower_bound(resting.begin(), resting.end(), price, [side](const Resting& r, Price p) {
            return side == Side::Buy ? r.price < p : r.price > p;
        });
    if (at != resting.end() && at->price == price) return false;
    NewOrder order;
    order.account = bot.maker;
    order.listing = bot.id;
    order.side = side;
    order.post_only = true;
    order.price = price;
    order.quantity = random_quantity(bot, view, depth);
    const auto placed = bot.venue->place(order, view.now);
    if (!placed || bot.venue->order(*placed) == nullptr) return false;
    resting.insert(at, {price, *placed});
    return true;
}

/// Immediate or cancel, by the takers.
void Crowd::hit(Bot& bot, const View& view, Side side, Price price, Quantity quantity) {
    NewOrder order;
    order.account = bot.taker;
    order.listing = bot.id;
    order.side = side;
    order.time_in_force = TimeInForce::ImmediateOrCancel;
    order.price = price;
    order.quantity = floor_to(quantity, view.listing.lot);
    (void)bot.venue->place(order, view.now);
}

void Crowd::cancel(Bot& bot, const View& view, Side side, std::size_t index) {
    auto& resting = bot.resting[index_of(side)];
    const OrderId order = resting[index].order;
    resting.erase(resting.begin() + static_cast<std::ptrdiff_t>(index));
    (void)bot.venue->cancel(bot.maker, order, view.now);  // gone already is as good
}

}  // namespace parallax::sim_engine
