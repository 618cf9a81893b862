#pragma once

#include <array>
#include <deque>
#include <string>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "core/fees.hpp"
#include "sim/engine/book.hpp"
#include "sim/engine/events.hpp"
#include "sim/engine/position.hpp"

namespace parallax::sim_engine {

struct AccountSettings {
    std::string name;
    FeeSchedule fees;
    bool pays_with_discount_asset = false;  ///< such as BNB, as long as the wallet has some
    std::uint32_t self_trade_group = 0;     ///< accounts of one group never trade; 0 = itself alone
    /// Off for the market's own crowd: no private events, no history, no limit of open orders.
    bool watched = true;
    /// Long and short positions are kept apart. Told by fronts, which then take no orders on
    /// perpetuals: positions here are net.
    bool hedge_mode = false;

    template <class Archive>
    void describe(Archive& a) {
        a(name, fees, pays_with_discount_asset, self_trade_group, watched, hedge_mode);
    }
};

/// A fill with the facts every venue shows in its list of fills.
struct Fill {
    std::uint64_t number = 0;  ///< rises over the venue: "fills since"
    UnixNanos time;
    OrderId order;
    ClientId client_id;
    ListingId listing;
    Side side{};
    Execution execution;

    template <class Archive>
    void describe(Archive& a) {
        a(number, time, order, client_id, listing, side);
        Execution& e = execution;
        a(e.trade, e.price, e.quantity, e.quote, e.maker, e.fee, e.fee_asset, e.realised);
    }
};

/// An account's own state; balances are in the Ledger.
struct Account {
    AccountSettings settings;
    std::vector<Position> positions;  ///< by listing
    /// Sum of all positions' booked margins by settle asset.
    std::vector<Amount> margin;
    /// Open orders by listing, oldest first.
    std::vector<std::vector<OrderId>> open;
    std::uint32_t open_total = 0;
    std::vector<std::uint32_t> open_reduce_only;  ///< count by listing
    std::deque<OrderId> closed;  ///< oldest first, only as many as the venue remembers
    std::deque<Fill> fills;

    struct Hash {
        std::size_t operator()(const ClientId& id) const noexcept {
            return std::hash<std::string_view>{}(id.text());
        }
    };
    /// The newest order with each client id that is remembered. Follows from the orders.
    boost::unordered_flat_map<ClientId, OrderId, Hash> by_client_id;

    template <class Archive>
    void describe(Archive& a) {
        a(settings, positions, margin, open, open_total, open_reduce_only, closed, fills);
        std::vector<std::pair<ClientId, OrderId>> ids;
        if constexpr (Archive::kReading) {
            a(ids);
            by_client_id.clear();
            by_client_id.insert(ids.begin(), ids.end());
        } else {
            ids.assign(by_client_id.begin(), by_client_id.end());
            std::sort(ids.begin(), ids.end());
            a(ids);
        }
    }
};

}  // namespace parallax::sim_engine
