#pragma once

#include <array>
#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/venues/common/client_id_text.hpp"
#include "core/instrument.hpp"
#include "messages/trade.hpp"

namespace parallax::venue_common {

struct DeskConfig {
    std::string tag = "0000";                  ///< of this instance, see ClientIdText
    Nanos answer_timeout = Nanos::seconds(3);  ///< without an acknowledgement: Unknown
    Nanos fee_wait = Nanos::seconds(1);        ///< for the fee of a fill; then the venue is asked
    Nanos memory = Nanos::seconds(900);        ///< of orders that are over, for late fills
    std::size_t most_closed = 10'000;
    /// A venue's list of fills may begin so long before the last one: its orders are remembered,
    /// however old, or their fills would be told as new.
    Nanos retold = Nanos::seconds(60);
    std::size_t most_foreign = 64;  ///< orders of others that are shown
    /// Orders of ours from before, by what the core knows: over. A fill of one may still be news,
    /// but nobody has to ask what became of it. Empty: nothing is known.
    std::function<bool(ClientOrderId)> over;
};

/// What a venue says of one order, in a stream or an answer. Views live until the next message.
struct OrderReport {
    enum class State : std::uint8_t { Open, Ended, Refused };
    std::string_view client_id;
    std::string_view venue_id;
    InstrumentId instrument;
    Side side{};
    State state{};
    Quantity quantity;    ///< ordered; 0 = not said
    Quantity cumulative;  ///< filled so far
    messages::Reason reason;
    UnixNanos venue_time;
};

/// What a venue says of one execution.
struct FillReport {
    std::string_view client_id;  ///< may be empty: then `venue_id` tells whose it is
    std::string_view venue_id;
    InstrumentId instrument;
    Side side{};
    std::uint64_t trade_id = 0;
    Price price;
    Quantity quantity;
    Quantity cumulative;  ///< 0 = not said
    bool fee_known = true;
    Amount fee;  ///< positive = paid
    AssetId fee_asset;
    bool maker = false;
    /// Of a derivative: profit that the venue booked with it; empty = it does not say.
    std::optional<Amount> realised;
    UnixNanos venue_time;
};

/// An order a venue told us about that this instance never sent.
struct ForeignOrder {
    std::string client_id, venue_id;
    InstrumentId instrument;
    bool of_another_instance = false;
    UnixNanos last_seen;
};

struct LiveOrder {
    ClientOrderId id;
    InstrumentId instrument;
    Side side{};
    Price price;
    Quantity quantity;
    messages::TimeInForce time_in_force{};
    enum class Phase : std::uint8_t { Sent, Open, Ended } phase = Phase::Sent;
    enum class End : std::uint8_t { None, Rejected, Done, NotFound } end = End::None;
    bool accepted_told = false;
    bool unknown_told = false;
    bool adopted = false;  ///< not sent by this run: found at the venue, or only asked about
    UnixNanos sent;        ///< unknown: adopted
    UnixNanos ended;
    UnixNanos last_fill;  ///< the venue's time; unknown: none
    std::array<char, 40> venue_text{};
    std::uint8_t venue_size = 0;
    std::uint64_t venue_number = 0;
    Quantity filled;   ///< by the fills told
    Quantity counted;  ///< by the venue's count
    messages::Reason reason;
    boost::container::small_vector<std::uint64_t, 8> trades;  ///< told

    [[nodiscard]] std::string_view venue_id() const noexcept {
        return {venue_text.data(), venue_size};
    }
    [[nodiscard]] bool over() const noexcept { return phase == Phase::Ended; }
    /// The venue counts more than we were told.
    [[nodiscard]] bool lacks_fills() const noexcept { return counted > filled; }
};

struct DeskCounters {
    std::uint64_t placed = 0, accepted = 0, rejected = 0, done = 0, unknown = 0, not_found = 0;
    std::uint64_t fills = 0, repeated_fills = 0, late_fills = 0;
    std::uint64_t foreign = 0;         ///< reports of orders of others
    std::uint64_t adopted = 0;         ///< ours, but not of this run
    std::uint64_t contradictions = 0;  ///< refused or not found, and yet it lives
};

/// What a gateway knows of its orders, and the events it owes: so the port's contract holds
/// whatever a venue says, how often and in which order. An order ends once: Rejected, Done or
/// NotFound; no answer in time is Unknown, once; a fill is told when its fee is known; fills after
/// the end are told. No I/O, no clock, one thread. In the steady state nothing is allocated.
class OrderDesk {
public:
    OrderDesk(const Universe& universe, DeskConfig config);

