#include "services/scanner/episodes.hpp"

#include <algorithm>
#include <bit>

namespace parallax::scanner {

// --- SurvivalTable
// -----------------------------------------------------------------------------------------------

std::size_t SurvivalTable::bucket(Nanos duration) noexcept {
    const auto us = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)) / 1'000;
    if (us < 8) return static_cast<std::size_t>(us);
    const auto power = static_cast<unsigned>(std::bit_width(us)) - 4;  // 8 sub-buckets are 2^3
    return std::min<std::size_t>((power + 1) * 8 + ((us >> power) & 7), kBuckets - 1);
}

Nanos SurvivalTable::upper(std::size_t bucket) noexcept {
    if (bucket < 8) return Nanos::micros(static_cast<std::int64_t>(bucket) + 1);
    const std::size_t power = bucket / 8 - 1;
    return Nanos::micros(static_cast<std::int64_t>((bucket % 8 + 9) << power));
}

void SurvivalTable::record(Nanos duration, bool censored) noexcept {
    ++count_;
    if (!censored) ++ended_;
    ++(censored ? censored_ : events_)[bucket(duration)];
}

double SurvivalTable::survival(Nanos time) const noexcept {
    if (count_ == 0) return 1.0;
    const std::size_t last = bucket(time);
    auto at_risk = static_cast<double>(count_);
    double alive = 1.0;
    for (std::size_t i = 0; i <= last && at_risk > 0.0; ++i) {
        alive *= 1.0 - events_[i] / at_risk;
        at_risk -= static_cast<double>(events_[i]) + censored_[i];
    }
    return alive;
}

Nanos SurvivalTable::quantile(double fraction) const noexcept {
    auto at_risk = static_cast<double>(count_);
    double alive = 1.0;
    for (std::size_t i = 0; i < kBuckets && at_risk > 0.0; ++i) {
        alive *= 1.0 - events_[i] / at_risk;
        if (events_[i] > 0 && alive <= 1.0 - fraction + 1e-12) return upper(i);
        at_risk -= static_cast<double>(events_[i]) + censored_[i];
    }
    return Nanos{-1};
}

// --- EpisodeBook
// -------------------------------------------------------------------------------------------------

EpisodeBook::EpisodeBook() {
    open_.reserve(1'024);
    closed_.reserve(1'024);
}

bool EpisodeBook::touch(const Open& start, UnixNanos now, const Peak& peak, std::uint32_t& at) {
    const auto same = [&](const Open& open) {
        return open.episode.route == start.episode.route && open.lane == start.lane;
    };
    if (at >= open_.size() || !same(open_[at])) {
        at = static_cast<std::uint32_t>(std::find_if(open_.begin(), open_.end(), same) -
                                        open_.begin());
    }
    const bool opened = at == open_.size();
    if (opened) {
        open_.push_back(start);
        open_.back().episode.opened = now;
        open_.back().episode.updates = 0;
    }
    messages::Episode& episode = open_[at].episode;
    ++episode.updates;
    if (opened || peak.rate > episode.peak_rate) {
        episode.peaked = now;
        episode.peak_rate = peak.rate;
        episode.peak_net = peak.net;
        episode.peak_quantity = peak.quantity;
    }
    return opened;
}

void EpisodeBook::close(std::size_t at, UnixNanos now, const End& end) {
    messages::Episode episode = open_[at].episode;
    open_[at] = open_.back();
    open_.pop_back();
    ++endings_;
    episode.closed = now;
    episode.censored = end.censored;
    episode.reason = end.reason;
    tables_[static_cast<std::size_t>(episode.kind)].record(now - episode.opened, end.censored);
    closed_.push_back(episode);
}

void EpisodeBook::close_all(UnixNanos now) {
    while (!open_.empty()) close(open_.size() - 1, now, {.censored = true, .reason = {}});
}

std::array<SurvivalRow, EpisodeBook::kKinds> EpisodeBook::report() const noexcept {
    std::array<SurvivalRow, kKinds> rows;
    for (std::size_t i = 0; i < kKinds; ++i) {
        const SurvivalTable& table = tables_[i];
        rows[i] = {static_cast<messages::OpportunityKind>(i),
                   table.count(),
                   table.count() - table.ended(),
                   table.quantile(0.25),
                   table.quantile(0.5),
                   table.quantile(0.75),
                   table.quantile(0.9)};
    }
    return rows;
}

void EpisodeBook::rescale(const Universe& universe, SymbolId symbol,
                          std::int64_t quantity_factor) noexcept {
    for (Open& open : open_) {
        if (universe.instrument(open.episode.buy).symbol != symbol) continue;
        open.episode.peak_quantity =
            Quantity::from_raw(open.episode.peak_quantity.raw() * quantity_factor);
    }
}

}  // namespace parallax::scanner
