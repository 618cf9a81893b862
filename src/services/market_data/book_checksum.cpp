#include "services/market_data/book_checksum.hpp"

#include <array>

#include "core/checksum.hpp"

namespace parallax::market_data {
namespace {

constexpr int kLevels = 25;
constexpr std::size_t kMaxNumber = 48;  ///< format_decimal_to's bound

std::size_t append(char* out, std::size_t at, Level level, const WireFormat& wire) noexcept {
    if (at > 0) out[at++] = ':';
    at += format_decimal_to(out + at, level.price.raw(), wire.price_decimals);
    out[at++] = ':';
    return at + format_decimal_to(out + at, level.quantity.raw() / wire.quantity_multiplier,
                                  wire.quantity_decimals);
}

}  // namespace

std::int32_t book_checksum(const book::OrderBook& book, const WireFormat& wire) noexcept {
    std::array<char, 2 * kLevels * 2 * (kMaxNumber + 1)> text;
    std::size_t size = 0;
    auto bid = book.side(Side::Buy).cursor();
    auto ask = book.side(Side::Sell).cursor();
    for (int i = 0; i < kLevels; ++i) {
        if (!bid.done()) {
            size = append(text.data(), size, *bid, wire);
            ++bid;
        }
        if (!ask.done()) {
            size = append(text.data(), size, *ask, wire);
            ++ask;
        }
    }
    return static_cast<std::int32_t>(crc32_ieee({text.data(), size}));
}

}  // namespace parallax::market_data
