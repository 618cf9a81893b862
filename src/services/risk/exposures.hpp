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

/// Net change of one asset since the books were opened, in its own units, and what open orders may
/// add at worst.
struct AssetExposure {
    Amount net;         ///< over all venues, spot and derivatives; fees included
    Amount open_long;   ///< open orders that bring it in
    Amount open_short;  ///< open orders that take it out
    template <class Archive>
    void describe(Archive& a) {
        a(net, open_long, open_short);
    }
};

/// Value units at one venue, without netting.
struct VenueExposure {
    Amount gross;  ///< positions
    Amount open;   ///< open orders at full size
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
        (buy ? base.open_long : base.open_short) += to.base - from.base;
        AssetExposure& quote = assets_[rules.quote.index()];
        (buy ? quote.open_short : quote.open_long) += to.quote - from.quote;
        const Amount value = to.value - from.value;
        instruments_[record.instrument.index()].open += value;
        venues_[static_cast<std::size_t>(rules.venue)].open += value;
        total_ += value;
        if (record.purpose != messages::Purpose::Entry) hedges_open_ += value;
    }
    /// A fill moved the position; spot fills move the quote asset too.
    void fill(InstrumentId id, const Rules& rules, Side side, Quantity quantity, Amount base,
              Amount quote) noexcept {
        InstrumentExposure& here = instruments_[id.index()];
        const bool buy = side == Side::Buy;
        here.position = buy ? here.position + quantity : here.position - quantity;
        assets_[rules.base.index()].net += buy ? base : -base;
        assets_[rules.quote.index()].net += buy ? -quote : quote;
    }
    void pay(AssetId asset, Amount fee) noexcept { assets_[asset.index()].net -= fee; }
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
