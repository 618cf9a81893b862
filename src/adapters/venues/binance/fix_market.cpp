#include "adapters/venues/binance/fix_market.hpp"

#include <algorithm>
#include <charconv>

namespace parallax::binance {
namespace {

using Content = ports::MarketFrame;
using messages::DepthKind;
using venue_common::Number;

constexpr std::string_view kIds[] = {"book-", "best-", "trade-"};  // by FixStream

std::optional<std::uint64_t> whole_number(std::string_view text) noexcept {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || at != end) return std::nullopt;
    return value;
}

char letter(std::string_view text) noexcept { return text.size() == 1 ? text.front() : '\0'; }

/// digits[.digits] in steps of 10^-decimals.
Number read_long(std::string_view text, std::uint8_t decimals, std::int64_t& out) noexcept {
    if (text.empty() || text.front() == '-') return Number::Odd;
    const auto value = parse_decimal(text, decimals);
    if (value) {
        out = *value;
        return Number::Ok;
    }
    if (value.error() == Errc::Malformed) return Number::Odd;
    return significant_decimals(text) > decimals ? Number::Finer : Number::TooLarge;
}

/// The same; 18 digits, as all that is usual, cannot overflow.
Number read_decimal(std::string_view text, std::uint8_t decimals, std::int64_t& out) noexcept {
    constexpr std::size_t kSafe = 19;  // with a point
    if (text.size() > kSafe) [[unlikely]]
        return read_long(text, decimals, out);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const char* p = text.data();
    const char* const end = p + text.size();
    std::int64_t value = 0;
    for (; p != end && is_digit(*p); ++p) value = value * 10 + (*p - '0');
    const auto before = p - text.data();
    std::uint8_t used = 0;
    if (p != end) {
        if (*p != '.' || ++p == end) return Number::Odd;
        for (; p != end && used < decimals && is_digit(*p); ++p, ++used)
            value = value * 10 + (*p - '0');
        for (; p != end && *p == '0'; ++p) {
        }
    }
    if (p != end || before == 0 || before > 18) [[unlikely]]
        return read_long(text, decimals, out);
    return __builtin_mul_overflow(value, kPow10[static_cast<std::size_t>(decimals - used)], &out)
               ? Number::TooLarge
               : Number::Ok;
}

/// Fewer decimals than now, as the symbol's scale grew since: false if it does not fit.
bool rescale(std::int64_t& raw, int digits) noexcept {
    return digits >= 0 && digits <= kMaxDecimals &&
           !__builtin_mul_overflow(raw, kPow10[static_cast<std::size_t>(digits)], &raw);
}

}  // namespace

std::string fix_request_id(FixStream stream, std::string_view symbol) {
    std::string out{kIds[static_cast<std::size_t>(stream)]};
    const bool plain = symbol.size() <= 24 && std::ranges::all_of(symbol, [](char c) {
                           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
                       });
    if (plain) return out.append(symbol);
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325ULL;  // FNV-1a
    for (const char c : symbol)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x0000'0100'0000'01b3ULL;
    char digits[17];
    const char* const end = std::to_chars(digits, digits + sizeof digits, hash, 16).ptr;
    out += 'x';
    return out.append(digits, static_cast<std::size_t>(end - digits));
}

std::optional<FixStream> fix_stream(std::string_view request_id) noexcept {
    for (std::size_t i = 0; i < std::size(kIds); ++i) {
        if (request_id.starts_with(kIds[i])) return static_cast<FixStream>(i);
    }
    return std::nullopt;
}

FixMarket::Head FixMarket::read_head(fix::Fields& fields) noexcept {
    Head head;
    while (const auto field = fields.next()) {
        const std::string_view value = field->value;
        switch (field->tag) {
            case 35:
                head.type = value;
                break;
            case 52:
                head.sent = fix::read_time(value);
                break;
            case 262:
                head.id = value;
                break;
            case 55:
                head.symbol = value;
                break;
            case 58:
            case 148:
                head.text = value;
                break;
            case 25044:
                head.last = whole_number(value);
                head.bad = head.bad || !head.last;
                break;
            case 268:
                head.count = whole_number(value);
                head.bad = head.bad || !head.count;
                return head;
            default:
                break;
        }
    }
    head.bad = head.bad || !fields.done();
    return head;
}

