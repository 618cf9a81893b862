#pragma once

#include <cstdint>
#include <span>

#include "core/ids.hpp"
#include "core/instrument.hpp"
#include "core/market.hpp"
#include "core/price.hpp"
#include "core/time.hpp"

/// Topic `market`: what the venues publish, in our units. Keyed by symbol. On the fast plane these
/// are plain structs whose spans are valid during the call only.
namespace parallax::messages {

/// Times of one market event. Clocks of venues and of this host differ: never subtract across
/// without the offset estimate of market_data.
struct Stamp {
    UnixNanos received;  ///< when this host had the last byte
    UnixNanos
        venue_time;  ///< matching engine's time; unknown on some streams (Binance spot bookTicker)
    UnixNanos sent;  ///< when the venue's publisher sent it; unknown on some streams
    friend constexpr bool operator==(const Stamp&, const Stamp&) = default;
    template <class Archive>
    void describe(Archive& a) {
        a(received, venue_time, sent);
    }
};

enum class DepthKind : std::uint8_t { Delta, Snapshot };

/// A change of an order book, or a whole one. Quantities are absolute; 0 removes the level. Ids are
/// the venue's: see book::GapPolicy for what they promise.
struct DepthUpdate {
    InstrumentId instrument;
    DepthKind kind = DepthKind::Delta;
    Stamp stamp;
    std::uint64_t first_id = 0;     ///< Binance U; otherwise = last_id
    std::uint64_t last_id = 0;      ///< Binance u / lastUpdateId, OKX seqId, Bybit u
    std::int64_t previous_id = -1;  ///< Binance futures pu, OKX prevSeqId; -1 none
    std::int64_t checksum =
        0;  ///< OKX's signed CRC32 before June 2026; meaningful with has_checksum
    bool has_checksum = false;
    std::span<const Level> bids;
    std::span<const Level> asks;
};

/// The venue's own best bid and ask. An empty side has quantity 0.
struct BestQuote {
    InstrumentId instrument;
    Stamp stamp;
    std::uint64_t update_id =
        0;  ///< same numbering as DepthUpdate::last_id; 0 where the venue gives none
    Level bid;
    Level ask;
    template <class Archive>
    void describe(Archive& a) {
        a(instrument, stamp, update_id, bid.price, bid.quantity, ask.price, ask.quantity);
    }
};

/// One public trade, or several of one taker at one price where the venue aggregates.
struct TradePrint {
    InstrumentId instrument;
    Stamp stamp;
    std::uint64_t trade_id = 0;  ///< Bybit's UUIDs are hashed to 64 bits
    Price price;
    Quantity quantity;
    Side aggressor = Side::Buy;
    template <class Archive>
    void describe(Archive& a) {
        a(instrument, stamp, trade_id, price, quantity, aggressor);
    }
};

/// Mark price, index and funding of a derivative. Fields a venue did not send keep 0 / unknown.
struct MarkPrice {
    InstrumentId instrument;
    Stamp stamp;
    Price mark;
    Price index;
    Rate funding_rate;  ///< for the period ending at next_funding; positive: longs pay
    bool has_funding = false;
    UnixNanos next_funding;
    Nanos funding_interval;  ///< 0 = unchanged
    template <class Archive>
    void describe(Archive& a) {
        a(instrument, stamp, mark, index, funding_rate, has_funding, next_funding,
          funding_interval);
    }
};

/// Rolling 24 h statistics. Absent numbers are 0.
struct Ticker {
    InstrumentId instrument;
    Stamp stamp;
    Price last;
    Price high;
    Price low;
    Price open;
    Quantity volume;  ///< in the unit of Quantity; saturated
    template <class Archive>
    void describe(Archive& a) {
        a(instrument, stamp, last, high, low, open, volume);
    }
};

/// One candle.
struct Kline {
    InstrumentId instrument;
    Stamp stamp;
    UnixNanos open_time;
    Nanos interval;
    Price open;
    Price high;
    Price low;
    Price close;
    Quantity volume;
    bool closed = false;
    template <class Archive>
    void describe(Archive& a) {
        a(instrument, stamp, open_time, interval, open, high, low, close, volume, closed);
    }
};

/// A listing or a change of its rules. Precedes every other message of the instrument.
struct InstrumentListed {
    UnixNanos time;
    InstrumentDefinition definition;
    template <class Archive>
    void describe(Archive& a) {
        a(time, definition);
    }
};

/// A symbol's scale grew (see Universe::refine): raw numbers held by anybody must be multiplied.
struct InstrumentRefined {
    InstrumentId instrument;
    UnixNanos time;
    std::uint8_t price_decimals = 0;
    std::uint8_t quantity_decimals = 0;
    template <class Archive>
    void describe(Archive& a) {
        a(instrument, time, price_decimals, quantity_decimals);
    }
};

/// A connection came or went. While a market's feed is down its books are not tradable.
struct FeedStatus {
    Market market{};
    UnixNanos time;
    bool up = false;
    template <class Archive>
    void describe(Archive& a) {
        a(market, time, up);
    }
};

/// The connection that carries one instrument's book is gone, or the venue refuses it: the book is
/// not to be traded on before its next snapshot.
struct BookLost {
    InstrumentId instrument;
    UnixNanos time;
    template <class Archive>
    void describe(Archive& a) {
        a(instrument, time);
    }
};

/// Time passes: the only way a service learns of it without an event.
struct ClockTick {
    UnixNanos now;
    template <class Archive>
    void describe(Archive& a) {
        a(now);
    }
};

}  // namespace parallax::messages
