// What each set of instructions finds is what plain loops find.
#include "book/lanes.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace parallax::book::lanes {
namespace {

struct Case {
    alignas(64) std::array<std::int32_t, kLanes> values;
    std::int32_t number;
    std::uint32_t set;
};

template <class Check>
void for_random_cases(Check check) {
    std::mt19937_64 random{1};
    for (int i = 0; i < 20'000; ++i) {
        Case c;
        // A narrow range has equal values, a wide one the ends of the type.
        const int shift = static_cast<int>(random() % 31);
        const auto value = [&] { return static_cast<std::int32_t>(random()) >> shift; };
        for (std::int32_t& v : c.values) v = value();
        c.number = random() % 2 == 0 ? value() : c.values[random() % c.values.size()];
        c.set = static_cast<std::uint32_t>(random()) & 0xffff;
        check(c);
    }
}

template <class Lanes>
void expect_as_portable(const Case& c) {
    const std::int32_t* const values = c.values.data();
    ASSERT_EQ(Lanes::equal(values, c.number), Portable::equal(values, c.number));
    ASSERT_EQ(Lanes::count_less(values, c.number), Portable::count_less(values, c.number));
    ASSERT_EQ(Lanes::greatest(values, c.set), Portable::greatest(values, c.set));
    ASSERT_EQ(Lanes::greatest(values, 0), Portable::greatest(values, 0));
}

TEST(Lanes, TheUsualOnesFindWhatPlainLoopsFind) {
    for_random_cases([](const Case& c) {
        expect_as_portable<Usual>(c);
        ASSERT_EQ(Usual::greater(c.values.data(), c.number),
                  Portable::greater(c.values.data(), c.number));
    });
}

TEST(Lanes, TheWideOnesFindWhatPlainLoopsFind) {
#if defined(__AVX2__)
    if (!Avx512::here()) GTEST_SKIP() << "this processor has no AVX-512";
    for_random_cases([](const Case& c) { expect_as_portable<Avx512>(c); });
#else
    GTEST_SKIP() << "built without AVX2";
#endif
}

}  // namespace
}  // namespace parallax::book::lanes
