#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "book/book_set.hpp"

namespace parallax::book {
namespace {

Level level(std::int64_t price, std::int64_t quantity) {
    return {Price::from_raw(price), Quantity::from_raw(quantity)};
}

/// A book as a venue's snapshot and updates build it: levels move, their number stays.
class MovingBook {
public:
    explicit MovingBook(std::int64_t levels) {
        for (std::int64_t i = 1; i <= levels / 2; ++i) {
            bids_.push_back(level(1'000'000 - 7 * i, 5));
            asks_.push_back(level(1'000'000 + 7 * i, 5));
        }
    }
    [[nodiscard]] DepthInput snapshot() const { return input(true, bids_, asks_); }
    DepthInput move() {
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        const bool bid = last_id_ % 2 == 0;
        Level& one = (bid ? bids_ : asks_)[(state_ >> 33) % bids_.size()];
        change_[0] = {one.price, Quantity{}};
        one.price =
            Price::from_raw(one.price.raw() + static_cast<std::int64_t>((state_ >> 20) % 5) - 2);
        change_[1] = one;
        ++last_id_;
        return bid ? input(false, change_, {}) : input(false, {}, change_);
    }

private:
    [[nodiscard]] DepthInput input(bool whole, std::span<const Level> bids,
                                   std::span<const Level> asks) const {
        return {whole, last_id_, last_id_, -1, UnixNanos::from_nanos(1), {}, bids, asks};
    }
    std::uint64_t state_ = 7;
    std::uint64_t last_id_ = 10;
    std::vector<Level> bids_;
    std::vector<Level> asks_;
    std::array<Level, 2> change_;
};

std::size_t bytes_of_book(std::int64_t levels, int moves) {
    MovingBook source{levels};
    FeedBook book{GapPolicy::NextId};
    book.on_depth(source.snapshot());
    for (int i = 0; i < moves; ++i) book.on_depth(source.move());
    EXPECT_EQ(book.state(), BookState::Live);
    return book.memory_bytes();
}

TEST(BookMemory, ABookKeepsItsBudget) {
    EXPECT_LE(bytes_of_book(2'000, 100'000), 64U * 1024);
    EXPECT_LE(bytes_of_book(3'400, 100'000), 256U * 1024);
    RecordProperty("bytes_of_2000_levels", static_cast<int>(bytes_of_book(2'000, 100'000)));
}

/// The price moves on and leaves one level in sixteen behind: chunks that are nearly empty must not
/// stay.
TEST(BookMemory, ATrailOfSparseLevelsIsJoined) {
    OrderBook book;
    constexpr std::int64_t kTrail = 1'000;
    for (std::int64_t step = 0; step < 20'000; ++step) {
        for (std::int64_t i = 0; i < 16; ++i) book.set(Side::Buy, level(16 * step + i, 1));
        for (std::int64_t i = 1; i < 16; ++i) book.set(Side::Buy, level(16 * step + i, 0));
        if (step >= kTrail) book.set(Side::Buy, level(16 * (step - kTrail), 0));
    }
    EXPECT_EQ(book.side(Side::Buy).size(), std::size_t{kTrail});
    EXPECT_LE(book.memory_bytes(), 64U * 1024);
}

TEST(BookMemory, AThousandSymbolsKeepTheirs) {
    constexpr std::size_t kSymbols = 1'000;
    constexpr std::int64_t kLevels = 2'000;
    BookSet books;
    std::size_t bytes = 0;
    std::size_t levels = 0;
    for (std::size_t i = 0; i < kSymbols; ++i) {
        MovingBook source{kLevels};
        FeedBook& book = books.add(GapPolicy::NextId);
        book.on_depth(source.snapshot());
        for (int k = 0; k < 500; ++k) book.on_depth(source.move());
        bytes += book.memory_bytes();
        levels += book.depth().side(Side::Buy).size() + book.depth().side(Side::Sell).size();
    }
    EXPECT_GT(levels, kSymbols * kLevels * 9 / 10);  // two that met at one price are one level
    EXPECT_LE(bytes, std::size_t{256} << 20);
    RecordProperty("mebibytes", static_cast<int>(bytes >> 20));
}

}  // namespace
}  // namespace parallax::book
