// The FIX front, message by message.
#include "sim/venues/binance/fix_testing.hpp"

#include <rapidcheck/gtest.h>

namespace parallax::sim_binance {
namespace {

using sim_fix::kSoh;

struct FixFront : ::testing::Test, FixWorld {};

TEST_F(FixFront, TheVenuesOwnLogonIsAccepted) {
    std::string logon =
        "8=FIX.4.4|9=247|35=A|34=1|49=EXAMPLE|52=20240627-11:17:25.223|56=SPOT|95=88|96="
        "4MHXelVVcpkdwuLbl6n73HQUXUf1dse2PCgT1DYqW9w8AVZ1RACFGM+5UdlGPrQHrgtS3CvsRURC1oj73j8gCA=="
        "|98=0|108=30|141=Y|553=sBRXrJx2DsOraMXOaUovEhgVRcjOvCtQwnWj8VxkOh1xqboS02SPGfKi2h8spZJb"
        "|25035=2|10=227|";
    std::ranges::replace(logon, '|', kSoh);
    server.time = *sim_fix::read_time("20240627-11:17:26.000");
    Peer peer = connect(kOrders, "EXAMPLE");
    for (const char byte : logon) raw(peer, {&byte, 1});
    const Heard answer = one(peer);
    EXPECT_EQ(answer.m.type, "A");
    EXPECT_EQ(answer.m.text(108), "30");
    EXPECT_EQ(answer.m.text(56), "EXAMPLE");
    EXPECT_EQ(answer.m.text(25037).size(), 36U);
}

struct BadLogon {
    const char* name;
    int tag;            ///< changed
    const char* value;  ///< empty: left out
    int code;
};
class FixLogon : public FixFront, public ::testing::WithParamInterface<BadLogon> {};

TEST_P(FixLogon, IsRefusedWithTheVenuesCode) {
    const BadLogon& bad = GetParam();
    Peer peer = connect(kOrders);
    const std::string good = logon_of(peer, kOrders).finish("CLIENT", "SPOT", 1, server.time);
    sim_fix::Message m;
    ASSERT_EQ(sim_fix::parse(good, m), sim_fix::Defect::None);
    Writer w{"A"};
    for (std::size_t i = 7; i + 1 < m.fields.size(); ++i) {
        const bool here = m.fields[i].tag == bad.tag;
        if (here && *bad.value == '\0') continue;
        w.add(m.fields[i].tag, here ? std::string_view{bad.value} : m.fields[i].value);
    }
    raw(peer, w.finish(bad.tag == 49 ? bad.value : "CLIENT", "SPOT", bad.tag == 34 ? 7 : 1,
                       bad.tag == 52 ? server.time - Nanos::seconds(6) : server.time));
    const Heard answer = one(peer);
    EXPECT_EQ(answer.m.type, "3") << answer.text;
    EXPECT_EQ(answer.m.number(25016), bad.code) << answer.text;
    EXPECT_TRUE(closed(peer));
}
INSTANTIATE_TEST_SUITE_P(
    All, FixLogon,
    ::testing::Values(BadLogon{"Signature", 96,
                               "4MHXelVVcpkdwuLbl6n73HQUXUf1dse2PCgT1DYqW9w8AVZ1RACFGM+"
                               "5UdlGPrQHrgtS3CvsRURC1oj73j8gCA==",
                               -1022},
                      BadLogon{"Key", 553, "nobody", -2015}, BadLogon{"Clock", 52, "", -1021},
                      BadLogon{"NoReset", 141, "N", -1175}, BadLogon{"Number", 34, "", -1179},
                      BadLogon{"Heartbeat", 108, "4", -1130},
                      BadLogon{"Handling", 25035, "", -1102}, BadLogon{"Length", 95, "87", -1130},
                      BadLogon{"Sender", 49, "too_long_", -1130}),
    [](const auto& c) { return std::string{c.param.name}; });

TEST_F(FixFront, AnotherKindOfKeyAndTheWrongDoorAreRefused) {
    Peer peer = connect(kCopies);
    send(peer, logon_of(peer, kOrders));  // without DropCopyFlag
    EXPECT_EQ(one(peer).m.text(371), "9406");
    keys.revoke(kDocumentedKey);
    sim_front::ApiKey shared;
    shared.id = kDocumentedKey;
    shared.secret = "secret";
    shared.permissions = {sim_front::Permission::Trade};
    shared.account = world.accounts[0];
    keys.add(shared);
    Peer hmac = connect(kOrders);
    send(hmac, logon_of(hmac, kOrders));
    EXPECT_EQ(one(hmac).m.number(25016), -2015) << "FIX wants Ed25519";
}

TEST_F(FixFront, AnythingButALogonComesTooEarly) {
    Peer peer = connect(kOrders);
    send(peer, order("a"));
    EXPECT_EQ(one(peer).m.number(25016), -1180);
    EXPECT_TRUE(closed(peer));
    Peer silent = connect(kOrders);
    step(Nanos::seconds(10));
    EXPECT_TRUE(closed(silent));
}

TEST_F(FixFront, AnOrderIsAcceptedFilledAndCancelled) {
    Peer peer = log_on(kOrders);
    send(peer, order("a", "1", "100", "2"));
    Heard placed = one(peer);
    EXPECT_EQ(placed.m.text(150), "0");
    EXPECT_EQ(placed.m.text(39), "0");
    EXPECT_EQ(placed.m.text(11), "a");
    EXPECT_EQ(placed.m.text(151), "2.00000000");
    EXPECT_EQ(placed.m.text(636), "Y");
    const std::string venue_id{placed.m.text(37)};
    world.place(world.limit(1, Side::Sell, 100, 500));
    front->advance(server.time);
    const Heard filled = one(peer);
    EXPECT_EQ(filled.m.text(150), "F");
    EXPECT_EQ(filled.m.text(39), "1");
    EXPECT_EQ(filled.m.text(32), "0.50000000");
    EXPECT_EQ(filled.m.text(14), "0.50000000");
    EXPECT_EQ(filled.m.text(1057), "N") << "it was there first";
    EXPECT_EQ(filled.m.text(138), "BTC");
    send(peer, Writer{"F"}.add(11, "c").add(37, venue_id).add(55, "BTCUSDT"));
    const Heard gone = one(peer);
    EXPECT_EQ(gone.m.text(150), "4");
    EXPECT_EQ(gone.m.text(11), "c");
    EXPECT_EQ(gone.m.text(41), "a");
    EXPECT_EQ(gone.m.text(151), "0.00000000");
}

TEST_F(FixFront, WhatIsRefusedSaysWhy) {
    Peer peer = log_on(kOrders);
    send(peer, Writer{"F"}.add(11, "c").add(41, "none").add(55, "BTCUSDT"));
    Heard m = one(peer);
    EXPECT_EQ(m.m.type, "9");
    EXPECT_EQ(m.m.number(25016), -1013) << "the sheet's sample";
    EXPECT_EQ(m.m.text(58), "Unknown order sent.");
    EXPECT_EQ(m.m.text(434), "1");
    send(peer, order("a", "1", "100", "0.00005"));
    m = one(peer);
    EXPECT_EQ(m.m.type, "8");
    EXPECT_EQ(m.m.text(150), "8");
    EXPECT_EQ(m.m.text(39), "8");
    EXPECT_FALSE(m.m.has(17)) << "no ExecID where nothing was executed";
    EXPECT_EQ(m.m.text(11), "a");
    send(peer, order("b", "2", "100", "5000"));
    EXPECT_EQ(one(peer).m.number(25016), -1013);
    send(peer, Writer{"D"}.add(11, "a").add(40, "2").add(54, "1"));
    m = one(peer);
    EXPECT_EQ(m.m.type, "3");
    EXPECT_EQ(m.m.text(371), "55");
    EXPECT_EQ(m.m.text(373), "1");
    send(peer, order("d").add(777, "x"));
    EXPECT_EQ(one(peer).m.text(373), "2");
    send(peer, order("d").add(44, "101"));
    EXPECT_EQ(one(peer).m.text(373), "13");
    send(peer, order("what is this"));
    EXPECT_EQ(one(peer).m.text(371), "11");
    send(peer, order("e").add(1100, "4"));
    EXPECT_EQ(one(peer).m.number(25016), -2010) << "stop orders are not taken";
    send(peer, Writer{"E"}.add(25014, "list"));
    EXPECT_EQ(one(peer).m.number(25016), -1020);
    EXPECT_TRUE(world.venue.open_orders(world.accounts[0], world.spot).empty());
}

TEST_F(FixFront, OrdersAreReplacedAmendedAndCancelledTogether) {
    Peer peer = log_on(kOrders);
    send(peer, order("a"));
    (void)one(peer);
    const auto replace = [](const char* id, const char* of) {
        Writer w = order(id, "1", "101", "1", "XCN");
        return w.add(25033, "1").add(41, of).add(25034, std::string{"x"} + id);
    };
    send(peer, replace("b", "a"));
    auto both = take(peer);
    ASSERT_EQ(both.size(), 2U) << both[0].text;
    EXPECT_EQ(both[0].m.text(150), "4");
    EXPECT_EQ(both[0].m.text(11), "xb");
    EXPECT_EQ(both[0].m.text(41), "a");
    EXPECT_EQ(both[1].m.text(150), "0");
    EXPECT_EQ(both[1].m.text(11), "b");
    send(peer, replace("c", "a"));
    EXPECT_EQ(one(peer).m.type, "9") << "nothing to cancel: nothing is placed";
    send(peer, Writer{"XAK"}.add(11, "b").add(38, "0.4").add(41, "b").add(55, "BTCUSDT"));
    const Heard less = one(peer);
    EXPECT_EQ(less.m.text(150), "5");
    EXPECT_EQ(less.m.text(38), "0.40000000");
    send(peer, Writer{"XAK"}.add(11, "b").add(38, "9").add(41, "b").add(55, "BTCUSDT"));
    EXPECT_EQ(one(peer).m.type, "XAR");
    send(peer, order("d"));
    (void)one(peer);
    send(peer, Writer{"q"}.add(11, "m").add(55, "BTCUSDT").add(530, "1"));
    const auto all = take(peer);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].m.text(150), "4");
    EXPECT_EQ(all[1].m.text(150), "4");
    EXPECT_EQ(all[2].m.type, "r");
    EXPECT_EQ(all[2].m.text(533), "2");
    send(peer, Writer{"q"}.add(11, "n").add(55, "BTCUSDT").add(530, "1"));
    EXPECT_EQ(one(peer).m.text(531), "0");
}

