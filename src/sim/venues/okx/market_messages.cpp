#include "sim/venues/okx/market_messages.hpp"

#include <algorithm>

#include "sim/venues/okx/order_entry.hpp"
#include "sim/venues/okx/order_messages.hpp"

namespace parallax::sim_okx {

using sim_engine::Desk;
using sim_engine::Listing;
using sim_engine::ListingId;
using sim_engine::ListingState;
using sim_engine::Queue;
using sim_engine::SimVenue;

namespace {

std::string_view state_text(ListingState state) noexcept {
    switch (state) {
        case ListingState::Trading:
            return "live";
        case ListingState::PostOnly:
            return "post_only";
        case ListingState::Halted:
        case ListingState::CancelOnly:
        case ListingState::Delisted:
            break;
    }
    return "suspend";
}

constexpr std::string_view kListed = "1606468572000";  ///< listTime of all: a choice
constexpr std::string_view kNoMaximum = "9999999999";

/// In the venue's unit, 0 = no such rule.
std::string most(const Listing& listing, Quantity quantity) {
    return quantity.is_zero() ? std::string{kNoMaximum} : listing.text(quantity);
}

std::string price_or_empty(const Listing& listing, Price price) {
    return price > Price{} ? listing.text(price) : "";
}

}  // namespace

Json instrument_json(const Listing& l) {
    const InstrumentDefinition& d = l.definition;
    const std::string family = d.base + "-" + d.quote;
    const bool swap = l.perpetual;
    const std::string worth =
        l.max_notional.is_zero() ? swap ? "20000000" : "1000000" : l.max_notional.text();
    Json row;
    row["alias"] = "";
    row["auctionEndTime"] = "";
    row["baseCcy"] = swap ? "" : d.base;
    row["category"] = "1";
    row["contTdSwTime"] = swap ? "" : std::string{kListed};
    row["ctMult"] = swap ? "1" : "";
    row["ctType"] = swap ? "linear" : "";
    row["ctVal"] = !swap ? "" : d.contract_size.empty() ? "1" : d.contract_size;
    row["ctValCcy"] = swap ? d.base : "";
    row["expTime"] = "";
    row["floatPxLmtPct"] = d.price_band_up;
    row["futureSettlement"] = false;
    row["groupId"] = swap ? "4" : "1";
    row["initPxLmtPct"] = d.price_band_up;
    row["instCategory"] = "1";
    row["instFamily"] = swap ? family : "";
    row["instId"] = d.venue_symbol;
    row["instIdCode"] = d.venue_code;
    row["instType"] = inst_type(l);
    row["lever"] = swap ? std::to_string(d.max_leverage) : "";
    row["listTime"] = kListed;
    row["lotSz"] = l.text(l.lot);
    row["maxIcebergSz"] = most(l, l.max_quantity);
    row["maxLmtAmt"] = worth;
    row["maxLmtSz"] = most(l, l.max_quantity);
    row["maxMktAmt"] = swap ? "" : worth;
    row["maxMktSz"] =
        swap || !l.max_market_quantity.is_zero() ? most(l, l.max_market_quantity) : "1000000";
    row["maxPxLmtPct"] = d.price_band_up;
    row["maxStopSz"] = most(l, l.max_market_quantity);
    row["maxTriggerSz"] = most(l, l.max_quantity);
    row["maxTwapSz"] = most(l, l.max_quantity);
    row["minSz"] = l.text(l.min_quantity);
    row["openType"] = swap ? "" : "call_auction";
    row["optType"] = "";
    row["quoteCcy"] = swap ? "" : d.quote;
    row["ruleType"] = "normal";
    row["settleCcy"] = swap ? d.settle : "";
    row["state"] = state_text(l.state);
    row["stk"] = "";
    row["tickSz"] = l.text(l.tick);
    row["tradeQuoteCcyList"] = swap ? Json::array() : Json::array({d.quote});
    row["uly"] = swap ? family : "";
    row["upcChg"] = Json::array();
    return row;
}

Json ticker_json(const SimVenue& venue, ListingId id, const Tape& tape, UnixNanos now) {
    const Desk& desk = venue.desk(id);
    const Listing& l = desk.listing;
    const Level bid = desk.book.top(Side::Buy);
    const Level ask = desk.book.top(Side::Sell);
    const Tape::Day day = tape.day();
    const auto size = [&l](Quantity q) { return q.is_zero() ? std::string{} : l.text(q); };
    Json row;
    row["instType"] = inst_type(l);
    row["instId"] = l.definition.venue_symbol;
    row["last"] = price_or_empty(l, desk.last_price);
    row["lastSz"] = tape.trades().empty() ? "" : l.text(tape.trades().back().quantity);
    row["askPx"] = ask.quantity.is_zero() ? "" : l.text(ask.price);
    row["askSz"] = size(ask.quantity);
    row["bidPx"] = bid.quantity.is_zero() ? "" : l.text(bid.price);
    row["bidSz"] = size(bid.quantity);
    row["open24h"] = price_or_empty(l, day.open);
    row["high24h"] = price_or_empty(l, day.high);
    row["low24h"] = price_or_empty(l, day.low);
    // Swaps: contracts and base; spot: base and quote.
    row["volCcy24h"] = l.perpetual ? l.amount(day.volume).text() : day.worth.text();
    row["vol24h"] = l.text(day.volume);
    row["sodUtc0"] = price_or_empty(l, tape.day_open("1Dutc"));
    row["sodUtc8"] = price_or_empty(l, tape.day_open("1D"));
    row["ts"] = millis(now);
    return row;
}

Json candle_json(const Listing& l, const Candle& c, bool closed) {
    return Json::array({std::to_string(c.begin), l.text(c.open), l.text(c.high), l.text(c.low),
                        l.text(c.close), l.text(c.volume),
                        l.perpetual ? l.amount(c.volume).text() : c.worth.text(), c.worth.text(),
                        closed ? "1" : "0"});
}

Json trade_json(const Listing& l, const Trade& t) {
    Json row;
    row["instId"] = l.definition.venue_symbol;
    row["tradeId"] = std::to_string(t.last);
    row["px"] = l.text(t.price);
    row["sz"] = l.text(t.quantity);
    row["side"] = to_string(t.side);
    row["ts"] = millis(t.time);
    return row;
}

Json funding_json(const Desk& desk, UnixNanos now) {
    const Listing& l = desk.listing;
    const Rate premium = desk.premium_samples == 0
                             ? Rate{}
                             : Rate::from_raw(desk.premium_sum.raw() / desk.premium_samples);
    const auto text = [](Rate rate) { return format_decimal(rate.raw(), 9); };
    Json row;
    row["formulaType"] = "noRate";
    row["fundingRate"] = text(desk.funding_rate());
    row["fundingTime"] = millis(desk.next_funding);
    row["impactValue"] = "";
    row["instId"] = l.definition.venue_symbol;
    row["instType"] = "SWAP";
    row["interestRate"] = "0.0001";
    row["maxFundingRate"] = text(l.funding_cap);
    row["method"] = "current_period";
    row["minFundingRate"] = text(-l.funding_cap);
    row["nextFundingRate"] = "";
    row["nextFundingTime"] = millis(desk.next_funding + l.definition.funding_interval);
    row["premium"] = text(premium);
    row["settFundingRate"] = text(desk.last_funding_rate);
    row["settState"] = "settled";
    row["ts"] = millis(now);
    return row;
}

Json mark_json(const Desk& desk, UnixNanos now) {
    const Listing& l = desk.listing;
    Json row;
    row["instType"] = l.perpetual ? "SWAP" : "MARGIN";
    row["instId"] = l.definition.venue_symbol;
    row["markPx"] = price_or_empty(l, desk.reference());
    row["ts"] = millis(now);
    return row;
}

Json price_limit_json(const Desk& desk, UnixNanos now) {
    const PriceLimits limits = price_limits(desk);
    const bool enabled = limits.buy > Price{} && limits.sell > Price{};
    Json row;
    row["instType"] = inst_type(desk.listing);
    row["instId"] = desk.listing.definition.venue_symbol;
    row["buyLmt"] = enabled ? desk.listing.text(limits.buy) : "";
    row["sellLmt"] = enabled ? desk.listing.text(limits.sell) : "";
    row["ts"] = millis(now);
    row["enabled"] = enabled;
    return row;
}

Json index_json(const Desk& desk, UnixNanos now) {
    const Listing& l = desk.listing;
    const std::string price =
        price_or_empty(l, desk.index > Price{} ? desk.index : desk.reference());
    Json row;
    row["instId"] = l.definition.base + "-" + l.definition.quote;
    row["idxPx"] = price;
    for (const char* const name : {"high24h", "low24h", "open24h", "sodUtc0", "sodUtc8"})
        row[name] = price;
    row["ts"] = millis(now);
    return row;
}

void append_levels(std::string& out, const SimVenue& venue, ListingId id, Side side,
                   std::span<const Level> levels, int fields) {
    const Listing& l = venue.listing(id);
    out += '[';
    bool first = true;
    for (const Level& level : levels) {
        const Queue* const queue = venue.book(id).find(side, level.price);
        const std::uint32_t orders = queue == nullptr ? 0 : queue->orders;
        if (!std::exchange(first, false)) out += ',';
        out += "[\"" + l.text(level.price) + "\",\"" + l.text(level.quantity);
        out += fields == 4 ? "\",\"0\",\"" : "\",\"";
        // A joiner gets what others were told before the level went: it had one order at least.
        const std::uint32_t told = level.quantity.is_zero() ? 0 : std::max(orders, 1U);
        out += std::to_string(told) + "\"]";
    }
    out += ']';
}

}  // namespace parallax::sim_okx
