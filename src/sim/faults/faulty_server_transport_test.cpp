#include "sim/faults/faulty_server_transport.hpp"

#include <gtest/gtest.h>

namespace parallax::sim_faults {
namespace {

using ports::ServerEventKind;

/// A transport that is told what peers do, and remembers what reached them.
class Below final : public ports::ServerTransport {
public:
    ports::SessionId accept(ports::ExchangeId exchange,
                            std::span<const ports::HttpHeader>) override {
        return ports::SessionId{exchange.raw() + 1'000};
    }
    void respond(ports::ExchangeId exchange, ports::HttpReply reply) override {
        answers[exchange.raw()] = reply.status;
    }
    void drop(ports::ExchangeId exchange) override { answers[exchange.raw()] = 0; }
    HotResult<void> send(ports::SessionId, std::string_view text) override {
        sent.emplace_back(text);
        return {};
    }
    HotResult<void> ping(ports::SessionId) override { return {}; }
    void close(ports::SessionId session, std::uint16_t code) override {
        closed[session.raw()] = code;
    }
    std::span<const ports::ServerEvent> poll(Nanos) override {
        told = std::exchange(events, {});
        return told;
    }
    UnixNanos now() const noexcept override { return {}; }

    std::vector<ports::ServerEvent> events, told;
    std::map<std::uint64_t, std::uint16_t> answers;  ///< status; 0 = cut
    std::vector<std::string> sent;
    std::map<std::uint64_t, std::uint16_t> closed;
};

struct Faults : ::testing::Test {
    Below below;
    FaultyServerTransport transport{below, 7};
    UnixNanos now = UnixNanos::from_millis(1'000'000);
    std::uint64_t last = 0;

