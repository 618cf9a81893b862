#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/time.hpp"
#include "sim/market/json_text.hpp"
#include "sim/market/synthetic_book.hpp"
#include "sim/prices/listings.hpp"

/// The venues' own texts, written from their documentation (exchange sheets of 2026-11): Binance
/// combined streams and REST depth bodies, OKX v5 and Bybit v5 public channels. One function a
/// frame; each appends to memory that is large enough.
namespace parallax::sim_market {

using sim_prices::Listing;

/// The names of a listing as its streams spell them, built once.
struct FrameNames {
    std::string symbol;  ///< "BTCUSDT", "BTC-USDT-SWAP"
    std::string lower;   ///< "btcusdt"
    std::string index;   ///< "BTC-USDT"
    std::string kind;    ///< OKX instType
};
[[nodiscard]] FrameNames names_of(const Listing& listing);

struct FrameTimes {
    std::int64_t venue_ms = 0;  ///< matching engine
    std::int64_t sent_ms = 0;   ///< publisher
};

/// What a depth message says about its place in the stream; each venue uses its own part.
struct DepthIds {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::int64_t previous = -1;
    std::uint64_t packet = 0;  ///< Bybit u
};

struct Funding {
    std::int64_t mark = 0;  ///< in steps of the price form
    std::int64_t index = 0;
    std::int64_t rate = 0;  ///< in steps of 1e-8
    std::int64_t next_ms = 0;
    std::int64_t interval_ms = 0;
};

void write_depth(JsonText& out, const Listing& listing, const FrameNames& names,
                 const SyntheticBook& book, const DepthIds& ids, FrameTimes times);
void write_snapshot(JsonText& out, const Listing& listing, const FrameNames& names,
                    const SyntheticBook& book, const DepthIds& ids, FrameTimes times);
/// Binance bookTicker, OKX bbo-tbt.
void write_quote(JsonText& out, const Listing& listing, const FrameNames& names,
                 const SyntheticBook& book, std::uint64_t id, FrameTimes times);
void write_trade(JsonText& out, const Listing& listing, const FrameNames& names, const Print& print,
                 std::uint64_t trade_id, std::uint64_t sequence, FrameTimes times);
/// Binance markPriceUpdate (mark and funding), OKX mark-price, Bybit tickers (mark and funding).
void write_mark(JsonText& out, const Listing& listing, const FrameNames& names,
                const Funding& funding, const SyntheticBook& book, bool first, FrameTimes times);
/// OKX funding-rate.
void write_funding(JsonText& out, const Listing& listing, const FrameNames& names,
                   const Funding& funding, FrameTimes times);

}  // namespace parallax::sim_market
