#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "messages/market.hpp"
#include "ports/frame_source.hpp"
#include "ports/transport.hpp"

namespace parallax::ports {

/// What is wanted of an instrument. A venue leaves out what its market does not have (marks of
/// spot).
enum FeedContent : std::uint8_t {
    kFeedDepth = 1 << 0,
    kFeedQuote = 1 << 1,
    kFeedTrades = 1 << 2,
    kFeedMark = 1 << 3,    ///< mark and index price, funding
    kFeedTicker = 1 << 4,  ///< 24 hours
};
inline constexpr std::uint8_t kFeedAll = 0x1f;

struct FeedSubscription {
    Market market{};
    std::string symbol;  ///< as the venue writes it
    std::uint8_t contents = kFeedDepth | kFeedQuote | kFeedTrades | kFeedMark;
};

enum class FeedNoticeKind : std::uint8_t {
    BookLost,  ///< the connection that carries this book is gone: not tradable before its snapshot
    Refused,   ///< the venue refused a subscription or a snapshot; it is tried again, rarely
    Listed,
    Delisted,
    RulesChanged,   ///< tick, lot, limits
    StatusChanged,  ///< trades no more, or again
};

/// What happened to one instrument.
struct FeedNotice {
    FeedNoticeKind kind{};
    Market market{};
    UnixNanos at;
    std::string symbol;
    std::string text;  ///< for people
};

/// One connection, for people.
struct FeedConnection {
    Market market{};
    std::string name;
    std::string_view state;  ///< "live", "connecting", ...
    std::uint32_t connection = 0;
    std::size_t topics = 0;
    UnixNanos last_heard;
    std::uint64_t messages = 0;
    std::uint64_t attempts = 0;
    std::uint64_t drops = 0;  ///< unplanned
    std::uint64_t replaced = 0;
    std::string last_reason;  ///< of the last drop
};

struct FeedBookHealth {
    bool subscribed = false;  ///< acknowledged, on a connection that is up
    bool refused = false;
    std::uint64_t snapshots = 0;  ///< asked for by REST
    std::uint64_t resyncs = 0;
};

/// Live market data of one venue. Brings what the venue sends as frames, as they came, in the order
/// received: they may be recorded, and the venue's parser reads them. Polled, one thread:
///
///     if (feed.on(event)) ...      for each event of the transport; true: it was the feed's
///     feed.advance(now)            at next_due() or more often
///     after each of the two: frames(), statuses(), notices() of that call
///
/// Books that need a snapshot of their own get it; a reader who sees a gap calls resync().
class MarketFeed {
public:
    virtual ~MarketFeed() = default;
    /// Before or while it runs; more contents of a symbol add to those it has. Errors: Rejected (a
    /// market of another venue, or contents its market does not have).
    [[nodiscard]] virtual Result<void> subscribe(const FeedSubscription& wanted) = 0;
    virtual void unsubscribe(Market market, std::string_view symbol) = 0;
    /// The book of this symbol lacks something: fetches its snapshot, or subscribes anew. As often
    /// as wanted: what is on its way is not asked for twice, and repetitions are ever rarer.
    virtual void resync(Market market, std::string_view symbol, UnixNanos now) = 0;
    /// Our idea of the market's instruments is old: they are listed again at once, though not more
    /// often than every ten seconds.
    virtual void reload_instruments(Market market, UnixNanos now) = 0;

    virtual void start(UnixNanos now) = 0;
    virtual void stop(UnixNanos now) = 0;
    [[nodiscard]] virtual bool on(const NetEvent& event) = 0;
    virtual void advance(UnixNanos now) = 0;
    [[nodiscard]] virtual UnixNanos next_due() const noexcept = 0;

    /// Frame::connection counts the venue's connections. Answers of REST come with the symbol they
    /// are of (books), or all listings of a market (instruments, at first and when they change).
    [[nodiscard]] virtual std::span<const Frame> frames() const noexcept = 0;
    /// A market is up while at least one of the connections that carry its books is.
    [[nodiscard]] virtual std::span<const messages::FeedStatus> statuses() const noexcept = 0;
    [[nodiscard]] virtual std::span<const FeedNotice> notices() const noexcept = 0;

    [[nodiscard]] virtual std::vector<FeedConnection> connections() const = 0;
    [[nodiscard]] virtual FeedBookHealth book(Market market, std::string_view symbol) const = 0;
};

}  // namespace parallax::ports
