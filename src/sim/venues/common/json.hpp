#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string_view>

namespace parallax::sim_front {

using Json = nlohmann::ordered_json;

struct ReadJson {
    Json value;
    bool good = false;
    std::size_t at = 0;  ///< byte at which it stopped being JSON, counted from 1
};

/// Reads what a client sent. Numbers with a fraction or beyond 64 bits stay texts, so that no digit
/// is lost. More than `kMostDepth` levels are no JSON here.
[[nodiscard]] ReadJson read_json(std::string_view text);
inline constexpr std::size_t kMostDepth = 16;

}  // namespace parallax::sim_front
