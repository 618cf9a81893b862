#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/venues/common/link.hpp"
#include "adapters/venues/common/order_desk.hpp"
#include "adapters/venues/common/rest_client.hpp"
#include "messages/portfolio.hpp"

namespace parallax::venue_common {

enum class OrderVerb : std::uint8_t { Place, Cancel, Amend };

/// One order of an operation. A batch has several, all of one verb.
struct OrderItem {
    const Instrument* instrument = nullptr;
    ClientOrderId id;
    std::string_view venue_id;  ///< of cancels and amendments; may be empty
    // Place:
    Side side{};
    messages::TimeInForce time_in_force{};
    bool reduce_only = false;
    // Place, Amend (0 = as it is):
    Price price;
    Quantity quantity;
};

struct OrderOperation {
    OrderVerb verb{};
    std::uint64_t number = 0;  ///< the request's, for its answer
    std::span<const OrderItem> items;
    UnixNanos venue_time;
};

/// What a venue answered to an operation, or to one order of it.
struct OrderAck {
    std::uint64_t number = 0;
    int item = -1;  ///< which order; -1: all
    Verdict verdict{Reaction::None, {}};
    std::optional<std::int32_t> code;
    messages::Reason reason;  ///< what the core is told should this be a refusal
    std::string_view venue_id;
    UnixNanos venue_time;
    std::optional<std::int64_t> limit, left, reset_ms;  ///< of the rate limit, if it says
};

/// Everything one message or answer of a venue says. Views live until the next one is read.
struct Incoming {
    struct Answer {
        std::uint64_t key = 0;  ///< of an Ask
        bool good = true;
        std::int32_t code = 0;
        std::string text{};
    };
    std::vector<Answer> answers;
    std::vector<OrderAck> acks;
    std::vector<FillReport> fills;
    std::vector<OrderReport> orders;
    std::vector<messages::BalanceReport> balances;
    std::vector<messages::CashEvent> cash;
    std::optional<Verdict> halt;  ///< a sign-in was refused for good
    bool leaving = false;         ///< the venue will cut this connection: replace it
    bool key_gone = false;        ///< the stream's key is over: get another
    bool nonsense = false;        ///< something in it could not be read
    void clear() noexcept {
        answers.clear();
        acks.clear();
        fills.clear();
        orders.clear();
        balances.clear();
        cash.clear();
        halt.reset();
        leaving = key_gone = nonsense = false;
    }
};

/// What a gateway may ask over REST.
struct Question {
    enum class What : std::uint8_t {
        Order,        ///< one order, by its client id; `step` of several places where it may be
        OrderFills,   ///< all executions of it
        OpenOrders,   ///< of a product
        RecentFills,  ///< of a product, since a time
    };
    What what{};
    unsigned step = 0;
    unsigned product = 0;
    const LiveOrder* order = nullptr;
    const Instrument* instrument = nullptr;
    UnixNanos since;
    std::string cursor;  ///< of the page before
};

/// How a venue takes orders and tells of them: everything about it that a gateway is made of.
/// Holds no orders. One thread.
class OrderProtocol {
public:
    virtual ~OrderProtocol() = default;

    [[nodiscard]] virtual bool trades(Market market) const noexcept = 0;
    /// Parts of the venue that are asked and batched apart.
    [[nodiscard]] virtual unsigned products() const noexcept = 0;
    [[nodiscard]] virtual unsigned product_of(const Instrument& instrument) const noexcept = 0;
    [[nodiscard]] virtual std::size_t most_in_batch(unsigned product) const noexcept = 0;

    // ---- order entry. False: it cannot be expressed; nothing is sent.
    [[nodiscard]] virtual RateRequest rate(OrderVerb verb, const Instrument& instrument,
                                           std::size_t items) const noexcept = 0;
    [[nodiscard]] virtual bool by_socket(const Instrument& instrument) const noexcept = 0;
    /// False: operations on several orders go over REST.
    [[nodiscard]] virtual bool batches_by_socket() const noexcept { return true; }
    [[nodiscard]] virtual bool write_socket(const OrderOperation& operation, std::string& out) = 0;
    [[nodiscard]] virtual bool write_rest(const OrderOperation& operation, RestCall& out) = 0;
    virtual void read_acks(const RestAnswer& answer, std::size_t items,
                           std::vector<OrderAck>& out) = 0;
    /// What an answer on a socket says about limits; its ticket was given back.
    virtual void feed_back(RateLimiter& limiter, const RateRequest& request, const OrderAck& ack,
                           Nanos venue_ahead, UnixNanos now) = 0;

    // ---- sockets
    [[nodiscard]] virtual std::vector<LinkOptions> links() const = 0;
    [[nodiscard]] virtual std::size_t order_link() const noexcept = 0;
    [[nodiscard]] virtual std::size_t stream_link() const noexcept = 0;
    /// Gets the key in the address of the stream, or extends it; none: its address has no key.
    [[nodiscard]] virtual std::optional<RestCall> ask_stream_key() const { return std::nullopt; }
    /// The stream's whole address. Errors: Malformed.
    [[nodiscard]] virtual Result<std::string> read_stream_key(std::string_view) {
        return fail(Errc::Malformed, "a stream without a key");
    }
    /// What a new connection begins with.
    [[nodiscard]] virtual std::vector<Ask> set_up(std::size_t link, Link& keys,
                                                  UnixNanos venue_time) = 0;
    virtual void read(std::size_t link, std::string_view message, UnixNanos received,
                      Incoming& out) = 0;

    // ---- questions
    [[nodiscard]] virtual unsigned order_steps() const noexcept = 0;
    [[nodiscard]] virtual RestCall ask(const Question& question) const = 0;
    /// The next page's cursor; empty: that was all. Errors: Malformed.
    [[nodiscard]] virtual Result<std::string> read(const Question& question, std::string_view body,
                                                   Incoming& out) = 0;
    /// The venue does not list the instrument that a page of OpenOrders or RecentFills is about:
    /// the cursor of the page behind it, as read() gives it. Errors: Malformed (no page is about
    /// one).
    [[nodiscard]] virtual Result<std::string> pass_over(const Question&) {
        return fail(Errc::Malformed, "the venue lists no such instrument, and none was named");
    }
};

}  // namespace parallax::venue_common
