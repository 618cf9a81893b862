#pragma once

#include <cstdint>

#include "runtime/random.hpp"
#include "sim/prices/fair_price.hpp"
#include "sim/prices/listings.hpp"

namespace parallax::sim_prices {

/// How far one listing is away from the fair price: a basis that wanders and returns within a
/// minute (Ornstein-Uhlenbeck), shocks that die out in half a second, and the lag behind the
/// leading venue.
class Deviation {
public:
    /// Draws the basis to start with.
    Deviation(const Listing& listing, std::int64_t now_ns, runtime::Random& random) noexcept;
    /// Basis and shock up to `now_ns`, which never falls.
    void advance(const Listing& listing, std::int64_t now_ns, runtime::Random& random) noexcept;
    /// Something happens at this listing alone: 6 to 46 bp.
    void shake(const Listing& listing, runtime::Random& random) noexcept;
    /// Where the listing's middle is, in ticks, for what the venue sees at `seen_ns`.
    [[nodiscard]] double middle_ticks(const Listing& listing, const FairPrice& fair,
                                      std::int64_t seen_ns) const noexcept;

    template <class Archive>
    void describe(Archive& a) {
        a(basis_, shock_, updated_);
    }

private:
    double basis_ = 0;  ///< fractions of the price
    double shock_ = 0;
    std::int64_t updated_ = 0;
};

/// Chance in one step of FairPrice that some listing of a world of this intensity is shaken.
[[nodiscard]] double shake_chance(double intensity) noexcept;

/// Starts of generators, far apart for neighbouring seeds and indices.
[[nodiscard]] std::uint64_t derive_seed(std::uint64_t seed, std::uint64_t index) noexcept;

}  // namespace parallax::sim_prices
