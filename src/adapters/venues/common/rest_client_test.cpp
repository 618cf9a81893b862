#include "adapters/venues/common/rest_client.hpp"

#include <gtest/gtest.h>

#include "adapters/venues/common/rate_feedback.hpp"
#include "adapters/venues/common/transport_testing.hpp"

namespace parallax::venue_common {
namespace {

constexpr LimitSpec kLimits[] = {{"reads in a second", 4, Nanos::seconds(1), Per::Account, 1},
                                 {"orders in a second", 2, Nanos::seconds(1), Per::Account, 1},
                                 {"time in a second", 100, Nanos::seconds(1)}};
constexpr CallSpec kCalls[] = {{"read", {{{0, 1}}}}, {"order", {{{1, 1}}}}, {"time", {{{2, 1}}}}};
constexpr RateTable kTable{kLimits, kCalls};
enum : std::uint8_t { kRead, kOrder, kTime };

/// Answers are "reaction" or a number, which is the venue's time in milliseconds.
struct Dialect final : RestDialect {
    UnixNanos signed_at;
    Nanos ahead;
    [[nodiscard]] const RateTable& rates() const noexcept override { return kTable; }
    void write(const RestCall& call, UnixNanos time, ports::HttpRequest& out) const override {
        out.method = call.method;
        out.url = "https://venue" + call.path;
        out.body = call.body;
        out.headers = {{"Time", std::to_string(time.millis())}};
    }
    RestReading read(const ports::NetEvent& answer) override {
        for (std::size_t i = 0; i < kReactionCount; ++i) {
            const auto reaction = static_cast<Reaction>(i);
            if (to_string(reaction) == answer.bytes)
                return {static_cast<std::int32_t>(i), {reaction, "x"}};
        }
        return {0, {Reaction::None, "x"}};
    }
    void feed_back(RateLimiter& limiter, const RateRequest& request, const RateTicket& ticket,
                   const ports::NetEvent& answer, std::optional<std::int32_t>,
                   Nanos venue_ahead) override {
        ahead = venue_ahead;
        if (!give_back(limiter, ticket, answer)) return;
        if (answer.code == 429)
            limiter.block(kCalls[request.call].costs[0].limit, answer.received + Nanos::seconds(5),
                          answer.received);
    }
    [[nodiscard]] RestCall time_call() const override {
        RestCall call;
        call.rate.call = kTime;
        call.path = "/time";
        return call;
    }
    std::optional<UnixNanos> read_time(std::string_view body) override {
        const auto ms = number_in(body);
        if (!ms) return std::nullopt;
        return UnixNanos::from_millis(*ms);
    }
};

struct World {
    RecordedTransport net;
    Dialect dialect;
    RestClient client{net, dialect};
    RestUser user = client.add_user();

    World() {
        client.advance(net.time);
        EXPECT_EQ(net.requests.size(), 1U);
        answer(std::to_string(net.time.millis()));
    }
    void answer(const std::string& body, std::uint16_t status = 200) {
        ASSERT_FALSE(net.requests.empty());
        EXPECT_TRUE(
            client.on(net.answers(ports::RequestId{net.requests.back().first}, status, body)));
    }
    void after(Nanos wait) {
        net.time = net.time + wait;
        client.advance(net.time);
    }
    [[nodiscard]] RestCall read(Nanos patience = {}) const {
        RestCall call;
        call.rate.call = kRead;
        call.path = "/read";
        if (patience > Nanos{}) call.deadline = net.time + patience;
        return call;
    }
    [[nodiscard]] RestCall order(Nanos patience = {}) const {
        RestCall call = read(patience);
        call.rate.call = kOrder;
        call.method = "POST";
        call.path = "/order";
        call.repeat = Repeat::Never;
        return call;
    }
    [[nodiscard]] std::size_t sent(std::string_view path) const {
        std::size_t count = 0;
        for (const auto& [id, request] : net.requests) count += request.url.ends_with(path) ? 1 : 0;
        return count;
    }
};

TEST(RestClient, GivesEachUserItsOwnAnswers) {
    World w;
    const RestUser other = w.client.add_user();
    const auto mine = w.client.submit(w.user, w.read(), w.net.time);
    const auto first = w.net.requests.back().first;
    const auto theirs = w.client.submit(other, w.read(), w.net.time);
    ASSERT_TRUE(mine && theirs);
    w.answer("b");
    EXPECT_TRUE(w.client.on(w.net.answers(ports::RequestId{first}, 200, "a")));
    EXPECT_FALSE(
        w.client.on(w.net.answers(ports::RequestId{first}, 200, "a")));  // told already: nobody's
    const auto answer = w.client.take(w.user);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->token, *mine);
    EXPECT_EQ(answer->body, "a");
    EXPECT_TRUE(answer->good());
    EXPECT_EQ(w.client.take(other)->body, "b");
    EXPECT_FALSE(w.client.take(other));
}

TEST(RestClient, WithoutADeadlineARefusalIsToldAtOnce) {
    World w;
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(w.client.submit(w.user, w.read(), w.net.time));
    const auto refused = w.client.submit(w.user, w.read(), w.net.time);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::BackPressured);
    EXPECT_EQ(w.sent("/read"), 3U);
    RestCall urgent = w.read();
    urgent.rate.urgency = Urgency::Urgent;
    EXPECT_TRUE(w.client.submit(w.user, urgent, w.net.time));  // the reserve is for these
}

