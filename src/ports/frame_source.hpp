#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/market.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace parallax::ports {

enum class FrameKind : std::uint8_t {
    WebSocket,  ///< a message the venue pushed
    RestBody,   ///< body of a REST answer; `url` and `symbol` say of which
    Connected,  ///< the connection came up; `url` says where to
    Sent,       ///< a message we sent
    CsvQuote,   ///< best bid and ask of a table of bars; see split_quote
};
inline constexpr std::size_t kFrameKindCount = 5;

/// What one venue sent at one time, as it was received. The texts are valid until the source's next
/// call.
struct Frame {
    UnixNanos received;
    std::string_view bytes;
    std::string_view url;  ///< empty where the recording does not tell
    std::string_view
        symbol;  ///< the venue's symbol, of RestBody and CsvQuote; empty where nothing tells it
    std::uint32_t connection = 0;  ///< counts from 0 within a source
    FrameKind kind{};
    Market market{};
};

/// bytes of a CsvQuote: bid, bid size, ask, ask size as decimal text in the venue's units. Errors:
/// Malformed.
[[nodiscard]] inline HotResult<std::array<std::string_view, 4>> split_quote(
    std::string_view bytes) noexcept {
    std::array<std::string_view, 4> fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const std::size_t end = bytes.find(',');
        if ((end == std::string_view::npos) != (i + 1 == fields.size()))
            return fail(Errc::Malformed);
        fields[i] = bytes.substr(0, end);
        bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    }
    return fields;
}

/// How far a source has come, in bytes as stored (compressed). `total` 0: unknown.
struct SourceProgress {
    std::uint64_t done = 0;
    std::uint64_t total = 0;
};

/// Frames of a recording in the order they were received. Used from one thread.
class FrameSource {
public:
    virtual ~FrameSource() = default;
    /// True: `frame` is the next one. False: the end. After an error that names a line, the next
    /// call goes on behind that line; after any other error the source is at its end. `detail`
    /// names file and line or offset. Errors: Malformed (not what it claims to be, damaged, another
    /// market's), Unavailable (cannot be read).
    [[nodiscard]] virtual Result<bool> next(Frame& frame) = 0;
    [[nodiscard]] virtual SourceProgress progress() const noexcept = 0;
    /// Frames received earlier than one already delivered.
    [[nodiscard]] virtual std::uint64_t out_of_order() const noexcept = 0;
    /// What a reader of the result should know: skipped rows, lost blocks. Grows while reading.
    [[nodiscard]] virtual std::span<const std::string> notes() const noexcept = 0;
};

}  // namespace parallax::ports
