#include "orders/worst_case.hpp"

#include <algorithm>

namespace parallax::orders {

Terms terms_of(const Instrument& listing, const FeeSchedule& fees, std::int64_t leverage) noexcept {
    const FeeRates& rates = fees.rates(listing.market, listing.kind);
    return {listing.kind,
            wallet_of(listing.market),
            listing.base,
            listing.quote,
            listing.settle,
            std::max(rates.taker, Rate{}),
            rates.asset != FeeAsset::Received,
            std::clamp<std::int64_t>(leverage, 1, std::max<std::int64_t>(listing.max_leverage, 1))};
}

Need worst_case(const Universe& universe, const FeeSchedule& fees, InstrumentId id, Side side,
                Price price, Quantity quantity, std::int64_t leverage, bool reduce_only) noexcept {
    return worst_case(terms_of(universe.instrument(id), fees, leverage), side,
                      universe.base_value(id, price, quantity, Rounding::Up),
                      universe.quote_value(id, price, quantity, Rounding::Up), reduce_only);
}

}  // namespace parallax::orders
