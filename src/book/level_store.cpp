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
template <class Lanes>
[[gnu::always_inline]] inline std::size_t find_chunk(std::int32_t key, const std::int32_t* group,
                                                     const std::int32_t* groups_end,
                                                     const std::int32_t* limits) noexcept {
    std::size_t first = Lanes::count_less(group, key);
    for (group += LevelStore::kBlock; group != groups_end; group += LevelStore::kBlock) {
        first += Lanes::count_less(group, key);
    }
    first *= LevelStore::kGroup;
    return first + Lanes::count_less(limits + first, key);
}

}  // namespace

void LevelStore::set(Price price, Quantity quantity) {
    const Level level{price, quantity};
    apply({&level, 1});
}

template <class Lanes>
[[gnu::always_inline]] inline void LevelStore::apply_with(std::span<const Level> levels) {
    if (levels.empty()) return;
    const Level* next = levels.data();
    const Level* const end = next + levels.size();
    while (next != end) {
        if (entries_.empty() && !start(*next)) {
            ++next;
            continue;
        }
        next += change<Lanes>(next, std::min(static_cast<std::size_t>(end - next), kAhead));
    }
    if (entries_.empty() && !far_.empty()) centre_on(far_.back().key);
    find_best<Lanes>();
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
template <class Lanes>
[[gnu::always_inline]] inline std::size_t LevelStore::change(const Level* levels,
                                                             std::size_t count) {
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
    const auto distance = [=](std::size_t i) {
        return (static_cast<std::uint64_t>(levels[i].price.raw()) ^ flip) - origin;
    };

    // The highest bit of `strict` stays when every distance is beyond the one before it.
    const std::uint64_t first = distance(0), last = distance(count - 1);
    const std::uint64_t rising =
        static_cast<std::int64_t>(first - last) < 0 ? ~std::uint64_t{0} : 0;
    std::uint64_t strict = ~std::uint64_t{0};
    std::uint64_t before = first + 1 + 2 * rising;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t here = distance(i);
        strict &= (here - before) ^ rising;
        before = here - rising;
        const auto key = static_cast<std::int32_t>(here);
        Entry& entry = entries[find_chunk<Lanes>(key, groups, groups_end, limits)];
        Chunk& chunk = pool[entry.chunk];
        found[i] = {&entry, &chunk, key, Lanes::equal(chunk.keys, key) & entry.live};
    }
    // What lies between two that are near is near.
    constexpr std::uint64_t kHalf = std::uint64_t{1} << 31;
    const std::uint64_t wide = (first + kHalf) | (last + kHalf);
    if ((wide >> 32) != 0 || (strict >> 63) == 0) [[unlikely]] {
        count = simple_part(levels, count);
        if (count == 0) {
            set_far(key(levels[0].price), levels[0].quantity.raw());
            return 1;
        }
    }
    const Level* level = levels;
    for (const Found* it = found; it != found + count; ++it, ++level) {
        Entry& entry = *it->entry;
        const std::uint32_t was = entry.live;
        const std::int64_t quantity = level->quantity.raw();
        const std::uint32_t slots = it->slot | ~was << kChunk;  // behind: the free ones
        if (slots == 0) [[unlikely]] {
            if (quantity == 0) continue;
            const auto at = static_cast<std::size_t>(&entry - entries);
            const auto done = static_cast<std::size_t>(it - found);
            return insert_beside_full(at, it->key, quantity) ? done + 1 : done;
        }
        const std::size_t slot = static_cast<std::size_t>(std::countr_zero(slots)) % kChunk;
        it->chunk->keys[slot] = it->key;
        it->chunk->quantities[slot] = quantity;
        const std::uint32_t live =
            (was & ~(std::uint32_t{1} << slot)) | std::uint32_t{quantity != 0} << slot;
        entry.live = live;
        entry.order = 0;
        if (live == 0) [[unlikely]] {
            remove_chunk(static_cast<std::size_t>(&entry - entries));
            return static_cast<std::size_t>(it - found) + 1;
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

template <class Lanes>
[[gnu::always_inline]] inline void LevelStore::find_best() noexcept {
    if (entries_.empty()) {
        best_ = {};
        return;
    }
    const Entry& entry = entries_.back();
    const Chunk& chunk = pool_[entry.chunk];
    const std::int32_t key = Lanes::greatest(chunk.keys, entry.live);
    best_ = level(chunk, static_cast<std::size_t>(
                             std::countr_zero(Lanes::equal(chunk.keys, key) & entry.live)));
}

#if defined(__AVX2__)
namespace {
const bool kAvx512 = lanes::Avx512::here();
}
// All of apply_with() is inlined here, behind functions that are sure of their processor.
PLX_AVX512 void LevelStore::apply_avx512(std::span<const Level> levels) {
    apply_with<lanes::Avx512>(levels);
}
void LevelStore::apply(std::span<const Level> levels) {
    if (kAvx512) return apply_avx512(levels);
    apply_with<lanes::Avx2>(levels);
}
#else
void LevelStore::apply(std::span<const Level> levels) { apply_with<lanes::Portable>(levels); }
#endif

std::uint64_t LevelStore::best_first(const Chunk& chunk, std::uint32_t live) noexcept {
    std::uint64_t order = 0;
    for (std::uint32_t left = live; left != 0; left &= left - 1) {
        const auto slot = static_cast<std::uint64_t>(std::countr_zero(left));
        const std::uint32_t better = lanes::Usual::greater(chunk.keys, chunk.keys[slot]);
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
