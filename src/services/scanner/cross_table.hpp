#pragma once

#include <array>
#include <cstdint>
#include <limits>

namespace parallax::scanner {

/// Best bid and ask of every listing of one group, in one integer scale, with the highest bid and
/// the lowest ask kept at hand: after an update two compares tell whether anything crosses. Ties go
/// to the lower index, so that the cached places are a function of the rows.
class CrossTable {
public:
    static constexpr std::size_t kCapacity = 16;
    static constexpr std::int64_t kNoBid = std::numeric_limits<std::int64_t>::min();
    static constexpr std::int64_t kNoAsk = std::numeric_limits<std::int64_t>::max();

    CrossTable() noexcept {
        bids_.fill(kNoBid);
        asks_.fill(kNoAsk);
    }
    /// Sets a row; returns crossed(). Hot: no branch on the number of listings unless the best one
    /// got worse.
    bool set(std::size_t row, std::int64_t bid, std::int64_t ask) noexcept {
        bids_[row] = bid;
        asks_[row] = ask;
        if (bid > best_bid_ || (bid == best_bid_ && row < bid_row_)) {
            best_bid_ = bid;
            bid_row_ = row;
        } else if (row == bid_row_ && bid != best_bid_) {
            find_bid();
        }
        if (ask < best_ask_ || (ask == best_ask_ && row < ask_row_)) {
            best_ask_ = ask;
            ask_row_ = row;
        } else if (row == ask_row_ && ask != best_ask_) {
            find_ask();
        }
        return crossed();
    }
    void clear(std::size_t row) noexcept { set(row, kNoBid, kNoAsk); }
    [[nodiscard]] bool crossed() const noexcept { return best_bid_ > best_ask_; }
    [[nodiscard]] std::size_t bid_row() const noexcept { return bid_row_; }
    [[nodiscard]] std::size_t ask_row() const noexcept { return ask_row_; }
    [[nodiscard]] std::int64_t bid(std::size_t row) const noexcept { return bids_[row]; }
    [[nodiscard]] std::int64_t ask(std::size_t row) const noexcept { return asks_[row]; }

private:
    void find_bid() noexcept {
        best_bid_ = bids_[0];
        bid_row_ = 0;
        for (std::size_t i = 1; i < kCapacity; ++i) {
            if (bids_[i] > best_bid_) best_bid_ = bids_[i], bid_row_ = i;
        }
    }
    void find_ask() noexcept {
        best_ask_ = asks_[0];
        ask_row_ = 0;
        for (std::size_t i = 1; i < kCapacity; ++i) {
            if (asks_[i] < best_ask_) best_ask_ = asks_[i], ask_row_ = i;
        }
    }
    std::int64_t best_bid_ = kNoBid;
    std::int64_t best_ask_ = kNoAsk;
    std::size_t bid_row_ = 0;
    std::size_t ask_row_ = 0;
    std::array<std::int64_t, kCapacity> bids_;
    std::array<std::int64_t, kCapacity> asks_;
};

}  // namespace parallax::scanner
