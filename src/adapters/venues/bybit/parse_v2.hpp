#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "adapters/venues/common/json.hpp"

/// The retired v2 API (until 2023), as far as recordings need it: order books of 25 and 200 levels,
/// and trades.
namespace parallax::bybit {

/// v2 books have no contiguous update ids: frames of a symbol are numbered here. A frame that is
/// parsed again because its instrument had to be listed or refined first keeps its number.
class LegacyNumbering {
public:
    [[nodiscard]] std::uint64_t next(std::string_view symbol) const;
    void advance(std::string_view symbol);

private:
    std::unordered_map<std::string, std::uint64_t> last_;
};

[[nodiscard]] bool is_v2_topic(std::string_view topic) noexcept;

/// Writes the frame as the v5 frame that says the same; returns its symbol. Sizes are JSON numbers
/// that went through single precision ("69.299995"): they are rounded to 1/1000, the finest lot of
/// that API, which brings back the number that was meant up to sizes of 10,000.
std::string_view rewrite_v2(std::string_view topic, venue_common::Object frame,
                            const LegacyNumbering& numbering, venue_common::Rewriter& out);

}  // namespace parallax::bybit
