#include "book/level_store.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace parallax::book {
namespace {

constexpr std::int64_t kUnused = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kCounted = 16;  ///< directory entries counted without a search
constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

// Four lanes; a chunk's array is four of these. Whole aligned vectors are loaded and stored, so
// that the next update of the same chunk gets its values straight from the store buffer.
using Lanes = std::int64_t __attribute__((vector_size(32)));
constexpr std::size_t kVectors = LevelStore::kChunk / 4;
static_assert(kVectors == 4);

inline Lanes load(const std::int64_t* from) noexcept {
    Lanes lanes;
    std::memcpy(&lanes, __builtin_assume_aligned(from, 32), sizeof lanes);
    return lanes;
}
inline void store(std::int64_t* to, Lanes lanes) noexcept {
    std::memcpy(__builtin_assume_aligned(to, 32), &lanes, sizeof lanes);
}
inline Lanes all(std::int64_t value) noexcept { return Lanes{value, value, value, value}; }
constexpr Lanes kIndex[kVectors] = {{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9, 10, 11}, {12, 13, 14, 15}};

/// How many of a chunk's keys are below `key`: four vector compares, no branch.
inline std::size_t count_below(const std::int64_t* keys, std::int64_t key) noexcept {
    const Lanes wanted = all(key);
    const Lanes sum =
        ((load(keys) < wanted) + (load(keys + 4) < wanted)) +
        ((load(keys + 8) < wanted) + (load(keys + 12) < wanted));  // a true lane is -1
    return static_cast<std::size_t>(-((sum[0] + sum[2]) + (sum[1] + sum[3])));
}

/// Moves lanes position.. one up and puts the value at position; the last lane falls off.
inline void shift_up(std::int64_t* values, std::size_t position, std::int64_t value) noexcept {
    const Lanes at = all(static_cast<std::int64_t>(position));
    Lanes here = load(values + 4 * (kVectors - 1));
#pragma GCC unroll 4
    for (std::size_t i = kVectors; i-- > 0;) {
        const Lanes below = i == 0 ? here : load(values + 4 * (i - 1));
        const Lanes moved =
            kIndex[i] == at ? all(value) : __builtin_shuffle(below, here, Lanes{3, 4, 5, 6});
        store(values + 4 * i, kIndex[i] < at ? here : moved);
        here = below;
    }
}

/// Moves lanes position+1.. one down; `last` comes into the last lane.
inline void shift_down(std::int64_t* values, std::size_t position, std::int64_t last) noexcept {
    const Lanes at = all(static_cast<std::int64_t>(position));
    Lanes here = load(values);
#pragma GCC unroll 4
    for (std::size_t i = 0; i < kVectors; ++i) {
        const Lanes above = i + 1 == kVectors ? all(last) : load(values + 4 * (i + 1));
        store(values + 4 * i,
              kIndex[i] < at ? here : __builtin_shuffle(here, above, Lanes{1, 2, 3, 4}));
        here = above;
    }
}

}  // namespace

void LevelStore::clear() noexcept {
    for (const Entry& entry : entries_) free_.push_back(entry.chunk);
    entries_.clear();
    if (!limits_.empty()) limits_.assign(4, kNoLimit);
    size_ = 0;
}

/// The only chunk that may hold the key. Needs a chunk. Halves the directory while it is long, then
/// counts: a compare of four limits costs less than a step of the search, whose loads wait for each
/// other.
inline std::size_t LevelStore::find_chunk(std::int64_t key) const noexcept {
    const std::int64_t* base = limits_.data();
    std::size_t length = entries_.size();
    while (length > kCounted) {
        const std::size_t half = length / 2;
        base += half & (0 - static_cast<std::size_t>(base[half - 1] < key));
        length -= half;
    }
    const Lanes wanted = all(key);
    Lanes sum = all(0);
    for (std::size_t i = 0; i < length;
         i += 4) {  // the padding behind the last limit is never below
        Lanes limits;
        std::memcpy(&limits, base + i, sizeof limits);
        sum -= limits < wanted;
    }
    return static_cast<std::size_t>(base - limits_.data() +
                                    ((sum[0] + sum[2]) + (sum[1] + sum[3])));
}

inline void LevelStore::set_key(std::int64_t key, std::int64_t quantity) {
    if (size_ == 0) {
        if (quantity == 0) return;
        insert_chunk(0, {take_chunk(), 0}, kNoLimit);
    }
    const std::size_t at = find_chunk(key);
    Chunk& chunk = pool_[entries_[at].chunk];
    const std::size_t position = count_below(chunk.keys, key);
    if (position < entries_[at].count && chunk.keys[position] == key) {
        if (quantity != 0) {
            chunk.quantities[position] = quantity;
        } else {
            erase(at, position);
        }
    } else if (quantity != 0) {
        insert(at, position, key, quantity);
    }
}

