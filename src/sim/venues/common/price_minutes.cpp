#include "sim/venues/common/price_minutes.hpp"

#include <algorithm>

#include "core/amount.hpp"
#include "core/decimal.hpp"

namespace parallax::sim_front {
namespace {

constexpr std::int64_t kMinute = 60'000;

}  // namespace

void PriceMinutes::advance(UnixNanos now) {
    if (minutes_.empty()) return;
    const std::int64_t start = now.millis() - now.millis() % kMinute;
    // After a long silence only what would be kept anyhow.
    std::int64_t next = std::max(minutes_.back().start + kMinute,
                                 start - static_cast<std::int64_t>(kMinutes) * kMinute);
    for (; next <= start; next += kMinute) {
        const Price p = minutes_.back().close;
        minutes_.push_back({next, p, p, p, p});
        if (minutes_.size() > kMinutes) minutes_.pop_front();
    }
}

void PriceMinutes::told(Price price, UnixNanos now) {
    advance(now);
    if (minutes_.empty()) {
        minutes_.push_back({now.millis() - now.millis() % kMinute, price, price, price, price});
        return;
    }
    Candle& c = minutes_.back();
    c.high = std::max(c.high, price);
    c.low = std::min(c.low, price);
    c.close = price;
}

std::vector<PriceMinutes::Candle> PriceMinutes::candles(const BeginOf& begin_of, std::int64_t from,
                                                        std::int64_t to, std::size_t most) const {
    std::vector<Candle> out;
    for (auto at = minutes_.rbegin(); at != minutes_.rend(); ++at) {
        const std::int64_t begin = begin_of(at->start);
        if (begin < from) break;
        if (begin > to) continue;
        if (out.empty() || out.back().start != begin) {
            if (out.size() == most) break;
            out.push_back(*at);
            out.back().start = begin;
            continue;
        }
        Candle& c = out.back();
        c.open = at->open;
        c.high = std::max(c.high, at->high);
        c.low = std::min(c.low, at->low);
    }
    return out;
}

Price premium(Price mark, Price index) noexcept {
    if (index <= Price{}) return Price{};
    const __int128 gap = static_cast<__int128>(mark.raw() - index.raw()) * pow10(kPremiumDigits);
    return Price::from_raw(static_cast<std::int64_t>(divide(gap, index.raw(), Rounding::HalfEven)));
}

Quantity open_interest(const sim_engine::SimVenue& venue, sim_engine::ListingId id) {
    Quantity sum;
    for (std::size_t i = 0; i < venue.accounts(); ++i) {
        const sim_engine::AccountId account{static_cast<sim_engine::AccountId::rep>(i)};
        const Quantity quantity = venue.position(account, id).quantity();
        if (quantity > Quantity{}) sum += quantity;
    }
    return sum;
}

}  // namespace parallax::sim_front
