#include "sim/faults/faulty_server_transport.hpp"

#include <algorithm>

namespace parallax::sim_faults {
namespace {

using ports::ServerEventKind;

bool of_messages(FaultKind kind) noexcept { return kind <= FaultKind::Truncate; }

bool of_websocket_requests(FaultKind kind) noexcept {
    return kind == FaultKind::LoseRequest || kind == FaultKind::LoseAnswer;
}

bool meant(const std::vector<ports::ListenerId>& listeners, ports::ListenerId listener) {
    return listeners.empty() || std::ranges::find(listeners, listener) != listeners.end();
}

}  // namespace

void FaultyServerTransport::begin(Fault fault) {
    // A script may go on for hours while nobody is there to be struck.
    if (faults_.size() >= kMostFaults) faults_.erase(faults_.begin());
    faults_.push_back({std::move(fault)});
}

void FaultyServerTransport::clear() {
    faults_.clear();
    for (auto& [id, session] : sessions_) {
        for (Held& held : session.held) held.until = now_;
        session.mute = 0;
    }
    advance(now_);
}

/// The first fault that strikes here.
const Fault* FaultyServerTransport::hit(bool message, ports::ListenerId listener,
                                        std::string_view path,
                                        std::initializer_list<std::string_view> text,
                                        bool websocket) {
    for (Active& active : faults_) {
        const Fault& fault = active.fault;
        if (of_messages(fault.kind) != message || !meant(fault.listeners, listener) ||
            !path.starts_with(fault.path) || (fault.until.known() && now_ >= fault.until) ||
            (fault.count > 0 && active.struck >= fault.count) ||
            (websocket && !message && !of_websocket_requests(fault.kind)))
            continue;
        const auto contains = [&](std::string_view one) {
            return one.find(fault.containing) != std::string_view::npos;
        };
        if (std::ranges::none_of(text, contains)) continue;
        if (fault.chance < 1 && !random_.chance(fault.chance)) continue;
        ++active.struck;
        ++accidents_;
        return &fault;
    }
    return nullptr;
}

std::size_t FaultyServerTransport::disconnect(const std::vector<ports::ListenerId>& listeners,
                                              std::string_view path, std::uint16_t code) {
    std::size_t count = 0;
    for (auto& [id, session] : sessions_) {
        if (!meant(listeners, session.listener) || !session.path.starts_with(path)) continue;
        session.held.clear();
        session.swapped.clear();
        below_.close(ports::SessionId{id}, code);
        ++count;
    }
    accidents_ += count;
    return count;
}

void FaultyServerTransport::advance(UnixNanos now) {
    now_ = std::max(now_, now);
    std::erase_if(faults_, [&](const Active& active) {
        return (active.fault.until.known() && now_ >= active.fault.until) ||
               (active.fault.count > 0 && active.struck >= active.fault.count);
    });
    while (!late_.empty() && late_.begin()->first <= now_) {
        Late late = std::move(late_.begin()->second);
        late_.erase(late_.begin());
        if (late.cut) {
            below_.drop(late.exchange);
        } else {
            below_.respond(late.exchange, std::move(late.reply));
        }
    }
    for (auto& [id, session] : sessions_) release(ports::SessionId{id}, session);
}

/// What was held back long enough leaves, in order.
void FaultyServerTransport::release(ports::SessionId id, Session& session) {
    while (!session.held.empty() && session.held.front().until <= now_) {
        const auto sent = below_.send(id, session.held.front().text);
        if (!sent && sent.error() == Errc::BackPressured) return;
        session.held.pop_front();
    }
}

ports::SessionId FaultyServerTransport::accept(ports::ExchangeId exchange,
                                               std::span<const ports::HttpHeader> headers) {
    const ports::SessionId id = below_.accept(exchange, headers);
    const auto found = exchanges_.find(exchange.raw());
    if (found == exchanges_.end()) return id;
    if (id.valid())
        sessions_[id.raw()] = {found->second.listener, std::move(found->second.path), {}, {}, 0};
    exchanges_.erase(found);
    return id;
}

void FaultyServerTransport::respond(ports::ExchangeId exchange, ports::HttpReply reply) {
    const auto found = exchanges_.find(exchange.raw());
    if (found == exchanges_.end()) return below_.respond(exchange, std::move(reply));
    const Exchange made = std::move(found->second);
    exchanges_.erase(found);
    if (made.delay <= Nanos{} && made.lose_answer) return below_.drop(exchange);
    if (made.delay <= Nanos{}) return below_.respond(exchange, std::move(reply));
    late_.emplace(now_ + made.delay, Late{exchange, made.lose_answer, std::move(reply)});
}

void FaultyServerTransport::drop(ports::ExchangeId exchange) {
    exchanges_.erase(exchange.raw());
    below_.drop(exchange);
}

void FaultyServerTransport::close(ports::SessionId session, std::uint16_t code) {
    if (const auto found = sessions_.find(session.raw()); found != sessions_.end()) {
        found->second.held.clear();
        found->second.swapped.clear();
    }
    below_.close(session, code);
}

HotResult<void> FaultyServerTransport::send(ports::SessionId id, std::string_view text) {
    const auto found = sessions_.find(id.raw());
    if (found == sessions_.end()) return below_.send(id, text);
    Session& session = found->second;
    if (session.mute > 0) {
        --session.mute;
        return {};
    }
    const Fault* const fault = hit(true, session.listener, session.path, {text}, true);
    if (fault == nullptr) return forward(id, session, text);
    switch (fault->kind) {
        case FaultKind::Stall:
            session.held.push_back({std::string{text}, fault->until});
            return {};
        case FaultKind::Gap:
            return {};
        case FaultKind::Duplicate:
            if (const auto sent = forward(id, session, text); !sent) return sent;
            return forward(id, session, text);
        case FaultKind::Reorder:
            session.swapped.emplace_back(text);
            return {};
        default:
            break;
    }
    std::string spoilt{text};
    spoil(spoilt, fault->kind);
    return forward(id, session, spoilt);
}

HotResult<void> FaultyServerTransport::forward(ports::SessionId id, Session& session,
                                               std::string_view text) {
    release(id, session);
    if (!session.held.empty()) {  // nothing overtakes
        session.held.push_back({std::string{text}, session.held.back().until});
    } else if (const auto sent = below_.send(id, text); !sent) {
        return sent;
    }
    for (const std::string& late : std::exchange(session.swapped, {}))
        session.held.push_back({late, now_});
    release(id, session);
    return {};
}

void FaultyServerTransport::spoil(std::string& text, FaultKind kind) {
    if (text.empty()) return;
    const std::size_t at = random_.below(text.size());
    if (kind == FaultKind::Truncate) {
        // Not within a letter: a text message must stay UTF-8 for the peer to see it at all.
        std::size_t end = at;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
        text.resize(end);
        return;
    }
    // A letter that no JSON may have, and that FIX's checksum tells: what became another message
    // that is as good as the true one, nobody could know from it.
    constexpr char kNoLetter = '\x02';
    std::size_t place = at;
    while (place > 0 && static_cast<unsigned char>(text[place]) >= 0x80U) --place;
    text[place] = kNoLetter;
}

std::span<const ports::ServerEvent> FaultyServerTransport::poll(Nanos wait) {
    told_.clear();
    for (const ports::ServerEvent& event : below_.poll(wait)) {
        if (pass(event)) told_.push_back(event);
    }
    return told_;
}

/// Whether the server hears of it.
bool FaultyServerTransport::pass(const ports::ServerEvent& event) {
    const bool asked =
        event.kind == ServerEventKind::Request || event.kind == ServerEventKind::Upgrade;
    if (event.kind == ServerEventKind::Closed) sessions_.erase(event.session.raw());
    // A stream was never asked for: it begins here, and has no path.
    if (event.kind == ServerEventKind::Opened && !sessions_.contains(event.session.raw()))
        sessions_[event.session.raw()] = {event.listener, {}, {}, {}, 0};
    if (event.kind == ServerEventKind::Message) {
        const auto found = sessions_.find(event.session.raw());
        if (found == sessions_.end()) return true;
        const Fault* const fault =
            hit(false, found->second.listener, found->second.path, {event.bytes}, true);
        if (fault == nullptr) return true;
        if (fault->kind == FaultKind::LoseAnswer) ++found->second.mute;
        return fault->kind == FaultKind::LoseAnswer;
    }
    if (!asked) return true;
    const bool upgrade = event.kind == ServerEventKind::Upgrade;
    const Fault* const fault =
        hit(false, event.listener, event.path, {event.path, event.query, event.bytes}, false);
    if (upgrade) exchanges_[event.exchange.raw()] = {event.listener, std::string{event.path}, {}};
    if (fault == nullptr) return true;
    switch (fault->kind) {
        case FaultKind::Answer:
            exchanges_.erase(event.exchange.raw());
            below_.respond(event.exchange, {fault->status, fault->headers, fault->body, false});
            return false;
        case FaultKind::LoseRequest:
            exchanges_.erase(event.exchange.raw());
            late_.emplace(now_ + fault->delay, Late{event.exchange, true, {}});
            return false;
        default:
            if (!upgrade)
                exchanges_[event.exchange.raw()] = {
                    event.listener, {}, fault->delay, fault->kind == FaultKind::LoseAnswer};
            return true;
    }
}

}  // namespace parallax::sim_faults