void LevelStore::set(Price price, Quantity quantity) {
    set_key(sign_ * price.raw(), quantity.raw());
}

void LevelStore::apply(std::span<const Level> levels) {
    for (const Level& level : levels) set_key(sign_ * level.price.raw(), level.quantity.raw());
}

inline void LevelStore::insert(std::size_t at, std::size_t position, std::int64_t key,
                               std::int64_t quantity) {
    if (__builtin_expect(entries_[at].count == kChunk, 0)) {
        insert_beside_full(at, position, key, quantity);
        return;
    }
    Chunk& chunk = pool_[entries_[at].chunk];
    shift_up(chunk.keys, position, key);
    shift_up(chunk.quantities, position, quantity);
    ++entries_[at].count;
    ++size_;
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

inline void LevelStore::erase(std::size_t at, std::size_t position) noexcept {
    Chunk& chunk = pool_[entries_[at].chunk];
    shift_down(chunk.keys, position, kUnused);
    shift_down(chunk.quantities, position, 0);
    --size_;
    if (--entries_[at].count <= kChunk / 4) shrink(at);
}

/// After an erase: gives an empty chunk back, or joins it with a neighbour when both fit with room
/// to spare.
void LevelStore::shrink(std::size_t at) noexcept {
    constexpr std::uint32_t kRoomy = 7 * kChunk / 8;
    const std::uint32_t count = entries_[at].count;
    if (count == 0) {
        remove_chunk(at);
    } else if (at + 1 < entries_.size() && count + entries_[at + 1].count <= kRoomy) {
        merge_with_next(at);
    } else if (at > 0 && count + entries_[at - 1].count <= kRoomy) {
        merge_with_next(at - 1);
    }
}

std::uint32_t LevelStore::take_chunk() {
    std::uint32_t index = 0;
    if (free_.empty()) {
        // A quarter more instead of twice as much: cold books must stay small.
        if (pool_.size() == pool_.capacity()) pool_.reserve(pool_.size() + pool_.size() / 4 + 4);
        index = static_cast<std::uint32_t>(pool_.size());
        pool_.emplace_back();
        free_.reserve(pool_.capacity());  // so that clear() and erase() never allocate
        limits_.reserve(pool_.capacity() + 4);
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
    if (limits_.empty()) limits_.assign(4, kNoLimit);
    entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(at), entry);
    limits_.insert(limits_.begin() + static_cast<std::ptrdiff_t>(at), limit);
}

void LevelStore::remove_chunk(std::size_t at) noexcept {
    free_.push_back(entries_[at].chunk);
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(at));
    limits_.erase(limits_.begin() + static_cast<std::ptrdiff_t>(at));
    if (!entries_.empty()) limits_[entries_.size() - 1] = kNoLimit;
}

void LevelStore::split(std::size_t at) {
    const std::uint32_t fresh = take_chunk();
    Chunk& left = pool_[entries_[at].chunk];
    Chunk& right = pool_[fresh];
    constexpr std::uint32_t kHalf = kChunk / 2;
    std::copy_n(left.keys + kHalf, kHalf, right.keys);
    std::copy_n(left.quantities + kHalf, kHalf, right.quantities);
    std::fill(left.keys + kHalf, left.keys + kChunk, kUnused);
    entries_[at].count = kHalf;
    insert_chunk(at + 1, {fresh, kHalf}, limits_[at]);
    limits_[at] = left.keys[kHalf - 1];
}

void LevelStore::merge_with_next(std::size_t at) noexcept {
    Entry& entry = entries_[at];
    const Entry next = entries_[at + 1];
    Chunk& left = pool_[entry.chunk];
    const Chunk& right = pool_[next.chunk];
    std::copy_n(right.keys, next.count, left.keys + entry.count);
    std::copy_n(right.quantities, next.count, left.quantities + entry.count);
    entry.count += next.count;
    limits_[at] = limits_[at + 1];
    remove_chunk(at + 1);
}

bool LevelStore::rescale(std::int64_t price_factor, std::int64_t quantity_factor) noexcept {
    bool fits = true;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        Chunk& chunk = pool_[entries_[i].chunk];
        for (std::size_t k = 0; k < entries_[i].count; ++k) {
            fits &= !__builtin_mul_overflow(chunk.keys[k], price_factor, &chunk.keys[k]);
            fits &=
                !__builtin_mul_overflow(chunk.quantities[k], quantity_factor, &chunk.quantities[k]);
        }
        limits_[i] = chunk.keys[entries_[i].count - 1];
    }
    if (!entries_.empty()) limits_[entries_.size() - 1] = kNoLimit;
    if (!fits) clear();
    return fits;
}

}  // namespace parallax::book
