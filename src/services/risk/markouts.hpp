#pragma once

#include <cstdint>
#include <deque>
#include <map>

#include "book/book_set.hpp"
#include "core/instrument.hpp"
#include "services/risk/recent_mean.hpp"

namespace parallax::risk {

/// What prices did after our fills: markout m = side x (mid - p) / p, positive = it went our way
/// (methods 2, adverse selection). One mean per symbol. Entries only: hedges buy certainty, their
/// markout says nothing about the signal.
class Markouts {
public:
    /// A fill whose markout is due at a time; times rise. Beyond kMostWaiting the oldest is
    /// forgotten.
    void add(InstrumentId instrument, Side side, Price price, UnixNanos due) {
        if (waiting_.size() == kMostWaiting) waiting_.pop_front();
        waiting_.push_back({instrument, side, price, due});
    }
    /// Measures what is due; calls f(symbol, mean) for every symbol whose mean of 50 changed. A
    /// fill whose book is not tradable by then is not measured.
    template <class F>
    void measure(const Universe& universe, const book::BookSet& books, UnixNanos now, F&& f) {
        while (!waiting_.empty() && waiting_.front().due <= now) {
            const Waiting fill = waiting_.front();
            waiting_.pop_front();
            if (!books.contains(fill.instrument) || !books[fill.instrument].tradable()) continue;
            const Level bid = books[fill.instrument].best_bid();
            const Level ask = books[fill.instrument].best_ask();
            if (bid.quantity.is_zero() || ask.quantity.is_zero()) continue;
            const __int128 paid = 2 * static_cast<__int128>(fill.price.raw());
            const __int128 worth = static_cast<__int128>(bid.price.raw()) + ask.price.raw();
            const __int128 gain = fill.side == Side::Buy ? worth - paid : paid - worth;
            const SymbolId symbol = universe.instrument(fill.instrument).symbol;
            RecentMean& mean = means_[symbol];
            mean.add(
                Rate::from_raw(saturated(multiply_divide(gain, Rate::kOne, paid, Rounding::Down))));
            if (mean.full()) f(symbol, mean.mean());
        }
    }
    void forget(SymbolId symbol) { means_.erase(symbol); }
    void rescale(const Universe& universe, SymbolId symbol, std::int64_t prices) noexcept {
        for (Waiting& fill : waiting_) {
            if (universe.instrument(fill.instrument).symbol == symbol)
                fill.price = Price::from_raw(fill.price.raw() * prices);
        }
    }
    template <class Archive>
    void describe(Archive& a) {
        a(waiting_, means_);
    }

private:
    static constexpr std::size_t kMostWaiting = 4096;
    static std::int64_t saturated(__int128 value) noexcept {
        constexpr __int128 kMost = INT64_MAX;
        return static_cast<std::int64_t>(value > kMost ? kMost : value < -kMost ? -kMost : value);
    }
    struct Waiting {
        InstrumentId instrument;
        Side side{};
        Price price;  ///< > 0
        UnixNanos due;
        template <class Archive>
        void describe(Archive& a) {
            a(instrument, side, price, due);
        }
    };
    std::deque<Waiting> waiting_;  ///< by time
    std::map<SymbolId, RecentMean> means_;
};

}  // namespace parallax::risk
