// The life of a WebSocket: doors, pings, silence, login.
#include "sim/venues/okx/sockets.hpp"
#include "sim/venues/common/crypto.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace parallax::sim_okx {

using sim_front::ApiKey;

namespace {

constexpr Nanos kSilence = Nanos::seconds(30);
constexpr std::size_t kMostBytes = 64 * 1024;
constexpr sim_front::RateLimit kAsks{Nanos::seconds(3'600), 480, sim_front::WindowKind::Sliding};

constexpr std::uint16_t kTooLarge = 1009;
constexpr std::uint16_t kLoginFailed = 4001;
constexpr std::uint16_t kIdle = 4004;

std::optional<Url> url_of(std::string_view path) noexcept {
    if (path == "/ws/v5/public") return Url::Public;
    if (path == "/ws/v5/private") return Url::Private;
    if (path == "/ws/v5/business") return Url::Business;
    return std::nullopt;
}

/// Unix seconds, with a fraction perhaps: "1538054050" or "1538054050.123".
UnixNanos login_time(std::string_view text) {
    const auto value = parse_decimal(text, 9);
    if (!value || *value <= 0) return {};
    return UnixNanos::from_nanos(*value);
}

}  // namespace

void Sockets::upgrade(const ports::ServerEvent& event) {
    const auto url = url_of(event.path);
    if (!url) return transport_.respond(event.exchange, {404, {}, "", true});
    // Three a second and address.
    if (!core_.limits.take("connections", std::string{event.peer}, 3, event.received, 1,
                           Nanos::seconds(1)))
        return transport_.respond(event.exchange, {429, {}, "", true});
    const ports::SessionId id = transport_.accept(event.exchange);
    accepted_[id.raw()] = *url;
    peers_[id.raw()] = event.peer;
}

void Sockets::opened(const ports::ServerEvent& event) {
    const auto found = accepted_.find(event.session.raw());
    if (found == accepted_.end()) return;
    SocketState state;
    state.url = found->second;
    state.connection =
        fmt::format("{:08x}", static_cast<std::uint32_t>(event.session.raw() * 2'654'435'761ULL));
    state.told = event.received;
    sessions_.open(event.session, peers_[event.session.raw()], {}, event.received,
                   std::move(state));
    accepted_.erase(found);
    peers_.erase(event.session.raw());
}

void Sockets::closed(ports::SessionId session) {
    accepted_.erase(session.raw());
    peers_.erase(session.raw());
    streams.drop(session);
    users.drop(session);
    sessions_.forget(session);
}

void Sockets::send(ports::SessionId session, std::string_view text) {
    Socket* const s = sessions_.find(session);
    if (s == nullptr) return;
    s->state.told = now_;
    sessions_.send(*s, text);
}

void Sockets::announce_upgrade() {
    for (auto& [id, s] : sessions_) {
        Json out;
        out["event"] = "notice";
        out["code"] = "64008";
        out["msg"] = "The connection will soon be closed for a service upgrade. Please reconnect.";
        out["connId"] = s.state.connection;
        send(s.id, out.dump());
    }
}

void Sockets::advance(UnixNanos now) {
    now_ = now;
    streams.advance(now);
    users.advance(now);
    sessions_.advance(now);
    for (auto& [id, s] : sessions_) {
        const bool unused = !s.state.used && now - s.opened >= kSilence;
        if (unused || now - s.state.told >= kSilence) sessions_.close(s, kIdle);
    }
}

UnixNanos Sockets::next_due(UnixNanos now) const noexcept {
    UnixNanos due = std::min(streams.next_due(now), users.next_due());
    for (const auto& [id, s] : const_cast<Pool&>(sessions_)) {
        due = std::min(due, s.state.told + kSilence);
        if (!s.state.used) due = std::min(due, s.opened + kSilence);
        if (!s.waiting.empty()) due = std::min(due, now + Nanos::millis(1));
    }
    return due;
}

void Sockets::error(Socket& s, const Json& request, const Code& code, std::string_view what) {
    Json out;
    const std::string id = request.is_object() ? parameter(request, "id") : "";
    if (!id.empty()) out["id"] = id;
    out["event"] = "error";
    out["code"] = code.code;
    out["msg"] = text_of(code, what);
    out["connId"] = s.state.connection;
    send(s.id, out.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void Sockets::message(const ports::ServerEvent& event) {
    now_ = event.received;
    Socket* const s = sessions_.find(event.session);
    if (s == nullptr) return;
    if (event.bytes == "ping") return send(s->id, "pong");
    if (event.bytes.size() > kMostBytes) return sessions_.close(*s, kTooLarge);
    const sim_front::ReadJson read = sim_front::read_json(event.bytes);
    if (!read.good || !read.value.is_object())
        return error(*s, read.good ? read.value : Json{}, kWsRequest, event.bytes);
    const Json& request = read.value;
    const std::string op = parameter(request, "op");
    const auto args = request.find("args");
    const bool has_args = args != request.end() && args->is_array() && !args->empty();
    if (op == "login" || op == "subscribe" || op == "unsubscribe") {
        if (!has_args) return error(*s, request, kWsRequest, event.bytes);
        const std::string id = parameter(request, "id");
        if (!id.empty() && !is_word(id, 32)) return error(*s, request, kWsParameter, "id");
        if (!s->state.asks.fits(kAsks, now_, 1)) return error(*s, request, kWsTooFrequent);
        (void)s->state.asks.add(kAsks, now_);
        if (op == "login") return login(*s, request, now_);
        return subscriptions(*s, request, op == "subscribe", now_);
    }
    if (op.empty()) return error(*s, request, kWsRequest, event.bytes);
    operation(*s, request, op, now_);
}

const Code* Sockets::check_login(Socket& s, const Json& arg, UnixNanos now) {
    if (!arg.is_object()) return &kWsLogin;
    const std::string stamp = parameter(arg, "timestamp");
    const UnixNanos at = login_time(stamp);
    if (!at.known()) return &kWsTimestamp;
    constexpr sim_front::TimeWindow kWindow{kSilence, kSilence};
    if (!kWindow.admits(at, now)) return &kWsExpired;
    const std::string id = parameter(arg, "apiKey");
    if (id.empty()) return &kWsKey;
    const ApiKey* const key = core_.keyring.find(id);
    if (key == nullptr) return &kWsUnknownKey;
    if (!key->signed_by(stamp + "GET/users/self/verify", parameter(arg, "sign"),
                        ApiKey::Encoding::Base64))
        return &kWsSign;
    if (!sim_front::same_secret(key->passphrase, parameter(arg, "passphrase")))
        return &kWsPassphrase;
    if (!key->from(s.peer)) return &kWsLogin;
    s.state.account = key->account;
    s.state.may_trade = key->may(sim_front::Permission::Trade);
    return nullptr;
}

void Sockets::login(Socket& s, const Json& request, UnixNanos now) {
    const Json& args = *request.find("args");
    if (s.state.account.valid()) return error(s, request, kWsSecondLogin);
    if (const Code* const why = check_login(s, args.at(0), now)) {
        error(s, request, *why);
        return sessions_.close(s, kLoginFailed);
    }
    s.state.used = true;
    Json out;
    out["event"] = "login";
    out["code"] = "0";
    out["msg"] = "";
    out["connId"] = s.state.connection;
    send(s.id, out.dump());
}

}  // namespace parallax::sim_okx
