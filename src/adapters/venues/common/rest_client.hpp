#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/venues/common/circuit_breaker.hpp"
#include "adapters/venues/common/clock_offset.hpp"
#include "adapters/venues/common/rate_limiter.hpp"
#include "adapters/venues/common/rest_dialect.hpp"
#include "runtime/latency.hpp"

namespace parallax::venue_common {

struct RestConfig {
    BreakerConfig breaker;
    Nanos clock_interval = Nanos::seconds(60);  ///< between measurements of the venue's clock
    std::uint32_t most_attempts = 4;
    Nanos first_wait = Nanos::millis(100);  ///< before a repetition; doubles
    std::size_t most_waiting = 1'024;       ///< calls without a ticket
};

/// Names a call; rises, 0 is none.
using RestToken = std::uint64_t;
/// Who gets an answer: parts that share a client see only their own.
using RestUser = std::uint8_t;

enum class RestOutcome : std::uint8_t {
    Answered,  ///< see the verdict
    NotSent,   ///< certainly not executed: no budget before the deadline, or no connection
    Lost,      ///< sent, no answer: it may have been executed
};

struct RestAnswer {
    RestToken token = 0;
    RestOutcome outcome{};
    std::uint8_t call = 0;
    std::uint16_t status = 0;  ///< of HTTP; 0 without answer
    std::optional<std::int32_t> code;
    Verdict verdict{Reaction::None, {}};
    std::string body;  ///< or, without answer, why, for people
    UnixNanos sent;    ///< of the last attempt; unknown: never
    UnixNanos received;
    [[nodiscard]] bool good() const noexcept {
        return outcome == RestOutcome::Answered && verdict.reaction == Reaction::None;
    }
};
/// The venue does not list what was asked about, or lists it differently than we think.
[[nodiscard]] inline bool says_unlisted(const RestAnswer& answer) noexcept {
    return answer.outcome == RestOutcome::Answered &&
           answer.verdict.reaction == Reaction::ReloadInstruments;
}
/// What went wrong with it, for people.
[[nodiscard]] std::string explain(const RestAnswer& answer);

/// What one kind of call has seen.
struct CallStatistics {
    std::array<std::uint64_t, 6> statuses{};  ///< by hundreds; 0: no answer
    std::array<std::uint64_t, kReactionCount> reactions{};
    std::uint64_t refused = 0;    ///< by the limiter or the breaker, at least once a call
    std::uint64_t repeated = 0;   ///< attempts behind the first
    std::uint64_t discarded = 0;  ///< never sent
    std::unique_ptr<runtime::LatencyHistogram> latency;  ///< null before the first answer
};

/// REST of one account at one venue: budgets, signatures, the venue's clock, what errors mean, and
/// repetition where it is safe. Polled, one thread, no callbacks: on() takes what the transport
/// says, advance() sends what may go by now, take() gives finished calls. The budgets (limiter())
/// are shared with order entry over WebSockets.
class RestClient {
public:
    static constexpr UnixNanos kNever = RateLimiter::kNever;

    /// Transport and dialect must outlive it.
    RestClient(ports::Transport& transport, RestDialect& dialect, RestConfig config = {});
    RestClient(const RestClient&) = delete;
    RestClient& operator=(const RestClient&) = delete;

    [[nodiscard]] RestUser add_user();
    /// Sends now, or, with a deadline, as soon as there is budget. Exactly one answer follows.
    /// Errors, nothing was sent: BackPressured (no budget now, or too many wait), Unavailable (the
    /// endpoint's breaker is open), Rejected (an url that is none).
    [[nodiscard]] Result<RestToken> submit(RestUser user, RestCall call, UnixNanos now);
    /// Forgets a call: what is not sent yet never will be; no answer comes.
    void drop(RestToken token);

    /// True: it was an answer to a request of this client.
    bool on(const ports::NetEvent& event);
    void advance(UnixNanos now);
    [[nodiscard]] UnixNanos next_due() const noexcept;
    /// The oldest finished call of this user.
    [[nodiscard]] std::optional<RestAnswer> take(RestUser user);

    [[nodiscard]] RateLimiter& limiter() noexcept { return limiter_; }
    [[nodiscard]] const ClockOffset& clock() const noexcept { return clock_; }
    /// The venue's clock; ours while nothing is known.
    [[nodiscard]] UnixNanos venue_time(UnixNanos now) const noexcept {
        return clock_.venue_time(now);
    }
    /// How far the venue's clock is ahead of ours.
    [[nodiscard]] Nanos venue_ahead(UnixNanos now) const noexcept { return venue_time(now) - now; }
    /// Why the last question for the venue's time had no good answer, for people; empty: none so
    /// far.
    [[nodiscard]] const std::string& clock_failure() const noexcept { return clock_failure_; }
    /// An error elsewhere said that our time is wrong: measures at once.
    void resync_clock();
    [[nodiscard]] const CallStatistics& statistics(std::uint8_t call) const {
        return statistics_.at(call);
    }
    [[nodiscard]] const CircuitBreaker& breaker(std::uint8_t call) const {
        return breakers_.at(call);
    }
    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }

private:
    struct Pending {
        RestToken token = 0;
        RestUser user = 0;
        RestCall call;
        std::uint32_t attempts = 0;
        UnixNanos not_before;
        UnixNanos sent;
        bool dropped = false;
        bool clock_wanted = false;  ///< signed anew once the clock is measured
        RateTicket ticket;
        ports::RequestId request;
        std::string held_by;  ///< what it waits for, for people
    };
    enum class Try : std::uint8_t { Sent, Later, Failed };
    static constexpr RestUser kOwn = 0;  ///< the clock's

    Try try_send(Pending& pending, UnixNanos now, Error& why);
    void finished(Pending& pending, const ports::NetEvent& event);
    void on_clock(const Pending& pending, const ports::NetEvent& event, bool good);
    bool repeat(Pending& pending, RestOutcome outcome, Reaction reaction, UnixNanos now);
    void enqueue(Pending&& pending);
    void tell(const Pending& pending, RestAnswer&& answer);
    void not_sent(const Pending& pending, std::string why, UnixNanos now);
    void measure_clock(UnixNanos now);

    ports::Transport& transport_;
    RestDialect& dialect_;
    RestConfig config_;
    RateLimiter limiter_;
    CircuitBreakers breakers_;
    ClockOffset clock_;
    std::vector<CallStatistics> statistics_;
    std::vector<Pending> waiting_;  ///< most urgent first, then oldest
    std::vector<Pending> sent_;
    std::vector<std::deque<RestAnswer>> done_;  ///< by user
    ports::HttpRequest request_;                ///< its memory is used again
    RestToken last_token_ = 0;
    bool clock_asked_ = false;
    UnixNanos clock_due_;
    std::uint32_t clock_failures_ = 0;
    std::string clock_failure_;
};

}  // namespace parallax::venue_common
