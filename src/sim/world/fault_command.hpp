#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/market.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace parallax::sim_world {

/// One thing to go wrong, as people and scripts write it: "NAME key=value ...". See
/// docs/simulator.md for names and keys.
struct FaultCommand {
    std::string name;
    std::vector<Venue> venues;  ///< all three when the line names none
    std::map<std::string, std::string, std::less<>> values;

    [[nodiscard]] std::string text(std::string_view key, std::string otherwise = {}) const;
    [[nodiscard]] std::uint32_t count(std::string_view key, std::uint32_t otherwise) const;
    [[nodiscard]] double number(std::string_view key, double otherwise) const;
    [[nodiscard]] Nanos span(std::string_view key, Nanos otherwise) const;
};

/// Errors: Malformed; the detail names what is wrong and what is known.
[[nodiscard]] Result<FaultCommand> parse_fault(std::string_view line);
/// "250ms", "5s", "1.5m", also negative. None: no span of time.
[[nodiscard]] std::optional<Nanos> parse_span(std::string_view text);

/// A line of a script: at a time after the start, or at random about every so often.
struct ScheduledFault {
    Nanos at{};     ///< after the start
    Nanos every{};  ///< mean distance; 0 = once
    FaultCommand command;
};
/// "12.5s stall venue=okx for=3s", "every 30s gap venue=binance", "# comment". All mistakes at
/// once, "NAME:LINE: ...". Errors: Malformed.
[[nodiscard]] Result<std::vector<ScheduledFault>> parse_fault_script(std::string_view text,
                                                                     const std::string& name);

}  // namespace parallax::sim_world
