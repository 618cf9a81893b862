#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/result.hpp"
#include "core/time.hpp"
#include "messages/codec.hpp"

// Messages as Protobuf (parallax.proto), for the durable plane. Not for the hot path.
namespace parallax::messages {

inline constexpr std::uint32_t kSchemaVersion = 1;

/// What travels beside the message.
struct EnvelopeInfo {
    std::uint32_t schema = kSchemaVersion;
    std::uint64_t trace_id = 0;  ///< one for everything that follows from one market event; 0 none
    std::uint64_t sequence = 0;  ///< in the sender's journal; 0 none
    UnixNanos published;
    friend bool operator==(const EnvelopeInfo&, const EnvelopeInfo&) = default;
};

/// Writes messages as envelopes. Keeps its buffers: one for each thread.
class EnvelopeWriter {
public:
    EnvelopeWriter();
    ~EnvelopeWriter();
    EnvelopeWriter(const EnvelopeWriter&) = delete;
    EnvelopeWriter& operator=(const EnvelopeWriter&) = delete;
    /// Replaces `out` by the bytes. Text must be UTF-8. Errors: Malformed (text that is not).
    template <Message T>
    [[nodiscard]] HotResult<void> write(const EnvelopeInfo& info, const T& message,
                                        std::string& out);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Reads envelopes: parse() one, then take its message. Keeps its buffers: one for each thread.
class EnvelopeReader {
public:
    EnvelopeReader();
    ~EnvelopeReader();
    EnvelopeReader(const EnvelopeReader&) = delete;
    EnvelopeReader& operator=(const EnvelopeReader&) = delete;

    /// The type of the message inside. Fields we do not know are passed over, so that newer senders
    /// can be read. Errors: Malformed (no envelope, a message we do not know, or none).
    [[nodiscard]] HotResult<MessageType> parse(std::span<const char> bytes);
    [[nodiscard]] const EnvelopeInfo& info() const noexcept { return info_; }

    /// The message of the type parse() gave; a DepthUpdate into an OwnedDepth.
    /// Errors: Malformed (of another type; a number that does not fit its field; an unknown
    /// enumerator).
    template <class T>
    [[nodiscard]] HotResult<void> read(T& message) const;

    /// parse(), then visitor(const T&). Errors as these; the visitor is then not called.
    template <class Visitor>
    [[nodiscard]] HotResult<void> visit(std::span<const char> bytes, OwnedDepth& scratch,
                                        Visitor&& visitor) {
        const auto type = parse(bytes);
        if (!type) return fail(type.error());
        HotResult<void> result;
        with_type(*type, [&]<class T>(std::type_identity<T>) {
            if constexpr (std::is_same_v<T, DepthUpdate>) {
                result = read(scratch);
                if (result) visitor(static_cast<const DepthUpdate&>(scratch.view()));
            } else {
                T message;
                result = read(message);
                if (result) visitor(static_cast<const T&>(message));
            }
        });
        return result;
    }

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
    EnvelopeInfo info_;
};

}  // namespace parallax::messages
