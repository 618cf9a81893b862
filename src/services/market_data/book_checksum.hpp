#pragma once

#include <cstdint>

#include "book/order_book.hpp"
#include "core/instrument.hpp"

namespace parallax::market_data {

/// The checksum OKX sent with its books until June 2026: signed CRC-32 of
/// "bidPrice:bidSize:askPrice:askSize:..." over the 25 best levels of each side, alternating, in
/// the venue's own numbers; when a side ends the other goes on alone. Source: OKX v5 docs, order
/// book channel, checksum (kept for recordings; the field is always 0 since).
[[nodiscard]] std::int32_t book_checksum(const book::OrderBook& book,
                                         const WireFormat& wire) noexcept;

}  // namespace parallax::market_data
