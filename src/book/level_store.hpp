#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/price.hpp"

namespace parallax::book {

/// One side of an order book. Levels lie in chunks of 16 that each own a range of prices; inside a
/// chunk they are in no order, so that changing, adding and removing a level are the same stores
/// into the level's slot or a free one, with nothing for the processor to guess. Order is made when
/// somebody walks: a chunk is sorted when the walk enters it, and stays so until it changes. The
/// best level is kept. Prices are held as 32-bit distances from an origin near the best; what is
/// further away than that (no venue's book, at a sensible scale) lies in a plain sorted array.
/// Updating allocates nothing; growing takes a chunk from the pool.
class LevelStore {
public:
    static constexpr std::size_t kChunk = 16;  ///< levels
    static constexpr std::size_t kGroup = 16;  ///< chunks
    static constexpr std::size_t kBlock = 16;  ///< groups compared at once

    explicit LevelStore(Side side) noexcept : flip_{side == Side::Buy ? 0 : ~std::uint64_t{0}} {}

    /// Sets the level at price to quantity; 0 removes it (removing an unknown level does nothing).
    /// quantity >= 0.
    void set(Price price, Quantity quantity);
    /// set() for all levels, in their order. Quickest when their prices rise or fall throughout, as
    /// venues send them.
    void apply(std::span<const Level> levels);
    void clear() noexcept;
    /// Counts: for reports.
    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    /// The best level; quantity 0 when empty.
    [[nodiscard]] Level best() const noexcept { return best_; }
    /// Multiplies all prices and quantities, for a finer scale. False when a number does not fit;
    /// the store is cleared then. Allocates.
    bool rescale(std::int64_t price_factor, std::int64_t quantity_factor);
    /// Bytes held, allocated capacity included.
    [[nodiscard]] std::size_t memory_bytes() const noexcept {
        return pool_.capacity() * sizeof(Chunk) +
               (limits_.capacity() + groups_.capacity()) * sizeof(std::int32_t) +
               entries_.capacity() * sizeof(Entry) + free_.capacity() * sizeof(std::uint32_t) +
               far_.capacity() * sizeof(Far);
    }

private:
    static constexpr std::uint32_t kAllSlots = (1U << kChunk) - 1;
    static constexpr std::int32_t kNoLimit = std::numeric_limits<std::int32_t>::max();
    /// A level's key is its price on the bid side, the negative price on the ask side: keys rise
    /// towards the best. Chunks hold keys less origin_. What a free slot holds means nothing.
    struct alignas(64) Chunk {
        std::int32_t keys[kChunk];
        std::int64_t quantities[kChunk];
    };
    struct Entry {
        std::uint32_t chunk;  ///< index into pool_
        std::uint32_t live;   ///< bit i: slot i holds a level; never 0 between calls
        /// The slots best first, 4 bits each from the lowest; 0 when it must be found out (again).
        mutable std::uint64_t order;
    };
    struct Far {
        std::int64_t key;
        std::int64_t quantity;
    };

public:
    /// Walks from the best level outwards. Valid until the next change of the store.
    class Cursor {
    public:
        Cursor() = default;
        explicit Cursor(const LevelStore& store) noexcept
            : store_{&store}, chunks_{store.entries_.size()} {
            step_chunk();
        }
        [[nodiscard]] bool done() const noexcept { return left_ == 0; }
        [[nodiscard]] Level operator*() const noexcept {
            if (chunk_ == nullptr) [[unlikely]]
                return store_->level(store_->far_[left_ - 1]);
            return store_->level(*chunk_, order_ % kChunk);
        }
        Cursor& operator++() noexcept {
            order_ /= kChunk;
            if (--left_ == 0) step_chunk();
            return *this;
        }

    private:
        void step_chunk() noexcept {
            if (chunks_ == 0) {  // the far levels come behind the last chunk
                if (chunk_ != nullptr) left_ = store_->far_.size();
                chunk_ = nullptr;
                return;
            }
            const Entry& entry = store_->entries_[--chunks_];
            chunk_ = &store_->pool_[entry.chunk];
            if (entry.order == 0) entry.order = best_first(*chunk_, entry.live);
            order_ = entry.order;
            left_ = static_cast<std::size_t>(std::popcount(entry.live));
        }
        const LevelStore* store_ = nullptr;
        const Chunk* chunk_ = nullptr;
        std::uint64_t order_ = 0;
        std::size_t left_ = 0;    ///< levels of the chunk still ahead, this one included
        std::size_t chunks_ = 0;  ///< chunks still ahead
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
            a.length(size());
            for (Cursor it = cursor(); !it.done(); ++it) {
                const Level level = *it;
                a(level.price, level.quantity);
            }
        }
    }

private:
    [[nodiscard]] std::int64_t key(Price price) const noexcept {
        return static_cast<std::int64_t>((static_cast<std::uint64_t>(price.raw()) ^ flip_) - flip_);
    }
    [[nodiscard]] Level level(const Far& far) const noexcept {
        return {Price::from_raw(key(Price::from_raw(far.key))), Quantity::from_raw(far.quantity)};
    }
    [[nodiscard]] Level level(const Chunk& chunk, std::size_t i) const noexcept {
        return level(Far{origin_ + chunk.keys[i], chunk.quantities[i]});
    }
    [[nodiscard]] bool is_near(std::int64_t key) const noexcept {
        return key >= origin_ + std::numeric_limits<std::int32_t>::min() &&
               key <= origin_ + std::numeric_limits<std::int32_t>::max();
    }
    /// See Entry::order.
    [[nodiscard]] static std::uint64_t best_first(const Chunk& chunk, std::uint32_t live) noexcept;

    bool start(const Level& level);
    // Lanes: one of lanes.hpp, the widest of this processor.
    template <class Lanes>
    void apply_with(std::span<const Level> levels);
    void apply_avx512(std::span<const Level> levels);
    template <class Lanes>
    std::size_t change(const Level* levels, std::size_t count);
    [[nodiscard]] std::size_t simple_part(const Level* levels, std::size_t count) const noexcept;
    template <class Lanes>
    void find_best() noexcept;

    void put(Entry& entry, std::int32_t key, std::int64_t quantity) noexcept;
    bool insert_beside_full(std::size_t at, std::int32_t key, std::int64_t quantity);
    bool join_sparse();
    void grow();
    std::uint32_t take_chunk();
    void insert_chunk(std::size_t at, Entry entry, std::int32_t limit);
    void remove_chunk(std::size_t at) noexcept;
    void index_groups(std::size_t from) noexcept;

    void set_far(std::int64_t key, std::int64_t quantity);
    void gather();
    void centre_on(std::int64_t key);

    std::uint64_t flip_;       ///< all bits set on the ask side: (x ^ flip_) - flip_ is x or -x
    std::int64_t origin_ = 0;  ///< far enough from the ends of the type for any 32-bit distance
    Level best_;
    std::vector<Chunk> pool_;
    /// Directory, rising: chunk i holds the keys above limits_[i - 1] up to limits_[i]; the last
    /// limit is kNoLimit. kGroup more of those follow as padding, so that whole groups can be
    /// compared.
    std::vector<std::int32_t> limits_;
    std::vector<std::int32_t> groups_;  ///< the last limit of each kGroup, padded to kBlock
    std::vector<Entry> entries_;        ///< directory: beside limits_
    std::vector<std::uint32_t> free_;
    std::vector<Far> far_;  ///< levels too much worse than origin_ for 32 bits, rising
};

}  // namespace parallax::book
