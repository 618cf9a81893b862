#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "adapters/venues/common/scan.hpp"
#include "adapters/venues/common/symbol_cache.hpp"
#include "core/price.hpp"

/// Two readings of the same bytes: a scanner is a template over one of these.
namespace parallax::venue_common {

/// Reads prices and quantities of a known instrument into its raw integers.
class Exact {
public:
    explicit Exact(const SymbolCache& symbols) noexcept : symbols_{symbols} {}

    /// Every message names its symbol before its numbers.
    [[nodiscard, gnu::always_inline]] bool symbol(const ShortText& text) noexcept {
        const SymbolCache::Entry* const entry = symbols_.find(text);
        if (entry == nullptr) [[unlikely]] {
            unknown_ = true;
            return false;
        }
        instrument_ = entry->id;
        wire_ = entry->wire;
        return true;
    }
    [[nodiscard, gnu::always_inline]] bool price(Cursor& at, Price& out) noexcept {
        std::int64_t raw = 0;
        const Number status = at.decimal(wire_.price_decimals, raw);
        out = Price::from_raw(raw);
        return ok(status);
    }
    [[nodiscard, gnu::always_inline]] bool quantity(Cursor& at, Quantity& out) noexcept {
        std::int64_t contracts = 0;
        std::int64_t raw = 0;
        Number status = at.decimal(wire_.quantity_decimals, contracts);
        if (__builtin_mul_overflow(contracts, wire_.quantity_multiplier, &raw)) [[unlikely]]
            status = Number::TooLarge;
        out = Quantity::from_raw(raw);
        return ok(status);
    }
    [[nodiscard]] InstrumentId instrument() const noexcept { return instrument_; }
    [[nodiscard]] const WireFormat& wire() const noexcept { return wire_; }
    /// After a failure: the text was as documented, but it cannot be expressed now.
    [[nodiscard]] bool inexpressible() const noexcept { return unknown_ || fault_ != Number::Ok; }
    [[nodiscard]] bool unknown() const noexcept { return unknown_; }

private:
    [[nodiscard, gnu::always_inline]] bool ok(Number status) noexcept {
        if (status == Number::Ok) [[likely]]
            return true;
        if (status != Number::Odd) fault_ = status;
        return false;
    }
    const SymbolCache& symbols_;
    InstrumentId instrument_;
    WireFormat wire_;
    bool unknown_ = false;
    Number fault_ = Number::Ok;
};

/// Reads no values, only how many decimals they need.
class Measure {
public:
    [[nodiscard]] bool symbol(const ShortText& text) noexcept {
        name_ = text.text;
        return true;
    }
    [[nodiscard]] bool price(Cursor& at, Price& out) noexcept {
        out = {};
        return widen(at, price_decimals_);
    }
    [[nodiscard]] bool quantity(Cursor& at, Quantity& out) noexcept {
        out = {};
        return widen(at, quantity_decimals_);
    }
    [[nodiscard]] InstrumentId instrument() const noexcept { return {}; }
    [[nodiscard]] std::string_view name() const noexcept { return name_; }
    [[nodiscard]] std::uint8_t price_decimals() const noexcept { return price_decimals_; }
    [[nodiscard]] std::uint8_t quantity_decimals() const noexcept { return quantity_decimals_; }

private:
    [[nodiscard]] static bool widen(Cursor& at, std::uint8_t& decimals) noexcept {
        std::string_view text;
        if (!at.text(text) || text.empty() || text.front() == '-') return false;
        const auto read = parse_decimal(text, 0);
        if (!read && read.error() == Errc::Malformed) return false;
        decimals = std::max(decimals, significant_decimals(text));
        return true;
    }
    std::string_view name_;
    std::uint8_t price_decimals_ = 0;
    std::uint8_t quantity_decimals_ = 0;
};

/// `[["61837.63","3.788"],...]` behind its opening bracket, over the closing one. `Tail` moves over
/// what a venue puts between the quantity's closing quote and the level's bracket. Room for every
/// level must be there: see level_room.
template <class Numbers, class Tail>
[[nodiscard, gnu::always_inline]] inline bool scan_levels(Cursor& at, Numbers& numbers, Level*& out,
                                                          Tail tail) noexcept {
    if (at.take("]")) return true;
    if (!at.take("[\"")) return false;
    for (;;) {
        Level level;
        if (!numbers.price(at, level.price) || !at.take(",\"") ||
            !numbers.quantity(at, level.quantity))
            return false;
        *out++ = level;
        if (!tail(at)) return false;
        if (at.take("],[\"")) [[likely]]
            continue;
        return at.take("]]");
    }
}
template <class Numbers>
[[nodiscard, gnu::always_inline]] inline bool scan_levels(Cursor& at, Numbers& numbers,
                                                          Level*& out) noexcept {
    return scan_levels(at, numbers, out, [](Cursor&) { return true; });
}

/// Grows `items` to what a text of this size can hold at most, when each takes `least` bytes.
template <class Item>
[[nodiscard, gnu::always_inline]] inline Item* room(std::vector<Item>& items, std::size_t text_size,
                                                    std::size_t least) {
    const std::size_t most = text_size / least + 2;
    if (items.size() < most) [[unlikely]]
        items.resize(2 * most);
    return items.data();
}
/// A level takes at least `["1","2"],`.
[[nodiscard, gnu::always_inline]] inline Level* level_room(std::vector<Level>& levels,
                                                           std::size_t text_size) {
    return room(levels, text_size, 10);
}

}  // namespace parallax::venue_common
