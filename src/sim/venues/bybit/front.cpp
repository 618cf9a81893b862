#include "sim/venues/bybit/front.hpp"

#include <algorithm>

#include "sim/venues/bybit/ids.hpp"

namespace parallax::sim_bybit {

BybitFront::BybitFront(sim_engine::SimVenue& venue, ports::ServerTransport& transport,
                       const sim_front::Keyring& keyring, const FrontSettings& settings)
    : venue_{venue},
      transport_{transport},
      keyring_{keyring},
      settings_{settings},
      sockets_{transport},
      desk_{venue, memory_},
      streams_{venue, sockets_},
      user_{venue, sockets_, memory_},
      market_{venue, streams_},
      queries_{venue, memory_},
      account_{venue},
      log_{venue},
      wallet_{venue, settings_.withdrawal_addresses},
      history_{venue, log_},
      requests_{settings.requests},
      connections_{settings.connections},
      socket_requests_{settings.socket_requests} {
    desk_.reject_late(settings.reject_late);
}

void BybitFront::on(const ports::ServerEvent& event) {
    const UnixNanos now = event.received;
    pump(now);  // what happened before comes first
    switch (event.kind) {
        case ports::ServerEventKind::Request:
            request(event);
            break;
        case ports::ServerEventKind::Upgrade:
            upgrade(event);
            break;
        case ports::ServerEventKind::Opened:
            opened(event);
            break;
        case ports::ServerEventKind::Message:
            sockets_.heard(event.session, event.kind, now);
            if (Sockets::Session* const s = sockets_.find(event.session))
                message(*s, event.bytes, now);
            break;
        case ports::ServerEventKind::Ping:
        case ports::ServerEventKind::Pong:
            sockets_.heard(event.session, event.kind, now);
            break;
        case ports::ServerEventKind::Closed:
            closed(event.session);
            break;
    }
    // The acknowledgement has left; now what it led to.
    for (const OrderMemory::Refused& refused : desk_.take_rejected()) user_.rejected(refused, now);
    pump(now);
}

void BybitFront::pump(UnixNanos now) {
    if (venue_.public_events().empty() && venue_.private_events().empty()) return;
    streams_.happened(venue_.public_events(), now);
    for (const sim_engine::PrivateEvent& event : venue_.private_events()) log_.happened(event);
    user_.happened(venue_.private_events(), now);
    venue_.clear_events();
}

void BybitFront::advance(UnixNanos now) {
    pump(now);
    streams_.advance(now);
    sockets_.advance(now);
    std::erase_if(bans_, [now](const auto& ban) { return ban.second <= now; });
}

UnixNanos BybitFront::next_due() const noexcept {
    return std::min(streams_.next_due(), sockets_.next_due());
}

void BybitFront::upgrade(const ports::ServerEvent& event) {
    const UnixNanos now = event.received;
    Socket socket;
    if (event.path == "/v5/public/spot") {
        socket.kind = SocketKind::Spot;
    } else if (event.path == "/v5/public/linear") {
        socket.kind = SocketKind::Linear;
    } else if (event.path == "/v5/private") {
        socket.kind = SocketKind::Private;
    } else if (event.path == "/v5/trade") {
        socket.kind = SocketKind::Trade;
    } else {
        return transport_.respond(event.exchange, {404, {}, "", true});
    }
    if (banned(event.peer, now) || !connections_.add(event.peer, now))
        return transport_.respond(event.exchange, {403, {}, "access too frequent", true});
    Nanos silence = settings_.silence;
    sim_front::Parameters query;
    (void)query.add_encoded(event.query);
    if (socket.kind == SocketKind::Private || socket.kind == SocketKind::Trade) {
        const std::string_view text = query.text("max_active_time");
        if (!text.empty() && text.back() == 's') {
            const auto seconds = sim_front::integer(text.substr(0, text.size() - 1));
            if (seconds && *seconds >= 30 && *seconds <= 600) silence = Nanos::seconds(*seconds);
        }
    }
    socket.connection = uuid_of(++sockets_made_ | std::uint64_t{5} << 60);
    const ports::SessionId id = transport_.accept(event.exchange);
    accepted_[id.raw()] = std::move(socket);
    accepted_silence_[id.raw()] = silence;
}

void BybitFront::opened(const ports::ServerEvent& event) {
    const auto found = accepted_.find(event.session.raw());
    if (found == accepted_.end()) return;
    sim_front::KeepAlive rules;
    rules.silence = accepted_silence_[event.session.raw()];
    rules.code = 1000;
    sockets_.open(event.session, event.peer, rules, event.received, std::move(found->second));
    accepted_.erase(found);
    accepted_silence_.erase(event.session.raw());
}

void BybitFront::closed(ports::SessionId id) {
    accepted_.erase(id.raw());
    accepted_silence_.erase(id.raw());
    Sockets::Session* const s = sockets_.find(id);
    if (s == nullptr) return;
    if (s->state.kind == SocketKind::Spot || s->state.kind == SocketKind::Linear) {
        const Market market =
            s->state.kind == SocketKind::Spot ? Market::BybitSpot : Market::BybitLinear;
        for (const std::string& topic : s->state.topics) streams_.leave(market, topic, id);
    }
    sockets_.forget(id);
}

BybitFront::Budget BybitFront::spend(sim_engine::AccountId account, std::string_view bucket,
                                     std::uint32_t most, std::size_t count, UnixNanos now,
                                     Nanos interval) {
    sim_front::RateTable& table =
        account_limits_
            .try_emplace({most, interval},
                         sim_front::RateLimit{interval, most, sim_front::WindowKind::Sliding})
            .first->second;
    const std::string key = std::to_string(account.raw()) + '|' + std::string{bucket};
    const std::uint32_t used = table.used(key, now);
    const std::uint32_t left = used < most ? most - used : 0;
    Budget out{most, left, now, std::min<std::size_t>(left, count)};
    if (out.allowed > 0) {
        table.add(key, now, static_cast<std::uint32_t>(out.allowed));
        out.left -= static_cast<std::uint32_t>(out.allowed);
    }
    if (out.allowed < count) out.reset = table.free_at(key, now);
    return out;
}

}  // namespace parallax::sim_bybit
