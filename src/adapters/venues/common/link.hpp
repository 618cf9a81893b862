#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/venues/common/rate_limiter.hpp"
#include "ports/transport.hpp"
#include "runtime/backoff.hpp"

namespace parallax::venue_common {

struct Heartbeat {
    enum class Kind : std::uint8_t { None, Frame, Text };
    Kind kind = Kind::None;
    Nanos every = Nanos::seconds(20);
    bool when_idle = false;  ///< only when nothing was heard for that long
    bool counted = false;    ///< costs a `message_call` too
    std::string text = {};   ///< of Kind::Text
};

struct LinkOptions {
    std::string name;  ///< for people
    ports::WebSocketTarget target;
    Heartbeat heartbeat;
    Nanos silence = Nanos::seconds(45);  ///< nothing heard for so long: cut and connect again
    Nanos replace_after = Nanos{};       ///< 0 = never; up to a tenth earlier, drawn by `seed`
    Nanos overlap = Nanos::seconds(3);   ///< the old one flows on beside the new one
    Nanos setup = Nanos::seconds(30);    ///< from Opened to Live
    Nanos steady = Nanos::seconds(30);   ///< Live for so long: the back-off starts again
    Nanos first_wait = Nanos::millis(250);
    Nanos longest_wait = Nanos::seconds(30);
    std::uint64_t seed = 1;
    std::uint8_t connect_call = 0;             ///< of the rate table
    std::optional<std::uint8_t> message_call;  ///< likewise; none = messages are not limited
    Urgency urgency = Urgency::Normal;
};

enum class LinkState : std::uint8_t {
    Down,  ///< not started, or waits before the next attempt
    Connecting,
    SigningIn,  ///< open; what it asked first is not answered
    Subscribing,
    Live,
    Replacing,  ///< Live, and another connection is being set up
};
[[nodiscard]] std::string_view to_string(LinkState state) noexcept;

/// Why a connection ended, or never began.
enum class LinkReason : std::uint8_t {
    None,
    Failed,       ///< never opened
    Closed,       ///< the venue's doing, `code` says how
    Silent,       ///< the watchdog
    NotSignedIn,  ///< refused or unanswered
    NotReady,     ///< not Live within `setup`
    Planned,      ///< replaced
    Owner,        ///< drop() or stop()
};
inline constexpr std::size_t kLinkReasonCount = 8;
[[nodiscard]] std::string_view to_string(LinkReason reason) noexcept;

/// A request on a connection whose answer is waited for.
struct Ask {
    std::uint64_t key = 0;  ///< of new_key(); the text carries it, or the owner finds it otherwise
    std::string text;
    bool sign_in = false;       ///< goes before the others, which wait until it is answered
    std::uint32_t answers = 1;  ///< that come if all is well; 0: Sent is all that will be known
    Nanos timeout = Nanos::seconds(10);  ///< from its sending
};

enum class LinkFactKind : std::uint8_t {
    Opened,      ///< set_up() is due on `connection`
    Live,        ///< everything asked is answered, refused or given up; `connection` is current()
    Replaced,    ///< `connection` took over from `other`, which flows on for `overlap`
    Sent,        ///< `key`, which has no answer
    Refused,     ///< `key`, with the venue's `code` and `text`
    Unanswered,  ///< `key`
    Ended,       ///< `connection` is no more: `reason`, close `code`, `text`
};

struct LinkFact {
    LinkFactKind kind{};
    LinkReason reason{};
    UnixNanos at;
    ports::ConnectionId connection;
    ports::ConnectionId other;
    std::uint64_t key = 0;
    std::int32_t code = 0;
    std::string text;   ///< for people
    bool lost = false;  ///< Ended: the link is down now
};

struct LinkCounters {
    std::uint64_t attempts = 0;
    std::uint64_t opened = 0;
    std::uint64_t replaced = 0;
    std::uint64_t refused = 0;
    std::uint64_t unanswered = 0;
    std::uint64_t messages = 0;  ///< heard
    std::array<std::uint64_t, kLinkReasonCount> ended{};
};

/// One WebSocket to a venue that is kept up: connects (within the rate limits, with back-off),
/// signs in, subscribes, stays alive, and is replaced in good time before the venue's own cut. It
/// knows no protocol; its owner does, and drives it:
///
///     link.start(now);
///     for each event: if (!link.on(event)) continue;          // somebody else's
///         if (event.kind == Message && link.has(event.connection)) read it; where it is an
///         acknowledgement, link.answer(...)
///     link.advance(now), at next_due() or more often
///     while (auto fact = link.next_fact()) ...                // after each of on() and advance()
///         Opened -> link.set_up(connection, {sign-in and subscriptions})
///
/// What is refused or unanswered while subscribing is a fact and no more: whoever owns the link
/// drops the connection or does without. Without a sign-in there is no connection: it ends and is
/// tried again, ever more rarely. One thread, no clock; same events and times, same behaviour.
class Link {
public:
    /// Transport and limiter outlive the link.
    Link(ports::Transport& transport, RateLimiter& limiter, LinkOptions options);
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    void start(UnixNanos now);
    /// Says goodbye on all connections and does not come back.
    void stop(UnixNanos now);
    /// For connections from now on: a listen key in the address changes.
    void set_target(ports::WebSocketTarget target) { options_.target = std::move(target); }

