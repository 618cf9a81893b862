#include "adapters/venues/paper/liquidity.hpp"

#include <algorithm>

namespace parallax::paper {
namespace {

/// True when `a` stands before `b` on a side of a book.
bool better(Price a, Price b, Side book_side) noexcept {
    return book_side == Side::Buy ? a > b : a < b;
}

}  // namespace

/// Halves every half-life, straight lines in between: integers only.
Quantity Liquidity::decayed(const Taken& taken, UnixNanos now) const noexcept {
    const std::int64_t age = std::max<std::int64_t>(0, (now - taken.at).count());
    const std::int64_t halvings = age / half_life_.count();
    if (halvings >= 62) return {};
    const std::int64_t start = taken.quantity.raw() >> halvings;
    const auto drop =
        static_cast<__int128>(start - start / 2) * (age % half_life_.count()) / half_life_.count();
    return Quantity::from_raw(start - static_cast<std::int64_t>(drop));
}

Quantity Liquidity::taken(InstrumentId instrument, Side book_side, Level level,
                          UnixNanos now) const noexcept {
    if (instrument.index() >= taken_.size()) return {};
    for (const Taken& entry : taken_[instrument.index()][static_cast<std::size_t>(book_side)]) {
        if (entry.price == level.price)
            return entry.seen == level.quantity ? decayed(entry, now) : Quantity{};
        if (better(level.price, entry.price, book_side)) break;
    }
    return {};
}

Quantity Liquidity::available(InstrumentId instrument, Side side, Price limit, Quantity wanted,
                              UnixNanos now) const {
    Quantity found;
    each_free(instrument, side, limit, now, [&](Level, Quantity free) {
        found += std::min(free, wanted - found);
        return found < wanted;
    });
    return found;
}

void Liquidity::take(InstrumentId instrument, Side side, Level level, Quantity quantity,
                     UnixNanos now) {
    if (instrument.index() >= taken_.size()) taken_.resize(instrument.index() + 1);
    const Side book_side = opposite(side);
    auto& entries = taken_[instrument.index()][static_cast<std::size_t>(book_side)];
    const Quantity before = taken(instrument, book_side, level, now);
    auto it = std::find_if(entries.begin(), entries.end(), [&](const Taken& entry) {
        return !better(entry.price, level.price, book_side);
    });
    if (it == entries.end() || it->price != level.price) it = entries.insert(it, Taken{});
    *it = {level.price, before + quantity, level.quantity, now};
}

void Liquidity::on_book(InstrumentId instrument) {
    if (instrument.index() >= taken_.size()) return;
    for (const Side side : {Side::Buy, Side::Sell}) {
        auto& entries = taken_[instrument.index()][static_cast<std::size_t>(side)];
        if (entries.empty()) continue;
        auto level = books_[instrument].cursor(side);
        std::erase_if(entries, [&](const Taken& entry) {
            while (!level.done() && better((*level).price, entry.price, side)) ++level;
            return level.done() || *level != Level{entry.price, entry.seen};
        });
    }
}

Quantity Liquidity::shown(InstrumentId instrument, Side book_side, Price price) const {
    for (auto it = books_[instrument].cursor(book_side); !it.done(); ++it) {
        const Level level = *it;
        if (level.price == price) return level.quantity;
        if (better(price, level.price, book_side)) break;
    }
    return {};
}

void Liquidity::rescale(InstrumentId instrument, std::int64_t price_factor,
                        std::int64_t quantity_factor) noexcept {
    if (instrument.index() >= taken_.size()) return;
    for (auto& entries : taken_[instrument.index()]) {
        for (Taken& entry : entries) {
            entry.price = Price::from_raw(entry.price.raw() * price_factor);
            entry.quantity = Quantity::from_raw(entry.quantity.raw() * quantity_factor);
            entry.seen = Quantity::from_raw(entry.seen.raw() * quantity_factor);
        }
    }
}

}  // namespace parallax::paper
