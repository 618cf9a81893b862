#include "core/ids.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <type_traits>

#include "core/market.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace parallax {
namespace {

TEST(Id, IsNoneUntilGivenANumber) {
    EXPECT_FALSE(InstrumentId{}.valid());
    EXPECT_EQ(InstrumentId{}, InstrumentId::none());
    EXPECT_TRUE(InstrumentId{0}.valid());
    EXPECT_LT(InstrumentId{1}, InstrumentId{2});
    EXPECT_EQ(SymbolId{5}.index(), 5U);
}

TEST(ClientOrderId, GivesBackPlanLegAndAttempt) {
    EXPECT_TRUE(rc::check("round trip", [](std::uint8_t leg, std::uint16_t attempt) {
        const auto plan = *rc::gen::inRange<std::uint64_t>(1, 1ULL << 40);
        const ClientOrderId id{PlanId{plan}, leg, attempt};
        RC_ASSERT(id.valid());
        RC_ASSERT(id.plan().raw() == plan);
        RC_ASSERT(id.leg() == leg);
        RC_ASSERT(id.attempt() == attempt);
        RC_ASSERT(ClientOrderId::from_raw(id.raw()) == id);
    }));
    EXPECT_FALSE(ClientOrderId{}.valid());
    EXPECT_EQ((ClientOrderId{PlanId{(1ULL << 40) - 1}, 255, 65'535}).raw(), ~0ULL);
}

TEST(Time, OnlyDifferencesOfOneClockMeanSomething) {
    const auto start = UnixNanos::from_millis(1'723'161'253'937);
    EXPECT_EQ(start.nanos(), 1'723'161'253'937'000'000);
    EXPECT_EQ(start + Nanos::seconds(1) - start, Nanos::millis(1000));
    EXPECT_EQ((start - Nanos::micros(1)).millis(), 1'723'161'253'936);
    EXPECT_FALSE(UnixNanos{}.known());
    EXPECT_TRUE(start.known());
    EXPECT_EQ(Nanos::millis(7) * 2 / 7, Nanos::millis(2));
    EXPECT_EQ((Nanos::millis(1) - Nanos::millis(3)).as_millis(), -2);
}

TEST(Market, NamesReadBackAndKeepTheirOrder) {
    for (std::size_t i = 0; i < kMarketCount; ++i) {
        EXPECT_EQ(static_cast<std::size_t>(kMarkets[i].market), i) << "info() looks up by position";
        EXPECT_EQ(parse_market(kMarkets[i].name), kMarkets[i].market);
        EXPECT_EQ(venue_of(wallet_of(kMarkets[i].market)), venue_of(kMarkets[i].market));
        EXPECT_EQ(wallet_of(wallet_of(kMarkets[i].market)), wallet_of(kMarkets[i].market));
        EXPECT_EQ(kMarkets[i].name.substr(0, to_string(kMarkets[i].venue).size()),
                  to_string(kMarkets[i].venue));
    }
    EXPECT_EQ(parse_market("binance"), std::nullopt);
    EXPECT_EQ(parse_market(""), std::nullopt);
}

TEST(Result, ErrorsHaveDistinctNames) {
    const Result<int> failed = fail(Errc::Rejected, "no");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().detail, "no");
    EXPECT_EQ(to_string(failed.error().code), "rejected");
    EXPECT_EQ(to_string(Errc::BackPressured), "back_pressured");
}

static_assert(sizeof(HotResult<std::int64_t>) == 16, "returned in two registers");
static_assert(std::is_trivially_copyable_v<ClientOrderId> && sizeof(ClientOrderId) == 8);

}  // namespace
}  // namespace parallax
