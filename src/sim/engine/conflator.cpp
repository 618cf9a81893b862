#include "sim/engine/conflator.hpp"

#include <algorithm>

#include "core/assert.hpp"

namespace parallax::sim_engine {
namespace {

bool nearer(Side side, Price a, Price b) noexcept { return side == Side::Buy ? a > b : a < b; }

}  // namespace

void ChangeConflator::add(const LevelChange& change) {
    auto& pending = sides_[static_cast<std::size_t>(change.side)];
    const auto at = std::lower_bound(
        pending.begin(), pending.end(), change.price,
        [&](const Pending& p, Price price) { return nearer(change.side, p.price, price); });
    if (at != pending.end() && at->price == change.price) {
        at->after = change.after;
    } else {
        pending.insert(at, {change.price, change.after});
    }
    if (first_ == 0) first_ = change.update;
    last_ = change.update;
}

const BookDelta* ChangeConflator::flush() {
    if (first_ == 0) return nullptr;
    for (const Side side : {Side::Buy, Side::Sell}) {
        auto& pending = sides_[static_cast<std::size_t>(side)];
        auto& out = side == Side::Buy ? delta_.bids : delta_.asks;
        out.clear();
        for (const Pending& p : pending) out.push_back({p.price, p.after});
        pending.clear();
    }
    delta_.first = first_;
    delta_.last = last_;
    delta_.previous = std::exchange(previous_, last_);
    first_ = 0;
    return &delta_;
}

const BookDelta& TopConflator::snapshot(const Book& book) {
    told_ = {};
    told_update_ = 0;
    (void)flush(book);
    delta_.first = delta_.last = told_update_ = book.update();
    delta_.previous = 0;
    return delta_;
}

const BookDelta* TopConflator::flush(const Book& book) {
    if (told_update_ == book.update()) return nullptr;
    for (const Side side : {Side::Buy, Side::Sell}) {
        auto& out = side == Side::Buy ? delta_.bids : delta_.asks;
        auto& told = told_[static_cast<std::size_t>(side)];
        out.clear();
        now_.clear();
        const auto queues = book.levels(side);
        for (std::size_t i = queues.size(); i-- > 0 && now_.size() < depth_;)
            now_.push_back({queues[i].price, queues[i].quantity});
        auto old = told.begin();
        for (const Level& level : now_) {
            for (; old != told.end() && nearer(side, old->price, level.price); ++old)
                out.push_back({old->price, Quantity{}});
            const bool same_price = old != told.end() && old->price == level.price;
            if (!same_price || old->quantity != level.quantity) out.push_back(level);
            if (same_price) ++old;
        }
        for (; old != told.end(); ++old) out.push_back({old->price, Quantity{}});
        std::swap(told, now_);
    }
    if (delta_.bids.empty() && delta_.asks.empty()) return nullptr;
    delta_.previous = told_update_;
    delta_.first = told_update_ + 1;
    delta_.last = told_update_ = book.update();
    return &delta_;
}

}  // namespace parallax::sim_engine
