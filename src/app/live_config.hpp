#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/market.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace parallax::app {

/// What to look at, whatever the venue.
struct LiveConfig {
    std::string symbols =
        "BTC/USDT ETH/USDT SOL/USDT XRP/USDT DOGE/USDT PEPE/USDT BTC/USDC ETH/USDC USDC/USDT "
        "ETH/BTC BTC/USDT:USDT ETH/USDT:USDT SOL/USDT:USDT XRP/USDT:USDT DOGE/USDT:USDT";
    std::string ca_file;
    Nanos compare_interval = Nanos::seconds(60);
    template <class Visitor>
    void visit(Visitor& v) {
        v.text("symbols", symbols,
               "canonical names between blanks: BTC/USDT spot, BTC/USDT:USDT perpetual, "
               "BTC/USD:BTC coin-margined; each venue brings those it lists");
        v.text("ca_file", ca_file,
               "certificate authority to trust besides the system's, PEM; simulated venues have "
               "their own");
        v.field("compare_interval_s", compare_interval, "0", "86400",
                "between comparisons of orders, fills and positions with the venues; 0: only at "
                "the start and after reconnecting");
    }
};

/// Where a venue is, and as whom we go there. Empty addresses: as the environment says.
struct VenueConfig {
    std::string environment = "production";
    std::string account = "main";
    std::string rest, streams, orders;
    // Binance only
    std::string usdm_rest, usdm_streams, usdm_orders;
    std::string coinm_rest, coinm_streams;
    std::string orders_over = "websocket";   ///< spot orders: websocket or fix
    std::string fix_orders, fix_copies;      ///< no copies: no drop copy session
    std::string streams_over = "websocket";  ///< spot market data: websocket or fix
    std::string fix_streams;

    [[nodiscard]] bool on() const noexcept { return environment != "off"; }
    /// Market data comes with a logon: it needs a key, whoever trades.
    [[nodiscard]] bool streams_need_key() const noexcept { return on() && streams_over == "fix"; }
    template <class Visitor>
    void visit(Visitor& v) {
        v.choice("environment", environment, "off|production|testnet|demo|custom",
                 "which of the venue's systems; custom: only the addresses given here");
        v.text("account", account, "name of the keys: parallax secrets set VENUE.ACCOUNT.api_key");
        v.text("rest", rest, "https://host[:port]");
        v.text("streams", streams, "public sockets: wss://host[:port]");
        v.text("orders", orders, "private sockets and order entry: wss://host[:port]");
    }
};
struct BinanceConfig : VenueConfig {
    template <class Visitor>
    void visit(Visitor& v) {
        VenueConfig::visit(v);
        v.text("usdm_rest", usdm_rest, "USD-M futures: https://host[:port]");
        v.text("usdm_streams", usdm_streams, "USD-M futures: wss://host[:port]");
        v.text("usdm_orders", usdm_orders, "USD-M futures: wss://host[:port]");
        v.text("coinm_rest", coinm_rest, "COIN-M futures: https://host[:port]");
        v.text("coinm_streams", coinm_streams, "COIN-M futures: wss://host[:port]");
        v.choice("orders_over", orders_over, "websocket|fix",
                 "how spot orders go; fix: FIX.4.4, wants an Ed25519 key with FIX rights");
        v.text("fix_orders", fix_orders, "FIX order entry: tls://host:port");
        v.text("fix_copies", fix_copies,
               "FIX drop copy, besides: tls://host:port, such as tls://fix-dc.binance.com:9000");
        v.choice("streams_over", streams_over, "websocket|fix",
                 "how spot market data comes; fix: FIX.4.4, wants an Ed25519 key with FIX rights "
                 "(to read will do), on paper and for recordings, too");
        v.text("fix_streams", fix_streams, "FIX market data: tls://host:port");
    }
};

/// The addresses in force. Errors: Rejected (no such environment at this venue).
[[nodiscard]] Result<VenueConfig> with_addresses(Venue venue, const VenueConfig& config);

/// One market's name of a canonical symbol: "BTC/USDT:USDT" at OKX is BTC-USDT-SWAP.
struct VenueSymbol {
    Market market{};
    std::string symbol;
};
/// Every market that could list it, by its rule for names; whether it does, its listings tell.
/// Empty: not a canonical name, or a kind no venue here has.
[[nodiscard]] std::vector<VenueSymbol> venue_symbols(std::string_view canonical);

}  // namespace parallax::app
