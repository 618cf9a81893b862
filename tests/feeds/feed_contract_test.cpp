// What every market feed must do, against the simulated venue's real front over TLS.
#include "feeds/world.hpp"

namespace parallax::feed_testing {
namespace {

class FeedContract : public ::testing::TestWithParam<Venue> {};

TEST_P(FeedContract, EveryBookBecomesLiveAndEqualsTheVenues) {
    World w{GetParam()};
    w.subscribe_all();
    ASSERT_TRUE(w.become_live());
    w.run(Nanos::seconds(2));
    EXPECT_EQ(w.gaps(), 0u);
    EXPECT_GT(w.reader->trades, 0u);
    EXPECT_GT(w.reader->marks, 0u);
    EXPECT_EQ(w.reader->errors, 0u);
    w.expect_equal_books();
    for (const auto& [id, times] : w.reader->trade_ids) EXPECT_EQ(times, 1);
    EXPECT_EQ(w.count(&ports::FeedConnection::drops), 0u);
}

INSTANTIATE_TEST_SUITE_P(All, FeedContract,
                         ::testing::Values(Venue::Binance, Venue::Okx, Venue::Bybit),
                         [](const auto& of) { return std::string{to_string(of.param)}; });

}  // namespace
}  // namespace parallax::feed_testing
