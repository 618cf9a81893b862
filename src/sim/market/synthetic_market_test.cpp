#include "sim/market/synthetic_market.hpp"

#include <simdjson.h>
#include <map>
#include <string>

#include "book/feed_book.hpp"
#include "core/archive.hpp"

namespace parallax::sim_market {
namespace {

using simdjson::dom::element;

/// What the test reads out of a frame, in the digits of the definition's tick and lot.
struct Content {
    enum Kind { Other, Depth, Quote, Trade } kind = Other;
    std::string symbol;
    book::DepthInput depth;
    std::vector<Level> bids, asks;
    Level bid, ask;
    std::uint64_t update_id = 0;
    Level trade;
    bool buyer_takes = false;
};

/// Decimals of each listing's numbers.
struct Digits {
    std::uint8_t price;
    std::uint8_t quantity;
};

std::uint64_t integer(element e) { return e.is_uint64() ? e.get_uint64().value() : 0; }

/// Follows the stream of a SyntheticMarket with a hand-written reader and rebuilds every book.
class Follower {
public:
    explicit Follower(const SyntheticMarket& market) {
        for (const auto& d : market.instruments()) {
            digits_[{d.market, d.venue_symbol}] = {significant_decimals(d.tick),
                                                   significant_decimals(d.lot)};
        }
    }

    Content read(const Frame& frame) {
        const simdjson::padded_string text{frame.bytes};
        element root;
        Content c;
        EXPECT_EQ(parser_.parse(text).get(root), simdjson::SUCCESS) << frame.bytes;
        switch (venue_of(frame.market)) {
            case Venue::Binance:
                binance(root, frame, c);
                break;
            case Venue::Okx:
                okx(root, frame, c);
                break;
            case Venue::Bybit:
                bybit(root, frame, c);
                break;
        }
        c.depth.received = frame.received;
        c.depth.bids = c.bids;
        c.depth.asks = c.asks;
        return c;
    }

