#pragma once

#include "feeds/reader.hpp"
#include "sim/engine/venue.hpp"

namespace parallax::feed_testing {

struct Book {
    Market market{};
    std::string symbol;
};

/// Level by level, best price and quote included: what a reader has is what the venue has. It fails
/// the running test. `most`: levels the venue tells of.
inline void expect_same_book(const Reader& reader, const sim_engine::SimVenue& venue,
                             const Book& one, std::size_t most) {
    SCOPED_TRACE(std::string{to_string(one.market)} + " " + one.symbol);
    const book::FeedBook* const ours = reader.book(one.market, one.symbol);
    ASSERT_NE(ours, nullptr);
    EXPECT_TRUE(ours->tradable()) << to_string(ours->state());
    const sim_engine::ListingId id = *venue.find_listing(one.market, one.symbol);
    const sim_engine::Listing& listing = venue.listing(id);
    const Symbol& symbol = reader.symbol_of(one.market, one.symbol);
    const auto same = [&](Level a, Level b) {  // ours, theirs: two scales
        const auto equal = [](std::int64_t x, int dx, std::int64_t y, int dy) {
            __int128 left = x, right = y;
            for (; dx < dy; ++dx) left *= 10;
            for (; dy < dx; ++dy) right *= 10;
            return left == right;
        };
        return equal(a.price.raw(), symbol.price_scale.decimals, b.price.raw(),
                     listing.price_scale.decimals) &&
               equal(a.quantity.raw(), symbol.quantity_scale.decimals, b.quantity.raw(),
                     listing.quantity_scale.decimals);
    };
    for (const Side side : {Side::Buy, Side::Sell}) {
        const auto theirs = venue.levels(id, side, most);
        ASSERT_FALSE(theirs.empty());
        std::size_t i = 0;
        for (auto it = book::LevelStore::Cursor{ours->depth().side(side)};
             !it.done() && i < theirs.size(); ++it, ++i) {
            EXPECT_TRUE(same(*it, theirs[i])) << "level " << i << " of " << theirs.size();
        }
        EXPECT_EQ(i, theirs.size()) << "levels are missing";
        EXPECT_TRUE(same(ours->best(side), theirs[0])) << "the best, quotes included";
        const messages::BestQuote* const quote = reader.quote(one.market, one.symbol);
        ASSERT_NE(quote, nullptr);
        EXPECT_TRUE(same(side == Side::Buy ? quote->bid : quote->ask, theirs[0])) << "quote";
    }
}

}  // namespace parallax::feed_testing
