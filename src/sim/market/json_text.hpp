#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/decimal.hpp"
#include "sim/prices/listings.hpp"

namespace parallax::sim_market {

using sim_prices::NumberForm;

/// Appends JSON text to memory that the caller has made large enough. Nothing is checked, nothing
/// allocated.
class JsonText {
public:
    explicit JsonText(char* begin) noexcept : at_{begin} {}
    [[nodiscard]] char* end() const noexcept { return at_; }

    JsonText& text(std::string_view text) noexcept {
        std::memcpy(at_, text.data(), text.size());
        at_ += text.size();
        return *this;
    }
    JsonText& letter(char letter) noexcept {
        *at_++ = letter;
        return *this;
    }
    JsonText& number(std::uint64_t value) noexcept {
        char digits[20];
        char* const end = digits + sizeof digits;
        char* begin = write_back(end, value);
        return text({begin, static_cast<std::size_t>(end - begin)});
    }
    JsonText& number(std::int64_t value) noexcept {
        if (value < 0) letter('-');
        return number(value < 0 ? ~static_cast<std::uint64_t>(value) + 1
                                : static_cast<std::uint64_t>(value));
    }
    /// value x 10^-decimals, value >= 0, with all or only the needed digits behind the point.
    JsonText& decimal(std::uint64_t value, std::uint8_t decimals, bool trim) noexcept {
        const auto unit = static_cast<std::uint64_t>(pow10(decimals));
        number(value / unit);
        if (decimals == 0) return *this;
        char* const point = at_;
        *at_++ = '.';
        std::uint64_t fraction = value % unit;
        char* const end = at_ + decimals;
        for (char* digit = end; digit > at_;) {
            *--digit = static_cast<char>('0' + fraction % 10);
            fraction /= 10;
        }
        at_ = end;
        if (trim) {
            while (at_[-1] == '0') --at_;
            if (at_ == point + 1) at_ = point;
        }
        return *this;
    }
    JsonText& decimal(std::int64_t steps, const NumberForm& form) noexcept {
        return decimal(static_cast<std::uint64_t>(steps * form.factor), form.decimals, form.trim);
    }
    /// Same with a sign, value in steps of 10^-decimals.
    JsonText& signed_decimal(std::int64_t value, std::uint8_t decimals) noexcept {
        if (value < 0) letter('-');
        return decimal(static_cast<std::uint64_t>(value < 0 ? -value : value), decimals, false);
    }

private:
    static char* write_back(char* end, std::uint64_t value) noexcept {
        do {
            *--end = static_cast<char>('0' + value % 10);
            value /= 10;
        } while (value != 0);
        return end;
    }
    char* at_;
};

}  // namespace parallax::sim_market
