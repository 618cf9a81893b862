#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/amount.hpp"
#include "core/time.hpp"

// Every service describes its settings once, in its config.hpp:
//
//     struct Config {
//         Rate min_edge = Rate::basis_points(1);
//         Nanos quote_age_max = Nanos::millis(150);
//         template <class Visitor>
//         void visit(Visitor& v) {
//             v.field("min_edge_bp", min_edge, "0", "1000", "least expected edge to signal");
//             v.field("quote_age_max_ms", quote_age_max, "1", "60000", "an older book is not traded
//             on");
//         }
//     };
//
// The configuration reader, its error messages, `parallax config` and the run manifest in the
// journal all walk that one description. The text of a field is in the unit its name ends in;
// lowest and highest are inclusive, as text:
//   bool                     true / false        (no bounds: pass "", "")
//   std::int64_t             whole number
//   double                   number; for statistics only
//   Rate                     name ends in _bp:   decimal basis points, down to 0.0001
//   Amount                   decimal units of an asset named by the help text
//   Nanos                    name ends in _ms, _us or _s: whole number
//   std::string              with v.choice(name, value, "one|two|three", help)

namespace parallax {

/// Reads a field's text into its value. False when it is not of the field's form; bounds are the
/// caller's to check.
[[nodiscard]] bool parse_setting(std::string_view name, std::string_view text, bool& value);
[[nodiscard]] bool parse_setting(std::string_view name, std::string_view text, std::int64_t& value);
[[nodiscard]] bool parse_setting(std::string_view name, std::string_view text, double& value);
[[nodiscard]] bool parse_setting(std::string_view name, std::string_view text, Rate& value);
[[nodiscard]] bool parse_setting(std::string_view name, std::string_view text, Amount& value);
[[nodiscard]] bool parse_setting(std::string_view name, std::string_view text, Nanos& value);

/// The text parse_setting reads back to the same value.
[[nodiscard]] std::string format_setting(std::string_view name, bool value);
[[nodiscard]] std::string format_setting(std::string_view name, std::int64_t value);
[[nodiscard]] std::string format_setting(std::string_view name, double value);
[[nodiscard]] std::string format_setting(std::string_view name, Rate value);
[[nodiscard]] std::string format_setting(std::string_view name, Amount value);
[[nodiscard]] std::string format_setting(std::string_view name, Nanos value);

}  // namespace parallax
