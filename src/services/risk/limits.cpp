#include "services/risk/limits.hpp"

namespace parallax::risk {
namespace {

Amount in_units(Amount value, Amount unit_value) noexcept {
    return Amount::from_raw(
        multiply_divide(value.raw(), Amount::units(1).raw(), unit_value.raw(), Rounding::Down));
}

void set_rules(Rules& r, const Instrument& from, bool quote_at_par, const Config& config) noexcept {
    r = Rules{};
    r.symbol = from.symbol;
    r.base = from.base;
    r.quote = from.quote;
    r.settle = from.settle;
    r.market = from.market;
    r.wallet = wallet_of(from.market);
    r.venue = venue_of(from.market);
    r.kind = from.kind;
    r.status = from.status;
    r.quote_at_par = quote_at_par;
    r.tick = Step{from.tick.raw()};
    r.lot = Step{from.lot.raw()};
    r.min_price = from.min_price.raw();
    if (from.max_price.raw() > 0) r.max_price = from.max_price.raw();
    r.min_quantity = std::max<std::int64_t>(from.min_quantity.raw(), 1);
    if (from.max_quantity.raw() > 0) r.max_quantity = from.max_quantity.raw();
    r.min_notional = from.min_notional;
    if (from.max_notional > Amount{}) r.max_notional = from.max_notional;
    r.band_up = from.price_band_up;
    r.band_down = from.price_band_down;
    if (from.expiry.known()) r.expiry = from.expiry.nanos();
    if (is_spot(from.kind)) return;
    r.leverage_allowed =
        config.leverage <= std::max<std::int64_t>(from.max_leverage, 1) || from.inferred;
    r.liquidation_distance = Rate::from_raw(Rate::kOne / config.leverage) - from.maintenance_margin;
    r.far_from_liquidation = r.liquidation_distance >= config.min_liquidation_distance;
}

}  // namespace

void Limits::compile(const Universe& universe, InstrumentId id, const FeeSchedule& fees,
                     const Config& config) {
    if (rules_.size() <= id.index()) rules_.resize(id.index() + 1);
    for (std::size_t i = assets_.size(); i < universe.asset_count(); ++i) {
        const AssetId asset{static_cast<std::uint16_t>(i)};
        assets_.emplace_back().at_par = is_dollar(universe.asset_name(asset));
        if (assets_.back().at_par) price(asset, Amount::units(1), config);
    }
    const Instrument& listing = universe.instrument(id);
    Rules& rules = rules_[id.index()];
    set_rules(rules, listing, assets_[listing.quote.index()].at_par, config);
    rules.terms = orders::terms_of(listing, fees, config.leverage);
    const Symbol& symbol = universe.symbol(listing.symbol);
    const int left =
        Amount::kDecimals - symbol.price_scale.decimals - symbol.quantity_scale.decimals;
    if (is_inverse(listing.kind) || left < 0) return;
    rules.quote_factor = kPow10[static_cast<std::size_t>(left)];
    rules.base_factor =
        kPow10[static_cast<std::size_t>(Amount::kDecimals - symbol.quantity_scale.decimals)];
}

void Limits::compile_all(const Universe& universe, const FeeSchedule& fees, const Config& config) {
    for (const Instrument& listing : universe.instruments())
        compile(universe, listing.id, fees, config);
    for (std::size_t i = 0; i < assets_.size(); ++i) {
        const AssetId asset{static_cast<std::uint16_t>(i)};
        if (assets_[i].unit_value > Amount{}) price(asset, assets_[i].unit_value, config);
    }
}

void Limits::price(AssetId id, Amount unit_value, const Config& config) noexcept {
    AssetLimits& asset = assets_[id.index()];
    asset.unit_value = asset.at_par ? Amount::units(1) : unit_value;
    asset.delta =
        in_units(asset.at_par ? config.max_quote_group : config.max_asset_delta, asset.unit_value);
    const Amount largest = config.max_order_value +
                           apply(config.max_volume_slack, config.max_order_value, Rounding::Down);
    asset.volume = in_units(largest, asset.unit_value);
}

}  // namespace parallax::risk
