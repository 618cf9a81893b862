#include "services/scanner/service.hpp"

#include <algorithm>
#include <cmath>

namespace parallax::scanner {

Service::Service(const Universe& universe, const book::BookSet& books, const FeeSchedule& fees,
                 const Config& config)
    : universe_{universe},
      books_{books},
      fees_{fees},
      config_{config},
      cycles_{universe, fees, config},
      conversions_{universe, books, config},
      estimates_{config} {
    opportunities_.reserve(4'096);
    signals_.reserve(kMostSignals);
    levels_.resize(2 * kMaxVenues * static_cast<std::size_t>(config.max_levels));
    crossed_cycles_.reserve(4'096);
    for (std::size_t i = 0; i < kVenueCount; ++i) {
        latency_roots_[i] =
            std::sqrt(static_cast<double>(config.latency(static_cast<Venue>(i)).count()) * 1e-9);
    }
}

void Service::clear_outputs() noexcept {
    opportunities_.clear();
    episodes_.clear_closed();
}

// --- Books
// -------------------------------------------------------------------------------------------------

bool Service::tradable(const Track& track) const noexcept {
    return track.book->tradable() && track.trading &&
           !down_[static_cast<std::size_t>(track.market)];
}

void Service::on_book(InstrumentId id, UnixNanos now) {
    if (id.index() >= tracks_.size() || !tracks_[id.index()].listed) return;
    if (cycles_stale_) [[unlikely]]
        prepare_cycles();
    Track& track = tracks_[id.index()];
    if (!tradable(track)) [[unlikely]] {
        if (track.live) withdraw(id, track, now);
        return;
    }
    const Level bid = track.book->best_bid();
    const Level ask = track.book->best_ask();
    const Price bid_price = bid.quantity.is_zero() ? Price{} : bid.price;
    const Price ask_price = ask.quantity.is_zero() ? Price{} : ask.price;
    const bool came = !track.live;
    const bool moved = came || bid_price != track.bid || ask_price != track.ask;
    track.live = true;
    track.bid = bid_price;
    track.ask = ask_price;
    track.queue.observe(track.book->received(), track.book->venue_time());
    if (moved) {
        observed_[id.index()].ring.push(
            {track.book->received() - track.queue.delay(), bid_price, ask_price});
    }
    if (track.recovers) [[unlikely]] {
        std::array<Footprint, 2>& taken = observed_[id.index()].taken;
        taken[static_cast<std::size_t>(Side::Buy)].observe(now, ask_price);
        taken[static_cast<std::size_t>(Side::Sell)].observe(now, bid_price);
        track.recovers = taken[0].measuring() || taken[1].measuring();
    }
    if (track.group != kNone) {
        Group& group = groups_[track.group];
        if (came) group.forget();
        if (moved) place(group, track);
        if (group.table.crossed() || group.lane.crossed) scan_group(track.group, now, track.row);
    }
    if (track.source &&
        conversions_.refresh(id, now, observed_[id.index()].volatility.per_sqrt_second())) {
        refresh_quotes();
    }
    if (track.cycles) {
        if (moved) cycles_.set(id, bid_price, ask_price);
        scan_cycles(id, now);
    }
}

/// Puts the track's prices into its group's table.
void Service::place(Group& group, const Track& track) {
    const Row& row = group.rows[track.row];
    if (track.bid.raw() > row.price_limit || track.ask.raw() > row.price_limit) [[unlikely]]
        return refresh(group);
    if (!row.usable) return;
    group.table.set(track.row,
                    track.bid.raw() > 0 ? row.gross_bid.floor(track.bid) : CrossTable::kNoBid,
                    track.ask.raw() > 0 ? row.gross_ask.ceil(track.ask) : CrossTable::kNoAsk);
}

/// The book may not be traded on any more: its prices leave the tables, its episodes end without
/// the market's doing and say why.
void Service::withdraw(InstrumentId id, Track& track, UnixNanos now) {
    const EpisodeBook::End end{true, why_untradable(track)};
    track.live = false;
    if (track.group != kNone) {
        Group& group = groups_[track.group];
        group.table.clear(track.row);
        const std::uint32_t row = track.row;
        if (group.lane.open > 0) {
            count(end.reason.code);
            group.lane.open -=
                episodes_.close_if(track.group, now, end, [row](const EpisodeBook::Open& open) {
                    return open.buy_row == row || open.sell_row == row;
                });
        }
        group.forget();
        if (group.lane.crossed) scan_group(track.group, now, kNobody);
    }
    if (track.source && conversions_.expire(now)) refresh_quotes();
    if (track.cycles) {
        for (const std::uint32_t cycle : crossed_cycles_) {
            Lane& place = cycle_lanes_[cycle];
            if (place.open == 0 || !cycles_[cycle].uses(id)) continue;
            place.open -= episodes_.close_if(kCycleLane + cycle, now, end, kEach);
        }
        cycles_.set(id, Price{}, Price{});
        settle_cycles(now);
    }
    for (std::uint32_t i = 0; i < pairs_.size(); ++i) {
        BasisPair& pair = pairs_[i];
        if (pair.lane.open == 0 || (pair.cash != id && pair.future != id)) continue;
        pair.lane.open -= episodes_.close_if(kPairLane + i, now, end, kEach);
    }
}

messages::Reason Service::why_untradable(const Track& track) const noexcept {
    if (down_[static_cast<std::size_t>(track.market)])
        return {messages::ReasonCode::VenueDown, static_cast<std::int64_t>(track.market), 0};
    return {messages::ReasonCode::BookStale, static_cast<std::int64_t>(track.book->state()), 0};
}

void Service::refresh_quotes() {
    for (Group& group : groups_) {
        if (group.dollars) refresh(group);
    }
}

// --- Time, marks and feeds
// ---------------------------------------------------------------------------------------

void Service::on(const messages::MarkPrice& mark) {
    if (mark.instrument.index() >= tracks_.size() || !tracks_[mark.instrument.index()].listed)
        return;
    const Instrument& instrument = universe_.instrument(mark.instrument);
    observed_[mark.instrument.index()].funding.on(mark, instrument.funding_interval,
                                                  instrument.funding_cap);
    for (std::uint32_t i = 0; i < pairs_.size(); ++i) {
        const BasisPair& pair = pairs_[i];
        if (pair.cash != mark.instrument && pair.future != mark.instrument) continue;
        if (mark.stamp.received - pair.looked >= config_.basis_interval)
            look_at_pair(i, mark.stamp.received);
    }
}

void Service::on(const messages::TradePrint& trade) {
    if (trade.instrument.index() >= tracks_.size() || !tracks_[trade.instrument.index()].listed)
        return;
    // A trade proves how late its feed is, like any message with a venue time.
    tracks_[trade.instrument.index()].queue.observe(trade.stamp.received, trade.stamp.venue_time);
    if (trade.price.raw() > 0) {
        observed_[trade.instrument.index()].volume.observe(
            trade.stamp.received,
            universe_.base_value(trade.instrument, trade.price, trade.quantity, Rounding::Down)
                .approximate());
    }
}

void Service::on(const messages::FeedStatus& status) {
    bool& down = down_[static_cast<std::size_t>(status.market)];
    if (down == !status.up) return;
    down = !status.up;
    for (const InstrumentId id : listed_) {
        if (universe_.instrument(id).market == status.market) on_book(id, status.time);
    }
}

void Service::on(const messages::ClockTick& tick) {
    if (cycles_stale_) prepare_cycles();
    if (tick.now - last_second_ >= Nanos::seconds(1)) second_passed(tick.now);
    if (conversions_.expire(tick.now)) refresh_quotes();
    for (std::uint32_t i = 0; i < pairs_.size(); ++i) {
        if (tick.now - pairs_[i].looked >= config_.basis_interval) look_at_pair(i, tick.now);
    }
}

/// Once a second: volatilities take a sample, silent crossings are looked at, forgotten signals go.
void Service::second_passed(UnixNanos now) {
    last_second_ = now;
    ++epoch_;
    episodes_.advance(now);
    for (const InstrumentId id : listed_) {
        const Track& track = tracks_[id.index()];
        if (!track.live || track.bid.raw() <= 0 || track.ask.raw() <= 0) continue;
        observed_[id.index()].volatility.observe(now, 0.5 * (static_cast<double>(track.bid.raw()) +
                                                             static_cast<double>(track.ask.raw())));
    }
    for (std::uint32_t i = 0; i < groups_.size(); ++i) {
        if (groups_[i].lane.crossed) scan_group(i, now, kNobody);
    }
    settle_cycles(now);
    std::erase_if(signals_, [&](const Signal& signal) {
        return !lane(signal.lane).plan_open && now > signal.forget;
    });
}

void Service::close_all(UnixNanos now) {
    episodes_.close_all(now);
    for (Group& group : groups_) group.lane.open = 0;
    for (Lane& cycle : cycle_lanes_) cycle.open = 0;
    for (BasisPair& pair : pairs_) pair.lane.open = 0;
}

}  // namespace parallax::scanner
