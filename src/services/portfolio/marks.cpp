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

std::optional<Amount> Marks::rate(AssetId from, AssetId to) {
    if (from == to) return Amount::units(1);
    auto it = routes_.find({from, to});
    if (it == routes_.end()) it = routes_.emplace(Pair{from, to}, find_routes(from, to)).first;
    if (const auto now = walk(it->second)) {
        last_[{from, to}] = *now;
        return now;
    }
    const auto known = last_.find({from, to});
    return known == last_.end() ? std::nullopt : std::optional{known->second};
}

std::optional<Amount> Marks::peek(AssetId from, AssetId to) const {
    if (from == to) return Amount::units(1);
    const auto it = routes_.find({from, to});
    if (const auto now = walk(it == routes_.end() ? find_routes(from, to) : it->second)) return now;
    const auto known = last_.find({from, to});
    return known == last_.end() ? std::nullopt : std::optional{known->second};
}

std::optional<Price> Marks::price(InstrumentId id) const noexcept {
    if (id.index() < prices_.size() && prices_[id.index()].raw() > 0) return prices_[id.index()];
    if (!books_.contains(id)) return std::nullopt;
    const auto twice = twice_mid(books_[id]);
    if (!twice) return std::nullopt;
    return Price::from_raw(static_cast<std::int64_t>(*twice / 2));
}

void Marks::on(const messages::MarkPrice& mark) {
    if (mark.mark.raw() <= 0 || mark.instrument.index() >= universe_.instruments().size()) return;
    if (prices_.size() <= mark.instrument.index()) prices_.resize(mark.instrument.index() + 1);
    prices_[mark.instrument.index()] = mark.mark;
}

void Marks::on_listed() noexcept { routes_.clear(); }

void Marks::rescale(const Rescale& change) {
    for (std::size_t i = 0; i < prices_.size(); ++i) {
        if (universe_.instruments()[i].symbol != change.symbol) continue;
        std::int64_t raw = 0;
        PLX_ASSERT(!__builtin_mul_overflow(prices_[i].raw(), pow10(change.price_digits), &raw));
        prices_[i] = Price::from_raw(raw);
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

std::optional<Amount> Marks::walk(const Routes& routes) const noexcept {
    for (const Route& route : routes) {
        const auto first = unit(route.first);
        if (!first) continue;
        if (!route.second.instrument.valid()) return first;
        const auto second = unit(route.second);
        if (!second) continue;
        return Amount::from_raw(multiply_divide(first->raw(), second->raw(), Amount::units(1).raw(),
                                                Rounding::HalfEven));
    }
    return std::nullopt;
}

std::optional<Amount> Marks::unit(const Hop& hop) const noexcept {
    if (!books_.contains(hop.instrument)) return std::nullopt;
    const auto twice = twice_mid(books_[hop.instrument]);
    if (!twice) return std::nullopt;
    const __int128 scale =
        2 * static_cast<__int128>(pow10(universe_.symbol_of(hop.instrument).price_scale.decimals));
    const __int128 one = Amount::units(1).raw();
    return Amount::from_raw(hop.inverse ? multiply_divide(one, scale, *twice, Rounding::HalfEven)
                                        : multiply_divide(one, *twice, scale, Rounding::HalfEven));
}

}  // namespace parallax::portfolio
