#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "adapters/venues/paper/accounts.hpp"
#include "adapters/venues/paper/config.hpp"
#include "adapters/venues/paper/latency.hpp"
#include "adapters/venues/paper/liquidity.hpp"
#include "book/book_set.hpp"
#include "core/fees.hpp"
#include "core/instrument.hpp"
#include "messages/market.hpp"
#include "messages/portfolio.hpp"
#include "messages/trade.hpp"
#include "ports/order_gateway.hpp"
#include "runtime/random.hpp"

namespace parallax::paper {

struct Counters {
    std::uint64_t placed = 0;  ///< orders that arrived
    std::uint64_t accepted = 0;
    std::uint64_t rejected = 0;
    std::uint64_t fills = 0;
    std::uint64_t timeouts = 0;               ///< orders left without an answer by a fault
    std::uint64_t competed = 0;               ///< orders before which a competitor took something
    std::uint64_t fundings = 0;               ///< payments on open positions
    std::uint64_t liquidations = 0;           ///< positions the venue closed
    std::uint64_t self_trades_prevented = 0;  ///< orders ended because they would have met our own
    template <class Archive>
    void describe(Archive& a) {
        a(placed, accepted, rejected, fills, timeouts, competed, fundings, liquidations,
          self_trades_prevented);
    }
};

/// All venues as seen by our orders in replay and paper trading: executes them against the recorded
/// (or live) books.
///
/// Time. A book we hold is the venue's book of one feed latency ago, so the book that an order
/// meets at the venue is the one we hold at `decided + order latency + feed latency`: that is its
/// arrival here. The answer would come at `decided + order + response = arrival - feed + response`;
/// it cannot come before arrival, because only then do we know the book. Orders and answers of one
/// venue keep their order, as on one connection.
///
/// Use. In one thread: `advance(t)` before each market event of time t is applied, then the event,
/// then `on_book` / `on(TradePrint)`; `poll` after each. Everything is decided by the inputs and
/// the seed.
///
/// What is simulated: levels walked one fill each, our own consumption (Liquidity), competitors,
/// venue filters, balances, margin, tiered fees (Accounts), resting orders behind the queue they
/// joined, funding of open positions at the stamp, liquidation by maintenance margin, prevention of
/// trades with ourselves, and the faults of Config. What is not: our orders moving other people.
class PaperVenue final : public ports::OrderGateway {
public:
    static constexpr UnixNanos kNever =
        UnixNanos::from_nanos(std::numeric_limits<std::int64_t>::max());

    /// What the venue closes by itself is told as fills of orders we never sent. Their plans are
    /// numbered from here, above all of ours.
    static constexpr std::uint64_t kFirstLiquidation = std::uint64_t{1} << 39;

    PaperVenue(const Universe& universe, const book::BookSet& books, const FeeSchedule& fees,
               const Config& config, std::uint64_t seed);
    PaperVenue(const PaperVenue&) = delete;  // its parts refer to each other
    PaperVenue& operator=(const PaperVenue&) = delete;

    /// Errors: BackPressured (Config::max_in_flight reached).
    [[nodiscard]] Result<void> submit(std::span<const messages::OrderRequest> requests) override;
    /// Events whose time has come by the last advance().
    [[nodiscard]] std::size_t poll(std::span<messages::OrderEvent> out) override;
    /// The same for money moved without an order: funding.
    [[nodiscard]] std::size_t poll_cash(std::span<messages::CashEvent> out);

    /// Executes all requests that arrive up to `now`, in order of arrival, ties in order of
    /// submission. Time never runs backwards: an earlier `now` does nothing.
    void advance(UnixNanos now);
    /// Time of the next arrival, answer or funding of an open position; kNever when there is none.
    [[nodiscard]] UnixNanos next_due() const noexcept;
    /// Nothing is on its way in either direction and no order has untold fills: balances here and
    /// in a ledger that booked all events must agree.
    [[nodiscard]] bool quiet() const noexcept;

    /// After each change of a book: consumed levels that changed are whole again, resting orders
    /// that the book trades through fill. Moves time on to the book's; call advance() first when
    /// something was due before that.
    void on_book(InstrumentId instrument);
    /// Public trades move the queue before resting orders; nothing else does.
    void on(const messages::TradePrint& trade);
    /// Liquidates what the mark leaves without margin. Keeps mark, rate and stamp. Whoever has a
    /// position at the stamp then pays or receives position x mark x rate by the last words before
    /// it.
    void on(const messages::MarkPrice& mark);
    /// After the universe grew a symbol's scale.
    void rescale(const Rescale& change);

    void deposit(Market wallet, AssetId asset, Amount amount) {
        accounts_.deposit(wallet, asset, amount);
    }
    [[nodiscard]] Amount balance(Market wallet, AssetId asset) const noexcept {
        return accounts_.balance(wallet_of(wallet), asset).total;
    }
    [[nodiscard]] Position position(InstrumentId instrument) const noexcept {
        return accounts_.position(instrument);
    }
    [[nodiscard]] const Accounts& accounts() const noexcept { return accounts_; }
    /// Every wallet at the venue's present state, for reconciliation. Valid until the next call.
    [[nodiscard]] std::span<const messages::BalanceReport> balance_reports();
    [[nodiscard]] const Counters& counters() const noexcept { return counters_; }

