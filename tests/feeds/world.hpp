#pragma once

#include <cstring>
#include <functional>
#include <set>

#include "adapters/fix/fields.hpp"
#include "adapters/venues/binance/market_feed.hpp"
#include "adapters/venues/binance/rest.hpp"
#include "adapters/venues/bybit/market_feed.hpp"
#include "adapters/venues/bybit/rest.hpp"
#include "adapters/venues/common/key_testing.hpp"
#include "adapters/venues/okx/market_feed.hpp"
#include "adapters/venues/okx/rest.hpp"
#include "feeds/truth.hpp"
#include "net/loopback_testing.hpp"
#include "sim/engine/crowd.hpp"
#include "sim/venues/binance/front.hpp"
#include "sim/venues/bybit/front.hpp"
#include "sim/venues/okx/front.hpp"

namespace parallax::feed_testing {

using sim_engine::ListingId;

/// A venue, and how its market data comes where there is a choice.
struct Way {
    Way(Venue at, bool over_fix = false) : venue{at}, fix{over_fix} {}
    Venue venue;
    bool fix;  ///< Binance spot over FIX; the rest as ever
    [[nodiscard]] std::string name() const {
        return std::string{to_string(venue)} + (fix ? "_fix" : "");
    }
};
inline void PrintTo(const Way& way, std::ostream* out) { *out << way.name(); }

/// A simulated venue with its crowd behind a real front on TLS sockets, and our feed at the other
/// end, in one thread.
class World {
public:
    explicit World(Way way, venue_common::FeedSettings settings = quick())
        : venue_{way.venue}, fix_{way.fix}, sim_{venue_settings(way.venue)} {
        sim_engine::CrowdSettings crowd;
        crowd.prices.start = net.server->now();
        if (!crowd.prices.start.known())
            crowd.prices.start = UnixNanos::from_nanos(runtime::wall_now().nanos());
        crowd_ = std::make_unique<sim_engine::Crowd>(crowd, 11);
        crowd_->join(sim_);
        make_front();
        make_feed(settings);
        reader = std::make_unique<Reader>(*feed);
    }

    /// Short times, so that a test does not wait long; silence so long that a busy machine is none.
    static venue_common::FeedSettings quick() {
        venue_common::FeedSettings s;
        s.silence = Nanos::seconds(8);
        s.heartbeat = Nanos::seconds(1);
        s.overlap = Nanos::millis(300);
        s.first_wait = Nanos::millis(20);
        s.longest_wait = Nanos::millis(400);
        s.first_update = Nanos::millis(400);
        s.first_resync = Nanos::millis(100);
        s.retry_refused = Nanos::millis(500);
        s.refresh = Nanos::seconds(600);
        return s;
    }
    [[nodiscard]] std::vector<Book> books() const {
        switch (venue_) {
            case Venue::Binance:
                return {{Market::BinanceSpot, "BTCUSDT"},
                        {Market::BinanceSpot, "PEPEUSDT"},
                        {Market::BinanceUsdm, "BTCUSDT"},
                        {Market::BinanceUsdm, "1000PEPEUSDT"}};
            case Venue::Okx:
                return {{Market::Okx, "BTC-USDT"},
                        {Market::Okx, "ETH-BTC"},
                        {Market::Okx, "BTC-USDT-SWAP"},
                        {Market::Okx, "PEPE-USDT-SWAP"}};
            case Venue::Bybit:
                return {{Market::BybitSpot, "BTCUSDT"},
                        {Market::BybitSpot, "SOLUSDT"},
                        {Market::BybitLinear, "BTCUSDT"},
                        {Market::BybitLinear, "1000PEPEUSDT"}};
        }
        return {};
    }
    void subscribe_all() {
        for (const Book& book : books()) {
            const auto done = feed->subscribe({book.market, book.symbol, ports::kFeedAll});
            EXPECT_TRUE(done) << done.error().detail;
        }
        feed->start(now());
    }

