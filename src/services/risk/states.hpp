#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "core/market.hpp"
#include "messages/risk.hpp"

namespace parallax::risk {

/// What holds a scope down. Each cause has a state of its own; the scope has the worst of them, so
/// a cause that ends never lifts what another still demands.
enum class Cause : std::uint8_t { Command, Loss, Legging, Rejects, Unknowns, Repeats, Feed };
inline constexpr std::size_t kCauses = 7;
inline constexpr std::size_t kStrategies = 6;  ///< OpportunityKind

/// Trading states by scope: global, strategy, venue, symbol.
class States {
public:
    using State = messages::TradingState;
    using Scope = messages::Scope;

    States() { scopes_.resize(kFirstSymbol); }
    void grow(std::size_t symbols) {
        if (scopes_.size() < kFirstSymbol + symbols) scopes_.resize(kFirstSymbol + symbols);
    }
    /// True when some scope is not active: everybody else skips the lookups.
    [[nodiscard]] bool restricted() const noexcept { return restricted_ != 0; }
    /// False for a scope that does not exist.
    [[nodiscard]] bool known(Scope scope) const noexcept { return index(scope) < scopes_.size(); }
    [[nodiscard]] State of(Scope scope) const noexcept { return scopes_[index(scope)].worst; }
    [[nodiscard]] State by(Scope scope, Cause cause) const noexcept {
        return scopes_[index(scope)].by[static_cast<std::size_t>(cause)];
    }

    /// Sets one cause. Returns true when the scope's state changed; `from` and `to` then say how.
    struct Change {
        State from{};
        State to{};
        bool happened = false;
    };
    Change set(Scope scope, Cause cause, State state) noexcept {
        Entry& entry = scopes_[index(scope)];
        entry.by[static_cast<std::size_t>(cause)] = state;
        return refresh(entry);
    }
    /// A person's word: sets the command and re-arms what only a person may (everything but live
    /// conditions).
    Change command(Scope scope, State state) noexcept {
        Entry& entry = scopes_[index(scope)];
        for (const Cause cause : {Cause::Loss, Cause::Legging, Cause::Rejects, Cause::Repeats}) {
            entry.by[static_cast<std::size_t>(cause)] = State::Active;
        }
        entry.by[static_cast<std::size_t>(Cause::Command)] = state;
        return refresh(entry);
    }

    template <class Archive>
    void describe(Archive& a) {
        a(scopes_, restricted_);
    }

private:
    static constexpr std::size_t kFirstVenue = 1 + kStrategies;
    static constexpr std::size_t kFirstSymbol = kFirstVenue + kVenueCount;
    struct Entry {
        std::array<State, kCauses> by{};
        State worst{};
        template <class Archive>
        void describe(Archive& a) {
            a(by, worst);
        }
    };

    [[nodiscard]] static std::size_t index(Scope scope) noexcept {
        constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
        switch (scope.kind) {
            case messages::ScopeKind::Global:
                return 0;
            case messages::ScopeKind::Strategy:
                return scope.id < kStrategies ? 1 + scope.id : kNowhere;
            case messages::ScopeKind::Venue:
                return scope.id < kVenueCount ? kFirstVenue + scope.id : kNowhere;
            case messages::ScopeKind::Symbol:
                return kFirstSymbol + scope.id;
        }
        return kNowhere;
    }
    Change refresh(Entry& entry) noexcept {
        const State before = entry.worst;
        entry.worst = *std::max_element(entry.by.begin(), entry.by.end());
        if (before == State::Active && entry.worst != State::Active) ++restricted_;
        if (before != State::Active && entry.worst == State::Active) --restricted_;
        return {before, entry.worst, before != entry.worst};
    }

    std::vector<Entry> scopes_;
    std::uint32_t restricted_ = 0;
};

}  // namespace parallax::risk
