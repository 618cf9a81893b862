#include "adapters/venues/common/json.hpp"

#include <charconv>
#include <limits>

#include "adapters/venues/common/scan.hpp"

namespace parallax::venue_common {
namespace {

/// True when the text can stand between quotes without escapes.
bool plain(std::string_view text) noexcept {
    for (const char c : text) {
        if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20) return false;
    }
    return true;
}

/// Digits behind the point beyond `most` cut off.
std::string_view cut_decimals(std::string_view text, std::size_t most) noexcept {
    const std::size_t point = text.find('.');
    if (point == std::string_view::npos || text.size() - point - 1 <= most) return text;
    return text.substr(0, most == 0 ? point : point + 1 + most);
}

bool is_decimal(std::string_view text) noexcept {
    const auto read = parse_decimal(text, 0);
    return read.has_value() || read.error() != Errc::Malformed;
}

template <class Int>
std::optional<Int> whole(std::string_view text) noexcept {
    Int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty())
        return std::nullopt;
    return value;
}

/// Integer digits of a number or of a string of one; empty otherwise.
std::string integer_text(Element element) {
    if (std::int64_t number = 0; element.get(number) == simdjson::SUCCESS)
        return std::to_string(number);
    if (std::uint64_t number = 0; element.get(number) == simdjson::SUCCESS)
        return std::to_string(number);
    std::string_view text;
    if (element.get(text) != simdjson::SUCCESS) return {};
    if (const auto number = whole<std::int64_t>(text)) return std::to_string(*number);
    if (const auto number = whole<std::uint64_t>(text)) return std::to_string(*number);
    return {};
}

}  // namespace

std::optional<Element> field(Object object, std::string_view key) noexcept {
    Element element;
    if (object.at_key(key).get(element) != simdjson::SUCCESS || element.is_null())
        return std::nullopt;
    return element;
}

std::optional<Object> object_field(Object object, std::string_view key) noexcept {
    Object inner;
    if (object.at_key(key).get(inner) != simdjson::SUCCESS) return std::nullopt;
    return inner;
}

std::optional<Array> array_field(Object object, std::string_view key) noexcept {
    Array inner;
    if (object.at_key(key).get(inner) != simdjson::SUCCESS) return std::nullopt;
    return inner;
}

std::string_view text_field(Object object, std::string_view key) noexcept {
    std::string_view text;
    return object.at_key(key).get(text) == simdjson::SUCCESS ? text : std::string_view{};
}

std::string scalar_text(Element element) {
    if (std::string_view text; element.get(text) == simdjson::SUCCESS) return std::string(text);
    if (std::int64_t number = 0; element.get(number) == simdjson::SUCCESS)
        return std::to_string(number);
    if (std::uint64_t number = 0; element.get(number) == simdjson::SUCCESS)
        return std::to_string(number);
    double number = 0;
    if (element.get(number) != simdjson::SUCCESS) return {};
    // The shortest text that reads back as the same double: what the venue wrote, up to 15 digits.
    char buffer[400];
    const auto written =
        std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::fixed);
    return written.ec == std::errc{} ? std::string(buffer, written.ptr) : std::string{};
}

std::string scalar_field(Object object, std::string_view key) {
    const auto element = field(object, key);
    return element ? scalar_text(*element) : std::string{};
}

std::optional<std::int64_t> integer(Element element) noexcept {
    if (std::int64_t number = 0; element.get(number) == simdjson::SUCCESS) return number;
    std::string_view text;
    if (element.get(text) != simdjson::SUCCESS) return std::nullopt;
    return whole<std::int64_t>(text);
}

std::optional<std::int64_t> integer_field(Object object, std::string_view key) noexcept {
    const auto element = field(object, key);
    return element ? integer(*element) : std::nullopt;
}

UnixNanos millis_field(Object object, std::string_view key) noexcept {
    const auto ms = integer_field(object, key);
    return ms && *ms > 0 && *ms < 9'000'000'000'000 ? UnixNanos::from_millis(*ms) : UnixNanos{};
}

std::optional<bool> boolean_field(Object object, std::string_view key) noexcept {
    bool value = false;
    if (object.at_key(key).get(value) != simdjson::SUCCESS) return std::nullopt;
    return value;
}

void Rewriter::integer(std::string_view prefix, Object object, std::string_view key, Need need) {
    const auto element = field(object, key);
    if (!element) return static_cast<void>(absent(need));
    const std::string digits = integer_text(*element);
    if (digits.empty()) return fail();
    text_ += prefix;
    text_ += digits;
}

void Rewriter::quoted_integer(std::string_view prefix, Object object, std::string_view key,
                              Need need) {
    const auto element = field(object, key);
    if (!element) return static_cast<void>(absent(need));
    const std::string digits = integer_text(*element);
    if (digits.empty()) return fail();
    quoted_text(prefix, digits);
}

