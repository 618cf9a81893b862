// First two bytes: message type; the rest: a message. What decodes must encode to the same bytes.
#include <cstdlib>

#include "messages/codec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace parallax::messages;
    if (size < 2) return 0;
    std::uint16_t type = 0;
    std::memcpy(&type, data, 2);
    const std::span bytes{reinterpret_cast<const std::byte*>(data) + 2, size - 2};
    const auto visited = visit(static_cast<MessageType>(type), bytes, [&](const auto& message) {
        std::vector<std::byte> again;
        encode(message, again);
        if (!std::equal(again.begin(), again.end(), bytes.begin(), bytes.end())) std::abort();
    });
    return visited ? 0 : 0;
}
