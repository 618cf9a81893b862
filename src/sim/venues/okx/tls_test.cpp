// The front on real TLS sockets, with src/net as its client.
#include "net/loopback_testing.hpp"
#include "sim/venues/okx/okx_testing.hpp"

namespace parallax::sim_okx {
namespace {

TEST(OkxOverTls, RestAndSocketTogether) {
    testing::OkxWorld world;
    net::Loopback net;
    OkxFront front{world.venue, *net.server, world.keyring};
    net.on_server = [&](net::SocketServer& server, const ports::ServerEvent& event) {
        front.on(event);
        world.venue.advance(server.now());
        front.advance(server.now());
    };
    world.server.time = UnixNanos::from_nanos(runtime::wall_now().nanos());
    const auto session = net.open({net.ws("/ws/v5/private"), {}});
    ASSERT_TRUE(net.client->send(session, world.login_text()));
    EXPECT_EQ(Json::parse(net.next(ports::NetEventKind::Message).bytes)["event"], "login");
    ASSERT_TRUE(net.client->send(
        session, R"({"op":"subscribe","args":[{"channel":"orders","instType":"ANY"}]})"));
    EXPECT_EQ(Json::parse(net.next(ports::NetEventKind::Message).bytes)["event"], "subscribe");
    EXPECT_EQ(Json::parse(net.next(ports::NetEventKind::Message).bytes)["event"],
              "channel-conn-count");
    const std::string body =
        R"({"instId":"BTC-USDT","tdMode":"cash","side":"buy","ordType":"limit","px":"100","sz":"1"})";
    const auto request = world.signed_request("POST", "trade/order", "", body);
    ASSERT_TRUE(net.client->request(
        {"POST", net.http("/api/v5/trade/order"), request.headers, body, Nanos::seconds(10)}));
    ASSERT_TRUE(net.until([&] {
        return net.count(ports::NetEventKind::Response) == 1 &&
               net.count(ports::NetEventKind::Message) == 1;
    }));
    Json reply, push;
    for (const net::SeenClientEvent& event : net.seen)
        (event.kind == ports::NetEventKind::Response ? reply : push) = Json::parse(event.bytes);
    EXPECT_EQ(reply["code"], "0") << reply;
    EXPECT_EQ(push["data"][0]["ordId"], reply["data"][0]["ordId"]);
    EXPECT_EQ(push["data"][0]["state"], "live");
    const auto query =
        world.signed_request("GET", "trade/orders-pending", "instType=SPOT&limit=1", "");
    net.seen.clear();
    ASSERT_TRUE(net.client->request({"GET", net.http("/api/v5/trade/orders-pending?" + query.query),
                                     query.headers, "", Nanos::seconds(10)}));
    const auto open = net.next(ports::NetEventKind::Response);
    EXPECT_EQ(open.code, 200);
    EXPECT_EQ(Json::parse(open.bytes)["data"].size(), 1u);
}

}  // namespace
}  // namespace parallax::sim_okx
