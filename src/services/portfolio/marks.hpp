#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "book/book_set.hpp"
#include "core/instrument.hpp"
#include "messages/market.hpp"

namespace parallax::portfolio {

/// Where the mark of an instrument comes from, best first.
enum class MarkSource : std::uint8_t {
    VenueMark,  ///< the venue's own mark price (derivatives)
    Mid,        ///< middle of its own book
    Sibling,    ///< of the same symbol at another venue: mark price, else middle; lowest id first
    LastFill,   ///< nothing but our own last price
    None,
};
[[nodiscard]] constexpr std::string_view to_string(MarkSource source) noexcept {
    constexpr std::string_view kNames[] = {"venue_mark", "mid", "sibling", "last_fill", "none"};
    return kNames[static_cast<std::size_t>(source)];
}

/// What an instrument is worth, and how good that is.
struct Mark {
    MarkSource source = MarkSource::None;
    Price price;
    UnixNanos time;      ///< received then
    bool stale = false;  ///< older than the limit, and nothing younger is known
};

/// Value of one unit of an asset in another.
struct UnitValue {
    Amount value;
    bool stale = false;
};

/// What things are worth now: an instrument by a mark of its own venue where it has one, one unit
/// of an asset by the mids of spot listings. All in steps of 1e-18, half to even: a mark values, it
/// never books. Candidates are looked at in a fixed order; the first that is younger than the limit
/// counts, else the first there is, and it is called stale.
class Marks {
public:
    Marks(const Universe& universe, const book::BookSet& books, Nanos max_age) noexcept
        : universe_{universe}, books_{books}, max_age_{max_age} {}

    /// Time as far as it is known; never runs backwards.
    void advance(UnixNanos now) noexcept { now_ = std::max(now_, now); }

    /// 1 for the same asset; else by the listings between the two, lowest id first; else over one
    /// asset in between; else the last known rate. One price wherever the asset lies, so that a
    /// plan across venues does not value the two sides of its own trade apart. Remembers it for
    /// times without a quote.
    [[nodiscard]] std::optional<UnitValue> rate(AssetId from, AssetId to);
    /// The same for reports: remembers nothing, and listings of `venue` come before others.
    [[nodiscard]] std::optional<UnitValue> peek(AssetId from, AssetId to,
                                                std::optional<Venue> venue = {}) const;
    /// Mark of an instrument: see MarkSource; never LastFill.
    [[nodiscard]] Mark mark(InstrumentId id) const noexcept;

    void on(const messages::MarkPrice& mark);
    /// A new listing may make a shorter way.
    void on_listed() noexcept;
    void rescale(const Rescale& change);

    template <class Archive>
    void describe(Archive& a) {
        a(now_, last_, prices_);
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
    struct VenuePrice {
        Price price;  ///< 0 = none yet
        UnixNanos time;
        template <class Archive>
        void describe(Archive& a) {
            a(price, time);
        }
    };

    [[nodiscard]] bool old(UnixNanos time) const noexcept { return time + max_age_ < now_; }
    [[nodiscard]] Mark venue_mark(InstrumentId id) const noexcept;
    [[nodiscard]] Mark mid(InstrumentId id) const noexcept;
    [[nodiscard]] Routes find_routes(AssetId from, AssetId to) const;
    [[nodiscard]] bool at(const Route& route, Venue venue) const noexcept;
    [[nodiscard]] std::optional<UnitValue> walk(const Routes& routes,
                                                std::optional<Venue> venue) const noexcept;
    [[nodiscard]] std::optional<UnitValue> walk(const Route& route) const noexcept;
    [[nodiscard]] std::optional<UnitValue> unit(const Hop& hop) const noexcept;
    [[nodiscard]] std::optional<UnitValue> last_known(Pair pair) const;

    const Universe& universe_;
    const book::BookSet& books_;
    Nanos max_age_;
    UnixNanos now_;
    std::map<Pair, Routes> routes_;  ///< follows from the universe: not state
    std::map<Pair, Amount> last_;
    std::vector<VenuePrice> prices_;  ///< venue's mark by instrument
};

}  // namespace parallax::portfolio
