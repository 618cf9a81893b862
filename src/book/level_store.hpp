#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/price.hpp"

namespace parallax::book {

/// One side of an order book: levels in sorted chunks of 16, worst first, best last. Finding a
/// level is a search of the chunk directory without a branch to guess wrong, then four vector
/// compares inside the chunk. A removed level leaves its price behind as a free slot: prices come
/// and go all the time, so most updates of any kind are a search and a store. Only a price not seen
/// lately is inserted, by a shift of the chunk's lanes in registers up to the next free slot.
/// Updating allocates nothing; growing takes a chunk from the pool.
class LevelStore {
public:
    static constexpr std::size_t kChunk = 16;  ///< levels
    static constexpr std::size_t kGroup = 16;  ///< chunks

    explicit LevelStore(Side side) noexcept : sign_{side == Side::Buy ? 1 : -1} {}

    /// Sets the level at price to quantity; 0 removes it (removing an unknown level does nothing).
    /// quantity >= 0.
    void set(Price price, Quantity quantity);
    /// set() for all levels, in their order.
    void apply(std::span<const Level> levels);
    void clear() noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    /// The best level; quantity 0 when empty.
    [[nodiscard]] Level best() const noexcept {
        if (size_ == 0) return {};
        const Entry& last = entries_.back();
        return level(pool_[last.chunk], best_slot(last.live));
    }
    /// Multiplies all prices and quantities, for a finer scale. False when a number does not fit;
    /// the store is cleared then.
    bool rescale(std::int64_t price_factor, std::int64_t quantity_factor) noexcept;
    /// Bytes held, allocated capacity included.
    [[nodiscard]] std::size_t memory_bytes() const noexcept {
        return pool_.capacity() * sizeof(Chunk) +
               (limits_.capacity() + groups_.capacity()) * sizeof(std::int64_t) +
               entries_.capacity() * sizeof(Entry) + free_.capacity() * sizeof(std::uint32_t);
    }

private:
    static constexpr std::uint32_t kAllSlots = (1U << kChunk) - 1;
    /// Keys rise towards the best: price on the bid side, -price on the ask side. Free slots keep
    /// their place in the order: the key of a removed level, or INT64_MAX behind all others. They
    /// rise strictly but for those.
    struct alignas(64) Chunk {
        std::int64_t keys[kChunk];
        std::int64_t quantities[kChunk];
    };
    struct Entry {
        std::uint32_t chunk;  ///< index into pool_
        std::uint32_t live;   ///< slots that hold levels, see bit(); never 0 between calls
    };

public:
    /// Walks from the best level outwards. Valid until the next change of the store.
    class Cursor {
    public:
        Cursor() = default;
        explicit Cursor(const LevelStore& store) noexcept
            : store_{&store}, left_{store.entries_.size()} {
            step_chunk();
        }
        [[nodiscard]] bool done() const noexcept { return live_ == 0; }
        [[nodiscard]] Level operator*() const noexcept {
            return store_->level(*chunk_, best_slot(live_));
        }
        Cursor& operator++() noexcept {
            live_ &= live_ - 1;
            if (live_ == 0) step_chunk();
            return *this;
        }

    private:
        void step_chunk() noexcept {
            if (left_ == 0) return;
            const Entry& entry = store_->entries_[--left_];
            chunk_ = &store_->pool_[entry.chunk];
            live_ = entry.live;
        }
        const LevelStore* store_ = nullptr;
        std::size_t left_ = 0;
        const Chunk* chunk_ = nullptr;
        std::uint32_t live_ = 0;  ///< slots of the chunk still ahead, this one included
    };
    [[nodiscard]] Cursor cursor() const noexcept { return Cursor{*this}; }

    /// Levels best first.
    template <class Archive>
    void describe(Archive& a) {
        if constexpr (Archive::kReading) {
            clear();
            const std::size_t count = a.length(0);
            for (std::size_t i = 0; i < count && a.ok(); ++i) {
                Level level;
                a(level.price, level.quantity);
                set(level.price, level.quantity);
            }
        } else {
            a.length(size_);
            for (Cursor it = cursor(); !it.done(); ++it) {
                const Level level = *it;
                a(level.price, level.quantity);
            }
        }
    }

private:
    /// Slot 0 is the highest bit: taking slots best first is then clearing the lowest bit, again
    /// and again.
    [[nodiscard]] static constexpr std::uint32_t bit(std::size_t slot) noexcept {
        return 1U << (kChunk - 1 - slot);
    }
    /// The slot of the best level among some; at least one.
    [[nodiscard]] static std::size_t best_slot(std::uint32_t live) noexcept {
        return kChunk - 1 - static_cast<std::size_t>(std::countr_zero(live));
    }
    [[nodiscard]] static std::size_t worst_slot(std::uint32_t live) noexcept {
        return kChunk - static_cast<std::size_t>(std::bit_width(live));
    }
    /// Slots 0 to count - 1.
    [[nodiscard]] static constexpr std::uint32_t first_slots(std::size_t count) noexcept {
        return (kAllSlots << (kChunk - count)) & kAllSlots;
    }
    [[nodiscard]] Level level(const Chunk& chunk, std::size_t i) const noexcept {
        return {Price::from_raw(sign_ * chunk.keys[i]), Quantity::from_raw(chunk.quantities[i])};
    }
    bool start(const Level& level);
    bool set_in(std::size_t at, std::int64_t key, std::int64_t quantity);
    void index_groups(std::size_t from) noexcept;
    [[nodiscard]] std::size_t find_chunk(std::int64_t key) const noexcept;
    bool insert(std::size_t at, std::size_t position, std::int64_t key, std::int64_t quantity);
    void insert_beside_full(std::size_t at, std::size_t position, std::int64_t key,
                            std::int64_t quantity);
    bool shrink(std::size_t at) noexcept;
    std::uint32_t take_chunk();
    void insert_chunk(std::size_t at, Entry entry, std::int64_t limit);
    void remove_chunk(std::size_t at) noexcept;
    void split(std::size_t at);
    void merge_with_next(std::size_t at) noexcept;
    std::size_t compact(Entry& entry) noexcept;

    std::int64_t sign_;
    std::size_t size_ = 0;
    std::vector<Chunk> pool_;
    /// Directory, rising: chunk i holds the keys above limits_[i - 1] up to limits_[i]; the last
    /// limit is INT64_MAX. kGroup more of those follow as padding, so that whole groups can be
    /// compared. Limits stay when a chunk's last key goes, so that a search seldom waits for the
    /// change before it.
    std::vector<std::int64_t> limits_;
    std::vector<std::int64_t> groups_;  ///< the last limit of each kGroup, padded likewise
    std::vector<Entry> entries_;        ///< directory: beside limits_
    std::vector<std::uint32_t> free_;
};

}  // namespace parallax::book
