#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/fees.hpp"
#include "core/instrument.hpp"
#include "core/dollars.hpp"
#include "orders/worst_case.hpp"
#include "services/risk/config.hpp"
#include "services/risk/step.hpp"

namespace parallax::risk {

/// One listing's rules and limits, compiled so that the gate touches a few neighbouring cache
/// lines. Derived from the universe, the fees and the configuration: rebuilt, never stored.
struct alignas(64) Rules {
    static constexpr std::int64_t kNoLimit = INT64_MAX;
    SymbolId symbol;
    AssetId base, quote, settle;
    Market market{};
    Market wallet{};
    Venue venue{};
    InstrumentKind kind{};
    InstrumentStatus status{};
    bool quote_at_par = false;  ///< the quote asset is worth one value unit
    bool leverage_allowed = true;
    bool far_from_liquidation = true;
    Step tick, lot;
    std::int64_t min_price = 0, max_price = kNoLimit;
    std::int64_t min_quantity = 1, max_quantity = kNoLimit;
    Amount min_notional, max_notional = Amount::max();  ///< quote
    Rate band_up, band_down;
    Rate liquidation_distance;
    std::int64_t expiry = kNoLimit;
    orders::Terms terms;
    std::int64_t quote_factor =
        0;  ///< price x quantity x this = quote in Amount steps; 0 = ask the universe
    std::int64_t base_factor = 0;  ///< quantity x this = base in Amount steps; likewise
};

/// What an asset's net delta may be. Limits are in the asset's own units, so that the gate only
/// adds and compares.
struct alignas(64) AssetLimits {
    Amount unit_value;    ///< value units of one asset unit; 0 = not known yet
    Amount delta;         ///< largest net delta
    Amount volume;        ///< largest order
    bool at_par = false;  ///< a dollar or a dollar stablecoin
};

/// The compiled limits block.
class Limits {
public:
    /// Compiles a listing and its assets; again after every change of its rules or scale.
    void compile(const Universe& universe, InstrumentId id, const FeeSchedule& fees,
                 const Config& config);
    void compile_all(const Universe& universe, const FeeSchedule& fees, const Config& config);
    /// An asset's value is now this; its limits in asset units follow. value > 0.
    void price(AssetId asset, Amount unit_value, const Config& config) noexcept;

    [[nodiscard]] bool knows(InstrumentId id) const noexcept { return id.index() < rules_.size(); }
    [[nodiscard]] std::size_t size() const noexcept { return rules_.size(); }
    [[nodiscard]] const Rules& rules(InstrumentId id) const noexcept { return rules_[id.index()]; }
    [[nodiscard]] const AssetLimits& asset(AssetId id) const noexcept {
        return assets_[id.index()];
    }
    [[nodiscard]] std::size_t asset_count() const noexcept { return assets_.size(); }

    /// An amount of an asset in value units. The asset's unit_value is known.
    [[nodiscard]] Amount value(AssetId id, Amount amount) const noexcept {
        const AssetLimits& limits = assets_[id.index()];
        if (limits.at_par) return amount;
        return Amount::from_raw(multiply_divide(amount.raw(), limits.unit_value.raw(),
                                                Amount::units(1).raw(), Rounding::Up));
    }

    /// Prices of assets are state; the rest is compiled anew from the universe by who reads.
    template <class Archive>
    void describe(Archive& a) {
        std::uint32_t count = static_cast<std::uint32_t>(assets_.size());
        a(count);
        if constexpr (Archive::kReading) assets_.resize(std::min<std::uint32_t>(count, kMaxAssets));
        for (AssetLimits& asset : assets_)
            a(asset.unit_value, asset.delta, asset.volume, asset.at_par);
    }

private:
    static constexpr std::uint32_t kMaxAssets = 65'535;
    std::vector<Rules> rules_;
    std::vector<AssetLimits> assets_;
};

}  // namespace parallax::risk
