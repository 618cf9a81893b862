#include "orders/worst_case.hpp"

#include <algorithm>

namespace parallax::orders {

Need worst_case(const Universe& universe, const FeeSchedule& fees, InstrumentId id, Side side, Price price,
                Quantity quantity, std::int64_t leverage, bool reduce_only) noexcept {
    const Instrument& listing = universe.instrument(id);
    const FeeRates& rates = fees.rates(listing.market, listing.kind);
    const Market wallet = wallet_of(listing.market);
    const Rate fee_rate = std::max(rates.taker, Rate{});
    if (is_spot(listing.kind)) {
        if (side == Side::Sell) return {wallet, listing.base, universe.base_value(id, price, quantity, Rounding::Up)};
        const Amount value = universe.quote_value(id, price, quantity, Rounding::Up);
        if (rates.asset == FeeAsset::Received) return {wallet, listing.quote, value};
        return {wallet, listing.quote, value + apply(fee_rate, value, Rounding::Up)};
    }
    const Amount value = is_inverse(listing.kind) ? universe.base_value(id, price, quantity, Rounding::Up)
                                                  : universe.quote_value(id, price, quantity, Rounding::Up);
    const Amount fee = apply(fee_rate, value, Rounding::Up);
    if (reduce_only) return {wallet, listing.settle, fee};
    const std::int64_t lever = std::clamp<std::int64_t>(leverage, 1, std::max<std::int64_t>(listing.max_leverage, 1));
    const Amount margin = Amount::from_raw(divide(value.raw(), lever, Rounding::Up));
    return {wallet, listing.settle, margin + fee};
}

}  // namespace parallax::orders
