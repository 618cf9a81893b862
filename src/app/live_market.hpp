#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/venues/common/stream_feed.hpp"
#include "app/session.hpp"
#include "app/venue_access.hpp"

namespace parallax::app {

/// Market data of all venues that are on, from their sockets into a session. One thread; nothing
/// happens but in on() and advance().
class LiveMarket {
public:
    /// Sees each frame before the session does, for recorders.
    using Tap = std::function<void(const ports::Frame&)>;

    LiveMarket(ports::Transport& transport, Session& session) noexcept
        : transport_{transport}, session_{session} {}
    /// Before start(). The access outlives this, which drives its REST clients.
    void add(const VenueAccess& access, std::uint64_t seed);
    /// By canonical names; a venue that is not here, or does not list a name, goes without. Errors:
    /// Rejected (a name that is none).
    [[nodiscard]] Result<void> subscribe(const std::string& canonical_names);
    void set_tap(Tap tap) { tap_ = std::move(tap); }

    void start(UnixNanos now);
    void stop(UnixNanos now);
    bool on(const ports::NetEvent& event);
    void advance(UnixNanos now);
    [[nodiscard]] UnixNanos next_due() const noexcept;

    [[nodiscard]] std::vector<ports::FeedConnection> connections() const;
    /// Instruments that are subscribed and whose book may be traded on, and all that are subscribed
    /// and listed.
    struct Readiness {
        std::size_t tradable = 0;
        std::size_t listed = 0;
    };
    [[nodiscard]] Readiness readiness() const;
    /// What people should know: refused subscriptions, changed rules. The newest last, a few.
    [[nodiscard]] const std::vector<std::string>& notices() const noexcept { return notices_; }

private:
    struct Place {
        const VenueAccess* access = nullptr;
        std::unique_ptr<venue_common::StreamFeed> feed;
        std::uint32_t first_connection = 0;
    };
    void take(Place& place, UnixNanos now);
    void look_for_stuck_books(UnixNanos now);
    void note(std::string text);

    ports::Transport& transport_;
    Session& session_;
    std::vector<Place> places_;
    Tap tap_;
    std::vector<std::string> notices_;
    std::vector<UnixNanos> waiting_since_;  ///< for a snapshot, by instrument; unknown: it is not
    UnixNanos next_look_;
};

}  // namespace parallax::app
