#pragma once

#include <memory>
#include <string>

#include "adapters/venues/common/stream_feed.hpp"

namespace parallax::okx {

/// Where the public socket is: scheme, host and port.
struct FeedEndpoints {
    std::string sockets;
    static FeedEndpoints production();
    static FeedEndpoints demo();
};

/// SPOT and SWAP: books (400 levels every 100 ms, the snapshot comes first), bbo-tbt, trades,
/// mark-price and funding-rate of swaps, tickers. A gap is mended by subscribing anew. books-l2-tbt
/// needs a login and VIP4 and is not used. Source: v5 docs, copy of 2026-07-28.
[[nodiscard]] std::unique_ptr<venue_common::FeedDialect> make_feed_dialect(
    const FeedEndpoints& endpoints);

[[nodiscard]] std::unique_ptr<venue_common::StreamFeed> make_market_feed(
    ports::Transport& transport, const FeedEndpoints& endpoints, venue_common::RestClient& rest,
    venue_common::FeedSettings settings = {});

}  // namespace parallax::okx