    void step() {
        for (const ports::ServerEvent& event : net.server->poll(Nanos{})) {
            if (event.kind == ports::ServerEventKind::Opened) sessions.insert(event.session.raw());
            if (event.kind == ports::ServerEventKind::Closed) sessions.erase(event.session.raw());
            front_->on(event);
        }
        const UnixNanos world = net.server->now();
        if (trading) {
            crowd_->advance(world);
        } else {
            sim_.advance(world);
        }
        front_->advance(world);
        for (const ports::NetEvent& event : wire.poll(Nanos::micros(200))) {
            ports::NetEvent changed = event;
            if (tamper && !tamper(changed)) continue;
            EXPECT_TRUE(feed->on(changed));
            reader->take(now());
        }
        feed->advance(now());
        reader->take(now());
    }
    bool until(const std::function<bool()>& done, Nanos limit = Nanos::seconds(20)) {
        const MonoNanos end = runtime::mono_now() + limit;
        while (!done()) {
            if (runtime::mono_now() > end) return false;
            step();
        }
        return true;
    }
    void run(Nanos time) {
        const MonoNanos end = runtime::mono_now() + time;
        until([&] { return runtime::mono_now() > end; }, time * 2 + Nanos::seconds(1));
    }
    [[nodiscard]] UnixNanos now() const { return net.client->now(); }

