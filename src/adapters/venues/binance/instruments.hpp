#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/instrument.hpp"
#include "core/result.hpp"

namespace parallax::binance {

/// The listings of an exchangeInfo answer of /api/v3, /fapi/v1 or /dapi/v1, forms of 2021 to 2026.
/// Errors: Malformed (no JSON, or without `symbols`); a listing without its essential fields is
/// left out.
[[nodiscard]] Result<std::vector<InstrumentDefinition>> parse_exchange_info(Market market,
                                                                            std::string_view json);

/// A listing as far as its name and the digits of its messages tell. COIN-M contracts are 100 USD
/// for BTC, else 10.
[[nodiscard]] InstrumentDefinition infer_definition(Market market, std::string_view venue_symbol,
                                                    std::uint8_t price_decimals,
                                                    std::uint8_t quantity_decimals);

}  // namespace parallax::binance
