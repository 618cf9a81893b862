#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/market.hpp"

namespace parallax::recording {

/// The markets a text can come from, as far as it tells: some bits of kMarketCount.
class MarketSet {
public:
    constexpr MarketSet() = default;
    constexpr MarketSet(std::initializer_list<Market> markets) noexcept {
        for (const Market market : markets) bits_ |= bit(market);
    }
    static constexpr MarketSet all() noexcept { return from_bits((1U << kMarketCount) - 1); }
    static constexpr MarketSet of(Venue venue) noexcept {
        MarketSet set;
        for (const MarketInfo& entry : kMarkets) {
            if (entry.venue == venue) set.bits_ |= bit(entry.market);
        }
        return set;
    }
    [[nodiscard]] constexpr bool has(Market market) const noexcept {
        return (bits_ & bit(market)) != 0;
    }
    [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }
    friend constexpr MarketSet operator&(MarketSet a, MarketSet b) noexcept {
        return from_bits(a.bits_ & b.bits_);
    }
    friend constexpr bool operator==(MarketSet, MarketSet) = default;
    /// "binance.usdm or binance.coinm"
    [[nodiscard]] std::string text() const;

private:
    static constexpr unsigned bit(Market market) noexcept {
        return 1U << static_cast<unsigned>(market);
    }
    static constexpr MarketSet from_bits(unsigned bits) noexcept {
        MarketSet set;
        set.bits_ = bits;
        return set;
    }
    unsigned bits_ = 0;
};

/// Which markets send such a message. Reads the fields that tell, not the whole message; not for
/// the hot path.
[[nodiscard]] MarketSet markets_of_message(std::string_view json) noexcept;
/// Which markets answer at such an address.
[[nodiscard]] MarketSet markets_of_url(std::string_view url) noexcept;

/// The venue that begins its messages like that; false if another one does. One compare of eight
/// bytes.
[[nodiscard]] inline bool fits_venue(std::string_view json, Venue venue) noexcept {
    if (json.starts_with("{\"stream\"")) return venue == Venue::Binance;
    if (json.starts_with("{\"topic\"")) return venue == Venue::Bybit;
    if (json.starts_with("{\"arg\":{")) return venue == Venue::Okx;
    return true;
}

}  // namespace parallax::recording
