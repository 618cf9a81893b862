#include "book/level_store.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace parallax::book {
namespace {

constexpr std::int64_t kUnused = std::numeric_limits<std::int64_t>::max();
using Lanes = std::int64_t __attribute__((vector_size(32)));

/// How many of the 32 keys are below `key`: eight vector compares, no branch.
inline std::size_t count_below(const std::int64_t* keys, std::int64_t key) noexcept {
    const Lanes wanted = {key, key, key, key};
    Lanes sum = {0, 0, 0, 0};
    for (std::size_t i = 0; i < LevelStore::kChunk; i += 4) {
        Lanes lanes;
        std::memcpy(&lanes, keys + i, sizeof lanes);
        sum -= lanes < wanted;  // a true lane is -1
    }
    return static_cast<std::size_t>(sum[0] + sum[1] + sum[2] + sum[3]);
}

}  // namespace

void LevelStore::clear() noexcept {
    for (const std::uint32_t chunk : order_) free_.push_back(chunk);
    order_.clear();
    lasts_.clear();
    size_ = 0;
    hint_ = 0;
}

inline std::size_t LevelStore::find_chunk(std::int64_t key) noexcept {
    const std::size_t chunks = lasts_.size();
    if (hint_ < chunks && key <= lasts_[hint_] && (hint_ == 0 || lasts_[hint_ - 1] < key)) return hint_;
    // The chunk whose largest key is the first at or above `key`; keys beyond the best go to the last chunk.
    const std::int64_t* base = lasts_.data();
    std::size_t length = chunks;
    while (length > 1) {
        const std::size_t half = length / 2;
        base += base[half - 1] < key ? half : 0;
        length -= half;
    }
    return hint_ = static_cast<std::size_t>(base - lasts_.data());
}

void LevelStore::set_key(std::int64_t key, std::int64_t quantity) {
    if (size_ == 0) {
        if (quantity == 0) return;
        const std::uint32_t chunk = take_chunk();
        insert_chunk(0, chunk, key);
        pool_[chunk].keys[0] = key;
        pool_[chunk].quantities[0] = quantity;
        pool_[chunk].count = 1;
        size_ = 1;
        return;
    }
    const std::size_t at = find_chunk(key);
    Chunk& chunk = pool_[order_[at]];
    const std::size_t position = count_below(chunk.keys, key);
    if (position < chunk.count && chunk.keys[position] == key) {
        if (quantity != 0) {
            chunk.quantities[position] = quantity;
        } else {
            erase(at, position);
        }
    } else if (quantity != 0) {
        insert(at, position, key, quantity);
    }
}

void LevelStore::insert(std::size_t at, std::size_t position, std::int64_t key, std::int64_t quantity) {
    if (pool_[order_[at]].count == kChunk) {
        if (position == kChunk && at + 1 == order_.size()) {  // a new best beyond a full chunk: start the next one
            const std::uint32_t fresh = take_chunk();
            insert_chunk(at + 1, fresh, key);
            ++at;
            position = 0;
        } else if (position == 0 && at == 0) {  // a new worst level, as a snapshot read best first brings them
            insert_chunk(0, take_chunk(), key);
        } else {
            split(at);
            const std::size_t left = pool_[order_[at]].count;
            if (position > left) {
                position -= left;
                ++at;
            }
        }
        hint_ = at;
    }
    Chunk& chunk = pool_[order_[at]];
    const std::size_t behind = (chunk.count - position) * sizeof(std::int64_t);
    std::memmove(chunk.keys + position + 1, chunk.keys + position, behind);
    std::memmove(chunk.quantities + position + 1, chunk.quantities + position, behind);
    chunk.keys[position] = key;
    chunk.quantities[position] = quantity;
    ++chunk.count;
    lasts_[at] = chunk.keys[chunk.count - 1];
    ++size_;
}

void LevelStore::erase(std::size_t at, std::size_t position) noexcept {
    Chunk& chunk = pool_[order_[at]];
    const std::size_t behind = (chunk.count - position - 1) * sizeof(std::int64_t);
    std::memmove(chunk.keys + position, chunk.keys + position + 1, behind);
    std::memmove(chunk.quantities + position, chunk.quantities + position + 1, behind);
    --chunk.count;
    chunk.keys[chunk.count] = kUnused;
    --size_;
    if (chunk.count == 0) {
        remove_chunk(at);
        return;
    }
    lasts_[at] = chunk.keys[chunk.count - 1];
    if (chunk.count <= kChunk / 2) {
        if (at + 1 < order_.size() && chunk.count + pool_[order_[at + 1]].count <= 7 * kChunk / 8) {
            merge_with_next(at);
        } else if (at > 0 && chunk.count + pool_[order_[at - 1]].count <= 7 * kChunk / 8) {
            merge_with_next(at - 1);
        }
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
    } else {
        index = free_.back();
        free_.pop_back();
    }
    Chunk& chunk = pool_[index];
    std::fill(std::begin(chunk.keys), std::end(chunk.keys), kUnused);
    chunk.count = 0;
    return index;
}

void LevelStore::insert_chunk(std::size_t at, std::uint32_t chunk, std::int64_t last) {
    order_.insert(order_.begin() + static_cast<std::ptrdiff_t>(at), chunk);
    lasts_.insert(lasts_.begin() + static_cast<std::ptrdiff_t>(at), last);
}

void LevelStore::remove_chunk(std::size_t at) noexcept {
    free_.push_back(order_[at]);
    order_.erase(order_.begin() + static_cast<std::ptrdiff_t>(at));
    lasts_.erase(lasts_.begin() + static_cast<std::ptrdiff_t>(at));
    hint_ = at < order_.size() ? at : at - (at > 0 ? 1 : 0);
}

void LevelStore::split(std::size_t at) {
    const std::uint32_t fresh = take_chunk();
    Chunk& left = pool_[order_[at]];
    Chunk& right = pool_[fresh];
    constexpr std::size_t kHalf = kChunk / 2;
    std::copy_n(left.keys + kHalf, kHalf, right.keys);
    std::copy_n(left.quantities + kHalf, kHalf, right.quantities);
    std::fill(left.keys + kHalf, left.keys + kChunk, kUnused);
    left.count = kHalf;
    right.count = kHalf;
    insert_chunk(at + 1, fresh, right.keys[kHalf - 1]);
    lasts_[at] = left.keys[kHalf - 1];
}

void LevelStore::merge_with_next(std::size_t at) noexcept {
    Chunk& left = pool_[order_[at]];
    const Chunk& right = pool_[order_[at + 1]];
    std::copy_n(right.keys, right.count, left.keys + left.count);
    std::copy_n(right.quantities, right.count, left.quantities + left.count);
    left.count += right.count;
    lasts_[at] = left.keys[left.count - 1];
    remove_chunk(at + 1);
    hint_ = at;
}

bool LevelStore::rescale(std::int64_t price_factor, std::int64_t quantity_factor) noexcept {
    bool fits = true;
    for (std::size_t i = 0; i < order_.size(); ++i) {
        Chunk& chunk = pool_[order_[i]];
        for (std::size_t k = 0; k < chunk.count; ++k) {
            fits &= !__builtin_mul_overflow(chunk.keys[k], price_factor, &chunk.keys[k]);
            fits &= !__builtin_mul_overflow(chunk.quantities[k], quantity_factor, &chunk.quantities[k]);
        }
        lasts_[i] = chunk.keys[chunk.count - 1];
    }
    if (!fits) clear();
    return fits;
}

}  // namespace parallax::book
