// The session layer: what comes in, in order and in time; heartbeats; how sessions end (sheet: 6.1,
// 6.2, 6.4).
#include <algorithm>
#include <set>

#include "sim/venues/binance/fix.hpp"

namespace parallax::sim_binance {
namespace {

using sim_front::RateLimit;
using sim_front::WindowKind;

constexpr Nanos kLogonWithin = Nanos::seconds(10);
constexpr Nanos kNewsEvery = Nanos::seconds(10);
constexpr std::size_t kMostLate = 100'000;
constexpr std::string_view kLastNews = "Your connection is about to be closed. Please reconnect.";

RateLimit message_limit(FixDoor door) {
    switch (door) {
        case FixDoor::OrderEntry:
            return {Nanos::seconds(10), 10'000, WindowKind::Sliding};
        case FixDoor::DropCopy:
            return {Nanos::seconds(60), 60, WindowKind::Sliding};
        case FixDoor::MarketData:
            return {Nanos::seconds(60), 2'000, WindowKind::Sliding};
    }
    return {};
}

RateLimit attempt_limit(std::size_t door) {
    if (door == static_cast<std::size_t>(FixDoor::MarketData))
        return {Nanos::seconds(300), 300, WindowKind::Sliding};
    return {Nanos::seconds(30), 15, WindowKind::Sliding};
}

/// A tag that stands twice where there are no groups; 0: none.
int twice(const sim_fix::Message& m) {
    std::set<int> seen;
    for (const sim_fix::Field& field : m.fields) {
        if (!seen.insert(field.tag).second) return field.tag;
    }
    return 0;
}

}  // namespace

Fix::Fix(Api& api, const sim_front::Keyring& keys, ports::ServerTransport& transport,
         std::array<ports::ListenerId, kFixDoors> doors, std::uint64_t seed,
         std::function<void()> pump)
    : api_{api},
      venue_{api.venue()},
      keys_{keys},
      transport_{transport},
      doors_{doors},
      pump_{std::move(pump)},
      random_{seed},
      sessions_{transport} {
    for (std::size_t door = 0; door < kFixDoors; ++door)
        attempts_.emplace_back(attempt_limit(door));
}

// ---- bytes

bool Fix::on(const ports::ServerEvent& event, UnixNanos now) {
    now_ = std::max(now_, now);
    Session* s = sessions_.find(event.session);
    if (s == nullptr) {
        const auto door = std::ranges::find(doors_, event.listener);
        if (event.kind != ports::ServerEventKind::Opened || !event.listener.valid() ||
            door == doors_.end())
            return false;
        State state;
        state.door = static_cast<FixDoor>(door - doors_.begin());
        state.heard = state.sent = now_;
        sessions_.open(event.session, event.peer, {}, now_, std::move(state));
        return true;
    }
    if (event.kind == ports::ServerEventKind::Closed) {
        forget(event.session);
    } else if (event.kind == ports::ServerEventKind::Message) {
        take_bytes(*s, event.bytes);
    }
    return true;
}

void Fix::take_bytes(Session& s, std::string_view bytes) {
    const ports::SessionId id = s.id;
    if (s.state.stage == State::Stage::Ending) return;
    s.state.bytes += bytes;
    std::size_t read = 0;
    while (Session* const now = sessions_.find(id)) {
        if (now->state.stage == State::Stage::Ending) return now->state.bytes.clear();
        const auto rest = std::string_view{now->state.bytes}.substr(read);
        const sim_fix::Frame next = rest.empty() ? sim_fix::Frame{} : sim_fix::frame(rest);
        if (next.defect != sim_fix::Defect::None) return log_out(*now, to_string(next.defect));
        if (next.size == 0) break;
        read += next.size;
        take_message(*now, rest.substr(0, next.size));
    }
    if (Session* const now = sessions_.find(id)) now->state.bytes.erase(0, read);
}

void Fix::take_message(Session& s, std::string_view whole) {
    Message m;
    const sim_fix::Defect defect = sim_fix::parse(whole, m);
    s.state.heard = now_;
    const RateLimit limit = message_limit(s.state.door);
    if (!s.state.messages.add(limit, now_)) {
        return log_out(s, "Too many messages; current limit is '" + std::to_string(limit.most) +
                              "' messages per '" +
                              std::to_string(limit.interval.as_millis() / 1'000) + " seconds'.");
    }
    if (defect != sim_fix::Defect::None) {
        reject(s, m, {99, -1177, 0, std::string{to_string(defect)}});
        return log_out(s, to_string(defect));
    }
    if (s.state.stage == State::Stage::Expected) return log_on(s, m);
    const auto why = check_header(s, m);
    // What is refused for something else than its number has used it, as FIX wants.
    if (m.number(34) == static_cast<std::int64_t>(s.state.next_in)) ++s.state.next_in;
    if (why) return reject(s, m, *why);
    take_live(s, m);
}

std::optional<Fix::Refusal> Fix::check_time(const Message& m, std::optional<Nanos> window) const {
    if (!m.has(52)) return Refusal{1, -1102, 52, "Required tag missing."};
    const auto time = sim_fix::read_time(m.text(52));
    if (!time) return Refusal{6, -1100, 52, "Incorrect data format for value."};
    if (m.has(25000)) {
        const auto span = Amount::parse(m.text(25000));
        if (!span || span->is_negative() || span->is_zero() || *span > Amount::units(60'000))
            return Refusal{5, -1131, 25000, "recvWindow must be less than 60000."};
        window = Nanos{static_cast<std::int64_t>(span->raw() / 1'000'000'000'000)};
    }
    if (!window) return std::nullopt;
    sim_front::TimeWindow good;
    good.behind = *window;
    if (good.admits(*time, now_)) return std::nullopt;
    return Refusal{10, -1021, 52,
                   *time >= now_
                       ? "Timestamp for this request was 1000ms ahead of the server's time."
                       : "Timestamp for this request is outside of the recvWindow."};
}

std::optional<Fix::Refusal> Fix::check_header(Session& s, const Message& m) const {
    for (const int tag : {49, 56, 34}) {
        if (!m.has(tag)) return Refusal{1, -1102, tag, "Required tag missing."};
    }
    if (m.text(49) != s.state.sender)
        return Refusal{5, -1178, 49,
                       "SenderCompId<49> contains an incorrect value. The SenderCompID value "
                       "should not change throughout the lifetime of a session."};
    if (m.text(56) != "SPOT") return Refusal{5, -1178, 56, "TargetCompID<56> must be SPOT."};
    if (m.number(34) != static_cast<std::int64_t>(s.state.next_in))
        return Refusal{99, -1179, 34,
                       "MsgSeqNum<34> contains an unexpected value. Expected: '" +
                           std::to_string(s.state.next_in) + "'."};
    return check_time(m, std::nullopt);
}

void Fix::take_live(Session& s, const Message& m) {
    const bool groups = m.type == "V" || m.type == "x" || m.type == "E";
    if (const int tag = groups ? 0 : twice(m); tag != 0) {
        return reject(
            s, m, {13, -1171, tag, "Tag '" + std::to_string(tag) + "' appears more than once."});
    }
    if (m.type == "0") {
        if (m.text(112) == s.state.test) s.state.tested = {};
    } else if (m.type == "1") {
        if (!m.has(112)) return reject(s, m, {1, -1102, 112, "Required tag missing."});
        send(s, Writer{"0"}.add(112, m.text(112)));
    } else if (m.type == "5") {
        send(s, Writer{"5"});
        end(s);
    } else if (m.type == "A") {
        reject(s, m, {99, -1176, 0, "Logon<A> should only be sent once."});
    } else if (m.type == "3") {
        // The peer did not like something of ours: nothing follows from it.
    } else if (m.type == "2" || m.type == "4") {
        reject(s, m, {99, -1020, 0, "Messages are not sent again. Please log on anew."});
    } else if (s.state.door == FixDoor::OrderEntry) {
        order_message(s, m);
    } else if (s.state.door == FixDoor::MarketData) {
        market_message(s, m);
    } else {
        reject(s, m, {99, -1020, 0, "This operation is not supported."});
    }
}

// ---- out

void Fix::send(Session& s, const Writer& w) {
    s.state.sent = now_;
    sessions_.send(s, w.finish("SPOT", s.state.sender, s.state.next_out++, now_));
}

void Fix::reject(Session& s, const Message& m, const Refusal& why) {
    Writer w{"3"};
    w.add(45, m.number(34).value_or(0));
    if (!m.type.empty()) w.add(372, m.type);
    if (why.tag != 0) w.add(371, why.tag);
    w.add(373, why.reason).add(58, why.text).add(25016, why.code);
    send(s, w);
}

/// Says why and ends it.
void Fix::log_out(Session& s, std::string_view text) {
    // To whom nobody knows, if the first bytes were no message.
    if (!s.state.sender.empty()) send(s, Writer{"5"}.add(58, text));
    end(s);
}

/// The line ends behind what was sent; the sender's id is free at once.
void Fix::end(Session& s) {
    leave(s);
    s.state.stage = State::Stage::Ending;
    transport_.close(s.id, 1000);
}

void Fix::forget(ports::SessionId id) {
    Session* const s = sessions_.find(id);
    if (s->state.stage == State::Stage::Live) {
        leave(*s);
        blocked_[{s->state.account, s->state.sender}] = now_ + s->state.heartbeat * 2;
    }
    sessions_.forget(id);
}

// ---- time

void Fix::keep_alive(Session& s, UnixNanos now) {
    State& state = s.state;
    if (state.stage == State::Stage::Expected) {
        if (now - s.opened >= kLogonWithin) end(s);
        return;
    }
    if (state.stage != State::Stage::Live) return;
    if (state.tested.known() && now - state.tested >= state.heartbeat) {
        return log_out(s, "No Heartbeat<0> in answer to TestRequest<1>.");
    }
    if (!state.tested.known() && now - state.heard > state.heartbeat) {
        state.tested = now;
        state.test = "t" + std::to_string(++state.tests);
        send(s, Writer{"1"}.add(112, state.test));
    }
    if (now - state.sent >= state.heartbeat) send(s, Writer{"0"});
}

void Fix::close_at(UnixNanos time) {
    closing_at_ = time;
    announced_ = {};
    for (auto& [id, s] : sessions_) s.state.leaves = s.state.stage == State::Stage::Live;
}

void Fix::close_all() {
    closing_at_ = announced_ = {};
    for (auto& [id, s] : sessions_) {
        if (s.state.stage != State::Stage::Live) continue;
        tell_news(s, kLastNews);
        log_out(s, kLastNews);
    }
}

void Fix::tell_news(Session& s, std::string_view headline) {
    send(s, Writer{"B"}.add(148, headline).add(33, 1).add(58, headline));
}

void Fix::announce(UnixNanos now) {
    if (!closing_at_.known()) return;
    const bool over = now >= closing_at_;
    if (!over && announced_.known() && now - announced_ < kNewsEvery) return;
    announced_ = now;
    const std::string headline = over
                                     ? std::string{kLastNews}
                                     : "You'll be disconnected in " +
                                           std::to_string((closing_at_ - now).as_millis() / 1'000) +
                                           " seconds. Please reconnect.";
    for (auto& [id, s] : sessions_) {
        if (s.state.stage != State::Stage::Live || !s.state.leaves) continue;
        tell_news(s, headline);
        if (over) log_out(s, headline);
    }
    if (over) closing_at_ = announced_ = {};
}

void Fix::advance(UnixNanos now) {
    now_ = std::max(now_, now);
    announce(now_);
    while (!late_.empty() && (late_.front().due <= now_ || late_.size() > kMostLate)) {
        for (auto& [id, s] : sessions_) {
            if (s.state.door == FixDoor::DropCopy && s.state.stage == State::Stage::Live &&
                s.state.account == late_.front().account)
                send(s, late_.front().report);
        }
        late_.pop_front();
    }
    depth_.flush(now_, [this](ListingId listing, Nanos, const sim_engine::BookDelta& delta) {
        tell_delta(listing, delta);
    });
    for (auto& [id, s] : sessions_) keep_alive(s, now_);
    std::erase_if(blocked_, [this](const auto& entry) { return entry.second <= now_; });
    sessions_.advance(now_);
}

UnixNanos Fix::next_due() const noexcept {
    UnixNanos due = depth_.next_due();
    if (!late_.empty()) due = std::min(due, late_.front().due);
    if (closing_at_.known())
        due = std::min(due,
                       announced_.known() ? std::min(announced_ + kNewsEvery, closing_at_) : now_);
    for (auto& [id, s] : const_cast<Sessions&>(sessions_)) {
        const State& state = s.state;
        if (state.stage == State::Stage::Expected) due = std::min(due, s.opened + kLogonWithin);
        if (state.stage != State::Stage::Live) continue;
        due = std::min(due, state.sent + state.heartbeat);
        due = std::min(due, (state.tested.known() ? state.tested : state.heard) + state.heartbeat);
    }
    return due;
}

}  // namespace parallax::sim_binance
