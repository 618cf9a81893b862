#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/instrument.hpp"
#include "core/result.hpp"

namespace parallax::okx {

/// The listings of a /api/v5/public/instruments answer for SPOT, SWAP or FUTURES, forms of 2022 to
/// 2026, or of a push of the `instruments` channel, which names only what changed. Other types
/// (OPTION, MARGIN) and listings announced without their rules are left out. Errors: Malformed (no
/// such message).
[[nodiscard]] Result<std::vector<InstrumentDefinition>> parse_instruments(std::string_view json);

/// A listing as far as its name and the digits of its messages tell. Inverse contracts are 100 USD
/// for BTC, else 10; the size of linear ones is not in the name: taken as 1.
[[nodiscard]] InstrumentDefinition infer_definition(Market market, std::string_view venue_symbol,
                                                    std::uint8_t price_decimals,
                                                    std::uint8_t quantity_decimals);

}  // namespace parallax::okx
