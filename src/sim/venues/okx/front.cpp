#include "sim/venues/okx/front.hpp"

#include <algorithm>

namespace parallax::sim_okx {

using sim_engine::TradePrint;

OkxFront::OkxFront(sim_engine::SimVenue& venue, ports::ServerTransport& transport,
                   const sim_front::Keyring& keyring, FrontSettings settings)
    : transport_{transport},
      core_{venue, keyring, std::move(settings)},
      rest_{core_},
      sockets_{core_, transport} {
    core_.tapes.resize(venue.listings());
    core_.prices.resize(venue.listings());
    core_.interests.resize(venue.listings());
    sockets_.users.post_only_tells_live = core_.settings.post_only_tells_live;
}

void OkxFront::on(const ports::ServerEvent& event) {
    // Orders of one moment come after the market of that moment.
    ports::ServerEvent e = event;
    e.received = now_ = std::max({event.received, core_.venue.now(), now_});
    switch (e.kind) {
        case ports::ServerEventKind::Request:
            transport_.respond(e.exchange, rest_.handle(e));
            break;
        case ports::ServerEventKind::Upgrade:
            return sockets_.upgrade(e);
        case ports::ServerEventKind::Opened:
            return sockets_.opened(e);
        case ports::ServerEventKind::Message:
            sockets_.message(e);
            break;
        case ports::ServerEventKind::Ping:
        case ports::ServerEventKind::Pong:
            return;
        case ports::ServerEventKind::Closed:
            return sockets_.closed(e.session);
    }
    tell(now_);
}

/// Everything the engine has to say, in its order.
void OkxFront::tell(UnixNanos now) {
    sim_engine::SimVenue& venue = core_.venue;
    core_.tapes.resize(venue.listings());
    core_.prices.resize(venue.listings());
    for (const sim_engine::PublicEvent& event : venue.public_events()) {
        if (const auto* print = std::get_if<TradePrint>(&event.body)) {
            const sim_engine::Listing& listing = venue.listing(print->listing);
            core_.tapes[print->listing.index()].add(
                *print, listing.notional(print->price, print->quantity), event.time);
        }
        if (const auto* mark = std::get_if<sim_engine::MarkChange>(&event.body)) {
            core_.prices[mark->listing.index()].told(mark->mark, event.time);
            const Quantity open = sim_front::open_interest(venue, mark->listing);
            core_.interests[mark->listing.index()].told(Price::from_raw(open.raw()), event.time);
        }
        sockets_.streams.on(event);
    }
    for (const sim_engine::PrivateEvent& event : venue.private_events()) sockets_.users.on(event);
    // The engine tells no index of spot pairs: it is looked at.
    for (std::size_t i = 0; i < venue.listings(); ++i) {
        const sim_engine::Desk& desk =
            venue.desk(sim_engine::ListingId{static_cast<sim_engine::ListingId::rep>(i)});
        if (!desk.listing.perpetual && desk.index > Price{}) core_.prices[i].told(desk.index, now);
    }
    sockets_.streams.flush_trades();
    sockets_.users.flush(now);
    venue.clear_events();
}

void OkxFront::advance(UnixNanos now) {
    now_ = std::max({now, core_.venue.now(), now_});
    core_.cancel_due(now_);
    tell(now_);
    sockets_.advance(now_);
    // What the engine forgot, with what clients called it.
    const auto& movements = core_.venue.movements();
    while (!core_.movements.empty() && !movements.empty() &&
           core_.movements.begin()->first < movements.front().id.raw())
        core_.movements.erase(core_.movements.begin());
}

UnixNanos OkxFront::next_due() const noexcept {
    return std::min(core_.dead_men.next(), sockets_.next_due(now_));
}

}  // namespace parallax::sim_okx
