#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "adapters/fix/transport.hpp"
#include "adapters/venues/common/live_account.hpp"
#include "adapters/venues/common/live_gateway.hpp"
#include "gateway_truth.hpp"
#include "net/loopback_testing.hpp"
#include "sim/engine/venue.hpp"
#include "sim/venues/common/front.hpp"
#include "sim/venues/common/keyring.hpp"

/// A live gateway against the simulated venue of the same name, over real TLS on loopback: for the
/// contract suite of the port, which runs on every venue and both ways of sending.
namespace parallax::gateway_testing {

inline constexpr const char* kApiKey = "KEY0";
inline constexpr const char* kSecret = "22582BD0CFF14C41EDBF1AB98506286D";
inline constexpr const char* kPassphrase = "pass phrase";

/// Short times, so that a test does not wait long.
inline venue_common::GatewayConfig quick_config(std::string tag, bool sockets) {
    venue_common::GatewayConfig config;
    config.desk.tag = std::move(tag);
    config.desk.answer_timeout = Nanos::millis(800);
    config.sockets = sockets;
    config.settle = Nanos::millis(1'500);
    config.poll_interval = Nanos::millis(100);
    config.cancel_check = Nanos::millis(500);
    config.ask_timeout = Nanos::millis(800);
    return config;
}

/// Between the front and its sockets: loses, delays and repeats.
class Gate final : public ports::ServerTransport {
public:
    explicit Gate(ports::ServerTransport& below) : below_{below} {}
    bool mute = false;   ///< whatever the venue says is lost
    bool twice = false;  ///< every message to a WebSocket comes twice
    /// Messages with this text are lost; empty: none.
    std::string swallow;

    ports::SessionId accept(ports::ExchangeId exchange,
                            std::span<const ports::HttpHeader> headers) override {
        const ports::SessionId session = below_.accept(exchange, headers);
        sessions.push_back(session);
        return session;
    }
    void respond(ports::ExchangeId exchange, ports::HttpReply reply) override {
        if (!lost(reply.body)) below_.respond(exchange, std::move(reply));
    }
    HotResult<void> send(ports::SessionId session, std::string_view text) override {
        if (lost(text)) return {};
        if (twice && !streams.contains(session.raw())) (void)below_.send(session, text);
        return below_.send(session, text);
    }
    void drop(ports::ExchangeId exchange) override { below_.drop(exchange); }
    HotResult<void> ping(ports::SessionId session) override { return below_.ping(session); }
    void close(ports::SessionId session, std::uint16_t code) override {
        below_.close(session, code);
    }
    std::span<const ports::ServerEvent> poll(Nanos wait) override { return below_.poll(wait); }
    [[nodiscard]] UnixNanos now() const noexcept override { return below_.now(); }

    /// Cuts every WebSocket without a goodbye.
    void cut() {
        for (const ports::SessionId session : sessions) below_.close(session, 0);
        sessions.clear();
    }
    /// A stream of bytes has come. It repeats nothing.
    void opened(ports::SessionId session) {
        if (std::ranges::find(sessions, session) != sessions.end()) return;
        sessions.push_back(session);
        streams.insert(session.raw());
    }
    std::vector<ports::SessionId> sessions;
    std::set<std::uint64_t> streams;

private:
    [[nodiscard]] bool lost(std::string_view text) const {
        return mute || (!swallow.empty() && text.find(swallow) != std::string_view::npos);
    }
    ports::ServerTransport& below_;
};

/// Where a venue's FIX doors are: order entry, drop copy, market data.
struct FixPlaces {
    std::array<ports::ListenerId, 3> doors;
    std::array<std::string, 3> urls;
};

/// What a venue brings along.
struct VenueParts {
    Venue venue{};
    std::string spot, perpetual;  ///< venue symbols of BTC/USDT
    Market spot_market{}, perpetual_market{};
    /// A venue whose wallets are apart has a world for each; what it has not is taken for the
    /// other.
    bool has_spot = true, has_perpetual = true;
    sim_engine::Wallet wallet = sim_engine::Wallet::Trading;
    /// The account's Funding wallet.
    sim_engine::Wallet deposits_wallet = sim_engine::Wallet::Funding;
    std::size_t most_in_batch = 10;
    bool fills_name_client_ids = true;  ///< of an account's list
    bool amends_price = true;
    std::string min_notional;  ///< instead of the listing's
    bool fix = false;          ///< orders go over FIX, whose links come behind the stream's
    std::string public_key;    ///< PEM of our key; empty: it is kSecret
    std::function<std::unique_ptr<sim_front::Front>(sim_engine::SimVenue&, ports::ServerTransport&,
                                                    const sim_front::Keyring&, const FixPlaces&)>
        front;
    /// `http`, `ws`: where the venue is, such as "https://localhost:1234".
    std::function<std::unique_ptr<venue_common::RestDialect>(const std::string& http)> dialect;
    std::function<std::unique_ptr<venue_common::LiveGateway>(
        fix::Transport&, venue_common::RestClient&, const Universe&, const std::string& ws,
        const FixPlaces&, venue_common::GatewayConfig)>
        gateway;
    std::function<std::unique_ptr<venue_common::AccountProtocol>(const Universe&)> account;
};
[[nodiscard]] VenueParts okx_parts();
[[nodiscard]] VenueParts bybit_parts();
[[nodiscard]] VenueParts binance_spot_parts();
[[nodiscard]] VenueParts binance_usdm_parts();
/// With an Ed25519 key, which signs in instead of signing.
[[nodiscard]] VenueParts binance_spot_logon_parts();
[[nodiscard]] VenueParts binance_usdm_logon_parts();
/// Orders over FIX, with drop copies.
[[nodiscard]] VenueParts binance_fix_parts();

class World {
public:
    World(VenueParts parts, bool sockets);
    /// Another run of the same instance, or of another one: the gateway before is gone.
    void start_gateway(const std::string& tag, UnixNanos recover_since = {}, Nanos watchdog = {});
    void start_account(venue_common::AccountConfig config = {});
    /// The answer to a question.
    ports::AccountAnswer told(const ports::AccountRequest& request);
    /// Gives our key these permissions.
    void set_key(std::vector<sim_front::Permission> permissions);

    // ---- the market, in units of USDT and thousandths of BTC
    sim_engine::OrderId rest(Side side, std::int64_t price, std::int64_t thousandths,
                             bool on_perpetual = false);
    void take(Side side, std::int64_t price, std::int64_t thousandths, bool on_perpetual = false);

    /// Our list of instruments says so; the venue's own state is its own.
    void delist(bool perpetual_one);

    // ---- our orders
    [[nodiscard]] messages::OrderRequest order(Side side, std::int64_t price,
                                               std::int64_t thousandths,
                                               messages::TimeInForce time_in_force,
                                               bool on_perpetual = false);
    ClientOrderId place(const messages::OrderRequest& request);
    void ask(messages::OrderAction action, const messages::OrderRequest& request);

    // ---- time
    void step();
    bool until(const std::function<bool()>& done, Nanos limit = Nanos::seconds(15));
    void run(Nanos time);

    // ---- what was told
    [[nodiscard]] std::vector<messages::OrderEvent> of(ClientOrderId id) const;
    [[nodiscard]] std::size_t count(ClientOrderId id, messages::OrderEventKind kind) const;
    [[nodiscard]] bool over(ClientOrderId id) const;
    [[nodiscard]] const messages::OrderEvent& last(ClientOrderId id) const;
    [[nodiscard]] Quantity filled(ClientOrderId id) const;
    /// Waits for the end of an order and returns the event that told it.
    messages::OrderEvent end_of(ClientOrderId id);
    [[nodiscard]] std::size_t fills() const;

    /// Every fill of the venue's books was told once, with its price, quantity, fee and asset.
    void expect_fills_equal_the_venues();
    /// What the account had, plus what the events say, is what the venue's ledger has.
    void expect_balances_equal_the_events();

    [[nodiscard]] const Instrument& instrument(bool on_perpetual) const {
        return universe.instrument(on_perpetual ? perpetual_id : spot_id);
    }
    [[nodiscard]] Amount balance(const std::string& asset) const { return owner().balance(asset); }
    [[nodiscard]] Owner owner() const;
    [[nodiscard]] std::size_t open_at_the_venue() const;

    VenueParts parts;
    net::Loopback loop;
    fix::Transport wire{*loop.client};
    FixPlaces places;
    sim_engine::SimVenue venue;
    Gate gate{*loop.server};
    sim_front::Keyring keyring;
    std::unique_ptr<sim_front::Front> front;
    sim_engine::AccountId me, other;
    sim_engine::ListingId spot, perpetual;
    Universe universe;
    InstrumentId spot_id, perpetual_id;
    std::unique_ptr<venue_common::RestDialect> dialect;
    std::unique_ptr<venue_common::RestClient> rest_client;
    std::unique_ptr<venue_common::LiveGateway> gateway;
    std::unique_ptr<venue_common::LiveAccount> account;
    std::vector<messages::CashEvent> cash;
    std::vector<messages::OrderEvent> events;
    std::vector<messages::BalanceReport> balances;
    bool deaf = false;  ///< the venue hears nothing: requests are lost on the way
    std::map<std::string, Amount> start;

private:
    [[nodiscard]] sim_engine::NewOrder other_order(Side side, std::int64_t price,
                                                   std::int64_t thousandths,
                                                   bool on_perpetual) const;
    bool sockets_ = false;
    std::uint64_t next_plan_ = 1;
};

}  // namespace parallax::gateway_testing
