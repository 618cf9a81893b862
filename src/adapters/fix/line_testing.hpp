#pragma once

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include "adapters/fix/fields.hpp"
#include "adapters/fix/transport.hpp"

namespace parallax::fix {

/// A transport whose lines end in a test.
class FakeLines final : public ports::Transport {
public:
    Result<ports::ConnectionId> connect(const ports::WebSocketTarget& target) override {
        urls.push_back(target.url);
        return ports::ConnectionId{urls.size()};
    }
    HotResult<void> send(ports::ConnectionId, std::string_view text) override {
        if (full) return fail(Errc::BackPressured);
        sent += text;
        return {};
    }
    HotResult<void> ping(ports::ConnectionId) override { return {}; }
    void close(ports::ConnectionId connection, std::uint16_t code) override {
        if (std::exchange(closed, true)) return;
        tell(ports::NetEventKind::Closed, "closed by this side", connection, code);
    }
    Result<ports::RequestId> request(const ports::HttpRequest&) override {
        return ports::RequestId{7};
    }
    std::span<const ports::NetEvent> poll(Nanos) override {
        texts_ = std::exchange(coming_, {});
        events_.clear();
        for (const Coming& one : texts_) {
            ports::NetEvent event;
            event.kind = one.kind;
            event.connection = one.connection;
            event.code = one.code;
            event.bytes = one.text;
            events_.push_back(event);
        }
        return events_;
    }
    UnixNanos now() const noexcept override { return time; }

    void tell(ports::NetEventKind kind, std::string text = {},
              ports::ConnectionId connection = ports::ConnectionId{1}, std::uint16_t code = 0) {
        coming_.push_back({kind, std::move(text), connection, code});
    }
    UnixNanos time = UnixNanos::from_millis(1'767'225'600'000);
    bool full = false, closed = false;
    std::string sent;
    std::vector<std::string> urls;

private:
    struct Coming {
        ports::NetEventKind kind{};
        std::string text;
        ports::ConnectionId connection;
        std::uint16_t code = 0;
    };
    std::deque<Coming> coming_, texts_;
    std::vector<ports::NetEvent> events_;
};

/// A whole message out of fields with | behind each, 35 first.
[[nodiscard]] inline std::string sealed(std::string body) {
    std::ranges::replace(body, '|', kSoh);
    std::string out =
        "8=FIX.4.4\x01"
        "9=" +
        std::to_string(body.size()) + kSoh + body;
    unsigned sum = 0;
    for (const char c : out) sum += static_cast<unsigned char>(c);
    const std::string digits = std::to_string(sum % 256);
    return out + "10=" + std::string(3 - digits.size(), '0') + digits + kSoh;
}

/// The spot dialect of Bybit (sheet: section 9), all of it configuration. `signed_over` sees what
/// is signed.
[[nodiscard]] inline SessionProfile bybit_like(std::string* signed_over = nullptr) {
    SessionProfile p;
    p.name = "bybit";
    p.url = "tls://fix-oe.bybit.com:9000";
    p.target = "BYBIT_FIX_SERVER";
    p.sender = [] { return std::string{"FIX_CLIENT"}; };
    p.heartbeat_s = 10;
    p.header_tags = {30001, 30002};
    p.logon = [signed_over](const LogonHeader& header) -> Result<TextFields> {
        const std::string expires = std::to_string(read_time(header.sending_time).millis() + 5'000);
        if (signed_over != nullptr) *signed_over = "GET/realtime" + expires;
        return TextFields{{95, "3"}, {96, "sig"}, {553, "key"}, {30023, expires}, {25036, "1"}};
    };
    return p;
}

}  // namespace parallax::fix
