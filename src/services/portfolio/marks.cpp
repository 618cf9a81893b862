#include "services/portfolio/marks.hpp"

namespace parallax::portfolio {
namespace {

constexpr std::size_t kMostRoutes = 16;

/// Sum of best bid and best ask, twice the mid; nothing unless both sides stand uncrossed.
std::optional<__int128> twice_mid(const book::FeedBook& book) noexcept {
    const Level bid = book.best_bid(), ask = book.best_ask();
    if (bid.quantity.is_zero() || ask.quantity.is_zero() || bid.price.raw() <= 0 ||
        ask.price < bid.price)
        return {};
    return static_cast<__int128>(bid.price.raw()) + ask.price.raw();
}

}  // namespace

std::optional<UnitValue> Marks::rate(AssetId from, AssetId to) {
    if (from == to) return UnitValue{Amount::units(1)};
    auto it = routes_.find({from, to});
    if (it == routes_.end()) it = routes_.emplace(Pair{from, to}, find_routes(from, to)).first;
    if (const auto now = walk(it->second, {})) {
        last_[{from, to}] = now->value;
        return now;
    }
    return last_known({from, to});
}

std::optional<UnitValue> Marks::peek(AssetId from, AssetId to, std::optional<Venue> venue) const {
    if (from == to) return UnitValue{Amount::units(1)};
    const auto it = routes_.find({from, to});
    if (const auto now = walk(it == routes_.end() ? find_routes(from, to) : it->second, venue))
        return now;
    return last_known({from, to});
}

std::optional<UnitValue> Marks::last_known(Pair pair) const {
    const auto known = last_.find(pair);
    if (known == last_.end()) return std::nullopt;
    return UnitValue{known->second, true};
}

Mark Marks::venue_mark(InstrumentId id) const noexcept {
    if (id.index() >= prices_.size() || prices_[id.index()].price.raw() <= 0) return {};
    const VenuePrice& known = prices_[id.index()];
    return {MarkSource::VenueMark, known.price, known.time, old(known.time)};
}

Mark Marks::mid(InstrumentId id) const noexcept {
    if (!books_.contains(id)) return {};
    const auto twice = twice_mid(books_[id]);
    if (!twice) return {};
    return {MarkSource::Mid, Price::from_raw(static_cast<std::int64_t>(*twice / 2)),
            books_[id].received(), old(books_[id].received())};
}

Mark Marks::mark(InstrumentId id) const noexcept {
    Mark first;  // that there is, if none is young enough
    const auto good = [&](const Mark& mark) {
        if (mark.source == MarkSource::None) return false;
        if (first.source == MarkSource::None) first = mark;
        if (!mark.stale) first = mark;
        return !mark.stale;
    };
    if (good(venue_mark(id)) || good(mid(id))) return first;
    for (const InstrumentId other : universe_.symbol_of(id).instruments) {
        if (other == id) continue;
        for (Mark mark : {venue_mark(other), mid(other)}) {
            if (mark.source != MarkSource::None) mark.source = MarkSource::Sibling;
            if (good(mark)) return first;
        }
    }
    return first;
}

void Marks::on(const messages::MarkPrice& mark) {
    advance(mark.stamp.received);
    if (mark.mark.raw() <= 0 || mark.instrument.index() >= universe_.instruments().size()) return;
    if (prices_.size() <= mark.instrument.index()) prices_.resize(mark.instrument.index() + 1);
    prices_[mark.instrument.index()] = {mark.mark, mark.stamp.received};
}

void Marks::on_listed() noexcept { routes_.clear(); }

void Marks::rescale(const Rescale& change) {
    for (std::size_t i = 0; i < prices_.size(); ++i) {
        if (universe_.instruments()[i].symbol != change.symbol) continue;
        std::int64_t raw = 0;
        PLX_ASSERT(
            !__builtin_mul_overflow(prices_[i].price.raw(), pow10(change.price_digits), &raw));
        prices_[i].price = Price::from_raw(raw);
    }
}

Marks::Routes Marks::find_routes(AssetId from, AssetId to) const {
    Routes routes;
    std::vector<std::pair<Hop, AssetId>> starts;  // first hops that end elsewhere
    for (const Instrument& listing : universe_.instruments()) {
        if (!is_spot(listing.kind) || (listing.base != from && listing.quote != from)) continue;
        const Hop hop{listing.id, listing.quote == from};
        const AssetId end = hop.inverse ? listing.base : listing.quote;
        if (end != to) {
            starts.emplace_back(hop, end);
        } else if (routes.size() < kMostRoutes) {
            routes.push_back({hop, {}});
        }
    }
    for (const auto& [hop, middle] : starts) {
        for (const Instrument& listing : universe_.instruments()) {
            const bool forward = listing.base == middle && listing.quote == to;
            const bool backward = listing.quote == middle && listing.base == to;
            if (!is_spot(listing.kind) || (!forward && !backward)) continue;
            if (routes.size() >= 2 * kMostRoutes) return routes;
            routes.push_back({hop, {listing.id, backward}});
        }
    }
    return routes;
}

bool Marks::at(const Route& route, Venue venue) const noexcept {
    const auto there = [&](const Hop& hop) {
        return !hop.instrument.valid() ||
               venue_of(universe_.instrument(hop.instrument).market) == venue;
    };
    return there(route.first) && there(route.second);
}

std::optional<UnitValue> Marks::walk(const Routes& routes,
                                     std::optional<Venue> venue) const noexcept {
    std::optional<UnitValue> first;  // that stands, if none is young enough
    for (const bool own : {true, false}) {
        if (own && !venue) continue;
        for (const Route& route : routes) {
            if (venue && at(route, *venue) != own) continue;
            const auto value = walk(route);
            if (value && !value->stale) return value;
            if (!first) first = value;
        }
    }
    return first;
}

std::optional<UnitValue> Marks::walk(const Route& route) const noexcept {
    const auto first = unit(route.first);
    if (!first || !route.second.instrument.valid()) return first;
    const auto second = unit(route.second);
    if (!second) return std::nullopt;
    return UnitValue{Amount::from_raw(multiply_divide(first->value.raw(), second->value.raw(),
                                                      Amount::units(1).raw(), Rounding::HalfEven)),
                     first->stale || second->stale};
}

std::optional<UnitValue> Marks::unit(const Hop& hop) const noexcept {
    if (!books_.contains(hop.instrument)) return std::nullopt;
    const auto twice = twice_mid(books_[hop.instrument]);
    if (!twice) return std::nullopt;
    const __int128 scale =
        2 * static_cast<__int128>(pow10(universe_.symbol_of(hop.instrument).price_scale.decimals));
    const __int128 one = Amount::units(1).raw();
    return UnitValue{
        Amount::from_raw(hop.inverse ? multiply_divide(one, scale, *twice, Rounding::HalfEven)
                                     : multiply_divide(one, *twice, scale, Rounding::HalfEven)),
        old(books_[hop.instrument].received())};
}

}  // namespace parallax::portfolio
