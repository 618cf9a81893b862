#include "sim/market/synthetic_book.hpp"

#include <algorithm>
#include <cmath>

namespace parallax::sim_market {
namespace {

using sim_prices::kBp;

/// Whole ticks at or beyond `ticks` as seen from the middle.
std::int64_t outward(Side side, double ticks) noexcept {
    return static_cast<std::int64_t>(side == Side::Buy ? std::floor(ticks) : std::ceil(ticks));
}

/// +1 where prices of the side lead away from the middle.
double direction(Side side) noexcept { return side == Side::Buy ? -1.0 : 1.0; }

}  // namespace

double SyntheticBook::half_spread_ticks(double middle) const noexcept {
    return std::max(0.5, middle * listing_->half_spread_bp * kBp);
}

double SyntheticBook::spacing_ticks(double middle) const noexcept {
    return std::max(1.0, middle * listing_->spacing_bp * kBp);
}

/// Mostly small, sometimes a wall, larger further out.
std::int64_t SyntheticBook::random_quantity(std::size_t depth,
                                            runtime::Random& random) const noexcept {
    const double u = random.uniform();
    const double shape = 0.05 + 0.8 * u + 2.5 * u * u * u * u * u * u * u * u;
    const double deeper = 1.0 + 0.06 * static_cast<double>(std::min<std::size_t>(depth, 50));
    return std::max<std::int64_t>(1,
                                  static_cast<std::int64_t>(listing_->level_lots * shape * deeper));
}

void SyntheticBook::note_change() noexcept {
    change_ += stride_;
    if (first_change_ == 0) first_change_ = change_;
}

void SyntheticBook::open(double middle, runtime::Random& random) {
    change_ = 1'000'000'000 + random.below(1'000'000'000);
    for (const Side s : {Side::Buy, Side::Sell}) {
        ladder_of(s).insert(outward(s, middle + direction(s) * half_spread_ticks(middle)),
                            random_quantity(0, random));
        refill_tail(s, spacing_ticks(middle), random);
    }
    published();
}

void SyntheticBook::beat(double middle, double volatility, runtime::Random& random) {
    prints_.clear();
    const double half_spread = half_spread_ticks(middle) * (0.7 + 0.3 * volatility);
    const double spacing = spacing_ticks(middle);
    for (const Side s : {Side::Buy, Side::Sell})
        clear_stale(s, middle, 0.35 * half_spread_ticks(middle), random);
    for (const Side s : {Side::Buy, Side::Sell}) step_in(s, middle, half_spread, random);
    churn(spacing, random);
    if (random.chance(0.15)) take(random.chance(0.5) ? Side::Buy : Side::Sell, random);
    for (const Side s : {Side::Buy, Side::Sell}) {
        while (ladder_of(s).size() > listing_->levels) {
            ladder_of(s).erase(ladder_of(s).size() - 1);
            note_change();
        }
        if (ladder_of(s).size() < listing_->levels - listing_->levels / 8)
            refill_tail(s, spacing, random);
    }
}

/// Levels too near to the middle or beyond it go: what lies beyond is mostly taken by somebody, the
/// rest cancelled.
void SyntheticBook::clear_stale(Side s, double middle, double margin, runtime::Random& random) {
    Ladder& ladder = ladder_of(s);
    while (!ladder.empty()) {
        const Ladder::Rung best = ladder.best();
        const double distance = direction(s) * (static_cast<double>(best.price) - middle);
        if (distance >= margin) break;
        if (distance < 0 && prints_.size() < 16 && random.chance(0.6)) {
            prints_.push_back({best.price, best.quantity, opposite(s)});
        }
        ladder.erase(0);
        note_change();
    }
}

/// New levels at the spread when the best level is too far away, outwards until they meet the old
/// ones.
void SyntheticBook::step_in(Side s, double middle, double half_spread, runtime::Random& random) {
    Ladder& ladder = ladder_of(s);
    const double reach =
        ladder.empty() ? 1e18 : direction(s) * (static_cast<double>(ladder.best().price) - middle);
    if (reach <= 1.5 * half_spread + 1.0) return;
    const double spacing = spacing_ticks(middle);
    double distance = half_spread * (0.6 + 0.7 * random.uniform());
    for (std::size_t i = 0; i < 12 && distance < reach; ++i) {
        if (ladder.insert(outward(s, middle + direction(s) * distance), random_quantity(i, random)))
            note_change();
        distance += spacing * (0.5 + random.uniform());
    }
}

void SyntheticBook::refill_tail(Side s, double spacing, runtime::Random& random) {
    Ladder& ladder = ladder_of(s);
    while (!ladder.empty() && ladder.size() < listing_->levels) {
        const double jump = std::max(1.0, spacing * (0.5 + random.uniform()));
        const auto price = static_cast<std::int64_t>(static_cast<double>(ladder.worst().price) +
                                                     direction(s) * jump);
        if (!ladder.insert(price, random_quantity(ladder.size(), random))) return;
        note_change();
    }
}

/// A few orders come, change or go, most of them near the best price.
void SyntheticBook::churn(double spacing, runtime::Random& random) {
    const std::uint64_t count = 1 + random.below(4);
    for (std::uint64_t i = 0; i < count; ++i) {
        const Side s = random.chance(0.5) ? Side::Buy : Side::Sell;
        Ladder& ladder = ladder_of(s);
        if (ladder.size() < 4) continue;
        const double u = random.uniform();
        const auto index = static_cast<std::size_t>(u * u * u * static_cast<double>(ladder.size()));
        const std::uint64_t what = random.below(10);
        if (what < 7) {
            ladder.set_quantity(index, random_quantity(index, random));
        } else if (what < 8 && index > 0) {
            ladder.erase(index);
        } else {
            const auto shift = static_cast<std::int64_t>(1.0 + spacing * random.uniform());
            const std::int64_t away = s == Side::Buy ? -shift : shift;
            if (!ladder.insert(ladder[index].price + away, random_quantity(index, random)))
                continue;
        }
        note_change();
    }
}

/// A taker eats into the best levels; trades print at the levels' prices.
void SyntheticBook::take(Side aggressor, runtime::Random& random) {
    Ladder& ladder = ladder_of(opposite(aggressor));
    const double u = random.uniform();
    auto left =
        std::max<std::int64_t>(1, static_cast<std::int64_t>(listing_->level_lots * u * u * 0.9));
    while (left > 0 && ladder.size() > 4) {
        const Ladder::Rung best = ladder.best();
        const std::int64_t quantity = std::min(left, best.quantity);
        prints_.push_back({best.price, quantity, aggressor});
        left -= quantity;
        if (quantity == best.quantity) {
            ladder.erase(0);
        } else {
            ladder.set_quantity(0, best.quantity - quantity);
        }
        note_change();
    }
}

void SyntheticBook::cross() {
    if (bids_.empty() || asks_.empty()) return;
    if (bids_.insert(asks_.best().price, std::max<std::int64_t>(1, asks_.best().quantity / 2)))
        note_change();
}

}  // namespace parallax::sim_market
