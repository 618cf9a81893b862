#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "book/book_set.hpp"
#include "core/ids.hpp"
#include "core/price.hpp"
#include "core/time.hpp"

namespace parallax::paper {

/// What an order may still take from a recorded book: its levels minus what we took from them
/// before. The recording does not know of our orders, so without this a level could be hit twice.
/// What we took comes back with a half-life (the book's resilience) and at once when the venue
/// shows another quantity at that price.
class Liquidity {
public:
    Liquidity(const book::BookSet& books, Nanos half_life) noexcept
        : books_{books}, half_life_{half_life} {}

    /// Calls `visit(level, free)` for the levels an order on `side` can trade with up to `limit`,
    /// best first, while it returns true. `level` is as the venue shows it, `free` > 0 is what is
    /// left of it.
    template <class Visit>
    void each_free(InstrumentId instrument, Side side, Price limit, UnixNanos now,
                   Visit&& visit) const {
        for (auto it = books_[instrument].cursor(opposite(side)); !it.done(); ++it) {
            const Level level = *it;
            if (side == Side::Buy ? level.price > limit : level.price < limit) return;
            const Quantity free = level.quantity - taken(instrument, opposite(side), level, now);
            if (free > Quantity{} && !visit(level, free)) return;
        }
    }
    /// How much of `wanted` is there within `limit`.
    [[nodiscard]] Quantity available(InstrumentId instrument, Side side, Price limit,
                                     Quantity wanted, UnixNanos now) const;
    /// Notes that an order on `side` took `quantity` of a level as the venue shows it.
    void take(InstrumentId instrument, Side side, Level level, Quantity quantity, UnixNanos now);
    /// Forgets what was taken from levels whose quantity is no longer what it was. Call after each
    /// change of a book.
    void on_book(InstrumentId instrument);
    /// Quantity the venue shows at a price of one side; 0 when none.
    [[nodiscard]] Quantity shown(InstrumentId instrument, Side book_side, Price price) const;
    void rescale(InstrumentId instrument, std::int64_t price_factor,
                 std::int64_t quantity_factor) noexcept;

    template <class Archive>
    void describe(Archive& a) {
        a(taken_);
    }

private:
    struct Taken {
        Price price;
        Quantity quantity;  ///< when it was taken
        Quantity seen;      ///< what the venue showed then
        UnixNanos at;
        template <class Archive>
        void describe(Archive& a) {
            a(price, quantity, seen, at);
        }
    };
    using Side2 = std::array<std::vector<Taken>, 2>;  ///< by side of the book, best price first

    [[nodiscard]] Quantity taken(InstrumentId instrument, Side book_side, Level level,
                                 UnixNanos now) const noexcept;
    [[nodiscard]] Quantity decayed(const Taken& taken, UnixNanos now) const noexcept;

    const book::BookSet& books_;
    Nanos half_life_;
    std::vector<Side2> taken_;  ///< by instrument
};

}  // namespace parallax::paper
