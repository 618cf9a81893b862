#pragma once

#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "sim/engine/account.hpp"
#include "sim/engine/book.hpp"
#include "sim/engine/desk.hpp"
#include "sim/engine/events.hpp"
#include "sim/engine/ledger.hpp"
#include "sim/engine/listing.hpp"
#include "sim/engine/order_store.hpp"

namespace parallax::sim_engine {

struct VenueSettings {
    Venue venue{};
    std::uint64_t first_order = 1'000'000'001;
    std::uint64_t first_trade = 100'000'001;
    std::uint64_t first_update = 1'000'000'001;  ///< of books
    std::uint32_t history = 10'000;              ///< closed orders and fills remembered an account
    std::string discount_asset{};                ///< pays fees cheaper, such as BNB; empty = none
    Rate discount = Rate::basis_points(2'500);
    Rate liquidation_fee = Rate::basis_points(125);
    Nanos transfer_delay{};  ///< 0: done at once
    Nanos deposit_delay = Nanos::seconds(60);
    Nanos withdrawal_delay = Nanos::seconds(120);
};

template <class T>
using Outcome = tl::expected<T, Reject>;

/// One simulated venue without its protocols: matching, accounts and perpetuals of all its markets.
/// Deterministic: time is an argument and never falls, nothing is random. Single-threaded. What a
/// front tells its clients comes out as events, in order; it answers questions from the readable
/// state. Nothing a client can ask for trips an assertion.
class SimVenue {
public:
    explicit SimVenue(VenueSettings settings);
    SimVenue(const SimVenue&) = delete;
    SimVenue& operator=(const SimVenue&) = delete;

    // --- What there is (venue.cpp) ---
    AssetId asset(std::string_view name);  ///< new if unseen
    /// Errors: as Listing::make; Rejected when it is listed already.
    [[nodiscard]] Result<ListingId> list(const InstrumentDefinition& definition);
    /// New rules while running. Errors: as Listing::change; Rejected: unknown.
    [[nodiscard]] Result<void> change_rules(const InstrumentDefinition& definition);
    /// Delisting cancels all orders; positions stay until somebody closes them.
    void set_state(ListingId listing, ListingState state, UnixNanos now);
    AccountId open_account(AccountSettings settings);
    /// False: open positions or orders on perpetuals stand against it.
    bool set_hedge_mode(AccountId account, bool on);
    void set_fees(AccountId account, const FeeSchedule& fees);
    void set_pays_with_discount_asset(AccountId account, bool pays);
    /// Assets out of nothing, at once: what an account starts with.
    void grant(AccountId account, Wallet wallet, AssetId asset, Amount amount);
    void grant_insurance(AssetId asset, Amount amount);

    // --- Orders (orders.cpp, amend.cpp) ---
    Outcome<OrderId> place(const NewOrder& request, UnixNanos now);
    Outcome<OrderId> cancel(AccountId account, OrderId order, UnixNanos now,
                            CloseReason reason = CloseReason::User);
    /// On one listing, or on all when it is none. Returns how many.
    std::size_t cancel_all(AccountId account, ListingId listing, UnixNanos now,
                           CloseReason reason = CloseReason::CancelAll);
    Outcome<OrderId> amend(const AmendOrder& request, UnixNanos now);
    struct Replaced {
        Outcome<OrderId> cancelled, placed;  ///< not tried = Reject::None
    };
    /// Cancel, then place. `go_on`: place even when there was nothing to cancel.
    Replaced cancel_replace(AccountId account, OrderId order, const NewOrder& next, bool go_on,
                            UnixNanos now);

    // --- From outside (outside.cpp) ---
    /// Somebody takes so much of a resting order, whoever else is before it. Returns how much it
    /// was, in whole lots. Errors: UnknownOrder, OrderClosed, InvalidQuantity (less than a lot).
    Outcome<Quantity> fill(OrderId order, Quantity quantity, UnixNanos now);
    /// What goes wrong with the next requests of watched accounts.
    struct Mischief {
        std::uint32_t rejects = 0;  ///< orders that are refused
        Reject reject = Reject::Halted;
        std::uint32_t late_fills = 0;            ///< cancels that come after a fill
        Rate part = Rate::from_raw(Rate::kOne);  ///< how much of the rest that fill takes

        template <class Archive>
        void describe(Archive& a) {
            a(rejects, reject, late_fills, part);
        }
    };
    [[nodiscard]] Mischief& mischief() noexcept { return mischief_; }

    // --- Perpetuals and prices (perpetuals.cpp) ---
    /// 1 to the listing's own limit. Errors: InvalidLeverage, InsufficientMargin, unknown ids.
    Outcome<std::uint16_t> set_leverage(AccountId account, ListingId listing,
                                        std::uint16_t leverage, UnixNanos now);
    /// The index of a listing moved: marks it, samples the premium, liquidates who has too little.
    void set_index(ListingId listing, Price index, UnixNanos now);
    /// Worth of an asset in a common unit, for fees paid in another asset.
    void set_asset_value(AssetId asset, Amount value);
    /// Does what is due by `now`: funding, and movements that arrive.
    void advance(UnixNanos now);

