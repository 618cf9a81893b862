#pragma once

#include <cstdint>
#include <variant>

#include "core/amount.hpp"
#include "core/price.hpp"
#include "core/time.hpp"
#include "sim/engine/order.hpp"
#include "sim/engine/types.hpp"

namespace parallax::sim_engine {

// --- Public ---

struct TradePrint {
    ListingId listing;
    TradeId trade;
    Price price;
    Quantity quantity;
    Side aggressor{};
    bool liquidation = false;
    OrderId maker, taker;
};

/// A price level has changed. Quantities are absolute, 0 = no such level.
struct LevelChange {
    ListingId listing;
    Side side{};
    Price price;
    Quantity before, after;
    std::uint32_t orders = 0;  ///< at the level, after
    std::uint64_t update = 0;  ///< number of this change in its book
};

/// After each request that changed it. A missing side has quantity 0.
struct BestChange {
    ListingId listing;
    Level bid, ask;
    std::uint64_t update = 0;  ///< of the book's last change

    template <class Archive>
    void describe(Archive& a) {
        a(listing, bid, ask, update);
    }
};

struct MarkChange {
    ListingId listing;
    Price index, mark;
    Rate funding_rate;  ///< predicted for the running interval
    UnixNanos next_funding;
};

struct ListingChange {
    ListingId listing;
    ListingState state{};
};

// --- Private ---

enum class OrderChange : std::uint8_t { Accepted, Rejected, Filled, Closed, Amended };

/// One fill as its owner sees it.
struct Execution {
    TradeId trade;
    Price price;
    Quantity quantity;
    Amount quote;  ///< price x quantity
    bool maker = false;
    Amount fee;  ///< positive = paid
    AssetId fee_asset;
    Amount realised;  ///< profit, perpetuals
};

/// The order as it is after the change: status and cumulative quantities are in it.
struct OrderUpdate {
    OrderChange change{};
    Reject reject{};  ///< Rejected; the order then has no id
    Order order;
    Execution execution;  ///< Filled
};

enum class BalanceReason : std::uint8_t { Order, Funding, Liquidation, Movement };
struct BalanceChange {
    AccountId account;
    Wallet wallet{};
    AssetId asset;
    Amount total, held;
    BalanceReason reason{};
};

struct PositionChange {
    AccountId account;
    ListingId listing;
    Quantity quantity;   ///< signed
    Amount entry_value;  ///< signed sum that was paid for it
    Amount realised;     ///< since the account exists
};

struct FundingPayment {
    AccountId account;
    ListingId listing;
    Quantity position;
    Price mark;
    Rate rate;
    Amount amount;  ///< positive = paid by the account
};

/// The account's positions of one wallet were taken from it.
struct LiquidationNotice {
    AccountId account;
    ListingId listing;
    Quantity quantity;  ///< of the position at that moment
    Price mark;
    Amount equity, maintenance;
};

enum class MovementKind : std::uint8_t { Transfer, Deposit, Withdrawal };
enum class MovementStatus : std::uint8_t { Pending, Done, Cancelled };
struct Movement {
    MovementId id;
    MovementKind kind{};
    MovementStatus status{};
    AccountId account;
    Wallet from{}, to{};  ///< the one that counts for deposits is `to`, for withdrawals `from`
    AssetId asset;
    Amount amount;  ///< that arrives
    Amount fee;     ///< withdrawals, on top
    UnixNanos created, due;

    template <class Archive>
    void describe(Archive& a) {
        a(id, kind, status, account, from, to, asset, amount, fee, created, due);
    }
};

/// In order: numbers count over both streams together.
template <class Body>
struct Event {
    std::uint64_t number = 0;
    UnixNanos time;
    Body body;
};
using PublicEvent =
    Event<std::variant<TradePrint, LevelChange, BestChange, MarkChange, ListingChange>>;
using PrivateEvent = Event<std::variant<OrderUpdate, BalanceChange, PositionChange, FundingPayment,
                                        LiquidationNotice, Movement>>;

}  // namespace parallax::sim_engine
