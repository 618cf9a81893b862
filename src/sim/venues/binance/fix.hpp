#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/random.hpp"
#include "sim/fix/message.hpp"
#include "sim/venues/binance/api.hpp"
#include "sim/venues/common/depth_scheduler.hpp"
#include "sim/venues/common/sessions.hpp"

namespace parallax::sim_binance {

enum class FixDoor : std::uint8_t { OrderEntry, DropCopy, MarketData };
inline constexpr std::size_t kFixDoors = 3;

/// Binance spot's FIX.4.4 (sheet: section 6): order entry, drop copy and market data, each at a
/// listener of its own whose peers are streams of bytes. Orders go through the same Api as REST's.
/// Everything is bounded: a message's length, a session's streams, what a reader leaves unread.
class Fix {
public:
    /// `pump` has the front tell what a request did, before the next one is looked at.
    Fix(Api& api, const sim_front::Keyring& keys, ports::ServerTransport& transport,
        std::array<ports::ListenerId, kFixDoors> doors, std::uint64_t seed,
        std::function<void()> pump);

    /// False: it is of no FIX session.
    [[nodiscard]] bool on(const ports::ServerEvent& event, UnixNanos now);
    void advance(UnixNanos now);
    [[nodiscard]] UnixNanos next_due() const noexcept;
    [[nodiscard]] std::size_t sessions() const noexcept { return sessions_.size(); }

    // What happened in the venue, in order.
    void tell(const sim_engine::OrderUpdate& update, std::uint64_t number, UnixNanos time);
    void tell(const sim_engine::TradePrint& print, UnixNanos time);
    void tell(const sim_engine::LevelChange& change) { depth_.add(change); }
    void tell(const sim_engine::BestChange& change);

    /// The servers behind the sessions there are go away at that time: it is announced by News now
    /// and every 10 s, and they are ended then. Who logs on meanwhile is at another server, and
    /// stays.
    void close_at(UnixNanos time);
    /// Ends all sessions, with the last of the News.
    void close_all();

private:
    struct Stream {  ///< of market data
        enum class Kind : std::uint8_t { Best, Depth, Trades };
        Kind kind{};
        ListingId listing;
        friend auto operator<=>(const Stream&, const Stream&) = default;
    };
    struct State {
        enum class Stage : std::uint8_t { Expected, Live, Ending };
        FixDoor door{};
        Stage stage{};
        std::string bytes;  ///< of a message that is not all there
        std::string sender, key;
        AccountId account;
        std::uint64_t next_in = 1, next_out = 1;
        Nanos heartbeat{};
        UnixNanos heard, sent;
        UnixNanos tested;  ///< unknown: no test is on
        std::string test;  ///< its id
        std::uint64_t tests = 0;
        bool only_acks = false;
        bool leaves = false;  ///< its server goes away
        sim_front::RateWindow messages;
        std::map<std::string, std::vector<Stream>> subscriptions;  ///< by MDReqID
        std::size_t streams = 0;
    };
    using Sessions = sim_front::Sessions<State>;
    using Session = Sessions::Session;
    using Message = sim_fix::Message;
    using Writer = sim_fix::Writer;

    /// Why a message is rejected (3). Codes: 373 and 25016.
    struct Refusal {
        int reason = 0;
        int code = 0;
        int tag = 0;  ///< 0: none
        std::string text;
    };

    // fix_session.cpp
    void take_bytes(Session& s, std::string_view bytes);
    void take_message(Session& s, std::string_view whole);
    void take_live(Session& s, const Message& m);
    [[nodiscard]] std::optional<Refusal> check_header(Session& s, const Message& m) const;
    [[nodiscard]] std::optional<Refusal> check_time(const Message& m,
                                                    std::optional<Nanos> window) const;
    void send(Session& s, const Writer& w);
    /// The tag has a value it cannot have.
    [[nodiscard]] static Refusal incorrect(int tag) {
        return {5, -1130, tag, "Value is incorrect for this tag."};
    }
    void reject(Session& s, const Message& m, const Refusal& why);
    void log_out(Session& s, std::string_view text);
    void end(Session& s);
    void forget(ports::SessionId id);
    void keep_alive(Session& s, UnixNanos now);
    void announce(UnixNanos now);
    void tell_news(Session& s, std::string_view headline);
    // fix_logon.cpp
    void log_on(Session& s, const Message& m);
    [[nodiscard]] std::optional<Refusal> check_logon(Session& s, const Message& m);
    [[nodiscard]] std::optional<Refusal> check_places(const Session& s, AccountId account,
                                                      std::string_view sender);
    // fix_orders.cpp
    void order_message(Session& s, const Message& m);
    [[nodiscard]] Call call_of(const Session& s) const;
    void place(Session& s, const Message& m);
    void cancel(Session& s, const Message& m);
    void cancel_replace(Session& s, const Message& m);
    void mass_cancel(Session& s, const Message& m);
    void amend(Session& s, const Message& m);
    void limits(Session& s, const Message& m);
    void tell_rejected(Session& s, const Message& m, int code, std::string_view text);
    void tell_not_cancelled(Session& s, const Message& m, int code, std::string_view text);
    // fix_reports.cpp
    [[nodiscard]] Writer report(const sim_engine::OrderUpdate& update, std::uint64_t number,
                                UnixNanos time) const;
    // fix_market.cpp
    void market_message(Session& s, const Message& m);
    void instruments(Session& s, const Message& m);
    void subscribe(Session& s, const Message& m);
    void follow(Session& s, const std::string& id, const Stream& stream, std::size_t levels);
    void unfollow(Session& s, const std::string& id);
    void leave(Session& s);
    void snapshot(Session& s, const std::string& id, ListingId listing, std::size_t levels);
    void tell_delta(ListingId listing, const sim_engine::BookDelta& delta);
    /// Sends each who follows it the entries, which begin with 268.
    void tell_stream(const Stream& stream, const Writer& entries);

    Api& api_;
    SimVenue& venue_;
    const sim_front::Keyring& keys_;
    ports::ServerTransport& transport_;
    std::array<ports::ListenerId, kFixDoors> doors_;
    std::function<void()> pump_;
    runtime::Random random_;
    Sessions sessions_;
    UnixNanos now_;
    ports::SessionId asking_;  ///< whose request is being done
    /// Sender ids left without a Logout, by account and id: until when nobody gets them.
    std::map<std::pair<AccountId, std::string>, UnixNanos> blocked_;
    std::vector<sim_front::RateTable> attempts_;  ///< of each door
    struct Late {
        UnixNanos due;
        AccountId account;
        Writer report;
    };
    std::deque<Late> late_;  ///< drop copies
    sim_front::DepthScheduler depth_;
    std::map<Stream, std::set<std::pair<std::uint64_t, std::string>>> followers_;
    /// Prices that followers of a book know of, to tell new levels from changed ones.
    std::map<ListingId, std::array<std::set<Price>, 2>> known_levels_;
    std::map<ListingId, std::array<bool, 2>> known_best_;
    UnixNanos closing_at_, announced_;
};

}  // namespace parallax::sim_binance
