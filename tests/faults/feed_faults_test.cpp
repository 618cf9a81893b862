// The contract of ports::MarketFeed under each fault, at every venue.
#include "adapters/venues/binance/market_feed.hpp"
#include "adapters/venues/binance/rest.hpp"
#include "adapters/venues/bybit/market_feed.hpp"
#include "adapters/venues/bybit/rest.hpp"
#include "adapters/venues/okx/market_feed.hpp"
#include "adapters/venues/okx/rest.hpp"
#include "feeds/truth.hpp"
#include "simulation/fault_plan.hpp"
#include "world.hpp"

namespace parallax::fault_testing {
namespace {

using feed_testing::Book;
using feed_testing::Reader;
using ports::FeedNoticeKind;
using sim_world::Door;
using venue_common::RestClient;

struct Combination {
    Venue venue{};
    FaultCase fault;
};
void PrintTo(const Combination& c, std::ostream* out) {
    *out << to_string(c.venue) << ' ' << c.fault.name;
}

std::vector<Combination> combinations() {
    std::vector<Combination> out;
    for (const Venue venue : {Venue::Binance, Venue::Okx, Venue::Bybit}) {
        for (const FaultCase& fault : feed_faults()) out.push_back({venue, fault});
    }
    return out;
}

/// Market data needs no account.
sim_world::AccountSettings nobody() {
    sim_world::AccountSettings account;
    account.name = "nobody";
    return account;
}

/// A feed on the world, and what reads it.
class Subscriber {
public:
    explicit Subscriber(Venue venue)
        : world{nobody(), {sim_prices::Coin::Btc, sim_prices::Coin::Eth}, fault_seed()},
          venue_{venue} {
        make_feed();
        reader = std::make_unique<Reader>(*feed);
        for (const Book& book : books())
            EXPECT_TRUE(feed->subscribe({book.market, book.symbol, ports::kFeedAll}));
        feed->start(world.now());
    }

    [[nodiscard]] std::vector<Book> books() const {
        switch (venue_) {
            case Venue::Binance:
                return {{Market::BinanceSpot, "BTCUSDT"},
                        {Market::BinanceSpot, "ETHBTC"},
                        {Market::BinanceUsdm, "BTCUSDT"},
                        {Market::BinanceUsdm, "ETHUSDT"}};
            case Venue::Okx:
                return {{Market::Okx, "BTC-USDT"},
                        {Market::Okx, "ETH-BTC"},
                        {Market::Okx, "BTC-USDT-SWAP"},
                        {Market::Okx, "ETH-USDT-SWAP"}};
            case Venue::Bybit:
                return {{Market::BybitSpot, "BTCUSDT"},
                        {Market::BybitSpot, "ETHUSDT"},
                        {Market::BybitLinear, "BTCUSDT"},
                        {Market::BybitLinear, "ETHUSDT"}};
        }
        return {};
    }
    [[nodiscard]] Door door() const {
        return venue_ == Venue::Okx     ? Door::Okx
               : venue_ == Venue::Bybit ? Door::Bybit
                                        : Door::BinanceSpot;
    }
    [[nodiscard]] sim_engine::SimVenue& sim() { return world.sim().venue(venue_); }

    bool until(const std::function<bool()>& done, Nanos limit) {
        const UnixNanos end = world.now() + limit;
        while (!done()) {
            if (world.now() >= end) return false;
            turn(end);
        }
        return true;
    }
    void run(Nanos time) {
        (void)until([] { return false; }, time);
    }
    [[nodiscard]] bool live(const std::vector<Book>& which) const {
        return std::ranges::all_of(
            which, [&](const Book& one) { return reader->tradable(one.market, one.symbol); });
    }
    [[nodiscard]] std::uint64_t shown(FaultCase::Shows what) const {
        std::uint64_t drops = 0;
        for (const ports::FeedConnection& one : feed->connections()) {
            drops += one.drops;
            EXPECT_TRUE(one.drops == 0 || !one.last_reason.empty()) << "dropped without a word";
        }
        return what == FaultCase::kEnded      ? drops
               : what == FaultCase::kNonsense ? reader->malformed
                                              : 1;
    }

    /// What it says of itself.
    [[nodiscard]] std::string story() const {
        std::string out;
        for (const ports::FeedConnection& one : feed->connections())
            out += one.name + " is " + std::string{one.state} + ", " +
                   std::to_string(one.attempts) + " attempts, " + std::to_string(one.drops) +
                   " drops, the last: " + one.last_reason + "\n";
        for (const Book& one : books()) {
            const ports::FeedBookHealth health = feed->book(one.market, one.symbol);
            out += one.symbol + (health.subscribed ? " subscribed" : " not subscribed") + ", " +
                   std::to_string(health.resyncs) + " resyncs, " +
                   std::to_string(health.snapshots) + " snapshots\n";
        }
        return out;
    }