TEST_F(FixFront, EverySessionSeesAllOrdersOfTheAccountUnlessItWantsAnswersOnly) {
    Peer one_peer = log_on(kOrders, "ONE");
    Peer acks = connect(kOrders, "ACKS");
    send(acks, logon_of(acks, kOrders).add(25036, "2"));
    ASSERT_EQ(one(acks).m.type, "A");
    EXPECT_EQ(call("POST", "/api/v3/order",
                   "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&price=100&quantity=1"
                   "&newClientOrderId=rest")
                  .status,
              200);
    EXPECT_EQ(one(one_peer).m.text(11), "rest");
    EXPECT_TRUE(take(acks).empty());
    world.place(world.limit(1, Side::Sell, 200, 1'000));
    front->advance(server.time);
    send(acks, order("mine", "1", "200"));
    const Heard ack = one(acks);
    EXPECT_EQ(ack.m.text(150), "0") << "its fill is not told here";
    EXPECT_EQ(take(one_peer).size(), 2U);
}

TEST_F(FixFront, DropCopiesComeASecondLater) {
    Peer copy = log_on(kCopies, "COPY");
    Peer peer = log_on(kOrders);
    send(peer, order("a"));
    (void)one(peer);
    step(Nanos::millis(990));
    EXPECT_TRUE(take(copy).empty());
    step(Nanos::millis(20));
    EXPECT_EQ(one(copy).m.text(11), "a");
    send(copy, order("b"));
    EXPECT_EQ(one(copy).m.number(25016), -1020) << "it only listens";
}

TEST_F(FixFront, NumbersMustNotLeaveAHole) {
    Peer peer = log_on(kOrders);
    peer.number = 5;
    send(peer, order("a"));
    const Heard m = one(peer);
    EXPECT_EQ(m.m.type, "3");
    EXPECT_EQ(m.m.number(25016), -1179);
    peer.number = 2;
    send(peer, order("a"));
    EXPECT_EQ(one(peer).m.text(150), "0");
    send(peer, Writer{"2"}.add(7, 1).add(16, 0));
    EXPECT_EQ(one(peer).m.type, "3") << "nothing is sent again";
}

TEST_F(FixFront, WindowsAndNamesAreCheckedAndWhatIsRefusedHasUsedItsNumber) {
    Peer peer = log_on(kOrders);
    const UnixNanos then = server.time;
    step(Nanos::millis(500));
    const std::string late = order("a").add(25000, "100").finish("CLIENT", "SPOT", 2, then);
    raw(peer, late);
    EXPECT_EQ(one(peer).m.number(25016), -1021);
    raw(peer, order("a").finish("OTHER", "SPOT", 3, server.time));
    EXPECT_EQ(one(peer).m.number(25016), -1178);
    raw(peer, order("a").add(25000, "1000").finish("CLIENT", "SPOT", 4, then));
    EXPECT_EQ(one(peer).m.text(150), "0");
}

TEST_F(FixFront, HeartbeatsTestsAndSilence) {
    Peer peer = log_on(kOrders);
    send(peer, Writer{"1"}.add(112, "are you there"));
    EXPECT_EQ(one(peer).m.text(112), "are you there");
    step(Nanos::seconds(30));
    EXPECT_EQ(one(peer).m.type, "0");
    step(Nanos::seconds(1));
    const Heard test = one(peer);
    ASSERT_EQ(test.m.type, "1");
    send(peer, Writer{"0"}.add(112, test.m.text(112)));
    step(Nanos::seconds(31));
    const auto next = take(peer);
    ASSERT_EQ(next.size(), 1U);
    EXPECT_EQ(next[0].m.type, "1") << "the test is the sign of life";
    step(Nanos::seconds(31));
    EXPECT_TRUE(closed(peer));
    EXPECT_EQ(take(peer).back().m.type, "5");
}

TEST_F(FixFront, ANameIsFreeAfterALogoutAndBlockedWithoutOne) {
    Peer peer = log_on(kOrders);
    Peer same = connect(kOrders);
    send(same, logon_of(same, kOrders));
    EXPECT_EQ(one(same).m.number(25016), -1033);
    send(peer, Writer{"5"});
    EXPECT_EQ(one(peer).m.type, "5");
    EXPECT_TRUE(closed(peer));
    server.leave(*front, peer.id);
    Peer again = log_on(kOrders);
    server.leave(*front, again.id);  // without a word
    Peer blocked = connect(kOrders);
    send(blocked, logon_of(blocked, kOrders));
    EXPECT_EQ(one(blocked).m.number(25016), -1033);
    step(Nanos::seconds(61));
    (void)log_on(kOrders);
}

TEST_F(FixFront, TooManyConnectionsAndMessagesAreTurnedAway) {
    for (int i = 0; i < 10; ++i) (void)log_on(kOrders, "C" + std::to_string(i));
    Peer more = connect(kOrders, "MORE");
    send(more, logon_of(more, kOrders));
    EXPECT_EQ(one(more).m.number(25016), -1034);
    Peer copy = log_on(kCopies, "COPY");
    for (int i = 0; i < 60; ++i) send(copy, Writer{"0"});
    EXPECT_TRUE(closed(copy));
    EXPECT_EQ(take(copy).back().m.text(58),
              "Too many messages; current limit is '60' messages per '60 seconds'.");
}

TEST_F(FixFront, LimitsAreTold) {
    Peer peer = log_on(kOrders);
    send(peer, order("a"));
    (void)one(peer);
    send(peer, Writer{"XLQ"}.add(6136, "q1"));
    const Heard m = one(peer);
    EXPECT_EQ(m.m.type, "XLR");
    EXPECT_EQ(m.m.text(6136), "q1");
    EXPECT_EQ(m.m.number(25003), 3);
    EXPECT_EQ(m.m.number(25005), 1) << "one order";
}

TEST_F(FixFront, MaintenanceIsAnnounced) {
    Peer peer = log_on(kOrders);
    front->fix().close_at(server.time + Nanos::seconds(20));
    step(Nanos::millis(1));
    EXPECT_EQ(one(peer).m.text(148), "You'll be disconnected in 19 seconds. Please reconnect.");
    step(Nanos::seconds(10));
    EXPECT_EQ(one(peer).m.type, "B");
    step(Nanos::seconds(10));
    const auto last = take(peer);
    ASSERT_EQ(last.size(), 2U);
    EXPECT_EQ(last[0].m.text(148), "Your connection is about to be closed. Please reconnect.");
    EXPECT_EQ(last[1].m.type, "5");
    EXPECT_TRUE(closed(peer));
}

TEST_F(FixFront, WhoComesAfterTheNewsStays) {
    Peer peer = log_on(kOrders);
    front->fix().close_at(server.time + Nanos::seconds(15));
    step(Nanos::millis(1));
    EXPECT_EQ(one(peer).m.type, "B");
    Peer moved = log_on(kOrders, "NEW");
    step(Nanos::seconds(10));
    EXPECT_EQ(one(peer).m.type, "B") << "every ten seconds";
    EXPECT_TRUE(take(moved).empty());
    step(Nanos::seconds(5));
    EXPECT_TRUE(closed(peer));
    EXPECT_FALSE(closed(moved));
    EXPECT_TRUE(take(moved).empty());
    front->fix().close_all();
    const auto last = take(moved);
    ASSERT_EQ(last.size(), 2U);
    EXPECT_EQ(last[0].m.text(148), "Your connection is about to be closed. Please reconnect.");
    EXPECT_EQ(last[1].m.type, "5");
    EXPECT_TRUE(closed(moved));
}

TEST_F(FixFront, BrokenMessagesEndTheSession) {
    for (const char* const bytes : {"GET / HTTP/1.1\r\n\r\n",
                                    "8=FIX.4.4\x01"
                                    "9=x\x01"}) {
        Peer peer = connect(kOrders);
        raw(peer, bytes);
        EXPECT_TRUE(take(peer).empty()) << "nobody to answer to";
        EXPECT_TRUE(closed(peer));
    }
    Peer peer = log_on(kOrders);
    std::string text = order("a").finish("CLIENT", "SPOT", 2, server.time);
    text[text.size() - 2] = text[text.size() - 2] == '0' ? '1' : '0';
    raw(peer, text);
    const auto said = take(peer);
    ASSERT_EQ(said.size(), 2U);
    EXPECT_EQ(said[0].m.number(25016), -1177);
    EXPECT_EQ(said[1].m.type, "5");
}

RC_GTEST_FIXTURE_PROP(FixFront, BytesMayBeCutAnywhere, ()) {
    Peer peer = log_on(kOrders);
    std::string bytes;
    for (int i = 0; i < 6; ++i)
        bytes += order(("o" + std::to_string(i)).c_str())
                     .finish("CLIENT", "SPOT", peer.number++, server.time);
    while (!bytes.empty()) {
        const auto size = *rc::gen::inRange<std::size_t>(1, bytes.size() + 1);
        raw(peer, bytes.substr(0, size));
        bytes.erase(0, size);
    }
    RC_ASSERT(take(peer).size() == 6U);
    RC_ASSERT(world.venue.open_orders(world.accounts[0], world.spot).size() == 6U);
}

// ---- market data

TEST_F(FixFront, InstrumentsAreListed) {
    Peer peer = log_on(kMarket);
    send(peer, Writer{"x"}.add(320, "i").add(559, "4"));
    const Heard all = one(peer);
    EXPECT_EQ(all.m.type, "y");
    EXPECT_EQ(all.m.text(146), "1") << "spot only";
    EXPECT_EQ(all.m.text(55), "BTCUSDT");
    EXPECT_EQ(all.m.text(15), "USDT");
    send(peer, Writer{"x"}.add(320, "i").add(559, "0").add(55, "NOPE"));
    EXPECT_EQ(one(peer).m.number(25016), -1121);
}

FixWorld::Writer subscription(const char* id, const char* depth, const char* entries) {
    FixWorld::Writer w{"V"};
    w.add(262, id).add(263, "1").add(264, depth).add(266, "Y").add(146, 1).add(55, "BTCUSDT");
    const std::string_view kinds{entries};
    w.add(267, static_cast<std::int64_t>(kinds.size()));
    for (const char kind : kinds) w.add(269, std::string(1, kind));
    return w;
}

TEST_F(FixFront, ABookIsASnapshotAndWhatChangesIt) {
    world.place(world.limit(1, Side::Sell, 110, 1'000));
    world.place(world.limit(1, Side::Buy, 100, 2'000));
    front->advance(server.time);
    Peer peer = log_on(kMarket);
    send(peer, subscription("book", "10", "01"));
    const Heard snapshot = one(peer);
    EXPECT_EQ(snapshot.m.type, "W");
    EXPECT_EQ(snapshot.m.text(268), "2");
    const std::int64_t at = *snapshot.m.number(25044);
    world.place(world.limit(1, Side::Buy, 99, 500));
    world.place(world.limit(2, Side::Buy, 110, 1'000));  // takes the offer
    step(Nanos::millis(120));
    const Heard change = one(peer);
    EXPECT_EQ(change.m.type, "X");
    EXPECT_EQ(change.m.text(268), "2");
    EXPECT_EQ(change.m.number(25043), at + 1) << "nothing is between the two";
    std::vector<std::string> actions;
    for (const sim_fix::Field& f : change.m.fields) {
        if (f.tag == 279) actions.emplace_back(f.value);
    }
    EXPECT_EQ(actions, (std::vector<std::string>{"0", "2"}));
    send(peer, Writer{"V"}.add(262, "book").add(263, "2"));
    world.place(world.limit(1, Side::Buy, 98, 500));
    step(Nanos::millis(200));
    EXPECT_TRUE(take(peer).empty());
}

TEST_F(FixFront, BestPricesAndTradesComeAtOnce) {
    Peer peer = log_on(kMarket);
    send(peer, subscription("best", "1", "01"));
    EXPECT_EQ(one(peer).m.text(268), "0");
    send(peer, subscription("trades", "1", "2"));
    EXPECT_TRUE(take(peer).empty());
    world.place(world.limit(1, Side::Sell, 200, 1'000));
    front->advance(server.time);
    const Heard best = one(peer);
    EXPECT_EQ(best.m.text(262), "best");
    EXPECT_EQ(best.m.text(279), "0");
    EXPECT_EQ(best.m.text(270), "200.00000000");
    world.place(world.limit(2, Side::Buy, 200, 400));
    front->advance(server.time);
    const auto both = take(peer);
    ASSERT_EQ(both.size(), 2U);
    const Heard& trade = both[0].m.text(262) == "trades" ? both[0] : both[1];
    EXPECT_EQ(trade.m.text(271), "0.40000000");
    EXPECT_EQ(trade.m.text(2446), "1");
    send(peer, subscription("best", "1", "01"));
    EXPECT_EQ(one(peer).m.text(281), "1") << "the id is in use";
    send(peer, subscription("half", "1", "0"));
    EXPECT_EQ(one(peer).m.type, "Y");
}

}  // namespace
}  // namespace parallax::sim_binance
