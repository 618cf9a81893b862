#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
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
        constexpr std::ptrdiff_t kMostDigits = 9;
        Field field;
        const char* const begin = rest_.data();
        const char* const end = begin + rest_.size();
        const char* at = begin;
        for (; at != end && *at >= '0' && *at <= '9' && at - begin < kMostDigits; ++at)
            field.tag = field.tag * 10 + (*at - '0');
        if (at == begin || at == end || *at != '=') return std::nullopt;
        if (!value_from(static_cast<std::size_t>(at + 1 - begin), field.value)) return std::nullopt;
        return field;
    }
    /// Moves over the next field if it is of this tag, written "270=": where it is expected, this
    /// is quicker than next().
    template <std::size_t N>
    [[nodiscard]] bool take(const char (&tag)[N], std::string_view& value) noexcept {
        return rest_.starts_with(std::string_view{tag, N - 1}) && value_from(N - 1, value);
    }
    /// After none: that was all. False: what follows is no field.
    [[nodiscard]] bool done() const noexcept { return rest_.empty(); }

private:
    [[nodiscard]] bool value_from(std::size_t at, std::string_view& value) noexcept {
        const char* const begin = rest_.data() + at;
        const std::size_t left = rest_.size() - at;
        const auto* const stop = static_cast<const char*>(std::memchr(begin, kSoh, left));
        if (stop == nullptr) return false;
        const auto size = static_cast<std::size_t>(stop - begin);
        value = {begin, size};
        rest_ = {stop + 1, left - size - 1};
        return true;
    }
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
