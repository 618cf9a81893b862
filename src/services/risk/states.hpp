#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "core/ids.hpp"
#include "core/market.hpp"
#include "core/time.hpp"
#include "messages/risk.hpp"

namespace parallax::risk {

/// What holds a scope down. Each cause has a state of its own; the scope has the worst of them, so
/// a cause that ends never lifts what another still demands.
enum class Cause : std::uint8_t {
    Command,
    Loss,
    Legging,
    Rejects,
    Unknowns,    ///< orders the gateway calls unknown
    Unanswered,  ///< orders trading has asked about in vain
    Repeats,
    Feed,
    Reconciliation,
    FillRatio,
    Markout,
    Stablecoin,
    Residual,
    Account,  ///< what AccountStatus says
};
inline constexpr std::size_t kCauses = 14;
inline constexpr std::size_t kStrategies = 6;  ///< OpportunityKind

/// Conditions seen directly: they end with what they see, never by a command.
[[nodiscard]] constexpr bool is_live(Cause cause) noexcept {
    return cause == Cause::Unknowns || cause == Cause::Feed || cause == Cause::Stablecoin ||
           cause == Cause::Account;
}

/// Trading states by scope: global, strategy, venue, symbol, quote asset.
class States {
public:
    using State = messages::TradingState;
    using Scope = messages::Scope;

    States() { scopes_.resize(kFirstSymbol); }
    void grow(std::size_t symbols, std::size_t assets) {
        if (scopes_.size() < kFirstSymbol + symbols) scopes_.resize(kFirstSymbol + symbols);
        if (quotes_.size() < assets) quotes_.resize(assets);
    }
    /// True when some scope is not active: everybody else skips the lookups.
    [[nodiscard]] bool restricted() const noexcept { return restricted_ != 0; }
    /// False for a scope that does not exist.
    [[nodiscard]] bool known(Scope scope) const noexcept {
        switch (scope.kind) {
            case messages::ScopeKind::Global:
                return true;
            case messages::ScopeKind::Strategy:
                return scope.id < kStrategies;
            case messages::ScopeKind::Venue:
                return scope.id < kVenueCount;
            case messages::ScopeKind::Symbol:
                return scope.id < scopes_.size() - kFirstSymbol;
            case messages::ScopeKind::Quote:
                return scope.id < quotes_.size();
        }
        return false;
    }
    [[nodiscard]] State of(Scope scope) const noexcept { return entry(scope).worst; }
    [[nodiscard]] State by(Scope scope, Cause cause) const noexcept {
        return entry(scope).by[static_cast<std::size_t>(cause)];
    }

    /// Sets one cause; `until` is when it may end by itself, unknown = never. `happened` says that
    /// the scope's state changed, `from` and `to` how.
    struct Change {
        State from{};
        State to{};
        bool happened = false;
    };
    Change set(Scope scope, Cause cause, State state, UnixNanos until = {}) noexcept {
        Entry& entry = const_cast<Entry&>(std::as_const(*this).entry(scope));
        entry.by[static_cast<std::size_t>(cause)] = state;
        entry.until[static_cast<std::size_t>(cause)] = until;
        return refresh(entry);
    }
    /// A person's word: sets the command and re-arms what only a person may (everything but live
    /// conditions).
    Change command(Scope scope, State state) noexcept {
        Entry& entry = const_cast<Entry&>(std::as_const(*this).entry(scope));
        for (std::size_t i = 0; i < kCauses; ++i) {
            if (!is_live(static_cast<Cause>(i))) entry.by[i] = State::Active;
        }
        entry.by[static_cast<std::size_t>(Cause::Command)] = state;
        return refresh(entry);
    }
    /// Calls f(scope, cause) for reducing causes whose time is over; f may set them.
    template <class F>
    void for_each_expired(UnixNanos now, F&& f) {
        if (!restricted()) return;
        for (std::size_t i = 0; i < scopes_.size(); ++i) expired(scopes_[i], scope_at(i), now, f);
        for (std::size_t i = 0; i < quotes_.size(); ++i) {
            expired(quotes_[i], {messages::ScopeKind::Quote, static_cast<std::uint32_t>(i)}, now,
                    f);
        }
    }

    template <class Archive>
    void describe(Archive& a) {
        a(scopes_, quotes_, restricted_);
    }

private:
    static constexpr std::size_t kFirstVenue = 1 + kStrategies;
    static constexpr std::size_t kFirstSymbol = kFirstVenue + kVenueCount;
    struct Entry {
        std::array<State, kCauses> by{};
        State worst{};
        std::array<UnixNanos, kCauses> until{};
        template <class Archive>
        void describe(Archive& a) {
            a(by, worst, until);
        }
    };

    [[nodiscard]] const Entry& entry(Scope scope) const noexcept {
        switch (scope.kind) {
            case messages::ScopeKind::Global:
                break;
            case messages::ScopeKind::Strategy:
                return scopes_[1 + scope.id];
            case messages::ScopeKind::Venue:
                return scopes_[kFirstVenue + scope.id];
            case messages::ScopeKind::Symbol:
                return scopes_[kFirstSymbol + scope.id];
            case messages::ScopeKind::Quote:
                return quotes_[scope.id];
        }
        return scopes_[0];
    }
    [[nodiscard]] static Scope scope_at(std::size_t i) noexcept {
        using Kind = messages::ScopeKind;
        const auto id = [i](std::size_t first) { return static_cast<std::uint32_t>(i - first); };
        if (i == 0) return {};
        if (i < kFirstVenue) return {Kind::Strategy, id(1)};
        if (i < kFirstSymbol) return {Kind::Venue, id(kFirstVenue)};
        return {Kind::Symbol, id(kFirstSymbol)};
    }
    template <class F>
    static void expired(const Entry& entry, Scope scope, UnixNanos now, F&& f) {
        if (entry.worst == State::Active) return;
        for (std::size_t i = 0; i < kCauses; ++i) {
            if (entry.by[i] == State::Reducing && entry.until[i].known() && now >= entry.until[i])
                f(scope, static_cast<Cause>(i));
        }
    }
    Change refresh(Entry& entry) noexcept {
        const State before = entry.worst;
        entry.worst = *std::max_element(entry.by.begin(), entry.by.end());
        if (before == State::Active && entry.worst != State::Active) ++restricted_;
        if (before != State::Active && entry.worst == State::Active) --restricted_;
        return {before, entry.worst, before != entry.worst};
    }

    std::vector<Entry> scopes_;
    std::vector<Entry> quotes_;  ///< by asset
    std::uint32_t restricted_ = 0;
};

}  // namespace parallax::risk
