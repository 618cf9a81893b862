#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace parallax::venue_common {

/// What to do about an error of a venue: one value per reaction, not per cause.
enum class Reaction : std::uint8_t {
    None,               ///< no error
    Retry,              ///< not executed, and may be sent again at once
    BackOff,            ///< not executed; wait, then it may be sent again
    ResyncClock,        ///< not executed: measure the clock offset, sign anew
    ResyncBook,         ///< the stream is over or was never there: subscribe again
    Relogin,            ///< not executed: the session is not signed in
    ReloadInstruments,  ///< refused: our idea of the instrument is old
    StopInstrument,     ///< refused: the instrument does not trade now
    Reject,             ///< refused for good; sending it again gives the same
    NotFound,           ///< no such order there; after a settle delay it answers Unknown
    Done,               ///< what was asked for is so already: read the final state
    Unknown,            ///< may have been executed: ask by client id, never send again
    Halt,               ///< keys, permissions, bans: stop trading at this venue, tell people
};
inline constexpr std::size_t kReactionCount = 13;

[[nodiscard]] constexpr std::string_view to_string(Reaction reaction) noexcept {
    constexpr std::array<std::string_view, kReactionCount> kNames{"none",
                                                                  "retry",
                                                                  "back_off",
                                                                  "resync_clock",
                                                                  "resync_book",
                                                                  "relogin",
                                                                  "reload_instruments",
                                                                  "stop_instrument",
                                                                  "reject",
                                                                  "not_found",
                                                                  "done",
                                                                  "unknown",
                                                                  "halt"};
    return kNames[static_cast<std::size_t>(reaction)];
}

/// Whether it speaks against the health of the endpoint (for CircuitBreaker).
[[nodiscard]] constexpr bool is_failure(Reaction reaction) noexcept {
    return reaction == Reaction::Retry || reaction == Reaction::BackOff ||
           reaction == Reaction::Unknown;
}

/// One line of a venue's table: codes `first` to `last`; with a text, only messages that contain
/// it. Lines are sorted by `first`, and of one code those with a text come first.
struct CodeRule {
    std::int32_t first;
    std::int32_t last;
    Reaction reaction;
    std::string_view meaning;  ///< for people
    std::string_view text = {};
};

struct Verdict {
    Reaction reaction;
    std::string_view meaning;
};
inline constexpr Verdict kUndocumented{
    Reaction::Unknown, "a code the documentation does not have: the outcome is unknown"};

[[nodiscard]] constexpr Verdict look_up(std::span<const CodeRule> rules, std::int32_t code,
                                        std::string_view message) noexcept {
    for (const CodeRule& rule : rules) {
        if (code < rule.first || code > rule.last) continue;
        if (message.find(rule.text) == std::string_view::npos) continue;
        return {rule.reaction, rule.meaning};
    }
    return kUndocumented;
}

/// Sorted, not overlapping but for texts, with words on every line.
[[nodiscard]] constexpr bool well_formed(std::span<const CodeRule> rules) noexcept {
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const CodeRule& rule = rules[i];
        if (rule.first > rule.last || rule.meaning.empty()) return false;
        if (i == 0) continue;
        const CodeRule& before = rules[i - 1];
        const bool same = before.first == rule.first && before.last == rule.last;
        if (same ? before.text.empty() : rule.first <= before.last) return false;
    }
    return true;
}

}  // namespace parallax::venue_common
