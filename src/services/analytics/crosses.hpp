#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "core/amount.hpp"
#include "core/instrument.hpp"
#include "messages/market.hpp"

namespace parallax::analytics {

/// Crosses of one ordered pair of instruments above one threshold; see Crosses.
struct CrossReport {
    InstrumentId buy;
    InstrumentId sell;
    Rate threshold;
    std::uint64_t episodes = 0;
    Nanos total;
    Nanos median;  ///< element n/2 of the sorted durations
    Nanos max;
    Amount max_base_quantity;
};

/// Counts how often, how long and how large the markets of one base asset cross, before any cost.
/// Markets are compared when they quote in the same asset or both in dollars or dollar stablecoins.
/// Works on the venues' own best bid/ask messages, given in order of receive time:
///   edge    = bid of sell / ask of buy - 1
///   episode = maximal run of time with edge > threshold; one still open at the end of the window
///   is closed there size    = the smaller of the two best quantities in base units (rounded down)
///   window  = from the later first to the earlier last message of the two
/// Decides in integers. Keeps one duration per episode; holds back only what the quieter market has
/// not caught up with.
class Crosses {
public:
    Crosses(const Universe& universe, std::vector<Rate> thresholds);

    void on(const messages::BestQuote& quote);
    void on_rescale(const Rescale& change) noexcept;
    /// Every ordered pair that quoted, in order of first appearance, thresholds in the order given.
    [[nodiscard]] std::vector<CrossReport> report() const;

private:
    struct Top {
        Level bid;
        Level ask;
    };
    struct Change {  ///< the pair's tops from this time on
        UnixNanos time;
        Top buy;
        Top sell;
    };
    struct Run {
        bool open = false;
        UnixNanos since;
        Amount largest;
        std::vector<std::int64_t> durations;
        void close(UnixNanos time) {
            durations.push_back((time - since).count());
            open = false;
        }
    };
    struct Pair {
        InstrumentId buy;
        InstrumentId sell;
        std::vector<Run> runs;         ///< one a threshold
        std::deque<Change> waiting;    ///< not yet known to lie inside the window
        std::size_t open = 0;          ///< runs that are
        std::int64_t buy_factor = 1;   ///< brings prices of `buy` to the finer scale of the two
        std::int64_t sell_factor = 1;  ///< the same of `sell`
    };
    struct Feed {
        Top top;
        UnixNanos last;
        bool seen = false;
        std::vector<std::size_t> pairs;
    };

    [[nodiscard]] bool comparable(InstrumentId a, InstrumentId b) const noexcept;
    void add_feed(InstrumentId id);
    void align(Pair& pair) const noexcept;
    [[nodiscard]] static bool above(const Pair& pair, const Change& change,
                                    Rate threshold) noexcept;
    void commit(Pair& pair, const Change& change);

    const Universe& universe_;
    std::vector<Rate> thresholds_;
    Rate lowest_;              ///< of the thresholds
    std::vector<Feed> feeds_;  ///< by instrument
    std::vector<InstrumentId> order_;
    std::vector<Pair> pairs_;
};

}  // namespace parallax::analytics
