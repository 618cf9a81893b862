#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "adapters/venues/common/order_protocol.hpp"
#include "ports/order_gateway.hpp"

namespace parallax::venue_common {

struct GatewayConfig {
    DeskConfig desk;
    bool sockets = true;  ///< false: REST only
    /// After its sending, an order that is found nowhere never was: longer than the venue accepts
    /// a late request, and than its lists lag behind.
    Nanos settle = Nanos::seconds(6);
    Nanos poll_interval = Nanos::seconds(1);  ///< of open orders, while no stream tells of them
    Nanos cancel_check = Nanos::seconds(2);   ///< after a cancel whose effect nobody told
    Nanos ask_timeout = Nanos::seconds(5);
    /// Without a word of alive() for so long every open order is cancelled, once; 0: never. For
    /// venues without a dead man's switch, and besides those that have one.
    Nanos watchdog{};
    UnixNanos recover_since;  ///< fills from here on are told at the start; unknown: from now
};

struct GatewayCounters {
    std::uint64_t by_socket = 0, by_rest = 0;  ///< operations sent
    std::uint64_t lost = 0;                    ///< without an answer
    std::uint64_t lookups = 0, syncs = 0;
    std::uint64_t nonsense = 0;   ///< messages that could not be read
    std::uint64_t refused = 0;    ///< by the venue
    std::uint64_t abandoned = 0;  ///< times the watchdog cancelled everything
};

/// A live gateway of one account at one venue: orders over a WebSocket, or REST while there is
/// none; fills and ends from the private stream, and from queries wherever it may have missed
/// something: after each (re)connection, without an acknowledgement, without a stream. An order is
/// never sent twice. Polled, one thread, no callbacks:
///
///     for each event: rest.on(event) || gateway.on(event) || ...
///     rest.advance(now); gateway.advance(now)       // after events, and at next_due()
///     gateway.poll(events), poll_balances(), poll_cash()
///
/// The REST client is its owner's to drive; others may share it.
class LiveGateway final : public ports::OrderGateway {
public:
    static constexpr UnixNanos kNever = RateLimiter::kNever;

    /// Everything referred to outlives it.
    LiveGateway(ports::Transport& transport, RestClient& rest, const Universe& universe,
                std::unique_ptr<OrderProtocol> protocol, GatewayConfig config);
    ~LiveGateway() override;
    LiveGateway(const LiveGateway&) = delete;
    LiveGateway& operator=(const LiveGateway&) = delete;

    /// As the port says; besides Rejected: a client id that was used before. A cancel that has no
    /// budget now waits for it.
    [[nodiscard]] Result<void> submit(std::span<const messages::OrderRequest> requests) override;
    [[nodiscard]] std::size_t poll(std::span<messages::OrderEvent> out) override {
        return desk_.poll(out);
    }

    // ---- beyond the port
    /// Places in as few requests as the venue allows. Errors as submit.
    [[nodiscard]] Result<void> place_batch(std::span<const messages::OrderRequest> requests);
    /// New price and total quantity; none = as it is. Errors: Rejected (unknown, over, or not
    /// expressible), BackPressured, Unavailable.
    [[nodiscard]] Result<void> amend(ClientOrderId id, std::optional<Price> price,
                                     std::optional<Quantity> quantity);
    /// Every open order of this instance, in batches. Returns how many.
    std::size_t cancel_all();
    /// Reads open orders and the last fills again, as after a reconnection: whatever a stream did
    /// not tell is told.
    void resync();

    /// Whoever decides about orders lives. See GatewayConfig::watchdog.
    void alive(UnixNanos now) noexcept {
        alive_ = std::max(alive_, now);
        abandoned_ = false;
    }

    [[nodiscard]] bool on(const ports::NetEvent& event);
    void advance(UnixNanos now);
    [[nodiscard]] UnixNanos next_due() const noexcept;
    [[nodiscard]] std::size_t poll_balances(std::span<messages::BalanceReport> out);
    [[nodiscard]] std::size_t poll_cash(std::span<messages::CashEvent> out);
    /// Markets whose rules are no longer what we think they are: orders were refused for that.
    [[nodiscard]] std::vector<Market> take_outdated() { return std::exchange(outdated_, {}); }

