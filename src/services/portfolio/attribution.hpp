#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/amount.hpp"
#include "core/instrument.hpp"
#include "messages/portfolio.hpp"
#include "messages/trade.hpp"
#include "ports/reservations.hpp"
#include "services/portfolio/marks.hpp"
#include "services/portfolio/wide.hpp"

namespace parallax::portfolio {

/// What a plan's trades change: an amount of an asset, or the size of a derivative position.
struct ItemKey {
    bool position = false;
    std::uint32_t id = 0;  ///< AssetId or InstrumentId
    static ItemKey of(AssetId asset) noexcept { return {false, asset.raw()}; }
    static ItemKey of(InstrumentId instrument) noexcept { return {true, instrument.raw()}; }
    friend bool operator==(const ItemKey&, const ItemKey&) = default;
    template <class Archive>
    void describe(Archive& a) {
        a(position, id);
    }
};

/// One item of one plan. `booked` is written by the ledger alone, the rest by fills and events
/// alone: that the two agree is what the residual proves.
struct Item {
    ItemKey key;
    bool bought_or_sold = false;  ///< the base of a trade, not only its money
    bool paid_in = false;         ///< the money of a trade
    Amount
        opening;  ///< mark when the plan first met it: value of one unit in the plan's value asset
    Amount traded;    ///< by fills
    Amount fees;      ///< paid in this asset
    Wide fees_value;  ///< each fee at the mark of its moment
    Amount funding;   ///< received
    Wide funding_value;
    Amount transfer_fees;      ///< paid for moving it between wallets
    Wide transfer_fees_value;  ///< each at the mark of its moment
    Amount booked;  ///< by ledger entries that cross between us and the world, and by the position
                    ///< store
    template <class Archive>
    void describe(Archive& a) {
        a(key, bought_or_sold, paid_in, opening, traded, fees, fees_value, funding, funding_value,
          transfer_fees, transfer_fees_value, booked);
    }
};

/// Fills of one plan on one leg, instrument and side, by entry orders or later ones.
struct TradeSum {
    std::uint8_t leg = 0;
    bool entry = false;
    Side side = Side::Buy;
    InstrumentId instrument;
    Amount quantity;
    Amount cash;  ///< signed: what the trade brought in its money
    template <class Archive>
    void describe(Archive& a) {
        a(leg, entry, side, instrument, quantity, cash);
    }
};

/// What one order holds back at the most it can take: its worst case and fee (I5). Created before
/// the order is sent; fills are paid out of it, what they do not need any more is given back after
/// each; gone with the order's end.
struct Reservation {
    ClientOrderId order;
    Market wallet{};
    AssetId asset;
    Amount amount;  ///< held now
    Amount needed;  ///< worst case and fee of what is left of the order; more than `amount` only
                    ///< when a venue took more than the worst case
    bool sent = false;  ///< the order has left
    [[nodiscard]] Amount missing() const noexcept { return needed - amount; }
    template <class Archive>
    void describe(Archive& a) {
        a(order, wallet, asset, amount, needed, sent);
    }
};

/// What a plan holds back, did and cost. Lives from its first reservation or order until it is
/// settled.
struct PlanAccount {
    PlanId plan;
    AssetId value_asset;  ///< none until something has to be valued
    std::vector<Reservation> reservations;
    std::vector<Item> items;
    std::vector<TradeSum> trades;
    std::vector<ClientOrderId> orders;

    void clear() noexcept;
    [[nodiscard]] Reservation* reservation(ClientOrderId order) noexcept;
    [[nodiscard]] Item* find(ItemKey key) noexcept;
    [[nodiscard]] TradeSum& trade(std::uint8_t leg, bool entry, InstrumentId instrument, Side side);
    template <class Archive>
    void describe(Archive& a) {
        a(plan, value_asset, reservations, items, trades, orders);
    }
};

/// The two items a trade on an instrument exchanges: base and quote on spot, position and settle
/// asset otherwise.
struct TradedItems {
    ItemKey thing;
    ItemKey money;
};
[[nodiscard]] TradedItems traded_items(const Instrument& listing) noexcept;

/// The item, with its mark taken now if it is new. `hint` is a price of `listing` to fall back on.
Item& touch(PlanAccount& account, ItemKey key, Marks& marks, const Universe& universe,
            const Instrument* listing, Price hint);

struct Settlement {
    messages::Attribution attribution;
    bool exact = false;  ///< the parts add up to the realised profit in exact arithmetic, before
                         ///< any rounding
    bool stale = false;  ///< a closing mark was stale
};

/// Splits a plan's profit; see README.md for the identity. `legs` may be empty (fills after the
/// plan's end).
[[nodiscard]] Settlement settle(PlanAccount& account, std::span<const messages::PlanLeg> legs,
                                UnixNanos time, Marks& marks, const Universe& universe);

}  // namespace parallax::portfolio
