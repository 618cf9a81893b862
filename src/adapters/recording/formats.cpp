#include "adapters/recording/formats.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "adapters/recording/evidence.hpp"
#include "core/decimal.hpp"

namespace parallax::recording {
namespace {

using ports::Frame;
using ports::FrameKind;

tl::unexpected<std::string> wrong(std::string text) {
    return tl::unexpected<std::string>{std::move(text)};
}

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Takes up to 18 digits off the front of `text`; none if there is no digit or more of them.
std::optional<std::int64_t> take_number(std::string_view& text) noexcept {
    std::int64_t value = 0;
    std::size_t i = 0;
    for (; i < text.size() && is_digit(text[i]); ++i) {
        if (i == 18) return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    if (i == 0) return std::nullopt;
    text.remove_prefix(i);
    return value;
}

/// Nanoseconds since 1970: 19 digits from 2001-09-09 on.
std::optional<UnixNanos> take_nanos(std::string_view& text) noexcept {
    if (text.size() < 19) return std::nullopt;
    std::string_view head = text.substr(0, 18);
    const char last = text[18];
    const auto most = take_number(head);
    if (!most || !head.empty() || !is_digit(last) || *most > 922'337'203'685'477'579)
        return std::nullopt;
    text.remove_prefix(19);
    return UnixNanos::from_nanos(*most * 10 + (last - '0'));
}

/// "1633998512.0633569": seconds with up to nine decimals (further ones are cut).
std::optional<UnixNanos> take_seconds(std::string_view& text) noexcept {
    const auto seconds = take_number(text);
    if (!seconds || *seconds > 9'000'000'000) return std::nullopt;
    std::int64_t nanos = *seconds * 1'000'000'000;
    if (!text.starts_with('.')) return UnixNanos::from_nanos(nanos);
    text.remove_prefix(1);
    for (std::int64_t unit = 100'000'000; !text.empty() && is_digit(text.front()); unit /= 10) {
        nanos += unit * (text.front() - '0');
        text.remove_prefix(1);
    }
    return UnixNanos::from_nanos(nanos);
}

std::string upper(std::string_view text) {
    std::string out{text};
    for (char& c : out) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return out;
}

bool equals_ignoring_case(std::string_view upper_case, std::string_view text) noexcept {
    return std::equal(
        upper_case.begin(), upper_case.end(), text.begin(), text.end(),
        [](char a, char b) { return a == b || (b >= 'a' && b <= 'z' && a == b - 'a' + 'A'); });
}

std::string_view parameter(std::string_view url, std::string_view name) noexcept {
    std::size_t at = url.find('?');
    while (at != std::string_view::npos) {
        url.remove_prefix(at + 1);
        at = url.find('&');
        const std::string_view pair = url.substr(0, at);
        if (pair.starts_with(name) && pair.substr(name.size()).starts_with('='))
            return pair.substr(name.size() + 1);
    }
    return {};
}

/// Value of `"symbol":"..."` near the front of a body.
std::string_view symbol_of_body(std::string_view body) noexcept {
    constexpr std::string_view kField = "\"symbol\":\"";
    const std::string_view head = body.substr(0, 200);
    const std::size_t at = head.find(kField);
    if (at == std::string_view::npos) return {};
    const std::string_view value = head.substr(at + kField.size());
    const std::size_t end = value.find('"');
    return end == std::string_view::npos ? std::string_view{} : value.substr(0, end);
}

bool is_url(std::string_view line) noexcept {
    return line.starts_with("http") || line.starts_with("ws");
}

std::string not_of(Venue venue) {
    return "a message of another venue in a recording of " + std::string{to_string(venue)};
}

/// "2022-12-13" or "20221213" somewhere in the text.
std::optional<UnixNanos> find_day(std::string_view text) {
    using namespace std::chrono;
    const auto number = [&](std::size_t at, std::size_t count) {
        int value = 0;
        for (const char c : text.substr(at, count))
            value = is_digit(c) ? value * 10 + (c - '0') : 1'000'000;
        return value;
    };
    for (std::size_t at = 0; at + 8 <= text.size(); ++at) {
        for (const std::size_t dash : {std::size_t{0}, std::size_t{1}}) {
            if (at + 8 + 2 * dash > text.size()) continue;
            if (dash == 1 && (text[at + 4] != '-' || text[at + 7] != '-')) continue;
            const year_month_day date{year{number(at, 4)},
                                      month{static_cast<unsigned>(number(at + 4 + dash, 2))},
                                      day{static_cast<unsigned>(number(at + 6 + 2 * dash, 2))}};
            if (!date.ok() || date.year() < year{2000} || date.year() > year{2200}) continue;
            return UnixNanos::from_nanos(nanoseconds{sys_days{date}.time_since_epoch()}.count());
        }
    }
    return std::nullopt;
}

}  // namespace

void TimedJsonFormat::learn_symbol(std::string_view json) {
    constexpr std::string_view kField = "{\"stream\":\"";
    if (ambiguous_ || !json.starts_with(kField)) return;
    const std::string_view stream = json.substr(kField.size(), 64);
    const std::string_view symbol = stream.substr(0, stream.find_first_of("@\""));
    if (symbol.starts_with('!')) return;  // a stream over all symbols
    if (!learnt_)
        symbol_ = upper(symbol);
    else if (!equals_ignoring_case(symbol_, symbol))
        ambiguous_ = true;
    learnt_ = true;
}

Parsed TimedJsonFormat::parse(std::string_view line, Frame& frame) {
    if (line.empty()) return false;
    const auto time = take_nanos(line);
    if (!time || !line.starts_with(" {")) return wrong("not of the form `nanoseconds {json}`");
    frame.received = *time;
    frame.bytes = line.substr(1);
    frame.kind = FrameKind::WebSocket;
    if (!fits_venue(frame.bytes, venue_)) return wrong(not_of(venue_));
    if (!frame.bytes.starts_with("{\"lastUpdateId\":")) {
        learn_symbol(frame.bytes);
        return true;
    }
    frame.kind = FrameKind::RestBody;
    frame.symbol = symbol_of_body(frame.bytes);
    if (frame.symbol.empty() && !ambiguous_) frame.symbol = symbol_;
    return true;
}

Parsed CryptofeedFormat::parse(std::string_view line, Frame& frame) {
    if (line.empty() || line.starts_with("configuration: ")) return false;
    if (is_url(line)) return parse_url_line(line, frame);
    const auto time = take_seconds(line);
    if (!time || !line.starts_with(": ")) return wrong("not of the form `seconds: json`");
    frame.received = *time;
    frame.bytes = line.substr(2);
    frame.kind = FrameKind::WebSocket;
    if (!fits_venue(frame.bytes, venue_of(market_))) return wrong(not_of(venue_of(market_)));
    return true;
}

Parsed CryptofeedFormat::parse_url_line(std::string_view line, Frame& frame) {
    const std::size_t end = line.find(' ');
    if (end == std::string_view::npos) return wrong("an address without direction and time");
    frame.url = line.substr(0, end);
    line.remove_prefix(end + 1);
    const std::size_t arrow = line.find(' ');
    const std::string_view direction = line.substr(0, arrow);
    line.remove_prefix(arrow == std::string_view::npos ? line.size() : arrow + 1);
    if (direction == "<->")
        frame.kind = FrameKind::Connected;
    else if (direction == "<-")
        frame.kind = FrameKind::Sent;
    else if (direction == "->")
        frame.kind = FrameKind::RestBody;
    else
        return wrong("an address without `<->`, `<-` or `->`");
    const auto time = take_seconds(line);
    const bool connected = frame.kind == FrameKind::Connected;
    if (!time || (connected ? !line.empty() : !line.starts_with(": ")))
        return wrong("an address without a time");
    frame.received = *time;
    frame.bytes = connected ? std::string_view{} : line.substr(2);
    if (frame.kind == FrameKind::RestBody) {
        frame.symbol = parameter(frame.url, "symbol");
        if (frame.symbol.empty()) frame.symbol = parameter(frame.url, "instId");
    }
    const MarketSet markets = markets_of_url(frame.url);
    if (!markets.has(market_)) {
        return wrong("an address of " + markets.text() + " in a recording of " +
                     std::string{to_string(market_)});
    }
    return true;
}

Parsed BybitFormat::parse(std::string_view line, Frame& frame) {
    if (line.empty()) return false;
    constexpr std::string_view kField = "\"ts\":";
    if (!line.starts_with("{\"topic\"")) return wrong("not a message of Bybit");
    const std::string_view head = line.substr(0, 200);
    const std::size_t at = head.find(kField);
    if (at == std::string_view::npos) return wrong("a message without its time `ts`");
    std::string_view rest = head.substr(at + kField.size());
    const auto millis = take_number(rest);
    if (!millis || *millis > 9'000'000'000'000)
        return wrong("a time `ts` that is no number of milliseconds");
    frame.received = UnixNanos::from_millis(*millis);
    frame.bytes = line;
    frame.kind = FrameKind::WebSocket;
    return true;
}

Parsed MinuteFormat::parse(std::string_view line, Frame& frame) {
    if (line.empty()) return false;
    constexpr std::size_t kQuoteColumns = 11;
    constexpr std::size_t kTradeColumns = 6;
    std::array<std::string_view, kQuoteColumns> column;
    std::size_t count = 0;
    for (std::string_view rest = line;;) {
        if (count == column.size()) return wrong("more columns than a row of quotes has");
        const std::size_t end = rest.find(',');
        column[count++] = rest.substr(0, end);
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    if (count != kQuoteColumns && count != kTradeColumns)
        return wrong("neither a row of quotes nor of trades");
    for (std::size_t i = 0; i < count; ++i) {
        if (!parse_decimal_wide(column[i], 18))
            return wrong("column " + std::to_string(i + 1) + " is no number");
    }
    const auto millis = take_number(column[0]);
    if (!millis || *millis >= 86'400'000)
        return wrong("the first column is no millisecond of a day");
    if (count == kTradeColumns) {
        ++skipped_trades_;
        return false;
    }
    quote_.clear();
    for (const std::size_t i : {4U, 5U, 9U, 10U}) {
        if (!quote_.empty()) quote_ += ',';
        quote_ += column[i];
    }
    frame.received = day_ + Nanos::millis(*millis) + Nanos::seconds(60);
    frame.bytes = quote_;
    frame.symbol = symbol_;
    frame.kind = FrameKind::CsvQuote;
    return true;
}

MinuteName read_minute_name(const std::filesystem::path& path) {
    MinuteName name;
    std::filesystem::path part = path;
    for (int depth = 0; depth < 3 && !name.day && part.has_filename();
         ++depth, part = part.parent_path()) {
        name.day = find_day(part.filename().string());
    }
    const std::string text = path.filename().string();
    std::string_view stem = text;
    stem = stem.substr(0, std::min(stem.find("_quote"), stem.find("_trade")));
    for (const MarketInfo& entry : kMarkets) {
        std::string prefix{entry.name};
        std::replace(prefix.begin(), prefix.end(), '.', '_');
        prefix += '_';
        if (!stem.starts_with(prefix)) continue;
        name.market = entry.market;
        stem.remove_prefix(prefix.size());
    }
    if (find_day(stem))
        name.symbol = upper(path.parent_path().filename().string());
    else
        name.symbol = upper(stem);
    return name;
}

std::string symbol_of_name(const std::filesystem::path& path) {
    const std::string text = path.filename().string();
    const std::string_view stem = std::string_view{text}.substr(0, text.find('.'));
    const std::size_t underscore = stem.rfind('_');
    if (underscore == std::string_view::npos || !find_day(stem.substr(underscore + 1))) return {};
    return upper(stem.substr(0, underscore));
}

std::optional<LineFormat> recognise(std::string_view line) noexcept {
    if (line.starts_with("{\"topic\":\"")) return LineFormat::Bybit;
    if (line.starts_with("configuration: {")) return LineFormat::Cryptofeed;
    if (is_url(line) && line.find("://") < 10) return LineFormat::Cryptofeed;
    std::string_view rest = line;
    if (take_nanos(rest) && rest.starts_with(" {")) return LineFormat::TimedJson;
    rest = line;
    if (take_seconds(rest) && rest.starts_with(": ")) return LineFormat::Cryptofeed;
    rest = line;
    if (take_number(rest) && rest.starts_with(',') &&
        rest.find_first_not_of("0123456789.,-") == rest.npos) {
        return LineFormat::Minute;
    }
    return std::nullopt;
}

bool is_instruments_line(std::string_view line) noexcept {
    if (!line.starts_with("http")) return false;
    const std::string_view url = line.substr(0, line.find(' '));
    return url.find("exchangeInfo") != url.npos || url.find("instruments") != url.npos ||
           url.find("symbols") != url.npos;
}

}  // namespace parallax::recording
