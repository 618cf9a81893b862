#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/instrument.hpp"
#include "core/result.hpp"

namespace parallax::bybit {

/// The listings of a /v5/market/instruments-info answer of the market's category, or of the retired
/// /v2/public/symbols as far as they belong to the market. Errors: Malformed (no such answer, or a
/// refusal).
[[nodiscard]] Result<std::vector<InstrumentDefinition>> parse_instruments(Market market,
                                                                          std::string_view json);

/// The cursor that asks for the page after an instruments-info answer; empty behind the last one.
[[nodiscard]] std::string next_page(std::string_view json);

/// A listing as far as its name and the digits of its messages tell. Inverse contracts are 1 USD.
[[nodiscard]] InstrumentDefinition infer_definition(Market market, std::string_view venue_symbol,
                                                    std::uint8_t price_decimals,
                                                    std::uint8_t quantity_decimals);

}  // namespace parallax::bybit
