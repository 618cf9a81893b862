#include "sim/prices/listings.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/assert.hpp"
#include "core/decimal.hpp"

namespace parallax::sim_prices {
namespace {

constexpr std::array<CoinModel, kCoinCount + 1> kCoins{{
    {"BTC", 91'000.0, 1.00, 0.30, 40'000, 0.15, 24},
    {"ETH", 3'100.0, 1.20, 0.55, 25'000, 0.25, 20},
    {"SOL", 140.0, 1.35, 0.90, 12'000, 0.6, 14},
    {"XRP", 2.20, 1.10, 0.90, 9'000, 0.7, 10},
    {"DOGE", 0.16, 1.40, 1.10, 8'000, 0.9, 10},
    {"PEPE", 0.00001, 1.70, 1.90, 4'000, 1.6, 8},
    {"BNB", 900.0, 0.85, 0.50, 10'000, 0.4, 8},
    {"USDC", 1.0, 0.0, 0.01, 60'000, 0.4, 4},
    {"USDT", 1.0, 0.0, 0.0, 0, 0, 0},
}};

struct Row {
    Market market;
    Coin base;
    Coin quote;
    const char* tick;
    const char* lot;  ///< in the venue's own unit (contracts on OKX swaps)
    const char* min_quantity;
    const char* min_notional;   ///< "" = no such rule
    const char* contract = "";  ///< base units; "" on spot and on venues that trade base units
    int coins_a_unit = 1;       ///< cheap coins are traded by the thousand: 1000PEPEUSDT
};

std::string base_name(const Row& row) {
    const std::string coin = model(row.base).name;
    return row.coins_a_unit == 1 ? coin : std::to_string(row.coins_a_unit) + coin;
}

constexpr Market kBs = Market::BinanceSpot, kBf = Market::BinanceUsdm, kOk = Market::Okx,
                 kYs = Market::BybitSpot, kYl = Market::BybitLinear;

constexpr Row kSpot[] = {
    {kBs, Coin::Btc, Coin::Usdt, "0.01", "0.00001", "0.00001", "5"},
    {kBs, Coin::Eth, Coin::Usdt, "0.01", "0.0001", "0.0001", "5"},
    {kBs, Coin::Sol, Coin::Usdt, "0.01", "0.001", "0.001", "5"},
    {kBs, Coin::Xrp, Coin::Usdt, "0.0001", "0.1", "0.1", "5"},
    {kBs, Coin::Doge, Coin::Usdt, "0.00001", "1", "1", "1"},
    {kBs, Coin::Pepe, Coin::Usdt, "0.00000001", "1", "1", "1"},
    {kBs, Coin::Bnb, Coin::Usdt, "0.01", "0.001", "0.001", "5"},
    {kBs, Coin::Btc, Coin::Usdc, "0.01", "0.00001", "0.00001", "5"},
    {kBs, Coin::Eth, Coin::Usdc, "0.01", "0.0001", "0.0001", "5"},
    {kBs, Coin::Usdc, Coin::Usdt, "0.00001", "1", "1", "5"},
    {kBs, Coin::Eth, Coin::Btc, "0.00001", "0.0001", "0.0001", "0.0001"},
    {kBs, Coin::Sol, Coin::Btc, "0.0000001", "0.001", "0.001", "0.0001"},
    {kOk, Coin::Btc, Coin::Usdt, "0.1", "0.00000001", "0.00001", ""},
    {kOk, Coin::Eth, Coin::Usdt, "0.01", "0.000001", "0.0001", ""},
    {kOk, Coin::Sol, Coin::Usdt, "0.01", "0.000001", "0.001", ""},
    {kOk, Coin::Xrp, Coin::Usdt, "0.0001", "0.000001", "1", ""},
    {kOk, Coin::Doge, Coin::Usdt, "0.00001", "0.000001", "10", ""},
    {kOk, Coin::Pepe, Coin::Usdt, "0.000000001", "1", "100000", ""},
    {kOk, Coin::Btc, Coin::Usdc, "0.1", "0.00000001", "0.00001", ""},
    {kOk, Coin::Eth, Coin::Usdc, "0.01", "0.000001", "0.0001", ""},
    {kOk, Coin::Usdc, Coin::Usdt, "0.00001", "0.000001", "1", ""},
    {kOk, Coin::Eth, Coin::Btc, "0.00001", "0.000001", "0.0001", ""},
    {kOk, Coin::Sol, Coin::Btc, "0.0000001", "0.000001", "0.001", ""},
    {kYs, Coin::Btc, Coin::Usdt, "0.1", "0.000001", "0.000001", "5"},
    {kYs, Coin::Eth, Coin::Usdt, "0.01", "0.00001", "0.00001", "5"},
    {kYs, Coin::Sol, Coin::Usdt, "0.01", "0.001", "0.001", "5"},
    {kYs, Coin::Xrp, Coin::Usdt, "0.0001", "0.01", "0.01", "5"},
    {kYs, Coin::Doge, Coin::Usdt, "0.00001", "0.1", "0.1", "5"},
    {kYs, Coin::Pepe, Coin::Usdt, "0.000000001", "0.1", "0.1", "5"},
    {kYs, Coin::Btc, Coin::Usdc, "0.1", "0.000001", "0.000001", "5"},
    {kYs, Coin::Eth, Coin::Usdc, "0.01", "0.00001", "0.00001", "5"},
    {kYs, Coin::Usdc, Coin::Usdt, "0.0001", "0.01", "0.01", "5"},
    {kYs, Coin::Eth, Coin::Btc, "0.000001", "0.0001", "0.0001", "0.0001"},
    {kYs, Coin::Sol, Coin::Btc, "0.0000001", "0.001", "0.001", "0.0001"},
};

constexpr Row kPerpetuals[] = {
    {kBf, Coin::Btc, Coin::Usdt, "0.1", "0.001", "0.001", "50"},
    {kBf, Coin::Eth, Coin::Usdt, "0.01", "0.001", "0.001", "20"},
    {kBf, Coin::Sol, Coin::Usdt, "0.01", "0.01", "0.01", "5"},
    {kBf, Coin::Xrp, Coin::Usdt, "0.0001", "0.1", "0.1", "5"},
    {kBf, Coin::Doge, Coin::Usdt, "0.00001", "1", "1", "5"},
    {kOk, Coin::Btc, Coin::Usdt, "0.1", "0.01", "0.01", "", "0.01"},
    {kOk, Coin::Eth, Coin::Usdt, "0.01", "0.01", "0.01", "", "0.1"},
    {kOk, Coin::Sol, Coin::Usdt, "0.01", "0.01", "0.01", "", "1"},
    {kOk, Coin::Xrp, Coin::Usdt, "0.0001", "0.01", "0.01", "", "100"},
    {kOk, Coin::Doge, Coin::Usdt, "0.00001", "0.01", "0.01", "", "1000"},
    {kYl, Coin::Btc, Coin::Usdt, "0.1", "0.001", "0.001", "5"},
    {kYl, Coin::Eth, Coin::Usdt, "0.01", "0.01", "0.01", "5"},
    {kYl, Coin::Sol, Coin::Usdt, "0.01", "0.1", "0.1", "5"},
    {kYl, Coin::Xrp, Coin::Usdt, "0.0001", "0.1", "0.1", "5"},
    {kYl, Coin::Doge, Coin::Usdt, "0.00001", "1", "1", "5"},
    {kBf, Coin::Pepe, Coin::Usdt, "0.0000001", "1", "1", "5", "", 1'000},
    {kOk, Coin::Pepe, Coin::Usdt, "0.000000001", "0.1", "0.1", "", "10000000"},
    {kYl, Coin::Pepe, Coin::Usdt, "0.0000001", "100", "100", "5", "", 1'000},
};

/// What a market's books look like next to the deepest one's.
struct MarketStyle {
    double size;
    double spread;
    std::size_t levels;
    double activity;
    double spot_lag_ms;
    double perpetual_lag_ms;
};

MarketStyle style(Market market) {
    switch (venue_of(market)) {
        case Venue::Binance:
            return {1.0, 1.0, 160, 1.3, 8, 0};
        case Venue::Okx:
            return {0.6, 1.3, 100, 1.0, 70, 35};
        case Venue::Bybit:
            return {0.45, 1.6, 50, 0.9, 120, 55};
    }
    return {};
}

struct Step {
    std::int64_t steps;
    std::uint8_t decimals;
    double value;
};

Step step_of(std::string_view text) {
    const std::uint8_t decimals = significant_decimals(text);
    const auto steps = parse_decimal(text, decimals);
    PLX_ASSERT(steps.has_value() && *steps > 0);
    return {*steps, decimals, static_cast<double>(*steps) / static_cast<double>(pow10(decimals))};
}

NumberForm form(Market market, const Step& step, std::uint8_t venue_decimals) {
    NumberForm form;
    form.trim = market == Market::Okx;
    form.decimals = std::max(step.decimals, venue_decimals);
    form.factor = step.steps * pow10(static_cast<std::uint8_t>(form.decimals - step.decimals));
    return form;
}

std::string venue_symbol(const Row& row, bool perpetual) {
    const std::string base = base_name(row);
    const std::string quote = model(row.quote).name;
    if (row.market != Market::Okx) return base + quote;
    return base + "-" + quote + (perpetual ? "-SWAP" : "");
}

InstrumentDefinition define(const Row& row, bool perpetual) {
    InstrumentDefinition d;
    d.market = row.market;
    d.kind = perpetual ? InstrumentKind::LinearPerpetual : InstrumentKind::Spot;
    d.venue_symbol = venue_symbol(row, perpetual);
    d.base = base_name(row);
    d.quote = model(row.quote).name;
    d.settle = d.quote;
    d.tick = row.tick;
    d.lot = row.lot;
    d.min_quantity = row.min_quantity;
    d.min_notional = row.min_notional;
    d.contract_size = row.contract;
    d.price_band_up = "0.1";
    d.price_band_down = "0.1";
    d.max_open_orders = venue_of(row.market) == Venue::Binance ? 200 : 500;
    if (venue_of(row.market) == Venue::Binance) d.quote_decimals = 8;
    if (perpetual) {
        d.funding_interval = Nanos::seconds(8 * 3600);
        d.funding_cap = "0.00375";
        d.maintenance_margin = "0.005";
        d.max_leverage = 50;
    }
    // OKX names an instrument by number on its order socket.
    if (row.market == Market::Okx)
        d.venue_code = 10'000 + static_cast<std::int64_t>(row.base) * 100 +
                       static_cast<std::int64_t>(row.quote) * 10 + (perpetual ? 1 : 0);
    return d;
}

Listing make(const Row& row, bool perpetual) {
    Listing out;
    out.definition = define(row, perpetual);
    out.base = row.base;
    out.quote = row.quote;
    out.perpetual = perpetual;
    out.coins_a_unit = row.coins_a_unit;
    const Step tick = step_of(row.tick);
    const Step lot = step_of(row.lot);
    const bool binance_spot = row.market == Market::BinanceSpot;
    out.tick = tick.value;
    out.lot = lot.value * (*row.contract != '\0' ? step_of(row.contract).value : 1.0);
    out.tick_steps = tick.steps;
    out.lot_steps = lot.steps;
    out.price_decimals = tick.decimals;
    out.quantity_decimals = lot.decimals;
    const bool usdm_btc =
        row.market == Market::BinanceUsdm && row.base == Coin::Btc;  // written "91000.10"
    out.price_form = form(row.market, tick, binance_spot ? 8 : usdm_btc ? 2 : 0);
    out.quantity_form = form(row.market, lot, binance_spot ? 8 : 0);

    const CoinModel& coin = model(row.base);
    const MarketStyle s = style(row.market);
    const bool cross = row.quote == Coin::Btc;
    const bool usdc = row.quote == Coin::Usdc;
    const double thin = cross ? 0.15 : usdc ? 0.3 : 1.0;
    out.half_spread_bp = coin.spread_bp * s.spread *
                         (cross       ? 2.0
                          : usdc      ? 1.5
                          : perpetual ? 0.8
                                      : 1.0);
    out.spacing_bp = 0.3 + 0.5 * coin.spread_bp;
    out.level_lots = coin.level_usd * s.size * thin * (perpetual ? 1.6 : 1.0) /
                     (coin.price * out.coins_a_unit * out.lot);
    out.levels = cross ? s.levels / 2 : s.levels;
    out.changes = coin.changes * s.activity * (cross || usdc ? 0.4 : perpetual ? 1.3 : 1.0);
    out.lag_ms = perpetual ? s.perpetual_lag_ms : s.spot_lag_ms;
    out.shock_scale = row.base == Coin::Usdc ? 0.08 : 1.0;
    return out;
}

}  // namespace

const CoinModel& model(Coin coin) noexcept { return kCoins[static_cast<std::size_t>(coin)]; }

std::vector<Listing> all_listings() {
    std::vector<Listing> listings;
    for (const Row& row : kSpot) listings.push_back(make(row, false));
    for (const Row& row : kPerpetuals) listings.push_back(make(row, true));
    return listings;
}

}  // namespace parallax::sim_prices