    book::FeedBook& book(Market market, const std::string& symbol) {
        const auto policy = market == Market::BinanceSpot   ? book::GapPolicy::FirstIsNext
                            : market == Market::BinanceUsdm ? book::GapPolicy::PreviousId
                            : market == Market::Okx         ? book::GapPolicy::PreviousSequence
                                                            : book::GapPolicy::NextId;
        return books_.try_emplace({market, symbol}, policy).first->second;
    }
    [[nodiscard]] const auto& books() const { return books_; }

private:
    void binance(element root, const Frame& frame, Content& c) {
        element data = root;
        if (!frame.snapshot_of.empty()) {
            c.kind = Content::Depth;
            c.symbol = frame.snapshot_of;
            c.depth.snapshot = true;
            c.depth.last_id = integer(root["lastUpdateId"]);
            levels(frame.market, c, root["bids"], root["asks"]);
            return;
        }
        EXPECT_EQ(root["data"].get(data), simdjson::SUCCESS) << frame.bytes;
        const std::string stream{root["stream"].get_string().value()};
        c.symbol = data["s"].get_string().value();
        const std::string name = stream.substr(stream.find('@') + 1);
        if (name == "depth@100ms") {
            c.kind = Content::Depth;
            c.depth.first_id = integer(data["U"]);
            c.depth.last_id = integer(data["u"]);
            if (frame.market == Market::BinanceUsdm)
                c.depth.previous_id = data["pu"].get_int64().value();
            levels(frame.market, c, data["b"], data["a"]);
        } else if (name == "bookTicker") {
            c.kind = Content::Quote;
            c.update_id = integer(data["u"]);
            c.bid = level(frame.market, c, data["b"], data["B"]);
            c.ask = level(frame.market, c, data["a"], data["A"]);
        } else if (name == "trade" || name == "aggTrade") {
            c.kind = Content::Trade;
            c.trade = level(frame.market, c, data["p"], data["q"]);
            c.buyer_takes = !data["m"].get_bool().value();
        } else {
            EXPECT_EQ(name, "markPrice@1s");
        }
    }
    void okx(element root, const Frame& frame, Content& c) {
        const std::string channel{root["arg"]["channel"].get_string().value()};
        c.symbol = root["arg"]["instId"].get_string().value();
        const element data = root["data"].at(0).value();
        if (channel == "books") {
            c.kind = Content::Depth;
            c.depth.snapshot = root["action"].get_string().value() == "snapshot";
            c.depth.last_id = integer(data["seqId"]);
            c.depth.first_id = c.depth.last_id;
            c.depth.previous_id = data["prevSeqId"].get_int64().value();
            EXPECT_EQ(c.depth.snapshot, c.depth.previous_id == -1);
            levels(frame.market, c, data["bids"], data["asks"]);
        } else if (channel == "bbo-tbt") {
            c.kind = Content::Quote;
            c.update_id = integer(data["seqId"]);
            levels(frame.market, c, data["bids"], data["asks"]);
            c.bid = c.bids.at(0);
            c.ask = c.asks.at(0);
        } else if (channel == "trades") {
            c.kind = Content::Trade;
            c.trade = level(frame.market, c, data["px"], data["sz"]);
            c.buyer_takes = data["side"].get_string().value() == "buy";
        }
    }
    void bybit(element root, const Frame& frame, Content& c) {
        const std::string topic{root["topic"].get_string().value()};
        c.symbol = topic.substr(topic.rfind('.') + 1);
        const element data = root["data"];
        if (topic.starts_with("orderbook.50.")) {
            c.kind = Content::Depth;
            c.depth.snapshot = root["type"].get_string().value() == "snapshot";
            c.depth.first_id = c.depth.last_id = integer(data["u"]);
            levels(frame.market, c, data["b"], data["a"]);
        } else if (topic.starts_with("publicTrade.")) {
            c.kind = Content::Trade;
            const element trade = data.at(0).value();
            c.trade = level(frame.market, c, trade["p"], trade["v"]);
            c.buyer_takes = trade["S"].get_string().value() == "Buy";
        }
    }
    Level level(Market market, const Content& c, element price, element quantity) {
        const auto it = digits_.find({market, c.symbol});
        EXPECT_NE(it, digits_.end()) << c.symbol;
        const auto p = parse_decimal(price.get_string().value(), it->second.price);
        const auto q = parse_decimal(quantity.get_string().value(), it->second.quantity);
        EXPECT_TRUE(p && q) << price << ' ' << quantity;
        return {Price::from_raw(p.value_or(0)), Quantity::from_raw(q.value_or(0))};
    }
    void levels(Market market, Content& c, element bids, element asks) {
        for (const element e : bids.get_array())
            c.bids.push_back(level(market, c, e.at(0).value(), e.at(1).value()));
        for (const element e : asks.get_array())
            c.asks.push_back(level(market, c, e.at(0).value(), e.at(1).value()));
    }

