#include "adapters/fix/transport.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "adapters/fix/line_testing.hpp"

namespace parallax::fix {
namespace {

using ports::NetEventKind;

struct Told {
    NetEventKind kind{};
    std::string text;
};

struct Sessions : ::testing::Test {
    FakeLines lines;
    Transport fix{lines};
    ports::ConnectionId id;
    std::string signed_over;

    std::vector<Told> poll() {
        std::vector<Told> out;
        for (int i = 0; i < 3; ++i) {
            for (const ports::NetEvent& event : fix.poll(Nanos{}))
                out.push_back({event.kind, std::string{event.bytes}});
        }
        return out;
    }
    std::vector<Told> hear(const std::string& bytes) {
        lines.tell(NetEventKind::Message, bytes);
        return poll();
    }
    /// What was written, as whole messages.
    std::vector<std::string> written() {
        std::vector<std::string> out;
        std::string rest = std::exchange(lines.sent, {});
        while (!rest.empty()) {
            const std::size_t end = rest.find(kSoh, rest.find("\x01"
                                                              "10=") +
                                                        1) +
                                    1;
            out.push_back(rest.substr(0, end));
            rest.erase(0, end);
        }
        return out;
    }
    std::string one() {
        const auto all = written();
        EXPECT_EQ(all.size(), 1U);
        return all.empty() ? std::string{} : all.front();
    }
    static std::string from_venue(const std::string& type, int number, const std::string& body) {
        return sealed("35=" + type + "|34=" + std::to_string(number) +
                      "|49=BYBIT_FIX_SERVER|52=20260101-00:00:00.000|56=FIX_CLIENT|" + body);
    }
    void open(SessionProfile profile) {
        fix.add(std::move(profile));
        const auto made = fix.connect({"fix:bybit", {}});
        ASSERT_TRUE(made);
        id = *made;
        lines.tell(NetEventKind::Opened);
        ASSERT_EQ(poll().front().kind, NetEventKind::Opened);
    }
    void log_on(SessionProfile profile) {
        open(std::move(profile));
        ASSERT_TRUE(fix.send(id,
                             "35=A\x01"
                             "60000=5\x01"));
        (void)written();
        const auto told = hear(from_venue("A", 1, "98=0|108=10|141=Y|30003=c|"));
        ASSERT_EQ(told.size(), 1U);
        EXPECT_EQ(text(told[0].text, kAskTag), "5") << "whose answer it is";
        EXPECT_EQ(text(told[0].text, 35), "A");
    }
    void log_on() { log_on(bybit_like(&signed_over)); }
};

TEST_F(Sessions, EverythingElsePassesThrough) {
    EXPECT_EQ(*fix.connect({"wss://host/ws", {}}), ports::ConnectionId{1});
    EXPECT_EQ(lines.urls.back(), "wss://host/ws");
    EXPECT_TRUE(fix.send(ports::ConnectionId{1}, "text"));
    EXPECT_EQ(lines.sent, "text");
    lines.tell(NetEventKind::Message, "answer");
    const auto told = poll();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].text, "answer");
    EXPECT_EQ(fix.request({})->raw(), 7U);
    EXPECT_EQ(fix.connect({"fix:nobody", {}}).error().code, Errc::Rejected);
}

TEST_F(Sessions, AnotherVenuesDialectIsConfiguration) {
    open(bybit_like(&signed_over));
    EXPECT_EQ(lines.urls.back(), "tls://fix-oe.bybit.com:9000");
    EXPECT_TRUE(lines.sent.empty()) << "nothing before it is asked for";
    ASSERT_TRUE(fix.send(id,
                         "35=A\x01"
                         "52=20260101-00:00:07.000\x01"
                         "60000=5\x01"));
    const std::string logon = one();
    EXPECT_EQ(text(logon, 8), "FIX.4.4");
    EXPECT_EQ(text(logon, 56), "BYBIT_FIX_SERVER");
    EXPECT_EQ(text(logon, 49), "FIX_CLIENT");
    EXPECT_EQ(text(logon, 34), "1");
    EXPECT_EQ(text(logon, 52), "20260101-00:00:07.000000") << "the venue's clock, not ours";
    EXPECT_EQ(text(logon, 98), "0");
    EXPECT_EQ(text(logon, 108), "10");
    EXPECT_EQ(text(logon, 141), "Y");
    EXPECT_EQ(text(logon, 553), "key");
    EXPECT_EQ(text(logon, 30023), "1767225612000");
    EXPECT_EQ(signed_over, "GET/realtime1767225612000");
    EXPECT_TRUE(text(logon, kAskTag).empty()) << "never leaves this process";
}

