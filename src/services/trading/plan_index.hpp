#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "core/ids.hpp"
#include "core/time.hpp"
#include "messages/scanner.hpp"
#include "services/trading/plan.hpp"

namespace parallax::trading {

/// What searches need to know of all plans, in columns: a Plan is thousands of bytes, and walking
/// over plans, or over whole entries here, would cost a tick more than to decide its orders.
/// Mirrors the plans, place by place; whoever changes a plan mirrors it.
class PlanIndex {
public:
    static constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();

    explicit PlanIndex(std::size_t places)
        : plans_(places),
          opportunities_(places),
          open_((places + 63) / 64),
          wakes_(places),
          rests_(places),
          routes_(places) {}

    void mirror(std::size_t place, const Plan& plan) noexcept {
        plans_[place] = plan.id;
        opportunities_[place] = plan.id.valid() ? plan.opportunity : OpportunityId{};
        if (!open(place) || !plan.open()) next_known_ = false;
        const std::uint64_t bit = std::uint64_t{1} << place % 64;
        open_[place / 64] = plan.open() ? open_[place / 64] | bit : open_[place / 64] & ~bit;
        wakes_[place] = plan.wake;
        rests_[place] = {plan.stranded, plan.settled};
        routes_[place].count = plan.entry_legs;
        for (std::size_t i = 0; i < plan.entry_legs; ++i)
            routes_[place].of[i] = route(plan.legs[i].instrument, plan.legs[i].side);
    }

    [[nodiscard]] std::size_t find(PlanId id) const noexcept { return place_of(plans_, id); }
    [[nodiscard]] bool open(std::size_t place) const noexcept {
        return (open_[place / 64] >> place % 64 & 1) != 0;
    }
    /// f(place) of every open plan, places rising. A plan may be mirrored meanwhile.
    template <class F>
    void for_each_open(F&& f) const {
        for (std::size_t word = 0; word < open_.size(); ++word) {
            for (std::uint64_t left = open_[word]; left != 0; left &= left - 1)
                f(word * 64 + static_cast<std::size_t>(std::countr_zero(left)));
        }
    }
    [[nodiscard]] UnixNanos wake(std::size_t place) const noexcept { return wakes_[place]; }

    /// The plan that was made of the same opportunity.
    [[nodiscard]] PlanId same(OpportunityId opportunity) const noexcept {
        const std::size_t place = place_of(opportunities_, opportunity);
        return place == kNowhere ? PlanId{} : plans_[place];
    }
    /// An open plan that enters on the same side of one of the opportunity's instruments.
    [[nodiscard]] PlanId rival(const messages::Opportunity& opportunity) const noexcept {
        PlanId found;
        for_each_open([&](std::size_t place) {
            for (std::size_t i = 0; i < opportunity.leg_count && !found.valid(); ++i) {
                const messages::OpportunityLeg& leg = opportunity.legs[i];
                if (routes_[place].has(route(leg.instrument, leg.side))) found = plans_[place];
            }
        });
        return found;
    }
    /// Where the next plan goes: an unused place, else that of the plan settled longest ago, plans
    /// that ended with a residual last, as they are to be seen. kNowhere when all are open.
    /// Searched once after each change; whoever asks ahead of time has it when it counts.
    [[nodiscard]] std::size_t next() noexcept {
        if (!next_known_) next_ = search_next();
        next_known_ = true;
        return next_;
    }
    [[nodiscard]] bool next_known() const noexcept { return next_known_; }

private:
    struct Routes {
        std::array<std::uint32_t, messages::kMaxLegs> of{};  ///< instrument and side of the entries
        std::uint8_t count = 0;
        [[nodiscard]] bool has(std::uint32_t wanted) const noexcept {
            return std::find(of.begin(), of.begin() + count, wanted) != of.begin() + count;
        }
    };
    [[nodiscard]] static std::uint32_t route(InstrumentId id, Side side) noexcept {
        return id.raw() << 1 | static_cast<std::uint32_t>(side);
    }
    template <class Id>
    [[nodiscard]] static std::size_t place_of(const std::vector<Id>& column, Id wanted) noexcept {
        if (!wanted.valid()) return kNowhere;
        const auto at = std::find(column.begin(), column.end(), wanted);
        return at == column.end() ? kNowhere : static_cast<std::size_t>(at - column.begin());
    }
    [[nodiscard]] std::size_t search_next() const noexcept {
        std::size_t oldest = kNowhere;
        for (std::size_t i = 0; i < plans_.size(); ++i) {
            if (!plans_[i].valid()) return i;
            if (!open(i) && (oldest == kNowhere || rests_[i] < rests_[oldest])) oldest = i;
        }
        return oldest;
    }

    std::vector<PlanId> plans_;
    std::vector<OpportunityId> opportunities_;
    std::vector<std::uint64_t> open_;  ///< a bit a place
    std::vector<UnixNanos> wakes_;
    std::vector<std::pair<bool, UnixNanos>> rests_;  ///< ended with a residual; when it ended
    std::vector<Routes> routes_;
    std::size_t next_ = 0;
    bool next_known_ = false;
};

}  // namespace parallax::trading
