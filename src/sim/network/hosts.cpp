#include "sim/network/hosts.hpp"

#include "net/url.hpp"

namespace parallax::sim_network {

// ---- client
// ----------------------------------------------------------------------------------------------

Result<std::uint64_t> Network::Client::begin(const std::string& text, bool websocket, Packet packet,
                                             Nanos timeout) {
    const auto url = net::parse_url(text);
    if (!url) return tl::unexpected<Error>{url.error()};
    if ((url->websocket || url->raw) != websocket)
        return fail(Errc::Rejected, text + ": the wrong scheme");
    Host* const host = network_.find(url->endpoint());
    if (host == nullptr)
        return fail(Errc::Rejected, url->endpoint() + ": nobody has this name here");
    if (url->raw) packet.kind = PacketKind::Connect;
    Link& link = network_.add_link(*this, *host, websocket);
    const std::size_t query = url->target.find('?');
    packet.link = link.id;
    packet.path = url->target.substr(0, query);
    if (query != std::string::npos) packet.query = url->target.substr(query + 1);
    if (host->refusing > network_.now_) {
        packet = {link.id, PacketKind::Failure, 1006, "connection refused"};
        packet.unsent = true;
    }
    network_.send(link, std::move(packet));
    network_.at(network_.now_ + timeout, {link.id, PacketKind::Timeout});
    return link.id;
}

Result<ports::ConnectionId> Network::Client::connect(const ports::WebSocketTarget& target) {
    Packet packet{0, PacketKind::Upgrade};
    packet.method = "GET";
    packet.headers = target.headers;
    const auto id = begin(target.url, true, std::move(packet), target.timeout);
    if (!id) return tl::unexpected<Error>{id.error()};
    return ports::ConnectionId{*id};
}

Result<ports::RequestId> Network::Client::request(const ports::HttpRequest& request) {
    Packet packet{0, PacketKind::Request};
    packet.method = request.method;
    packet.headers = request.headers;
    packet.bytes = request.body;
    const auto id = begin(request.url, false, std::move(packet), request.timeout);
    if (!id) return tl::unexpected<Error>{id.error()};
    return ports::RequestId{*id};
}

Network::Link* Network::Client::open_link(ports::ConnectionId connection) {
    Link* const link = network_.link(connection.raw());
    return link != nullptr && link->websocket && link->client_open && !link->leaving ? link
                                                                                     : nullptr;
}

HotResult<void> Network::Client::send(ports::ConnectionId connection, std::string_view text) {
    return network_.send_message(open_link(connection), PacketKind::Question, text);
}

HotResult<void> Network::Client::ping(ports::ConnectionId connection) {
    return network_.send_message(open_link(connection), PacketKind::Ping, {});
}

void Network::Client::close(ports::ConnectionId connection, std::uint16_t code) {
    Link* const link = network_.link(connection.raw());
    if (link == nullptr || !link->websocket || link->leaving || !link->client_knows) return;
    link->leaving = true;
    network_.send(*link, {link->id, PacketKind::Leave, code});
}

void Network::Client::tell(const Link& link, Packet packet) {
    arrived_.push_back({std::move(packet), link.websocket});
}

std::span<const ports::NetEvent> Network::Client::poll(Nanos) {
    using ports::NetEventKind;
    told_ = std::exchange(arrived_, {});
    events_.clear();
    for (const Arrived& one : told_) {
        const Packet& packet = one.packet;
        ports::NetEvent& event = events_.emplace_back();
        event.code = packet.code;
        event.unsent = packet.unsent;
        event.received = network_.now_;
        event.bytes = packet.bytes;
        event.headers = packet.headers;
        if (one.websocket) {
            event.connection = ports::ConnectionId{packet.link};
        } else {
            event.request = ports::RequestId{packet.link};
        }
        switch (packet.kind) {
            case PacketKind::ClientOpened:
                event.kind = NetEventKind::Opened;
                break;
            case PacketKind::Push:
                event.kind = NetEventKind::Message;
                break;
            case PacketKind::PongToClient:
                event.kind = NetEventKind::Pong;
                break;
            case PacketKind::Response:
                event.kind = NetEventKind::Response;
                break;
            case PacketKind::Failure:
                event.kind = one.websocket ? NetEventKind::Closed : NetEventKind::Failed;
                break;
            default:
                event.kind = NetEventKind::Closed;
                break;
        }
    }
    return events_;
}

// ---- server
// ----------------------------------------------------------------------------------------------

ports::SessionId Network::Server::accept(ports::ExchangeId exchange,
                                         std::span<const ports::HttpHeader>) {
    Link* const link = network_.link(exchange.raw());
    if (link == nullptr || !link->websocket || link->leaving) return {};
    link->server_knows = true;
    network_.at(network_.now_, {link->id, PacketKind::ServerOpened});
    network_.send(*link, {link->id, PacketKind::ClientOpened});
    return ports::SessionId{link->id};
}

void Network::Server::respond(ports::ExchangeId exchange, ports::HttpReply reply) {
    Link* const link = network_.link(exchange.raw());
    if (link == nullptr) return;
    Packet packet{link->id, PacketKind::Response, reply.status};
    packet.bytes = std::move(reply.body);
    packet.headers = std::move(reply.headers);
    if (link->websocket) {
        packet.kind = PacketKind::Refusal;
        packet.bytes = "HTTP status " + std::to_string(packet.code);
        packet.code = 1006;
    }
    network_.send(*link, std::move(packet));
}

void Network::Server::drop(ports::ExchangeId exchange) {
    if (Link* const link = network_.link(exchange.raw()))
        network_.end(*link, "connection reset by peer");
}

HotResult<void> Network::Server::send(ports::SessionId session, std::string_view text) {
    Link* const link = network_.link(session.raw());
    return network_.send_message(link != nullptr && link->server_knows ? link : nullptr,
                                 PacketKind::Push, text);
}

HotResult<void> Network::Server::ping(ports::SessionId session) {
    // The client answers by itself; nobody there hears of it.
    Link* const link = network_.link(session.raw());
    return network_.send_message(link != nullptr && link->server_knows ? link : nullptr,
                                 PacketKind::PongToServer, {});
}

void Network::Server::close(ports::SessionId session, std::uint16_t code) {
    Link* const link = network_.link(session.raw());
    if (link == nullptr || !link->server_knows) return;
    if (code == 0) {
        network_.end(*link, "connection reset by peer");
        return;
    }
    network_.send(*link, {link->id, PacketKind::Dismiss, code});
}

void Network::Server::tell(const Link& link, Packet packet) {
    arrived_.push_back({std::move(packet), link.host->listener, &link.client->address()});
}

std::span<const ports::ServerEvent> Network::Server::poll(Nanos) {
    using ports::ServerEventKind;
    told_ = std::exchange(arrived_, {});
    events_.clear();
    for (const Arrived& one : told_) {
        const Packet& packet = one.packet;
        ports::ServerEvent& event = events_.emplace_back();
        event.listener = one.listener;
        event.peer = *one.peer;
        event.received = network_.now_;
        event.code = packet.code;
        event.method = packet.method;
        event.path = packet.path;
        event.query = packet.query;
        event.bytes = packet.bytes;
        event.headers = packet.headers;
        if (packet.kind == PacketKind::Request || packet.kind == PacketKind::Upgrade) {
            event.exchange = ports::ExchangeId{packet.link};
        } else {
            event.session = ports::SessionId{packet.link};
        }
        switch (packet.kind) {
            case PacketKind::Request:
                event.kind = ServerEventKind::Request;
                break;
            case PacketKind::Upgrade:
                event.kind = ServerEventKind::Upgrade;
                break;
            case PacketKind::ServerOpened:
                event.kind = ServerEventKind::Opened;
                break;
            case PacketKind::Question:
                event.kind = ServerEventKind::Message;
                break;
            case PacketKind::Ping:
                event.kind = ServerEventKind::Ping;
                break;
            case PacketKind::PongToServer:
                event.kind = ServerEventKind::Pong;
                break;
            default:
                event.kind = ServerEventKind::Closed;
                break;
        }
    }
    return events_;
}

}  // namespace parallax::sim_network
