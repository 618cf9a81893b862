// What LevelStore does now and then: chunks that split, join, come and go, and levels too far from
// the best for 32 bits.
#include <algorithm>
#include <bit>
#include <cstdlib>
#include <limits>

#include "book/lanes.hpp"
#include "book/level_store.hpp"
#include "core/assert.hpp"

namespace parallax::book {
namespace {

constexpr int kRoomy = 7 * LevelStore::kChunk / 8;  ///< levels of a chunk that is to take some more

using Lanes = lanes::Usual;

/// About half of a full chunk: one of its levels in three parts so.
bool is_half(std::uint32_t slots) noexcept {
    constexpr int kSlack = LevelStore::kChunk / 8;
    return std::abs(std::popcount(slots) - static_cast<int>(LevelStore::kChunk / 2)) <= kSlack;
}

std::size_t slot_of_rank(std::uint64_t order, std::size_t rank) noexcept {
    return order >> (4 * rank) & (LevelStore::kChunk - 1);
}

}  // namespace

void LevelStore::clear() noexcept {
    for (const Entry& entry : entries_) free_.push_back(entry.chunk);
    entries_.clear();
    if (!limits_.empty()) limits_.assign(kGroup, kNoLimit);
    far_.clear();
    best_ = {};
}

/// After a change of the directory: the last limits of the groups from that of chunk `from` on.
void LevelStore::index_groups(std::size_t from) noexcept {
    const std::size_t count = (entries_.size() + kGroup - 1) / kGroup;
    groups_.resize(std::max(kBlock, (count + kBlock - 1) / kBlock * kBlock), kNoLimit);
    for (std::size_t i = from / kGroup; i < count; ++i)
        groups_[i] = limits_[kGroup * i + kGroup - 1];
    std::fill(groups_.begin() + static_cast<std::ptrdiff_t>(count), groups_.end(), kNoLimit);
}

std::uint32_t LevelStore::take_chunk() {
    if (!free_.empty()) {
        const std::uint32_t index = free_.back();
        free_.pop_back();
        return index;
    }
    if (pool_.size() == pool_.capacity()) grow();
    const auto index = static_cast<std::uint32_t>(pool_.size());
    pool_.emplace_back();
    return index;
}

/// Room for a quarter more chunks instead of twice as many: cold books must stay small.
void LevelStore::grow() {
    pool_.reserve(pool_.size() + pool_.size() / 4 + 4);
    free_.reserve(pool_.capacity());  // so that clear() and removals never allocate
    limits_.reserve(pool_.capacity() + kGroup);
    groups_.reserve((pool_.capacity() / kGroup / kBlock + 1) * kBlock);
    entries_.reserve(pool_.capacity());
}

void LevelStore::insert_chunk(std::size_t at, Entry entry, std::int32_t limit) {
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

/// Into a free slot; there is one.
void LevelStore::put(Entry& entry, std::int32_t key, std::int64_t quantity) noexcept {
    const auto slot = static_cast<std::size_t>(std::countr_one(entry.live));
    pool_[entry.chunk].keys[slot] = key;
    pool_[entry.chunk].quantities[slot] = quantity;
    entry.live |= 1U << slot;
    entry.order = 0;
}

/// A new level that belongs into the full chunk `at`. False when chunks were joined to make room
/// instead: search again.
bool LevelStore::insert_beside_full(std::size_t at, std::int32_t key, std::int64_t quantity) {
    if (free_.empty() && pool_.size() == pool_.capacity() && join_sparse()) return false;
    Entry fresh{take_chunk(), 0, 0};
    Chunk& chunk = pool_[entries_[at].chunk];
    // Beyond an end of the book the full chunk stays: a snapshot brings one level after the other.
    if (at == 0 && Lanes::count_less(chunk.keys, key) == 0) {
        put(fresh, key, quantity);
        insert_chunk(0, fresh, key);
        return true;
    }
    const std::int32_t best = Lanes::greatest(chunk.keys, kAllSlots);
    if (at + 1 == entries_.size() && key > best) {
        put(fresh, key, quantity);
        limits_[at] = best;
        insert_chunk(at + 1, fresh, kNoLimit);
        return true;
    }
    // The worse half moves out: both get a copy of everything, and hold their half of it.
    std::uint32_t worse = 0;
    std::int32_t limit = 0;
    for (std::size_t slot = 0; !is_half(worse); ++slot) {
        PLX_ASSERT(slot < kChunk);  // no price comes twice
        limit = chunk.keys[slot];
        worse = kAllSlots & ~Lanes::greater(chunk.keys, limit);
    }
    pool_[fresh.chunk] = chunk;
    fresh.live = worse;
    Entry& full = entries_[at];
    full.live = kAllSlots & ~worse;
    full.order = 0;
    put(key <= limit ? fresh : full, key, quantity);
    insert_chunk(at, fresh, limit);
    return true;
}

/// Joins neighbours that fit into one chunk with room to spare, before the pool grows: chunks do
/// not join as they lose levels. True when it joined any. Grows the pool too when that were few, so
/// that it does not come to this every time.
bool LevelStore::join_sparse() {
    const std::size_t before = entries_.size();
    for (std::size_t at = 0; at + 1 < entries_.size();) {
        const Entry& worse = entries_[at];
        Entry& better = entries_[at + 1];
        if (std::popcount(worse.live) + std::popcount(better.live) > kRoomy) {
            ++at;
            continue;
        }
        const Chunk& chunk = pool_[worse.chunk];
        for (std::uint32_t left = worse.live; left != 0; left &= left - 1) {
            const auto slot = static_cast<std::size_t>(std::countr_zero(left));
            put(better, chunk.keys[slot], chunk.quantities[slot]);
        }
        remove_chunk(at);
    }
    const std::size_t joined = before - entries_.size();
    if (joined > 0 && joined <= before / 8) grow();
    return joined > 0;
}

/// Sets a level that is not near. A better one moves the origin.
void LevelStore::set_far(std::int64_t key, std::int64_t quantity) {
    if (key > origin_) {
        if (quantity == 0) return;
        gather();
        far_.push_back({key, quantity});
        centre_on(key);
        return;
    }
    const auto at = std::lower_bound(far_.begin(), far_.end(), key,
                                     [](const Far& far, std::int64_t k) { return far.key < k; });
    const bool known = at != far_.end() && at->key == key;
    if (known && quantity == 0) {
        far_.erase(at);
    } else if (known) {
        at->quantity = quantity;
    } else if (quantity != 0) {
        far_.insert(at, {key, quantity});
    }
}

/// Moves all levels to far_.
void LevelStore::gather() {
    far_.reserve(size() + 1);
    for (const Entry& entry : entries_) {
        const Chunk& chunk = pool_[entry.chunk];
        const std::uint64_t order = best_first(chunk, entry.live);
        for (auto rank = static_cast<std::size_t>(std::popcount(entry.live)); rank-- > 0;) {
            const std::size_t slot = slot_of_rank(order, rank);
            far_.push_back({origin_ + chunk.keys[slot], chunk.quantities[slot]});
        }
        free_.push_back(entry.chunk);
    }
    entries_.clear();
    if (!limits_.empty()) limits_.assign(kGroup, kNoLimit);
}

/// Moves the origin to `key`, which no level is better than, and what is near it then from far_ to
/// chunks. There are no chunks yet.
void LevelStore::centre_on(std::int64_t key) {
    using Wide = std::numeric_limits<std::int64_t>;
    using Near = std::numeric_limits<std::int32_t>;
    origin_ = std::clamp(key, Wide::min() - std::int64_t{Near::min()},
                         Wide::max() - std::int64_t{Near::max()});
    const auto first =
        std::find_if(far_.begin(), far_.end(), [this](const Far& far) { return is_near(far.key); });
    for (auto next = first; next != far_.end();) {
        Entry fresh{take_chunk(), 0, 0};
        std::int32_t limit = 0;
        while (next != far_.end() && std::popcount(fresh.live) < kRoomy) {
            limit = static_cast<std::int32_t>(next->key - origin_);
            put(fresh, limit, next->quantity);
            ++next;
        }
        insert_chunk(entries_.size(), fresh, next == far_.end() ? kNoLimit : limit);
    }
    far_.erase(first, far_.end());
    far_.shrink_to_fit();
}

bool LevelStore::rescale(std::int64_t price_factor, std::int64_t quantity_factor) {
    gather();
    bool fits = true;
    for (Far& level : far_) {
        fits &= !__builtin_mul_overflow(level.key, price_factor, &level.key);
        fits &= !__builtin_mul_overflow(level.quantity, quantity_factor, &level.quantity);
    }
    if (!fits) {
        clear();
    } else if (!far_.empty()) {
        centre_on(far_.back().key);
    }
    const Cursor first = cursor();
    best_ = first.done() ? Level{} : *first;
    return fits;
}

}  // namespace parallax::book
