#pragma once

#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <cstdint>

#include "core/price.hpp"

namespace parallax::orders {

/// Which part of a reported execution of one order is news; the one answer of risk, trading and
/// portfolio (methods 9, I7). Venues repeat fills, send them late, in another order, on a second
/// channel without trade ids, and as sums of several. So a fill with cumulative count c and
/// quantity q is the run [c - q, c) of its order's quantity; it counts if its trade id is new, and
/// then for the part of the run that is not covered yet. A fill without a cumulative count (0)
/// follows the last run known; one without a trade id (0) is told by its run alone; one without
/// both is nonsense. Memory is bounded by what was filled; none is allocated up to 4 gaps and 8
/// trade ids.
class FillFilter {
public:
    /// Whether the numbers of a fill can be those of one: anything else says nothing and is not
    /// counted.
    [[nodiscard]] bool sound(std::uint64_t trade_id, Quantity quantity,
                             Quantity cumulative) const noexcept;
    /// The new part of the execution, 0 for a repetition or nonsense. Numbers may be anything a
    /// peer sends.
    Quantity accept(std::uint64_t trade_id, Quantity quantity, Quantity cumulative);
    /// The venue said how much has filled, without saying how (its end-of-order message).
    void expect(Quantity cumulative) noexcept {
        if (cumulative > expected_) expected_ = cumulative;
    }
    /// Whether executions are known of that have not been seen yet.
    [[nodiscard]] bool missing() const noexcept { return expected_ > filled_; }
    [[nodiscard]] Quantity filled() const noexcept { return filled_; }
    /// For another order; keeps its memory.
    void reset() noexcept;
    /// The symbol's quantity scale grew: every quantity times `factor`.
    void rescale(std::int64_t factor) noexcept;

    template <class Archive>
    void describe(Archive& a) {
        a(filled_, expected_);
        list(a, runs_);
        list(a, trades_);
    }

private:
    struct Run {
        std::int64_t begin = 0;
        std::int64_t end = 0;
        template <class Archive>
        void describe(Archive& a) {
            a(begin, end);
        }
    };
    template <class Archive, class List>
    static void list(Archive& a, List& values) {
        auto size = static_cast<std::uint32_t>(values.size());
        a(size);
        if constexpr (Archive::kReading) {
            values.clear();
            for (std::uint32_t i = 0; i < size && a.ok(); ++i) a(values.emplace_back());
        } else {
            for (auto& value : values) a(value);
        }
    }
    [[nodiscard]] std::int64_t last_end() const noexcept {
        return runs_.empty() ? 0 : runs_.back().end;
    }
    std::int64_t cover(Run run);

    Quantity filled_;
    Quantity expected_;  ///< the highest count the venue has named
    boost::container::small_vector<Run, 4>
        runs_;  ///< disjoint, rising, never touching: one run when fills come in order
    boost::container::small_vector<std::uint64_t, 8> trades_;  ///< ids counted, rising
};

}  // namespace parallax::orders
