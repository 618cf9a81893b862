#include "sim/network/network.hpp"

#include <algorithm>

#include "core/assert.hpp"
#include "sim/network/hosts.hpp"

namespace parallax::sim_network {
namespace {

constexpr std::uint16_t kAbnormal = 1006;

}  // namespace

Network::Network(UnixNanos start, std::uint64_t seed) : now_{start}, random_{seed} {}
Network::~Network() = default;

ports::Transport& Network::add_client() {
    clients_.push_back(std::make_unique<Client>(*this, clients_.size() + 1));
    return *clients_.back();
}

ports::ServerTransport& Network::add_server() {
    servers_.push_back(std::make_unique<Server>(*this));
    return *servers_.back();
}

ports::ListenerId Network::listen(ports::ServerTransport& server, std::string endpoint,
                                  const Line& line) {
    PLX_ASSERT(find(endpoint) == nullptr);
    const auto found = std::ranges::find(servers_, &server, [](const auto& one) {
        return static_cast<ports::ServerTransport*>(one.get());
    });
    PLX_ASSERT(found != servers_.end());
    const ports::ListenerId id{static_cast<std::uint32_t>(hosts_.size())};
    hosts_.push_back(std::make_unique<Host>(Host{std::move(endpoint), found->get(), id, line}));
    return id;
}

// ---- what can go wrong
// -----------------------------------------------------------------------------------

Network::Host* Network::find(std::string_view endpoint) {
    const auto found = std::ranges::find(
        hosts_, endpoint, [](const auto& host) -> std::string_view { return host->endpoint; });
    return found == hosts_.end() ? nullptr : found->get();
}

void Network::set_line(std::string_view endpoint, const Line& line) {
    if (Host* host = find(endpoint)) host->line = line;
}

void Network::stall(std::string_view endpoint, UnixNanos until) {
    if (Host* host = find(endpoint)) host->stalled = std::max(host->stalled, until);
}

void Network::refuse(std::string_view endpoint, UnixNanos until) {
    if (Host* host = find(endpoint)) host->refusing = std::max(host->refusing, until);
}

void Network::lose_answers(std::string_view endpoint, UnixNanos until) {
    if (Host* host = find(endpoint)) host->mute = std::max(host->mute, until);
}

void Network::cut(std::string_view endpoint) {
    Host* const host = find(endpoint);
    for (auto next = links_.begin(); next != links_.end();) {
        Link& link = *(next++)->second;
        if (link.host == host) end(link, "connection reset by peer");
    }
}

/// Both sides learn of it at once; what was on its way finds no link any more.
void Network::end(Link& link, std::string_view why) {
    if (link.client_knows) {
        link.client->tell(link, {link.id, PacketKind::Failure, kAbnormal, why});
    }
    if (link.server_knows) {
        link.host->server->tell(link, {link.id, PacketKind::ServerClosed, kAbnormal});
    }
    forget(link);
}

// ---- time
// ------------------------------------------------------------------------------------------------

UnixNanos Network::next_due() const noexcept {
    for (const auto& client : clients_) {
        if (client->waiting()) return now_;
    }
    for (const auto& server : servers_) {
        if (server->waiting()) return now_;
    }
    return under_way_.empty() ? kNever : under_way_.front().at;
}

void Network::advance(UnixNanos now) {
    PLX_ASSERT(now >= now_);
    while (!under_way_.empty() && under_way_.front().at <= now) {
        std::pop_heap(under_way_.begin(), under_way_.end(), Later{});
        Packet packet = std::move(under_way_.back());
        under_way_.pop_back();
        now_ = std::max(now_, packet.at);
        arrive(packet);
    }
    now_ = now;
}

void Network::arrive(Packet& packet) {
    Link* const found = link(packet.link);
    if (found == nullptr) return;
    // A stall that began after it left holds it up as well, but nobody's patience.
    if (found->host->stalled > packet.at && packet.kind != PacketKind::Timeout) {
        packet.at = found->host->stalled;
        push(std::move(packet));
        return;
    }
    if (goes_to_server(packet.kind)) {
        to_server(*found, packet);
    } else {
        to_client(*found, packet);
    }
}

void Network::to_server(Link& link, Packet& packet) {
    link.to_server -= packet.bytes.size();
    switch (packet.kind) {
        case PacketKind::Connect:
            link.server_knows = true;
            packet.kind = PacketKind::ServerOpened;
            send(link, {link.id, PacketKind::ClientOpened});
            break;
        case PacketKind::Ping:
            send(link, {link.id, PacketKind::PongToClient});
            break;
        case PacketKind::Leave:  // the goodbye is answered
            send(link, {link.id, PacketKind::ClientClosed, packet.code});
            if (!link.server_knows) return;  // it never accepted
            link.server_knows = false;
            break;
        case PacketKind::ServerClosed:
            if (link.server_knows) link.host->server->tell(link, std::move(packet));
            forget(link);
            return;
        default:
            break;
    }
    link.host->server->tell(link, std::move(packet));
}

void Network::to_client(Link& link, Packet& packet) {
    link.to_client -= packet.bytes.size();
    if (!link.client_knows) return;
    switch (packet.kind) {
        case PacketKind::ClientOpened:
            link.client_open = true;
            break;
        case PacketKind::Push:
            if (link.leaving) return;
            break;
        case PacketKind::PongToClient:
            break;
        case PacketKind::Dismiss:
            link.client_knows = false;
            send(link, {link.id, PacketKind::ServerClosed, packet.code});
            break;
        case PacketKind::Timeout:
            if (!link.client_open) end(link, "no answer in time");
            return;
        case PacketKind::Response:
            if (link.host->mute > now_) return;
            [[fallthrough]];
        default:  // the last that the client hears
            link.client->tell(link, std::move(packet));
            forget(link);
            return;
    }
    link.client->tell(link, std::move(packet));
}

// ---- links
// -----------------------------------------------------------------------------------------------

Network::Link* Network::link(std::uint64_t id) {
    const auto found = links_.find(id);
    return found == links_.end() ? nullptr : found->second.get();
}

void Network::forget(const Link& link) {
    const std::uint64_t id = link.id;  // goes with the link
    links_.erase(id);
}

Network::Link& Network::add_link(Client& client, Host& host, bool websocket) {
    const std::uint64_t id = ++last_id_;
    auto link = std::make_unique<Link>(Link{id, &client, &host, websocket});
    return *links_.emplace(id, std::move(link)).first->second;
}

void Network::at(UnixNanos when, Packet packet) {
    packet.at = when;
    packet.sequence = ++last_packet_;
    push(std::move(packet));
}

void Network::push(Packet packet) {
    under_way_.push_back(std::move(packet));
    std::push_heap(under_way_.begin(), under_way_.end(), Later{});
}

void Network::send(Link& link, Packet packet) {
    const bool up = goes_to_server(packet.kind);
    const Line& line = link.host->line;
    Nanos delay = line.latency;
    if (line.jitter > Nanos{}) delay = delay + Nanos{random_.between(0, line.jitter.count())};
    UnixNanos& last = up ? link.last_up : link.last_down;
    last = std::max(last, now_ + delay);
    (up ? link.to_server : link.to_client) += packet.bytes.size();
    at(last, std::move(packet));
}

HotResult<void> Network::send_message(Link* link, PacketKind kind, std::string_view text) {
    if (link == nullptr) return fail(Errc::Unavailable);
    const std::size_t waiting = goes_to_server(kind) ? link->to_server : link->to_client;
    if (waiting + text.size() > kMostUnderWay) return fail(Errc::BackPressured);
    send(*link, {link->id, kind, 0, text});
    return {};
}

}  // namespace parallax::sim_network
