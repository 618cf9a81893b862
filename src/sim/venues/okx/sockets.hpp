#pragma once

#include <optional>
#include <string>

#include "sim/venues/common/sessions.hpp"
#include "sim/venues/okx/core.hpp"
#include "sim/venues/okx/user_streams.hpp"

namespace parallax::sim_okx {

/// A WebSocket's own state.
struct SocketState {
    Url url{};
    std::string connection;         ///< connId
    UnixNanos told;                 ///< when something was sent to it last
    bool used = false;              ///< subscribed to something, or logged in
    sim_engine::AccountId account;  ///< valid after login
    bool may_trade = false;
    sim_front::RateWindow asks;  ///< login, subscribe and unsubscribe of an hour
};

/// /ws/v5/{public,private,business}: login, subscriptions and order operations (okx.md 1.2, 1.3).
class Sockets final : public Wire {
public:
    using Pool = sim_front::Sessions<SocketState>;
    using Socket = Pool::Session;

    Sockets(Core& core, ports::ServerTransport& transport)
        : core_{core},
          transport_{transport},
          sessions_{transport},
          streams{core.venue, core.tapes, *this},
          users{core.venue, core.notes, *this} {}

    void upgrade(const ports::ServerEvent& event);
    void opened(const ports::ServerEvent& event);
    void message(const ports::ServerEvent& event);
    void closed(ports::SessionId session);
    void advance(UnixNanos now);
    [[nodiscard]] UnixNanos next_due(UnixNanos now) const noexcept;
    void send(ports::SessionId session, std::string_view text) override;
    /// 64008 to everybody, a minute before a service upgrade.
    void announce_upgrade();

private:
    Core& core_;
    ports::ServerTransport& transport_;
    Pool sessions_;

public:
    Streams streams;
    UserStreams users;

private:
    void error(Socket& s, const Json& request, const Code& code, std::string_view what = {});
    void login(Socket& s, const Json& request, UnixNanos now);
    /// Null: logged in.
    const Code* check_login(Socket& s, const Json& arg, UnixNanos now);
    void subscriptions(Socket& s, const Json& request, bool on, UnixNanos now);
    void public_topic(Socket& s, const Json& request, const Json& arg, Topic topic, bool on,
                      UnixNanos now);
    void private_topic(Socket& s, const Json& request, const Json& arg, PrivateChannel channel,
                       bool on, UnixNanos now);
    void count_connections(Socket& s, const Json& arg, PrivateChannel channel);
    void acknowledge(Socket& s, const Json& request, const Json& arg, bool on);
    void operation(Socket& s, const Json& request, const std::string& op, UnixNanos now);
    [[nodiscard]] static std::string wrong_channel(const Json& arg);

    std::map<std::uint64_t, Url> accepted_;  ///< sessions that are not open yet
    std::map<std::uint64_t, std::string> peers_;
    UnixNanos now_;
};

}  // namespace parallax::sim_okx
