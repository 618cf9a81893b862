#include "sim/market/synthetic_market.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/assert.hpp"

namespace parallax::sim_market {
namespace {

using sim_prices::kBp;

constexpr std::int64_t kMs = 1'000'000;
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kEightHours = 8 * 3600 * kSecond;
constexpr std::size_t kLargestFrame = 2 * Ladder::kMost * 64 + 1'024;

/// How long a venue's data is on its way to us: a floor and the most jitter on top.
struct Way {
    std::int64_t floor;
    double jitter;
};
Way way(Venue venue) noexcept {
    switch (venue) {
        case Venue::Binance:
            return {2 * kMs, 4e6};
        case Venue::Okx:
            return {26 * kMs, 12e6};
        case Venue::Bybit:
            return {36 * kMs, 12e6};
    }
    return {};
}

std::int64_t depth_period(Venue venue) noexcept {
    return venue == Venue::Bybit ? 20 * kMs : 100 * kMs;
}

bool same(const Ladder::Rung& a, const Ladder::Rung& b) noexcept {
    return a.price == b.price && a.quantity == b.quantity;
}

constexpr auto kLater = [](const auto& a, const auto& b) {
    return a.at != b.at ? a.at > b.at : a.source > b.source;
};

}  // namespace

SyntheticMarket::Source::Source(Listing l, std::uint64_t seed, std::int64_t start_ns)
    : listing{std::move(l)},
      names{names_of(listing)},
      book{listing},
      random{seed},
      deviation{listing, start_ns, random} {}

SyntheticMarket::SyntheticMarket(const Config& config, std::uint64_t seed)
    : config_{config},
      fair_{sim_prices::Settings{config.start, config.intensity, config.volatility},
            sim_prices::derive_seed(seed, 0)},
      random_{sim_prices::derive_seed(seed, 1)} {
    const std::int64_t start = config.start.nanos();
    std::vector<Listing> listings = sim_prices::all_listings();
    sources_.reserve(listings.size());  // books refer to their listing: sources never move
    for (std::size_t i = 0; i < listings.size(); ++i) {
        Source& source = sources_.emplace_back(std::move(listings[i]),
                                               sim_prices::derive_seed(seed, 2 + i), start);
        source.venue_ns = start;
        source.next_beat = start;
        source.next_mark = start + source.random.between(0, kSecond);
        source.trade_id = 100'000'000 + source.random.below(900'000'000);
        source.packet = 2 + source.random.below(10'000'000);
        schedule_.push_back({start, static_cast<std::uint32_t>(i)});
    }
    shaken_ = start / FairPrice::kStepNs;
    std::make_heap(schedule_.begin(), schedule_.end(), kLater);
    text_.resize(4 * kLargestFrame);
    pending_.reserve(256);
}

std::vector<InstrumentDefinition> SyntheticMarket::instruments() const {
    std::vector<InstrumentDefinition> definitions;
    for (const Source& source : sources_) definitions.push_back(source.listing.definition);
    return definitions;
}

void SyntheticMarket::next(Frame& out) {
    while (taken_ == pending_.size()) {
        pending_.clear();
        taken_ = used_ = 0;
        act();
    }
    const Pending& frame = pending_[taken_++];
    const Source& source = sources_[frame.source];
    out.received = UnixNanos::from_nanos(frame.received);
    out.market = source.market();
    out.bytes = {text_.data() + frame.begin, frame.size};
    out.snapshot_of = frame.snapshot && source.venue() == Venue::Binance
                          ? std::string_view{source.names.symbol}
                          : std::string_view{};
    ++counters_.frames;
    counters_.bytes += frame.size;
}

/// Lets the next source in time act.
void SyntheticMarket::act() {
    std::pop_heap(schedule_.begin(), schedule_.end(), kLater);
    Turn& turn = schedule_.back();
    Source& source = sources_[turn.source];
    fair_.advance(turn.at);
    shake(turn.at);
    act(source, turn.at);
    turn.at = std::max(turn.at + 1, next_turn(source));
    std::push_heap(schedule_.begin(), schedule_.end(), kLater);
}

void SyntheticMarket::act(Source& source, std::int64_t now) {
    const bool opening = source.book.side(Side::Buy).empty();
    move_time(source, now);
    if (opening) {
        source.book.open(middle_ticks(source, now), source.random);
        source.last_id = static_cast<std::int64_t>(source.book.change());
    }
    const bool due = opening || source.next_beat <= now;
    if (due) beat(source, now);
    if (now < silent_until_[static_cast<std::size_t>(source.market())])
        return;  // changes pile up meanwhile
    if (source.snapshot_wanted) send_snapshot(source, now);
    if (due) send_trades(source, now);
    if (source.next_quote <= now) send_quote(source, now);
    if (source.next_depth <= now && source.book.first_change() != 0) send_depth(source, now);
    if (source.listing.perpetual) send_marks(source, now);
}

std::int64_t SyntheticMarket::next_turn(const Source& source) const noexcept {
    std::int64_t send = std::numeric_limits<std::int64_t>::max();
    if (source.book.first_change() != 0) send = std::min(send, source.next_depth);
    if (source.listing.perpetual) send = std::min(send, source.next_mark);
    if (source.venue() == Venue::Okx && !quoted(source)) send = std::min(send, source.next_quote);
    return std::min(source.next_beat,
                    std::max(send, silent_until_[static_cast<std::size_t>(source.market())]));
}

/// Draws, for each step of the grid, whether a listing falls out of line or a market falls silent.
void SyntheticMarket::shake(std::int64_t now) {
    constexpr double kStepMinutes = static_cast<double>(FairPrice::kStepNs) / (60.0 * 1e9);
    for (; shaken_ < now / FairPrice::kStepNs; ++shaken_) {
        if (random_.chance(sim_prices::shake_chance(config_.intensity))) {
            Source& source = sources_[random_.below(sources_.size())];
            source.deviation.shake(source.listing, random_);
            ++counters_.shocks;
        }
        if (random_.chance(config_.stalls_per_minute * kStepMinutes)) {
            constexpr Market kActive[] = {Market::BinanceSpot, Market::BinanceUsdm, Market::Okx,
                                          Market::BybitSpot, Market::BybitLinear};
            silent_until_[static_cast<std::size_t>(kActive[random_.below(5)])] =
                now + config_.stall.count();
            ++counters_.stalls;
        }
    }
}

/// Matching time of what we receive now, and the deviation up to it.
void SyntheticMarket::move_time(Source& source, std::int64_t now) {
    const Way w = way(source.venue());
    const double u = source.random.uniform();
    const std::int64_t latency = w.floor + static_cast<std::int64_t>(w.jitter * u * u * u);
    source.venue_ns = std::max(source.venue_ns, now - latency);
    source.deviation.advance(source.listing, now, source.random);
}

double SyntheticMarket::middle_ticks(Source& source, std::int64_t now) {
    const Listing& l = source.listing;
    const std::int64_t seen =
        source.venue_ns - static_cast<std::int64_t>(l.lag_ms * config_.lag * 1e6);
    return source.deviation.middle_ticks(l, fair_, std::min(seen, now));
}

void SyntheticMarket::beat(Source& source, std::int64_t now) {
    ++counters_.beats;
    source.book.beat(middle_ticks(source, now), fair_.volatility(), source.random);
    if (source.random.chance(config_.crossed_probability)) {
        source.book.cross();
        ++counters_.crossed;
    }
    const double mean =
        1e9 / (source.listing.changes * config_.activity * std::sqrt(fair_.volatility()));
    source.next_beat =
        now +
        static_cast<std::int64_t>(mean * (source.random.uniform() + source.random.uniform())) + 1;
}

FrameTimes SyntheticMarket::times(const Source& source) const noexcept {
    const std::int64_t ms = source.venue_ns / kMs;
    return {ms, ms + 1};
}

template <class Write>
void SyntheticMarket::emit(const Source& source, std::int64_t now, Write&& write, bool snapshot) {
    if (text_.size() < used_ + kLargestFrame) text_.resize(2 * text_.size());
    JsonText text{text_.data() + used_};
    write(text);
    const auto size = static_cast<std::size_t>(text.end() - (text_.data() + used_));
    PLX_ASSERT(size <= kLargestFrame);
    const auto index = static_cast<std::uint32_t>(&source - sources_.data());
    pending_.push_back({now, index, used_, size, snapshot});
    used_ += size;
}

void SyntheticMarket::send_trades(Source& source, std::int64_t now) {
    for (const Print& print : source.book.prints()) {
        ++source.trade_id;
        emit(source, now, [&](JsonText& text) {
            write_trade(text, source.listing, source.names, print, source.trade_id,
                        source.book.change(), times(source));
        });
    }
}

/// A REST answer leaves the stream as it is: the next depth event must contain its id, so it is
/// taken between two of them. A snapshot inside a stream starts the stream over.
void SyntheticMarket::send_snapshot(Source& source, std::int64_t now) {
    source.snapshot_wanted = false;
    const bool in_stream = source.venue() != Venue::Binance;
    if (in_stream) ++source.packet;
    const DepthIds ids{source.book.change(), source.book.change(), -1, source.packet};
    emit(
        source, now,
        [&](JsonText& text) {
            write_snapshot(text, source.listing, source.names, source.book, ids, times(source));
        },
        true);
    if (in_stream) {
        source.last_id = static_cast<std::int64_t>(ids.last);
        source.book.published();
    }
    const std::int64_t period = depth_period(source.venue());
    source.next_depth = std::max(source.next_depth, now - now % period + period);
}

/// The best levels are those told last (or one is missing and there is nothing to tell).
bool SyntheticMarket::quoted(const Source& source) const noexcept {
    const Ladder& bids = source.book.side(Side::Buy);
    const Ladder& asks = source.book.side(Side::Sell);
    if (bids.empty() || asks.empty()) return true;
    return same(bids.best(), source.quoted_bid) && same(asks.best(), source.quoted_ask);
}

void SyntheticMarket::send_quote(Source& source, std::int64_t now) {
    if (source.venue() == Venue::Bybit) return;
    if (quoted(source)) return;
    source.quoted_bid = source.book.side(Side::Buy).best();
    source.quoted_ask = source.book.side(Side::Sell).best();
    if (source.venue() == Venue::Okx) source.next_quote = now + 10 * kMs;
    emit(source, now, [&](JsonText& text) {
        write_quote(text, source.listing, source.names, source.book, source.book.change(),
                    times(source));
    });
}

void SyntheticMarket::send_depth(Source& source, std::int64_t now) {
    ++source.packet;
    const DepthIds ids{source.book.first_change(), source.book.change(), source.last_id,
                       source.packet};
    const bool lost = source.random.chance(config_.gap_probability);
    const int copies = lost ? 0 : source.random.chance(config_.duplicate_probability) ? 2 : 1;
    counters_.gaps += copies == 0 ? 1 : 0;
    counters_.duplicates += copies == 2 ? 1 : 0;
    for (int i = 0; i < copies; ++i) {
        emit(source, now, [&](JsonText& text) {
            write_depth(text, source.listing, source.names, source.book, ids, times(source));
        });
    }
    source.last_id = static_cast<std::int64_t>(ids.last);
    source.book.published();
    const std::int64_t period = depth_period(source.venue());
    source.next_depth = now - now % period + period;
}

void SyntheticMarket::send_marks(Source& source, std::int64_t now) {
    if (source.next_mark > now) return;
    source.next_mark = std::max(source.next_mark + kSecond, now);
    const Funding f = funding(source, now);
    emit(source, now, [&](JsonText& text) {
        write_mark(text, source.listing, source.names, f, source.book, source.first_mark,
                   times(source));
    });
    source.first_mark = false;
    if (source.venue() != Venue::Okx || source.next_funding > now) return;
    source.next_funding = now + 60 * kSecond;
    emit(source, now, [&](JsonText& text) {
        write_funding(text, source.listing, source.names, f, times(source));
    });
}

/// F = P + clamp(I - P, +-5 bp) with I = 1 bp per eight hours.
Funding SyntheticMarket::funding(const Source& source, std::int64_t now) const noexcept {
    const Listing& l = source.listing;
    const double unit = 1.0 / static_cast<double>(pow10(l.price_form.decimals));
    const double index =
        l.coins_a_unit * fair_.at(l.base, source.venue_ns) / fair_.at(l.quote, source.venue_ns);
    const double premium = fair_.premium(l.base);
    const double rate = premium + std::clamp(1.0 * kBp - premium, -5.0 * kBp, 5.0 * kBp);
    Funding f;
    f.index = static_cast<std::int64_t>(index / unit + 0.5);
    f.mark = static_cast<std::int64_t>(index * (1.0 + premium) / unit + 0.5);
    f.rate = static_cast<std::int64_t>(std::floor(rate * 1e8 + 0.5));
    f.next_ms = (now / kEightHours + 1) * kEightHours / kMs;
    f.interval_ms = kEightHours / kMs;
    return f;
}

const SyntheticMarket::Source* SyntheticMarket::find(Market market,
                                                     std::string_view venue_symbol) const noexcept {
    for (const Source& source : sources_) {
        if (source.market() == market && source.names.symbol == venue_symbol) return &source;
    }
    return nullptr;
}

bool SyntheticMarket::resync(Market market, std::string_view venue_symbol) {
    const Source* const source = find(market, venue_symbol);
    if (source == nullptr) return false;
    sources_[static_cast<std::size_t>(source - sources_.data())].snapshot_wanted = true;
    return true;
}

std::vector<Level> SyntheticMarket::levels(Market market, std::string_view venue_symbol,
                                           Side side) const {
    std::vector<Level> out;
    const Source* const source = find(market, venue_symbol);
    if (source == nullptr) return out;
    const Ladder& ladder = source->book.side(side);
    for (std::size_t i = 0; i < ladder.size(); ++i) {
        out.push_back({Price::from_raw(ladder[i].price * source->listing.tick_steps),
                       Quantity::from_raw(ladder[i].quantity * source->listing.lot_steps)});
    }
    return out;
}

}  // namespace parallax::sim_market
