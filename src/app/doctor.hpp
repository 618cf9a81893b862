#pragma once

#include <string>
#include <vector>

#include "adapters/fix/transport.hpp"
#include "app/reach.hpp"

namespace parallax::app {

enum class Health : std::uint8_t { Good, Warning, Failed };

/// One thing that was looked at.
struct Finding {
    std::string where;  ///< "machine", "configuration", a venue
    Health health{};
    std::string what;
    std::string text;  ///< what was seen, and, unless good, what to do
};
using Findings = std::vector<Finding>;

/// Clock, processor, memory, open files, and the disk under `folder` (empty: the current one), on
/// which a megabyte is written, synced and removed.
[[nodiscard]] Findings examine_machine(const std::string& folder);

/// Answers, clocks, limits, streams and keys of all venues given, which take up to `patience`.
/// Sends nothing but questions. Needs: a transport that nothing else uses.
[[nodiscard]] Findings examine_venues(fix::Transport& transport, const Accesses& venues,
                                      const std::string& symbols, Nanos patience);

[[nodiscard]] std::string text_of(const Findings& findings);
[[nodiscard]] std::string json_of(const Findings& findings);

}  // namespace parallax::app