/// Gives each entry to `take`; the message must end where its trailer does.
template <class Take>
FixMarket::Step FixMarket::each_row(fix::Fields& fields, const Head& head, Take take) {
    const int begins = head.type == "W" ? 269 : 279;
    std::uint64_t rows = 0;
    Row row;
    while (const auto field = fields.next()) {
        const std::string_view value = field->value;
        if (field->tag == begins || field->tag == 10) {
            if (rows > 0) {
                if (const Step step = take(row); step != Step::Good) return step;
            }
            if (field->tag == 10)
                return fields.done() && rows == *head.count ? Step::Good : Step::Odd;
            row = {};
            ++rows;
        }
        if (rows == 0) return Step::Odd;
        switch (field->tag) {
            case 279:
                row.action = letter(value);
                break;
            case 269:
                row.kind = letter(value);
                break;
            case 270:
                row.price = value;
                break;
            case 271:
                row.quantity = value;
                break;
            case 55:
                row.symbol = value;
                break;
            case 25043:
                row.first = value;
                break;
            case 25044:
                row.last = value;
                break;
            case 60:
                row.time = value;
                break;
            case 1003:
                row.trade = value;
                break;
            case 2446:
                row.aggressor = value;
                break;
            default:
                break;
        }
        if (field->tag != begins) continue;
        // What usually follows; anything else, and in any other order, is found as well.
        std::string_view kind;
        if (begins == 279 && fields.take("269=", kind)) row.kind = letter(kind);
        if (fields.take("270=", row.price)) (void)fields.take("271=", row.quantity);
    }
    return Step::Odd;  // no trailer
}

HotResult<void> FixMarket::read(std::string_view message, UnixNanos received,
                                ports::MarketFrame& out) {
    out.contents = Content::kNone;
    fix::Fields fields{message};
    Head head = read_head(fields);
    if (head.bad || head.type.empty()) return fail(Errc::Malformed);
    if (head.type != "W" && head.type != "X") {
        const bool refusal = head.type == "Y" || head.type == "3" || head.type == "j";
        out.contents = refusal ? Content::kError : Content::kControl;
        note_.assign(head.text);
        out.note = note_;
        return {};
    }
    if (!head.count) return fail(Errc::Malformed);
    const auto stream = fix_stream(head.id);
    if (!stream) return {};  // somebody else's subscription
    if (head.type == "X") {
        // Numbers come before the symbol they are of. It stands in the first entry, and one
        // subscription is of one symbol.
        constexpr std::string_view kSymbol =
            "\x01"
            "55=";
        const std::size_t at = message.find(kSymbol);
        if (at == std::string_view::npos) return fail(Errc::Malformed);
        const std::string_view rest = message.substr(at + kSymbol.size());
        head.symbol = rest.substr(0, rest.find(fix::kSoh));
    }
    if (head.symbol.empty()) return fail(Errc::Malformed);
    entry_ = symbols_->find(head.symbol);
    if (entry_ == nullptr) return settle(fields, head.symbol, out);
    Step step = Step::Odd;
    switch (*stream) {
        case FixStream::Book:
            step = book(fields, head, out);
            out.depth.stamp = {.received = received, .venue_time = {}, .sent = head.sent};
            break;
        case FixStream::Best:
            step = best(fields, head, out);
            out.quote.stamp = {.received = received, .venue_time = {}, .sent = head.sent};
            break;
        case FixStream::Trades:
            step = trades(fields, head, received, out);
            break;
    }
    if (step == Step::Good) return {};
    out.contents = Content::kNone;
    if (step == Step::Odd) return fail(Errc::Malformed);
    return settle(fields, head.symbol, out);
}

FixMarket::Step FixMarket::level(const Row& row, bool gone, Level& out) const noexcept {
    const WireFormat& wire = entry_->wire;
    std::int64_t price = 0;
    std::int64_t contracts = 0;
    std::int64_t quantity = 0;
    const Number priced = read_decimal(row.price, wire.price_decimals, price);
    Number sized =
        gone ? Number::Ok : read_decimal(row.quantity, wire.quantity_decimals, contracts);
    if (__builtin_mul_overflow(contracts, wire.quantity_multiplier, &quantity))
        sized = Number::TooLarge;
    if (priced == Number::Odd || sized == Number::Odd) return Step::Odd;
    if (priced != Number::Ok || sized != Number::Ok) return Step::Inexpressible;
    out = {Price::from_raw(price), Quantity::from_raw(quantity)};
    return Step::Good;
}

FixMarket::Step FixMarket::book(fix::Fields fields, const Head& head, ports::MarketFrame& out) {
    const bool snapshot = head.type == "W";
    if (snapshot && !head.last) return Step::Odd;
    sides_[0].clear();
    sides_[1].clear();
    std::optional<std::uint64_t> begin, first, last;
    const Step step = each_row(fields, head, [&](const Row& row) {
        const bool gone = !snapshot && row.action == '2';
        const bool known = snapshot || gone || row.action == '0' || row.action == '1';
        if (!known || (row.kind != '0' && row.kind != '1')) return Step::Odd;
        if (!row.symbol.empty() && row.symbol != head.symbol) return Step::Odd;
        if (!row.first.empty() || !row.last.empty()) {
            // What is missing is as before. The next range goes on where the last one ended.
            const auto from = row.first.empty() ? first : whole_number(row.first);
            const auto to = row.last.empty() ? last : whole_number(row.last);
            if (!from || !to || *from > *to) return Step::Odd;
            if (last && (*from > *last + 1 || *to < *last)) return Step::Odd;
            if (!begin) begin = from;
            first = from;
            last = to;
        }
        Level level_read;
        const Step read = level(row, gone, level_read);
        if (read == Step::Good) sides_[row.kind - '0'].push_back(level_read);
        return read;
    });
    if (step != Step::Good) return step;
    if (!snapshot && (!begin || !last)) return Step::Odd;
    out.depth.instrument = entry_->id;
    out.depth.kind = snapshot ? DepthKind::Snapshot : DepthKind::Delta;
    out.depth.first_id = snapshot ? *head.last : *begin;
    out.depth.last_id = snapshot ? *head.last : *last;
    out.depth.previous_id = -1;
    out.depth.has_checksum = false;
    out.depth.checksum = 0;
    out.depth.bids = sides_[0];
    out.depth.asks = sides_[1];
    out.contents = Content::kDepth;
    return Step::Good;
}

