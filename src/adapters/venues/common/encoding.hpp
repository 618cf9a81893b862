#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Text forms of bytes. All append; a string with room left does not allocate.
namespace parallax::venue_common {

using Bytes = std::span<const std::uint8_t>;

/// Lowercase.
void append_hex(std::string& out, Bytes bytes);
/// RFC 4648, section 4, padded.
void append_base64(std::string& out, Bytes bytes);
/// RFC 3986: letters, digits and -._~ stay; every other byte becomes %XX in uppercase.
void append_percent_encoded(std::string& out, std::string_view text);
/// Adds "&name=value" ("name=value" to an empty query), both percent-encoded.
void append_parameter(std::string& query, std::string_view name, std::string_view value);
void append_number(std::string& out, std::int64_t number);

/// Either case. Nothing if it is not hex.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> read_hex(std::string_view text);
/// Strict: padded, no spaces, no stray bits. Nothing otherwise.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> read_base64(std::string_view text);

/// Takes the same time wherever two texts of one length differ: a server that compares signatures
/// this way tells an attacker nothing about how much of a guess was right.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept;

}  // namespace parallax::venue_common
