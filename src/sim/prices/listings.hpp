#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/instrument.hpp"
#include "core/market.hpp"

namespace parallax::sim_prices {

/// Assets with a price process of their own; USDT is the unit of account.
enum class Coin : std::uint8_t { Btc, Eth, Sol, Xrp, Doge, Pepe, Bnb, Usdc, Usdt };
inline constexpr std::size_t kCoinCount = 8;  ///< without USDT

inline constexpr double kBp = 1e-4;  ///< a basis point

/// How a coin's price moves. Volatilities in basis points per square root of a second.
struct CoinModel {
    const char* name;
    double price;      ///< in USDT, at the start
    double beta;       ///< share of the market factor
    double own_sigma;  ///< of its own
    double level_usd;  ///< typical worth of a book level
    double spread_bp;  ///< half spread
    double changes;    ///< book changes a second
};
[[nodiscard]] const CoinModel& model(Coin coin) noexcept;

/// Digits of a venue's numbers: a raw integer times `factor`, written with `decimals` digits behind
/// the point.
struct NumberForm {
    std::int64_t factor = 1;
    std::uint8_t decimals = 0;
    bool trim = false;  ///< drop trailing zeros (OKX)
};

/// A listing with all that the generator needs. Book prices are in ticks, quantities in lots.
struct Listing {
    InstrumentDefinition definition;
    Coin base{};
    Coin quote{};
    bool perpetual = false;
    double tick = 0;              ///< value of a tick
    double lot = 0;               ///< base units of a lot
    std::int64_t tick_steps = 1;  ///< a tick in steps of 10^-price_decimals
    std::int64_t lot_steps = 1;
    std::uint8_t price_decimals = 0;
    std::uint8_t quantity_decimals = 0;  ///< in the venue's own unit
    NumberForm price_form;
    NumberForm quantity_form;
    double half_spread_bp = 0;
    double spacing_bp = 0;    ///< between levels
    double level_lots = 0;    ///< typical quantity of a level
    std::size_t levels = 0;   ///< a side
    double changes = 0;       ///< a second
    double lag_ms = 0;        ///< behind the leading venue
    double coins_a_unit = 1;  ///< coins in a base unit: 1,000 for 1000PEPE
    double shock_scale = 1;   ///< how far it may fall out of line, relative to the others
};

/// Every listing: BTC, ETH, SOL, XRP, DOGE, PEPE (and BNB at Binance) against USDT, BTC and ETH
/// against USDC, USDC/USDT, ETH/BTC and SOL/BTC on the three spot markets; USDT perpetuals of BTC,
/// ETH, SOL, XRP, DOGE and PEPE. Rules as the venues publish them (tick, lot, minimum notional,
/// contract size).
[[nodiscard]] std::vector<Listing> all_listings();

}  // namespace parallax::sim_prices
