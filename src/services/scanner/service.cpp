#include "services/scanner/service.hpp"

#include <algorithm>
#include <cmath>

namespace parallax::scanner {

using messages::OpportunityKind;
using messages::PlanOutcome;
using messages::PlanState;

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
}

void Service::clear_outputs() noexcept {
    opportunities_.clear();
    episodes_.clear_closed();
}

// --- Listings
// -------------------------------------------------------------------------------------------------

void Service::on_listed(InstrumentId id) {
    PLX_ASSERT(books_.contains(id));
    if (tracks_.size() <= id.index()) {
        tracks_.resize(id.index() + 1);
        observed_.resize(id.index() + 1);
    }
    Track& track = tracks_[id.index()];
    const Instrument& instrument = universe_.instrument(id);
    track.book = &books_[id];
    track.market = instrument.market;
    track.trading = instrument.status == InstrumentStatus::Trading;
    if (!track.listed) {
        track.listed = true;
        listed_.push_back(id);
        apply_listing(id);
    }
    // New rules of an old listing may have changed its scale or its status.
    if (track.group != kNone) refresh(groups_[track.group]);
}

void Service::apply_listing(InstrumentId id) {
    balances_.resize(std::max(balances_.size(), universe_.asset_count() * kMarketCount));
    tracks_[id.index()].source = conversions_.list(id);
    if (is_spot(universe_.instrument(id).kind)) {
        join_group(id);
        const std::size_t before = cycles_.size();
        if (config_.triangles || config_.four_leg_cycles) cycles_.list(id);
        cycles_stale_ |= cycles_.size() != before;
    }
    pair_up(id);
}

void Service::join_group(InstrumentId id) {
    const Instrument& instrument = universe_.instrument(id);
    const bool dollars = config_.stablecoin_pairs &&
                         is_dollar(universe_.asset_name(instrument.quote)) &&
                         !is_dollar(universe_.asset_name(instrument.base));
    const auto fits = [&](const Group& group) {
        return group.base == instrument.base && group.dollars == dollars &&
               (dollars || group.quote == instrument.quote) &&
               group.rows.size() < CrossTable::kCapacity;
    };
    auto it = std::find_if(groups_.begin(), groups_.end(), fits);
    if (it == groups_.end()) {
        Group group;
        group.base = instrument.base;
        group.quote = instrument.quote;
        group.dollars = dollars;
        groups_.push_back(std::move(group));
        it = groups_.end() - 1;
    }
    if (universe_.asset_name(instrument.quote) == "USDT") it->quote = instrument.quote;
    Row row;
    row.id = id;
    Track& track = tracks_[id.index()];
    track.group = static_cast<std::uint32_t>(it - groups_.begin());
    track.row = static_cast<std::uint8_t>(it->rows.size());
    it->rows.push_back(row);
}

/// The kind of a pair of instruments of one base asset, cash leg first; nothing when the two make
/// no pair.
static std::optional<OpportunityKind> kind_of(InstrumentKind cash, InstrumentKind future,
                                              const Config& config) {
    const auto dated = [](InstrumentKind kind) { return !is_spot(kind) && !is_perpetual(kind); };
    if (is_spot(future) || dated(cash)) return std::nullopt;
    if (dated(future))
        return config.dated_basis ? std::optional{OpportunityKind::DatedBasis} : std::nullopt;
    if (is_spot(cash))
        return config.spot_perp ? std::optional{OpportunityKind::SpotPerp} : std::nullopt;
    return config.perp_perp ? std::optional{OpportunityKind::PerpPerp} : std::nullopt;
}

void Service::pair_up(InstrumentId id) {
    const Instrument& added = universe_.instrument(id);
    const auto convertible = [&](AssetId a, AssetId b) {
        return a == b || (is_dollar(universe_.asset_name(a)) && is_dollar(universe_.asset_name(b)));
    };
    for (const InstrumentId other_id : listed_) {
        if (other_id == id) continue;
        const Instrument& other = universe_.instrument(other_id);
        if (other.base != added.base || !convertible(other.quote, added.quote)) continue;
        BasisPair pair;
        if (const auto kind = kind_of(other.kind, added.kind, config_)) {
            pair.cash = other_id, pair.future = id, pair.kind = *kind;
        } else if (const auto reverse = kind_of(added.kind, other.kind, config_)) {
            pair.cash = id, pair.future = other_id, pair.kind = *reverse;
        } else {
            continue;
        }
        pairs_.push_back(pair);
    }
}