    World world;
    std::unique_ptr<venue_common::StreamFeed> feed;
    std::unique_ptr<Reader> reader;

private:
    void turn(UnixNanos end) {
        const UnixNanos due = std::min({end, feed->next_due(), world.now() + Nanos::millis(50)});
        for (const ports::NetEvent& event : world.tap.poll(std::max(Nanos{}, due - world.now()))) {
            EXPECT_TRUE(feed->on(event));
            reader->take(world.now());
        }
        feed->advance(world.now());
        reader->take(world.now());
        world.strike();
        if (world.now() >= next_look_) ask_again();
    }
    /// As the product does: a book says once what it lacks, and what was asked for may be lost.
    void ask_again() {
        next_look_ = world.now() + Nanos::seconds(2);
        for (const Book& one : books()) {
            if (!reader->tradable(one.market, one.symbol))
                feed->resync(one.market, one.symbol, world.now());
        }
    }
    static venue_common::FeedSettings quick() {
        venue_common::FeedSettings s;
        s.silence = Nanos::seconds(3);
        s.heartbeat = Nanos::seconds(1);
        s.overlap = Nanos::millis(300);
        s.longest_wait = Nanos::seconds(2);
        s.first_update = Nanos::millis(400);
        s.first_resync = Nanos::millis(100);
        s.longest_resync = Nanos::seconds(2);
        s.retry_refused = Nanos::seconds(1);
        s.refresh = Nanos::seconds(2);
        return s;
    }
    RestClient& client(std::unique_ptr<venue_common::RestDialect> dialect) {
        dialects_.push_back(std::move(dialect));
        clients_.push_back(std::make_unique<RestClient>(world.tap, *dialects_.back()));
        return *clients_.back();
    }
    void make_feed() {
        const std::string host = simulation::endpoint(door());
        const std::string rest = "https://" + host, sockets = "wss://" + host;
        switch (venue_) {
            case Venue::Binance: {
                using binance::Product;
                const std::string usdm = simulation::endpoint(Door::BinanceUsdm);
                auto& of_spot = client(std::make_unique<binance::Rest>(Product::Spot, rest));
                auto& of_usdm =
                    client(std::make_unique<binance::Rest>(Product::Usdm, "https://" + usdm));
                feed = binance::make_market_feed(
                    world.tap, {sockets, "wss://" + usdm, ""},
                    {{Market::BinanceSpot, &of_spot}, {Market::BinanceUsdm, &of_usdm}}, quick());
                break;
            }
            case Venue::Okx:
                feed = okx::make_market_feed(world.tap, {sockets},
                                             client(std::make_unique<okx::Rest>(rest)), quick());
                break;
            case Venue::Bybit:
                feed = bybit::make_market_feed(
                    world.tap, {sockets, 50}, client(std::make_unique<bybit::Rest>(rest)), quick());
                break;
        }
    }

    Venue venue_;
    UnixNanos next_look_;
    std::vector<std::unique_ptr<venue_common::RestDialect>> dialects_;
    std::vector<std::unique_ptr<RestClient>> clients_;
};

class FeedFaults : public ::testing::TestWithParam<Combination> {};

TEST_P(FeedFaults, TheContractHolds) {
    const FaultCase& fault = GetParam().fault;
    Subscriber s{GetParam().venue};
    std::vector<Book> books = s.books();
    ASSERT_TRUE(s.until([&] { return s.live(books); }, Nanos::seconds(20)));
    s.run(Nanos::millis(500));
    const std::uint64_t accidents = s.world.accidents();
    s.world.begin(fault, s.door(), books[0].symbol);
    s.run(Nanos::millis(4'500));
    EXPECT_TRUE(s.world.struck_all());
    EXPECT_TRUE(fault.strikes != FaultCase::kMessages || s.world.accidents() > accidents);
    s.world.calm();
    // What ends is told, and harms no other.
    if (std::string_view{fault.name} == "Delisting") {
        EXPECT_TRUE(s.until(
            [&] {
                return s.reader->notices_of(FeedNoticeKind::Delisted) +
                           s.reader->notices_of(FeedNoticeKind::StatusChanged) >
                       0;
            },
            Nanos::seconds(10)));
        std::erase_if(books, [&](const Book& b) { return b.symbol == s.books()[0].symbol; });
    }
    // It comes back by itself.
    EXPECT_TRUE(s.until([&] { return s.live(books); }, Nanos::seconds(300))) << s.story();
    // Some venues tell a best price when it changes only.
    s.reader->forget_quotes();
    EXPECT_TRUE(s.until(
        [&] {
            return std::ranges::all_of(books, [&](const Book& one) {
                return s.reader->quote(one.market, one.symbol) != nullptr;
            });
        },
        Nanos::seconds(30)));
    const std::size_t trades = s.reader->trades;
    s.run(Nanos::seconds(2));
    EXPECT_GT(s.reader->trades, trades);
    s.world.sim().fall_quiet();
    s.run(Nanos::seconds(2));
    const std::size_t most = GetParam().venue == Venue::Bybit ? 50 : 400;
    for (const Book& one : books) expect_same_book(*s.reader, s.sim(), one, most);
    EXPECT_EQ(s.reader->ups >= s.reader->downs, true);
    EXPECT_TRUE(s.reader->malformed == 0 || fault.shows == FaultCase::kNonsense ||
                std::string_view{fault.name} == "Everything")
        << s.reader->complaint;
    EXPECT_GT(s.shown(fault.shows), 0U) << "not counted";
}

INSTANTIATE_TEST_SUITE_P(All, FeedFaults, ::testing::ValuesIn(combinations()), [](const auto& c) {
    return std::string{to_string(c.param.venue)} + c.param.fault.name;
});

}  // namespace
}  // namespace parallax::fault_testing
