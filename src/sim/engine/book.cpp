#include "sim/engine/book.hpp"

#include <algorithm>

#include "core/assert.hpp"

namespace parallax::sim_engine {

std::size_t Book::place(Side side, Price price) const noexcept {
    const auto& levels = sides_[static_cast<std::size_t>(side)];
    const auto worse = [side](const Queue& queue, Price p) {
        return side == Side::Buy ? queue.price < p : queue.price > p;
    };
    // Near the best first: that is where most of it happens.
    std::size_t index = levels.size();
    for (int step = 0; step < 8 && index > 0; ++step) {
        if (worse(levels[index - 1], price)) return index;
        --index;
    }
    const auto end = levels.begin() + static_cast<std::ptrdiff_t>(index);
    return static_cast<std::size_t>(std::lower_bound(levels.begin(), end, price, worse) -
                                    levels.begin());
}

const Queue* Book::find(Side side, Price price) const noexcept {
    const auto& levels = sides_[static_cast<std::size_t>(side)];
    const std::size_t index = place(side, price);
    return index < levels.size() && levels[index].price == price ? &levels[index] : nullptr;
}

void Book::add(Side side, Price price, Slot slot, Quantity quantity) {
    auto& levels = sides_[static_cast<std::size_t>(side)];
    const std::size_t index = place(side, price);
    if (index == levels.size() || levels[index].price != price) {
        const auto at = levels.insert(levels.begin() + static_cast<std::ptrdiff_t>(index), Queue{});
        at->price = price;
    }
    Queue& queue = levels[index];
    link(slot) = {queue.last, kNoSlot};
    if (queue.last != kNoSlot) links_[queue.last].after = slot;
    if (queue.first == kNoSlot) queue.first = slot;
    queue.last = slot;
    queue.quantity += quantity;
    ++queue.orders;
}

void Book::remove(Side side, Price price, Slot slot, Quantity quantity) {
    auto& levels = sides_[static_cast<std::size_t>(side)];
    const std::size_t index = place(side, price);
    PLX_ASSERT(index < levels.size() && levels[index].price == price);
    Queue& queue = levels[index];
    const Links links = links_[slot];
    (links.before == kNoSlot ? queue.first : links_[links.before].after) = links.after;
    (links.after == kNoSlot ? queue.last : links_[links.after].before) = links.before;
    queue.quantity -= quantity;
    --queue.orders;
    PLX_ASSERT((queue.orders == 0) == queue.quantity.is_zero());
    if (queue.orders == 0) levels.erase(levels.begin() + static_cast<std::ptrdiff_t>(index));
}

void Book::reduce(Side side, Price price, Quantity by) {
    auto& levels = sides_[static_cast<std::size_t>(side)];
    const std::size_t index = place(side, price);
    PLX_ASSERT(index < levels.size() && levels[index].price == price);
    levels[index].quantity -= by;
    PLX_ASSERT(levels[index].quantity > Quantity{});
}

}  // namespace parallax::sim_engine
