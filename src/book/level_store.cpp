#include "book/level_store.hpp"

#include <algorithm>
#include <bit>

#include "book/lanes.hpp"

namespace parallax::book {
namespace {

constexpr std::size_t kAhead = 16;  ///< levels searched before any is changed
static_assert(LevelStore::kChunk == lanes::kLanes && LevelStore::kGroup == lanes::kLanes);

/// The only chunk that may hold the key. Counts whole groups, then within one: a compare of sixteen
/// limits costs less than a step of a binary search, whose loads wait for each other.
inline std::size_t find_chunk(lanes::Number key, const std::int32_t* group,
                              const std::int32_t* groups_end, const std::int32_t* limits) noexcept {
    std::size_t first = lanes::count_less_of_32(group, key);
    for (group += LevelStore::kBlock; group != groups_end; group += LevelStore::kBlock) {
        first += lanes::count_less_of_32(group, key);
    }
    first *= LevelStore::kGroup;
    return first + lanes::count_less(limits + first, key);
}

}  // namespace

void LevelStore::set(Price price, Quantity quantity) {
    const Level level{price, quantity};
    apply({&level, 1});
}

void LevelStore::apply(std::span<const Level> levels) {
    if (levels.empty()) return;
    const Level* next = levels.data();
    const Level* const end = next + levels.size();
    while (next != end) {
        if (entries_.empty() && !start(*next)) {
            ++next;
            continue;
        }
        next += change(next, std::min(static_cast<std::size_t>(end - next), kAhead));
    }
    if (entries_.empty() && !far_.empty()) centre_on(far_.back().key);
    find_best();
}

/// The first chunk of a store that has none, if there is anything to put into it.
bool LevelStore::start(const Level& level) {
    if (!far_.empty()) {
        centre_on(far_.back().key);
        return true;
    }
    if (level.quantity.is_zero()) return false;
    centre_on(key(level.price));
    insert_chunk(0, {take_chunk(), 0, 0}, kNoLimit);
    return true;
}

/// Sets some of the levels, at most kAhead, and returns how many; none when it only made room.
/// Needs a chunk.
///
/// First all are searched, then all are changed. A search right behind a change of the same chunk
/// would wait for it: the processor cannot hand a small store on to a wide load. What was found
/// stays true while no price comes twice (prices rise or fall) and no chunk comes or goes (then the
/// rest is left for the next call).
std::size_t LevelStore::change(const Level* levels, std::size_t count) {
    struct Found {
        Entry* entry;
        Chunk* chunk;
        std::int32_t key;
        std::uint32_t slot;  ///< bit of the level; 0 when it is not there
    };
    Found found[kAhead];
    // Copies, so that the compiler sees that no store changes them.
    Entry* const entries = entries_.data();
    Chunk* const pool = pool_.data();
    const std::int32_t* const limits = limits_.data();
    const std::int32_t* const groups = groups_.data();
    const std::int32_t* const groups_end = groups + groups_.size();
    const std::uint64_t flip = flip_;
    const std::uint64_t origin = static_cast<std::uint64_t>(origin_) + flip;
    const auto raw = [levels](std::size_t i) {
        return static_cast<std::uint64_t>(levels[i].price.raw());
    };

    const std::uint64_t rising = levels[0].price < levels[count - 1].price ? ~std::uint64_t{0} : 0;
    std::uint64_t wide = 0;                   // bits above the 32nd: a key is not near
    std::uint64_t falls = ~std::uint64_t{0};  // highest bit: all prices fall (rise, if `rising`)
    std::uint64_t before = (raw(0) ^ rising) + 1;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t price = raw(i);
        const std::uint64_t distance = (price ^ flip) - origin;
        wide |= distance + (std::uint64_t{1} << 31);
        falls &= (price ^ rising) - before;
        before = price ^ rising;
        const auto key = static_cast<std::int32_t>(distance);
        const lanes::Number wanted = lanes::all(key);
        Entry& entry = entries[find_chunk(wanted, groups, groups_end, limits)];
        Chunk& chunk = pool[entry.chunk];
        found[i] = {&entry, &chunk, key, lanes::equal(chunk.keys, wanted) & entry.live};
    }
    if ((wide >> 32) != 0 || (falls >> 63) == 0) [[unlikely]] {
        count = simple_part(levels, count);
        if (count == 0) {
            set_far(key(levels[0].price), levels[0].quantity.raw());
            return 1;
        }
    }
    for (std::size_t i = 0; i < count; ++i) {
        Entry& entry = *found[i].entry;
        Chunk& chunk = *found[i].chunk;
        const std::uint32_t was = entry.live;
        const std::int64_t quantity = levels[i].quantity.raw();
        const std::uint32_t slots = found[i].slot | ~was << kChunk;  // behind: the free ones
        if (slots == 0) [[unlikely]] {
            if (quantity == 0) continue;
            const auto at = static_cast<std::size_t>(&entry - entries);
            return insert_beside_full(at, found[i].key, quantity) ? i + 1 : i;
        }
        const auto slot = static_cast<std::uint32_t>(std::countr_zero(slots)) % kChunk;
        chunk.keys[slot] = found[i].key;
        chunk.quantities[slot] = quantity;
        const std::uint32_t live = (was & ~(1U << slot)) | std::uint32_t{quantity != 0} << slot;
        entry.live = live;
        entry.order = 0;
        if (live == 0) [[unlikely]] {
            remove_chunk(static_cast<std::size_t>(&entry - entries));
            return i + 1;
        }
    }
    return count;
}

/// How many of the levels, from the first on, are near and rise or fall throughout.
std::size_t LevelStore::simple_part(const Level* levels, std::size_t count) const noexcept {
    const bool rising = count > 1 && levels[0].price < levels[1].price;
    for (std::size_t i = 0; i < count; ++i) {
        if (!is_near(key(levels[i].price))) return i;
        if (i == 0) continue;
        const Price before = levels[i - 1].price;
        if (rising ? levels[i].price <= before : levels[i].price >= before) return i;
    }
    return count;
}

void LevelStore::find_best() noexcept {
    if (entries_.empty()) {
        best_ = {};
        return;
    }
    const Entry& entry = entries_.back();
    const Chunk& chunk = pool_[entry.chunk];
    const lanes::Number key = lanes::all(lanes::greatest(chunk.keys, entry.live));
    best_ = level(chunk, static_cast<std::size_t>(
                             std::countr_zero(lanes::equal(chunk.keys, key) & entry.live)));
}

std::uint64_t LevelStore::best_first(const Chunk& chunk, std::uint32_t live) noexcept {
    std::uint64_t order = 0;
    for (std::uint32_t left = live; left != 0; left &= left - 1) {
        const auto slot = static_cast<std::uint64_t>(std::countr_zero(left));
        const std::uint32_t better = lanes::greater(chunk.keys, lanes::all(chunk.keys[slot]));
        order |= slot << (4 * std::popcount(better & live));
    }
    return order;
}

std::size_t LevelStore::size() const noexcept {
    std::size_t levels = far_.size();
    for (const Entry& entry : entries_) {
        levels += static_cast<std::size_t>(std::popcount(entry.live));
    }
    return levels;
}

}  // namespace parallax::book
