#pragma once

#include <memory>
#include <string>

#include "adapters/venues/binance/fix_session.hpp"
#include "adapters/venues/common/stream_feed.hpp"

namespace parallax::binance {

/// Where the streams are: scheme, host and port. Empty: no feed of that market. Spot may be a
/// session of a fix::Transport, "fix:NAME".
struct FeedEndpoints {
    std::string spot;
    std::string usdm;
    std::string coinm;
    static FeedEndpoints production();
    static FeedEndpoints testnet();  ///< books of their own, reset every month
    static FeedEndpoints demo();     ///< real books, play money
};

/// Spot, USD-M and COIN-M: depth@100ms, bookTicker, aggTrade, markPrice@1s, ticker. Books begin
/// with a REST snapshot (1,000 levels). USD-M has a connection for books (/public) and one for the
/// rest
/// (/market), as the venue delivers each class on its route only. Sources: web-socket-streams.md of
/// 2026-07-21, USD-M market streams of 2026-08-21.
[[nodiscard]] std::unique_ptr<venue_common::FeedDialect> make_feed_dialect(
    const FeedEndpoints& endpoints);

/// `rest`: a client for each market that has an endpoint; one host each.
[[nodiscard]] std::unique_ptr<venue_common::StreamFeed> make_market_feed(
    ports::Transport& transport, const FeedEndpoints& endpoints,
    const std::vector<venue_common::StreamFeed::Rest>& rest,
    venue_common::FeedSettings settings = {});

struct FixFeed {
    std::string url = "tls://fix-md.binance.com:9000";
    int heartbeat_s = 30;  ///< 5 to 60
};
/// As make_market_feed, but spot over FIX.4.4 (sheet: section 6.6), whatever endpoints.spot says:
/// books with snapshots of 1,000 levels, best prices, single trades; no 24 h tickers. `transport`
/// is what `rest` and whoever polls use, too; it and the signer outlive the feed. Errors: Rejected
/// (the key is no Ed25519 key, or the heartbeat is none).
[[nodiscard]] Result<std::unique_ptr<venue_common::StreamFeed>> make_fix_market_feed(
    fix::Transport& transport, FeedEndpoints endpoints, FixFeed fix, Signer& signer,
    const std::vector<venue_common::StreamFeed::Rest>& rest,
    venue_common::FeedSettings settings = {});

}  // namespace parallax::binance
