#include "net/loopback_testing.hpp"
#include "testing/allocations.hpp"

namespace parallax::net {
namespace {

using ports::NetEventKind;
using ports::ServerEventKind;

TEST(Loopback, ReceivingAnOrdinaryMessageAllocatesNothing) {
    PLX_NEEDS_ALLOCATION_COUNT();
    Loopback net;
    ports::SessionId session;
    net.on_server = [&](SocketServer& server, const ports::ServerEvent& event) {
        if (event.kind == ServerEventKind::Upgrade) session = server.accept(event.exchange, {});
    };
    (void)net.open({net.ws(), {}});
    const std::string text(300, 'x');
    std::size_t allocated = 0;
    for (int round = 0; round < 200; ++round) {
        for (int i = 0; i < 10; ++i) ASSERT_TRUE(net.server->send(session, text));
        (void)net.server->poll(Nanos{});
        const std::size_t before = allocations();
        for (std::size_t got = 0; got < 10;) {
            for (const ports::NetEvent& event : net.client->poll(Nanos::millis(100))) {
                ASSERT_EQ(event.bytes, text);
                ++got;
            }
        }
        if (round >= 20) allocated += allocations() - before;  // buffers have grown by then
    }
    EXPECT_EQ(allocated, 0U);
}

}  // namespace
}  // namespace parallax::net
