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

/// What an order needs at its limit price, taker fee included, in the asset it is paid from:
/// spot buy: quote (plus the fee unless it comes out of the coins received); spot sell: base;
/// derivative: initial margin value / leverage plus fee in the settle asset; the fee alone when it only reduces.
/// A fee in a third asset (BNB) is held in the paying asset: worth the same, and the venue falls back to it.
[[nodiscard]] Need worst_case(const Universe& universe, const FeeSchedule& fees, InstrumentId id, Side side,
                              Price price, Quantity quantity, std::int64_t leverage,
                              bool reduce_only = false) noexcept;

}  // namespace parallax::orders
