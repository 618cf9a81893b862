#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/amount.hpp"
#include "core/ids.hpp"
#include "core/prefetch.hpp"
#include "core/price.hpp"
#include "core/time.hpp"
#include "messages/trade.hpp"
#include "orders/fill_filter.hpp"

namespace parallax::risk {

/// What an order may still do to our exposure. All parts are exactly zero once nothing of it is
/// left.
struct InFlight {
    Amount base;   ///< base units
    Amount quote;  ///< quote units, spot only
    Amount value;  ///< value units
    friend constexpr bool operator==(const InFlight&, const InFlight&) = default;
    template <class Archive>
    void describe(Archive& a) {
        a(base, quote, value);
    }
};

/// An order the gate let through.
struct OrderRecord {
    ClientOrderId id;
    InstrumentId instrument;
    Side side{};
    messages::Purpose purpose{};
    bool open = true;
    Price price;
    Quantity quantity;
    UnixNanos unknown_since;  ///< known() while the venue owes us an answer
    InFlight in_flight;
    orders::FillFilter fills;
    [[nodiscard]] Quantity remaining() const noexcept {
        return open ? std::max(quantity - fills.filled(), Quantity{}) : Quantity{};
    }
    template <class Archive>
    void describe(Archive& a) {
        a(instrument, side, purpose, open, price, quantity, unknown_since, in_flight, fills);
    }
};

/// Orders by client id in fixed memory. Closed orders stay for their late and repeated fills until
/// their place is needed, oldest first. Never allocates after construction.
class OrderTable {
public:
    static constexpr std::size_t kCapacity = 1024;

    OrderTable()
        : records_(kCapacity), index_(kIndex, 0), closed_(kCapacity, 0), free_(kCapacity, 0) {
        for (std::size_t i = 0; i < kCapacity; ++i)
            free_[i] = static_cast<std::uint32_t>(kCapacity - 1 - i);
    }
    [[nodiscard]] OrderRecord* find(ClientOrderId id) noexcept {
        for (std::size_t i = home(id);; i = next(i)) {
            if (index_[i] == 0) return nullptr;
            OrderRecord& record = records_[index_[i] - 1];
            if (record.id == id) return &record;
        }
    }
    [[nodiscard]] bool full() const noexcept { return open_ == kCapacity; }
    [[nodiscard]] std::size_t open_count() const noexcept { return open_; }
    /// A record of an id that is not in the table; not full(). The caller sets what the order says.
    OrderRecord& insert(ClientOrderId id) noexcept {
        if (free_count_ == 0) evict_oldest();
        const std::uint32_t place = free_[--free_count_];
        OrderRecord& record = records_[place];
        record.id = id;
        record.open = true;
        record.unknown_since = UnixNanos{};
        record.fills.reset();
        link(place);
        ++open_;
        return record;
    }
    /// While nothing waits for it: forgets the oldest closed orders before their places are needed,
    /// and fetches the next ones. New orders would have to wait for memory otherwise.
    void make_room() noexcept {
        if (free_count_ >= kReady) return;
        while (free_count_ < kReady && closed_count_ > 0) evict_oldest();
        for (std::size_t i = free_count_ - std::min(free_count_, kReady / 2); i < free_count_; ++i)
            prefetch(records_[free_[i]]);
    }
    /// Nothing more is expected of it, but it may still come.
    void close(OrderRecord& record) noexcept {
        record.open = false;
        --open_;
        closed_[(closed_first_ + closed_count_++) % kCapacity] = place_of(record);
    }
    /// Forgets an open order that was never sent.
    void erase(OrderRecord& record) noexcept {
        --open_;
        drop(place_of(record));
    }
    template <class F>
    void for_each_open(F&& f) {
        if (open_ == 0) return;
        for (OrderRecord& record : records_) {
            if (record.id.valid() && record.open) f(record);
        }
    }
    template <class F>
    void for_each(F&& f) {
        for (OrderRecord& record : records_) {
            if (record.id.valid()) f(record);
        }
    }
    template <class Archive>
    void describe(Archive& a) {
        a(open_, free_count_, closed_first_, closed_count_, free_, closed_);
        if constexpr (Archive::kReading) index_.assign(kIndex, 0);
        for (std::uint32_t place = 0; place < kCapacity; ++place) {
            OrderRecord& record = records_[place];
            std::uint64_t id = record.id.raw();
            a(id);
            if constexpr (Archive::kReading) {
                record = OrderRecord{};
                record.id = ClientOrderId::from_raw(id);
            }
            if (id == 0) continue;
            a(record);
            if constexpr (Archive::kReading) link(place);
        }
    }

private:
    static constexpr std::size_t kIndex = 4 * kCapacity;
    static constexpr std::uint64_t kReady = 8;  ///< places, for the orders of a few plans
    static std::size_t home(ClientOrderId id) noexcept {
        return static_cast<std::size_t>(id.raw() * 0x9E3779B97F4A7C15ULL >>
                                        (64 - std::bit_width(kIndex - 1)));
    }
    static std::size_t next(std::size_t i) noexcept { return (i + 1) % kIndex; }
    [[nodiscard]] std::uint32_t place_of(const OrderRecord& record) const noexcept {
        return static_cast<std::uint32_t>(&record - records_.data());
    }
    void link(std::uint32_t place) noexcept {
        std::size_t i = home(records_[place].id);
        while (index_[i] != 0) i = next(i);
        index_[i] = static_cast<std::uint16_t>(place + 1);
    }
    /// Linear probing without tombstones: followers of the gap move up.
    void unlink(std::uint32_t place) noexcept {
        std::size_t gap = home(records_[place].id);
        while (index_[gap] != place + 1) gap = next(gap);
        for (std::size_t i = next(gap); index_[i] != 0; i = next(i)) {
            const std::size_t wanted = home(records_[index_[i] - 1].id);
            if ((i - wanted) % kIndex >= (i - gap) % kIndex) {
                index_[gap] = index_[i];
                gap = i;
            }
        }
        index_[gap] = 0;
    }
    void drop(std::uint32_t place) noexcept {
        unlink(place);
        records_[place].id = ClientOrderId{};
        free_[free_count_++] = place;
    }
    void evict_oldest() noexcept {
        drop(closed_[closed_first_]);
        closed_first_ = (closed_first_ + 1) % kCapacity;
        --closed_count_;
    }

    std::vector<OrderRecord> records_;
    std::vector<std::uint16_t> index_;   ///< place + 1; 0 = empty
    std::vector<std::uint32_t> closed_;  ///< ring of closed places, oldest first
    std::vector<std::uint32_t> free_;    ///< stack of free places
    std::uint64_t open_ = 0;
    std::uint64_t free_count_ = kCapacity;
    std::uint64_t closed_first_ = 0;
    std::uint64_t closed_count_ = 0;
};

}  // namespace parallax::risk
