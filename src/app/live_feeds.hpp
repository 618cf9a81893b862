#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/fix/transport.hpp"
#include "adapters/venues/common/stream_feed.hpp"
#include "app/venue_access.hpp"

namespace parallax::app {

/// Who gets what the feeds bring. Called from within LiveFeeds' on() and advance(); may call
/// resync() from there.
class FeedSink {
public:
    virtual ~FeedSink() = default;
    /// Frame::connection counts over all venues.
    virtual void on_frame(const ports::Frame& frame) = 0;
    virtual void on_status(const messages::FeedStatus& status) = 0;
    virtual void on_notice(const ports::FeedNotice& notice) = 0;
};

/// Market data of all venues that are on. One thread; nothing happens but in on() and advance().
class LiveFeeds {
public:
    /// `fix`: the transport once more, for market data over FIX; null: there is none of these.
    LiveFeeds(ports::Transport& transport, FeedSink& sink, fix::Transport* fix = nullptr) noexcept
        : transport_{transport}, sink_{sink}, fix_{fix} {}
    /// Whether the way that is configured can be gone. Errors: Rejected (market data over FIX
    /// without a key for it, or without an address).
    [[nodiscard]] static Result<void> check(const VenueAccess& access);
    /// Before start(). The access outlives this, which drives its REST clients. What check() does
    /// not take comes over the WebSocket.
    void add(const VenueAccess& access, std::uint64_t seed);
    /// By canonical names; a venue that is not here, or does not list a name, goes without. Errors:
    /// Rejected (a name that is none).
    [[nodiscard]] Result<void> subscribe(const std::string& canonical_names);
    /// What was subscribed, listed or not.
    [[nodiscard]] const std::vector<VenueSymbol>& wanted() const noexcept { return wanted_; }

    void start(UnixNanos now);
    void stop(UnixNanos now);
    /// True: it was a feed's.
    bool on(const ports::NetEvent& event);
    void advance(UnixNanos now);
    [[nodiscard]] UnixNanos next_due() const noexcept;
    /// The book lacks something; see ports::MarketFeed::resync.
    void resync(Market market, std::string_view symbol, UnixNanos now);
    /// See ports::MarketFeed::reload_instruments.
    void reload_instruments(Market market, UnixNanos now);

    /// See StreamFeed::lists; none also of a market that nobody here asks about.
    [[nodiscard]] std::optional<bool> lists(Market market, const std::string& symbol) const;
    [[nodiscard]] std::vector<ports::FeedConnection> connections() const;
    /// Whether the book is subscribed on a connection that is up.
    [[nodiscard]] bool subscribed(Market market, std::string_view symbol) const;

private:
    struct Place {
        const VenueAccess* access = nullptr;
        std::unique_ptr<venue_common::StreamFeed> feed;
        std::uint32_t first_connection = 0;
    };
    void take(Place& place);

    ports::Transport& transport_;
    FeedSink& sink_;
    fix::Transport* fix_;
    std::vector<Place> places_;
    std::vector<VenueSymbol> wanted_;
};

}  // namespace parallax::app
