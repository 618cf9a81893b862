#pragma once

#include <array>
#include <cstdint>

#include "core/price.hpp"
#include "core/time.hpp"

namespace parallax::scanner {

/// Best prices at one estimated matching time, on our clock: receipt less queueing delay.
struct TimedQuote {
    UnixNanos time;
    Price bid;
    Price ask;
    template <class Archive>
    void describe(Archive& a) {
        a(time, bid, ask);
    }
};

/// The last half second of one instrument's best prices, to see two books as of one time: part of
/// every raw gap is only one feed being late. The newest 64 changes are kept.
class QuoteRing {
public:
    static constexpr std::size_t kSize = 64;
    static constexpr Nanos kSpan = Nanos::millis(500);

    void push(const TimedQuote& quote) noexcept {
        quotes_[newest_ = (newest_ + 1) % kSize] = quote;
    }
    [[nodiscard]] const TimedQuote& newest() const noexcept { return quotes_[newest_]; }
    /// The quote that stood at `time`: the newest not later, or the oldest there is within the
    /// span.
    [[nodiscard]] const TimedQuote& at(UnixNanos time) const noexcept {
        const UnixNanos oldest = newest().time - kSpan;
        std::size_t best = newest_;
        for (std::size_t back = 0; back < kSize; ++back) {
            const std::size_t i = (newest_ + kSize - back) % kSize;
            if (!quotes_[i].time.known() || quotes_[i].time < oldest) break;
            best = i;
            if (quotes_[i].time <= time) break;
        }
        return quotes_[best];
    }
    void rescale(std::int64_t price_factor) noexcept {
        for (TimedQuote& quote : quotes_) {
            quote.bid = Price::from_raw(quote.bid.raw() * price_factor);
            quote.ask = Price::from_raw(quote.ask.raw() * price_factor);
        }
    }
    template <class Archive>
    void describe(Archive& a) {
        a(newest_, quotes_);
    }

private:
    std::uint64_t newest_ = 0;
    std::array<TimedQuote, kSize> quotes_{};
};

}  // namespace parallax::scanner
