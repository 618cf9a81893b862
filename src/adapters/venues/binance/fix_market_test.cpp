#include "adapters/venues/binance/fix_market.hpp"

#include <map>

#include "adapters/venues/binance/fix_feed.hpp"
#include "adapters/venues/binance/fix_market_testing.hpp"
#include "adapters/venues/binance/instruments.hpp"
#include "adapters/venues/binance/parse.hpp"
#include "adapters/venues/common/parser_test_kit.hpp"
#include "book/feed_book.hpp"

namespace parallax::binance {
namespace {

using FixContent = ports::MarketFrame;
namespace vc = venue_common;

/// Spot with BTCUSDT: prices of 2 digits, sizes of 4.
struct FixDesk : vc::ParserFixture<Parser> {
    FixDesk()
        : ParserFixture{Market::BinanceSpot,
                        {infer_definition(Market::BinanceSpot, "BTCUSDT", 2, 4)}} {}
    HotResult<void> say(const std::string& type, const std::string& body) {
        return parse(kept_ = fix_text(type, body));
    }
    std::string kept_;
};

std::string at(UnixNanos time) { return fix::time_text(time); }

TEST(FixMarket, ASnapshotIsAWholeBook) {
    FixDesk f;
    ASSERT_TRUE(f.say("W",
                      "55=BTCUSDT|262=book-BTCUSDT|25044=157|268=3|269=0|270=60000.10|271=1.5|"
                      "269=0|270=60000.00|271=2.00000000|269=1|270=60000.20|271=0.0001|"));
    ASSERT_EQ(f.out.contents, FixContent::kDepth);
    EXPECT_EQ(f.out.depth.kind, messages::DepthKind::Snapshot);
    EXPECT_EQ(f.out.depth.last_id, 157U);
    ASSERT_EQ(f.out.depth.bids.size(), 2U);
    EXPECT_EQ(f.out.depth.bids[0], (Level{Price::from_raw(6'000'010), Quantity::from_raw(15'000)}));
    ASSERT_EQ(f.out.depth.asks.size(), 1U);
    EXPECT_EQ(f.out.depth.asks[0].quantity.raw(), 1);
    EXPECT_EQ(f.out.depth.stamp.received, vc::kTestNow);
    EXPECT_EQ(at(f.out.depth.stamp.sent), "20260101-00:00:00.250000");
    ASSERT_TRUE(f.say("W", "55=BTCUSDT|262=book-BTCUSDT|25044=9|268=0|"));
    EXPECT_TRUE(f.out.depth.bids.empty());
}

TEST(FixMarket, WhatAnEntryLacksIsAsBefore) {
    FixDesk f;
    ASSERT_TRUE(f.say("X",
                      "262=book-BTCUSDT|268=4|279=1|269=0|270=60000.10|271=1|55=BTCUSDT|"
                      "25043=158|25044=160|279=2|269=0|270=60000.00|279=0|269=1|270=60001|271=3|"
                      "25044=163|279=0|269=1|270=60002|271=4|55=BTCUSDT|25043=164|25044=164|"));
    ASSERT_EQ(f.out.contents, FixContent::kDepth);
    EXPECT_EQ(f.out.depth.kind, messages::DepthKind::Delta);
    EXPECT_EQ(f.out.depth.first_id, 158U);
    EXPECT_EQ(f.out.depth.last_id, 164U) << "ranges that join are one update";
    ASSERT_EQ(f.out.depth.bids.size(), 2U);
    EXPECT_TRUE(f.out.depth.bids[1].quantity.is_zero()) << "deleted";
    EXPECT_EQ(f.out.depth.asks.size(), 2U);
}

TEST(FixMarket, AnUpdateThatLacksSomethingWithinIsRefused) {
    FixDesk f;
    const std::string begin =
        "262=book-BTCUSDT|268=2|279=1|269=0|270=1|271=1|55=BTCUSDT|25043=10|25044=12|279=1|269=0|"
        "270=2|271=1|";
    EXPECT_TRUE(f.say("X", begin + "25043=13|25044=13|"));
    for (const char* const rest : {"25043=14|25044=15|", "25043=11|25044=11|", "25043=16|25044=15|",
                                   "25043=x|25044=15|", "55=ETHUSDT|25043=13|25044=13|"}) {
        EXPECT_EQ(f.say("X", begin + rest), fail(Errc::Malformed)) << rest;
        EXPECT_EQ(f.out.contents, FixContent::kNone);
    }
}

TEST(FixMarket, ABestPriceMayNameOneSide) {
    FixDesk f;
    ASSERT_TRUE(f.say("X", "262=best-BTCUSDT|268=1|279=1|269=0|270=5|271=1|55=BTCUSDT|25044=3|"));
    EXPECT_EQ(f.out.contents, FixContent::kNone) << "before the snapshot it is half a quote";
    ASSERT_TRUE(f.say("W",
                      "55=BTCUSDT|262=best-BTCUSDT|25044=7|268=2|269=0|270=100.5|271=2|269=1|"
                      "270=101|271=0.5|"));
    ASSERT_EQ(f.out.contents, FixContent::kQuote);
    EXPECT_EQ(f.out.quote.update_id, 7U);
    EXPECT_EQ(f.out.quote.bid.price.raw(), 10'050);
    ASSERT_TRUE(f.say("X", "262=best-BTCUSDT|268=1|279=1|269=1|270=102|271=3|55=BTCUSDT|25044=9|"));
    EXPECT_EQ(f.out.quote.update_id, 9U);
    EXPECT_EQ(f.out.quote.bid.price.raw(), 10'050);
    EXPECT_EQ(f.out.quote.ask, (Level{Price::from_raw(10'200), Quantity::from_raw(30'000)}));
    // The scale grows meanwhile: what is remembered grows with it.
    ASSERT_TRUE(f.universe().refine(f.out.quote.instrument, 3, 5));
    ASSERT_TRUE(f.say("X", "262=best-BTCUSDT|268=1|279=2|269=0|55=BTCUSDT|25044=10|"));
    EXPECT_TRUE(f.out.quote.bid.quantity.is_zero()) << "nobody bids";
    EXPECT_EQ(f.out.quote.ask, (Level{Price::from_raw(102'000), Quantity::from_raw(300'000)}));
}

TEST(FixMarket, TradesAreReadOneByOne) {
    FixDesk f;
    ASSERT_TRUE(f.say("X",
                      "262=trade-BTCUSDT|268=2|279=0|269=2|270=100.01|271=0.25|55=BTCUSDT|"
                      "60=20260101-00:00:00.240000|1003=77|2446=2|279=0|269=2|270=100|271=1|"
                      "60=20260101-00:00:00.241000|1003=78|2446=1|"));
    ASSERT_EQ(f.out.contents, FixContent::kTrades);
    ASSERT_EQ(f.out.trades.size(), 2U);
    EXPECT_EQ(f.out.trades[0].trade_id, 77U);
    EXPECT_EQ(f.out.trades[0].aggressor, Side::Sell);
    EXPECT_EQ(f.out.trades[0].price.raw(), 10'001);
    EXPECT_EQ(f.out.trades[0].quantity.raw(), 2'500);
    EXPECT_EQ(at(f.out.trades[0].stamp.venue_time), "20260101-00:00:00.240000");
    EXPECT_EQ(f.out.trades[1].aggressor, Side::Buy);
}

TEST(FixMarket, RefusalsNoticesAndOthersSubscriptions) {
    FixDesk f;
    ASSERT_TRUE(f.say("Y", "262=book-X|58=Invalid symbol.|25016=-1121|"));
    EXPECT_EQ(f.out.contents, FixContent::kError);
    EXPECT_EQ(f.out.note, "Invalid symbol.");
    ASSERT_TRUE(f.say("3", "45=7|58=no|373=5|25016=-1130|"));
    EXPECT_EQ(f.out.contents, FixContent::kError);
    ASSERT_TRUE(f.say("B", "148=You'll be disconnected in 9 seconds. Please reconnect.|"));
    EXPECT_EQ(f.out.contents, FixContent::kControl);
    ASSERT_TRUE(f.say("A", "98=0|108=30|25037=u|"));
    EXPECT_EQ(f.out.contents, FixContent::kControl);
    ASSERT_TRUE(f.say("W", "55=BTCUSDT|262=DEPTH_STREAM|25044=1|268=1|269=0|270=1|271=1|"));
    EXPECT_EQ(f.out.contents, FixContent::kNone) << "a book or a best price? not ours";
}

TEST(FixMarket, UnknownSymbolsAndFinerDigitsSayWhatTheyNeed) {
    FixDesk f;
    ASSERT_TRUE(f.say("X",
                      "262=book-ETHUSDT|268=2|279=0|269=0|270=1.2345|271=5|55=ETHUSDT|25043=1|"
                      "25044=2|279=0|269=1|270=2|271=0.0010|"));
    EXPECT_EQ(f.out.contents, FixContent::kUnknownInstrument);
    EXPECT_EQ(f.out.note, "ETHUSDT");
    EXPECT_EQ(f.out.price_decimals, 4);
    EXPECT_EQ(f.out.quantity_decimals, 3);
    const std::string finer =
        "262=trade-BTCUSDT|268=1|279=0|269=2|270=0.12345|271=1.000001|55=BTCUSDT|1003=1|2446=1|";
    ASSERT_TRUE(f.say("X", finer));
    ASSERT_EQ(f.out.contents, FixContent::kFinerScale);
    EXPECT_EQ(f.out.price_decimals, 5);
    ASSERT_TRUE(
        f.universe().refine(f.out.instrument, f.out.price_decimals, f.out.quantity_decimals));
    ASSERT_TRUE(f.say("X", finer));
    EXPECT_EQ(f.out.trades[0].price.raw(), 12'345);
    EXPECT_EQ(f.say("X",
                    "262=trade-BTCUSDT|268=1|279=0|269=2|270=99999999999999999|271=1|"
                    "55=BTCUSDT|1003=1|2446=1|"),
              fail(Errc::Unrepresentable));
}

TEST(FixMarket, NonsenseIsRefused) {
    FixDesk f;
    const char* const bad[] = {
        "55=BTCUSDT|262=book-BTCUSDT|268=1|269=0|270=1|271=1|",           // no id
        "55=BTCUSDT|262=book-BTCUSDT|25044=1|269=0|270=1|271=1|",         // no count
        "55=BTCUSDT|262=book-BTCUSDT|25044=1|268=2|269=0|270=1|271=1|",   // another count
        "55=BTCUSDT|262=book-BTCUSDT|25044=1|268=-1|",                    //
        "55=BTCUSDT|262=book-BTCUSDT|25044=1|268=1|270=1|271=1|",         // no side
        "55=BTCUSDT|262=book-BTCUSDT|25044=1|268=1|269=2|270=1|271=1|",   // a trade
        "55=BTCUSDT|262=book-BTCUSDT|25044=1|268=1|269=0|270=-1|271=1|",  //
        "55=BTCUSDT|262=book-BTCUSDT|25044=1|268=1|269=0|270=1.|271=1|",  //
        "55=BTCUSDT|262=book-BTCUSDT|25044=1|268=1|269=0|270=.5|271=1|",  //
        "55=BTCUSDT|262=book-BTCUSDT|25044=1|268=1|269=0|270=1|",         // no size
        "55=BTCUSDT|262=book-BTCUSDT|25044=1x|268=1|269=0|270=1|271=1|",  //
        "55=BTCUSDT|262=trade-BTCUSDT|25044=1|268=1|269=2|270=1|271=1|",  // no snapshot of trades
        "262=book-BTCUSDT|25044=1|268=1|269=0|270=1|271=1|",              // of what?
    };
    for (const char* const body : bad) EXPECT_EQ(f.say("W", body), fail(Errc::Malformed)) << body;
    const char* const bad_updates[] = {
        "262=book-BTCUSDT|268=1|279=1|269=0|270=1|271=1|55=BTCUSDT|25044=2|",
        "262=book-BTCUSDT|268=1|279=1|269=0|270=1|271=1|55=BTCUSDT|",
        "262=book-BTCUSDT|268=1|279=7|269=0|270=1|271=1|55=BTCUSDT|25043=1|25044=2|",
        "262=book-BTCUSDT|268=1|269=0|279=1|270=1|271=1|55=BTCUSDT|25043=1|25044=2|",
        "262=best-BTCUSDT|268=1|279=1|269=0|270=1|271=1|55=BTCUSDT|",
        "262=trade-BTCUSDT|268=1|279=0|269=2|270=1|271=1|55=BTCUSDT|1003=1|2446=3|",
        "262=trade-BTCUSDT|268=1|279=0|269=2|270=1|271=1|55=BTCUSDT|2446=1|",
        "262=trade-BTCUSDT|268=0|",
    };
    for (const char* const body : bad_updates)
        EXPECT_EQ(f.say("X", body), fail(Errc::Malformed)) << body;
    for (const char* const text : {"8=FIX", "8=FIX.4.4", "8=FIX.4.4\x01", "8=FIX.4.4\x01x=1\x01"})
        EXPECT_EQ(f.parse(text), fail(Errc::Malformed)) << text;
}

// --- random streams -------------------------------------------------------------------------

std::string decimal_text(std::int64_t raw, std::uint8_t decimals, bool zeros) {
    std::string text = format_decimal(raw, decimals);
    if (!zeros) return text;
    if (text.find('.') == std::string::npos) text += '.';
    return text + "000";
}

/// A stream of updates of a book, with the map it must lead to.
struct NaiveStream {
    explicit NaiveStream(std::uint64_t seed) : random{seed} {}

    std::string snapshot() {
        for (int i = 0; i < 20; ++i) (void)change();
        std::string rows;
        std::size_t count = 0;
        for (std::size_t side = 0; side < 2; ++side) {
            for (const auto& [price, quantity] : sides[side]) {
                rows += "269=" + std::to_string(side) + "|" + numbers(price, quantity);
                ++count;
            }
        }
        return fix_text("W", "55=BTCUSDT|262=book-BTCUSDT|25044=" + std::to_string(id) +
                                 "|268=" + std::to_string(count) + "|" + rows);
    }
    /// What may be left out of an entry is, now and then.
    std::string update() {
        std::string rows;
        const std::size_t count = 1 + random.below(30);
        std::uint64_t first = id + 1;
        std::uint64_t told_first = 0, told_last = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (i == 0 || random.one_in(4)) {  // another range
                first = id + 1;
                id += 1 + random.below(5);
            }
            rows += change();
            if (i == 0 || random.one_in(3)) rows += "55=BTCUSDT|";
            if (i == 0 || first != told_first || random.one_in(3))
                rows += "25043=" + std::to_string(first) + "|";
            if (i == 0 || id != told_last || random.one_in(3))
                rows += "25044=" + std::to_string(id) + "|";
            told_first = first;
            told_last = id;
        }
        return fix_text("X", "262=book-BTCUSDT|268=" + std::to_string(count) + "|" + rows);
    }

    vc::TestRandom random;
    std::uint64_t id = 1'000;
    std::map<std::int64_t, std::int64_t> sides[2];

private:
    std::string numbers(std::int64_t price, std::int64_t quantity) {
        return "270=" + decimal_text(price, 2, random.one_in(2)) +
               "|271=" + decimal_text(quantity, 4, random.one_in(2)) + "|";
    }
    std::string change() {
        const std::size_t side = random.below(2);
        const auto price = static_cast<std::int64_t>((side == 0 ? 1 : 300) + random.below(200));
        const bool gone = random.one_in(3);
        const auto quantity = static_cast<std::int64_t>(1 + random.below(1'000'000));
        const bool was = sides[side].contains(price);
        const std::string what = std::string{gone  ? "279=2|"
                                             : was ? "279=1|"
                                                   : "279=0|"} +
                                 "269=" + std::to_string(side);
        if (gone) {
            sides[side].erase(price);
            return what + "|270=" + decimal_text(price, 2, random.one_in(2)) + "|";
        }
        sides[side][price] = quantity;
        return what + "|" + numbers(price, quantity);
    }
};

RC_GTEST_PROP(FixMarket, ARandomStreamGivesTheBookOfAMap, (std::uint64_t seed)) {
    FixDesk f;
    NaiveStream naive{seed};
    book::FeedBook book{book::GapPolicy::FirstIsNext};
    const auto apply = [&](const std::string& message) {
        RC_ASSERT(f.parse(message).has_value());
        RC_ASSERT(f.out.contents == FixContent::kDepth);
        const messages::DepthUpdate& d = f.out.depth;
        return book.on_depth({d.kind == messages::DepthKind::Snapshot,
                              d.first_id,
                              d.last_id,
                              d.previous_id,
                              d.stamp.received,
                              {},
                              d.bids,
                              d.asks});
    };
    (void)apply(naive.snapshot());
    for (int i = 0; i < 20; ++i) RC_ASSERT(!apply(naive.update()).gap);
    for (const Side side : {Side::Buy, Side::Sell}) {
        std::map<std::int64_t, std::int64_t> ours;
        for (book::LevelStore::Cursor it{book.depth().side(side)}; !it.done(); ++it)
            ours[(*it).price.raw()] = (*it).quantity.raw();
        RC_ASSERT(ours == naive.sides[side == Side::Buy ? 0 : 1]);
    }
    // One that is lost shows.
    (void)naive.update();
    RC_ASSERT(apply(naive.update()).gap);
}

TEST(FixMarket, NoTruncationIsTakenForTheWhole) {
    FixDesk f;
    NaiveStream naive{3};
    for (const std::string& message : {naive.snapshot(), naive.update()}) {
        for (std::size_t size = 5; size < message.size(); ++size) {
            const std::unique_ptr<char[]> exact{new char[size]};
            message.copy(exact.get(), size);
            const auto read = f.parse({exact.get(), size});
            ASSERT_TRUE(!read || f.out.contents == FixContent::kNone ||
                        f.out.contents == FixContent::kControl)
                << size;
        }
    }
}

TEST(FixMarket, AnUpdateOfTenThousandEntriesIsRead) {
    FixDesk f;
    std::string rows = "262=book-BTCUSDT|268=12000|";
    for (int i = 0; i < 12'000; ++i) {
        rows += "279=0|269=" + std::to_string(i % 2) + "|270=" + std::to_string(100 + i) + "." +
                std::to_string(10 + i % 90) + "|271=1.5|";
        if (i == 0) rows += "55=BTCUSDT|25043=1|25044=99|";
    }
    ASSERT_TRUE(f.say("X", rows));
    EXPECT_EQ(f.out.depth.bids.size(), 6'000U);
    EXPECT_EQ(f.out.depth.asks.size(), 6'000U);
    EXPECT_EQ(f.out.depth.last_id, 99U);
}

// --- subscriptions --------------------------------------------------------------------------

TEST(FixFeed, RequestsSayWhatIsWanted) {
    std::vector<vc::FeedTopic> topics;
    fix_feed::topics("BTCUSDT", ports::kFeedAll, 3, topics);
    ASSERT_EQ(topics.size(), 3U);
    const auto text = [](const vc::FeedTopic& topic, bool subscribe) {
        std::string out = fix_feed::request(subscribe, topic);
        std::ranges::replace(out, fix::kSoh, '|');
        return out;
    };
    EXPECT_EQ(topics[0].name, "book-BTCUSDT");
    EXPECT_EQ(topics[0].door, 3);
    EXPECT_EQ(text(topics[0], true),
              "35=V|262=book-BTCUSDT|263=1|264=1000|266=Y|146=1|55=BTCUSDT|267=2|269=0|269=1|");
    EXPECT_EQ(text(topics[1], true),
              "35=V|262=best-BTCUSDT|263=1|264=1|266=Y|146=1|55=BTCUSDT|267=2|269=0|269=1|");
    EXPECT_EQ(text(topics[2], true),
              "35=V|262=trade-BTCUSDT|263=1|264=1|266=Y|146=1|55=BTCUSDT|267=1|269=2|");
    EXPECT_EQ(text(topics[0], false), "35=V|262=book-BTCUSDT|263=2|");
    EXPECT_EQ(fix_feed::answers(true, topics[0]), 1U);
    EXPECT_EQ(fix_feed::answers(true, topics[2]), 0U);
    EXPECT_EQ(fix_feed::answers(false, topics[0]), 0U);
}

TEST(FixFeed, IdsAreLettersTheVenueTakesAndTellSymbolsApart) {
    EXPECT_EQ(fix_request_id(FixStream::Trades, "1000PEPEUSDT"), "trade-1000PEPEUSDT");
    const std::string one = fix_request_id(FixStream::Book, "\xe5\xb8\x81USDT");
    const std::string other = fix_request_id(FixStream::Book, "\xe5\xb8\x82USDT");
    EXPECT_NE(one, other);
    EXPECT_TRUE(one.starts_with("book-x"));
    EXPECT_LE(fix_request_id(FixStream::Trades, std::string(100, 'A')).size(), 36U);
    EXPECT_EQ(fix_stream(one), FixStream::Book);
    EXPECT_EQ(fix_stream("DEPTH_STREAM"), std::nullopt);
}

TEST(FixFeed, TellsMessagesApart) {
    using Kind = vc::FeedReading::Kind;
    std::string kept;
    const auto read = [&](const char* type, const char* body) {
        return fix_feed::read(kept = fix_text(type, body));
    };
    EXPECT_EQ(read("X", "262=book-BTCUSDT|268=0|").kind, Kind::Data);
    const auto begins = read("W", "55=BTCUSDT|262=book-BTCUSDT|25044=1|268=0|");
    EXPECT_EQ(begins.kind, Kind::Begins);
    EXPECT_EQ(begins.topic, "book-BTCUSDT");
    const auto logon = read("A", "98=0|60000=5|");
    EXPECT_EQ(logon.kind, Kind::Answer);
    EXPECT_EQ(logon.key, 5U);
    for (const char* const type : {"3", "5"}) {
        const auto no = read(type, "58=Invalid API-key|25016=-2015|60000=6|");
        EXPECT_EQ(no.kind, Kind::Refusal);
        EXPECT_EQ(no.key, 6U);
        EXPECT_EQ(no.code, -2015);
        EXPECT_EQ(no.text, "Invalid API-key");
    }
    const auto full = read("Y", "262=trade-BTCUSDT|58=Too many|281=2|25016=-1186|");
    EXPECT_EQ(full.kind, Kind::Refusal);
    EXPECT_EQ(full.topic, "trade-BTCUSDT");
    EXPECT_EQ(full.code, -1186);
    EXPECT_EQ(read("Y", "262=book-BTCUSDT|281=1|25016=-1185|").kind, Kind::Other)
        << "it is subscribed: the snapshot is on its way";
    EXPECT_EQ(read("3", "45=4|58=no|262=book-BTCUSDT|").topic, "book-BTCUSDT");
    EXPECT_EQ(read("3", "45=4|58=no|").kind, Kind::Other);
    EXPECT_EQ(read("B", "148=Please reconnect.|").kind, Kind::Leaving);
    EXPECT_EQ(read("5", "58=bye|").kind, Kind::Leaving);
    EXPECT_EQ(read("0", "").kind, Kind::Other);
    EXPECT_EQ(fix_feed::trade_of(fix_text("X", "262=trade-A|268=1|279=0|1003=7|")), "7");
    EXPECT_TRUE(fix_feed::trade_of(fix_text("X", "262=book-A|268=1|1003=7|")).empty());
}

}  // namespace
}  // namespace parallax::binance
