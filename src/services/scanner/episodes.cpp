#include "services/scanner/episodes.hpp"

#include <algorithm>

namespace parallax::scanner {

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
    curves_[static_cast<std::size_t>(episode.kind)].record(now, now - episode.opened, end.censored);
    closed_.push_back(episode);
}

void EpisodeBook::close_all(UnixNanos now) {
    while (!open_.empty()) close(open_.size() - 1, now, {.censored = true, .reason = {}});
}

std::array<SurvivalRow, EpisodeBook::kKinds> EpisodeBook::report(Horizon horizon) const noexcept {
    std::array<SurvivalRow, kKinds> rows;
    for (std::size_t i = 0; i < kKinds; ++i) {
        const SurvivalCurves& curves = curves_[i];
        const SurvivalTable& table = horizon == Horizon::Ever  ? curves.ever()
                                     : horizon == Horizon::Day ? curves.day()
                                                               : curves.hour();
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
