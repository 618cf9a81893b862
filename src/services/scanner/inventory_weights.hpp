#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/market.hpp"

namespace parallax::scanner {

/// How the target of an asset is shared out over wallets: "binance.spot BTC 3, okx BTC 1" keeps
/// three quarters of all BTC on Binance. What is not named weighs 1, so that nothing named means
/// equal shares; `*` names every asset that has no weight of its own there. Weights lie within
/// [0, 1000].
struct InventoryWeights {
    struct Entry {
        Market wallet{};
        std::string asset;  ///< "*" = every other
        double weight = 1.0;
        friend auto operator<=>(const Entry&, const Entry&) = default;
    };
    std::vector<Entry> entries;

    [[nodiscard]] double of(Market wallet, std::string_view asset) const noexcept;
    friend auto operator<=>(const InventoryWeights&, const InventoryWeights&) = default;
};

/// Found by the readers of settings beside those of core/settings.hpp.
[[nodiscard]] bool parse_setting(std::string_view name, std::string_view text,
                                 InventoryWeights& value);
[[nodiscard]] std::string format_setting(std::string_view name, const InventoryWeights& value);

}  // namespace parallax::scanner