    Faults() { transport.advance(now); }
    void pass(Nanos by) { transport.advance(now = now + by); }
    /// Whether the server heard of it.
    bool ask(const char* path, const char* body = "", std::uint32_t listener = 0) {
        return hear(ServerEventKind::Request, ++last, path, body, listener);
    }
    bool hear(ServerEventKind kind, std::uint64_t id, const char* path, const char* body,
              std::uint32_t listener = 0) {
        ports::ServerEvent event;
        event.kind = kind;
        event.exchange = ports::ExchangeId{id};
        event.session = ports::SessionId{id};
        event.listener = ports::ListenerId{listener};
        event.path = path;
        event.bytes = body;
        below.events.push_back(event);
        return !transport.poll(Nanos{}).empty();
    }
    ports::SessionId open(const char* path, std::uint32_t listener = 0) {
        EXPECT_TRUE(hear(ServerEventKind::Upgrade, ++last, path, "", listener));
        return transport.accept(ports::ExchangeId{last}, {});
    }
    void answer() { transport.respond(ports::ExchangeId{last}, {200, {}, "ok", false}); }
    std::vector<std::string> say(ports::SessionId session, std::vector<std::string> texts) {
        for (const std::string& text : texts) EXPECT_TRUE(transport.send(session, text));
        return std::exchange(below.sent, {});
    }
    using Texts = std::vector<std::string>;
};

TEST_F(Faults, WithoutFaultsEverythingPasses) {
    const auto s = open("/ws");
    EXPECT_EQ(say(s, {"a", "b"}), (Texts{"a", "b"}));
    EXPECT_TRUE(ask("/x"));
    answer();
    EXPECT_EQ(below.answers[last], 200);
}

TEST_F(Faults, MessagesAreLostDoubledAndOvertaken) {
    const auto s = open("/ws");
    transport.begin({.kind = FaultKind::Gap, .containing = "b", .count = 1});
    EXPECT_EQ(say(s, {"a", "b", "b"}), (Texts{"a", "b"}));
    transport.begin({.kind = FaultKind::Duplicate, .count = 1});
    EXPECT_EQ(say(s, {"a", "b"}), (Texts{"a", "a", "b"}));
    transport.begin({.kind = FaultKind::Reorder, .count = 1});
    EXPECT_EQ(say(s, {"a", "b", "c"}), (Texts{"b", "a", "c"}));
    EXPECT_EQ(transport.accidents(), 3u);
    pass(Nanos::millis(1));
    EXPECT_EQ(transport.active(), 0u);
}

TEST_F(Faults, AStallHoldsBackAndThenEverythingComesInOrder) {
    const auto s = open("/ws/private"), other = open("/ws/public");
    transport.begin(
        {.kind = FaultKind::Stall, .path = "/ws/private", .until = now + Nanos::seconds(2)});
    EXPECT_EQ(say(s, {"a", "b"}), Texts{});
    EXPECT_EQ(say(other, {"x"}), Texts{"x"});
    pass(Nanos::seconds(1));
    EXPECT_EQ(say(s, {"c"}), Texts{});
    pass(Nanos::seconds(1));
    EXPECT_EQ(say(s, {"d"}), (Texts{"a", "b", "c", "d"}));
}

TEST_F(Faults, SpoiltMessagesDifferByOneLetterOrTheirEnd) {
    const auto s = open("/ws");
    const std::string text = R"({"e":"trade","p":"91000.10","x":"äöü"})";
    transport.begin({.kind = FaultKind::Corrupt, .count = 200});
    for (int i = 0; i < 200; ++i) {
        const std::string got = say(s, {text}).at(0);
        ASSERT_EQ(got.size(), text.size());
        int other = 0;
        for (std::size_t k = 0; k < got.size(); ++k) other += got[k] != text[k] ? 1 : 0;
        EXPECT_EQ(other, 1);
        EXPECT_EQ(std::ranges::count(got, '\x02'), 1) << "no JSON any more, so never another one";
    }
    pass(Nanos::millis(1));
    transport.begin({.kind = FaultKind::Truncate, .count = 200});
    for (int i = 0; i < 200; ++i) {
        const std::string got = say(s, {text}).at(0);
        ASSERT_LT(got.size(), text.size());
        EXPECT_TRUE(text.starts_with(got));
        EXPECT_NE(static_cast<unsigned char>(text[got.size()]) & 0xC0U, 0x80U) << "cut in a letter";
    }
}

TEST_F(Faults, RequestsAreAnsweredLateWronglyOrNever) {
    transport.begin({.kind = FaultKind::Slow, .count = 1, .delay = Nanos::millis(300)});
    EXPECT_TRUE(ask("/a"));
    answer();
    EXPECT_FALSE(below.answers.contains(last));
    pass(Nanos::millis(300));
    EXPECT_EQ(below.answers[last], 200);

    transport.begin({.kind = FaultKind::Answer, .path = "/api", .count = 1, .status = 429});
    EXPECT_TRUE(ask("/other"));
    EXPECT_FALSE(ask("/api/v3/order"));
    EXPECT_EQ(below.answers[last], 429);
    EXPECT_TRUE(ask("/api/v3/order"));

    transport.begin({.kind = FaultKind::LoseRequest, .count = 1, .delay = Nanos::seconds(1)});
    EXPECT_FALSE(ask("/order"));
    EXPECT_FALSE(below.answers.contains(last));
    pass(Nanos::seconds(1));
    EXPECT_EQ(below.answers[last], 0) << "cut";

    transport.begin({.kind = FaultKind::LoseAnswer, .containing = "BTC", .count = 1});
    EXPECT_TRUE(ask("/order", "ETH"));
    answer();
    EXPECT_EQ(below.answers[last], 200);
    EXPECT_TRUE(ask("/order", "BTC")) << "the server did it";
    answer();
    EXPECT_EQ(below.answers[last], 0);
}

TEST_F(Faults, OrderSocketsLoseRequestsAndAnswersToo) {
    const auto s = open("/v5/trade");
    const auto hears = [&](const char* text) {
        return hear(ServerEventKind::Message, s.raw(), "", text);
    };
    transport.begin({.kind = FaultKind::LoseRequest, .containing = "create", .count = 1});
    EXPECT_TRUE(hears("ping"));
    EXPECT_FALSE(hears("order.create"));
    EXPECT_TRUE(hears("order.create"));
    transport.begin({.kind = FaultKind::LoseAnswer, .containing = "create", .count = 1});
    EXPECT_TRUE(hears("order.create"));
    EXPECT_EQ(say(s, {"answer", "later"}), Texts{"later"});
}

TEST_F(Faults, DisconnectsWhoIsMeant) {
    const auto a = open("/ws", 1), b = open("/ws", 2), c = open("/private", 2);
    EXPECT_EQ(transport.disconnect({ports::ListenerId{2}}, "/ws", 0), 1u);
    EXPECT_FALSE(below.closed.contains(a.raw()) || below.closed.contains(c.raw()));
    EXPECT_EQ(below.closed[b.raw()], 0);
    EXPECT_EQ(transport.disconnect({}, "", 1012), 3u);
    EXPECT_EQ(below.closed[c.raw()], 1012);
}

TEST_F(Faults, TheSameSeedHasTheSameAccidents) {
    const auto run = [](std::uint64_t seed) {
        Below under;
        FaultyServerTransport faulty{under, seed};
        faulty.begin({.kind = FaultKind::Gap, .chance = 0.5});
        ports::ServerEvent event;
        event.kind = ServerEventKind::Upgrade;
        event.exchange = ports::ExchangeId{1};
        under.events.push_back(event);
        (void)faulty.poll(Nanos{});
        const auto session = faulty.accept(ports::ExchangeId{1}, {});
        for (int i = 0; i < 100; ++i) EXPECT_TRUE(faulty.send(session, std::to_string(i)));
        return under.sent;
    };
    EXPECT_EQ(run(1), run(1));
    EXPECT_NE(run(1), run(2));
    EXPECT_NEAR(static_cast<double>(run(1).size()), 50, 20);
}

TEST_F(Faults, WaitingOnesAreBounded) {
    for (int i = 0; i < 5'000; ++i) transport.begin({.kind = FaultKind::Gap, .count = 1});
    EXPECT_EQ(transport.active(), FaultyServerTransport::kMostFaults);
}

TEST_F(Faults, ClearEndsThemAndLetsGo) {
    const auto s = open("/ws");
    transport.begin({.kind = FaultKind::Stall, .until = now + Nanos::seconds(60)});
    EXPECT_EQ(say(s, {"a"}), Texts{});
    transport.clear();
    EXPECT_EQ(say(s, {"b"}), (Texts{"a", "b"}));
}

}  // namespace
}  // namespace parallax::sim_faults
