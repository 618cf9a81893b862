#include "testing/allocations.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace parallax {
namespace {

TEST(Allocations, CountsEveryFormAndOnlyThisThread) {
    PLX_NEEDS_ALLOCATION_COUNT();
    struct alignas(64) Line {
        char bytes[64];
    };
    const std::size_t before = allocations();
    const auto one = std::make_unique<int>(1);
    const auto aligned = std::make_unique<Line>();
    const std::vector<int> many(100);
    EXPECT_EQ(allocations(), before + 3);
    std::size_t elsewhere = 0;
    std::unique_ptr<int> two;  // outlives the thread: an unused one would be optimised away
    std::thread{[&] {
        const std::size_t start = allocations();
        two = std::make_unique<int>(2);
        elsewhere = allocations() - start;
    }}.join();
    EXPECT_EQ(elsewhere, 1U);
}

}  // namespace
}  // namespace parallax
