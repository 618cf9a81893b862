// The front end to end: real TLS sockets, our own client at the other side.
#include "net/loopback_testing.hpp"
#include "sim/venues/bybit/front_testing.hpp"

namespace parallax::sim_bybit::testing {
namespace {

TEST(BybitOverTls, AnOrderPlacedByRestIsToldOnThePrivateSocket) {
    Desk d;
    net::Loopback loop;
    BybitFront front{d.world.venue, *loop.server, d.keys};
    loop.on_server = [&](net::SocketServer&, const ports::ServerEvent& event) { front.on(event); };
    const auto reply = [&](const ports::HttpRequest& request) {
        EXPECT_TRUE(loop.client->request(request));
        return Json::parse(loop.next(ports::NetEventKind::Response).bytes);
    };
    const auto heard = [&] { return Json::parse(loop.next(ports::NetEventKind::Message).bytes); };

    const Json time = reply({"GET", loop.http("/v5/market/time"), {}, "", Nanos::seconds(10)});
    const std::int64_t now = time["time"];
    const ports::ConnectionId user = loop.open({loop.ws("/v5/private"), {}, false});
    const std::string sign = Desk::sign("GET/realtime" + std::to_string(now + 10'000));
    const Json login = {{"op", "auth"}, {"args", {"KEY0", now + 10'000, sign}}};
    ASSERT_TRUE(loop.client->send(user, login.dump()));
    EXPECT_EQ(heard()["success"], true);
    ASSERT_TRUE(loop.client->send(user, R"({"op":"subscribe","args":["order"]})"));
    EXPECT_EQ(heard()["success"], true);

    const std::string body = d.limit("spot", "Buy", "90", "1", "GTC", "tls-1").dump();
    const std::string stamp = std::to_string(now);
    ASSERT_TRUE(loop.client->request({"POST",
                                      loop.http("/v5/order/create"),
                                      {{"X-BAPI-API-KEY", "KEY0"},
                                       {"X-BAPI-TIMESTAMP", stamp},
                                       {"X-BAPI-RECV-WINDOW", "20000"},
                                       {"X-BAPI-SIGN", Desk::sign(stamp + "KEY020000" + body)}},
                                      body,
                                      Nanos::seconds(10)}));
    // Two connections: either may be first.
    ASSERT_TRUE(loop.until([&] {
        return loop.count(ports::NetEventKind::Response) > 0 &&
               loop.count(ports::NetEventKind::Message) > 0;
    }));
    Json made, message;
    for (const net::SeenClientEvent& event : loop.seen) {
        if (event.kind == ports::NetEventKind::Response) made = Json::parse(event.bytes);
        if (event.kind == ports::NetEventKind::Message) message = Json::parse(event.bytes);
    }
    ASSERT_EQ(made["retCode"], 0) << made.dump();
    const Json order = message["data"][0];
    EXPECT_EQ(order["orderLinkId"], "tls-1");
    EXPECT_EQ(order["orderId"], made["result"]["orderId"]);
    EXPECT_EQ(order["orderStatus"], "New");
}

}  // namespace
}  // namespace parallax::sim_bybit::testing
