#pragma once

#include <cstdint>

#include "core/ids.hpp"
#include "core/price.hpp"
#include "core/time.hpp"
#include "messages/trade.hpp"
#include "orders/fill_filter.hpp"

namespace parallax::trading {

/// Held -> Pending -> Accepted -> Done | Rejected, with Unknown in between while the venue owes an
/// answer. Fills come in any state, twice, late, in any order; a Done that overtook its fills takes
/// effect with the last of them. Nothing leaves Done and Rejected; a late fill only adds to the
/// count.
enum class OrderState : std::uint8_t {
    Held,      ///< approved and reserved, not sent: a later leg of a sequential plan
    Pending,   ///< sent, no word yet
    Accepted,  ///< in the venue's hands
    Unknown,   ///< timed out: resolved by Query only, never sent again
    Done,      ///< ended; what is filled is filled
    Rejected,  ///< never was in the book
};

/// What an event did to an order.
struct Step {
    Quantity fresh;      ///< newly filled
    bool moved = false;  ///< the state changed
};

struct Order {
    ClientOrderId id;
    InstrumentId instrument;
    Side side{};
    messages::Purpose purpose{};
    messages::TimeInForce time_in_force{};
    OrderState state = OrderState::Held;
    std::uint8_t leg = 0;
    bool cancelled = false;  ///< we asked for its end
    bool ended = false;      ///< Done came, but not yet all the fills it counts: as good as open
    bool reduce_only = false;
    std::uint8_t queries = 0;  ///< asked about since sent, or since Done
    Price price;
    Quantity quantity;
    UnixNanos due;  ///< next time to act on silence: timeout, query or end of a chase
    orders::FillFilter fills;

    /// Until its end is known it may fill, and counts as open.
    [[nodiscard]] bool live() const noexcept {
        return state == OrderState::Pending || state == OrderState::Accepted ||
               state == OrderState::Unknown;
    }
    [[nodiscard]] Step apply(const messages::OrderEvent& event) noexcept {
        using Kind = messages::OrderEventKind;
        Step step;
        if (event.kind == Kind::Filled) {
            step.fresh = fills.accept(event.trade_id, event.quantity, event.cumulative);
            // Nothing can follow a full fill, or the last one that Done had promised.
            if (live() && (fills.filled() >= quantity || (ended && !fills.missing()))) {
                step.moved = move(OrderState::Done);
            } else if (state == OrderState::Pending) {
                step.moved = move(OrderState::Accepted);
            }
            return step;
        }
        if (!live()) return step;
        switch (event.kind) {
            case Kind::Accepted:
                step.moved = move(OrderState::Accepted);
                break;
            case Kind::Done:
                ended = true;
                queries = 0;
                fills.expect(event.cumulative);
                step.moved = move(fills.missing() ? OrderState::Accepted : OrderState::Done);
                break;
            case Kind::Unknown:
                step.moved = move(OrderState::Unknown);
                break;
            case Kind::Rejected:
            case Kind::NotFound:
                step.moved = move(OrderState::Rejected);
                break;
            case Kind::Filled:
                break;
        }
        return step;
    }
    /// Silence. An order that is over but still lacks fills is asked about thrice; then those count
    /// as late fills. True when there is something to ask.
    [[nodiscard]] bool doubt() noexcept {
        constexpr std::uint8_t kPatience = 3;
        if (ended && queries >= kPatience) {
            state = OrderState::Done;
            return false;
        }
        if (queries < UINT8_MAX) ++queries;
        state = OrderState::Unknown;
        return true;
    }
    void rescale(std::int64_t prices, std::int64_t quantities) noexcept {
        price = Price::from_raw(price.raw() * prices);
        quantity = Quantity::from_raw(quantity.raw() * quantities);
        fills.rescale(quantities);
    }
    template <class Archive>
    void describe(Archive& a) {
        a(id, instrument, side, purpose, time_in_force, state, leg, cancelled, ended, reduce_only,
          queries, price, quantity, due, fills);
    }

private:
    bool move(OrderState to) noexcept {
        const bool changed = state != to;
        state = to;
        return changed;
    }
};

}  // namespace parallax::trading
