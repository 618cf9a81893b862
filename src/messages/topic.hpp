#pragma once

#include <cstdint>
#include <string_view>

namespace parallax::messages {

/// Where messages of a kind travel between processes. The names are the Kafka topics.
enum class Topic : std::uint8_t { Market, Scanner, Trade, Risk, Portfolio, Config, Audit };
[[nodiscard]] constexpr std::string_view to_string(Topic topic) noexcept {
    constexpr std::string_view kNames[] = {"market",    "scanner", "trade", "risk",
                                           "portfolio", "config",  "audit"};
    return kNames[static_cast<std::size_t>(topic)];
}

/// Number of a message type in journals and on the wire. Never reused, never renumbered.
enum class MessageType : std::uint16_t {
    // market
    InstrumentListed = 1,
    InstrumentRefined = 2,
    DepthUpdate = 3,
    BestQuote = 4,
    TradePrint = 5,
    MarkPrice = 6,
    Ticker = 7,
    Kline = 8,
    FeedStatus = 9,
    ClockTick = 10,
    BookLost = 11,
    // scanner
    Opportunity = 20,
    Episode = 21,
    // trade
    OrderRequest = 30,
    OrderEvent = 31,
    PlanUpdate = 32,
    // risk
    SetTradingState = 40,
    TradingStateChanged = 41,
    Verdict = 42,
    ChangeLimits = 43,
    LimitsChanged = 44,
    AccountStatus = 45,
    // portfolio
    LedgerEntry = 50,
    ExternalFlow = 51,
    CashEvent = 52,
    BalanceReport = 53,
    Attribution = 54,
    Transfer = 55,
    PositionAdopted = 56,
    CashTold = 57,
    // of the journal itself
    RunManifest = 90,
    StateHash = 91,
};

}  // namespace parallax::messages
