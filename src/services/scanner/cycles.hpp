#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "book/feed_book.hpp"
#include "core/fees.hpp"
#include "core/instrument.hpp"
#include "messages/scanner.hpp"
#include "services/scanner/config.hpp"
#include "services/scanner/log2.hpp"

namespace parallax::scanner {

inline constexpr std::size_t kMaxCycleLegs = 4;

/// A directed market of a cycle. Side::Buy turns its quote into its base.
struct CycleLeg {
    InstrumentId instrument;
    Side side = Side::Buy;
    friend bool operator==(const CycleLeg&, const CycleLeg&) = default;
};

/// Three or four spot markets that lead from an asset back to it.
struct Cycle {
    std::array<CycleLeg, kMaxCycleLegs> legs{};
    std::uint8_t count = 0;
    AssetId
        start;  ///< spent on the first leg, received on the last; a dollar asset where there is one
    bool one_venue = true;
    std::int64_t fees = 0;  ///< log2 of all fees together, <= 0
    [[nodiscard]] bool uses(InstrumentId id) const noexcept {
        return std::any_of(legs.begin(), legs.begin() + count,
                           [id](const CycleLeg& leg) { return leg.instrument == id; });
    }
};

/// All directed cycles, found once per listing and indexed by market: an update looks at the cycles
/// of that market only, by a sum of logarithms each (methods 1.3).
class CycleIndex {
public:
    static constexpr std::size_t kMaxCycles = 200'000;

    CycleIndex(const Universe& universe, const FeeSchedule& fees, const Config& config)
        : universe_{universe}, fees_{fees}, config_{config} {}

    /// Enumerates the cycles that a spot market closes with those listed before. Cold: allocates.
    void list(InstrumentId id);
    /// Best prices of a market; 0 = none. Scales are those of its symbol.
    void set(InstrumentId id, Price bid, Price ask) noexcept;
    [[nodiscard]] bool contains(InstrumentId id) const noexcept {
        return id.index() + 1 < starts_.size() && starts_[id.index()] != starts_[id.index() + 1];
    }
    /// Calls hit(cycle number) for each cycle through the market whose product of best prices,
    /// before fees, is above 1 (or too close to tell). Hot.
    template <class Hit>
    void touched(InstrumentId id, Hit&& hit) const {
        const std::int64_t buy = logs_[edge(id, Side::Buy)];
        const std::int64_t sell = logs_[edge(id, Side::Sell)];
        const Entry* at = entries_.data() + starts_[id.index()];
        const Entry* const end = entries_.data() + starts_[id.index() + 1];
        for (; at != end; ++at) {
            const std::int64_t own = at->cycle & 1 ? sell : buy;
            if (own + logs_[at->others[0]] + logs_[at->others[1]] + logs_[at->others[2]] >
                -Log2::kSlack) [[unlikely]] {
                hit(at->cycle >> 1);
            }
        }
    }
    /// log2 of the product of best prices around the cycle, before fees, in steps of Log2; very
    /// negative when a side is missing.
    [[nodiscard]] std::int64_t product(std::uint32_t cycle) const noexcept;
    [[nodiscard]] const Cycle& operator[](std::uint32_t cycle) const noexcept {
        return cycles_[cycle];
    }
    [[nodiscard]] std::size_t size() const noexcept { return cycles_.size(); }
    [[nodiscard]] std::size_t touched_count(InstrumentId id) const noexcept {
        return contains(id) ? starts_[id.index() + 1] - starts_[id.index()] : 0;
    }
    /// Builds the index by market after listings. Cold.
    void index();

private:
    static constexpr std::int64_t kAbsent = -(std::int64_t{1} << 58);
    struct Entry {
        std::uint32_t others[3];  ///< edges; 0 is the edge whose logarithm is always 0
        std::uint32_t cycle;      ///< number x 2 + side of the market itself
    };
    struct Neighbour {
        InstrumentId instrument;
        AssetId other;
    };
    [[nodiscard]] static std::size_t edge(InstrumentId id, Side side) noexcept {
        return 1 + 2 * id.index() + static_cast<std::size_t>(side);
    }
    void close(std::span<const InstrumentId> path, AssetId from);
    void add(std::span<const CycleLeg> legs, std::span<const AssetId> nodes);
    [[nodiscard]] bool may_combine(std::span<const InstrumentId> path) const noexcept;
    [[nodiscard]] bool is_cross_venue_gap(std::span<const InstrumentId> path) const noexcept;

    const Universe& universe_;
    const FeeSchedule& fees_;
    const Config& config_;
    std::vector<Cycle> cycles_;
    std::vector<std::vector<Neighbour>> neighbours_;  ///< by asset
    std::vector<std::int64_t> logs_{0};
    std::vector<std::int64_t> scales_;  ///< log2 of the price scale by instrument
    std::vector<std::uint32_t> starts_;
    std::vector<Entry> entries_;
};

/// One market as sizing a cycle sees it.
struct CycleMarket {
    const book::FeedBook* book = nullptr;
    const Instrument* instrument = nullptr;
    const Symbol* symbol = nullptr;
    Side side = Side::Buy;
    Rate taker;
    FeeAsset fee_asset = FeeAsset::Received;
    Amount available;  ///< of the asset this leg spends; Amount::max() = no limit
};

/// A cycle run through the books in integers: lots, level rounding and fees as the venue would take
/// them. What a leg cannot use stays as dust and counts nothing.
struct CycleRun {
    bool feasible = false;
    messages::ReasonCode obstacle = messages::ReasonCode::InsufficientDepth;  ///< when not feasible
    std::uint8_t leg = 0;  ///< where it stood in the way
    std::array<Quantity, kMaxCycleLegs> quantities{};
    Amount used;  ///< of the start asset
    Amount got;   ///< of the start asset
    [[nodiscard]] Amount profit() const noexcept { return got - used; }
};

/// Runs the cycle with the first leg's order at `first`.
[[nodiscard]] CycleRun run_cycle(std::span<const CycleMarket> markets, Quantity first,
                                 std::size_t max_levels) noexcept;

/// The best size: all legs' ladders are walked together, to the first that is used up, until the
/// product of marginal net rates falls to 1 + theta (exact for concave ladders); then that size and
/// its neighbours by one lot are run in integers. `max_start` bounds what is spent on the first
/// leg.
[[nodiscard]] CycleRun size_cycle(std::span<const CycleMarket> markets, double theta,
                                  Amount max_start, std::size_t max_levels) noexcept;

/// What `used` of the start asset would become at best prices, with or without fees.
[[nodiscard]] Amount chain_at_best(std::span<const CycleMarket> markets, Amount used,
                                   bool with_fees) noexcept;

}  // namespace parallax::scanner
