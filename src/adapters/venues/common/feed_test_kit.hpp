#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "adapters/venues/common/stream_feed.hpp"
#include "adapters/venues/common/transport_testing.hpp"

/// Only for tests: a feed whose venue is what the test says, in memory and in steps of 10 ms.
namespace parallax::venue_common {

class FeedDesk {
public:
    FeedDesk(std::unique_ptr<RestDialect> rest_dialect, std::unique_ptr<FeedDialect> feed_dialect,
             FeedSettings settings = {})
        : rest_dialect_{std::move(rest_dialect)}, rest{transport, *rest_dialect_} {
        std::vector<StreamFeed::Rest> clients;
        std::set<Market> markets;
        for (const FeedDoor& door : feed_dialect->doors()) {
            if (markets.insert(door.market).second) clients.push_back({door.market, &rest});
        }
        feed = std::make_unique<StreamFeed>(transport, std::move(feed_dialect), clients, settings);
    }

    /// Time passes; requests are answered from `bodies` (by a part of their URL), sockets opened.
    void pass(Nanos time) {
        const UnixNanos end = transport.time + time;
        while (transport.time < end) {
            transport.time = transport.time + Nanos::millis(10);
            feed->advance(transport.time);
            collect();
            for (const auto& [id, request] : std::exchange(transport.requests, {})) {
                const auto found = std::find_if(bodies.begin(), bodies.end(), [&](const auto& one) {
                    return request.url.find(one.first) != std::string::npos;
                });
                asked.push_back(request.url);
                const bool known = found != bodies.end();
                give(transport.answers(ports::RequestId{id}, known ? 200 : 404,
                                       known ? found->second : "{}"));
            }
            for (auto& [id, connection] : transport.connections) {
                if (!connection.open && !connection.closed && open_all) {
                    give(transport.opens(ports::ConnectionId{id}));
                    opened_at.push_back(transport.time);
                }
                for (std::string& text : std::exchange(connection.sent, {})) {
                    sent.emplace_back(ports::ConnectionId{id}, text);
                    if (answer) answer(ports::ConnectionId{id}, text);
                }
            }
        }
    }
    void give(const ports::NetEvent& event) {
        EXPECT_TRUE(feed->on(event));
        collect();
    }
    void say(ports::ConnectionId id, const std::string& text) { give(transport.says(id, text)); }
    /// Texts sent so far, without those of heartbeats.
    std::vector<std::string> take_sent() {
        std::vector<std::string> texts;
        for (auto& [id, text] : std::exchange(sent, {})) texts.push_back(std::move(text));
        return texts;
    }

    RecordedTransport transport;

private:
    std::unique_ptr<RestDialect> rest_dialect_;

public:
    RestClient rest;
    std::unique_ptr<StreamFeed> feed;
    std::map<std::string, std::string> bodies;
    std::function<void(ports::ConnectionId, const std::string&)> answer;
    bool open_all = true;
    std::vector<std::string> asked;
    std::vector<UnixNanos> opened_at;
    std::vector<std::pair<ports::ConnectionId, std::string>> sent;
    std::vector<ports::FeedNotice> notices;
    std::vector<messages::FeedStatus> statuses;
    std::vector<std::pair<ports::FrameKind, std::string>> frames;

private:
    void collect() {
        for (const auto& notice : feed->notices()) notices.push_back(notice);
        for (const auto& status : feed->statuses()) statuses.push_back(status);
        for (const auto& frame : feed->frames())
            frames.emplace_back(frame.kind, std::string{frame.bytes});
    }
};

/// What stands between two texts; empty when the first is missing.
inline std::string between(const std::string& text, const std::string& from,
                           const std::string& to) {
    const std::size_t begin = text.find(from);
    if (begin == std::string::npos) return {};
    const std::size_t at = begin + from.size();
    return text.substr(at, text.find(to, at) - at);
}
inline std::size_t times(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

}  // namespace parallax::venue_common