TEST_F(Sessions, OrdersAreNumberedAndKeepTheirDialectsHeader) {
    log_on();
    ASSERT_TRUE(fix.send(id,
                         "35=D\x01"
                         "11=a\x01"
                         "55=BTCUSDT\x01"
                         "30002=1\x01"));
    const std::string order = one();
    EXPECT_EQ(text(order, 34), "2");
    EXPECT_EQ(text(order, 11), "a");
    EXPECT_LT(order.find("\x01"
                         "30002="),
              order.find("\x01"
                         "11="))
        << "in the header";
    ASSERT_TRUE(fix.send(id,
                         "35=F\x01"
                         "11=b\x01"));
    EXPECT_EQ(text(one(), 34), "3");
}

TEST_F(Sessions, ARejectNamesTheOrderItRefersTo) {
    log_on();
    ASSERT_TRUE(fix.send(id,
                         "35=D\x01"
                         "11=a\x01"));
    ASSERT_TRUE(fix.send(id,
                         "35=D\x01"
                         "11=b\x01"));
    const auto told = hear(from_venue("3", 2, "45=3|58=no|"));
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(text(told[0].text, 11), "b");
}

TEST_F(Sessions, GroupsAreSentAsTheyAreAndARejectNamesTheSubscription) {
    SessionProfile profile = bybit_like();
    profile.groups = {{146, {55}}, {267, {269}}};
    log_on(profile);
    ASSERT_TRUE(fix.send(id,
                         "35=V\x01"
                         "262=book-A\x01"
                         "263=1\x01"
                         "264=10\x01"
                         "146=1\x01"
                         "55=A\x01"
                         "267=2\x01"
                         "269=0\x01"
                         "269=1\x01"));
    const std::string request = one();
    EXPECT_NE(request.find("\x01"
                           "146=1\x01"
                           "55=A\x01"),
              std::string::npos);
    EXPECT_NE(request.find("\x01"
                           "267=2\x01"
                           "269=0\x01"
                           "269=1\x01"),
              std::string::npos);
    const auto told = hear(from_venue("3", 2, "45=2|58=no|"));
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(text(told[0].text, 262), "book-A");
    EXPECT_TRUE(text(told[0].text, 11).empty());
}

TEST_F(Sessions, AMessageThatWasDamagedEndsTheSession) {
    log_on();
    std::string bad = from_venue("8", 2, "11=a|");
    bad[bad.find("11=a") + 3] = 'b';
    const auto told = hear(bad);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].kind, NetEventKind::Closed) << "its sum is another";
}

TEST_F(Sessions, AMessageOfAnotherSessionEndsIt) {
    log_on();
    const auto told =
        hear(sealed("35=8|34=2|49=BYBIT_FIX_SERVER|52=20260101-00:00:00.000|56=SOMEBODY|11=a|"));
    for (const Told& one : told) EXPECT_NE(text(one.text, 11), "a");
}

TEST_F(Sessions, WhateverTheOrderOfItsHeaderAMessageIsToldOnce) {
    log_on();
    EXPECT_EQ(hear(sealed("35=8|56=FIX_CLIENT|52=20260101-00:00:00.000|49=BYBIT_FIX_SERVER|34=2|"
                          "11=a|"))
                  .size(),
              1U);
    EXPECT_EQ(hear(sealed("35=8|49=BYBIT_FIX_SERVER|56=FIX_CLIENT|34=3|115=X|"
                          "52=20260101-00:00:00.000|11=b|"))
                  .size(),
              1U)
        << "a rare field";
    EXPECT_EQ(hear(from_venue("8", 4, "11=c|")).size(), 1U);
    // The session counted all of them: a test is answered, and numbers go on.
    EXPECT_EQ(hear(from_venue("1", 5, "112=t|"))[0].kind, NetEventKind::Pong);
    EXPECT_EQ(hear(from_venue("8", 6, "11=d|")).size(), 1U);
}

