#include "adapters/venues/common/link.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/venues/common/transport_testing.hpp"

namespace parallax::venue_common {
namespace {

using ports::ConnectionId;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

enum Call : std::uint8_t { kConnect, kMessage };
constexpr LimitSpec kLimits[] = {
    {"connections a minute", 6, Nanos::seconds(60)},
    {"messages a second", 3, Nanos::seconds(1), Per::Connection},
};
constexpr CallSpec kCalls[] = {{"connect", {{{0, 1}}}}, {"message", {{{1, 1}}}}};

LinkOptions options() {
    LinkOptions o;
    o.name = "test";
    o.target.url = "wss://venue.test/ws";
    o.message_call = kMessage;
    o.connect_call = kConnect;
    return o;
}

struct World {
    explicit World(LinkOptions o = options()) : link{transport, limiter, std::move(o)} {
        link.start(now());
        link.advance(now());
    }
    [[nodiscard]] UnixNanos now() const { return transport.time; }
    void pass(Nanos time) {
        transport.time = now() + time;
        link.advance(now());
    }
    /// As a loop does: stops at every due time.
    void run(Nanos time) {
        const UnixNanos end = now() + time;
        for (int rounds = 0; link.next_due() <= end && rounds < 10'000; ++rounds) {
            transport.time = std::max(now(), link.next_due());
            link.advance(now());
        }
        transport.time = end;
        link.advance(now());
    }
    ConnectionId open() {
        const ConnectionId id = transport.newest();
        EXPECT_TRUE(link.on(transport.opens(id)));
        return id;
    }
    ConnectionId open_live() {
        const ConnectionId id = open();
        link.set_up(id, {}, now());
        return id;
    }
    Ask ask(std::string text, bool sign_in = false) {
        Ask made;
        made.key = link.new_key();
        made.text = std::move(text);
        made.sign_in = sign_in;
        return made;
    }
    std::vector<LinkFact> facts() {
        std::vector<LinkFact> all;
        while (auto fact = link.next_fact()) all.push_back(std::move(*fact));
        return all;
    }
    std::vector<LinkFactKind> kinds() {
        std::vector<LinkFactKind> all;
        for (const LinkFact& fact : facts()) all.push_back(fact.kind);
        return all;
    }

