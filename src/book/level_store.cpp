#include "book/level_store.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>

namespace parallax::book {
namespace {

constexpr std::int64_t kUnused = std::numeric_limits<std::int64_t>::max();
constexpr int kSparse = LevelStore::kChunk / 4;  ///< levels of a chunk that looks for a neighbour
constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

// Four lanes; a chunk's array is four of these. Whole aligned vectors are loaded and stored, so
// that the next update of the same chunk gets its values straight from the store buffer.
using Lanes = std::int64_t __attribute__((vector_size(32)));
constexpr std::size_t kVectors = LevelStore::kChunk / 4;
static_assert(kVectors == 4);

inline Lanes load(const std::int64_t* from) noexcept {
    Lanes lanes;
    std::memcpy(&lanes, from, sizeof lanes);
    return lanes;
}
inline void store(std::int64_t* to, Lanes lanes) noexcept {
    std::memcpy(__builtin_assume_aligned(to, 32), &lanes, sizeof lanes);
}
inline Lanes all(std::int64_t value) noexcept { return Lanes{value, value, value, value}; }
/// The number of true lanes in a sum of compares; a true lane is -1.
inline std::size_t total(Lanes compares) noexcept {
    const Lanes pairs = compares + __builtin_shuffle(compares, Lanes{2, 3, 0, 1});
    const Lanes sum = pairs + __builtin_shuffle(pairs, Lanes{1, 0, 3, 2});
    return static_cast<std::size_t>(-sum[0]);
}
constexpr Lanes kIndex[kVectors] = {{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9, 10, 11}, {12, 13, 14, 15}};

/// How many of 16 rising values are below `key`: four vector compares, no branch.
inline std::size_t count_below(const std::int64_t* values, std::int64_t key) noexcept {
    const Lanes wanted = all(key);
    return total(((load(values) < wanted) + (load(values + 4) < wanted)) +
                 ((load(values + 8) < wanted) + (load(values + 12) < wanted)));
}

/// Moves lanes position..free-1 one up and puts the value at position; the old lane `free` is lost.
inline void shift_up(std::int64_t* values, std::size_t position, std::size_t free,
                     std::int64_t value) noexcept {
    const Lanes at = all(static_cast<std::int64_t>(position));
    const Lanes end = all(static_cast<std::int64_t>(free));
    Lanes here = load(values + 4 * (kVectors - 1));
#pragma GCC unroll 4
    for (std::size_t i = kVectors; i-- > 0;) {
        const Lanes below = i == 0 ? here : load(values + 4 * (i - 1));
        const Lanes moved =
            kIndex[i] == at ? all(value) : __builtin_shuffle(below, here, Lanes{3, 4, 5, 6});
        store(values + 4 * i, (kIndex[i] < at) | (kIndex[i] > end) ? here : moved);
        here = below;
    }
}

/// Moves lanes free+1..position one down and puts the value at position; the old lane `free` is
/// lost.
inline void shift_down(std::int64_t* values, std::size_t position, std::size_t free,
                       std::int64_t value) noexcept {
    const Lanes at = all(static_cast<std::int64_t>(position));
    const Lanes start = all(static_cast<std::int64_t>(free));
    Lanes here = load(values);
#pragma GCC unroll 4
    for (std::size_t i = 0; i < kVectors; ++i) {
        const Lanes above = i + 1 == kVectors ? here : load(values + 4 * (i + 1));
        const Lanes moved =
            kIndex[i] == at ? all(value) : __builtin_shuffle(here, above, Lanes{1, 2, 3, 4});
        store(values + 4 * i, (kIndex[i] < start) | (kIndex[i] > at) ? here : moved);
        here = above;
    }
}

}  // namespace

void LevelStore::clear() noexcept {
    for (const Entry& entry : entries_) free_.push_back(entry.chunk);
    entries_.clear();
    if (!limits_.empty()) limits_.assign(kGroup, kNoLimit);
    size_ = 0;
}

/// The only chunk that may hold the key. Needs a chunk. Counts whole groups, then within one: a
/// compare of four limits costs less than a step of a binary search, whose loads wait for each
/// other.
inline std::size_t LevelStore::find_chunk(std::int64_t key) const noexcept {
    const Lanes wanted = all(key);
    Lanes sum = all(0);
    const std::int64_t* const end = groups_.data() + groups_.size();
    for (const std::int64_t* group = groups_.data(); group != end; group += 4) {
        sum += load(group) < wanted;
    }
    const std::size_t first = kGroup * total(sum);
    return first + count_below(limits_.data() + first, key);
}

/// After a change of the directory: the last limits of the groups from that of chunk `from` on.
void LevelStore::index_groups(std::size_t from) noexcept {
    const std::size_t count = (entries_.size() + kGroup - 1) / kGroup;
    groups_.resize((count + 3) / 4 * 4, kNoLimit);
    for (std::size_t i = from / kGroup; i < count; ++i)
        groups_[i] = limits_[kGroup * i + kGroup - 1];
    std::fill(groups_.begin() + static_cast<std::ptrdiff_t>(count), groups_.end(), kNoLimit);
}

/// The first chunk of an empty store, if the level needs it.
bool LevelStore::start(const Level& level) {
    if (level.quantity.is_zero()) return false;
    insert_chunk(0, {take_chunk(), 0}, kNoLimit);
    return true;
}

/// Sets a level of chunk `at`, the only one that may hold the key. True when the directory changed.
inline bool LevelStore::set_in(std::size_t at, std::int64_t key, std::int64_t quantity) {
    Entry& entry = entries_[at];
    Chunk& chunk = pool_[entry.chunk];
    const std::size_t position = count_below(chunk.keys, key);
    const std::size_t slot = std::min(position, kChunk - 1);  // behind the last key: another's slot
    if (chunk.keys[slot] != key) return quantity != 0 && insert(at, position, key, quantity);
    const std::uint32_t was = entry.live & bit(slot);
    const std::uint32_t is = quantity != 0 ? bit(slot) : 0;
    const std::uint32_t live = entry.live ^ was ^ is;
    chunk.quantities[slot] = quantity;
    entry.live = live;
    size_ += std::size_t{is != 0} - std::size_t{was != 0};
    // One branch for both questions: whether a level goes cannot be guessed, that its chunk is left
    // sparse can.
    const std::uint32_t sparse = std::popcount(live) <= kSparse ? kAllSlots : 0;
    if ((was & ~is & sparse) == 0) [[likely]]
        return false;
    return shrink(at);
}

void LevelStore::set(Price price, Quantity quantity) {
    const Level level{price, quantity};
    apply({&level, 1});
}

/// Looks the chunks of a few levels up before it changes them: what an update does cannot be
/// guessed, and so the searches of the next ones are done when a wrong guess is noticed.
void LevelStore::apply(std::span<const Level> levels) {
    constexpr std::size_t kAhead = 16;
    std::array<std::uint32_t, kAhead> chunks;
    while (!levels.empty()) {
        if (size_ == 0 && !start(levels.front())) {
            levels = levels.subspan(1);
            continue;
        }
        const std::size_t count = std::min(levels.size(), kAhead);
        for (std::size_t i = 0; i < count; ++i) {
            chunks[i] = static_cast<std::uint32_t>(find_chunk(sign_ * levels[i].price.raw()));
            __builtin_prefetch(&pool_[entries_[chunks[i]].chunk]);
        }
        std::size_t done = 0;
        bool moved = false;
        while (done < count && !moved) {
            const Level& level = levels[done];
            moved = set_in(chunks[done], sign_ * level.price.raw(), level.quantity.raw());
            ++done;
        }
        levels = levels.subspan(done);
    }
}

/// The key is none of the chunk's; position is how many of them are below. True when the directory
/// changed.
bool LevelStore::insert(std::size_t at, std::size_t position, std::int64_t key,
                        std::int64_t quantity) {
    Entry& entry = entries_[at];
    Chunk& chunk = pool_[entry.chunk];
    const std::uint32_t free = ~entry.live & kAllSlots;
    const std::uint32_t above = free & ~first_slots(position);
    if (above != 0) {
        const std::size_t end = worst_slot(above);
        shift_up(chunk.keys, position, end, key);
        shift_up(chunk.quantities, position, end, quantity);
        entry.live |= bit(end);  // the slots from position up to it were all levels
    } else if (free != 0) {
        const std::size_t start = best_slot(free);
        shift_down(chunk.keys, position - 1, start, key);
        shift_down(chunk.quantities, position - 1, start, quantity);
        entry.live |= bit(start);
    } else {
        insert_beside_full(at, position, key, quantity);
        return true;
    }
    ++size_;
    return false;
}

void LevelStore::insert_beside_full(std::size_t at, std::size_t position, std::int64_t key,
                                    std::int64_t quantity) {
    const bool beyond_best = position == kChunk && at + 1 == entries_.size();
    const bool beyond_worst =
        position == 0 && at == 0;  // a snapshot read best first brings one after the other
    if (beyond_best) {
        limits_[at] = pool_[entries_[at].chunk].keys[kChunk - 1];
        insert_chunk(++at, {take_chunk(), 0}, kNoLimit);
        position = 0;
    } else if (beyond_worst) {
        insert_chunk(0, {take_chunk(), 0}, key);
    } else {
        split(at);
        if (position >= kChunk / 2) {  // above the limit of the lower half
            position -= kChunk / 2;
            ++at;
        }
    }
    insert(at, position, key, quantity);
}

/// After a removal: gives an empty chunk back, or joins it with a neighbour when both fit with room
/// to spare. True when it did.
bool LevelStore::shrink(std::size_t at) noexcept {
    constexpr int kRoomy = 7 * kChunk / 8;
    const auto levels = [this](std::size_t i) { return std::popcount(entries_[i].live); };
    const int count = levels(at);
    if (count == 0) {
        remove_chunk(at);
    } else if (at + 1 < entries_.size() && count + levels(at + 1) <= kRoomy) {
        merge_with_next(at);
    } else if (at > 0 && count + levels(at - 1) <= kRoomy) {
        merge_with_next(at - 1);
    } else {
        return false;
    }
    return true;
}

std::uint32_t LevelStore::take_chunk() {
    std::uint32_t index = 0;
    if (free_.empty()) {
        // A quarter more instead of twice as much: cold books must stay small.
        if (pool_.size() == pool_.capacity()) pool_.reserve(pool_.size() + pool_.size() / 4 + 4);
        index = static_cast<std::uint32_t>(pool_.size());
        pool_.emplace_back();
        free_.reserve(pool_.capacity());  // so that clear() and erase() never allocate
        limits_.reserve(pool_.capacity() + kGroup);
        groups_.reserve(pool_.capacity() / kGroup + 4);
        entries_.reserve(pool_.capacity());
    } else {
        index = free_.back();
        free_.pop_back();
    }
    Chunk& chunk = pool_[index];
    std::fill(std::begin(chunk.keys), std::end(chunk.keys), kUnused);
    return index;
}

void LevelStore::insert_chunk(std::size_t at, Entry entry, std::int64_t limit) {
    if (limits_.empty()) limits_.assign(kGroup, kNoLimit);
    entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(at), entry);
    limits_.insert(limits_.begin() + static_cast<std::ptrdiff_t>(at), limit);
    index_groups(at == 0 ? 0 : at - 1);
}