void Rewriter::quoted(std::string_view prefix, Object object, std::string_view key, Need need) {
    const auto element = field(object, key);
    if (!element) return static_cast<void>(absent(need));
    const std::string text = scalar_text(*element);
    if (text.empty()) return fail();
    quoted_text(prefix, text);
}

void Rewriter::quoted_text(std::string_view prefix, std::string_view text) {
    if (!plain(text)) return fail();
    text_ += prefix;
    text_ += '"';
    text_ += text;
    text_ += '"';
}

void Rewriter::boolean(std::string_view prefix, Object object, std::string_view key, Need need) {
    const auto element = field(object, key);
    if (!element) return static_cast<void>(absent(need));
    bool value = false;
    if (element->get(value) != simdjson::SUCCESS) return fail();
    text_ += prefix;
    text_ += value ? "true" : "false";
}

void Rewriter::levels(std::string_view prefix, Object object, std::string_view key,
                      std::string_view tail) {
    const auto rows = array_field(object, key);
    if (!rows) return fail();
    text_ += prefix;
    char separator = '[';
    for (const Element row : *rows) {
        Array cells;
        Element price;
        Element quantity;
        if (row.get(cells) != simdjson::SUCCESS || cells.at(0).get(price) != simdjson::SUCCESS ||
            cells.at(1).get(quantity) != simdjson::SUCCESS) {
            return fail();
        }
        text_ += separator;
        text_ += '[';
        quoted_text("", scalar_text(price));
        quoted_text(",", scalar_text(quantity));
        text_ += tail;
        text_ += ']';
        separator = ',';
    }
    if (separator == '[') text_ += '[';
    text_ += ']';
}

Price FieldReader::price(std::string_view text) noexcept {
    if (text.empty()) return {};
    if (!is_decimal(text)) {
        malformed_ = true;
        return {};
    }
    price_decimals_ = std::max(price_decimals_, significant_decimals(text));
    if (wire_ == nullptr) return {};
    const auto raw = parse_decimal(text, wire_->price_decimals);
    too_large_ |= !raw && significant_decimals(text) <= wire_->price_decimals;
    return Price::from_raw(raw.value_or(0));
}

std::int64_t FieldReader::rounded(std::string_view text, std::uint8_t decimals) noexcept {
    if (text.empty()) return 0;
    const auto wide = parse_decimal_wide(cut_decimals(text, kMaxDecimals), kMaxDecimals);
    if (!is_decimal(text) || (!wide && wide.error() == Errc::Malformed)) {
        malformed_ = true;
        return 0;
    }
    const __int128 step = pow10(static_cast<std::uint8_t>(kMaxDecimals - decimals));
    const __int128 most = step * (std::numeric_limits<std::int64_t>::max() - 1);
    if (!wide || *wide > most || *wide < -most) {
        too_large_ = true;
        return 0;
    }
    const __int128 half = step / 2;
    return static_cast<std::int64_t>((*wide < 0 ? *wide - half : *wide + half) / step);
}

Price FieldReader::rounded_price(std::string_view text) noexcept {
    return Price::from_raw(rounded(text, wire_ == nullptr ? 0 : wire_->price_decimals));
}

Rate FieldReader::rate(std::string_view text) noexcept { return Rate::from_raw(rounded(text, 9)); }

Quantity FieldReader::volume(std::string_view text) noexcept {
    if (text.empty()) return {};
    if (!is_decimal(text) || text.front() == '-') {
        malformed_ = true;
        return {};
    }
    quantity_decimals_ = std::max(quantity_decimals_, significant_decimals(text));
    if (wire_ == nullptr) return {};
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    const auto contracts =
        parse_decimal(cut_decimals(text, wire_->quantity_decimals), wire_->quantity_decimals);
    std::int64_t raw = 0;
    if (!contracts || __builtin_mul_overflow(*contracts, wire_->quantity_multiplier, &raw))
        raw = kMost;
    return Quantity::from_raw(raw);
}

UnixNanos FieldReader::time(std::optional<std::int64_t> value) noexcept {
    UnixNanos out;
    if (value && (*value < 0 || !to_time(static_cast<std::uint64_t>(*value), out)))
        malformed_ = true;
    return out;
}

Nanos candle_interval(std::string_view text) noexcept {
    if (text.size() > 3 && text.ends_with("utc")) text.remove_suffix(3);
    if (text.size() < 2 || text.size() > 4) return {};
    const auto count = whole<std::int64_t>(text.substr(0, text.size() - 1));
    if (!count || *count <= 0) return {};
    switch (text.back()) {
        case 's':
            return Nanos::seconds(*count);
        case 'm':
            return Nanos::seconds(*count * 60);
        case 'h':
        case 'H':
            return Nanos::seconds(*count * 3'600);
        case 'd':
        case 'D':
            return Nanos::seconds(*count * 86'400);
        case 'w':
        case 'W':
            return Nanos::seconds(*count * 604'800);
        case 'M':
            return Nanos::seconds(*count * 2'592'000);
        default:
            return {};
    }
}

}  // namespace parallax::venue_common
