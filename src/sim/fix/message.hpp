#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/time.hpp"

namespace parallax::sim_fix {

inline constexpr char kSoh = '\x01';

struct Field {
    int tag = 0;
    std::string_view value;
};

/// A message taken apart: every field in the order in which it came, 8, 9 and 10 included. Views
/// into the text it was read from.
struct Message {
    std::string_view type;  ///< 35
    std::vector<Field> fields;

    /// Null: missing. The first one of a tag.
    [[nodiscard]] const Field* find(int tag) const noexcept;
    [[nodiscard]] bool has(int tag) const noexcept { return find(tag) != nullptr; }
    /// Empty: missing.
    [[nodiscard]] std::string_view text(int tag) const noexcept;
    /// Digits with an optional minus; empty: missing, or none of 64 bits.
    [[nodiscard]] std::optional<std::int64_t> number(int tag) const noexcept;
};

/// Why a text is no message.
enum class Defect : std::uint8_t {
    None,
    BeginString,  ///< does not begin with 8=FIX.4.4 and 9=
    BodyLength,   ///< 10= is not where 9 says
    CheckSum,
    MsgType,   ///< 35 is not the third field
    Letters,   ///< something else than printable ASCII and SOH
    BadField,  ///< no number before an equals sign, or nothing behind it; `tag` may say which
    TooLong,
};
[[nodiscard]] std::string_view to_string(Defect defect) noexcept;

/// How much of `bytes` is the next message. Nothing is known beyond a defect: the stream is lost.
struct Frame {
    std::size_t size = 0;  ///< 0 without a defect: not all of it is there
    Defect defect = Defect::None;
};
inline constexpr std::size_t kMostBody = 64 * 1024;
/// Finds the end of the message that `bytes` begins with, by its BodyLength.
[[nodiscard]] Frame frame(std::string_view bytes) noexcept;
/// Takes one whole message apart, as frame() found it; checks CheckSum and letters. Data fields
/// (96, behind 95) may hold anything. On a defect `out` has the fields before it.
[[nodiscard]] Defect parse(std::string_view whole, Message& out);

/// The sum of all bytes, modulo 256.
[[nodiscard]] unsigned checksum(std::string_view bytes) noexcept;

/// Writes the body of a message, in the order of calls.
class Writer {
public:
    explicit Writer(std::string_view type) : type_{type} {}
    Writer& add(int tag, std::string_view value);
    Writer& add(int tag, std::int64_t value) { return add(tag, std::to_string(value)); }
    /// The fields of another one behind its own.
    Writer& append(const Writer& other) {
        body_ += other.body_;
        return *this;
    }
    [[nodiscard]] const std::string& type() const noexcept { return type_; }
    /// With header and trailer.
    [[nodiscard]] std::string finish(std::string_view sender, std::string_view target,
                                     std::uint64_t number, UnixNanos sending_time) const;

private:
    std::string type_;
    std::string body_;
};

/// "20240627-11:17:25.223000": microseconds, UTC.
[[nodiscard]] std::string time_text(UnixNanos time);
/// "YYYYMMDD-HH:MM:SS" with nothing, three or six digits of a second behind it; years 1970 to 2200.
[[nodiscard]] std::optional<UnixNanos> read_time(std::string_view text) noexcept;

}  // namespace parallax::sim_fix
