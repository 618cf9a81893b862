#include "services/analytics/crosses.hpp"

#include <algorithm>

#include "core/dollars.hpp"

namespace parallax::analytics {

Crosses::Crosses(const Universe& universe, std::vector<Rate> thresholds)
    : universe_{universe}, thresholds_{std::move(thresholds)} {
    if (!thresholds_.empty()) lowest_ = *std::ranges::min_element(thresholds_);
}

/// Prices of one base asset in one unit of money.
bool Crosses::comparable(InstrumentId a, InstrumentId b) const noexcept {
    const Instrument& one = universe_.instrument(a);
    const Instrument& other = universe_.instrument(b);
    const auto dollars = [this](AssetId quote) { return is_dollar(universe_.asset_name(quote)); };
    return one.base == other.base &&
           (one.quote == other.quote || (dollars(one.quote) && dollars(other.quote)));
}

void Crosses::add_feed(InstrumentId id) {
    feeds_[id.index()].seen = true;
    for (const InstrumentId other : order_) {
        if (!comparable(other, id)) continue;
        for (const auto& [buy, sell] : {std::pair{other, id}, std::pair{id, other}}) {
            align(pairs_.emplace_back(Pair{buy, sell, std::vector<Run>(thresholds_.size()), {}}));
            feeds_[buy.index()].pairs.push_back(pairs_.size() - 1);
            feeds_[sell.index()].pairs.push_back(pairs_.size() - 1);
        }
    }
    order_.push_back(id);
}

void Crosses::on(const messages::BestQuote& quote) {
    if (thresholds_.empty()) return;  // nothing will be reported
    const std::size_t index = quote.instrument.index();
    if (index >= feeds_.size()) feeds_.resize(index + 1);
    if (!feeds_[index].seen) add_feed(quote.instrument);
    Feed& feed = feeds_[index];
    feed.top = {quote.bid, quote.ask};
    feed.last = quote.stamp.received;
    for (const std::size_t at : feed.pairs) {
        Pair& pair = pairs_[at];
        const Feed& buy = feeds_[pair.buy.index()];
        const Feed& sell = feeds_[pair.sell.index()];
        const Change change{quote.stamp.received, buy.top, sell.top};
        // Not crossed before, now, or in what waits: the change cannot matter.
        if (pair.open == 0 && pair.waiting.empty() && !above(pair, change, lowest_)) continue;
        pair.waiting.push_back(change);
        const UnixNanos known = std::min(buy.last, sell.last);
        while (!pair.waiting.empty() && pair.waiting.front().time <= known) {
            commit(pair, pair.waiting.front());
            pair.waiting.pop_front();
        }
    }
}

void Crosses::align(Pair& pair) const noexcept {
    const std::uint8_t buy = universe_.symbol_of(pair.buy).price_scale.decimals;
    const std::uint8_t sell = universe_.symbol_of(pair.sell).price_scale.decimals;
    pair.buy_factor = pow10(static_cast<std::uint8_t>(std::max(buy, sell) - buy));
    pair.sell_factor = pow10(static_cast<std::uint8_t>(std::max(buy, sell) - sell));
}

bool Crosses::above(const Pair& pair, const Change& change, Rate threshold) noexcept {
    if (change.buy.ask.quantity.is_zero() || change.sell.bid.quantity.is_zero()) return false;
    const __int128 ask = static_cast<__int128>(change.buy.ask.price.raw()) * pair.buy_factor;
    const __int128 bid = static_cast<__int128>(change.sell.bid.price.raw()) * pair.sell_factor;
    return bid * Rate::kOne > ask * (Rate::kOne + threshold.raw());
}

void Crosses::commit(Pair& pair, const Change& change) {
    std::optional<Amount> size;
    for (std::size_t i = 0; i < thresholds_.size(); ++i) {
        Run& run = pair.runs[i];
        if (!above(pair, change, thresholds_[i])) {
            if (!run.open) continue;
            run.close(change.time);
            --pair.open;
            continue;
        }
        if (!size) {
            size = std::min(universe_.base_value(pair.buy, change.buy.ask.price,
                                                 change.buy.ask.quantity, Rounding::Down),
                            universe_.base_value(pair.sell, change.sell.bid.price,
                                                 change.sell.bid.quantity, Rounding::Down));
        }
        if (!run.open) {
            run.open = true;
            run.since = change.time;
            ++pair.open;
        }
        run.largest = std::max(run.largest, *size);
    }
}

void Crosses::on_rescale(const Rescale& change) noexcept {
    const auto scale = [&](Level& level) {
        level = {Price::from_raw(level.price.raw() * pow10(change.price_digits)),
                 Quantity::from_raw(level.quantity.raw() * pow10(change.quantity_digits))};
    };
    const auto scale_top = [&](InstrumentId id, Top& top) {
        if (universe_.instrument(id).symbol != change.symbol) return;
        scale(top.bid);
        scale(top.ask);
    };
    for (const InstrumentId id : order_) scale_top(id, feeds_[id.index()].top);
    for (Pair& pair : pairs_) {
        align(pair);
        for (Change& waiting : pair.waiting) {
            scale_top(pair.buy, waiting.buy);
            scale_top(pair.sell, waiting.sell);
        }
    }
}

std::vector<CrossReport> Crosses::report() const {
    std::vector<CrossReport> reports;
    for (const Pair& pair : pairs_) {
        const UnixNanos end =
            std::min(feeds_[pair.buy.index()].last, feeds_[pair.sell.index()].last);
        for (std::size_t i = 0; i < thresholds_.size(); ++i) {
            Run run = pair.runs[i];
            if (run.open) run.close(end);
            CrossReport out{pair.buy, pair.sell, thresholds_[i], run.durations.size(), {},
                            {},       {},        run.largest};
            std::sort(run.durations.begin(), run.durations.end());
            std::int64_t total = 0;
            for (const std::int64_t duration : run.durations) total += duration;
            out.total = Nanos{total};
            if (!run.durations.empty()) {
                out.median = Nanos{run.durations[run.durations.size() / 2]};
                out.max = Nanos{run.durations.back()};
            }
            reports.push_back(out);
        }
    }
    return reports;
}

}  // namespace parallax::analytics
