#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/engine/conflator.hpp"
#include "sim/venues/bybit/tape.hpp"
#include "sim/venues/common/json.hpp"

namespace parallax::sim_bybit {

using sim_front::Json;

// The market's messages. Everything in them is read from the venue and the listing's tape.

struct BookText {
    std::string_view topic;
    bool snapshot = false;
    std::uint64_t update = 0, seq = 0;
    UnixNanos now, engine;
};
[[nodiscard]] std::string book_message(const sim_engine::Listing& listing, const BookText& head,
                                       const std::vector<Level>& bids,
                                       const std::vector<Level>& asks);
/// [["price","size"],...]
void append_levels(std::string& out, const sim_engine::Listing& listing,
                   const std::vector<Level>& levels);

[[nodiscard]] Json trade_json(const sim_engine::Listing& listing, const Tape::Trade& trade);
[[nodiscard]] Json recent_trade_json(const sim_engine::Listing& listing, const Tape::Trade& trade);

/// Named texts of a ticker, in the order of the venue's messages: a delta tells those that changed.
using Fields = std::vector<std::pair<std::string_view, std::string>>;
[[nodiscard]] Fields ticker_fields(const sim_engine::SimVenue& venue, sim_engine::ListingId id,
                                   const Tape& tape, UnixNanos now, bool rest);

[[nodiscard]] Json instrument_json(const sim_engine::Listing& listing);
[[nodiscard]] Json candle_row(const sim_engine::Listing& listing, const Candle& candle);
/// The only tier there is: margins are the same for positions of any size, and these have no limit.
[[nodiscard]] Json risk_tier_json(const sim_engine::Listing& listing);

struct Limits {
    Price highest_bid, lowest_ask;
};
[[nodiscard]] Limits price_limits(const sim_engine::Desk& desk) noexcept;

}  // namespace parallax::sim_bybit
