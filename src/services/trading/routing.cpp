#include "services/trading/routing.hpp"

#include <algorithm>

namespace parallax::trading {
namespace {

constexpr __int128 kOne = static_cast<__int128>(kPow10[18]);
constexpr std::size_t kMaxLevels = 64;

/// One candidate's ladder while it is walked.
struct Ladder {
    const Candidate* candidate = nullptr;
    Side side{};
    book::FeedBook::Cursor cursor;
    Rate cost;          ///< fee and penalty
    Amount level_left;  ///< of the asset at the current level
    Amount cap_left;
    Amount net;  ///< other asset per unit of asset, costs included
    Price worst;
    Amount taken;
    Amount counter;
    std::size_t levels = 0;
    bool dropped = false;
};

struct Walk {
    const Universe& universe;
    AssetId asset;
    bool give;

    void load(Ladder& ladder) const noexcept {
        ladder.level_left = Amount{};
        if (ladder.cursor.done() || ladder.levels == kMaxLevels) return;
        const Level level = *ladder.cursor;
        const InstrumentId id = ladder.candidate->instrument;
        ladder.level_left = amount_of(universe, id, asset, level.quantity, level.price);
        const Amount price = unit_price(universe, id, asset, level.price);
        const Amount cost = apply(ladder.cost, price, Rounding::Up);
        ladder.net = give ? price - cost : price + cost;
        if (ladder.candidate->conversion == Amount::units(1)) return;
        ladder.net =
            Amount::from_raw(multiply_divide(ladder.net.raw(), ladder.candidate->conversion.raw(),
                                             kOne, give ? Rounding::Down : Rounding::Up));
    }
    void advance(Ladder& ladder) const noexcept {
        ++ladder.cursor;
        ++ladder.levels;
        load(ladder);
    }
    [[nodiscard]] Ladder* best(std::span<Ladder> ladders) const noexcept {
        Ladder* found = nullptr;
        for (Ladder& ladder : ladders) {
            if (ladder.dropped || ladder.level_left.is_zero() || ladder.cap_left <= Amount{})
                continue;
            if (found == nullptr || (give ? ladder.net > found->net : ladder.net < found->net))
                found = &ladder;
        }
        return found;
    }
    void take(std::span<Ladder> ladders, Amount amount) const noexcept {
        while (amount > Amount{}) {
            Ladder* ladder = best(ladders);
            if (ladder == nullptr) return;
            const Amount part = std::min({amount, ladder->level_left, ladder->cap_left});
            ladder->taken += part;
            ladder->counter += Amount::from_raw(multiply_divide(
                part.raw(), ladder->net.raw(), kOne, give ? Rounding::Down : Rounding::Up));
            ladder->worst = (*ladder->cursor).price;
            ladder->cap_left -= part;
            ladder->level_left -= part;
            amount -= part;
            if (ladder->level_left.is_zero()) advance(*ladder);
        }
    }
};

Ladder start(const Walk& walk, const book::BookSet& books, const FeeSchedule& fees,
             const Candidate& candidate) {
    const Instrument& listing = walk.universe.instrument(candidate.instrument);
    Ladder ladder;
    ladder.candidate = &candidate;
    ladder.side = side_for(listing, walk.asset, walk.give);
    ladder.cursor = books[candidate.instrument].cursor(opposite(ladder.side));
    ladder.cost = fees.rates(listing.market, listing.kind).taker + candidate.penalty;
    ladder.cap_left = candidate.cap;
    walk.load(ladder);
    return ladder;
}

}  // namespace

Side side_for(const Instrument& listing, AssetId asset, bool give) noexcept {
    return (listing.base == asset) == give ? Side::Sell : Side::Buy;
}

Amount unit_price(const Universe& universe, InstrumentId id, AssetId asset, Price price) noexcept {
    const __int128 scale = pow10(universe.symbol_of(id).price_scale.decimals);
    if (price.raw() <= 0) return {};
    if (universe.instrument(id).base == asset) {
        return Amount::from_raw(multiply_divide(price.raw(), kOne, scale, Rounding::HalfEven));
    }
    return Amount::from_raw(multiply_divide(kOne, scale, price.raw(), Rounding::HalfEven));
}

Quantity quantity_of(const Universe& universe, InstrumentId id, AssetId asset, Amount amount,
                     Price price) noexcept {
    const Instrument& listing = universe.instrument(id);
    const Symbol& symbol = universe.symbol(listing.symbol);
    if (amount <= Amount{} || price.raw() <= 0) return {};
    const bool base = listing.base == asset;
    Amount size = amount;  // in the unit of Quantity: base, or quote for inverse contracts
    if (base && is_inverse(listing.kind)) {
        size = Amount::from_raw(multiply_divide(
            amount.raw(), price.raw(), pow10(symbol.price_scale.decimals), Rounding::Down));
    } else if (!base) {
        size = divide_by_price(amount, price, symbol.price_scale, Rounding::Down);
    }
    return floor_to(to_quantity(size, symbol.quantity_scale, Rounding::Down), listing.lot);
}

Amount amount_of(const Universe& universe, InstrumentId id, AssetId asset, Quantity quantity,
                 Price price) noexcept {
    return universe.instrument(id).base == asset
               ? universe.base_value(id, price, quantity, Rounding::HalfEven)
               : universe.quote_value(id, price, quantity, Rounding::HalfEven);
}

bool sendable(const Universe& universe, InstrumentId id, Price price, Quantity quantity) noexcept {
    const Instrument& listing = universe.instrument(id);
    if (quantity.raw() <= 0 || quantity < listing.min_quantity) return false;
    if (!listing.max_quantity.is_zero() && quantity > listing.max_quantity) return false;
    const Amount value = universe.quote_value(id, price, quantity, Rounding::Down);
    if (value < listing.min_notional) return false;
    return listing.max_notional.is_zero() || value <= listing.max_notional;
}

Route route(const Universe& universe, const book::BookSet& books, const FeeSchedule& fees,
            std::span<const Candidate> candidates, AssetId asset, bool give,
            Amount amount) noexcept {
    const Walk walk{universe, asset, give};
    std::array<bool, kMaxCandidates> dropped{};
    Route result;
    for (;;) {  // each round drops a candidate or ends
        std::array<Ladder, kMaxCandidates> store;
        const std::size_t count = std::min(candidates.size(), kMaxCandidates);
        const std::span<Ladder> ladders{store.data(), count};
        for (std::size_t i = 0; i < count; ++i) {
            const InstrumentId id = candidates[i].instrument;
            dropped[i] = dropped[i] || !books.contains(id) || !books[id].tradable();
            if (!dropped[i]) ladders[i] = start(walk, books, fees, candidates[i]);
            ladders[i].dropped = dropped[i];
        }
        walk.take(ladders, amount);

        result = Route{};
        std::size_t drop = count;  // the smallest part that cannot be sent
        for (std::size_t i = 0; i < count; ++i) {
            const Ladder& ladder = ladders[i];
            if (ladder.dropped || ladder.taken.is_zero()) continue;
            const InstrumentId id = candidates[i].instrument;
            Quantity quantity = quantity_of(universe, id, asset, ladder.taken, ladder.worst);
            const Instrument& listing = universe.instrument(id);
            if (!listing.max_quantity.is_zero()) {
                quantity = std::min(quantity, floor_to(listing.max_quantity, listing.lot));
            }
            if (!sendable(universe, id, ladder.worst, quantity) ||
                result.count == Route::kMaxParts) {
                if (drop == count || ladder.taken < ladders[drop].taken) drop = i;
                continue;
            }
            const Amount part =
                std::min(amount_of(universe, id, asset, quantity, ladder.worst), ladder.taken);
            result.parts[result.count++] = {i, id, ladder.side, quantity, ladder.worst, part};
            result.placed += part;
            result.counter += Amount::from_raw(
                multiply_divide(ladder.counter.raw(), part.raw(), ladder.taken.raw(),
                                give ? Rounding::Down : Rounding::Up));
        }
        if (drop == count) return result;
        dropped[drop] = true;
    }
}

}  // namespace parallax::trading
