#pragma once

#include <algorithm>

#include "services/risk/service.hpp"

// What the eleven predicates share.
namespace parallax::risk {

/// An amount as verdicts and reasons show it: 1e-6 units, saturated.
inline std::int64_t micro(Amount amount) noexcept {
    constexpr __int128 kStep = kPow10[12];
    constexpr __int128 kMost = INT64_MAX;
    return static_cast<std::int64_t>(std::clamp(amount.raw() / kStep, -kMost, kMost));
}

/// Whether a limit price is within the collar: a buy not above, a sell not below. `twice` is twice
/// the reference.
inline bool within(Side side, Price price, std::int64_t twice, Rate collar) noexcept {
    const __int128 asked = static_cast<__int128>(price.raw()) * (2 * Rate::kOne);
    return side == Side::Buy ? asked <= static_cast<__int128>(twice) * (Rate::kOne + collar.raw())
                             : asked >= static_cast<__int128>(twice) * (Rate::kOne - collar.raw());
}

/// Both sides of a book, and twice its middle.
struct Mid {
    Level bid, ask;
    explicit Mid(const book::FeedBook& book) noexcept
        : bid{book.best_bid()}, ask{book.best_ask()} {}
    [[nodiscard]] bool known() const noexcept {
        return !bid.quantity.is_zero() && !ask.quantity.is_zero();
    }
    [[nodiscard]] std::int64_t twice() const noexcept { return bid.price.raw() + ask.price.raw(); }
};

template <class Code>
[[gnu::cold, gnu::noinline]] bool Service::refuse(messages::RiskCheck check, Code code,
                                                  std::int64_t value, std::int64_t limit) noexcept {
    verdict_.check = check;
    verdict_.detail = static_cast<std::uint8_t>(code);
    verdict_.value = value;
    verdict_.limit = limit;
    return false;
}

}  // namespace parallax::risk
