#pragma once

#include <cstdint>
#include <vector>

#include "book/book_set.hpp"
#include "core/instrument.hpp"
#include "core/dollars.hpp"

namespace parallax::risk {

/// Watches dollar assets against each other on the books that trade one for the other. An asset
/// has lost its peg when no such book confirms it: each is silent for too long, or off by too much
/// at the side one would really trade on (methods 1.6: |k - 1| > 50 bp, or k stale). With three
/// assets this blames the one that left; with two it cannot know and blames both. An asset without
/// such a book, or whose books have not begun, is not judged.
class Pegs {
public:
    void on_listed(const Universe& universe, InstrumentId id) {
        const Instrument& listing = universe.instrument(id);
        if (!is_spot(listing.kind) || !at_par(universe, listing.base) ||
            !at_par(universe, listing.quote))
            return;
        for (const InstrumentId known : pairs_) {
            if (known == id) return;
        }
        pairs_.push_back(id);
        for (const AssetId asset : {listing.base, listing.quote}) add(asset);
    }
    /// Calls f(asset, lost) for every judged asset.
    template <class F>
    void judge(const Universe& universe, const book::BookSet& books, UnixNanos now, Nanos age_max,
               Rate most, F&& f) const {
        for (const AssetId asset : assets_) {
            bool seen = false, confirmed = false;
            for (const InstrumentId id : pairs_) {
                const Instrument& listing = universe.instrument(id);
                if (listing.base != asset && listing.quote != asset) continue;
                if (!books.contains(id) || !books[id].received().known()) continue;
                seen = true;
                confirmed = confirmed || holds(universe, books[id], id, now, age_max, most);
            }
            if (seen) f(asset, !confirmed);
        }
    }

private:
    static bool at_par(const Universe& universe, AssetId asset) noexcept {
        return is_dollar(universe.asset_name(asset));
    }
    void add(AssetId asset) {
        for (const AssetId known : assets_) {
            if (known == asset) return;
        }
        assets_.push_back(asset);
    }
    static bool holds(const Universe& universe, const book::FeedBook& book, InstrumentId id,
                      UnixNanos now, Nanos age_max, Rate most) noexcept {
        const Level bid = book.best_bid();
        const Level ask = book.best_ask();
        if (!book.tradable() || bid.quantity.is_zero() || ask.quantity.is_zero()) return false;
        if (now - book.received() > age_max) return false;
        const __int128 one = pow10(universe.symbol_of(id).price_scale.decimals);
        const __int128 room = one * most.raw();
        return (one - bid.price.raw()) * Rate::kOne <= room &&
               (ask.price.raw() - one) * Rate::kOne <= room;
    }
    std::vector<InstrumentId> pairs_;  ///< one dollar asset for another
    std::vector<AssetId> assets_;
};

}  // namespace parallax::risk
