#pragma once

#include <memory>
#include <string>

#include "adapters/venues/common/stream_feed.hpp"

namespace parallax::bybit {

/// Where the public sockets are: scheme, host and port. Demo trading uses production's.
struct FeedEndpoints {
    std::string sockets;
    int depth = 50;  ///< levels of the books: 50 (every 20 ms), 200 (100 ms), 1000 (200 ms)
    static FeedEndpoints production();
    static FeedEndpoints testnet();
};

/// spot, linear and inverse, a connection each: orderbook.{depth} (the snapshot comes first),
/// orderbook.1, publicTrade, tickers (mark and funding of derivatives, the day). A gap is mended by
/// subscribing anew. Source: v5 docs, copy of 2026-07-24.
[[nodiscard]] std::unique_ptr<venue_common::FeedDialect> make_feed_dialect(
    const FeedEndpoints& endpoints);

[[nodiscard]] std::unique_ptr<venue_common::StreamFeed> make_market_feed(
    ports::Transport& transport, const FeedEndpoints& endpoints, venue_common::RestClient& rest,
    venue_common::FeedSettings settings = {});

}  // namespace parallax::bybit
