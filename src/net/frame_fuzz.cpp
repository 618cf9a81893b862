// The first byte chooses role and deflate, the second how the rest is cut into reads; the rest is
// what the peer sends.
#include <cstdlib>

#include "net/websocket_codec.hpp"

using namespace parallax::net;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t kMaxMessage = 4'096;
    if (size < 2) return 0;
    const auto role = (data[0] & 1) != 0 ? WebSocketRole::Server : WebSocketRole::Client;
    WebSocketCodec codec{role, kMaxMessage};
    if ((data[0] & 2) != 0) {
        codec.enable_deflate({(data[0] & 4) == 0, (data[0] & 8) == 0, 15, 9 + (data[0] >> 5) % 7});
    }
    const std::size_t step = 1 + data[1];
    std::string_view rest{reinterpret_cast<const char*>(data) + 2, size - 2};
    Buffer in;
    std::size_t seen = 0;
    while (!rest.empty()) {
        codec.recycle();
        in.recycle();
        in.append(rest.substr(0, step));
        rest.remove_prefix(std::min(step, rest.size()));
        std::vector<WebSocketCodec::Item> items;
        WebSocketCodec::Item item;
        auto status = codec.next(in, item);
        for (; status == WebSocketCodec::Status::Item; status = codec.next(in, item)) {
            items.push_back(item);
        }
        for (const auto& one : items) {  // views of one read hold together
            if (one.bytes.size() > kMaxMessage) std::abort();
            for (const char c : one.bytes) seen += static_cast<unsigned char>(c);
        }
        if (status == WebSocketCodec::Status::Failed) {
            if (codec.next(in, item) != status || codec.failure_code() == 0) std::abort();
            return 0;
        }
    }
    return seen == static_cast<std::size_t>(-1) ? 1 : 0;
}