    simdjson::dom::parser parser_;
    std::map<std::pair<Market, std::string>, Digits> digits_;
    std::map<std::pair<Market, std::string>, book::FeedBook> books_;
};

std::vector<Level> levels_of(const book::FeedBook& book, Side side) {
    std::vector<Level> out;
    for (auto it = book.depth().side(side).cursor(); !it.done(); ++it) out.push_back(*it);
    return out;
}

std::uint64_t stream_hash(std::uint64_t seed, int frames) {
    SyntheticMarket market{{}, seed};
    StateHasher hasher;
    Frame frame;
    for (int i = 0; i < frames; ++i) {
        market.next(frame);
        hasher.bytes(frame.bytes.data(), frame.bytes.size());
        hasher(frame.received, frame.market);
    }
    return hasher.value();
}

TEST(SyntheticMarket, DefinesEveryListingSoThatAUniverseTakesIt) {
    SyntheticMarket market{{}, 1};
    Universe universe;
    for (const auto& definition : market.instruments()) {
        const auto listed = universe.list(definition);
        ASSERT_TRUE(listed.has_value()) << definition.venue_symbol << ": " << listed.error().detail;
    }
    EXPECT_EQ(universe.instruments().size(), market.instruments().size());
    for (const char* name : {"BTC/USDT", "PEPE/USDT", "USDC/USDT", "ETH/BTC", "SOL/BTC", "BTC/USDC",
                             "BTC/USDT:USDT", "DOGE/USDT:USDT"}) {
        std::size_t listings = 0;
        for (const Symbol& symbol : universe.symbols()) {
            if (symbol.name == name) listings = symbol.instruments.size();
        }
        EXPECT_EQ(listings, 3U) << name;
    }
}

TEST(SyntheticMarket, StreamsAreContiguousAndRebuildItsBooks) {
    SyntheticMarket market{{}, 7};
    Follower follower{market};
    Frame frame;
    UnixNanos last;
    std::size_t compared = 0, quotes = 0, trades = 0;
    for (int i = 0; i < 60'000; ++i) {
        market.next(frame);
        ASSERT_GE(frame.received, last);
        last = frame.received;
        const Content c = follower.read(frame);
        auto& book = follower.book(frame.market, c.symbol);
        if (c.kind == Content::Quote) {
            ++quotes;
            book.on_quote({c.update_id, frame.received, {}, c.bid, c.ask});
            ASSERT_TRUE(book.tradable()) << c.symbol;
        } else if (c.kind == Content::Trade) {
            ++trades;
            ASSERT_GT(c.trade.quantity.raw(), 0);
            ASSERT_GT(c.trade.price.raw(), 0);
        } else if (c.kind == Content::Depth) {
            if (book.state() == book::BookState::Empty) {
                ASSERT_TRUE(c.depth.snapshot) << "the first message of a book";
            }
            const book::Applied applied = book.on_depth(c.depth);
            ASSERT_FALSE(applied.gap) << to_string(frame.market) << ' ' << c.symbol;
            ASSERT_EQ(book.state(), book::BookState::Live) << c.symbol;
            if (c.depth.snapshot || i % 7 != 0) continue;
            ++compared;
            for (const Side side : {Side::Buy, Side::Sell}) {
                ASSERT_EQ(levels_of(book, side), market.levels(frame.market, c.symbol, side))
                    << c.symbol;
            }
        }
    }
    EXPECT_GT(compared, 2'000U);
    EXPECT_GT(quotes, 5'000U);
    EXPECT_GT(trades, 2'000U);
    std::uint64_t same = 0;
    for (const auto& [key, book] : follower.books()) {
        EXPECT_EQ(book.counters().gaps, 0U);
        // Binance spot drops the first event when nothing happened after the snapshot.
        EXPECT_LE(book.counters().depth_dropped, key.first == Market::BinanceSpot ? 1U : 0U)
            << key.second;
        EXPECT_EQ(book.counters().quotes_compared, book.counters().quotes_equal) << key.second;
        same += book.counters().quotes_equal;
    }
    EXPECT_GT(same, 1'000U);
    EXPECT_EQ(follower.books().size(), market.instruments().size());
}

TEST(SyntheticMarket, FirstFuturesEventContainsTheSnapshot) {
    SyntheticMarket market{{}, 3};
    Follower follower{market};
    std::map<std::string, std::uint64_t> snapshot;
    Frame frame;
    std::size_t checked = 0;
    for (int i = 0; i < 3'000; ++i) {
        market.next(frame);
        if (venue_of(frame.market) != Venue::Binance) continue;
        const Content c = follower.read(frame);
        if (c.kind != Content::Depth) continue;
        const std::string key = std::string(to_string(frame.market)) + c.symbol;
        if (c.depth.snapshot) {
            snapshot[key] = c.depth.last_id;
        } else if (const auto it = snapshot.find(key); it != snapshot.end()) {
            EXPECT_LE(c.depth.first_id, it->second) << key;
            EXPECT_GE(c.depth.last_id, it->second) << key;
            snapshot.erase(it);
            ++checked;
        }
    }
    EXPECT_EQ(checked, 18U);
}

TEST(SyntheticMarket, SameSeedSameBytes) {
    EXPECT_EQ(stream_hash(11, 20'000), stream_hash(11, 20'000));
    EXPECT_NE(stream_hash(11, 20'000), stream_hash(12, 20'000));
}

TEST(SyntheticMarket, FaultsAreSeenByTheFollowerAndHealedByResync) {
    Config config;
    config.gap_probability = 0.01;
    config.duplicate_probability = 0.01;
    config.crossed_probability = 0.002;
    config.stalls_per_minute = 6;
    config.stall = Nanos::millis(1'500);
    SyntheticMarket market{config, 5};
    Follower follower{market};
    Frame frame;
    for (int i = 0; i < 60'000; ++i) {
        market.next(frame);
        const Content c = follower.read(frame);
        if (c.kind != Content::Depth) continue;
        const auto applied = follower.book(frame.market, c.symbol).on_depth(c.depth);
        if (applied.needs_snapshot) {
            EXPECT_TRUE(market.resync(frame.market, c.symbol));
        }
    }
    std::uint64_t gaps = 0, crossed = 0, dropped = 0, live = 0;
    for (const auto& [key, book] : follower.books()) {
        gaps += book.counters().gaps;
        crossed += book.counters().crossed;
        dropped += book.counters().depth_dropped;
        live += book.tradable() ? 1 : 0;
    }
    EXPECT_GT(market.counters().gaps, 50U);
    EXPECT_GT(gaps, market.counters().gaps / 2);
    EXPECT_GT(crossed, 0U);
    EXPECT_GT(market.counters().duplicates, 20U);
    EXPECT_GT(dropped, 10U);  // OKX's duplicates are gaps by its own rule, the others' are dropped
    EXPECT_GT(market.counters().stalls, 0U);
    EXPECT_GT(live, follower.books().size() * 8 / 10);
    EXPECT_FALSE(market.resync(Market::BinanceSpot, "NOPEUSDT"));
}

TEST(SyntheticMarket, StallSilencesAMarketAndItComesBackContiguous) {
    Config config;
    config.stalls_per_minute = 10;
    config.stall = Nanos::seconds(2);
    SyntheticMarket market{config, 21};
    Follower follower{market};
    std::map<Market, UnixNanos> last;
    Nanos longest;
    Frame frame;
    for (int i = 0; i < 60'000; ++i) {
        market.next(frame);
        auto& seen = last[frame.market];
        if (seen.known()) longest = std::max(longest, frame.received - seen);
        seen = frame.received;
        const Content c = follower.read(frame);
        if (c.kind == Content::Depth) {
            ASSERT_FALSE(follower.book(frame.market, c.symbol).on_depth(c.depth).gap);
        }
    }
    EXPECT_GE(longest, Nanos::millis(1'900));
}

TEST(SyntheticMarket, GapsBeyondBaseFeesOpenNowAndThen) {
    // Episodes in which a sale at one spot venue beats a purchase at another by more than two base
    // fees of 10 bp.
    SyntheticMarket market{{}, 99};
    Follower follower{market};
    std::map<std::string, std::map<Market, std::pair<double, double>>> tops;
    std::map<std::string, bool> open;
    std::size_t beyond = 0, gross = 0;
    std::map<std::string, bool> gross_open;
    Frame frame;
    UnixNanos first, last;
    while (!first.known() || last - first < Nanos::seconds(180)) {
        market.next(frame);
        if (!first.known()) first = frame.received;
        last = frame.received;
        const Content c = follower.read(frame);
        if (c.kind != Content::Depth && c.kind != Content::Quote) continue;
        auto& book = follower.book(frame.market, c.symbol);
        if (c.kind == Content::Depth) book.on_depth(c.depth);
        if (c.kind == Content::Quote)
            book.on_quote({c.update_id, frame.received, {}, c.bid, c.ask});
        if (frame.market == Market::BinanceUsdm || frame.market == Market::BybitLinear ||
            !book.tradable() || c.symbol.ends_with("SWAP")) {
            continue;
        }
        std::string name = c.symbol;
        std::erase(name, '-');
        std::uint8_t decimals = 0;
        for (const auto& d : market.instruments()) {
            if (d.market == frame.market && d.venue_symbol == c.symbol)
                decimals = significant_decimals(d.tick);
        }
        const auto unit = static_cast<double>(pow10(decimals));
        auto& venues = tops[name];
        venues[frame.market] = {static_cast<double>(book.best_bid().price.raw()) / unit,
                                static_cast<double>(book.best_ask().price.raw()) / unit};
        double best = 0;
        for (const auto& [m1, sell] : venues) {
            for (const auto& [m2, buy] : venues) {
                if (m1 != m2) best = std::max(best, sell.first / buy.second - 1.0);
            }
        }
        const bool is_beyond = best > 20e-4;
        const bool is_gross = best > 2e-4;
        if (is_beyond && !open[name]) ++beyond;
        if (is_gross && !gross_open[name]) ++gross;
        open[name] = is_beyond;
        gross_open[name] = is_gross;
    }
    std::printf("three minutes: %zu gaps beyond 2 bp, %zu beyond 20 bp; %llu frames, %llu shocks\n",
                gross, beyond, static_cast<unsigned long long>(market.counters().frames),
                static_cast<unsigned long long>(market.counters().shocks));
    EXPECT_GE(beyond, 3U);
    EXPECT_LE(beyond, 90U);
    EXPECT_GT(gross, 2 * beyond);
}

}  // namespace
}  // namespace parallax::sim_market
