#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "adapters/venues/common/json.hpp"
#include "adapters/venues/common/live_account.hpp"
#include "adapters/venues/common/order_numbers.hpp"

/// What the readers of accounts have in common. Include it in .cpp files only.
namespace parallax::venue_common {

/// The list among the facts, made if there is none yet.
template <class Row>
[[nodiscard]] std::vector<Row>& list_of(ports::AccountFacts& facts) {
    if (auto* const list = std::get_if<std::vector<Row>>(&facts)) return *list;
    return facts.emplace<std::vector<Row>>();
}

/// A decimal amount; 0 when absent, empty or no number.
[[nodiscard]] inline Amount amount_field(Object row, std::string_view key) {
    return Amount::parse(text_field(row, key)).value_or(Amount{});
}
/// 0 also when it is more than all.
[[nodiscard]] inline Rate rate_field(Object row, std::string_view key) {
    const Rate rate = Rate::parse(text_field(row, key)).value_or(Rate{});
    return rate.raw() > Rate::kOne || rate.raw() < -Rate::kOne ? Rate{} : rate;
}
/// Whole part of a leverage such as "10" or "12.5"; 0 when there is none.
[[nodiscard]] inline std::uint16_t leverage_field(Object row, std::string_view key) {
    const auto value = Amount::parse(text_field(row, key));
    if (!value || value->is_negative()) return 0;
    return static_cast<std::uint16_t>(
        std::min<__int128>(value->raw() / Amount::units(1).raw(), 65'535));
}

}  // namespace parallax::venue_common