FixMarket::Best& FixMarket::best_of(const Entry& entry) {
    if (entry.id.index() >= bests_.size()) bests_.resize(entry.id.index() + 1);
    Best& known = bests_[entry.id.index()];
    for (Level& side : known.sides) {
        std::int64_t price = side.price.raw();
        std::int64_t quantity = side.quantity.raw();
        known.known = rescale(price, entry.wire.price_decimals - known.price_decimals) &&
                      rescale(quantity, entry.wire.quantity_decimals - known.quantity_decimals) &&
                      known.known;
        side = {Price::from_raw(price), Quantity::from_raw(quantity)};
    }
    known.price_decimals = entry.wire.price_decimals;
    known.quantity_decimals = entry.wire.quantity_decimals;
    return known;
}

FixMarket::Step FixMarket::best(fix::Fields fields, const Head& head, ports::MarketFrame& out) {
    const bool snapshot = head.type == "W";
    std::optional<std::uint64_t> last = head.last;
    Level sides[2];
    bool told[2] = {snapshot, snapshot};
    const Step step = each_row(fields, head, [&](const Row& row) {
        const bool gone = !snapshot && row.action == '2';
        const bool known = snapshot || gone || row.action == '0' || row.action == '1';
        if (!known || (row.kind != '0' && row.kind != '1')) return Step::Odd;
        if (!row.symbol.empty() && row.symbol != head.symbol) return Step::Odd;
        if (!row.last.empty()) last = whole_number(row.last);
        const auto side = static_cast<std::size_t>(row.kind - '0');
        told[side] = true;
        sides[side] = {};
        return gone ? Step::Good : level(row, false, sides[side]);
    });
    if (step != Step::Good) return step;
    if (!last) return Step::Odd;
    Best& known = best_of(*entry_);
    for (std::size_t side = 0; side < 2; ++side) {
        if (told[side]) known.sides[side] = sides[side];
    }
    known.known = known.known || (told[0] && told[1]);
    if (!known.known) return Step::Good;
    out.quote.instrument = entry_->id;
    out.quote.update_id = *last;
    out.quote.bid = known.sides[0];
    out.quote.ask = known.sides[1];
    out.contents = Content::kQuote;
    return Step::Good;
}

FixMarket::Step FixMarket::trades(fix::Fields fields, const Head& head, UnixNanos received,
                                  ports::MarketFrame& out) {
    if (head.type != "X") return Step::Odd;
    trades_.clear();
    const Step step = each_row(fields, head, [&](const Row& row) {
        const auto id = whole_number(row.trade);
        const char taker = letter(row.aggressor);
        if (row.action != '0' || row.kind != '2' || !id || (taker != '1' && taker != '2'))
            return Step::Odd;
        if (!row.symbol.empty() && row.symbol != head.symbol) return Step::Odd;
        Level traded;
        if (const Step read = level(row, false, traded); read != Step::Good) return read;
        messages::TradePrint& print = trades_.emplace_back();
        print.instrument = entry_->id;
        print.stamp = {
            .received = received, .venue_time = fix::read_time(row.time), .sent = head.sent};
        print.trade_id = *id;
        print.price = traded.price;
        print.quantity = traded.quantity;
        print.aggressor = taker == '1' ? Side::Buy : Side::Sell;
        return Step::Good;
    });
    if (step != Step::Good) return step;
    out.trades = trades_;
    out.contents = Content::kTrades;
    return Step::Good;
}

/// The symbol is not listed, or a number needs more digits than it has: what it needs.
HotResult<void> FixMarket::settle(fix::Fields fields, std::string_view symbol,
                                  ports::MarketFrame& out) {
    venue_common::Needs needs;
    needs.symbol = symbol;
    bool ended = false;
    while (const auto field = fields.next()) {
        ended = field->tag == 10;
        if (field->tag != 270 && field->tag != 271) continue;
        std::int64_t ignored = 0;
        if (read_long(field->value, kMaxDecimals, ignored) == Number::Odd)
            return fail(Errc::Malformed);
        std::uint8_t& decimals = field->tag == 270 ? needs.price_decimals : needs.quantity_decimals;
        decimals = std::max(decimals, significant_decimals(field->value));
    }
    if (!ended || !fields.done()) return fail(Errc::Malformed);
    if (entry_ == nullptr) return venue_common::settle_unknown(needs, note_, out);
    return venue_common::settle_inexpressible(needs, entry_->id, entry_->wire, out);
}

}  // namespace parallax::binance
