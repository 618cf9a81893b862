#pragma once

#include <cstdint>
#include <vector>

#include "core/price.hpp"
#include "runtime/random.hpp"
#include "sim/market/ladder.hpp"
#include "sim/prices/listings.hpp"

namespace parallax::sim_market {

using sim_prices::Listing;

struct Print {
    std::int64_t price = 0;     ///< ticks
    std::int64_t quantity = 0;  ///< lots
    Side aggressor = Side::Buy;
};

/// The order book of one listing, kept around a moving middle: stale levels are taken (which prints
/// trades) or cancelled, new ones step in, quantities churn. Every change counts up the change
/// number, as matching engines do.
class SyntheticBook {
public:
    explicit SyntheticBook(const Listing& listing)
        : listing_{&listing}, stride_{listing.definition.market == Market::BinanceUsdm ? 7U : 1U} {
        prints_.reserve(64);
    }

    /// Fills both sides around a middle, all of it published.
    void open(double middle_ticks, runtime::Random& random);
    /// One beat of life around a new middle. `volatility` widens the spread.
    void beat(double middle_ticks, double volatility, runtime::Random& random);
    /// A bid at the best ask: a venue in trouble.
    void cross();
    /// The changes so far are out.
    void published() noexcept {
        bids_.published();
        asks_.published();
        first_change_ = 0;
    }

    [[nodiscard]] const Ladder& side(Side side) const noexcept {
        return side == Side::Buy ? bids_ : asks_;
    }
    [[nodiscard]] const std::vector<Print>& prints() const noexcept {
        return prints_;
    }  ///< of the last beat
    [[nodiscard]] std::uint64_t change() const noexcept {
        return change_;
    }  ///< number of the last change
    /// Number of the first change that is not published; 0 when all are.
    [[nodiscard]] std::uint64_t first_change() const noexcept { return first_change_; }

private:
    [[nodiscard]] Ladder& ladder_of(Side side) noexcept {
        return side == Side::Buy ? bids_ : asks_;
    }
    [[nodiscard]] double half_spread_ticks(double middle) const noexcept;
    [[nodiscard]] double spacing_ticks(double middle) const noexcept;
    [[nodiscard]] std::int64_t random_quantity(std::size_t depth,
                                               runtime::Random& random) const noexcept;
    void note_change() noexcept;
    void clear_stale(Side side, double middle, double margin, runtime::Random& random);
    void step_in(Side side, double middle, double half_spread, runtime::Random& random);
    void refill_tail(Side side, double spacing, runtime::Random& random);
    void churn(double spacing, runtime::Random& random);
    void take(Side aggressor, runtime::Random& random);

    const Listing* listing_;
    std::uint64_t
        stride_;  ///< Binance futures count over all symbols, so one symbol's numbers have holes
    Ladder bids_{Side::Buy};
    Ladder asks_{Side::Sell};
    std::vector<Print> prints_;
    std::uint64_t change_ = 0;
    std::uint64_t first_change_ = 0;
};

}  // namespace parallax::sim_market
