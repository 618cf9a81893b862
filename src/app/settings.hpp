#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/venues/paper/config.hpp"
#include "app/live_config.hpp"
#include "core/fees.hpp"
#include "core/instrument.hpp"
#include "core/result.hpp"
#include "services/market_data/config.hpp"
#include "services/portfolio/config.hpp"
#include "services/risk/config.hpp"
#include "services/scanner/config.hpp"
#include "services/trading/config.hpp"

namespace parallax::app {

/// How paper money is laid out before the first trade.
struct Funding {
    Amount quote_per_wallet = Amount::units(100'000);
    Amount base_value = Amount::units(50'000);

    template <class Visitor>
    void visit(Visitor& v) {
        v.field("quote_per_wallet", quote_per_wallet, "0", "1000000000",
                "units of each quote asset a wallet starts with (BTC, ETH as quote: base_value's "
                "worth)");
        v.field(
            "base_value", base_value, "0", "1000000000",
            "worth of each base asset a spot wallet starts with, in the quote of its first book");
    }
};

struct Balance {
    Market wallet{};
    std::string asset;
    Amount amount;
};

/// Everything a configuration file can say. Each service describes its own part; see
/// core/settings.hpp.
struct Settings {
    market_data::Config market_data;
    scanner::Config scanner;
    risk::Config risk;
    trading::Config trading;
    portfolio::Config portfolio;
    paper::Config paper;
    Funding funding;
    LiveConfig live;
    BinanceConfig live_binance;
    VenueConfig live_okx;
    VenueConfig live_bybit;
    FeeSchedule fees = *FeeSchedule::named("base");
    std::vector<Balance> balances;                  ///< instead of `funding` for the wallets named
    std::vector<InstrumentDefinition> instruments;  ///< rules for recordings that bring none

    template <class Visitor>
    void visit_sections(Visitor&& section) {
        section("market_data", market_data);
        section("scanner", scanner);
        section("risk", risk);
        section("trading", trading);
        section("portfolio", portfolio);
        section("paper", paper);
        section("funding", funding);
        section("live", live);
        section("live_binance", live_binance);
        section("live_okx", live_okx);
        section("live_bybit", live_bybit);
    }
};

/// Reads a TOML file over the defaults. All mistakes are reported at once, one a line:
/// "FILE:LINE: KEY: what is wrong; allowed: ...".
[[nodiscard]] Result<Settings> read_settings(const std::string& path, Settings defaults = {});
[[nodiscard]] Result<Settings> parse_settings(std::string_view text, const std::string& name,
                                              Settings defaults = {});
/// Those of the keys ("section.key") that the file does not set itself. Of a file that was read.
[[nodiscard]] std::vector<std::string> keys_not_set(const std::string& path,
                                                    std::initializer_list<std::string_view> keys);
/// Canonical TOML of the sections, with a comment line per key when `teach`.
[[nodiscard]] std::string format_settings(Settings& settings, bool teach);

/// "zero", "base", "vip9" or a TOML file with a table per market: ["binance.spot"] spot_maker_bp =
/// "10" ...
[[nodiscard]] Result<FeeSchedule> read_fees(const std::string& name_or_path);
/// The same tables; `prefix` "fees." makes them sections of a configuration.
[[nodiscard]] std::string format_fees(const FeeSchedule& fees, const std::string& prefix = {});
[[nodiscard]] Result<FeeSchedule> parse_fees(std::string_view text, const std::string& name);

}  // namespace parallax::app