void LevelStore::remove_chunk(std::size_t at) noexcept {
    free_.push_back(entries_[at].chunk);
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(at));
    limits_.erase(limits_.begin() + static_cast<std::ptrdiff_t>(at));
    if (!entries_.empty()) limits_[entries_.size() - 1] = kNoLimit;
    index_groups(at == 0 ? 0 : at - 1);
}

void LevelStore::split(std::size_t at) {
    const std::uint32_t fresh = take_chunk();
    Chunk& left = pool_[entries_[at].chunk];
    Chunk& right = pool_[fresh];
    constexpr std::uint32_t kHalf = kChunk / 2;
    std::copy_n(left.keys + kHalf, kHalf, right.keys);
    std::copy_n(left.quantities + kHalf, kHalf, right.quantities);
    std::fill(left.keys + kHalf, left.keys + kChunk, kUnused);
    entries_[at].live = first_slots(kHalf);
    const std::int64_t limit = std::exchange(limits_[at], left.keys[kHalf - 1]);
    insert_chunk(at + 1, {fresh, first_slots(kHalf)}, limit);
}

/// Brings the levels to the front of their chunk and forgets the removed ones. How many there are.
std::size_t LevelStore::compact(Entry& entry) noexcept {
    Chunk& chunk = pool_[entry.chunk];
    std::size_t count = 0;
    for (std::uint32_t live = entry.live; live != 0;) {
        const std::size_t slot = worst_slot(live);
        live ^= bit(slot);
        chunk.keys[count] = chunk.keys[slot];
        chunk.quantities[count++] = chunk.quantities[slot];
    }
    std::fill(chunk.keys + count, chunk.keys + kChunk, kUnused);
    entry.live = first_slots(count);
    return count;
}

