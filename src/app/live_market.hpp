#pragma once

#include <string>
#include <vector>

#include "app/live_feeds.hpp"
#include "app/notices.hpp"
#include "app/recorder.hpp"
#include "app/session.hpp"

namespace parallax::app {

/// Market data of all venues that are on, from their sockets into a session. One thread; nothing
/// happens but in on() and advance().
class LiveMarket final : private FeedSink {
public:
    /// `fix`: see LiveFeeds.
    LiveMarket(ports::Transport& transport, Session& session,
               fix::Transport* fix = nullptr) noexcept
        : session_{session}, feeds_{transport, *this, fix} {}
    /// Before start(). The access outlives this, which drives its REST clients.
    void add(const VenueAccess& access, std::uint64_t seed) { feeds_.add(access, seed); }
    /// See LiveFeeds::subscribe.
    [[nodiscard]] Result<void> subscribe(const std::string& canonical_names) {
        return feeds_.subscribe(canonical_names);
    }
    /// Gets each frame before the session does; outlives this.
    void record(Recorder& recorder) noexcept { recorder_ = &recorder; }

    void start(UnixNanos now) { feeds_.start(now); }
    void stop(UnixNanos now) { feeds_.stop(now); }
    void reload_instruments(Market market, UnixNanos now) {
        feeds_.reload_instruments(market, now);
    }
    bool on(const ports::NetEvent& event);
    void advance(UnixNanos now);
    [[nodiscard]] UnixNanos next_due() const noexcept;

    [[nodiscard]] std::vector<ports::FeedConnection> connections() const {
        return feeds_.connections();
    }
    /// Instruments that are subscribed and whose book may be traded on, and all that are subscribed
    /// and listed.
    struct Readiness {
        std::size_t tradable = 0;
        std::size_t listed = 0;
    };
    [[nodiscard]] Readiness readiness() const;
    /// What people should know: refused subscriptions, changed rules.
    [[nodiscard]] const std::vector<std::string>& notices() const noexcept {
        return notices_.all();
    }

private:
    void on_frame(const ports::Frame& frame) override;
    void on_status(const messages::FeedStatus& status) override;
    void on_notice(const ports::FeedNotice& notice) override;
    void look_for_stuck_books(UnixNanos now);
    void look_for_delisted();

    Session& session_;
    LiveFeeds feeds_;
    Recorder* recorder_ = nullptr;
    Notices notices_;
    UnixNanos now_;
    std::vector<UnixNanos> waiting_since_;  ///< for a snapshot, by instrument; unknown: it is not
    UnixNanos next_look_;
};

}  // namespace parallax::app
