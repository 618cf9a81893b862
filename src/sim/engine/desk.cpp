#include "sim/engine/desk.hpp"

namespace parallax::sim_engine {

void Desk::move_index(Price price) noexcept {
    constexpr std::int64_t kUnit = 256;
    constexpr std::int64_t kSmoothing = 16;
    index = price;
    if (!book.empty(Side::Buy) && !book.empty(Side::Sell)) {
        const std::int64_t bid = book.best(Side::Buy).price.raw();
        const std::int64_t ask = book.best(Side::Sell).price.raw();
        const std::int64_t most = price.raw() / 200;
        const std::int64_t away = std::clamp((bid + ask) / 2 - price.raw(), -most, most);
        basis += (away * kUnit - basis) / kSmoothing;
        const std::int64_t premium = std::max<std::int64_t>(0, bid - price.raw()) -
                                     std::max<std::int64_t>(0, price.raw() - ask);
        premium_sum =
            premium_sum +
            Rate::from_raw(static_cast<std::int64_t>(divide(
                static_cast<__int128>(premium) * Rate::kOne, price.raw(), Rounding::HalfEven)));
        ++premium_samples;
    }
    mark = std::max(Price::from_raw(price.raw() + basis / kUnit), Price::from_raw(1));
}

Rate Desk::funding_rate() const noexcept {
    constexpr std::int64_t kEightHours = 8 * 3'600;
    const std::int64_t seconds = listing.definition.funding_interval.count() / 1'000'000'000;
    const Rate interest = Rate::from_raw(Rate::basis_points(1).raw() * seconds / kEightHours);
    const Rate premium =
        Rate::from_raw(premium_samples == 0 ? 0 : premium_sum.raw() / premium_samples);
    const Rate rate =
        premium + std::clamp(interest - premium, -Rate::basis_points(5), Rate::basis_points(5));
    const Rate cap = listing.funding_cap;
    return cap == Rate{} ? rate : std::clamp(rate, -cap, cap);
}

}  // namespace parallax::sim_engine
