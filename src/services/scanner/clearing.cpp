#include "services/scanner/clearing.hpp"

#include <algorithm>
#include <limits>

namespace parallax::scanner {
namespace {

/// How many of levels[low, high) come first, counted from the start: those for which `first` holds.
/// Without a branch on the levels themselves, which nothing predicts.
template <class First>
std::uint32_t count_first(const NetLevel* levels, std::uint32_t low, std::uint32_t high,
                          First&& first) noexcept {
    std::uint32_t left = high - low;
    while (left > 1) {
        const std::uint32_t half = left / 2;
        low += first(levels[low + half - 1].price) ? half : 0;
        left -= half;
    }
    return low + (left == 1 && first(levels[low].price) ? 1 : 0);
}

std::int64_t total_of(const NetLevel* levels, std::uint32_t count) noexcept {
    return count == 0 ? 0 : levels[count - 1].total;
}

}  // namespace

void Clearing::open(std::span<const NetLadder> asks, std::span<const NetLadder> bids) noexcept {
    count_ = 0;
    const auto add = [&](std::span<const NetLadder> ladders) {
        for (std::size_t i = 0; i < ladders.size(); ++i) {
            if (ladders[i].levels.empty()) continue;
            windows_[count_++] = {ladders[i].levels.data(),
                                  0,
                                  static_cast<std::uint32_t>(ladders[i].levels.size()),
                                  0,
                                  static_cast<std::uint32_t>(i),
                                  static_cast<std::uint32_t>(ladders[i].levels.size())};
        }
    };
    add(asks);
    ask_count_ = count_;
    add(bids);
}

/// Price of the middle level of the widest window.
std::int64_t Clearing::middle_price() const noexcept {
    std::size_t widest = 0;
    std::uint32_t width = 0;
    for (std::size_t i = 0; i < count_; ++i) {
        const std::uint32_t own = windows_[i].high - windows_[i].low;
        widest = own > width ? i : widest;
        width = std::max(width, own);
    }
    const Window& window = windows_[widest];
    return window.levels[window.low + width / 2].price + (widest < ask_count_ ? theta_ : 0);
}

Clearing::Meeting Clearing::meet(std::int64_t asked, std::int64_t wanted) noexcept {
    // A - B at the ends of the bracket, for the next guess.
    double near = 0.0, far = 0.0;
    std::int64_t near_price = 0, far_price = 0;
    bool bracketed = false, was_far = false;
    bool slow = false;  // a guess took away less than half: by levels next, which always takes some
    constexpr std::uint32_t kFew = 12;  // levels: regula falsi would guess between them
    std::uint32_t left = 0;
    for (std::size_t i = 0; i < count_; ++i) left += windows_[i].high;
    if (ask_count_ > 0 && count_ > ask_count_) {
        // What lies beyond the other side's best can not be the answer.
        std::int64_t ask = windows_[0].levels->price, bid = windows_[ask_count_].levels->price;
        for (const Window& w : ask_windows()) ask = std::min(ask, w.levels->price);
        for (const Window& w : bid_windows()) bid = std::max(bid, w.levels->price);
        near_price = ask + theta_ - 1, far_price = bid;
        const std::int64_t most_ask = bid - theta_, least_bid = near_price;
        left = 0;
        for (Window& w : ask_windows()) {
            w.high =
                count_first(w.levels, 0, w.high, [=](std::int64_t p) { return p <= most_ask; });
            far += static_cast<double>(total_of(w.levels, w.high));
            left += w.high;
        }
        for (Window& w : bid_windows()) {
            w.high =
                count_first(w.levels, 0, w.high, [=](std::int64_t p) { return p > least_bid; });
            near -= static_cast<double>(total_of(w.levels, w.high));
            left += w.high;
        }
        bracketed = true;
    }
    while (left > 0) {
        std::int64_t price = 0;
        const std::uint32_t before = left;
        if (bracketed && left > kFew && !slow) {
            const double share = -near / (far - near);
            price = near_price +
                    static_cast<std::int64_t>(share * static_cast<double>(far_price - near_price));
            price = std::clamp(price, near_price + 1, far_price);
        } else {
            price = middle_price();
        }
        std::int64_t below = asked, above = wanted;
        const std::int64_t ask_price = price - theta_;
        for (Window& w : ask_windows()) {
            w.guess = count_first(w.levels, w.low, w.high,
                                  [=](std::int64_t p) { return p <= ask_price; });
            below += total_of(w.levels, w.guess);
        }
        for (Window& w : bid_windows()) {
            w.guess =
                count_first(w.levels, w.low, w.high, [=](std::int64_t p) { return p > price; });
            above += total_of(w.levels, w.guess);
        }
        const bool is_far = below >= above;
        left = 0;
        if (is_far) {  // the answer is at most this price: what is left is strictly below it
            for (Window& w : ask_windows()) {
                w.high = w.guess;
                while (w.high > w.low && w.levels[w.high - 1].price == ask_price) --w.high;
                left += w.high - w.low;
            }
            for (Window& w : bid_windows()) {
                w.low = w.guess;
                while (w.low < w.high && w.levels[w.low].price == price) ++w.low;
                left += w.high - w.low;
            }
            far = static_cast<double>(below - above);
            far_price = price;
            if (was_far) near *= 0.5;
        } else {
            for (Window& w : ask_windows()) {
                w.low = w.guess;
                left += w.high - w.low;
            }
            for (Window& w : bid_windows()) {
                w.high = w.guess;
                left += w.high - w.low;
            }
            near = static_cast<double>(below - above);
            near_price = price;
            if (bracketed && !was_far) far *= 0.5;
        }
        was_far = is_far;
        slow = !slow && left * 2 > before;
    }
    // The levels next to the gap that is left; the nearest of them is the answer.
    Meeting out{std::numeric_limits<std::int64_t>::max(), asked, wanted};
    for (const Window& w : ask_windows()) {
        out.asked += total_of(w.levels, w.low);
        if (w.low < w.end) out.price = std::min(out.price, w.levels[w.low].price + theta_);
    }
    for (const Window& w : bid_windows()) {
        if (w.low > 0) out.price = std::min(out.price, w.levels[w.low - 1].price);
    }
    for (Window& w : bid_windows()) {
        w.guess = w.low;  // how many are at or above the price
        while (w.low > 0 && w.levels[w.low - 1].price == out.price) --w.low;
        out.wanted += total_of(w.levels, w.low);
    }
    return out;
}

/// Everything of one side strictly better than the meeting price, the rest from what is at it.
void Clearing::take_asks(const Meeting& at, std::int64_t quantity, Optimum& out) const noexcept {
    std::int64_t rest = quantity - at.asked;
    for (std::size_t i = 0; i < ask_count_; ++i) {
        const Window& w = windows_[i];
        const NetLadder& ladder = asks_[w.venue];
        std::int64_t& taken = out.bought[w.venue];
        taken = ladder.total(w.low);
        out.edge -= ladder.worth(w.low);
        for (std::size_t l = w.low;
             rest > 0 && l < ladder.levels.size() && ladder.levels[l].price + theta_ == at.price;
             ++l) {
            const std::int64_t part = std::min(rest, ladder.levels[l].total - taken);
            out.edge -= static_cast<__int128>(ladder.levels[l].price) * part;
            taken += part;
            rest -= part;
        }
    }
    PLX_ASSERT(rest == 0);
}

void Clearing::take_bids(const Meeting& at, std::int64_t quantity, Optimum& out) const noexcept {
    std::int64_t rest = quantity - at.wanted;
    for (std::size_t i = ask_count_; i < count_; ++i) {
        const Window& w = windows_[i];
        const NetLadder& ladder = bids_[w.venue];
        std::int64_t& taken = out.sold[w.venue];
        taken = ladder.total(w.low);
        out.edge += ladder.worth(w.low);
        for (std::size_t l = w.low; rest > 0 && l < w.guess; ++l) {
            const std::int64_t part = std::min(rest, ladder.levels[l].total - taken);
            out.edge += static_cast<__int128>(at.price) * part;
            taken += part;
            rest -= part;
        }
    }
    PLX_ASSERT(rest == 0);
}

void Clearing::solve(std::int64_t limit, Optimum& out) noexcept {
    open(asks_, bids_);
    Meeting at = meet(0, 0);
    const std::int64_t quantity = std::max(at.asked, at.wanted);
    out.quantity = std::min(quantity, limit);
    if (quantity <= limit) {
        take_asks(at, quantity, out);
        take_bids(at, quantity, out);
        return;
    }
    open(asks_, {});
    take_asks(meet(0, limit), limit, out);
    open({}, bids_);
    take_bids(meet(limit, 0), limit, out);
}

}  // namespace parallax::scanner