void Service::on_rescale(const Rescale& change) {
    const std::int64_t price = pow10(change.price_digits);
    const std::int64_t quantity = pow10(change.quantity_digits);
    for (const InstrumentId id : universe_.symbol(change.symbol).instruments) {
        if (id.index() >= tracks_.size() || !tracks_[id.index()].listed) continue;
        Track& track = tracks_[id.index()];
        track.bid = Price::from_raw(track.bid.raw() * price);
        track.ask = Price::from_raw(track.ask.raw() * price);
        observed_[id.index()].ring.rescale(price);
        observed_[id.index()].volatility.rescale(static_cast<double>(price));
    }
    episodes_.rescale(universe_, change.symbol, quantity);
    refresh_all();
}

void Service::prepare_cycles() {
    if (!cycles_stale_) return;
    cycles_.index();
    cycle_lanes_.resize(cycles_.size());
    cycles_stale_ = false;
    for (const InstrumentId id : listed_) {
        Track& track = tracks_[id.index()];
        track.cycles = cycles_.contains(id);
        if (track.cycles)
            cycles_.set(id, track.live ? track.bid : Price{}, track.live ? track.ask : Price{});
    }
}

// --- Net prices
// -------------------------------------------------------------------------------------------------

void Service::refresh_all(bool refit) {
    for (Group& group : groups_) refresh(group, refit);
    cycles_stale_ = true;
    prepare_cycles();
}

/// Chooses how many binary digits net prices carry: as many as leave room for 64 times today's
/// highest price.
void Service::fit_fraction(Group& group) noexcept {
    unsigned digits = 0;
    int bits = 1;
    for (const Row& row : group.rows) {
        const Track& track = tracks_[row.id.index()];
        digits = std::max(digits, row.digits);
        const auto highest =
            static_cast<unsigned __int128>(std::max(track.bid.raw(), track.ask.raw())) *
            static_cast<std::uint64_t>(pow10(static_cast<std::uint8_t>(row.digits)));
        const auto high = static_cast<std::uint64_t>(highest >> 64);
        bits = std::max(bits, high != 0 ? 64 + static_cast<int>(std::bit_width(high))
                                        : static_cast<int>(
                                              std::bit_width(static_cast<std::uint64_t>(highest))));
    }
    const int scale_bits =
        static_cast<int>(
            std::bit_width(static_cast<std::uint64_t>(pow10(static_cast<std::uint8_t>(digits))))) -
        1;
    const int room = std::min({54 - bits, 32, static_cast<int>(Multiplier::kBits) - scale_bits});
    group.fraction = static_cast<std::uint8_t>(std::max(room, 0));
}

void Service::refresh(Group& group, bool refit) {
    group.price_decimals = group.quantity_decimals = 0;
    for (const Row& row : group.rows) {
        const Symbol& symbol = universe_.symbol_of(row.id);
        group.price_decimals = std::max(group.price_decimals, symbol.price_scale.decimals);
        group.quantity_decimals = std::max(group.quantity_decimals, symbol.quantity_scale.decimals);
    }
    for (Row& row : group.rows) {
        const Symbol& symbol = universe_.symbol_of(row.id);
        row.digits = static_cast<unsigned>(group.price_decimals - symbol.price_scale.decimals);
        row.factor = pow10(
            static_cast<std::uint8_t>(group.quantity_decimals - symbol.quantity_scale.decimals));
    }
    if (refit) fit_fraction(group);
    for (Row& row : group.rows) refresh_row(group, row);
}

