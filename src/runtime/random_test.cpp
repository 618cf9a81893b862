#include "runtime/random.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "core/archive.hpp"

namespace parallax::runtime {
namespace {

TEST(Random, IsXoshiro256StarStar) {  // the authors' reference program, state {1, 2, 3, 4}
    const std::array<std::uint64_t, 4> seed{1, 2, 3, 4};
    std::vector<std::byte> bytes;
    StateWriter writer{bytes};
    writer(seed);
    Random random{0};
    StateReader reader{bytes};
    reader(random);
    ASSERT_TRUE(reader.finished());
    EXPECT_EQ(random.next(), 11520U);
    EXPECT_EQ(random.next(), 0U);
    EXPECT_EQ(random.next(), 1509978240U);
    EXPECT_EQ(random.next(), 1215971899390074240U);
}

TEST(Random, SameSeedSameNumbersForever) {
    Random random{0};
    EXPECT_EQ(random.next(), 0x99EC5F36CB75F2B4ULL);
    Random again{20261122};
    const std::uint64_t first = again.next();
    EXPECT_EQ(Random{20261122}.next(), first);
    EXPECT_NE(Random{20261123}.next(), first);
}

TEST(Random, StaysInItsBounds) {
    Random random{7};
    std::array<int, 10> seen{};
    for (int i = 0; i < 10'000; ++i) {
        ++seen[random.below(10)];
        const std::int64_t die = random.between(-3, 3);
        ASSERT_TRUE(die >= -3 && die <= 3);
        const double u = random.uniform();
        ASSERT_TRUE(u >= 0.0 && u < 1.0);
        ASSERT_LE(std::abs(random.normal()), 6.0);
    }
    for (const int count : seen) EXPECT_NEAR(count, 1'000, 150);
    EXPECT_EQ(random.below(1), 0U);
    EXPECT_EQ(random.between(5, 5), 5);
    EXPECT_FALSE(random.chance(0.0));
    EXPECT_TRUE(random.chance(1.0));
}

TEST(Random, SpansAllOfInt64) {
    constexpr auto kLow = std::numeric_limits<std::int64_t>::min();
    constexpr auto kHigh = std::numeric_limits<std::int64_t>::max();
    Random random{3};
    bool negative = false;
    bool positive = false;
    for (int i = 0; i < 100; ++i) {
        const std::int64_t value = random.between(kLow, kHigh);
        negative |= value < kLow / 2;
        positive |= value > kHigh / 2;
    }
    EXPECT_TRUE(negative && positive);
    EXPECT_EQ(random.between(kHigh, kHigh), kHigh);
}

TEST(Random, NormalHasMeanZeroAndDeviationOne) {
    Random random{11};
    double sum = 0;
    double squares = 0;
    constexpr int kCount = 100'000;
    for (int i = 0; i < kCount; ++i) {
        const double x = random.normal();
        sum += x;
        squares += x * x;
    }
    EXPECT_NEAR(sum / kCount, 0.0, 0.02);
    EXPECT_NEAR(squares / kCount, 1.0, 0.02);
}

TEST(Random, ContinuesFromItsState) {
    Random random{5};
    for (int i = 0; i < 13; ++i) (void)random.next();
    std::vector<std::byte> bytes;
    StateWriter writer{bytes};
    writer(random);
    Random copy{0};
    StateReader reader{bytes};
    reader(copy);
    EXPECT_EQ(state_hash(copy), state_hash(random));
    EXPECT_EQ(copy.next(), random.next());
}

}  // namespace
}  // namespace parallax::runtime
