#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/decimal.hpp"
#include "core/result.hpp"

namespace parallax {

/// Price of one base unit in quote currency, in steps of its symbol's scale (one scale for all
/// venues, so prices of one symbol at two venues compare as integers). Prices of two symbols never
/// meet. No way in from double.
class Price {
public:
    constexpr Price() = default;
    static constexpr Price from_raw(std::int64_t raw) noexcept { return Price{raw}; }
    /// Reads venue text such as "63012.50". Errors: Malformed; Unrepresentable (finer than the
    /// scale, or too large).
    [[nodiscard]] static HotResult<Price> parse(std::string_view text, Scale scale) noexcept {
        return parse_decimal(text, scale.decimals).map(from_raw);
    }
    [[nodiscard]] constexpr std::int64_t raw() const noexcept { return raw_; }
    [[nodiscard]] std::string text(Scale scale) const {
        return format_decimal(raw_, scale.decimals);
    }
    friend constexpr auto operator<=>(Price, Price) = default;
    friend constexpr Price operator+(Price a, Price b) noexcept { return Price{a.raw_ + b.raw_}; }
    friend constexpr Price operator-(Price a, Price b) noexcept { return Price{a.raw_ - b.raw_}; }

private:
    explicit constexpr Price(std::int64_t raw) noexcept : raw_{raw} {}
    std::int64_t raw_ = 0;
};

/// Size of an order or a level, in steps of its symbol's quantity scale. The unit is the base
/// asset; for inverse contracts it is the quote asset (USD), because only that is exact (a contract
/// is worth a fixed sum of USD).
class Quantity {
public:
    constexpr Quantity() = default;
    static constexpr Quantity from_raw(std::int64_t raw) noexcept { return Quantity{raw}; }
    /// As Price::parse.
    [[nodiscard]] static HotResult<Quantity> parse(std::string_view text, Scale scale) noexcept {
        return parse_decimal(text, scale.decimals).map(from_raw);
    }
    [[nodiscard]] constexpr std::int64_t raw() const noexcept { return raw_; }
    [[nodiscard]] std::string text(Scale scale) const {
        return format_decimal(raw_, scale.decimals);
    }
    [[nodiscard]] constexpr bool is_zero() const noexcept { return raw_ == 0; }
    friend constexpr auto operator<=>(Quantity, Quantity) = default;
    friend constexpr Quantity operator+(Quantity a, Quantity b) noexcept {
        return Quantity{a.raw_ + b.raw_};
    }
    friend constexpr Quantity operator-(Quantity a, Quantity b) noexcept {
        return Quantity{a.raw_ - b.raw_};
    }
    constexpr Quantity& operator+=(Quantity b) noexcept {
        raw_ += b.raw_;
        return *this;
    }
    constexpr Quantity& operator-=(Quantity b) noexcept {
        raw_ -= b.raw_;
        return *this;
    }

private:
    explicit constexpr Quantity(std::int64_t raw) noexcept : raw_{raw} {}
    std::int64_t raw_ = 0;
};

/// One price level of a book. Quantity 0 in an update means: the level is gone.
struct Level {
    Price price;
    Quantity quantity;
    friend constexpr bool operator==(const Level&, const Level&) = default;
};

enum class Side : std::uint8_t { Buy = 0, Sell = 1 };
[[nodiscard]] constexpr Side opposite(Side side) noexcept {
    return side == Side::Buy ? Side::Sell : Side::Buy;
}
[[nodiscard]] constexpr std::string_view to_string(Side side) noexcept {
    return side == Side::Buy ? "buy" : "sell";
}

}  // namespace parallax
