#include "messages/codec.hpp"

namespace parallax::messages {
namespace {

void read_levels(wire::Reader& reader, std::size_t count, std::vector<Level>& levels) {
    // Measured before the vector grows: a peer's count must not choose how much we allocate.
    const auto bytes = reader.take(count * sizeof(Level));
    levels.resize(bytes.size() / sizeof(Level));
    if (!bytes.empty()) std::memcpy(static_cast<void*>(levels.data()), bytes.data(), bytes.size());
}

}  // namespace

std::string_view to_string(MessageType type) noexcept {
    switch (type) {
#define PLX_MESSAGE(Type, topic) \
    case MessageType::Type:      \
        return #Type;
        PLX_FOR_EACH_MESSAGE(PLX_MESSAGE)
#undef PLX_MESSAGE
    }
    return "?";
}

HotResult<Topic> topic_of(MessageType type) noexcept {
    switch (type) {
#define PLX_MESSAGE(Type, topic) \
    case MessageType::Type:      \
        return Topic::topic;
        PLX_FOR_EACH_MESSAGE(PLX_MESSAGE)
#undef PLX_MESSAGE
    }
    return fail(Errc::Malformed);
}

void encode_to(std::byte* out, const DepthUpdate& update) noexcept {
    wire::Writer writer{out};
    writer(update.instrument, update.kind, update.has_checksum, std::uint16_t{0}, update.stamp,
           update.first_id, update.last_id, update.previous_id, update.checksum,
           static_cast<std::uint32_t>(update.bids.size()),
           static_cast<std::uint32_t>(update.asks.size()));
    writer.bytes(update.bids.data(), update.bids.size_bytes());
    writer.bytes(update.asks.data(), update.asks.size_bytes());
}

HotResult<void> decode(std::span<const std::byte> bytes, OwnedDepth& depth) {
    wire::Reader reader{bytes};
    DepthUpdate& header = depth.header;
    std::uint16_t zero = 0;
    std::uint32_t bids = 0;
    std::uint32_t asks = 0;
    reader(header.instrument, header.kind, header.has_checksum, zero, header.stamp, header.first_id,
           header.last_id, header.previous_id, header.checksum, bids, asks);
    read_levels(reader, bids, depth.bids);
    read_levels(reader, asks, depth.asks);
    if (reader.finished() && zero == 0) return {};
    depth.bids.clear();
    depth.asks.clear();
    return fail(Errc::Malformed);
}

}  // namespace parallax::messages
