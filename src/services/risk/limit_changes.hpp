#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/risk/config.hpp"

namespace parallax::risk {

/// What setting one limit would mean.
enum class LimitStep : std::uint8_t {
    Unknown,  ///< no such limit
    Invalid,  ///< no number of its kind, or out of its range
    Same,
    Tighter,
    Looser,
};
/// Sets a limit by name and text (units as in the configuration file). `config` stays as it is for
/// Unknown and Invalid.
[[nodiscard]] LimitStep set_limit(Config& config, std::string_view name, std::string_view text);

/// Some changes of limits, told apart: what only tightens needs one person, what loosens two.
struct LimitChange {
    bool valid = false;   ///< every line names a limit and a value in its range; something changes
    Config tightened;     ///< the limits with the tighter values only
    std::string tighter;  ///< those lines, `name = value`
    std::string looser;   ///< the others
};
[[nodiscard]] LimitChange compare_limits(const Config& config, std::string_view settings);
/// The limits with all lines of `settings`, which compare_limits() found valid.
[[nodiscard]] Config with_limits(Config config, std::string_view settings);

/// The limits of which more is tighter, or of which 0 is off; for the test that they exist.
[[nodiscard]] std::vector<std::string_view> limit_exceptions();

/// A change that waits for a second person.
struct LimitsProposal {
    std::uint64_t number = 0;   ///< 0 = none waits
    std::uint64_t version = 0;  ///< of the limits it was made for
    std::string person;
    std::string settings;
    template <class Archive>
    void describe(Archive& a) {
        a(number, version, person, settings);
    }
};

}  // namespace parallax::risk
