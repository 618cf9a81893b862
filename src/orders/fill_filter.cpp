#include "orders/fill_filter.hpp"

#include <algorithm>
#include <limits>

namespace parallax::orders {

bool FillFilter::sound(std::uint64_t trade_id, Quantity quantity,
                       Quantity cumulative) const noexcept {
    if (quantity <= Quantity{}) return false;
    if (!cumulative.is_zero()) return cumulative >= quantity;
    std::int64_t end = 0;
    return trade_id != 0 && !__builtin_add_overflow(last_end(), quantity.raw(), &end);
}

Quantity FillFilter::accept(std::uint64_t trade_id, Quantity quantity, Quantity cumulative) {
    if (!sound(trade_id, quantity, cumulative)) return {};
    const auto known = std::lower_bound(trades_.begin(), trades_.end(), trade_id);
    if (trade_id != 0 && known != trades_.end() && *known == trade_id) return {};
    expect(cumulative);
    const std::int64_t end = cumulative.is_zero() ? last_end() + quantity.raw() : cumulative.raw();
    const Quantity fresh = Quantity::from_raw(cover({end - quantity.raw(), end}));
    if (fresh.is_zero()) return {};
    if (trade_id != 0) trades_.insert(known, trade_id);
    filled_ += fresh;
    return fresh;
}

/// Marks the run as counted; returns how much of it was not yet.
std::int64_t FillFilter::cover(Run run) {
    const auto first = std::partition_point(runs_.begin(), runs_.end(),
                                            [&](const Run& r) { return r.end < run.begin; });
    auto last = first;
    std::int64_t known = 0;
    Run merged = run;
    for (; last != runs_.end() && last->begin <= run.end; ++last) {
        known += std::max<std::int64_t>(
            0, std::min(last->end, run.end) - std::max(last->begin, run.begin));
        merged = {std::min(merged.begin, last->begin), std::max(merged.end, last->end)};
    }
    if (first == last) {
        runs_.insert(first, merged);
    } else {
        *first = merged;
        runs_.erase(first + 1, last);
    }
    return run.end - run.begin - known;
}

void FillFilter::reset() noexcept {
    filled_ = expected_ = Quantity{};
    runs_.clear();
    trades_.clear();
}

/// Saturates: only what a peer made up is that large, and it must not stop anything.
void FillFilter::rescale(std::int64_t factor) noexcept {
    const auto scale = [factor](std::int64_t raw) {
        std::int64_t out = 0;
        const bool overflows = __builtin_mul_overflow(raw, factor, &out);
        return overflows ? std::numeric_limits<std::int64_t>::max() : out;
    };
    filled_ = Quantity::from_raw(scale(filled_.raw()));
    expected_ = Quantity::from_raw(scale(expected_.raw()));
    for (Run& run : runs_) run = {scale(run.begin), scale(run.end)};
}

}  // namespace parallax::orders
