#include "adapters/venues/bybit/parse_v2.hpp"

#include <cmath>

#include "core/decimal.hpp"

namespace parallax::bybit {

using venue_common::Array;
using venue_common::Element;
using venue_common::Object;
using venue_common::Rewriter;
using venue_common::text_field;
using Need = venue_common::Rewriter::Need;

namespace {

constexpr std::uint64_t kFirst = 2;  // 1 would say that the service restarted

std::string size_text(const std::optional<Element>& size) {
    double value = 0;
    if (!size || size->get(value) != simdjson::SUCCESS || !(value >= 0 && value < 1e12)) return {};
    return format_decimal(static_cast<std::int64_t>(std::llround(value * 1'000)), 3);
}

struct Sides {
    std::string bids;
    std::string asks;
};

/// Appends ["price","size"] to the side that the row names; deleted rows have no size.
bool append_row(Object row, bool deleted, Sides& sides) {
    const std::string_view side = text_field(row, "side");
    const std::string price = venue_common::scalar_field(row, "price");
    const std::string size = deleted ? "0" : size_text(venue_common::field(row, "size"));
    if ((side != "Buy" && side != "Sell") || !parse_decimal(price, kMaxDecimals / 2) ||
        size.empty())
        return false;
    std::string& out = side == "Buy" ? sides.bids : sides.asks;
    if (!out.empty()) out += ',';
    out += "[\"" + price + "\",\"" + size + "\"]";
    return true;
}

bool append_rows(Array rows, bool deleted, Sides& sides) {
    for (const Element element : rows) {
        Object row;
        if (element.get(row) != simdjson::SUCCESS || !append_row(row, deleted, sides)) return false;
    }
    return true;
}

/// Linear snapshots wrap their rows in `order_book`, inverse ones do not; deltas have three lists.
bool collect(Object frame, bool snapshot, Sides& sides) {
    const auto bare = venue_common::array_field(frame, "data");
    if (snapshot && bare) return append_rows(*bare, false, sides);
    const auto data = venue_common::object_field(frame, "data");
    if (!data) return false;
    if (snapshot) {
        const auto rows = venue_common::array_field(*data, "order_book");
        return rows && append_rows(*rows, false, sides);
    }
    const auto removed = venue_common::array_field(*data, "delete");
    const auto updated = venue_common::array_field(*data, "update");
    const auto inserted = venue_common::array_field(*data, "insert");
    return removed && updated && inserted && append_rows(*removed, true, sides) &&
           append_rows(*updated, false, sides) && append_rows(*inserted, false, sides);
}

void rewrite_book(std::string_view symbol, Object frame, std::uint64_t number, Rewriter& out) {
    const std::string_view type = text_field(frame, "type");
    Sides sides;
    if (!collect(frame, type == "snapshot", sides)) return out.fail();
    out.quoted_text("{\"topic\":", "orderbook.25." + std::string(symbol));
    out.quoted_text(",\"type\":", type);
    out.integer(",\"ts\":", frame, "timestamp_e6");
    out.quoted_text(",\"data\":{\"s\":", symbol);
    out.literal(",\"b\":[" + sides.bids + "],\"a\":[" + sides.asks +
                "],\"u\":" + std::to_string(number) + "}}");
}

void rewrite_trades(std::string_view symbol, Object frame, Rewriter& out) {
    const auto rows = venue_common::array_field(frame, "data");
    if (!rows) return out.fail();
    out.quoted_text("{\"topic\":", "publicTrade." + std::string(symbol));
    out.literal(",\"type\":\"snapshot\",\"ts\":0,\"data\":[");
    std::string_view separator = "{";
    for (const Element element : *rows) {
        Object row;
        if (element.get(row) != simdjson::SUCCESS) return out.fail();
        out.literal(separator);
        out.integer("\"T\":", row, "trade_time_ms");
        out.quoted(",\"s\":", row, "symbol");
        out.quoted(",\"S\":", row, "side");
        out.quoted_text(",\"v\":", size_text(venue_common::field(row, "size")));
        out.quoted(",\"p\":", row, "price");
        out.quoted(",\"i\":", row, "trade_id");
        out.literal("}");
        separator = ",{";
    }
    out.literal("]}");
}

}  // namespace

std::uint64_t LegacyNumbering::next(std::string_view symbol) const {
    const auto it = last_.find(std::string(symbol));
    return it == last_.end() ? kFirst : it->second + 1;
}

void LegacyNumbering::advance(std::string_view symbol) {
    last_[std::string(symbol)] = next(symbol);
}

bool is_v2_topic(std::string_view topic) noexcept {
    return topic.starts_with("orderBookL2_25.") || topic.starts_with("orderBook_200.") ||
           topic.starts_with("trade.");
}

std::string_view rewrite_v2(std::string_view topic, Object frame, const LegacyNumbering& numbering,
                            Rewriter& out) {
    const std::string_view symbol = topic.substr(topic.rfind('.') + 1);
    out.clear();
    if (topic.starts_with("trade.")) {
        rewrite_trades(symbol, frame, out);
    } else {
        rewrite_book(symbol, frame, numbering.next(symbol), out);
    }
    return symbol;
}

}  // namespace parallax::bybit
