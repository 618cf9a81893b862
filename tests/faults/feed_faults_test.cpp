// The contract of ports::MarketFeed under each fault, at every venue.
#include "adapters/venues/binance/market_feed.hpp"
#include "adapters/venues/binance/rest.hpp"
#include "adapters/venues/bybit/market_feed.hpp"
#include "adapters/venues/bybit/rest.hpp"
#include "adapters/venues/common/key_testing.hpp"
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
    bool fix = false;  ///< Binance spot over FIX
    FaultCase fault;
    [[nodiscard]] std::string name() const {
        return std::string{to_string(venue)} + (fix ? "Fix" : "") + fault.name;
    }
};
void PrintTo(const Combination& c, std::ostream* out) { *out << c.name(); }

std::vector<Combination> combinations() {
    std::vector<Combination> out;
    const std::pair<Venue, bool> ways[] = {{Venue::Binance, false},
                                           {Venue::Binance, true},
                                           {Venue::Okx, false},
                                           {Venue::Bybit, false}};
    for (const auto& [venue, fix] : ways) {
        for (const FaultCase& fault : feed_faults()) {
            if (!fix && fault.strikes == FaultCase::kFix) continue;
            // The address that it cuts is that of the WebSockets.
            if (fix && std::string_view{fault.name} == "Cut") continue;
            out.push_back({venue, fix, fault});
        }
    }
    return out;
}

/// Market data needs no account, but for a key that may read where it is told to its owner.
sim_world::AccountSettings nobody(bool fix) {
    sim_world::AccountSettings account;
    account.name = "nobody";
    if (!fix) return account;
    sim_world::VenueKey key;
    key.venue = Venue::Binance;
    key.key.id = "reader";
    key.key.kind = sim_front::KeyKind::Ed25519;
    key.key.secret = venue_common::testing::kEd25519PublicPem;
    key.key.permissions = {sim_front::Permission::Read};
    account.keys.push_back(std::move(key));
    return account;
}

/// A feed on the world, and what reads it.
class Subscriber {
public:
    Subscriber(Venue venue, bool fix)
        : world{nobody(fix), {sim_prices::Coin::Btc, sim_prices::Coin::Eth}, fault_seed()},
          venue_{venue},
          fix_{fix} {
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
        for (const ports::NetEvent& event : wire_.poll(std::max(Nanos{}, due - world.now()))) {
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
        clients_.push_back(std::make_unique<RestClient>(wire_, *dialects_.back()));
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
                const binance::FeedEndpoints endpoints{sockets, "wss://" + usdm, ""};
                const std::vector<venue_common::StreamFeed::Rest> clients{
                    {Market::BinanceSpot, &of_spot}, {Market::BinanceUsdm, &of_usdm}};
                if (!fix_) {
                    feed = binance::make_market_feed(wire_, endpoints, clients, quick());
                    break;
                }
                auto made = binance::make_fix_market_feed(
                    wire_, endpoints, {std::string{"tls://"} + World::kFixPlaces[2], 30}, signer_,
                    clients, quick());
                EXPECT_TRUE(made) << made.error().detail;
                feed = std::move(*made);
                break;
            }
            case Venue::Okx:
                feed = okx::make_market_feed(wire_, {sockets},
                                             client(std::make_unique<okx::Rest>(rest)), quick());
                break;
            case Venue::Bybit:
                feed = bybit::make_market_feed(
                    wire_, {sockets, 50}, client(std::make_unique<bybit::Rest>(rest)), quick());
                break;
        }
    }

    Venue venue_;
    bool fix_;
    fix::Transport wire_{world.tap};
    binance::Signer signer_{
        venue_common::testing::credentials("reader", venue_common::testing::kEd25519Pem)};
    UnixNanos next_look_;
    std::vector<std::unique_ptr<venue_common::RestDialect>> dialects_;
    std::vector<std::unique_ptr<RestClient>> clients_;
};

class FeedFaults : public ::testing::TestWithParam<Combination> {};

TEST_P(FeedFaults, TheContractHolds) {
    const FaultCase& fault = GetParam().fault;
    Subscriber s{GetParam().venue, GetParam().fix};
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
    if (fault.strikes == FaultCase::kFix) {
        for (const ports::FeedConnection& one : s.feed->connections()) {
            const bool moved = one.market == Market::BinanceSpot;
            EXPECT_EQ(one.replaced, moved ? 2U : 0U) << one.name;
            EXPECT_EQ(one.drops, 0U) << one.name << ": " << one.last_reason;
        }
        EXPECT_EQ(s.reader->downs, 0U);
        EXPECT_EQ(s.reader->doubles(), 0U);
        EXPECT_EQ(s.reader->missing_trades(), 0U);
    }
}

INSTANTIATE_TEST_SUITE_P(All, FeedFaults, ::testing::ValuesIn(combinations()),
                         [](const auto& c) { return c.param.name(); });

}  // namespace
}  // namespace parallax::fault_testing
