#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/market.hpp"
#include "ports/frame_source.hpp"

// The line formats we read. Each turns one line into one frame; all they keep is what later lines
// need. A parser's `parse` answers true: `frame` is filled (received, bytes, kind; url and symbol
// where known); false: the line carries no frame; or the error's text, without file and line.
namespace parallax::recording {

using Parsed = tl::expected<bool, std::string>;

/// "1723161253937085768 {json}": receive time in ns, and the combined-stream message or, without
/// `stream`, the body of a REST depth answer. Its symbol is the one of the file's messages; with
/// several symbols in a file it is not told.
class TimedJsonFormat {
public:
    TimedJsonFormat(Market market, std::string symbol_of_name)
        : venue_{venue_of(market)}, symbol_{std::move(symbol_of_name)} {}
    [[nodiscard]] Parsed parse(std::string_view line, ports::Frame& frame);

private:
    void learn_symbol(std::string_view json);
    Venue venue_;
    std::string symbol_;
    bool learnt_ = false;     ///< symbol_ is from a message, not from the file's name
    bool ambiguous_ = false;  ///< messages of several symbols were seen
};

/// The lines of cryptofeed's raw recordings: "TIME: JSON", "URL <-> TIME", "URL <- TIME: JSON",
/// "URL -> TIME: BODY", "configuration: {..}" (not delivered) and empty lines. TIME in seconds.
class CryptofeedFormat {
public:
    explicit CryptofeedFormat(Market market) : market_{market} {}
    [[nodiscard]] Parsed parse(std::string_view line, ports::Frame& frame);

private:
    Parsed parse_url_line(std::string_view line, ports::Frame& frame);
    Market market_;
};

/// Bybit's public order book files: a v5 message a line. They have no local time, so `received` is
/// the message's `ts`.
class BybitFormat {
public:
    explicit BybitFormat(Market) {}
    [[nodiscard]] Parsed parse(std::string_view line, ports::Frame& frame);
};

/// Minute bars of quotes, "ms, bid open, high, low, close, size, ask open, high, low, close, size":
/// the close becomes a CsvQuote at the end of its minute, because only then it is known. Bars of
/// trades ("ms, open, high, low, close, volume") are skipped: a bar is no trade. Sizes are in the
/// venue's units.
class MinuteFormat {
public:
    /// `day`: midnight of the rows.
    MinuteFormat(UnixNanos day, std::string symbol) : day_{day}, symbol_{std::move(symbol)} {}
    [[nodiscard]] Parsed parse(std::string_view line, ports::Frame& frame);
    [[nodiscard]] std::uint64_t skipped_trades() const noexcept { return skipped_trades_; }

private:
    UnixNanos day_;
    std::string symbol_;
    std::string quote_;
    std::uint64_t skipped_trades_ = 0;
};

/// What the name of a file of minute bars says:
/// ".../cross_..._2022-12-13/bybit_linear_BTCUSDT_quote_0000-0600.csv", or
/// ".../btcusdt/20221213_quote.csv". Day from the name or the folders above it.
struct MinuteName {
    std::optional<UnixNanos> day;
    std::optional<Market> market;
    std::string symbol;
};
[[nodiscard]] MinuteName read_minute_name(const std::filesystem::path& path);

/// "BTCUSDT" of "btcusdt_20240808.gz"; empty when the name is not like that.
[[nodiscard]] std::string symbol_of_name(const std::filesystem::path& path);

enum class LineFormat : std::uint8_t { TimedJson, Cryptofeed, Bybit, Minute };
/// The format a file's first lines are in; none: not a recording we know.
[[nodiscard]] std::optional<LineFormat> recognise(std::string_view line) noexcept;
/// A REST answer that lists instruments (and not a book).
[[nodiscard]] bool is_instruments_line(std::string_view line) noexcept;

}  // namespace parallax::recording
