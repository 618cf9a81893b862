#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace parallax::fix {

inline constexpr char kSoh = '\x01';

struct Field {
    int tag = 0;
    std::string_view value;
};

/// Walks the fields of a message that the session found in order. Views into it; no memory.
class Fields {
public:
    explicit Fields(std::string_view message) noexcept : rest_{message} {}
    /// None: that was all, or what follows is no field.
    [[nodiscard]] std::optional<Field> next() noexcept {
        Field field;
        const char* const begin = rest_.data();
        const auto [at, error] = std::from_chars(begin, begin + rest_.size(), field.tag);
        const auto digits = static_cast<std::size_t>(at - begin);
        if (error != std::errc{} || digits >= rest_.size() || *at != '=') return std::nullopt;
        const std::size_t end = rest_.find(kSoh, digits);
        if (end == std::string_view::npos) return std::nullopt;
        field.value = rest_.substr(digits + 1, end - digits - 1);
        rest_.remove_prefix(end + 1);
        return field;
    }
    /// After none: that was all. False: what follows is no field.
    [[nodiscard]] bool done() const noexcept { return rest_.empty(); }

private:
    std::string_view rest_;
};

/// The first field of a tag; empty: missing.
[[nodiscard]] inline std::string_view text(std::string_view message, int tag) noexcept {
    Fields fields{message};
    while (const auto field = fields.next()) {
        if (field->tag == tag) return field->value;
    }
    return {};
}

/// Digits with an optional minus; none: something else.
[[nodiscard]] inline std::optional<std::int64_t> number(std::string_view text) noexcept {
    std::int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || at != end) return std::nullopt;
    return value;
}

inline void append(std::string& out, int tag, std::string_view value) {
    char digits[12];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, tag).ptr);
    out += '=';
    out += value;
    out += kSoh;
}
inline void append(std::string& out, int tag, std::int64_t value) {
    char digits[24];
    append(out, tag,
           std::string_view{
               digits, static_cast<std::size_t>(
                           std::to_chars(digits, digits + sizeof digits, value).ptr - digits)});
}

/// "20240627-11:17:25.223000": microseconds, UTC.
[[nodiscard]] std::string time_text(UnixNanos time);
/// With nothing, three or six digits behind the second. Unknown: it is no time.
[[nodiscard]] UnixNanos read_time(std::string_view text) noexcept;

}  // namespace parallax::fix
