#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/instrument.hpp"
#include "services/risk/limits.hpp"
#include "services/risk/order_table.hpp"

namespace parallax::risk {

/// How much of one asset we have, in its own units: opening balances and all that came and went
/// since, and what open orders may add at worst. Kept as the two sums the gate compares: it reads
/// each once, where fills, which are rare, write both.
struct AssetExposure {
    Amount longest;   ///< net if every open order that brings it in fills, and no other
    Amount shortest;  ///< minus net if every open order that takes it out fills, and no other
    Amount net;       ///< over all venues, spot and derivatives; fees included

    [[nodiscard]] Amount open_long() const noexcept { return longest - net; }
    [[nodiscard]] Amount open_short() const noexcept { return shortest + net; }
    void move(Amount change) noexcept {
        net += change;
        longest += change;
        shortest -= change;
    }
    template <class Archive>
    void describe(Archive& a) {
        a(longest, shortest, net);
    }
};

/// Value units at one venue, without netting.
struct VenueExposure {
    Amount gross;  ///< positions, and open orders at full size
    Amount open;   ///< the orders alone
    template <class Archive>
    void describe(Archive& a) {
        a(gross, open);
    }
};

struct InstrumentExposure {
    Quantity position;  ///< net bought since the books were opened; negative = sold
    Amount gross;       ///< |position| in value units at its last price
    Amount open;        ///< open orders in value units
    Price mark;         ///< 0 = none
    std::uint32_t open_orders = 0;
    std::uint32_t open_buys = 0;
    template <class Archive>
    void describe(Archive& a) {
        a(position, gross, open, mark, open_orders, open_buys);
    }
};

/// Positions and open orders, added up the ways the limits need them. Pure bookkeeping.
class Exposures {
public:
    void grow(const Limits& limits) {
        if (instruments_.size() < limits.size()) instruments_.resize(limits.size());
        if (assets_.size() < limits.asset_count()) assets_.resize(limits.asset_count());
    }
    [[nodiscard]] InstrumentExposure& at(InstrumentId id) noexcept {
        return instruments_[id.index()];
    }
    [[nodiscard]] const InstrumentExposure& at(InstrumentId id) const noexcept {
        return instruments_[id.index()];
    }
    [[nodiscard]] const AssetExposure& asset(AssetId id) const noexcept {
        return assets_[id.index()];
    }
    [[nodiscard]] const VenueExposure& venue(Venue venue) const noexcept {
        return venues_[static_cast<std::size_t>(venue)];
    }
    [[nodiscard]] std::span<const AssetExposure> assets() const noexcept { return assets_; }
    [[nodiscard]] std::span<const VenueExposure> venues() const noexcept { return venues_; }
    [[nodiscard]] std::span<const InstrumentExposure> instruments() const noexcept {
        return instruments_;
    }
    [[nodiscard]] Amount total() const noexcept { return total_; }
    [[nodiscard]] Amount hedges_open() const noexcept { return hedges_open_; }

    void open(const OrderRecord& record, const Rules& rules) noexcept {
        InstrumentExposure& here = instruments_[record.instrument.index()];
        ++here.open_orders;
        here.open_buys += record.side == Side::Buy ? 1 : 0;
        shift(record, rules, InFlight{}, record.in_flight);
    }
    void close(const OrderRecord& record, const Rules& rules) noexcept {
        InstrumentExposure& here = instruments_[record.instrument.index()];
        --here.open_orders;
        here.open_buys -= record.side == Side::Buy ? 1 : 0;
        shift(record, rules, record.in_flight, InFlight{});
    }
    /// What is left of an open order changed.
    void shift(const OrderRecord& record, const Rules& rules, const InFlight& from,
               const InFlight& to) noexcept {
        const bool buy = record.side == Side::Buy;
        AssetExposure& base = assets_[rules.base.index()];
        (buy ? base.longest : base.shortest) += to.base - from.base;
        AssetExposure& quote = assets_[rules.quote.index()];
        (buy ? quote.shortest : quote.longest) += to.quote - from.quote;
        const Amount value = to.value - from.value;
        instruments_[record.instrument.index()].open += value;
        VenueExposure& venue = venues_[static_cast<std::size_t>(rules.venue)];
        venue.gross += value;
        venue.open += value;
        total_ += value;
        if (record.purpose != messages::Purpose::Entry) hedges_open_ += value;
    }
    /// A fill moved the position; spot fills move the quote asset too.
    void fill(InstrumentId id, const Rules& rules, Side side, Quantity quantity, Amount base,
              Amount quote) noexcept {
        InstrumentExposure& here = instruments_[id.index()];
        const bool buy = side == Side::Buy;
        here.position = buy ? here.position + quantity : here.position - quantity;
        assets_[rules.base.index()].move(buy ? base : -base);
        assets_[rules.quote.index()].move(buy ? -quote : quote);
    }
    /// An asset came in (or, negative, went) without an order: deposits, fees, funding.
    void move(AssetId asset, Amount change) noexcept { assets_[asset.index()].move(change); }
    /// The position of a listing is now worth this.
    void value(InstrumentId id, const Rules& rules, Amount gross) noexcept {
        InstrumentExposure& here = instruments_[id.index()];
        const Amount change = gross - here.gross;
        here.gross = gross;
        venues_[static_cast<std::size_t>(rules.venue)].gross += change;
        total_ += change;
    }
    template <class Archive>
    void describe(Archive& a) {
        a(instruments_, assets_, venues_, total_, hedges_open_);
    }

private:
    std::vector<InstrumentExposure> instruments_;
    std::vector<AssetExposure> assets_;
    std::array<VenueExposure, kVenueCount> venues_{};
    Amount total_;        ///< positions and open orders of all venues, value units
    Amount hedges_open_;  ///< open orders that are no entries, value units
};

}  // namespace parallax::risk
