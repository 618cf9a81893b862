#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "adapters/venues/common/rate_table.hpp"
#include "adapters/venues/common/rate_window.hpp"
#include "core/time.hpp"

namespace parallax::venue_common {

/// Who may use how much of a limit.
enum class Urgency : std::uint8_t {
    Background,  ///< refreshes, books that begin anew: three quarters of what Normal may
    Normal,      ///< new orders and their queries: all but the reserve
    Urgent,      ///< cancels and hedges: everything
};

struct RateRequest {
    std::uint8_t call = 0;  ///< index into the table's calls: the venue's enum Call
    Urgency urgency = Urgency::Normal;
    Wire wire = Wire::Http;
    std::uint32_t items = 1;       ///< orders of a batch
    std::uint64_t instrument = 0;  ///< for limits per instrument (any number that tells them apart)
    std::uint64_t connection = 0;  ///< for limits per connection
};

/// What an accepted request holds. Give it back once: answered(), lost() or unsent().
struct RateTicket {
    struct Part {
        std::uint32_t window = 0;
        std::uint32_t amount = 0;
        template <class Archive>
        void describe(Archive& a) {
            a(window, amount);
        }
    };
    std::array<Part, kMostCosts> parts{};
    template <class Archive>
    void describe(Archive& a) {
        a(parts);
    }
};

struct RateRefusal {
    UnixNanos at;        ///< not before; kNever: costs more than this urgency may ever use
    std::uint8_t limit;  ///< the limit that holds it longest
};

struct RateBudget {
    std::uint32_t limit = 0;
    std::uint32_t used = 0;         ///< may count at the venue
    std::uint32_t left = 0;         ///< for cancels and hedges
    std::uint32_t left_normal = 0;  ///< for the rest
    UnixNanos blocked_until;        ///< the venue said so; in the past: not blocked
};

/// All limits of one account at one venue. Accepts only what cannot exceed them, whatever the
/// latencies and clocks (rate_window.hpp has the proof), and what other programs used as far as the
/// venue tells of it. Keeps no queue: a refused request is told when to ask again.
///
/// Time comes in as an argument and should not step forward by itself: what counts for a minute
/// would be forgotten early. A step back does no harm. One thread.
class RateLimiter {
public:
    static constexpr auto kNever = UnixNanos::from_nanos(std::numeric_limits<std::int64_t>::max());

    /// `lateness`: how long after it was given up a request may still reach the venue.
    explicit RateLimiter(const RateTable& table, Nanos lateness = Nanos::seconds(10));

    [[nodiscard]] tl::expected<RateTicket, RateRefusal> acquire(const RateRequest& request,
                                                                UnixNanos now);
    void answered(const RateTicket& ticket, UnixNanos now);
    /// No answer came, or none is expected.
    void lost(const RateTicket& ticket, UnixNanos now);
    /// Not a byte left this host.
    void unsent(const RateTicket& ticket);

    /// The venue's own count, from an answer whose ticket was given back before. What it counts
    /// beyond ours was used by somebody else.
    void observe(std::uint8_t limit, std::uint32_t used, UnixNanos now, std::uint64_t key = 0);
    /// Another size than the table says: exchangeInfo, or the account's tier.
    void set_limit(std::uint8_t limit, std::uint32_t size);
    /// Nothing of this limit, or nothing at all, before `until`. Never shortens.
    void block(std::uint8_t limit, UnixNanos until, UnixNanos now, std::uint64_t key = 0);
    void block_all(UnixNanos until);

    [[nodiscard]] RateBudget budget(std::uint8_t limit, UnixNanos now, std::uint64_t key = 0);
    [[nodiscard]] UnixNanos blocked_until() const noexcept { return blocked_; }
    [[nodiscard]] const RateTable& table() const noexcept { return table_; }

    template <class Archive>
    void describe(Archive& a) {
        a(last_, blocked_, sizes_, counts_, keyed_, free_, lost_, many_);
    }

private:
    using Key = std::pair<std::uint8_t, std::uint64_t>;
    struct Count {
        std::uint8_t limit = 0;
        std::uint64_t key = 0;
        RateWindow window;
        std::uint32_t seen = 0;  ///< at the venue, with what was sent since
        UnixNanos seen_until;
        UnixNanos blocked;
        template <class Archive>
        void describe(Archive& a) {
            a(limit, key, window, seen, seen_until, blocked);
        }
    };
    struct Lost {
        RateTicket ticket;
        UnixNanos until;
        template <class Archive>
        void describe(Archive& a) {
            a(ticket, until);
        }
    };

    UnixNanos step(UnixNanos now);
    Count& at(std::uint8_t limit, std::uint64_t key);
    std::uint32_t add(const Key& key);
    void give_idle_back();
    [[nodiscard]] bool idle(Count& count);
    [[nodiscard]] std::uint32_t used(Count& count);
    [[nodiscard]] std::uint32_t share(std::uint8_t limit, Urgency urgency) const;
    [[nodiscard]] UnixNanos when(Count& count, std::uint32_t amount, Urgency urgency);
    void close(const RateTicket& ticket, UnixNanos arrived);

    RateTable table_;
    Nanos lateness_;
    UnixNanos last_;
    UnixNanos blocked_;
    std::vector<std::uint32_t> sizes_;
    std::vector<Count> counts_;  ///< limits without a key first, at their own index
    std::map<Key, std::uint32_t> keyed_;
    std::vector<std::uint32_t> free_;
    std::deque<Lost> lost_;
    std::uint64_t many_;
};

}  // namespace parallax::venue_common