void Service::refresh_row(Group& group, Row& row) {
    const Instrument& instrument = universe_.instrument(row.id);
    const FeeRates& rates = fees_.rates(instrument.market, instrument.kind);
    const ConversionRate conversion = conversions_.between(instrument.quote, group.quote);
    row.terms = {rates.taker, rates.asset, conversion.pay, conversion.receive,
                 shadow(instrument.market, instrument.quote, instrument.base)};
    constexpr unsigned kMostDigits = 13;  // beyond it the mantissa has no room
    row.usable = conversion.usable && row.digits <= kMostDigits;
    const Track& track = tracks_[row.id.index()];
    if (!row.usable) return group.table.clear(track.row);
    const unsigned fraction = group.fraction;
    row.gross_ask = {row.terms.gross_ask(), row.digits, fraction, Rounding::Up};
    row.gross_bid = {row.terms.gross_bid(), row.digits, fraction, Rounding::Down};
    row.net_ask = {row.terms.ask(), row.digits, fraction, Rounding::Up};
    row.net_bid = {row.terms.bid(), row.digits, fraction, Rounding::Down};
    row.price_limit =
        ((std::int64_t{1} << 60) >> fraction) / pow10(static_cast<std::uint8_t>(row.digits));
    if (track.live && std::max(track.bid, track.ask).raw() <= row.price_limit) {
        place(group, track);
    } else {
        group.table.clear(track.row);  // no book, or a price beyond what net prices can hold
    }
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
    const bool moved = !track.live || bid_price != track.bid || ask_price != track.ask;
    track.live = true;
    track.bid = bid_price;
    track.ask = ask_price;
    track.queue.observe(track.book->received(), track.book->venue_time());
    if (moved) {
        observed_[id.index()].ring.push(
            {track.book->received() - track.queue.delay(), bid_price, ask_price});
    }
    if (track.group != kNone) {
        Group& group = groups_[track.group];
        if (moved) place(group, track);
        if (group.table.crossed() || group.lane.crossed) scan_group(track.group, now);
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
/// the market's doing.
void Service::withdraw(InstrumentId id, Track& track, UnixNanos now) {
    track.live = false;
    if (track.group != kNone) {
        Group& group = groups_[track.group];
        group.table.clear(track.row);
        const std::uint32_t row = track.row;
        if (group.lane.open > 0) {
            const bool down = down_[static_cast<std::size_t>(track.market)];
            count(down ? messages::ReasonCode::VenueDown : messages::ReasonCode::BookStale);
            group.lane.open -=
                episodes_.close_if(track.group, now, true, [row](const EpisodeBook::Open& open) {
                    return open.buy_row == row || open.sell_row == row;
                });
        }
        if (group.lane.crossed) scan_group(track.group, now);
    }
    if (track.source && conversions_.expire(now)) refresh_quotes();
    if (track.cycles) {
        cycles_.set(id, Price{}, Price{});
        settle_cycles(now);
    }
}

void Service::refresh_quotes() {
    for (Group& group : groups_) {
        if (group.dollars) refresh(group);
    }
}

// --- Balances
// -------------------------------------------------------------------------------------------------

Service::Balance& Service::balance(Market wallet, AssetId asset) {
    const std::size_t index = asset.index() * kMarketCount + static_cast<std::size_t>(wallet);
    if (index >= balances_.size()) balances_.resize((asset.index() + 1) * kMarketCount);
    return balances_[index];
}

Amount Service::available(Market market, AssetId asset) const noexcept {
    const std::size_t index =
        asset.index() * kMarketCount + static_cast<std::size_t>(wallet_of(market));
    const bool known = index < balances_.size() && balances_[index].known;
    if (!known) return config_.unlimited_balances ? Amount::max() : Amount{};
    return std::max(balances_[index].available, Amount{});
}

Rate Service::shadow(Market market, AssetId quote, AssetId base) const noexcept {
    const auto of = [&](AssetId asset) {
        const std::size_t index =
            asset.index() * kMarketCount + static_cast<std::size_t>(wallet_of(market));
        return index < balances_.size() ? balances_[index].shadow : Rate{};
    };
    return of(quote) - of(base);
}

void Service::set_balance(Market wallet, AssetId asset, Amount amount) {
    Balance& entry = balance(wallet_of(wallet), asset);
    entry.available = amount;
    entry.known = true;
    reprice_asset(asset);
}

/// Shadow prices of an asset over its wallets: linear in the distance from an equal share, clipped
/// at the cost of moving it (methods 4.3), in steps of 0.1 bp so that most balance changes change
/// no price.
void Service::reprice_asset(AssetId asset) {
    const std::span<Balance> wallets{&balances_[asset.index() * kMarketCount], kMarketCount};
    Amount total;
    std::int64_t known = 0;
    for (const Balance& wallet : wallets) {
        if (!wallet.known) continue;
        total += std::max(wallet.available, Amount{});
        ++known;
    }
    bool changed = false;
    for (Balance& wallet : wallets) {
        Rate shadow;
        if (wallet.known && known > 1 && total > Amount{}) {
            const double target = total.approximate() / static_cast<double>(known);
            const double distance =
                (target - wallet.available.approximate()) / (config_.inventory_band * target);
            const double limit = static_cast<double>(config_.inventory_cost.raw());
            constexpr std::int64_t kStep = 10'000;
            shadow = Rate::from_raw(std::llround(std::clamp(distance, -1.0, 1.0) * limit / kStep) *
                                    kStep);
        }
        changed |= shadow != wallet.shadow;
        wallet.shadow = shadow;
    }
    if (!changed) return;
    for (Group& group : groups_) {
        const bool concerned =
            group.base == asset ||
            std::any_of(group.rows.begin(), group.rows.end(), [&](const Row& row) {
                return universe_.instrument(row.id).quote == asset;
            });
        if (concerned) refresh(group);
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
    for (const InstrumentId id : listed_) {
        const Track& track = tracks_[id.index()];
        if (!track.live || track.bid.raw() <= 0 || track.ask.raw() <= 0) continue;
        observed_[id.index()].volatility.observe(now, 0.5 * (static_cast<double>(track.bid.raw()) +
                                                             static_cast<double>(track.ask.raw())));
    }
    for (std::uint32_t i = 0; i < groups_.size(); ++i) {
        if (groups_[i].lane.crossed) scan_group(i, now);
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

// --- Plans
// -------------------------------------------------------------------------------------------------

Service::Lane& Service::lane(std::uint32_t number) noexcept {
    const std::uint32_t index = number & (kCycleLane - 1);
    if (number >= kPairLane) return pairs_[index].lane;
    return number >= kCycleLane ? cycle_lanes_[index] : groups_[index].lane;
}

void Service::on(const messages::PlanUpdate& update) {
    const auto it = std::find_if(signals_.begin(), signals_.end(), [&](const Signal& signal) {
        return signal.id == update.opportunity;
    });
    if (it == signals_.end()) return;
    Lane& route = lane(it->lane);
    const bool ended = update.state == PlanState::Settled || update.state == PlanState::Refused;
    route.plan_open = !ended;
    if (!ended) return;
    route.busy_until = update.time;
    if (update.outcome != PlanOutcome::Completed)
        route.cooldown_until = update.time + config_.cooldown;
    learn(*it, update);
    signals_.erase(it);
}

/// Fill ratio of every attempt that was sent; unwind cost of one that ended lopsided: how much
/// worse than planned the legs came out, as a fraction of their value.
void Service::learn(const Signal& signal, const messages::PlanUpdate& update) {
    if (update.state == PlanState::Refused || update.outcome == PlanOutcome::Refused) return;
    const bool hit = update.outcome == PlanOutcome::Completed;
    estimates_.fill(signal.kind, signal.buy, signal.sell).record(hit, config_.fill_forgetting);
    if (update.outcome != PlanOutcome::Legged) return;
    double worse = 0.0;
    for (std::size_t i = 0; i < update.leg_count && i < messages::kMaxLegs; ++i) {
        const messages::PlanLeg& leg = update.legs[i];
        if (leg.filled.is_zero() || leg.planned.is_zero() || leg.planned_value <= Amount{})
            continue;
        const double planned =
            leg.planned_value.approximate() / static_cast<double>(leg.planned.raw());
        const double paid = leg.filled_value.approximate() / static_cast<double>(leg.filled.raw());
        worse += (leg.side == Side::Buy ? paid - planned : planned - paid) / planned;
    }
    estimates_.unwind(signal.kind, signal.buy, signal.sell).record(std::max(worse, 0.0));
}

}  // namespace parallax::scanner