    // ---- what we do
    /// Null: the id was used before.
    LiveOrder* placed(const messages::OrderRequest& request, UnixNanos now);
    /// The order of a request that this run has not sent: an entry to ask the venue about.
    LiveOrder& wanted(const messages::OrderRequest& request);
    /// It was never sent after all.
    void refuse_unsent(const messages::OrderRequest& request, messages::Reason why, UnixNanos now);

    // ---- what the venue says
    void accepted(LiveOrder& order, std::string_view venue_id, UnixNanos venue_time, UnixNanos now);
    void refused(LiveOrder& order, messages::Reason why, UnixNanos venue_time, UnixNanos now);
    /// No answer, or one that says nothing about the outcome.
    void unknown(LiveOrder& order, UnixNanos now);
    /// Certainly not there now. What was accepted before is over, and forgotten by the venue.
    void not_found(LiveOrder& order, UnixNanos now);
    /// `again`: the core asked, so what was told before is told once more.
    LiveOrder* on(const OrderReport& report, UnixNanos now, bool again = false);
    LiveOrder* on(const FillReport& report, UnixNanos now, bool again = false);
    /// The end an order came to, once more.
    void tell_end_again(const LiveOrder& order, UnixNanos now);

    // ---- time
    void advance(UnixNanos now);
    [[nodiscard]] UnixNanos next_due() const noexcept;
    [[nodiscard]] std::size_t poll(std::span<messages::OrderEvent> out);

    /// A list of fills from then on is being read, and may take its time: orders with fills it may
    /// tell are remembered until it was. Unknown: none is.
    void reads_from(UnixNanos since) noexcept { reads_from_ = since; }

    // ---- state
    [[nodiscard]] LiveOrder* find(ClientOrderId id) noexcept;
    [[nodiscard]] LiveOrder* find_by_venue_id(std::string_view venue_id) noexcept;
    /// Orders that are not over. Valid until the next call that is not const.
    [[nodiscard]] std::span<const ClientOrderId> open() const noexcept { return open_; }
    /// Orders with fills whose fee did not come in time; each fill counts once.
    [[nodiscard]] std::vector<ClientOrderId> take_fees_wanted(UnixNanos now);
    [[nodiscard]] const std::deque<ForeignOrder>& foreign() const noexcept { return foreign_; }
    [[nodiscard]] const ClientIdText& ids() const noexcept { return ids_; }
    [[nodiscard]] const DeskConfig& config() const noexcept { return config_; }
    [[nodiscard]] const DeskCounters& counters() const noexcept { return counters_; }
    /// Venue time of the newest fill told; unknown: none.
    [[nodiscard]] UnixNanos last_fill() const noexcept { return last_fill_; }
    void rescale(const Rescale& change);

private:
    using Slot = std::uint32_t;
    struct Incomplete {  ///< a fill without its fee
        ClientOrderId order;
        FillReport fill;
        UnixNanos due;
        bool asked = false;
    };

    LiveOrder& add(ClientOrderId id);
    LiveOrder* match(std::string_view client_id, std::string_view venue_id, InstrumentId instrument,
                     Side side, UnixNanos now);
    void close_quietly(LiveOrder& order, UnixNanos now);
    void shown(std::string_view client_id, std::string_view venue_id, InstrumentId instrument,
               UnixNanos now);
    void name(LiveOrder& order, std::string_view venue_id);
    void tell_accepted(LiveOrder& order, UnixNanos venue_time, UnixNanos now, bool again);
    void end(LiveOrder& order, LiveOrder::End how, messages::Reason why, UnixNanos venue_time,
             UnixNanos now);
    void tell_fill(LiveOrder& order, const FillReport& fill, UnixNanos now, bool again);
    messages::OrderEvent& tell(messages::OrderEventKind kind, const LiveOrder& order,
                               UnixNanos venue_time, UnixNanos now);
    void forget(UnixNanos now);

    const Universe& universe_;
    DeskConfig config_;
    ClientIdText ids_;
    std::deque<LiveOrder> slots_;  ///< addresses stay
    std::vector<Slot> free_;
    boost::unordered_flat_map<std::uint64_t, Slot> by_id_;
    boost::unordered_flat_map<std::uint64_t, Slot> by_venue_;  ///< by number_of(its text)
    std::vector<ClientOrderId> open_;
    std::deque<std::pair<UnixNanos, ClientOrderId>> ended_;  ///< oldest first
    std::vector<Incomplete> incomplete_;
    std::vector<messages::OrderEvent> events_;
    std::size_t taken_ = 0;
    std::deque<ForeignOrder> foreign_;
    DeskCounters counters_;
    UnixNanos last_fill_;
    UnixNanos reads_from_;
};

}  // namespace parallax::venue_common
