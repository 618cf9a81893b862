#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sim/venues/binance/api.hpp"
#include "sim/venues/binance/fix.hpp"
#include "sim/venues/common/depth_scheduler.hpp"
#include "sim/venues/common/front.hpp"
#include "sim/venues/common/sessions.hpp"

namespace parallax::sim_binance {

struct FrontSettings {
    std::uint64_t seed = 1;  ///< of ids that clients do not choose
    /// Listeners that stand for fapi, fstream and ws-fapi. Paths tell the products apart except for
    /// /ws and /stream; there the listener decides, or a Host that begins with "fstream".
    std::vector<ports::ListenerId> futures;
    /// Listeners of FIX: order entry, drop copy, market data. Not valid: not offered.
    std::array<ports::ListenerId, kFixDoors> fix{};
};

/// Binance's spot and USD-M interfaces over one SimVenue, whose events it takes and clears.
/// Everything is bounded: see Limits for requests, Sessions for what readers leave unread.
class BinanceFront final : public sim_front::Front {
public:
    BinanceFront(SimVenue& venue, const sim_front::Keyring& keys, ports::ServerTransport& transport,
                 FrontSettings settings);

    void on(const ports::ServerEvent& event) override;
    void advance(UnixNanos now) override;
    [[nodiscard]] UnixNanos next_due() const noexcept override;
    /// Ends all listen keys with the next advance(), as if nobody had extended them.
    void expire_listen_keys() noexcept { api_.end_listen_keys(); }
    [[nodiscard]] std::size_t sessions() const noexcept { return sessions_.size(); }
    [[nodiscard]] Fix& fix() noexcept { return fix_; }

private:
    enum class Role : std::uint8_t { Streams, User, Socket };
    struct State {
        Role role{};
        Product product{};
        bool combined = false;
        std::string route;  ///< futures streams: public, market or private
        std::vector<std::string> streams;
        std::string listen_key;  ///< Role::User
        std::string logon;       ///< API key of session.logon
        UnixNanos logon_time;
        std::map<int, std::string> subscriptions;  ///< of user data, by API key
        int next_subscription = 0;
        bool return_limits = true;
        sim_front::RateWindow messages;
    };
    using Sessions = sim_front::Sessions<State>;
    using Session = Sessions::Session;

    /// What a stream's name asks for.
    struct Stream {
        enum class Kind : std::uint8_t {
            Nothing,
            Trade,
            Aggregate,
            Best,
            Diff,
            Partial,
            Kline,
            Day,
            MiniDay,
            Window,
            Average,
            Mark,
            ContinuousKline,
            Forced,
        };
        Kind kind = Kind::Nothing;
        bool all = false;  ///< of every listing, `listing` says nothing
        ListingId listing;
        Nanos every{};  ///< 0 = as it happens
        std::size_t levels = 0;
        Nanos length{};  ///< of klines and windows
        std::string interval;
    };
    struct Followed {
        Stream stream;
        std::set<std::uint64_t> sessions;
        UnixNanos due;
        std::uint64_t told = 0;  ///< what it was last told of: book number, aggregate
    };

    // http.cpp
    void request(const ports::ServerEvent& event);
    [[nodiscard]] Reply answer(const Operation& operation, Call& call, std::string_view signed_text,
                               std::string_view header_key);
    void respond(ports::ExchangeId exchange, Product product, const Call& call, const Reply& reply);
    [[nodiscard]] Product product_of(const ports::ServerEvent& event) const;
    // security.cpp
    [[nodiscard]] std::optional<Fault> check_time(const Call& call) const;
    [[nodiscard]] tl::expected<const sim_front::ApiKey*, Fault> check_key(std::string_view id,
                                                                          const Call& call,
                                                                          Security security) const;
    [[nodiscard]] static std::optional<Fault> check_parameters(const Operation& operation,
                                                               const Call& call);
    // upgrade.cpp
    void upgrade(const ports::ServerEvent& event);
    void opened(const ports::ServerEvent& event);
    // stream_control.cpp
    void control(Session& session, std::string_view text, UnixNanos now);
    void follow(Session& session, const std::string& name, UnixNanos now);
    void leave(Session& session, const std::string& name);
    [[nodiscard]] Stream parse_stream(Product product, std::string_view route,
                                      std::string_view name) const;
    [[nodiscard]] static Stream parse_all(Product product, std::string_view route,
                                          std::string_view name);
    // streams.cpp
    void tell(Product product, const std::string& name, const Json& message);
    void tell_timed(UnixNanos now);
    void tell_best(const sim_engine::BestChange& change, UnixNanos time);
    void tell_trade(const sim_engine::TradePrint& print, UnixNanos time);
    void tell_forced(const Order& order, UnixNanos time);
    void tell_aggregates(UnixNanos now);
    void tell_delta(ListingId listing, Nanos every, const sim_engine::BookDelta& delta,
                    UnixNanos now);
    void tell_all(Product product, const std::string& name, Stream stream, UnixNanos now);
    [[nodiscard]] Json timed_message(const Stream& stream, UnixNanos now) const;
    // user_stream.cpp
    void tell_user(AccountId account, Product product, const Json& event);
    void tell_private(const sim_engine::PrivateEvent& event);
    void flush_accounts(UnixNanos now);
    // order_socket.cpp
    void socket_request(Session& session, std::string_view text, UnixNanos now);
    [[nodiscard]] Reply socket_answer(Session& session, const std::string& method, Call& call);
    [[nodiscard]] Reply session_method(Session& session, const std::string& method, Call& call);
    [[nodiscard]] Reply subscribe_user(Session& session, const std::string& key);

    /// Takes what happened in the venue to those who follow it.
    void pump(UnixNanos now);

    SimVenue& venue_;
    const sim_front::Keyring& keys_;
    ports::ServerTransport& transport_;
    FrontSettings settings_;
    Api api_;
    std::map<ListingId, UnixNanos> forced_after_;  ///< when the next liquidation may be told
    Sessions sessions_;
    Fix fix_;
    sim_front::DepthScheduler depth_;
    using Name = std::pair<Product, std::string>;
    std::map<Name, Followed> followed_;
    std::map<std::uint64_t, State> opening_;  ///< accepted, not open so far; by session
    sim_front::RateTable connects_{{Nanos::seconds(300), 300, sim_front::WindowKind::Sliding}};
    UnixNanos now_;
    // Balances and positions that changed in the event being told, told together.
    std::map<std::pair<AccountId, Product>, std::set<AssetId>> changed_balances_;
    std::map<AccountId, std::set<ListingId>> changed_positions_;
    std::map<AccountId, const char*> reasons_;
};

}  // namespace parallax::sim_binance
