#pragma once

#include <deque>
#include <map>
#include <string>

#include "sim/venues/common/front.hpp"

namespace parallax::sim_front {

/// How long a WebSocket may live and be silent; 0 = no such rule.
struct KeepAlive {
    Nanos ping_every{};   ///< the venue pings
    Nanos pong_within{};  ///< and ends who has not answered a ping so long
    Nanos silence{};      ///< ends who has sent no message so long (OKX, Bybit)
    Nanos life{};         ///< ends everybody after this long
    std::uint16_t code = 1008;
};

/// The WebSockets of a front with its own state for each, and what could not be sent at once: a
/// reader who falls behind by more than `kMostWaiting` bytes is closed.
template <class State>
class Sessions {
public:
    static constexpr std::size_t kMostWaiting = 4 * 1024 * 1024;
    struct Session {
        ports::SessionId id;
        std::string peer;
        KeepAlive rules;
        UnixNanos opened, heard, pinged, answered;
        std::deque<std::string> waiting;
        std::size_t waiting_bytes = 0;
        State state;
    };

    explicit Sessions(ports::ServerTransport& transport) : transport_{transport} {}

    Session& open(ports::SessionId id, std::string_view peer, const KeepAlive& rules, UnixNanos now,
                  State state) {
        Session& s = sessions_[id.raw()];
        s = {id, std::string{peer}, rules, now, now, now, now, {}, 0, std::move(state)};
        return s;
    }
    [[nodiscard]] Session* find(ports::SessionId id) noexcept {
        const auto found = sessions_.find(id.raw());
        return found == sessions_.end() ? nullptr : &found->second;
    }
    /// The transport said it is closed.
    void forget(ports::SessionId id) { sessions_.erase(id.raw()); }
    /// Closes it; the transport's Closed follows and forgets it.
    void close(Session& s, std::uint16_t code) {
        s.waiting.clear();
        s.waiting_bytes = 0;
        transport_.close(s.id, code);
    }
    void send(Session& s, std::string_view text) {
        if (s.waiting.empty()) {
            const auto sent = transport_.send(s.id, text);
            if (sent || sent.error() != Errc::BackPressured) return;
        }
        if (s.waiting_bytes + text.size() > kMostWaiting) return close(s, 1008);
        s.waiting.emplace_back(text);
        s.waiting_bytes += text.size();
    }
    void heard(ports::SessionId id, ports::ServerEventKind kind, UnixNanos now) noexcept {
        Session* const s = find(id);
        if (s == nullptr) return;
        if (kind == ports::ServerEventKind::Message) s->heard = now;
        if (kind == ports::ServerEventKind::Pong) s->answered = now;
    }
    /// Sends what waits, pings, and ends who broke the rules.
    void advance(UnixNanos now) {
        for (auto& [id, s] : sessions_) {
            while (!s.waiting.empty()) {
                const auto sent = transport_.send(s.id, s.waiting.front());
                if (!sent && sent.error() == Errc::BackPressured) break;
                s.waiting_bytes -= s.waiting.front().size();
                s.waiting.pop_front();
            }
            const KeepAlive& r = s.rules;
            if (over(r.life, s.opened, now) || over(r.silence, s.heard, now) ||
                (s.pinged > s.answered && over(r.pong_within, s.answered, now))) {
                close(s, r.code);
            } else if (over(r.ping_every, s.pinged, now)) {
                s.pinged = now;
                (void)transport_.ping(s.id);
            }
        }
    }
    [[nodiscard]] UnixNanos next_due() const noexcept {
        UnixNanos due = kNever;
        const auto at = [&due](UnixNanos from, Nanos rule) {
            if (rule > Nanos{}) due = std::min(due, from + rule);
        };
        for (const auto& [id, s] : sessions_) {
            at(s.opened, s.rules.life);
            at(s.heard, s.rules.silence);
            at(s.pinged, s.rules.ping_every);
        }
        return due;
    }
    [[nodiscard]] std::size_t size() const noexcept { return sessions_.size(); }
    [[nodiscard]] auto begin() noexcept { return sessions_.begin(); }
    [[nodiscard]] auto end() noexcept { return sessions_.end(); }

private:
    static bool over(Nanos rule, UnixNanos from, UnixNanos now) noexcept {
        return rule > Nanos{} && now - from >= rule;
    }
    ports::ServerTransport& transport_;
    std::map<std::uint64_t, Session> sessions_;  ///< in order of opening: deterministic
};

}  // namespace parallax::sim_front
