#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "adapters/venues/common/feed_dialect.hpp"
#include "adapters/venues/common/rest_client.hpp"

namespace parallax::venue_common {

/// Fetches the listings of one market every so often, page by page, and tells what changed since
/// the last complete list. One thread.
class InstrumentWatch {
public:
    InstrumentWatch(Market market, RestClient& rest, FeedDialect& dialect, Nanos interval);

    void advance(UnixNanos now);
    /// The next list is wanted at once; ten seconds after the last one at the earliest.
    void hurry(UnixNanos now) noexcept;
    [[nodiscard]] UnixNanos next_due() const noexcept;
    /// Bodies of the last complete list, if advance() just finished one that differs from the one
    /// before. Valid until the next advance().
    [[nodiscard]] const std::deque<std::string>& news() const noexcept { return news_; }
    /// The path they came from.
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    /// Changes of that list; none for the very first one.
    [[nodiscard]] const std::vector<ports::FeedNotice>& changes() const noexcept {
        return changes_;
    }
    [[nodiscard]] const std::map<std::string, InstrumentDefinition>& listings() const noexcept {
        return known_;
    }

private:
    void ask(UnixNanos now);
    void give_up(UnixNanos now);
    void compare(UnixNanos now);
    void change(ports::FeedNoticeKind kind, const std::string& symbol, std::string text,
                UnixNanos now);

    Market market_;
    RestClient& rest_;
    FeedDialect& dialect_;
    Nanos interval_;
    RestUser user_;
    UnixNanos due_;
    UnixNanos listed_;  ///< the last complete list
    std::uint32_t failures_ = 0;
    RestToken token_ = 0;
    std::deque<RestCall> calls_;
    RestCall asked_;
    std::deque<std::string> bodies_;
    std::deque<std::string> news_;
    std::string path_;
    std::map<std::string, InstrumentDefinition> coming_;
    std::map<std::string, InstrumentDefinition> known_;
    std::vector<ports::FeedNotice> changes_;
};

}  // namespace parallax::venue_common
