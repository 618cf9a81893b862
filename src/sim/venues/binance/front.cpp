#include "sim/venues/binance/front.hpp"

#include <algorithm>

namespace parallax::sim_binance {

BinanceFront::BinanceFront(SimVenue& venue, const sim_front::Keyring& keys,
                           ports::ServerTransport& transport, FrontSettings settings)
    : venue_{venue},
      keys_{keys},
      transport_{transport},
      settings_{std::move(settings)},
      api_{venue, settings_.seed},
      sessions_{transport},
      fix_{api_, keys, transport, settings_.fix, settings_.seed + 1, [this] { pump(now_); }} {}

void BinanceFront::on(const ports::ServerEvent& event) {
    now_ = std::max({now_, event.received, venue_.now()});
    if (fix_.on(event, now_)) return pump(now_);
    sessions_.heard(event.session, event.kind, now_);
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
        case ports::ServerEventKind::Closed:
            opening_.erase(event.session.raw());
            if (Session* const s = sessions_.find(event.session)) {
                for (const std::string& name : std::vector{s->state.streams}) leave(*s, name);
                sessions_.forget(event.session);
            }
            break;
        case ports::ServerEventKind::Message:
        case ports::ServerEventKind::Ping:
        case ports::ServerEventKind::Pong: {
            Session* const s = sessions_.find(event.session);
            if (s == nullptr) break;
            if (s->state.role != Role::Socket) {
                const sim_front::RateLimit limit{Nanos::seconds(1),
                                                 s->state.product == Product::Spot ? 5U : 10U,
                                                 sim_front::WindowKind::Sliding};
                if (!s->state.messages.add(limit, now_)) {
                    sessions_.close(*s, 1008);
                    break;
                }
            }
            if (event.kind != ports::ServerEventKind::Message) break;
            if (s->state.role == Role::Socket) {
                socket_request(*s, event.bytes, now_);
            } else {
                control(*s, event.bytes, now_);
            }
            break;
        }
    }
    pump(now_);
}

void BinanceFront::pump(UnixNanos now) {
    // Both streams are numbered together: told in the order in which things happened.
    const auto prints = venue_.public_events();
    const auto privates = venue_.private_events();
    std::size_t p = 0;
    for (const sim_engine::PublicEvent& event : prints) {
        for (; p < privates.size() && privates[p].number < event.number; ++p)
            tell_private(privates[p]);
        if (const auto* print = std::get_if<sim_engine::TradePrint>(&event.body)) {
            api_.traded(event.time, *print);
            tell_trade(*print, event.time);
            fix_.tell(*print, event.time);
        } else if (const auto* change = std::get_if<sim_engine::LevelChange>(&event.body)) {
            depth_.add(*change);
            fix_.tell(*change);
        } else if (const auto* best = std::get_if<sim_engine::BestChange>(&event.body)) {
            tell_best(*best, event.time);
            fix_.tell(*best);
        } else if (const auto* mark = std::get_if<sim_engine::MarkChange>(&event.body)) {
            api_.marked(event.time, *mark);
        }
    }
    for (; p < privates.size(); ++p) tell_private(privates[p]);
    flush_accounts(now);
    venue_.clear_events();
    api_.forget_cancel_ids();
    tell_aggregates(now);
}

void BinanceFront::advance(UnixNanos now) {
    now_ = std::max({now_, now, venue_.now()});
    api_.advance(now_);
    pump(now_);
    depth_.flush(now_, [this](ListingId listing, Nanos every, const sim_engine::BookDelta& delta) {
        tell_delta(listing, every, delta, now_);
    });
    tell_timed(now_);
    fix_.advance(now_);
    for (const std::string& key : api_.expire_listen_keys(now_)) {
        const Json event{{"e", "listenKeyExpired"}, {"E", now_.millis()}, {"listenKey", key}};
        for (auto& [id, s] : sessions_) {
            if (s.state.role == Role::User && s.state.listen_key == key)
                sessions_.send(s, text_of(event));
        }
    }
    sessions_.advance(now_);
}

UnixNanos BinanceFront::next_due() const noexcept {
    UnixNanos due =
        std::min({sessions_.next_due(), depth_.next_due(), api_.next_due(), fix_.next_due()});
    for (const auto& [name, followed] : followed_) {
        if (followed.stream.every > Nanos{}) due = std::min(due, followed.due);
    }
    return due;
}

}  // namespace parallax::sim_binance
