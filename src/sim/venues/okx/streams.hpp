#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ports/server_transport.hpp"
#include "sim/engine/conflator.hpp"
#include "sim/engine/venue.hpp"
#include "sim/venues/okx/json.hpp"
#include "sim/venues/okx/tape.hpp"

namespace parallax::sim_okx {

/// Sends a text to a session; whoever falls behind is closed.
class Wire {
public:
    virtual ~Wire() = default;
    virtual void send(ports::SessionId session, std::string_view text) = 0;
};

enum class Url : std::uint8_t { Public, Private, Business };

/// Public channels in the order in which they push what one moment brought (okx.md 2.2).
enum class Channel : std::uint8_t {
    BboTbt,
    BooksL2Tbt,
    Books50L2Tbt,
    Books,
    Books5,
    Trades,
    TradesAll,
    Tickers,
    Candle,
    FundingRate,
    MarkPrice,
    PriceLimit,
    IndexTickers,
    Instruments,
    Status,
};
inline constexpr std::size_t kChannelCount = static_cast<std::size_t>(Channel::Status) + 1;

struct ChannelInfo {
    std::string_view name;  ///< of candles: what the name begins with
    Url url;
    std::int64_t period_ms;  ///< pushes happen at multiples of it; 0 = at once
    std::size_t depth;       ///< of books
};
[[nodiscard]] const ChannelInfo& info(Channel channel) noexcept;

/// What somebody follows. `listing` is none for status and instruments, `bar` only of candles.
struct Topic {
    Channel channel{};
    sim_engine::ListingId listing;
    std::size_t bar = 0;  ///< of instruments: 0 SPOT, 1 SWAP
    friend auto operator<=>(const Topic&, const Topic&) = default;
};
/// None: no such channel.
[[nodiscard]] std::optional<Topic> find_channel(std::string_view name) noexcept;

/// All public channels of the venue. Books and quotes are conflated on one grid of time for all
/// their followers, so that sequence numbers are the same on every connection.
class Streams {
public:
    Streams(const sim_engine::SimVenue& venue, std::vector<Tape>& tapes, Wire& wire)
        : venue_{venue}, tapes_{tapes}, wire_{wire} {}

    /// Sends what a new follower gets at once. False: follows it already. `arg` is echoed.
    bool subscribe(ports::SessionId session, const Topic& topic, const std::string& arg,
                   UnixNanos now);
    bool unsubscribe(ports::SessionId session, const Topic& topic);
    [[nodiscard]] bool follows(ports::SessionId session, const Topic& topic) const noexcept;
    void drop(ports::SessionId session);

    void on(const sim_engine::PublicEvent& event);
    /// Trades of the events so far: those of one taker at one price together.
    void flush_trades();
    /// Sends what is due by now.
    void advance(UnixNanos now);
    [[nodiscard]] UnixNanos next_due(UnixNanos now) const noexcept;

private:
    struct Followed {
        std::string arg;
        std::vector<ports::SessionId> sessions;
        std::optional<sim_engine::TopConflator> book;
        std::array<std::vector<Level>, 2> told;  ///< of bbo-tbt and books5
        std::string said;                        ///< last row without its time
        std::int64_t candle = 0;                 ///< begin of the one told last
        bool changed = false;
        UnixNanos sent;
    };
    using Entry = std::map<Topic, Followed>::value_type;

    void tell(Followed& followed, std::string_view text);
    [[nodiscard]] std::string data(const Followed& followed, const Json& row) const;
    [[nodiscard]] std::string book_text(const Entry& entry, bool snapshot,
                                        std::span<const Level> bids, std::span<const Level> asks,
                                        std::int64_t previous, std::uint64_t seq,
                                        UnixNanos now) const;
    [[nodiscard]] std::string top_text(const Entry& entry, UnixNanos now) const;
    [[nodiscard]] std::optional<Json> row(const Topic& topic, UnixNanos now) const;
    void push(Entry& entry, UnixNanos now);
    void push_book(Entry& entry, UnixNanos now);
    void push_top(Entry& entry, UnixNanos now);
    void push_candle(Entry& entry, UnixNanos now);
    void push_row(Entry& entry, UnixNanos now);
    void mark_changed(Channel channel, sim_engine::ListingId listing);

    const sim_engine::SimVenue& venue_;
    std::vector<Tape>& tapes_;  ///< by listing
    Wire& wire_;
    std::map<Topic, Followed> topics_;
    std::array<std::int64_t, kChannelCount> ticks_{};
    std::vector<std::pair<sim_engine::ListingId, Trade>> trades_;
};

}  // namespace parallax::sim_okx
