#include "adapters/venues/common/text_builder.hpp"

#include <gtest/gtest.h>

namespace parallax::venue_common {
namespace {

TEST(TextBuilder, IsTheStringOfItsPieces) {
    TextBuilder built;
    EXPECT_EQ(built.view(), "");
    for (int round = 0; round < 2; ++round) {  // the second without growing
        std::string expected;
        built.clear();
        for (std::size_t size = 0; size < 200; ++size) {
            std::string piece;  // of its own memory: a byte too many read or written is found
            for (std::size_t i = 0; i < size; ++i)
                piece += static_cast<char>('!' + (7 * i + size) % 90);
            built.put(piece);
            expected += piece;
            ASSERT_EQ(built.view(), expected) << size;
        }
        built.put('x');
        EXPECT_EQ(built.view(), expected + 'x');
        EXPECT_EQ(built.size(), expected.size() + 1);
    }
}

TEST(TextBuilder, GrowsByAPieceOfAnySize) {
    TextBuilder built;
    const std::string large(100'000, 'a');
    built.put("b");
    built.put(large);
    EXPECT_EQ(built.view(), "b" + large);
}

}  // namespace
}  // namespace parallax::venue_common
