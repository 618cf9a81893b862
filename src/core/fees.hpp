#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/amount.hpp"
#include "core/ids.hpp"
#include "core/instrument.hpp"
#include "core/market.hpp"

namespace parallax {

/// What a fill's fee is taken from.
enum class FeeAsset : std::uint8_t {
    Received,  ///< the asset the fill brings in: base on a buy, quote on a sell (spot default of
               ///< all three venues)
    Quote,     ///< always the quote asset (OKX feeType 1; Binance and Bybit perpetuals: the settle
               ///< asset)
    Other,  ///< a third asset bought beforehand, such as BNB; worth the same sum at the venue's own
            ///< rate
};

/// Fees of one account at one market.
struct FeeRates {
    Rate maker;
    Rate taker;
    FeeAsset asset = FeeAsset::Received;
    friend constexpr bool operator==(const FeeRates&, const FeeRates&) = default;
};

/// Fees by market and kind; derivatives and spot differ inside OKX's one market.
class FeeSchedule {
public:
    [[nodiscard]] const FeeRates& rates(Market market, InstrumentKind kind) const noexcept {
        return rates_[static_cast<std::size_t>(market)][is_spot(kind) ? 0 : 1];
    }
    void set(Market market, bool spot, const FeeRates& rates) noexcept {
        rates_[static_cast<std::size_t>(market)][spot ? 0 : 1] = rates;
    }
    /// The built-in tables: "zero", "base" (no volume tier) and "vip9" (each venue's top tier). See
    /// docs/fees.md.
    [[nodiscard]] static std::optional<FeeSchedule> named(std::string_view name) noexcept;

    template <class Archive>
    void describe(Archive& a) {
        for (auto& market : rates_) {
            for (auto& entry : market) a(entry.maker, entry.taker, entry.asset);
        }
    }

private:
    std::array<std::array<FeeRates, 2>, kMarketCount> rates_{};
};

}  // namespace parallax
