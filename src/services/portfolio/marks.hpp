#pragma once

#include <map>
#include <optional>
#include <vector>

#include "book/book_set.hpp"
#include "core/instrument.hpp"
#include "messages/market.hpp"

namespace parallax::portfolio {

/// What things are worth now. One unit of an asset in another: the mid of the first spot listing
/// (lowest id) between the two with both sides in its book; without one, over one asset in between;
/// without that, the last known rate. One unit of a derivative: the venue's mark price, else the
/// book's mid. All in steps of 1e-18, half to even: a mark values, it never books.
class Marks {
public:
    Marks(const Universe& universe, const book::BookSet& books) noexcept
        : universe_{universe}, books_{books} {}

    /// Value of one unit of `from` in `to`; 1 for the same asset. Remembers it for times without a
    /// quote.
    [[nodiscard]] std::optional<Amount> rate(AssetId from, AssetId to);
    /// The same for reports: remembers nothing.
    [[nodiscard]] std::optional<Amount> peek(AssetId from, AssetId to) const;
    /// Mark price of an instrument: the venue's, else mid of its book, else none.
    [[nodiscard]] std::optional<Price> price(InstrumentId id) const noexcept;

    void on(const messages::MarkPrice& mark);
    /// A new listing may make a shorter way.
    void on_listed() noexcept;
    void rescale(const Rescale& change);

    template <class Archive>
    void describe(Archive& a) {
        a(last_, prices_);
        if constexpr (Archive::kReading) routes_.clear();
    }

private:
    using Pair = std::pair<AssetId, AssetId>;
    struct Hop {
        InstrumentId instrument;
        bool inverse = false;  ///< from quote to base
    };
    struct Route {
        Hop first;
        Hop second;  ///< no instrument = none
    };
    using Routes = std::vector<Route>;

    [[nodiscard]] Routes find_routes(AssetId from, AssetId to) const;
    [[nodiscard]] std::optional<Amount> walk(const Routes& routes) const noexcept;
    [[nodiscard]] std::optional<Amount> unit(const Hop& hop) const noexcept;

    const Universe& universe_;
    const book::BookSet& books_;
    std::map<Pair, Routes> routes_;  ///< follows from the universe: not state
    std::map<Pair, Amount> last_;
    std::vector<Price> prices_;  ///< venue's mark by instrument; 0 = none yet
};

}  // namespace parallax::portfolio
