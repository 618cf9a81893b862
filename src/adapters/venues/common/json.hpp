#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "core/amount.hpp"
#include "core/instrument.hpp"
#include "core/price.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

/// Helpers around the full JSON reader, for cold paths. Include it in .cpp files only.
namespace parallax::venue_common {

using Element = simdjson::dom::element;
using Object = simdjson::dom::object;
using Array = simdjson::dom::array;

/// The field, unless it is absent or null.
[[nodiscard]] std::optional<Element> field(Object object, std::string_view key) noexcept;
[[nodiscard]] std::optional<Object> object_field(Object object, std::string_view key) noexcept;
[[nodiscard]] std::optional<Array> array_field(Object object, std::string_view key) noexcept;
/// A string's content; empty when absent or no string.
[[nodiscard]] std::string_view text_field(Object object, std::string_view key) noexcept;
/// A string's decimal amount; nothing when absent, empty or no number.
[[nodiscard]] inline std::optional<Amount> told_amount(Object object, std::string_view key) {
    const auto amount = Amount::parse(text_field(object, key));
    return amount ? std::optional{*amount} : std::nullopt;
}
/// A string's content or a number's shortest decimal text; empty when absent or neither.
[[nodiscard]] std::string scalar_text(Element element);
[[nodiscard]] std::string scalar_field(Object object, std::string_view key);
/// A number, or a string of one; nothing when absent or neither.
[[nodiscard]] std::optional<std::int64_t> integer(Element element) noexcept;
[[nodiscard]] std::optional<std::int64_t> integer_field(Object object,
                                                        std::string_view key) noexcept;
[[nodiscard]] std::optional<bool> boolean_field(Object object, std::string_view key) noexcept;
/// Milliseconds since the epoch, as a number or text; unknown when absent or no such time.
[[nodiscard]] UnixNanos millis_field(Object object, std::string_view key) noexcept;

/// Writes the documented compact form of a message that came in another shape, so that one scanner
/// reads both and the two cannot disagree. Every call appends `prefix` and the field's value; what
/// a caller needs and does not find turns `ok` off for good.
class Rewriter {
public:
    enum class Need : bool { Optional, Required };

    void clear() noexcept {
        text_.clear();
        ok_ = true;
    }
    void literal(std::string_view text) { text_ += text; }
    void integer(std::string_view prefix, Object object, std::string_view key,
                 Need need = Need::Required);
    /// An integer that the compact form writes in quotes.
    void quoted_integer(std::string_view prefix, Object object, std::string_view key,
                        Need need = Need::Required);
    /// A string or number, written in quotes.
    void quoted(std::string_view prefix, Object object, std::string_view key,
                Need need = Need::Required);
    void quoted_text(std::string_view prefix, std::string_view text);
    void boolean(std::string_view prefix, Object object, std::string_view key,
                 Need need = Need::Required);
    /// An array of [price, quantity, ...]; `tail` follows each quantity.
    void levels(std::string_view prefix, Object object, std::string_view key,
                std::string_view tail = {});
    void fail() noexcept { ok_ = false; }
    [[nodiscard]] bool ok() const noexcept { return ok_; }
    [[nodiscard]] std::string_view text() const noexcept { return text_; }

private:
    bool absent(Need need) noexcept {
        if (need == Need::Required) ok_ = false;
        return ok_;
    }
    std::string text_;
    bool ok_ = true;
};

/// Reads the numbers of cold messages (tickers, candles, mark prices) of one instrument, and what
/// they would need if the instrument is unknown or its scale too coarse. Absent and empty fields
/// are 0.
class FieldReader {
public:
    /// Null wire: the instrument is unknown, only decimals are collected.
    explicit FieldReader(const WireFormat* wire) noexcept : wire_{wire} {}

    /// A price that can trade: must fit the scale.
    [[nodiscard]] Price price(std::string_view text) noexcept;
    /// A computed price (mark, index): rounded to the nearest step, ties away from zero.
    [[nodiscard]] Price rounded_price(std::string_view text) noexcept;
    /// A sum of sizes: cut to the scale and saturated.
    [[nodiscard]] Quantity volume(std::string_view text) noexcept;
    /// Rounded to the nearest step of Rate.
    [[nodiscard]] Rate rate(std::string_view text) noexcept;
    /// Venue time; unknown when absent.
    [[nodiscard]] UnixNanos time(std::optional<std::int64_t> value) noexcept;

    [[nodiscard]] bool malformed() const noexcept { return malformed_; }
    [[nodiscard]] bool too_large() const noexcept { return too_large_; }
    [[nodiscard]] bool finer() const noexcept {
        return wire_ != nullptr && price_decimals_ > wire_->price_decimals;
    }
    [[nodiscard]] std::uint8_t price_decimals() const noexcept { return price_decimals_; }
    [[nodiscard]] std::uint8_t quantity_decimals() const noexcept { return quantity_decimals_; }

private:
    [[nodiscard]] std::int64_t rounded(std::string_view text, std::uint8_t decimals) noexcept;
    const WireFormat* wire_;
    bool malformed_ = false;
    bool too_large_ = false;
    std::uint8_t price_decimals_ = 0;
    std::uint8_t quantity_decimals_ = 0;
};

/// "1m" "4h" "1d" "1w" "1M" (Binance), "1H" "1D" "1Dutc" (OKX): the candle's length; a month is 30
/// days. 0 if unknown.
[[nodiscard]] Nanos candle_interval(std::string_view text) noexcept;

}  // namespace parallax::venue_common
