#include "adapters/venues/common/definitions.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "core/amount.hpp"
#include "core/decimal.hpp"

namespace parallax::venue_common {
namespace {

constexpr std::array<std::string_view, 42> kQuotes{
    "FDUSD", "USDT", "USDC", "BUSD", "TUSD", "USDP", "USDS", "USDE", "USD1", "USDQ", "USDR",
    "RLUSD", "IDRT", "BIDR", "BKRW", "BVND", "EURI", "DAI",  "VAI",  "PAX",  "UST",  "BTC",
    "ETH",   "BNB",  "XRP",  "TRX",  "DOGE", "DOT",  "SOL",  "MNT",  "EUR",  "USD",  "GBP",
    "TRY",   "BRL",  "AUD",  "RUB",  "UAH",  "NGN",  "ZAR",  "PLN",  "JPY"};

constexpr std::uint8_t kRateDecimals = 9;

std::string difference(std::int64_t a, std::int64_t b) {
    return format_decimal(std::max<std::int64_t>(a - b, 0), kRateDecimals);
}

}  // namespace

Pair split_pair(std::string_view symbol) {
    std::size_t longest = 0;
    for (const std::string_view quote : kQuotes) {
        if (symbol.size() > quote.size() && symbol.ends_with(quote))
            longest = std::max(longest, quote.size());
    }
    if (longest == 0) longest = std::min<std::size_t>(3, symbol.empty() ? 0 : symbol.size() - 1);
    const std::size_t cut = symbol.size() - longest;
    return {std::string(symbol.substr(0, cut)), std::string(symbol.substr(cut))};
}

std::string step_text(std::uint8_t decimals) { return format_decimal(std::int64_t{1}, decimals); }

std::string cut_to_lot(std::string_view limit, std::string_view lot) {
    const std::size_t point = limit.find('.');
    if (lot.empty() || point == std::string_view::npos) return std::string(limit);
    const std::size_t decimals = significant_decimals(lot);
    return std::string(
        limit.substr(0, decimals == 0 ? point : std::min(limit.size(), point + 1 + decimals)));
}

std::string multiply(std::string_view a, std::string_view b) {
    const std::uint8_t da = significant_decimals(a);
    const std::uint8_t db = significant_decimals(b);
    const auto x = parse_decimal(a, da);
    const auto y = parse_decimal(b, db);
    if (!x || !y || da + db > kMaxDecimals) return {};
    return format_decimal(static_cast<__int128>(*x) * *y, static_cast<std::uint8_t>(da + db));
}

std::string band_above(std::string_view multiplier) {
    const auto raw = parse_decimal(multiplier, kRateDecimals);
    return raw ? difference(*raw, Rate::kOne) : std::string{};
}

std::string band_below(std::string_view multiplier) {
    const auto raw = parse_decimal(multiplier, kRateDecimals);
    return raw ? difference(Rate::kOne, *raw) : std::string{};
}

std::string percent(std::string_view text) {
    const auto raw = parse_decimal(text, kRateDecimals - 2);
    return raw ? format_decimal(*raw, kRateDecimals) : std::string{};
}

std::string expiry_code(UnixNanos expiry) {
    using namespace std::chrono;
    const year_month_day day{floor<days>(sys_time<nanoseconds>{nanoseconds{expiry.nanos()}})};
    const auto two = [](unsigned n) {
        return std::string{static_cast<char>('0' + n / 10 % 10), static_cast<char>('0' + n % 10)};
    };
    return two(static_cast<unsigned>(static_cast<int>(day.year()) % 100)) +
           two(static_cast<unsigned>(day.month())) + two(static_cast<unsigned>(day.day()));
}

std::optional<UnixNanos> expiry_time(std::string_view code, int hour) noexcept {
    using namespace std::chrono;
    const auto number =
        code.size() == 6 ? parse_decimal(code, 0) : HotResult<std::int64_t>{fail(Errc::Malformed)};
    if (!number || *number < 0) return std::nullopt;
    const year_month_day day{year{static_cast<int>(2000 + *number / 10'000)},
                             month{static_cast<unsigned>(*number / 100 % 100)},
                             std::chrono::day{static_cast<unsigned>(*number % 100)}};
    if (!day.ok()) return std::nullopt;
    return UnixNanos::from_nanos(
        nanoseconds{sys_days{day}.time_since_epoch() + hours{hour}}.count());
}

std::uint16_t leverage(std::string_view text) noexcept {
    const auto whole = parse_decimal(text.substr(0, text.find('.')), 0);
    return static_cast<std::uint16_t>(std::clamp<std::int64_t>(whole.value_or(1), 1, 65'535));
}

InstrumentDefinition guess(Market market, std::string_view venue_symbol,
                           std::uint8_t price_decimals, std::uint8_t quantity_decimals) {
    InstrumentDefinition d;
    d.market = market;
    d.inferred = true;
    d.venue_symbol = venue_symbol;
    d.tick = step_text(std::min(price_decimals, kMaxDecimals));
    d.lot = step_text(std::min(quantity_decimals, kMaxDecimals));
    return d;
}

}  // namespace parallax::venue_common