    [[nodiscard]] bool all_live() const {
        const auto all = books();
        return std::all_of(all.begin(), all.end(), [&](const Book& one) {
            return reader->tradable(one.market, one.symbol);
        });
    }
    [[nodiscard]] bool none_live() const {
        const auto all = books();
        return std::none_of(all.begin(), all.end(), [&](const Book& one) {
            return reader->tradable(one.market, one.symbol);
        });
    }
    bool become_live(Nanos limit = Nanos::seconds(20)) {
        return until([this] { return all_live(); }, limit);
    }
    [[nodiscard]] std::uint64_t gaps() const {
        std::uint64_t sum = 0;
        for (const Book& one : books()) {
            if (const book::FeedBook* const book = reader->book(one.market, one.symbol))
                sum += book->counters().gaps;
        }
        return sum;
    }
    [[nodiscard]] std::uint64_t count(std::uint64_t ports::FeedConnection::* field) const {
        std::uint64_t sum = 0;
        for (const ports::FeedConnection& one : feed->connections()) sum += one.*field;
        return sum;
    }
    /// Market and symbol of a change of a book; empty: another message.
    [[nodiscard]] std::string depth_of(const ports::NetEvent& event) const {
        const std::string_view text = event.bytes;
        const auto has = [&](const char* part) {
            return text.find(part) != std::string_view::npos;
        };
        if (has("\x01"
                "35=X\x01") &&
            has("\x01"
                "262=book-"))
            return std::to_string(event.connection.raw()) + std::string{fix::text(text, 55)};
        const bool delta = has(R"("e":"depthUpdate")") || has(R"("action":"update")") ||
                           (has(R"("type":"delta")") && has(R"("topic":"orderbook.)"));
        if (!delta) return {};
        for (const char* key : {R"("s":")", R"("instId":")"}) {
            const std::size_t at = text.find(key);
            if (at == std::string_view::npos) continue;
            const std::string_view rest = text.substr(at + std::strlen(key));
            return std::to_string(event.connection.raw()) +
                   std::string{rest.substr(0, rest.find('"'))};
        }
        return {};
    }
    /// The server's sockets break, without a goodbye.
    void cut() {
        for (const std::uint64_t id : sessions) net.server->close(ports::SessionId{id}, 0);
    }

    /// Lets the last changes through and compares every book with the venue's, level by level.
    void expect_equal_books() {
        // Some venues tell a best price when it changes only.
        reader->forget_quotes();
        EXPECT_TRUE(until([this] {
            const auto all = books();
            return std::all_of(all.begin(), all.end(), [&](const Book& one) {
                return reader->quote(one.market, one.symbol) != nullptr;
            });
        }));
        trading = false;
        run(Nanos::millis(700));
        const std::size_t most = venue_ == Venue::Bybit ? 50 : 400;
        for (const Book& one : books()) expect_same_book(*reader, sim_, one, most);
        EXPECT_EQ(reader->malformed, 0u) << reader->complaint;
        trading = true;
    }

    /// Nobody has a key any more.
    void forget_key() { keys_ = {}; }

    net::Loopback net;
    fix::Transport wire{*net.client};
    std::unique_ptr<venue_common::StreamFeed> feed;
    std::unique_ptr<Reader> reader;
    std::function<bool(ports::NetEvent&)> tamper;  ///< false: the event is lost
    std::set<std::uint64_t> sessions;
    bool trading = true;

    [[nodiscard]] sim_engine::SimVenue& sim() { return sim_; }
    [[nodiscard]] sim_binance::BinanceFront* binance() {
        return dynamic_cast<sim_binance::BinanceFront*>(front_.get());
    }
    [[nodiscard]] sim_okx::OkxFront* okx() {
        return dynamic_cast<sim_okx::OkxFront*>(front_.get());
    }

private:
    static sim_engine::VenueSettings venue_settings(Venue venue) {
        sim_engine::VenueSettings s;
        s.venue = venue;
        if (venue == Venue::Binance) s.discount_asset = "BNB";
        return s;
    }
    void make_front() {
        switch (venue_) {
            case Venue::Binance: {
                sim_binance::FrontSettings settings;
                if (fix_) settings.fix[2] = open_fix_door();
                front_ =
                    std::make_unique<sim_binance::BinanceFront>(sim_, keys_, *net.server, settings);
                break;
            }
            case Venue::Okx:
                front_ = std::make_unique<sim_okx::OkxFront>(sim_, *net.server, keys_);
                break;
            case Venue::Bybit:
                front_ = std::make_unique<sim_bybit::BybitFront>(sim_, *net.server, keys_);
                break;
        }
    }
    /// Where market data is told to who has a key.
    ports::ListenerId open_fix_door() {
        net::ListenOptions listen;
        listen.certificate = net::TestAuthority::get().issue();
        listen.raw = true;
        const auto listening = net.server->listen(listen);
        EXPECT_TRUE(listening);
        fix_url_ = "tls://127.0.0.1:" + std::to_string(listening->port);
        sim_engine::AccountSettings account;
        account.name = "reader";
        sim_front::ApiKey key;
        key.id = "reader";
        key.kind = sim_front::KeyKind::Ed25519;
        key.secret = venue_common::testing::kEd25519PublicPem;
        key.permissions = {sim_front::Permission::Read};
        key.account = sim_.open_account(account);
        keys_.add(key);
        return listening->id;
    }
    venue_common::RestClient& client(std::unique_ptr<venue_common::RestDialect> dialect) {
        dialects_.push_back(std::move(dialect));
        clients_.push_back(std::make_unique<venue_common::RestClient>(wire, *dialects_.back()));
        return *clients_.back();
    }
    void make_feed(const venue_common::FeedSettings& settings) {
        const std::string sockets = net.ws("");
        const std::string rest = net.http("");
        switch (venue_) {
            case Venue::Binance: {
                using binance::Product;
                auto& spot = client(std::make_unique<binance::Rest>(Product::Spot, rest));
                auto& usdm = client(std::make_unique<binance::Rest>(Product::Usdm, rest));
                const binance::FeedEndpoints endpoints{sockets, sockets, ""};
                const std::vector<venue_common::StreamFeed::Rest> clients{
                    {Market::BinanceSpot, &spot}, {Market::BinanceUsdm, &usdm}};
                if (!fix_) {
                    feed = binance::make_market_feed(wire, endpoints, clients, settings);
                    break;
                }
                auto made = binance::make_fix_market_feed(wire, endpoints, {fix_url_, 30}, signer_,
                                                          clients, settings);
                EXPECT_TRUE(made) << made.error().detail;
                feed = std::move(*made);
                break;
            }
            case Venue::Okx:
                feed = okx::make_market_feed(wire, {sockets},
                                             client(std::make_unique<okx::Rest>(rest)), settings);
                break;
            case Venue::Bybit:
                feed = bybit::make_market_feed(
                    wire, {sockets, 50}, client(std::make_unique<bybit::Rest>(rest)), settings);
                break;
        }
    }

    Venue venue_;
    bool fix_;
    std::string fix_url_;
    binance::Signer signer_{
        venue_common::testing::credentials("reader", venue_common::testing::kEd25519Pem)};
    sim_engine::SimVenue sim_;
    std::unique_ptr<sim_engine::Crowd> crowd_;
    sim_front::Keyring keys_;
    std::unique_ptr<sim_front::Front> front_;
    std::vector<std::unique_ptr<venue_common::RestDialect>> dialects_;
    std::vector<std::unique_ptr<venue_common::RestClient>> clients_;
};

}  // namespace parallax::feed_testing
