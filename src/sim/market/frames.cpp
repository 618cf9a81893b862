#include "sim/market/frames.hpp"

#include <algorithm>

namespace parallax::sim_market {
namespace {

void write_level(JsonText& out, const Listing& l, std::int64_t price, std::int64_t quantity) {
    out.text("[\"").decimal(price, l.price_form).text("\",\"").decimal(quantity, l.quantity_form);
    // OKX adds a deprecated zero and the number of orders, which here follows the quantity.
    if (l.definition.market == Market::Okx) {
        out.text("\",\"0\",\"")
            .number(static_cast<std::uint64_t>(quantity == 0 ? 0 : 1 + quantity % 7));
    }
    out.text("\"],");
}

/// Overwrites the comma after the last element, if any, by the closing bracket.
void close(JsonText& out, const char* opened) {
    if (out.end() == opened) {
        out.letter(']');
    } else {
        out.end()[-1] = ']';
    }
}

void write_changes(JsonText& out, const Listing& l, const Ladder& ladder) {
    out.letter('[');
    const char* const opened = out.end();
    for (std::size_t i = 0; i < ladder.size(); ++i) {
        if (ladder[i].changed) write_level(out, l, ladder[i].price, ladder[i].quantity);
    }
    for (const std::int64_t price : ladder.gone()) write_level(out, l, price, 0);
    close(out, opened);
}

void write_levels(JsonText& out, const Listing& l, const Ladder& ladder,
                  std::size_t most = Ladder::kMost) {
    out.letter('[');
    const char* const opened = out.end();
    for (std::size_t i = 0; i < std::min(most, ladder.size()); ++i) {
        write_level(out, l, ladder[i].price, ladder[i].quantity);
    }
    close(out, opened);
}

void write_side(JsonText& out, const Listing& l, const Ladder& ladder, bool whole) {
    whole ? write_levels(out, l, ladder) : write_changes(out, l, ladder);
}

JsonText& stream(JsonText& out, const FrameNames& n, std::string_view name) {
    return out.text("{\"stream\":\"").text(n.lower).letter('@').text(name).text("\",\"data\":");
}

JsonText& channel(JsonText& out, const FrameNames& n, std::string_view name) {
    return out.text("{\"arg\":{\"channel\":\"")
        .text(name)
        .text("\",\"instId\":\"")
        .text(n.symbol)
        .text("\"}");
}

void binance_depth(JsonText& out, const Listing& l, const FrameNames& n, const SyntheticBook& book,
                   const DepthIds& ids, FrameTimes t) {
    stream(out, n, "depth@100ms").text("{\"e\":\"depthUpdate\",\"E\":").number(t.sent_ms);
    if (l.perpetual) out.text(",\"T\":").number(t.venue_ms);
    out.text(",\"s\":\"")
        .text(n.symbol)
        .text("\",\"U\":")
        .number(ids.first)
        .text(",\"u\":")
        .number(ids.last);
    if (l.perpetual) out.text(",\"pu\":").number(ids.previous);
    out.text(",\"b\":");
    write_changes(out, l, book.side(Side::Buy));
    out.text(",\"a\":");
    write_changes(out, l, book.side(Side::Sell));
    if (l.perpetual) out.text(",\"ps\":\"").text(n.symbol).text("\",\"st\":1");
    out.text("}}");
}

void binance_snapshot(JsonText& out, const Listing& l, const SyntheticBook& book,
                      const DepthIds& ids, FrameTimes t) {
    out.text("{\"lastUpdateId\":").number(ids.last);
    if (l.perpetual) out.text(",\"E\":").number(t.sent_ms).text(",\"T\":").number(t.venue_ms);
    out.text(",\"bids\":");
    write_levels(out, l, book.side(Side::Buy));
    out.text(",\"asks\":");
    write_levels(out, l, book.side(Side::Sell));
    out.letter('}');
}

void okx_books(JsonText& out, const Listing& l, const FrameNames& n, const SyntheticBook& book,
               const DepthIds& ids, FrameTimes t, bool whole) {
    channel(out, n, "books").text(whole ? ",\"action\":\"snapshot\"" : ",\"action\":\"update\"");
    out.text(",\"data\":[{\"asks\":");
    write_side(out, l, book.side(Side::Sell), whole);
    out.text(",\"bids\":");
    write_side(out, l, book.side(Side::Buy), whole);
    out.text(",\"ts\":\"")
        .number(t.venue_ms)
        .text("\",\"checksum\":0,\"prevSeqId\":")
        .number(ids.previous);
    out.text(",\"seqId\":").number(ids.last).text("}]}");
}

void bybit_book(JsonText& out, const Listing& l, const FrameNames& n, const SyntheticBook& book,
                const DepthIds& ids, FrameTimes t, bool whole) {
    out.text("{\"topic\":\"orderbook.50.").text(n.symbol);
    out.text(whole ? "\",\"type\":\"snapshot\",\"ts\":" : "\",\"type\":\"delta\",\"ts\":")
        .number(t.sent_ms);
    out.text(",\"data\":{\"s\":\"").text(n.symbol).text("\",\"b\":");
    write_side(out, l, book.side(Side::Buy), whole);
    out.text(",\"a\":");
    write_side(out, l, book.side(Side::Sell), whole);
    out.text(",\"u\":").number(ids.packet).text(",\"seq\":").number(ids.last);
    out.text("},\"cts\":").number(t.venue_ms).letter('}');
}

void hexadecimal(JsonText& out, std::uint64_t value, unsigned digits) {
    while (digits-- > 0) out.letter("0123456789abcdef"[(value >> (4 * digits)) & 15]);
}

/// Looks like the name-based UUIDs that Bybit sends; unique because the multiplication by an odd
/// number is.
void write_uuid(JsonText& out, std::uint64_t number) {
    const std::uint64_t mixed = number * 0x9E3779B97F4A7C15ULL;
    hexadecimal(out, mixed >> 32, 8);
    out.letter('-');
    hexadecimal(out, mixed >> 16, 4);
    out.text("-5");
    hexadecimal(out, mixed >> 4, 3);
    out.text("-9");
    hexadecimal(out, mixed, 3);
    out.letter('-');
    hexadecimal(out, number * 0xD6E8FEB86659FD93ULL, 12);
}

}  // namespace

FrameNames names_of(const Listing& listing) {
    FrameNames names;
    names.symbol = listing.definition.venue_symbol;
    names.lower = names.symbol;
    for (char& c : names.lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    names.index = listing.definition.base + "-" + listing.definition.quote;
    names.kind = listing.perpetual ? "SWAP" : "SPOT";
    return names;
}

void write_depth(JsonText& out, const Listing& l, const FrameNames& n, const SyntheticBook& book,
                 const DepthIds& ids, FrameTimes t) {
    switch (venue_of(l.definition.market)) {
        case Venue::Binance:
            return binance_depth(out, l, n, book, ids, t);
        case Venue::Okx:
            return okx_books(out, l, n, book, ids, t, false);
        case Venue::Bybit:
            return bybit_book(out, l, n, book, ids, t, false);
    }
}

void write_snapshot(JsonText& out, const Listing& l, const FrameNames& n, const SyntheticBook& book,
                    const DepthIds& ids, FrameTimes t) {
    switch (venue_of(l.definition.market)) {
        case Venue::Binance:
            return binance_snapshot(out, l, book, ids, t);
        case Venue::Okx:
            return okx_books(out, l, n, book, ids, t, true);
        case Venue::Bybit:
            return bybit_book(out, l, n, book, ids, t, true);
    }
}

void write_quote(JsonText& out, const Listing& l, const FrameNames& n, const SyntheticBook& book,
                 std::uint64_t id, FrameTimes t) {
    const Ladder::Rung bid = book.side(Side::Buy).best();
    const Ladder::Rung ask = book.side(Side::Sell).best();
    if (l.definition.market == Market::Okx) {
        channel(out, n, "bbo-tbt").text(",\"data\":[{\"asks\":");
        write_levels(out, l, book.side(Side::Sell), 1);
        out.text(",\"bids\":");
        write_levels(out, l, book.side(Side::Buy), 1);
        out.text(",\"ts\":\"").number(t.venue_ms).text("\",\"seqId\":").number(id).text("}]}");
        return;
    }
    stream(out, n, "bookTicker").letter('{');
    if (l.perpetual) out.text("\"e\":\"bookTicker\",");
    out.text("\"u\":").number(id);
    if (l.perpetual) out.text(",\"E\":").number(t.sent_ms).text(",\"T\":").number(t.venue_ms);
    out.text(",\"s\":\"").text(n.symbol);
    if (l.perpetual) out.text("\",\"ps\":\"").text(n.symbol);
    out.text("\",\"b\":\"")
        .decimal(bid.price, l.price_form)
        .text("\",\"B\":\"")
        .decimal(bid.quantity, l.quantity_form);
    out.text("\",\"a\":\"")
        .decimal(ask.price, l.price_form)
        .text("\",\"A\":\"")
        .decimal(ask.quantity, l.quantity_form);
    out.text(l.perpetual ? "\",\"st\":1}}" : "\"}}");
}

void write_trade(JsonText& out, const Listing& l, const FrameNames& n, const Print& print,
                 std::uint64_t id, std::uint64_t sequence, FrameTimes t) {
    const bool buy = print.aggressor == Side::Buy;
    switch (l.definition.market) {
        case Market::BinanceSpot:
            stream(out, n, "trade")
                .text("{\"e\":\"trade\",\"E\":")
                .number(t.sent_ms)
                .text(",\"s\":\"")
                .text(n.symbol);
            out.text("\",\"t\":").number(id).text(",\"p\":\"").decimal(print.price, l.price_form);
            out.text("\",\"q\":\"")
                .decimal(print.quantity, l.quantity_form)
                .text("\",\"T\":")
                .number(t.venue_ms);
            out.text(buy ? ",\"m\":false,\"M\":true}}" : ",\"m\":true,\"M\":true}}");
            return;
        case Market::BinanceUsdm:
            stream(out, n, "aggTrade")
                .text("{\"e\":\"aggTrade\",\"E\":")
                .number(t.sent_ms)
                .text(",\"s\":\"");
            out.text(n.symbol)
                .text("\",\"a\":")
                .number(id)
                .text(",\"p\":\"")
                .decimal(print.price, l.price_form);
            out.text("\",\"q\":\"").decimal(print.quantity, l.quantity_form).text("\",\"nq\":\"");
            out.decimal(print.quantity, l.quantity_form)
                .text("\",\"f\":")
                .number(id)
                .text(",\"l\":")
                .number(id);
            out.text(",\"T\":")
                .number(t.venue_ms)
                .text(buy ? ",\"m\":false" : ",\"m\":true")
                .text(",\"st\":1}}");
            return;
        case Market::Okx:
            channel(out, n, "trades")
                .text(",\"data\":[{\"instId\":\"")
                .text(n.symbol)
                .text("\",\"tradeId\":\"");
            out.number(id)
                .text("\",\"px\":\"")
                .decimal(print.price, l.price_form)
                .text("\",\"sz\":\"");
            out.decimal(print.quantity, l.quantity_form)
                .text(buy ? "\",\"side\":\"buy" : "\",\"side\":\"sell");
            out.text("\",\"ts\":\"")
                .number(t.venue_ms)
                .text("\",\"count\":\"1\",\"source\":\"0\",\"seqId\":");
            out.number(sequence).text("}]}");
            return;
        default:
            out.text("{\"topic\":\"publicTrade.")
                .text(n.symbol)
                .text("\",\"type\":\"snapshot\",\"ts\":");
            out.number(t.sent_ms)
                .text(",\"data\":[{\"T\":")
                .number(t.venue_ms)
                .text(",\"s\":\"")
                .text(n.symbol);
            out.text(buy ? "\",\"S\":\"Buy\",\"v\":\"" : "\",\"S\":\"Sell\",\"v\":\"");
            out.decimal(print.quantity, l.quantity_form)
                .text("\",\"p\":\"")
                .decimal(print.price, l.price_form);
            out.text(buy ? "\",\"L\":\"PlusTick\",\"i\":\"" : "\",\"L\":\"MinusTick\",\"i\":\"");
            write_uuid(out, id);
            out.text("\",\"BT\":false,\"seq\":").number(sequence).text("}]}");
            return;
    }
}

void write_mark(JsonText& out, const Listing& l, const FrameNames& n, const Funding& f,
                const SyntheticBook& book, bool first, FrameTimes t) {
    const auto price = [&](std::int64_t value) -> JsonText& {
        return out.decimal(static_cast<std::uint64_t>(value), l.price_form.decimals,
                           l.price_form.trim);
    };
    switch (l.definition.market) {
        case Market::BinanceUsdm:
            stream(out, n, "markPrice@1s")
                .text("{\"e\":\"markPriceUpdate\",\"E\":")
                .number(t.sent_ms);
            out.text(",\"s\":\"").text(n.symbol).text("\",\"p\":\"");
            price(f.mark).text("\",\"i\":\"");
            price(f.index).text("\",\"P\":\"");
            price(f.index).text("\",\"r\":\"").signed_decimal(f.rate, 8).text("\",\"ap\":\"");
            price(f.mark).text("\",\"T\":").number(f.next_ms).text(",\"st\":1}}");
            return;
        case Market::Okx:
            channel(out, n, "mark-price")
                .text(",\"data\":[{\"instType\":\"")
                .text(n.kind)
                .text("\",\"instId\":\"");
            out.text(n.symbol).text("\",\"markPx\":\"");
            price(f.mark).text("\",\"ts\":\"").number(t.venue_ms).text("\"}]}");
            return;
        default:
            out.text("{\"topic\":\"tickers.").text(n.symbol).text("\",\"type\":\"");
            out.text(first ? "snapshot" : "delta")
                .text("\",\"data\":{\"symbol\":\"")
                .text(n.symbol);
            out.text("\",\"lastPrice\":\"")
                .decimal(book.side(Side::Buy).best().price, l.price_form);
            out.text("\",\"markPrice\":\"");
            price(f.mark).text("\",\"indexPrice\":\"");
            price(f.index);
            if (first) out.text("\",\"fundingIntervalHour\":\"8\",\"fundingCap\":\"0.00375");
            out.text("\",\"nextFundingTime\":\"").number(f.next_ms).text("\",\"fundingRate\":\"");
            out.signed_decimal(f.rate, 8)
                .text("\"},\"cs\":")
                .number(book.change())
                .text(",\"ts\":");
            out.number(t.sent_ms).letter('}');
            return;
    }
}

void write_funding(JsonText& out, const Listing&, const FrameNames& n, const Funding& f,
                   FrameTimes t) {
    channel(out, n, "funding-rate")
        .text(",\"data\":[{\"fundingRate\":\"")
        .signed_decimal(f.rate, 8);
    out.text("\",\"fundingTime\":\"").number(f.next_ms).text("\",\"instId\":\"").text(n.symbol);
    out.text(
        "\",\"instType\":\"SWAP\",\"method\":\"current_period\",\"maxFundingRate\":\"0.00375\",");
    out.text("\"minFundingRate\":\"-0.00375\",\"nextFundingRate\":\"\",\"nextFundingTime\":\"");
    out.number(f.next_ms + f.interval_ms).text("\",\"premium\":\"").signed_decimal(f.rate, 8);
    out.text("\",\"settFundingRate\":\"")
        .signed_decimal(f.rate, 8)
        .text("\",\"settState\":\"settled\",\"ts\":\"");
    out.number(t.venue_ms).text("\"}]}");
}

}  // namespace parallax::sim_market
