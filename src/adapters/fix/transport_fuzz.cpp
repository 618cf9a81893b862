// Any bytes from a peer, before and after a logon: no crash, bounded memory, and text() of whatever
// was told stays within it.
#include "adapters/fix/line_testing.hpp"

using namespace parallax;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes{reinterpret_cast<const char*>(data), size};
    for (const bool logged_on : {false, true}) {
        fix::FakeLines lines;
        fix::Transport transport{lines};
        transport.add(fix::bybit_like());
        const auto id = transport.connect({"fix:bybit", {}});
        lines.tell(ports::NetEventKind::Opened);
        (void)transport.poll(Nanos{});
        (void)transport.send(*id,
                             "35=A\x01"
                             "60000=1\x01");
        if (logged_on)
            lines.tell(ports::NetEventKind::Message,
                       fix::sealed("35=A|34=1|49=BYBIT_FIX_SERVER|52=20260101-00:00:00.000|"
                                   "56=FIX_CLIENT|98=0|108=10|141=Y|"));
        lines.tell(ports::NetEventKind::Message, bytes);
        for (int i = 0; i < 3; ++i) {
            for (const ports::NetEvent& event : transport.poll(Nanos{})) {
                (void)fix::read_time(fix::text(event.bytes, 52));
                (void)fix::number(fix::text(event.bytes, 34));
            }
        }
    }
    return 0;
}
