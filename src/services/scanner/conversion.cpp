#include "services/scanner/conversion.hpp"

#include <algorithm>
#include <array>

#include "services/scanner/estimators.hpp"

namespace parallax::scanner {
namespace {

constexpr double kHaircutZ =
    2.0;  ///< standard deviations over the second until a conversion is done

Rate times(Rate a, Rate b, Rounding rounding) noexcept {
    return Rate::from_raw(
        static_cast<std::int64_t>(multiply_divide(a.raw(), b.raw(), Rate::kOne, rounding)));
}
Rate inverse_of(Rate rate, Rounding rounding) noexcept {
    return Rate::from_raw(
        static_cast<std::int64_t>(multiply_divide(Rate::kOne, Rate::kOne, rate.raw(), rounding)));
}

}  // namespace

bool Conversions::list(InstrumentId id) {
    if (is_source(id)) return true;
    const Instrument& instrument = universe_.instrument(id);
    if (!is_spot(instrument.kind) || !is_dollar(universe_.asset_name(instrument.base)) ||
        !is_dollar(universe_.asset_name(instrument.quote))) {
        return false;
    }
    sources_.push_back({id, instrument.base, instrument.quote, {}, {}});
    sources_.back().rates.usable = sources_.back().inverse.usable = false;
    for (const AssetId asset : {instrument.base, instrument.quote}) {
        if (std::find(assets_.begin(), assets_.end(), asset) != assets_.end()) continue;
        for (const AssetId other : assets_) {
            ways_.push_back({asset, other, {.usable = false}});
            ways_.push_back({other, asset, {.usable = false}});
        }
        assets_.push_back(asset);
    }
    find_ways();
    return true;
}

bool Conversions::is_source(InstrumentId id) const noexcept {
    return std::any_of(sources_.begin(), sources_.end(),
                       [id](const Source& source) { return source.id == id; });
}

bool Conversions::withdraw(Source& source) noexcept {
    const bool changed = source.rates.usable;
    source.rates.usable = source.inverse.usable = false;
    return changed;
}

/// Worst price touched on the way to the configured size, in steps of 1e-9; 0 when the book ends
/// before.
std::int64_t Conversions::price_at_size(const Source& source, Side side) const noexcept {
    const Symbol& symbol = universe_.symbol_of(source.id);
    __int128 left = to_quantity(config_.conversion_size, symbol.quantity_scale, Rounding::Up).raw();
    for (auto it = books_[source.id].cursor(side); !it.done(); ++it) {
        left -= (*it).quantity.raw();
        if (left > 0) continue;
        const __int128 price = divide(static_cast<__int128>((*it).price.raw()) * Rate::kOne,
                                      pow10(symbol.price_scale.decimals),
                                      side == Side::Buy ? Rounding::Down : Rounding::Up);
        return price > 4 * Rate::kOne ? 0 : static_cast<std::int64_t>(price);  // beyond any breaker
    }
    return 0;
}

bool Conversions::refresh(InstrumentId id, UnixNanos now, double volatility) noexcept {
    const auto it = std::find_if(sources_.begin(), sources_.end(),
                                 [id](const Source& s) { return s.id == id; });
    if (it == sources_.end()) return false;
    Source& source = *it;
    const auto drop = [this](Source& gone) {
        const bool known = withdraw(gone);
        if (known) find_ways();
        return known;
    };
    const book::FeedBook& book = books_[id];
    if (!book.tradable() || now - book.received() > config_.conversion_age) return drop(source);
    const std::int64_t bid = price_at_size(source, Side::Buy);
    const std::int64_t ask = price_at_size(source, Side::Sell);
    const std::int64_t bound = config_.breaker.raw();
    if (bid < Rate::kOne - bound || ask > Rate::kOne + bound || bid <= 0 || ask <= 0)
        return drop(source);

    const Rate haircut = std::max(config_.haircut_min, to_rate(kHaircutZ * volatility));
    const Rate one = Rate::from_raw(Rate::kOne);
    const ConversionRate rates{times(Rate::from_raw(ask), one + haircut, Rounding::Up),
                               times(Rate::from_raw(bid), one - haircut, Rounding::Down), true};
    const bool changed = rates != source.rates;
    source.rates = rates;
    source.inverse = {
        times(inverse_of(Rate::from_raw(bid), Rounding::Up), one + haircut, Rounding::Up),
        times(inverse_of(Rate::from_raw(ask), Rounding::Down), one - haircut, Rounding::Down),
        true};
    if (changed) find_ways();
    return changed;
}

bool Conversions::expire(UnixNanos now) noexcept {
    bool changed = false;
    for (Source& source : sources_) {
        const book::FeedBook& book = books_[source.id];
        if (!book.tradable() || now - book.received() > config_.conversion_age)
            changed |= withdraw(source);
    }
    if (changed) find_ways();
    return changed;
}

/// Makes `best` as good as a rate, on each side for itself.
static void improve(ConversionRate& best, const ConversionRate& rate) noexcept {
    if (!best.usable) {
        best = rate;
        return;
    }
    best.pay = std::min(best.pay, rate.pay);
    best.receive = std::max(best.receive, rate.receive);
}

/// All ways anew: few assets, and only after a rate changed.
void Conversions::find_ways() noexcept {
    const auto direct = [this](AssetId from, AssetId to) {
        ConversionRate best{.usable = false};
        for (const Source& source : sources_) {
            if (source.base == from && source.quote == to && source.rates.usable)
                improve(best, source.rates);
            if (source.base == to && source.quote == from && source.inverse.usable)
                improve(best, source.inverse);
        }
        return best;
    };
    for (Way& way : ways_) {
        way.rate = direct(way.from, way.to);
        for (const AssetId through : assets_) {
            if (through == way.from || through == way.to) continue;
            const ConversionRate first = direct(way.from, through);
            if (!first.usable) continue;
            const ConversionRate second = direct(through, way.to);
            if (!second.usable) continue;
            improve(way.rate, {times(first.pay, second.pay, Rounding::Up),
                               times(first.receive, second.receive, Rounding::Down), true});
        }
    }
}

ConversionRate Conversions::between(AssetId from, AssetId to) const noexcept {
    if (from == to) return {};
    for (const Way& way : ways_) {
        if (way.from == from && way.to == to && way.rate.usable) return way.rate;
    }
    const std::string& a = universe_.asset_name(from);
    const std::string& b = universe_.asset_name(to);
    const bool par =
        config_.usd_at_par && (a == "USD" || b == "USD") && is_dollar(a) && is_dollar(b);
    return {.usable = par};
}

}  // namespace parallax::scanner
