#pragma once

#include <string>
#include <string_view>

#include "core/amount.hpp"
#include "core/instrument.hpp"
#include "core/price.hpp"
#include "core/result.hpp"
#include "sim/engine/policy.hpp"
#include "sim/engine/types.hpp"

namespace parallax::sim_engine {

/// What a venue lists: rules in exact integers, and how its own text becomes them. Quantities are
/// in base units; contracts exist only in text.
class Listing {
public:
    /// Scales are two digits finer than the definition's tick and lot, so that these may shrink
    /// while running. Errors: Malformed, Unrepresentable (the worth of a trade would not be exact).
    /// Inverse contracts and dated futures are Rejected.
    [[nodiscard]] static Result<Listing> make(const InstrumentDefinition& definition);

    /// Takes over the limits (tick, lot, quantities, notional, band, margin) of a new definition of
    /// the same instrument. Resting orders stay as they are. Errors: as make, and Rejected when it
    /// is another instrument; then nothing has changed.
    [[nodiscard]] Result<void> change(const InstrumentDefinition& definition);

    ListingId id;
    MarketPolicy policy;
    InstrumentDefinition definition;
    ListingState state = ListingState::Trading;
    bool perpetual = false;
    AssetId base, quote;  ///< of the venue that lists it; quote is also what perpetuals settle in
    Scale price_scale, quantity_scale;
    Price tick, min_price, max_price;  ///< a limit of 0 is none, here and below
    Quantity lot, min_quantity, max_quantity, max_market_quantity;
    Amount min_notional, max_notional;
    Rate band_up, band_down, maintenance_margin, funding_cap;

    /// In quote; exact.
    [[nodiscard]] Amount notional(Price price, Quantity quantity) const noexcept {
        return parallax::notional(price, price_scale, quantity, quantity_scale, Rounding::Up);
    }
    /// What a trade pays: notional, cut to the digits of quote the venue books.
    [[nodiscard]] Amount paid(Price price, Quantity quantity) const noexcept {
        return cut(notional(price, quantity), definition.quote_decimals);
    }
    [[nodiscard]] Amount amount(Quantity quantity) const noexcept {
        return to_amount(quantity, quantity_scale);
    }
    /// How much of the listing, in whole lots, a sum of quote buys at a price; price > 0.
    [[nodiscard]] Quantity affordable(Amount quote, Price price) const noexcept;
    /// price x (1 + rate), in steps of the scale, rounded towards zero.
    [[nodiscard]] Price moved(Price price, Rate rate) const noexcept;

    // The venue's own text, contracts where it trades contracts. Errors as Price::parse.
    [[nodiscard]] HotResult<Price> parse_price(std::string_view text) const noexcept {
        return Price::parse(text, price_scale);
    }
    [[nodiscard]] HotResult<Quantity> parse_quantity(std::string_view text) const noexcept;
    [[nodiscard]] std::string text(Price price) const { return price.text(price_scale); }
    [[nodiscard]] std::string text(Quantity quantity) const;

    template <class Archive>
    void describe(Archive& a) {
        a(id, definition, state, base, quote, price_scale, quantity_scale);
        if constexpr (Archive::kReading) {
            if (!read_rules()) a.damage();
        }
    }

private:
    [[nodiscard]] bool read_rules();

    std::int64_t contract_ = 1;  ///< a contract is contract_ x 10^-contract_decimals_ base units
    std::uint8_t contract_decimals_ = 0;
};

}  // namespace parallax::sim_engine
