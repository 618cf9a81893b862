#pragma once

#include <memory>
#include <string>
#include <vector>

#include "commands.hpp"
#include "core/market.hpp"
#include "core/result.hpp"
#include "ports/frame_source.hpp"

namespace parallax::app {

struct SourceArgument {
    Market market{};
    std::string path;
};

/// Reads "binance.spot=PATH". Errors: Rejected, with the markets that exist.
[[nodiscard]] Result<SourceArgument> parse_source(const std::string& text);

/// Opens all sources and merges them by receive time, ties in the order given. Files of one market
/// cut from one stream come out as that stream. Errors: as recording::open_source; Rejected for a
/// wrong argument.
[[nodiscard]] Result<std::unique_ptr<ports::FrameSource>> open_sources(
    const std::vector<std::string>& arguments, bool prefetch);

/// The exit code that tells of an error while opening sources.
[[nodiscard]] int exit_code_of(const Error& error) noexcept;

}  // namespace parallax::app
