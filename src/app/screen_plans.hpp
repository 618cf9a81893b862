#pragma once

#include <string>

#include "app/pipeline.hpp"

namespace parallax::app {

/// What open plans have bought more than sold, or the other way round, by base asset, with the
/// time to the first deadline: "+0.012 BTC  -3 SOL, 120 ms to the deadline"; "none".
[[nodiscard]] std::string unhedged_text(const Pipeline& pipeline, UnixNanos now);
/// A line for each of the newest plans, open ones first: state, legs with the part that is filled,
/// and why the rest is as it is.
[[nodiscard]] std::string plan_lines(const Pipeline& pipeline, std::size_t most);

}  // namespace parallax::app