TEST(RestClient, WhatWaitsGoesByUrgencyOnceThereIsBudget) {
    World w;
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(w.client.submit(w.user, w.read(), w.net.time));
    RestCall normal = w.read(Nanos::seconds(5));
    normal.path = "/normal";
    RestCall background = w.read(Nanos::seconds(5));
    background.path = "/background";
    background.rate.urgency = Urgency::Background;
    EXPECT_TRUE(w.client.submit(w.user, background, w.net.time));
    EXPECT_TRUE(w.client.submit(w.user, normal, w.net.time));
    EXPECT_EQ(w.client.waiting(), 2U);
    for (std::size_t i = 1; i <= 3; ++i)
        EXPECT_TRUE(
            w.client.on(w.net.answers(ports::RequestId{w.net.requests[i].first}, 200, "x")));
    EXPECT_GT(w.client.next_due(), w.net.time);
    w.after(Nanos::millis(1'100));
    ASSERT_EQ(w.client.waiting(), 0U);
    const std::size_t n = w.net.requests.size();
    EXPECT_EQ(w.net.requests[n - 2].second.url, "https://venue/normal");
    EXPECT_EQ(w.net.requests[n - 1].second.url, "https://venue/background");
}

TEST(RestClient, WhatWaitsBeyondItsDeadlineIsNeverSent) {
    World w;
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(w.client.submit(w.user, w.read(), w.net.time));
    EXPECT_TRUE(w.client.submit(w.user, w.order(), w.net.time));
    const auto late = w.client.submit(w.user, w.order(Nanos::millis(500)), w.net.time);
    ASSERT_TRUE(late);
    w.after(Nanos::millis(499));
    EXPECT_FALSE(w.client.take(w.user));
    EXPECT_EQ(w.client.next_due(), w.net.time + Nanos::millis(1));
    w.after(Nanos::millis(1));
    const auto answer = w.client.take(w.user);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->token, *late);
    EXPECT_EQ(answer->outcome, RestOutcome::NotSent);
    w.after(Nanos::seconds(60));
    EXPECT_EQ(w.sent("/order"), 1U);
}

TEST(RestClient, ARequestThatChangesNothingIsRepeatedUntilItsDeadline) {
    World w;
    EXPECT_TRUE(w.client.submit(w.user, w.read(Nanos::seconds(10)), w.net.time));
    EXPECT_TRUE(w.client.on(w.net.fails(ports::RequestId{w.net.requests.back().first}, false)));
    EXPECT_EQ(w.sent("/read"), 1U);
    w.after(Nanos::millis(100));
    EXPECT_EQ(w.sent("/read"), 2U);
    w.answer("unknown", 500);
    w.after(Nanos::millis(199));
    EXPECT_EQ(w.sent("/read"), 2U);  // waits twice as long
    w.after(Nanos::millis(1));
    w.answer("fine");
    EXPECT_TRUE(w.client.take(w.user)->good());
    EXPECT_EQ(w.client.statistics(kRead).repeated, 2U);
    EXPECT_EQ(w.client.statistics(kRead).statuses[0], 1U);
    EXPECT_EQ(w.client.statistics(kRead).statuses[5], 1U);
    EXPECT_EQ(w.client.statistics(kRead).statuses[2], 1U);
    ASSERT_TRUE(w.client.statistics(kRead).latency);
    EXPECT_EQ(w.client.statistics(kRead).latency->count(), 2U);
}

TEST(RestClient, AnOrderIsNeverRepeated) {
    World w;
    const Nanos patience = Nanos::seconds(10);
    EXPECT_TRUE(w.client.submit(w.user, w.order(patience), w.net.time));
    EXPECT_TRUE(w.client.on(w.net.fails(ports::RequestId{w.net.requests.back().first}, true)));
    EXPECT_EQ(w.client.take(w.user)->outcome, RestOutcome::NotSent);
    w.after(Nanos::seconds(2));
    EXPECT_TRUE(w.client.submit(w.user, w.order(patience), w.net.time));
    EXPECT_TRUE(w.client.on(w.net.fails(ports::RequestId{w.net.requests.back().first}, false)));
    const auto lost = w.client.take(w.user);
    EXPECT_EQ(lost->outcome, RestOutcome::Lost);
    EXPECT_EQ(lost->verdict.reaction, Reaction::Unknown);
    w.after(Nanos::seconds(12));  // what got lost may still arrive and count
    EXPECT_TRUE(w.client.submit(w.user, w.order(patience), w.net.time));
    w.answer("back_off", 429);
    EXPECT_EQ(w.client.take(w.user)->verdict.reaction, Reaction::BackOff);
    w.after(Nanos::seconds(60));
    EXPECT_EQ(w.sent("/order"), 3U);
}

TEST(RestClient, AChangeIsRepeatedOnlyIfItCertainlyDidNotHappen) {
    World w;
    RestCall change = w.order(Nanos::seconds(30));
    change.repeat = Repeat::IfUnsent;
    EXPECT_TRUE(w.client.submit(w.user, change, w.net.time));
    EXPECT_TRUE(w.client.on(w.net.fails(ports::RequestId{w.net.requests.back().first}, true)));
    w.after(Nanos::seconds(2));
    EXPECT_EQ(w.sent("/order"), 2U);
    EXPECT_TRUE(w.client.on(w.net.fails(ports::RequestId{w.net.requests.back().first}, false)));
    EXPECT_EQ(w.client.take(w.user)->outcome, RestOutcome::Lost);
    w.after(Nanos::seconds(5));
    EXPECT_EQ(w.sent("/order"), 2U);
}

TEST(RestClient, ARefusalWithoutABudgetWaitsAsLongAsTheVenueSays) {
    World w;
    EXPECT_TRUE(w.client.submit(w.user, w.read(Nanos::seconds(20)), w.net.time));
    w.answer("back_off", 429);
    w.after(Nanos::millis(4'900));
    EXPECT_EQ(w.sent("/read"), 1U);
    w.after(Nanos::millis(200));
    EXPECT_EQ(w.sent("/read"), 2U);
}

TEST(RestClient, AnEndpointThatFailsIsLeftAlone) {
    World w;
    for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(w.client.submit(w.user, w.order(), w.net.time));
        EXPECT_TRUE(w.client.on(w.net.fails(ports::RequestId{w.net.requests.back().first}, false)));
        w.net.time = w.net.time + Nanos::seconds(12);
    }
    w.net.time = w.net.time - Nanos::millis(11'500);
    const auto refused = w.client.submit(w.user, w.order(), w.net.time);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::Unavailable);
    EXPECT_EQ(w.client.breaker(kOrder).state(), CircuitBreaker::State::Open);
    EXPECT_TRUE(w.client.submit(w.user, w.read(), w.net.time));  // another endpoint
}

TEST(RestClient, SignsWithTheVenuesClock) {
    RecordedTransport net;
    Dialect dialect;
    RestClient client{net, dialect};
    const RestUser user = client.add_user();
    client.advance(net.time);
    const std::int64_t there = net.time.millis() + 5'000;
    net.time = net.time + Nanos::millis(20);
    EXPECT_TRUE(client.on(
        net.answers(ports::RequestId{net.requests.back().first}, 200, std::to_string(there))));
    RestCall call;
    call.rate.call = kRead;
    EXPECT_TRUE(client.submit(user, call, net.time));
    const std::int64_t stamped = std::stoll(net.requests.back().second.headers[0].value);
    EXPECT_NEAR(static_cast<double>(stamped), static_cast<double>(net.time.millis() + 4'990), 2);
    EXPECT_EQ(client.next_due(), net.time + Nanos::seconds(60));
}

TEST(RestClient, AWrongClockIsMeasuredBeforeTheNextAttempt) {
    World w;
    EXPECT_TRUE(w.client.submit(w.user, w.read(Nanos::seconds(10)), w.net.time));
    w.answer("resync_clock");
    w.after(Nanos::seconds(1));
    EXPECT_EQ(w.sent("/read"), 1U);
    EXPECT_EQ(w.sent("/time"), 2U);
    w.answer(std::to_string(w.net.time.millis() + 90'000));
    w.after(Nanos{});
    EXPECT_EQ(w.sent("/read"), 2U);
    EXPECT_GT(std::stoll(w.net.requests.back().second.headers[0].value),
              w.net.time.millis() + 89'000);
}

TEST(RestClient, WhatIsDroppedIsNeitherSentNorTold) {
    World w;
    const auto sent = w.client.submit(w.user, w.read(), w.net.time);
    w.client.drop(*sent);
    w.answer("x");
    EXPECT_FALSE(w.client.take(w.user));
    w.net.full = true;
    const auto waits = w.client.submit(w.user, w.read(Nanos::seconds(10)), w.net.time);
    ASSERT_TRUE(waits);
    w.net.full = false;
    w.client.drop(*waits);
    w.after(Nanos::seconds(1));
    EXPECT_EQ(w.sent("/read"), 1U);
}

}  // namespace
}  // namespace parallax::venue_common
