#pragma once

#include "adapters/fix/transport.hpp"
#include "adapters/venues/common/feed_dialect.hpp"

/// How Binance spot's market data is subscribed over FIX and its messages told apart (sheet:
/// section 6.6); FixMarket reads what they say. One MDReqID a stream, which is the topic's name: so
/// a book can be left and asked for again by itself.
namespace parallax::binance::fix_feed {

/// "fix:NAME", a session of a fix::Transport.
[[nodiscard]] bool is_address(std::string_view url) noexcept;
[[nodiscard]] venue_common::FeedDoor door(const std::string& url);
[[nodiscard]] std::vector<fix::Group> groups();

void topics(std::string_view symbol, std::uint8_t contents, std::uint8_t door,
            std::vector<venue_common::FeedTopic>& out);
[[nodiscard]] std::string request(bool subscribe, const venue_common::FeedTopic& topic);
/// A snapshot answers who asks for a book or a best price; nothing answers who asks for trades, or
/// for nothing more.
[[nodiscard]] std::uint32_t answers(bool subscribe, const venue_common::FeedTopic& topic) noexcept;
[[nodiscard]] venue_common::FeedReading read(std::string_view message);
[[nodiscard]] std::string_view topic_of(std::string_view message) noexcept;
[[nodiscard]] std::string_view trade_of(std::string_view message) noexcept;

}  // namespace parallax::binance::fix_feed