TEST_F(Sessions, GroupsAreToldOnceByBothWaysAndAsTheyCame) {
    log_on();
    const std::string group =
        "262=r|268=3|279=0|269=0|270=1.5|271=2|279=1|269=1|270=1.6|271=0|"
        "279=2|269=1|270=1.7|";
    for (int number = 2; number < 400; ++number) {  // every third is one for QuickFIX
        const std::string rare = number % 3 == 0 ? "115=X|" : "";
        const std::string whole =
            sealed("35=X|34=" + std::to_string(number) +
                   "|49=BYBIT_FIX_SERVER|52=20260101-00:00:00.000|56=FIX_CLIENT|" + rare + group);
        const auto told = hear(whole);
        ASSERT_EQ(told.size(), 1U) << number;
        EXPECT_EQ(told[0].text, whole);
    }
    EXPECT_TRUE(written().empty()) << "nothing was refused";
}

TEST_F(Sessions, WhatComesInPlaceOfALogonIsItsAnswerAndTheEnd) {
    open(bybit_like());
    ASSERT_TRUE(fix.send(id,
                         "35=A\x01"
                         "60000=9\x01"));
    const auto told = hear(from_venue("5", 1, "58=access denied|"));
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(text(told[0].text, kAskTag), "9");
    EXPECT_EQ(text(told[0].text, 58), "access denied");
    EXPECT_EQ(told[1].kind, NetEventKind::Closed);
    EXPECT_EQ(told[1].text, "access denied");
    EXPECT_EQ(fix.send(id,
                       "35=D\x01"
                       "11=a\x01")
                  .error(),
              Errc::Unavailable);
}

TEST_F(Sessions, AHoleEndsTheSessionWhereNothingIsSentAgain) {
    log_on();
    EXPECT_EQ(hear(from_venue("8", 2, "11=a|")).size(), 1U);
    const auto told = hear(from_venue("8", 4, "11=c|"));
    ASSERT_EQ(told.size(), 1U) << "what comes behind the hole is not told";
    EXPECT_EQ(told[0].kind, NetEventKind::Closed);
    EXPECT_EQ(told[0].text, "a hole in the venue's numbers");
    EXPECT_TRUE(lines.closed);
}

TEST_F(Sessions, AHoleIsFilledWhereTheVenueDoesThatAndOrderIsKept) {
    SessionProfile profile = bybit_like();
    profile.fills_gaps = true;
    log_on(profile);
    EXPECT_TRUE(hear(from_venue("8", 3, "11=b|")).empty());
    EXPECT_TRUE(hear(from_venue("8", 4, "11=c|")).empty());
    const auto asked = written();
    ASSERT_FALSE(asked.empty());
    EXPECT_EQ(text(asked[0], 35), "2");
    EXPECT_EQ(text(asked[0], 7), "2") << "from the one that is missing";
    const auto told =
        hear(sealed("35=8|34=2|43=Y|49=BYBIT_FIX_SERVER|52=20260101-00:00:00.000|56=FIX_CLIENT|"
                    "122=20260101-00:00:00.000|11=a|"));
    ASSERT_EQ(told.size(), 3U);
    EXPECT_EQ(text(told[0].text, 11), "a");
    EXPECT_EQ(text(told[1].text, 11), "b");
    EXPECT_EQ(text(told[2].text, 11), "c");
    const auto next = hear(from_venue("8", 5, "11=d|"));
    EXPECT_EQ(next.size(), 1U);
}

TEST_F(Sessions, AnOrderIsNeverSentAgain) {
    log_on();
    ASSERT_TRUE(fix.send(id,
                         "35=D\x01"
                         "11=a\x01"));
    ASSERT_TRUE(fix.send(id,
                         "35=D\x01"
                         "11=b\x01"));
    (void)written();
    (void)hear(from_venue("2", 2, "7=2|16=0|"));
    const auto answer = written();
    ASSERT_FALSE(answer.empty());
    for (const std::string& one : answer) EXPECT_EQ(text(one, 35), "4") << "the gap is filled";
    EXPECT_EQ(text(answer[0], 123), "Y");
    EXPECT_EQ(text(answer.back(), 36), "4");
}

TEST_F(Sessions, ANumberThatCameBeforeEndsIt) {
    log_on();
    EXPECT_EQ(hear(from_venue("8", 2, "11=a|")).size(), 1U);
    const auto told = hear(from_venue("8", 2, "11=a|"));
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].kind, NetEventKind::Closed);
}

TEST_F(Sessions, TestsAreAnsweredAndHeartbeatsArePongs) {
    log_on();
    auto told = hear(from_venue("1", 2, "112=there?|"));
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].kind, NetEventKind::Pong);
    std::string answer = one();
    EXPECT_EQ(text(answer, 35), "0");
    EXPECT_EQ(text(answer, 112), "there?");
    ASSERT_TRUE(fix.ping(id));
    EXPECT_EQ(text(one(), 35), "1");
    told = hear(from_venue("0", 3, "112=p|"));
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].kind, NetEventKind::Pong);
}