    RecordedTransport transport;
    RateLimiter limiter{{kLimits, kCalls}, Nanos::seconds(1)};
    Link link;
};

TEST(Link, SignsInBeforeItSubscribesAndIsLiveWhenAllIsAnswered) {
    World w;
    EXPECT_EQ(w.link.state(), LinkState::Connecting);
    const ConnectionId id = w.open();
    EXPECT_THAT(w.kinds(), ElementsAre(LinkFactKind::Opened));
    const Ask book = w.ask("book");
    const Ask login = w.ask("login", true);
    w.link.set_up(id, {book, login}, w.now());
    EXPECT_EQ(w.link.state(), LinkState::SigningIn);
    EXPECT_THAT(w.transport.take(id), ElementsAre("login"));
    EXPECT_FALSE(w.link.answer(id, book.key, w.now())) << "it was not sent so far";
    EXPECT_TRUE(w.link.answer(id, login.key, w.now()));
    EXPECT_EQ(w.link.state(), LinkState::Subscribing);
    EXPECT_THAT(w.transport.take(id), ElementsAre("book"));
    EXPECT_TRUE(w.link.answer(id, book.key, w.now()));
    EXPECT_FALSE(w.link.answer(id, book.key, w.now())) << "twice";
    EXPECT_EQ(w.link.state(), LinkState::Live);
    EXPECT_THAT(w.kinds(), ElementsAre(LinkFactKind::Live));
    EXPECT_EQ(w.link.current(), id);
}

TEST(Link, AnAskMayHaveSeveralAnswers) {
    World w;
    const ConnectionId id = w.open();
    Ask both = w.ask("two books");
    both.answers = 2;
    w.link.set_up(id, {both}, w.now());
    EXPECT_TRUE(w.link.answer(id, both.key, w.now()));
    EXPECT_EQ(w.link.state(), LinkState::Subscribing);
    EXPECT_TRUE(w.link.answer(id, both.key, w.now()));
    EXPECT_EQ(w.link.state(), LinkState::Live);
}

TEST(Link, ARefusedOrUnansweredSubscriptionIsAFactAndTheOthersGoLive) {
    World w;
    const ConnectionId id = w.open();
    const Ask bad = w.ask("nonsense");
    const Ask mute = w.ask("mute");
    w.link.set_up(id, {bad, mute}, w.now());
    (void)w.facts();
    EXPECT_TRUE(w.link.refuse(id, bad.key, 60018, "no such channel", w.now()));
    const auto refused = w.facts();
    ASSERT_EQ(refused.size(), 1u);
    EXPECT_EQ(refused[0].kind, LinkFactKind::Refused);
    EXPECT_EQ(refused[0].key, bad.key);
    EXPECT_EQ(refused[0].code, 60018);
    w.pass(Nanos::seconds(9));
    EXPECT_EQ(w.link.state(), LinkState::Subscribing);
    w.pass(Nanos::seconds(1));
    const auto unanswered = w.facts();
    ASSERT_EQ(unanswered.size(), 2u);
    EXPECT_EQ(unanswered[0].kind, LinkFactKind::Unanswered);
    EXPECT_EQ(unanswered[0].key, mute.key);
    EXPECT_EQ(unanswered[1].kind, LinkFactKind::Live);
    EXPECT_TRUE(w.link.live());
    EXPECT_FALSE(w.link.answer(id, mute.key, w.now())) << "too late";
}

TEST(Link, WithoutASignInThereIsNoConnection) {
    World w;
    for (const bool refused : {true, false}) {
        const ConnectionId id = w.open();
        const Ask login = w.ask("login", true);
        w.link.set_up(id, {login, w.ask("orders")}, w.now());
        (void)w.facts();
        if (refused) {
            w.link.refuse(id, login.key, 60009, "wrong signature", w.now());
        } else {
            w.pass(Nanos::seconds(10));
        }
        const auto facts = w.facts();
        ASSERT_EQ(facts.size(), 2u);
        EXPECT_EQ(facts[0].kind, refused ? LinkFactKind::Refused : LinkFactKind::Unanswered);
        EXPECT_EQ(facts[1].reason, LinkReason::NotSignedIn);
        EXPECT_TRUE(facts[1].lost);
        EXPECT_TRUE(w.transport.connections[id.raw()].closed);
        EXPECT_THAT(w.transport.take(id), ElementsAre("login")) << "and nothing else";
        EXPECT_EQ(w.link.state(), LinkState::Down);
        EXPECT_TRUE(w.link.on(w.transport.closes(id, 1000))) << "its last event is still ours";
        w.run(Nanos::seconds(1));
    }
}

TEST(Link, ComesBackEverMoreRarelyAndOftenAgainAfterASteadyTime) {
    LinkOptions o = options();
    o.longest_wait = Nanos::seconds(4);
    World w{o};
    std::vector<Nanos> waits;
    for (int i = 0; i < 8; ++i) {
        const ConnectionId id = w.transport.newest();
        EXPECT_TRUE(w.link.on(w.transport.closes(id, 1006, "connection refused")));
        const UnixNanos down = w.now();
        while (w.transport.newest() == id) w.run(Nanos::millis(10));
        waits.push_back(w.now() - down);
    }
    EXPECT_LE(waits[0], Nanos::millis(260));
    EXPECT_GE(waits[3], Nanos::millis(1'000));
    EXPECT_GE(waits[7], Nanos::seconds(2));
    EXPECT_EQ(w.link.counters().ended[static_cast<std::size_t>(LinkReason::Failed)], 8u);
    const ConnectionId id = w.open_live();
    w.run(Nanos::seconds(30));
    EXPECT_TRUE(w.link.on(w.transport.closes(id, 1001, "maintenance")));
    w.run(Nanos::millis(300));
    EXPECT_NE(w.transport.newest(), id);
    const auto facts = w.facts();
    EXPECT_EQ(facts.back().reason, LinkReason::Closed);
    EXPECT_EQ(facts.back().code, 1001);
    EXPECT_EQ(facts.back().text, "maintenance");
}

TEST(Link, AttemptsStayWithinTheRateLimit) {
    LinkOptions o = options();
    o.longest_wait = o.first_wait;
    World w{o};
    const UnixNanos begin = w.now();
    std::vector<UnixNanos> attempts{begin};
    while (w.now() < begin + Nanos::seconds(300)) {
        if (w.link.state() == LinkState::Connecting)
            w.link.on(w.transport.closes(w.transport.newest(), 1006));
        w.run(Nanos::millis(50));
        if (w.link.state() == LinkState::Connecting) attempts.push_back(w.now());
    }
    ASSERT_GT(attempts.size(), 20u);
    for (std::size_t i = 6; i < attempts.size(); ++i)
        EXPECT_GE(attempts[i] - attempts[i - 6], Nanos::seconds(60));
}

TEST(Link, MessagesStayWithinTheRateLimit) {
    World w;
    const ConnectionId id = w.open();
    std::vector<Ask> asks;
    for (int i = 0; i < 5; ++i) asks.push_back(w.ask("ask" + std::to_string(i)));
    w.link.set_up(id, asks, w.now());
    EXPECT_EQ(w.transport.take(id).size(), 3u);
    for (int i = 0; i < 3; ++i) w.link.answer(id, asks[static_cast<std::size_t>(i)].key, w.now());
    w.run(Nanos::millis(900));
    EXPECT_THAT(w.transport.take(id), IsEmpty());
    w.run(Nanos::millis(300));
    EXPECT_THAT(w.transport.take(id), ElementsAre("ask3", "ask4"));
}

TEST(Link, WaitsForRoomInTheBuffer) {
    World w;
    const ConnectionId id = w.open();
    w.transport.full = true;
    w.link.set_up(id, {w.ask("book")}, w.now());
    w.run(Nanos::seconds(1));
    w.transport.full = false;
    w.run(Nanos::millis(60));
    EXPECT_THAT(w.transport.take(id), ElementsAre("book"));
}

TEST(Link, HeartbeatsComeOnTimeAndOnlyWhenIdleWhereThatIsEnough) {
    LinkOptions text = options();
    text.heartbeat = {Heartbeat::Kind::Text, Nanos::seconds(20), false, false, "ping"};
    text.silence = Nanos::seconds(60);
    World always{text};
    const ConnectionId a = always.open_live();
    for (int i = 0; i < 100; ++i) {
        always.run(Nanos::millis(500));
        always.link.on(always.transport.says(a, "data"));
    }
    EXPECT_THAT(always.transport.take(a), ElementsAre("ping", "ping"));

    LinkOptions frames = options();
    frames.heartbeat = {Heartbeat::Kind::Frame, Nanos::seconds(20), true, true, {}};
    World idle{frames};
    const ConnectionId b = idle.open_live();
    for (int i = 0; i < 100; ++i) {
        idle.run(Nanos::millis(500));
        idle.link.on(idle.transport.says(b, "data"));
    }
    EXPECT_EQ(idle.transport.connections[b.raw()].pings, 0);
    for (int i = 0; i < 3; ++i) {
        idle.run(Nanos::seconds(20));
        EXPECT_EQ(idle.transport.connections[b.raw()].pings, i + 1);
        idle.link.on(idle.transport.pongs(b));
    }
    EXPECT_TRUE(idle.link.live()) << "a pong is a sign of life";
}

TEST(Link, SilenceIsCut) {
    World w;
    const ConnectionId id = w.open_live();
    w.run(Nanos::seconds(44));
    EXPECT_TRUE(w.link.live());
    w.link.on(w.transport.says(id, "data"));
    w.run(Nanos::seconds(44));
    EXPECT_TRUE(w.link.live());
    w.run(Nanos::seconds(1));
    EXPECT_FALSE(w.link.has(id));
    EXPECT_EQ(w.facts().back().reason, LinkReason::Silent);
    EXPECT_EQ(w.link.counters().ended[static_cast<std::size_t>(LinkReason::Silent)], 1u);
}

TEST(Link, IsNotLeftHalfSetUp) {
    World w;
    (void)w.open();  // whose owner never sets it up
    w.run(Nanos::seconds(30));
    EXPECT_EQ(w.facts()[1].reason, LinkReason::NotReady);
}

TEST(Link, IsReplacedWhileTheOldOneFlowsOn) {
    LinkOptions o = options();
    o.replace_after = Nanos::seconds(1'000);
    o.silence = Nanos::seconds(10'000);
    World w{o};
    const ConnectionId first = w.open_live();
    (void)w.facts();
    w.run(Nanos::seconds(890));
    EXPECT_EQ(w.link.state(), LinkState::Live);
    w.run(Nanos::seconds(110));
    EXPECT_EQ(w.link.state(), LinkState::Replacing);
    const ConnectionId second = w.open();
    EXPECT_EQ(w.link.next(), second);
    const Ask book = w.ask("book");
    w.link.set_up(second, {book}, w.now());
    EXPECT_EQ(w.link.current(), first) << "until the new one is subscribed";
    w.link.answer(second, book.key, w.now());
    EXPECT_EQ(w.link.current(), second);
    EXPECT_TRUE(w.link.has(first));
    EXPECT_TRUE(w.link.on(w.transport.says(first, "data")));
    EXPECT_THAT(w.kinds(),
                ElementsAre(LinkFactKind::Opened, LinkFactKind::Replaced, LinkFactKind::Live));
    w.run(o.overlap);
    EXPECT_FALSE(w.link.has(first));
    EXPECT_TRUE(w.transport.connections[first.raw()].closed);
    const auto facts = w.facts();
    ASSERT_EQ(facts.size(), 1u);
    EXPECT_EQ(facts[0].reason, LinkReason::Planned);
    EXPECT_FALSE(facts[0].lost);
    EXPECT_EQ(w.link.counters().replaced, 1u);
    EXPECT_TRUE(w.link.live());
}

TEST(Link, AReplacementThatFailsIsTriedAgainAndHarmsNothing) {
    World w;
    const ConnectionId first = w.open_live();
    w.link.replace(w.now());
    w.link.advance(w.now());
    const ConnectionId second = w.transport.newest();
    EXPECT_NE(second, first);
    w.link.on(w.transport.closes(second, 1006));
    EXPECT_TRUE(w.link.live());
    EXPECT_FALSE(w.facts().back().lost);
    w.run(Nanos::seconds(1));
    const ConnectionId third = w.open_live();
    EXPECT_EQ(w.link.current(), third);
}

TEST(Link, OnlyTheOneThatLeavesIsReplaced) {
    World w;
    const ConnectionId first = w.open_live();
    w.link.leaving(first, w.now());
    w.link.leaving(first, w.now());
    w.link.advance(w.now());
    const ConnectionId second = w.open_live();
    EXPECT_NE(second, first);
    EXPECT_EQ(w.link.current(), second);
    w.link.leaving(first, w.now());  // says so until it is left
    w.run(Nanos::seconds(10));
    EXPECT_EQ(w.link.counters().attempts, 2u);
    EXPECT_EQ(w.link.current(), second);
}

TEST(Link, OneThatLeavesBeforeItIsLiveIsReplacedThen) {
    World w;
    (void)w.open_live();
    w.link.replace(w.now());
    w.link.advance(w.now());
    const ConnectionId second = w.open();
    w.link.leaving(second, w.now());
    w.link.set_up(second, {}, w.now());
    w.link.advance(w.now());
    const ConnectionId third = w.open_live();
    EXPECT_NE(third, second);
    EXPECT_EQ(w.link.current(), third);
    EXPECT_EQ(w.link.counters().replaced, 2u);
}

TEST(Link, WhatHasNoAnswerIsOverWhenItIsSent) {
    World w;
    const ConnectionId id = w.open();
    (void)w.facts();
    std::vector<Ask> asks;
    for (int i = 0; i < 5; ++i) {
        asks.push_back(w.ask("silent " + std::to_string(i)));
        asks.back().answers = 0;
    }
    const std::uint64_t last = asks.back().key;
    w.link.set_up(id, std::move(asks), w.now());
    EXPECT_THAT(w.kinds(), ElementsAre(LinkFactKind::Sent, LinkFactKind::Sent, LinkFactKind::Sent))
        << "three a second";
    EXPECT_FALSE(w.link.live()) << "two are to be sent";
    w.run(Nanos::seconds(20));
    const auto facts = w.facts();
    ASSERT_EQ(facts.size(), 3u);
    EXPECT_EQ(facts[1].kind, LinkFactKind::Sent);
    EXPECT_EQ(facts[1].key, last);
    EXPECT_EQ(facts[2].kind, LinkFactKind::Live);
    EXPECT_EQ(w.transport.take(id).size(), 5u) << "none twice";
    EXPECT_EQ(w.link.counters().unanswered, 0u);
}

TEST(Link, ACutDuringTheReplacementLeavesTheNewOne) {
    World w;
    const ConnectionId first = w.open_live();
    w.link.replace(w.now());
    w.link.advance(w.now());
    const ConnectionId second = w.open();
    (void)w.facts();
    w.link.on(w.transport.closes(first, 1006));
    EXPECT_TRUE(w.facts().back().lost);
    EXPECT_EQ(w.link.current(), second);
    w.link.set_up(second, {}, w.now());
    EXPECT_TRUE(w.link.live());
    EXPECT_EQ(w.link.counters().attempts, 2u) << "no third one";
}

TEST(Link, DropConnectsAgainAndStopDoesNot) {
    World w;
    const ConnectionId first = w.open_live();
    EXPECT_TRUE(w.link.send("order"));
    w.link.drop(w.now(), "nonsense heard");
    EXPECT_FALSE(w.link.send("order"));
    EXPECT_TRUE(w.transport.connections[first.raw()].closed);
    w.run(Nanos::seconds(1));
    EXPECT_EQ(w.link.state(), LinkState::Connecting);
    const ConnectionId second = w.open_live();
    w.link.stop(w.now());
    w.run(Nanos::seconds(100));
    EXPECT_TRUE(w.transport.connections[second.raw()].closed);
    EXPECT_EQ(w.transport.newest(), second);
    EXPECT_EQ(w.link.state(), LinkState::Down);
}

TEST(Link, EventsOfOthersAreNotItsOwn) {
    World w;
    EXPECT_FALSE(w.link.on(w.transport.says(ConnectionId{77}, "data")));
    EXPECT_FALSE(w.link.on(w.transport.answers(ports::RequestId{0}, 200, "{}")));
}

TEST(Link, SameEventsSameTimes) {
    const auto run = [](std::uint64_t seed) {
        LinkOptions o = options();
        o.seed = seed;
        World w{o};
        std::vector<UnixNanos> times;
        for (int i = 0; i < 5; ++i) {
            w.link.on(w.transport.closes(w.transport.newest(), 1006));
            times.push_back(w.link.next_due());
            w.run(Nanos::seconds(60));
        }
        return times;
    };
    EXPECT_EQ(run(7), run(7));
    EXPECT_NE(run(7), run(8));
}

}  // namespace
}  // namespace parallax::venue_common