    // --- Wallets (movements.cpp) ---
    Outcome<MovementId> transfer(AccountId account, Wallet from, Wallet to, AssetId asset,
                                 Amount amount, UnixNanos now);
    Outcome<MovementId> deposit(AccountId account, Wallet to, AssetId asset, Amount amount,
                                UnixNanos now);
    /// The fee comes on top of the amount.
    Outcome<MovementId> withdraw(AccountId account, Wallet from, AssetId asset, Amount amount,
                                 Amount fee, UnixNanos now);
    Outcome<MovementId> cancel_withdrawal(AccountId account, MovementId movement, UnixNanos now);

    // --- Events ---
    [[nodiscard]] std::span<const PublicEvent> public_events() const noexcept { return public_; }
    [[nodiscard]] std::span<const PrivateEvent> private_events() const noexcept { return private_; }
    void clear_events() noexcept {
        public_.clear();
        private_.clear();
    }

    // --- State to read (queries.cpp) ---
    [[nodiscard]] UnixNanos now() const noexcept { return now_; }
    [[nodiscard]] const VenueSettings& settings() const noexcept { return settings_; }
    [[nodiscard]] std::size_t listings() const noexcept { return desks_.size(); }
    [[nodiscard]] std::size_t accounts() const noexcept { return accounts_.size(); }
    [[nodiscard]] std::optional<ListingId> find_listing(Market market,
                                                        std::string_view symbol) const noexcept;
    [[nodiscard]] std::optional<AssetId> find_asset(std::string_view name) const noexcept;
    [[nodiscard]] std::size_t assets() const noexcept { return assets_.size(); }
    [[nodiscard]] const std::string& asset_name(AssetId id) const noexcept {
        return assets_[id.index()];
    }
    [[nodiscard]] const Listing& listing(ListingId id) const noexcept {
        return desks_[id.index()].listing;
    }
    /// The listing at work: last and mark prices, funding.
    [[nodiscard]] const Desk& desk(ListingId id) const noexcept { return desks_[id.index()]; }
    [[nodiscard]] const Book& book(ListingId id) const noexcept { return desks_[id.index()].book; }
    /// Best first, at most `most` levels a side.
    [[nodiscard]] std::vector<Level> levels(ListingId id, Side side, std::size_t most) const;
    [[nodiscard]] const Account& account(AccountId id) const noexcept {
        return accounts_[id.index()];
    }
    /// Null: never existed, or forgotten.
    [[nodiscard]] const Order* order(OrderId id) const noexcept;
    /// The newest with this client id.
    [[nodiscard]] const Order* order(AccountId account, const ClientId& id) const noexcept;
    /// Oldest first; of all listings when it is none.
    [[nodiscard]] std::vector<const Order*> open_orders(AccountId account, ListingId listing) const;
    [[nodiscard]] std::vector<const Order*> closed_orders(AccountId account) const;
    /// Fills with a larger number, oldest first.
    [[nodiscard]] std::vector<Fill> fills_since(AccountId account, std::uint64_t number) const;
    [[nodiscard]] const Balance& balance(AccountId account, Wallet wallet,
                                         AssetId asset) const noexcept {
        return ledger_.balance(account, wallet, asset);
    }
    /// What new orders and transfers can use: the free balance less the margin of perpetuals and
    /// their unrealised loss. Unrealised profit is not lent.
    [[nodiscard]] Amount available(AccountId account, Wallet wallet, AssetId asset) const noexcept;
    [[nodiscard]] const Position& position(AccountId account, ListingId listing) const noexcept {
        return accounts_[account.index()].positions[listing.index()];
    }
    /// Balance and unrealised profit of what settles in the asset, and what the positions need.
    struct Margin {
        Amount equity, initial, maintenance;
    };
    [[nodiscard]] Margin margin(AccountId account, AssetId asset) const noexcept;
    [[nodiscard]] const Movement* movement(MovementId id) const noexcept;
    [[nodiscard]] const std::deque<Movement>& movements() const noexcept { return movements_; }
    [[nodiscard]] const Ledger& ledger() const noexcept { return ledger_; }
    /// Recomputes every sum from the ground: balances, holds, margins, clearing, levels of books.
    [[nodiscard]] bool audit() const;

    template <class Archive>
    void describe(Archive& a) {
        a(assets_, values_, desks_, accounts_, orders_, ledger_, movements_, now_, next_order_,
          next_event_, next_movement_, mischief_);
    }

private:
    struct Preview;
    static constexpr AccountId kHouse{0};

