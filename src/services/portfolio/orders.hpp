#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <span>
#include <type_traits>
#include <vector>

#include "core/archive.hpp"
#include "core/ids.hpp"
#include "core/instrument.hpp"
#include "core/price.hpp"
#include "core/time.hpp"
#include "messages/trade.hpp"
#include "orders/fill_filter.hpp"
#include "services/portfolio/slot_map.hpp"

namespace parallax::portfolio {

/// An order and what of it has been booked.
struct Order {
    InstrumentId instrument;
    SymbolId symbol;
    Side side = Side::Buy;
    messages::Purpose purpose{};
    bool reduce_only = false;
    bool ended = false;  ///< the venue said so, but fills it counts have not come yet: still open
    Price price;         ///< limit
    Quantity ordered;    ///< 0 for an order nobody asked for
    std::uint64_t placing = 0;  ///< number of its placing among all, from 1
    std::uint64_t closing = 0;  ///< number of its closing among all, from 1; 0 while it is open
    UnixNanos closed_at;
    orders::FillFilter fills;

    [[nodiscard]] bool closed() const noexcept { return closing != 0; }
    [[nodiscard]] Quantity left() const noexcept {
        return std::max(ordered - fills.filled(), Quantity{});
    }
    void clear() noexcept;
    template <class Archive>
    void describe(Archive& a) {
        a(instrument, symbol, side, purpose, reduce_only, ended, price, ordered, placing, closing,
          closed_at, fills);
    }
};

enum class FillVerdict : std::uint8_t {
    Book,
    Duplicate,  ///< seen already, by trade id or by cumulative quantity (I7)
    Malformed,  ///< contradicts itself or its order: cannot be booked
    Expired,    ///< its order closed so long ago that nobody can tell whether it is new
};

struct FillDecision {
    FillVerdict verdict{};
    Order* order = nullptr;  ///< with Book
    Quantity quantity{};     ///< the part not booked so far
    bool late = false;       ///< after its order's end: legal
    bool oversize =
        false;  ///< more than ordered, or never ordered (I8): a fact, but the venue's fault
};

/// All open orders and those closed lately: decides for each fill what of it is new. Memory is
/// bounded by the open orders plus `closed_kept`. Client order ids rise, so what is missing at or
/// below the highest forgotten id was forgotten.
class OrderRegistry {
public:
    OrderRegistry(std::size_t closed_kept, Nanos retention) noexcept
        : closed_kept_{closed_kept}, retention_{retention} {}

    /// False when the id is known already.
    bool place(const messages::OrderRequest& request, SymbolId symbol);
    /// Decides and marks as booked. An id never seen is adopted as an order of quantity 0.
    FillDecision accept(const messages::OrderEvent& fill, SymbolId symbol, UnixNanos now);
    /// The venue counts `cumulative` as filled and nothing more. True when all of that has come, so
    /// that the order can be closed.
    bool end(ClientOrderId id, Quantity cumulative) noexcept;
    /// The order is over; late fills are still recognised for a while. True when it was open.
    bool close(ClientOrderId id, UnixNanos now);
    void forget_old(UnixNanos now);
    /// Nobody was there for so long: memory of closed orders lasts that much longer, for their
    /// fills are about to be told again.
    void slept(Nanos asleep);
    void rescale(const Rescale& change);

    [[nodiscard]] const Order* find(ClientOrderId id) const noexcept {
        return orders_.find(id.raw());
    }
    [[nodiscard]] std::size_t size() const noexcept { return orders_.size(); }
    [[nodiscard]] std::size_t open() const noexcept { return open_.size(); }
    [[nodiscard]] std::span<const std::uint64_t> open_ids() const noexcept { return open_; }
    /// How many were ever placed.
    [[nodiscard]] std::uint64_t placed() const noexcept { return placed_; }

    /// The state hash of thousands of closed orders is kept as a sum of theirs, for it is taken
    /// often and they hardly ever change. A snapshot read computes it anew from what it read.
    template <class Archive>
    void describe(Archive& a) {
        if constexpr (std::is_same_v<Archive, StateHasher>) {
            a(open_, closed_digest_, forgotten_, placed_, closed_count_);
            for (const std::uint64_t id : open_) a(*orders_.find(id));
        } else {
            a(orders_, closed_, forgotten_, placed_, closed_count_);
            if constexpr (Archive::kReading) rebuild();
        }
    }

private:
    void rebuild();

    std::size_t closed_kept_;
    Nanos retention_;
    SlotMap<Order> orders_;
    std::vector<std::uint64_t> open_;   ///< ids, rising
    std::deque<std::uint64_t> closed_;  ///< ids in order of closing
    std::uint64_t placed_ = 0;          ///< ever
    std::uint64_t closed_count_ = 0;    ///< ever
    std::uint64_t closed_digest_ = 0;   ///< sum of the hashes of closed orders
    std::uint64_t forgotten_ = 0;
};

}  // namespace parallax::portfolio