    /// Private stream up (or REST only), and everything asked that it may have missed.
    [[nodiscard]] bool ready() const noexcept;
    /// What it is not ready for, and what went wrong with that last; for people.
    [[nodiscard]] std::string waits_for() const;
    /// Says goodbye to the venue. Open orders stay.
    void stop(UnixNanos now);
    void rescale(const Rescale& change) { desk_.rescale(change); }
    /// Why orders or a sign-in were refused for good, such as a wrong key; none: they were not.
    [[nodiscard]] const std::optional<Verdict>& halted() const noexcept { return halted_; }
    [[nodiscard]] const OrderDesk& desk() const noexcept { return desk_; }
    [[nodiscard]] const GatewayCounters& counters() const noexcept { return counters_; }
    [[nodiscard]] std::size_t links() const noexcept { return links_.size(); }
    [[nodiscard]] const Link& link(std::size_t i) const { return *links_.at(i); }

private:
    struct Operation {  ///< sent, not answered
        std::uint64_t number = 0;
        OrderVerb verb{};
        boost::container::small_vector<ClientOrderId, 2> ids;
        UnixNanos sent;
        RateRequest rate;
        RateTicket ticket;  ///< of a socket; REST keeps its own
        ports::ConnectionId connection;
        RestToken token = 0;
    };
    struct Lookup {  ///< what became of an order
        ClientOrderId id;
        bool asked = false;  ///< by the core: it gets an answer
        bool fills = false;  ///< the order is found, its executions are read
        bool gone = false;   ///< its instrument is: what was executed is all there will be
        unsigned step = 0;
        unsigned tries = 0;
        RestToken token = 0;
        UnixNanos not_before;
        UnixNanos first;  ///< asked
        std::string cursor;
        OrderReport found;  ///< without texts
    };
    struct Sync {  ///< of everything a stream may have missed
        bool wanted = false;
        bool fills = false;
        unsigned product = 0;
        RestToken token = 0;
        UnixNanos not_before;
        UnixNanos started;
        UnixNanos since;
        std::string cursor;
        std::vector<ClientOrderId> open;
    };
    struct StreamKey {  ///< of venues whose stream has one in its address
        bool needed = false;
        bool started = false;
        bool gone = false;  ///< connect anew even if the next one looks the same
        std::string url;
        RestToken token = 0;
        UnixNanos due;  ///< to be got or extended
    };
    struct Timed {
        ClientOrderId id;
        UnixNanos at;
    };

    // live_gateway.cpp
    [[nodiscard]] const Instrument* listed(InstrumentId id) const noexcept;
    [[nodiscard]] bool socket_for(const Instrument& instrument) const noexcept;
    [[nodiscard]] static Urgency urgency_of(OrderVerb verb, messages::Purpose purpose) noexcept;
    [[nodiscard]] OrderItem item_of(const messages::OrderRequest& request) const noexcept;
    Result<void> send(OrderVerb verb, std::span<const OrderItem> items, Urgency urgency,
                      UnixNanos now);
    Result<void> send_by_socket(OrderOperation& operation, Operation& sent, UnixNanos now);
    Result<void> send_by_rest(OrderOperation& operation, Operation& sent, UnixNanos now);
    Result<void> place(std::span<const messages::OrderRequest> requests, UnixNanos now);
    void cancel(ClientOrderId id, UnixNanos now);
    void hold_cancel(ClientOrderId id, UnixNanos at);
    void send_held(UnixNanos now);
    void query(const messages::OrderRequest& request, UnixNanos now);

    // gateway_events.cpp
    void take_facts(std::size_t link, UnixNanos now);
    void apply(const Incoming& in, UnixNanos now);
    void apply_ack(const Operation& operation, const OrderAck& ack, UnixNanos now);
    void acked(const Operation& operation, ClientOrderId id, const OrderAck& ack, UnixNanos now);
    void lost(const Operation& operation, UnixNanos now);
    void lose_connection(ports::ConnectionId connection, UnixNanos now);
    // gateway_stream_key.cpp
    void keep_stream_key(UnixNanos now);
    void on_stream_key(const RestAnswer& answer, UnixNanos now);
    void want_stream_key(UnixNanos now, bool gone);
    void on_answer(const RestAnswer& answer, UnixNanos now);
    [[nodiscard]] bool stream_live() const noexcept;

    // gateway_questions.cpp
    void look_up(ClientOrderId id, bool asked, UnixNanos at, UnixNanos now);
    void send_lookups(UnixNanos now);
    void on_lookup(Lookup& lookup, const RestAnswer& answer, UnixNanos now);
    void found_order(Lookup& lookup, UnixNanos now);
    void found_nowhere(Lookup& lookup, const RestAnswer& answer, UnixNanos now);
    void instrument_gone(Lookup& lookup, const RestAnswer& answer, UnixNanos now);
    void outdated(Market market);
    void finish(Lookup& lookup, UnixNanos now);
    void again(Lookup& lookup, UnixNanos now);
    void send_sync(UnixNanos now);
    void on_sync(const RestAnswer& answer, UnixNanos now);
    void finish_sync(UnixNanos now);
    void poll_open(UnixNanos now);

    ports::Transport& transport_;
    RestClient& rest_;
    const Universe& universe_;
    std::unique_ptr<OrderProtocol> protocol_;
    GatewayConfig config_;
    OrderDesk desk_;
    RestUser user_;
    std::vector<std::unique_ptr<Link>> links_;
    std::vector<Operation> operations_;
    std::vector<Timed> held_;    ///< cancels that wait for budget or a venue that is busy
    std::vector<Timed> checks_;  ///< orders to look at unless they end before
    std::vector<Lookup> lookups_;
    Sync sync_;
    StreamKey stream_key_;
    bool synced_ = false;
    std::string trouble_;  ///< the last one on the way to being ready
    UnixNanos started_;
    UnixNanos next_poll_;
    UnixNanos alive_;
    bool abandoned_ = false;
    std::uint64_t last_number_ = 0;
    std::string text_;
    std::vector<OrderItem> items_;
    std::vector<OrderAck> acks_;
    Incoming in_;
    std::vector<messages::BalanceReport> balances_;
    std::vector<messages::CashEvent> cash_;
    std::vector<Market> outdated_;
    std::optional<Verdict> halted_;
    GatewayCounters counters_;
};

}  // namespace parallax::venue_common