    // orders.cpp
    void begin(UnixNanos now);
    void end();
    Reject admit(const NewOrder& request, const Desk& desk, const Account& account) const;
    Order prepare(const NewOrder& request, const Desk& desk);
    Reject reserve(Order& order, const Desk& desk);
    Outcome<OrderId> refuse(const Order& order, Reject reason);
    [[nodiscard]] Reject misfit(const Order& order, const Desk& desk) const;
    void execute(Slot slot);
    void rest(Slot slot);
    void close(Slot slot, OrderStatus status, CloseReason reason);
    void forget(Order& order);
    void take_off(Slot slot, CloseReason reason);
    [[nodiscard]] Slot find_open(AccountId account, OrderId order, Reject& why) const noexcept;

    // outside.cpp
    bool refuses(const Order& order, Reject& why) noexcept;
    void fill_first(Slot slot, CloseReason reason);

    // amend.cpp
    Reject amend_fits(const Order& order, Price price, Quantity quantity) const;
    void shrink(Slot slot, Quantity quantity);
    Reject requeue(Slot slot, Price price, Quantity quantity);
    void trim_reduce_only(AccountId account, ListingId listing);

    // matching.cpp
    CloseReason match(Slot slot);
    bool avoid_self_trade(Slot taker, Slot maker, CloseReason& stop);
    void trade(Slot taker, Slot maker, Quantity quantity);
    [[nodiscard]] Preview preview(const Order& order, const Desk& desk) const;
    [[nodiscard]] bool same_owner(const Order& a, const Order& b) const noexcept;

    // settlement.cpp
    [[nodiscard]] Amount hold_for(const Order& order, const Listing& listing) const noexcept;
    [[nodiscard]] AssetId pays_with(const Order& order, const Listing& listing) const noexcept {
        return order.side == Side::Buy ? listing.quote : listing.base;
    }
    void settle_spot(const Listing& listing, Order& taker, Order& maker, Execution& execution);
    void settle_hold(Order& order, const Listing& listing, Amount paid);
    Amount settle_position(const Listing& listing, AccountId account, Side side, Price price,
                           Quantity quantity);
    void fee(const Listing& listing, const Order& order, Execution& execution);
    void filled(Order& order, const Execution& execution, const Listing& listing);
    void open_interest(const Order& order, const Listing& listing, Quantity change);
    void update_margin(AccountId account, const Desk& desk);
    [[nodiscard]] Amount unrealised(AccountId account, AssetId asset) const noexcept;

    // perpetuals.cpp
    void pay_funding(Desk& desk);
    void liquidate(AccountId account, const Desk& desk, const Margin& margin);
    void close_out(AccountId account, Desk& desk);
    void take_over(Slot slot);

    // movements.cpp
    [[nodiscard]] Reject check_movement(AccountId account, Wallet wallet, AssetId asset,
                                        Amount amount) const noexcept;
    Movement& add_movement(Movement movement, Nanos delay);
    void arrive(Movement& movement);

    // venue.cpp
    template <class Body>
    void publish(Body&& body) {
        public_.push_back({++next_event_, now_, std::forward<Body>(body)});
    }
    template <class Body>
    void notify(AccountId account, Body&& body) {
        if (accounts_[account.index()].settings.watched)
            private_.push_back({++next_event_, now_, std::forward<Body>(body)});
    }
    void level_changed(Desk& desk, Side side, Price price, Quantity before);
    void touch_balance(AccountId account, Wallet wallet, AssetId asset, BalanceReason reason);
    void touch_position(AccountId account, ListingId listing);
    [[nodiscard]] Wallet derivatives_wallet() const noexcept {
        return settings_.venue == parallax::Venue::Binance ? Wallet::Derivatives : Wallet::Trading;
    }
    [[nodiscard]] bool known(AccountId id) const noexcept { return id.index() < accounts_.size(); }
    [[nodiscard]] bool known(ListingId id) const noexcept { return id.index() < desks_.size(); }

    VenueSettings settings_;
    AssetId discount_;  ///< none = no discount asset
    std::vector<std::string> assets_;
    std::vector<Amount> values_;  ///< of a unit, by asset; 0 = unknown
    std::vector<Desk> desks_;
    std::vector<Account> accounts_;
    OrderStore orders_;
    Ledger ledger_;
    std::deque<Movement> movements_;
    UnixNanos now_;
    std::uint64_t next_order_;
    std::uint64_t next_event_ = 0;
    std::uint64_t next_movement_ = 0;
    Mischief mischief_;

    // Of the running request, empty between two: what changed, to be told once.
    struct TouchedBalance {
        AccountId account;
        Wallet wallet{};
        AssetId asset;
        BalanceReason reason{};
    };
    std::vector<TouchedBalance> touched_balances_;
    std::vector<std::pair<AccountId, ListingId>> touched_positions_;
    std::vector<ListingId> touched_books_;
    std::vector<PublicEvent> public_;
    std::vector<PrivateEvent> private_;
};

}  // namespace parallax::sim_engine