    /// True: it was of one of this link's connections.
    bool on(const ports::NetEvent& event);
    void advance(UnixNanos now);
    [[nodiscard]] UnixNanos next_due() const noexcept;
    /// In order; none left: nullopt.
    [[nodiscard]] std::optional<LinkFact> next_fact();

    [[nodiscard]] std::uint64_t new_key() noexcept { return ++last_key_; }
    /// Once for each Opened. No asks: it is Live at once.
    void set_up(ports::ConnectionId connection, std::vector<Ask> asks, UnixNanos now);
    /// One more request on a connection that is set up. Ignored when it is gone.
    void ask(ports::ConnectionId connection, Ask ask, UnixNanos now);
    /// An answer to an ask: one of those expected, or a refusal, which ends it. False: not waited
    /// for (any more).
    bool answer(ports::ConnectionId connection, std::uint64_t key, UnixNanos now);
    bool refuse(ports::ConnectionId connection, std::uint64_t key, std::int32_t code,
                std::string_view text, UnixNanos now);
    /// Whether an ask has an answer to come.
    [[nodiscard]] bool waits_for(ports::ConnectionId connection, std::uint64_t key) const noexcept;

    /// A message that is nobody's ask, such as an order: at once, past the limiter, on current().
    /// Errors: Unavailable (not Live), BackPressured.
    [[nodiscard]] HotResult<void> send(std::string_view text);
    /// Connects anew beside the one there is. Nothing if not Live.
    void replace(UnixNanos now);
    /// The venue announced the end of this connection: it is replaced, unless it was already; one
    /// that is being set up will be once it is Live.
    void leaving(ports::ConnectionId connection, UnixNanos now);
    /// Cuts everything and connects again, after the back-off.
    void drop(UnixNanos now, std::string_view why);

    [[nodiscard]] LinkState state() const noexcept;
    [[nodiscard]] bool live() const noexcept;
    /// The one that counts: set up first of all there are. Not valid when there is none.
    [[nodiscard]] ports::ConnectionId current() const noexcept;
    /// The one being set up to take over, if any.
    [[nodiscard]] ports::ConnectionId next() const noexcept;
    /// The one that was replaced and flows on, if any.
    [[nodiscard]] ports::ConnectionId old() const noexcept;
    /// Up or being set up, and its messages count.
    [[nodiscard]] bool has(ports::ConnectionId connection) const noexcept;
    [[nodiscard]] UnixNanos last_heard() const noexcept;  ///< on current(); unknown: never
    [[nodiscard]] const LinkCounters& counters() const noexcept { return counters_; }
    [[nodiscard]] const LinkOptions& options() const noexcept { return options_; }

private:
    struct Pending {
        Ask ask;
        bool sent = false;
        UnixNanos deadline;
        std::optional<RateTicket> ticket;
    };
    enum class Phase : std::uint8_t { Connecting, Open, Asking, Live };
    struct Line {
        ports::ConnectionId id;
        Phase phase = Phase::Connecting;
        UnixNanos opened;
        UnixNanos live_since;
        UnixNanos heard;
        UnixNanos beat;        ///< last heartbeat
        UnixNanos replace_at;  ///< unknown: never
        UnixNanos held_until;  ///< by the limiter or a full buffer
        bool leaving = false;  ///< the venue said so
        std::optional<RateTicket> connect_ticket;
        std::optional<RateTicket> beat_ticket;
        std::deque<Pending> pending;
    };
    using Slot = std::optional<Line>;

    [[nodiscard]] Slot* find(ports::ConnectionId id) noexcept;
    [[nodiscard]] const Line* line(ports::ConnectionId id) const noexcept;
    void connect(Slot& slot, UnixNanos now);
    void opened(Line& line, const ports::NetEvent& event);
    void closed(Slot& slot, const ports::NetEvent& event);
    void end(Slot& slot, UnixNanos now, LinkReason reason, std::int32_t code, std::string_view text,
             bool peer_knows);
    void advance_line(Slot& slot, UnixNanos now);
    void send_asks(Line& line, UnixNanos now);
    void give_up_asks(Slot& slot, UnixNanos now);
    void beat(Line& line, UnixNanos now);
    void settle(Line& line, UnixNanos now);
    void finished(Line& line, std::uint64_t key, UnixNanos now);
    [[nodiscard]] UnixNanos beat_due(const Line& line) const noexcept;
    [[nodiscard]] UnixNanos line_due(const Line& line) const noexcept;
    [[nodiscard]] std::optional<RateTicket> message_ticket(Line& line, UnixNanos now);
    void give_back(std::optional<RateTicket>& ticket, UnixNanos now);
    LinkFact& tell(LinkFactKind kind, ports::ConnectionId connection, UnixNanos at);

    ports::Transport& transport_;
    RateLimiter& limiter_;
    LinkOptions options_;
    runtime::Backoff backoff_;
    runtime::Random random_;
    bool wanted_ = false;
    UnixNanos retry_at_;       ///< of current_
    UnixNanos replace_retry_;  ///< of next_, after one failed
    UnixNanos old_until_;
    Slot current_;
    Slot next_;
    Slot old_;
    std::vector<ports::ConnectionId> closing_;  ///< given up; only their Closed is to come
    std::deque<LinkFact> facts_;
    LinkCounters counters_;
    std::uint64_t last_key_ = 0;
};

}  // namespace parallax::venue_common
