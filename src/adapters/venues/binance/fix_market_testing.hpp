#pragma once

#include <algorithm>
#include <string>

#include "adapters/fix/fields.hpp"

/// Only for tests and benchmarks.
namespace parallax::binance {

/// A message of a market data session out of fields with | behind each, without its header.
inline std::string fix_text(const std::string& type, std::string body) {
    body = "35=" + type + "|34=2|49=SPOT|52=20260101-00:00:00.250000|56=PCLIENT|" + body;
    std::ranges::replace(body, '|', fix::kSoh);
    std::string out = "8=FIX.4.4|9=" + std::to_string(body.size()) + "|";
    std::ranges::replace(out, '|', fix::kSoh);
    out += body;
    unsigned sum = 0;
    for (const char c : out) sum += static_cast<unsigned char>(c);
    const std::string digits = std::to_string(sum % 256);
    return out + "10=" + std::string(3 - digits.size(), '0') + digits + fix::kSoh;
}

}  // namespace parallax::binance