    template <class Archive>
    void describe(Archive& a) {
        a(now_, sequence_, next_order_id_, next_trade_id_, next_cash_id_, next_liquidation_,
          arrivals_, deliveries_, orders_, ended_, resting_, funding_, cash_, last_arrival_,
          last_delivery_, hidden_, liquidity_, accounts_, latency_random_, fault_random_,
          competitor_random_, counters_);
        if constexpr (Archive::kReading) find_next_stamp();
    }

private:
    enum class Fate : std::uint8_t { Normal, Reject, TimeoutAccepted, TimeoutLost };
    struct Arrival {
        UnixNanos at;
        std::uint64_t sequence = 0;
        Nanos feed;
        Nanos response;
        Fate fate = Fate::Normal;
        messages::OrderRequest request;
        template <class Archive>
        void describe(Archive& a) {
            a(at, sequence, feed, response, fate, request);
        }
    };
    struct Delivery {
        UnixNanos at;
        std::uint64_t sequence = 0;
        messages::OrderEvent event;
        template <class Archive>
        void describe(Archive& a) {
            a(at, sequence, event);
        }
    };
    struct Order {
        messages::OrderRequest request;
        std::uint64_t venue_order_id = 0;
        Quantity filled;
        AssetId held_asset;
        Amount held;
        Quantity ahead;  ///< of a resting order: what must trade at its price before it does
        bool ended = false;
        bool hidden = false;  ///< a fault swallowed the answers; only a Query tells
        std::vector<messages::OrderEvent> history;
        [[nodiscard]] Quantity open() const noexcept { return request.quantity - filled; }
        template <class Archive>
        void describe(Archive& a) {
            a(request, venue_order_id, filled, held_asset, held, ahead, ended, hidden, history);
        }
    };
    /// What is known of a perpetual's next funding.
    struct Funding {
        Price mark;
        Rate rate;
        UnixNanos stamp;  ///< unknown: none announced since the last one
        template <class Archive>
        void describe(Archive& a) {
            a(mark, rate, stamp);
        }
    };
    /// When and how far from us something happens at a venue.
    struct Moment {
        UnixNanos at;  ///< on our timeline
        Nanos feed;
        Nanos response;
        [[nodiscard]] UnixNanos venue_time() const noexcept { return at - feed; }
    };

    enum class SelfTrade : std::uint8_t { None, CancelNewest, CancelOldest, CancelBoth };
    [[nodiscard]] static SelfTrade self_trade_of(std::string_view name) noexcept;
    [[nodiscard]] Fate draw_fate(const messages::OrderRequest& request) noexcept;
    [[nodiscard]] Moment passive_moment(Market market);
    void execute(const Arrival& arrival);
    void place(const Arrival& arrival);
    void cancel(const messages::OrderRequest& request, const Moment& moment);
    void query(const messages::OrderRequest& request, const Moment& moment);
    [[nodiscard]] messages::Reason refuse(const messages::OrderRequest& request, Fate fate) const;
    void compete(const messages::OrderRequest& request, const Moment& moment);
    [[nodiscard]] Quantity fillable(const Order& order) const noexcept;
    void trade(Order& order, Price limit, Quantity wanted, const Moment& moment, bool maker);
    void take(Order& order, const Moment& moment);
    [[nodiscard]] std::optional<Price> own_ahead(const messages::OrderRequest& request) const;
    void cancel_own(const messages::OrderRequest& request, const Moment& moment);
    void check_margin(const Instrument& listing);
    void liquidate(const Instrument& listing, Price mark);
    [[nodiscard]] Price mark_of(InstrumentId id) const noexcept;
    void fill(Order& order, Price price, Quantity quantity, const Moment& moment, bool maker);
    void rest(Order& order);
    void fill_resting(Order& order, Quantity quantity);
    void finish(Order& order, messages::OrderEventKind kind, const messages::Reason& reason,
                const Moment& moment);
    void set_hold(Order& order, Quantity open);
    void tell(Order& order, messages::OrderEventKind kind, const Moment& moment,
              messages::OrderEvent event = {});
    void send(messages::OrderEvent event, const Moment& moment);
    void deliver(messages::OrderEvent event, UnixNanos at);
    [[nodiscard]] Nanos disorder() noexcept;
    void forget_old();
    void find_next_stamp() noexcept;
    void settle_funding(UnixNanos now);
    void pay_funding(InstrumentId id, Funding& funding);

    const Universe& universe_;
    const book::BookSet& books_;
    Config config_;
    SelfTrade self_trade_;
    FeeSchedule fees_;
    struct Ways {
        LatencyModel feed, order, response;
    };
    std::array<Ways, kVenueCount> ways_;
    Liquidity liquidity_;
    Accounts accounts_;

    UnixNanos now_;
    std::uint64_t sequence_ = 0;
    std::uint64_t next_order_id_ = 1;
    std::uint64_t next_trade_id_ = 1;
    std::uint64_t next_cash_id_ = 1;
    std::uint64_t next_liquidation_ = kFirstLiquidation;
    std::vector<Arrival> arrivals_;     ///< heap, earliest first
    std::vector<Delivery> deliveries_;  ///< heap, earliest first
    std::unordered_map<ClientOrderId, Order> orders_;
    std::deque<std::pair<UnixNanos, ClientOrderId>> ended_;
    std::vector<std::vector<ClientOrderId>> resting_;  ///< by instrument, in order of arrival
    std::vector<Funding> funding_;                     ///< by instrument
    UnixNanos next_stamp_ = kNever;                    ///< earliest of them
    std::deque<messages::CashEvent> cash_;             ///< booked, not yet told
    std::array<UnixNanos, kVenueCount> last_arrival_{};
    std::array<UnixNanos, kVenueCount> last_delivery_{};
    std::uint64_t hidden_ = 0;  ///< orders with untold answers
    runtime::Random latency_random_;
    runtime::Random fault_random_;
    runtime::Random competitor_random_;
    Counters counters_;
    std::vector<messages::BalanceReport> reports_;
};

}  // namespace parallax::paper
