#include <algorithm>
#include <optional>

#include "services/scanner/service.hpp"

namespace parallax::scanner {

using messages::OpportunityKind;

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
    track.spot = is_spot(instrument.kind);
    track.conflation = track.spot ? config_.conflation_spot : config_.conflation_derivative;
    track.allowed_age = track.spot ? config_.quote_age_spot : config_.quote_age_derivative;
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
        for (Footprint& taken : observed_[id.index()].taken) taken.rescale(price);
        observed_[id.index()].volatility.rescale(static_cast<double>(price));
    }
    for (Signal& signal : signals_) {
        for (std::size_t i = 0; i < signal.best.size(); ++i) {
            if (signal.symbols[i] == change.symbol)
                signal.best[i] = Price::from_raw(signal.best[i].raw() * price);
        }
    }
    for (BasisPair& pair : pairs_) {
        Holding& held = pair.holding;
        if (universe_.instrument(pair.cash).symbol == change.symbol)
            held.cash = Quantity::from_raw(held.cash.raw() * quantity);
        if (universe_.instrument(pair.future).symbol == change.symbol)
            held.future = Quantity::from_raw(held.future.raw() * quantity);
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

}  // namespace parallax::scanner