void LevelStore::merge_with_next(std::size_t at) noexcept {
    Entry& entry = entries_[at];
    const std::size_t mine = compact(entry);
    const std::size_t theirs = compact(entries_[at + 1]);
    Chunk& left = pool_[entry.chunk];
    const Chunk& right = pool_[entries_[at + 1].chunk];
    std::copy_n(right.keys, theirs, left.keys + mine);
    std::copy_n(right.quantities, theirs, left.quantities + mine);
    entry.live = first_slots(mine + theirs);
    limits_[at] = limits_[at + 1];
    remove_chunk(at + 1);
}

bool LevelStore::rescale(std::int64_t price_factor, std::int64_t quantity_factor) noexcept {
    bool fits = true;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        Chunk& chunk = pool_[entries_[i].chunk];
        const std::size_t count = compact(entries_[i]);
        for (std::size_t k = 0; k < count; ++k) {
            fits &= !__builtin_mul_overflow(chunk.keys[k], price_factor, &chunk.keys[k]);
            fits &=
                !__builtin_mul_overflow(chunk.quantities[k], quantity_factor, &chunk.quantities[k]);
        }
        limits_[i] = chunk.keys[count - 1];
    }
    if (!entries_.empty()) limits_[entries_.size() - 1] = kNoLimit;
    index_groups(0);
    if (!fits) clear();
    return fits;
}

}  // namespace parallax::book
