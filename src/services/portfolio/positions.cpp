#include "services/portfolio/positions.hpp"

#include <algorithm>

namespace parallax::portfolio {
namespace {

/// The share of `whole` that belongs to part out of total; the last part takes all that is left.
Amount share(Amount whole, Amount part, Amount total) noexcept {
    if (part == total) return whole;
    return Amount::from_raw(multiply_divide(whole.raw(), part.raw(), total.raw(), Rounding::Down));
}

}  // namespace

Amount gain_of(const Universe& universe, InstrumentId id, Side side, Price price,
               Quantity quantity) noexcept {
    const bool inverse = is_inverse(universe.instrument(id).kind);
    const bool gains = (side == Side::Sell) != inverse;
    const Rounding rounding = gains ? Rounding::Down : Rounding::Up;
    const Amount value = inverse ? universe.base_value(id, price, quantity, rounding)
                                 : universe.quote_value(id, price, quantity, rounding);
    return gains ? value : -value;
}

PositionChange apply_fill(Position& position, const Universe& universe, InstrumentId id, Side side,
                          Price price, Quantity quantity, std::int64_t leverage,
                          std::optional<Amount> told) noexcept {
    const Scale scale = universe.symbol_of(id).quantity_scale;
    const Amount size = to_amount(quantity, scale);
    const Amount held = position.net.magnitude();
    const bool reduces = !held.is_zero() && position.net.is_negative() == (side == Side::Buy);
    const Amount closing = reduces ? std::min(size, held) : Amount{};

    PositionChange change;
    change.gain = gain_of(universe, id, side, price, quantity);
    change.net = side == Side::Buy ? size : -size;
    Amount opening_gain = change.gain;
    if (!closing.is_zero()) {
        const Amount closing_gain =
            closing == size
                ? change.gain
                : gain_of(universe, id, side, price, to_quantity(closing, scale, Rounding::Down));
        opening_gain -= closing_gain;
        change.realised = share(position.basis, closing, held) + closing_gain;
        // What the venue does not pay yet stays in the basis, until the last part takes all.
        if (closing < held)
            change.realised = cut(change.realised, universe.instrument(id).quote_decimals);
        change.margin_released = share(position.margin, closing, held);
    }
    if (closing < size) {
        change.margin_needed =
            Amount::from_raw(divide(opening_gain.magnitude().raw(), leverage, Rounding::Up));
    }
    if (told) {
        change.realised = *told;
        position.told = true;
    }
    change.basis = change.gain - change.realised;

    position.net += change.net;
    position.basis += change.basis;
    position.margin -= change.margin_released;
    position.realised += change.realised;
    position.gains += change.gain;
    position.last = price;
    PLX_ASSERT(position.realised + position.basis == position.gains);
    return change;
}

PositionChange adopt_position(Position& position, const Universe& universe, InstrumentId id,
                              Amount quantity, Amount entry, std::int64_t leverage) noexcept {
    const bool inverse = is_inverse(universe.instrument(id).kind);
    const bool gains =
        quantity.is_negative() != inverse;  // a sale of linear, a purchase of inverse
    const Rounding rounding = gains ? Rounding::Down : Rounding::Up;
    const __int128 size = quantity.magnitude().raw();
    const __int128 one = Amount::units(1).raw();
    const Amount value =
        Amount::from_raw(inverse ? multiply_divide(size, one, entry.raw(), rounding)
                                 : multiply_divide(size, entry.raw(), one, rounding));

    PositionChange change;
    change.net = quantity;
    change.gain = change.basis = gains ? value : -value;
    change.margin_needed = Amount::from_raw(divide(value.raw(), leverage, Rounding::Up));
    // A mark until there is a better one.
    const Quantity price =
        to_quantity(entry, universe.symbol_of(id).price_scale, Rounding::HalfEven);
    position.last = Price::from_raw(std::max<std::int64_t>(price.raw(), 1));
    position.net = quantity;
    position.basis = position.gains = change.basis;
    position.told = true;
    return change;
}

Amount unit_value(const Universe& universe, InstrumentId id, Price mark) noexcept {
    const Scale scale = universe.symbol_of(id).price_scale;
    if (!is_inverse(universe.instrument(id).kind))
        return to_amount(Quantity::from_raw(mark.raw()), scale);
    return -divide_by_price(Amount::units(1), mark, scale, Rounding::HalfEven);
}

}  // namespace parallax::portfolio
