// Resynchronising loses nothing: any policy, any loss, against the venue's own book.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>

#include "book/feed_book_test_kit.hpp"

namespace parallax::book {
namespace {

struct Sent {
    std::uint64_t first, last;
    std::int64_t previous;
    std::vector<Level> bids;
    std::map<std::int64_t, std::int64_t> book;  ///< the venue's after it
};

TEST(FeedBook, EndsEqualToTheVenueWhateverIsLostAndWheneverItResyncs) {
    EXPECT_TRUE(rc::check("resync", [] {
        const GapPolicy policy = *rc::gen::element(GapPolicy::FirstIsNext, GapPolicy::PreviousId,
                                                   GapPolicy::PreviousSequence, GapPolicy::NextId);
        std::vector<Sent> sent;
        std::map<std::int64_t, std::int64_t> venue;
        std::uint64_t id = 100;
        for (int i = 0; i < 60; ++i) {
            Sent s;
            s.previous = static_cast<std::int64_t>(id);
            const std::uint64_t jump =
                policy == GapPolicy::NextId ? 1 : *rc::gen::inRange<std::uint64_t>(1, 5);
            s.first = id + 1;
            id = s.last = id + jump;
            for (int k = *rc::gen::inRange(1, 4); k > 0; --k) {
                const auto price = *rc::gen::inRange<std::int64_t>(1, 20);
                const auto quantity = *rc::gen::inRange<std::int64_t>(0, 4);
                s.bids.push_back(level(price, quantity));
                if (quantity == 0)
                    venue.erase(price);
                else
                    venue[price] = quantity;
            }
            s.book = venue;
            sent.push_back(std::move(s));
        }
        Feed feed{policy};
        const auto snapshot_of = [&](const Sent& s) {
            std::vector<Level> bids;
            for (const auto& [price, quantity] : s.book) bids.push_back(level(price, quantity));
            return feed.snapshot(s.last, bids, {});
        };
        const bool in_stream = policy == GapPolicy::PreviousSequence || policy == GapPolicy::NextId;
        int answer_in = -1;  // messages until the answer to a snapshot request arrives
        for (std::size_t i = 0; i < sent.size(); ++i) {
            const Sent& s = sent[i];
            const bool lost = *rc::gen::inRange(0, 10) == 0;
            if (!lost) {
                const Applied applied =
                    feed.book.on_depth({false, s.first, s.last, s.previous, at(1), {}, s.bids, {}});
                if (applied.needs_snapshot) answer_in = *rc::gen::inRange(0, 4);
            }
            if (answer_in == 0) {
                // A REST answer may be some messages old; one in the stream is of now.
                const std::size_t oldest = in_stream ? 0 : std::min<std::size_t>(i, 3);
                const std::size_t age = *rc::gen::inRange<std::size_t>(0, oldest + 1);
                answer_in =
                    snapshot_of(sent[i - age]).needs_snapshot ? *rc::gen::inRange(1, 4) : -1;
            } else if (answer_in > 0) {
                --answer_in;
            }
            if (feed.book.state() == BookState::Live) {
                const auto same = std::find_if(sent.begin(), sent.end(), [&](const Sent& other) {
                    return other.last == feed.book.last_id();
                });
                RC_ASSERT(same != sent.end());
                std::map<std::int64_t, std::int64_t> ours;
                for (auto it = feed.book.depth().side(Side::Buy).cursor(); !it.done(); ++it) {
                    ours[(*it).price.raw()] = (*it).quantity.raw();
                }
                RC_ASSERT(ours == same->book);
                if (!lost && answer_in < 0) RC_ASSERT(feed.book.last_id() == s.last);
            }
        }
    }));
}

}  // namespace
}  // namespace parallax::book