TEST_F(Sessions, ASilentPeerIsTestedAndThenLeft) {
    SessionProfile profile = bybit_like();
    profile.heartbeat_s = 1;
    log_on(profile);
    std::vector<std::string> types;
    for (int i = 0; i < 60 && !lines.closed; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
        lines.time = lines.time + Nanos::millis(300);
        (void)poll();
        for (const std::string& one : written()) types.emplace_back(text(one, 35));
    }
    EXPECT_TRUE(lines.closed);
    EXPECT_NE(std::ranges::find(types, "0"), types.end()) << "we show that we live";
    EXPECT_NE(std::ranges::find(types, "1"), types.end()) << "and ask whether it does";
}

TEST_F(Sessions, AGoodbyeIsSaidAndAnswered) {
    log_on();
    fix.close(id, 1000);
    EXPECT_EQ(text(one(), 35), "5");
    EXPECT_FALSE(lines.closed) << "until it is answered";
    EXPECT_EQ(fix.send(id,
                       "35=D\x01"
                       "11=a\x01")
                  .error(),
              Errc::Unavailable);
    const auto told = hear(from_venue("5", 2, ""));
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told.back().kind, NetEventKind::Closed);
}

TEST_F(Sessions, AFullLineEndsTheSession) {
    log_on();
    lines.full = true;
    EXPECT_EQ(fix.send(id,
                       "35=D\x01"
                       "11=a\x01")
                  .error(),
              Errc::Unavailable);
    const auto told = poll();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].kind, NetEventKind::Closed);
    EXPECT_EQ(told[0].text, "the line takes nothing");
}

TEST_F(Sessions, ALogonThatCannotBeSignedIsNoneAtAll) {
    SessionProfile profile = bybit_like();
    profile.logon = [](const LogonHeader&) -> Result<TextFields> {
        return fail(Errc::Rejected, "no key for it");
    };
    open(profile);
    (void)fix.send(id,
                   "35=A\x01"
                   "60000=1\x01");
    EXPECT_TRUE(lines.sent.empty());
    EXPECT_EQ(poll().back().text, "no key for it");
}

TEST_F(Sessions, BytesMayBeCutAnywhere) {
    log_on();
    std::string all;
    for (int i = 2; i < 12; ++i) all += from_venue("8", i, "11=o" + std::to_string(i) + "|");
    std::size_t told = 0;
    for (const char byte : all) told += hear(std::string(1, byte)).size();
    EXPECT_EQ(told, 10U);
}

TEST_F(Sessions, NonsenseNeitherHurtsNorCostsMemory) {
    log_on();
    const std::string block(1024 * 1024, 'x');
    for (int i = 0; i < 20 && !lines.closed; ++i)
        (void)hear(i == 0 ? "8=FIX.4.4\x01"
                            "9=99999999\x01"
                            "35=8\x01" +
                                block
                          : block);
    EXPECT_TRUE(lines.closed) << "eight MiB without a message";
}

TEST(FixFields, TimesAreReadAsWritten) {
    const UnixNanos time = UnixNanos::from_nanos(1'719'487'045'223'001'000);
    EXPECT_EQ(time_text(time), "20240627-11:17:25.223001");
    EXPECT_EQ(read_time(time_text(time)), time);
    EXPECT_EQ(read_time("20240627-11:17:25.223").nanos(), 1'719'487'045'223'000'000);
    for (const char* const bad : {"", "20240631-00:00:00", "20240627 11:17:25", "2024062x-11:17:25",
                                  "20240627-25:17:25", "20240627-11:17:25,223"})
        EXPECT_FALSE(read_time(bad).known()) << bad;
}

TEST(FixFields, BrokenTextsEndTheWalk) {
    EXPECT_EQ(text("35=D\x01"
                   "11=a\x01",
                   11),
              "a");
    EXPECT_TRUE(text("35=D\x01"
                     "11",
                     11)
                    .empty());
    EXPECT_TRUE(text("x=D\x01"
                     "11=a\x01",
                     11)
                    .empty());
    EXPECT_TRUE(text("99999999999=D\x01"
                     "11=a\x01",
                     11)
                    .empty());
    EXPECT_FALSE(number("1x"));
    EXPECT_EQ(number("-5"), -5);
}

}  // namespace
}  // namespace parallax::fix
