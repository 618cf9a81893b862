#pragma once

#include "core/amount.hpp"
#include "core/fees.hpp"
#include "core/instrument.hpp"

namespace parallax::orders {

/// The most an order can take out of a wallet.
struct Need {
    Market wallet{};
    AssetId asset;
    Amount amount;
};

/// What decides how much an order ties up; the same for every order of a listing.
struct Terms {
    InstrumentKind kind{};
    Market wallet{};
    AssetId base, quote, settle;
    Rate fee;                ///< taker, rebates as 0
    bool fee_apart = false;  ///< spot: not taken out of what is received
    std::int64_t lever = 1;
};
[[nodiscard]] Terms terms_of(const Instrument& listing, const FeeSchedule& fees,
                             std::int64_t leverage) noexcept;

/// What an order needs at its limit price, taker fee included, in the asset it is paid from; base
/// and quote are its value in both, rounded up: spot buy: quote (plus the fee unless it comes out
/// of the coins received); spot sell: base; derivative: initial margin value / leverage plus fee in
/// the settle asset; the fee alone when it only reduces. A fee in a third asset (BNB) is held in
/// the paying asset: worth the same, and the venue falls back to it.
[[nodiscard]] inline Need worst_case(const Terms& terms, Side side, Amount base, Amount quote,
                                     bool reduce_only) noexcept {
    if (is_spot(terms.kind)) {
        if (side == Side::Sell) return {terms.wallet, terms.base, base};
        if (!terms.fee_apart) return {terms.wallet, terms.quote, quote};
        return {terms.wallet, terms.quote, quote + apply(terms.fee, quote, Rounding::Up)};
    }
    const Amount value = is_inverse(terms.kind) ? base : quote;
    const Amount fee = apply(terms.fee, value, Rounding::Up);
    if (reduce_only) return {terms.wallet, terms.settle, fee};
    return {terms.wallet, terms.settle,
            fee + Amount::from_raw(divide(value.raw(), terms.lever, Rounding::Up))};
}
/// The same for an order as it is.
[[nodiscard]] Need worst_case(const Universe& universe, const FeeSchedule& fees, InstrumentId id,
                              Side side, Price price, Quantity quantity, std::int64_t leverage,
                              bool reduce_only = false) noexcept;

}  // namespace parallax::orders
