#pragma once

#include <cstdint>

#include "messages/risk.hpp"

/// Sub-codes of messages::Verdict::detail, one enum a check. After `//` stand the verdict's value |
/// limit. Amounts are value units (dollars) x 1e-6, prices and quantities in the symbol's scales,
/// rates 1e-9, times ns. Sub-codes are never renumbered: journals hold them.
namespace parallax::risk {

/// 1: a scope is not in a state that lets this order pass. // TradingState | scope id
enum class StateCode : std::uint8_t { Global = 1, Strategy, Venue, Symbol, Quote };

/// 2: the venue would refuse it, so we do.
enum class InstrumentCode : std::uint8_t {
    Unknown = 1,       // instrument | instruments known
    NotTrading,        // InstrumentStatus | 0
    Expired,           // now | expiry
    Tick,              // price | tick
    Lot,               // quantity | lot
    QuantityTooSmall,  // quantity | least
    QuantityTooLarge,  // quantity | most
    NotionalTooSmall,  // notional (quote x 1e-6) | least
    NotionalTooLarge,  // notional (quote x 1e-6) | most
    PriceRange,        // price | bound
    PriceBand,         // price | bound, from the mark price or else the own mid
};

/// 3: fat fingers. Entries only; hedges have check 11.
enum class OrderSizeCode : std::uint8_t {
    Unvalued = 1,  // asset | 0: no price known to value its quote asset with
    OrderValue,    // value | limit
    OrderVolume,   // volume at the reference price | limit with slack: a wrong price cannot hide a
                   // wrong size
    PlanValue,     // value of the whole intent | limit
};

/// 4: the limit price against what the world thinks.
enum class PriceCollarCode : std::uint8_t {
    NoProtection = 1,  // price | 0
    NoReference,       // best bid | best ask: own book one-sided
    OwnMid,            // price | mid
    Mark,              // price | mark
    OtherVenues,       // price | mid of the last venue asked: none supports the price
};

/// 5: money.
enum class BalanceCode : std::uint8_t {
    Available = 1,        // available (asset x 1e-6) | needed
    Margin,               // available (asset x 1e-6) | needed: initial margin and fee
    Leverage,             // our leverage | venue's highest
    LiquidationDistance,  // 1/leverage - maintenance | least; rates
};

/// 6: exposure with all open orders at their worst. Entries only.
enum class ExposureCode : std::uint8_t {
    Position = 1,  // value | limit
    AssetDelta,    // delta (asset x 1e-6) | limit (asset x 1e-6)
    QuoteGroup,    // flow (asset x 1e-6) | limit
    VenueGross,    // value | limit
    TotalGross,    // value | limit
};

/// 7: the same again.
enum class DuplicateCode : std::uint8_t {
    Opportunity = 1,       // opportunity | 0
    ClientOrderId,         // client order id | 0
    OpenOrders,            // open | most
    OpenOrdersInstrument,  // open | most
    SelfTrade,             // own opposite order's price | price
};

/// 8: rates.
enum class RateCode : std::uint8_t {
    Orders = 1,          // tokens left | needed
    Messages,            // tokens left | needed
    RepeatedExecutions,  // executions since re-armed | most
};

/// 9: what the price came from.
enum class MarketDataCode : std::uint8_t {
    NoBook = 1,   // instrument | books
    NotTradable,  // BookState | 0
    FeedDown,     // market | 0
    TooOld,       // age | most
    Skew,         // difference of ages | most
    ClockBound,   // venue's clock minus ours | most
    Expired,      // now - expires | 0
};

/// 10: worth it. Loss steps and breakers act through states; their sub-codes appear as the limit of
/// the reason {RiskLimit, 10, sub-code} in TradingStateChanged.
enum class ProfitCode : std::uint8_t {
    BelowThreshold = 1,  // expected rate | threshold
    TooGoodToBeTrue,     // expected rate | most
    LossTrade,
    LossMinute,
    LossHour,
    LossDay,
    Drawdown,
    LeggingLoss,
    RejectRate,
    UnknownOrders,
    Reconciliation,
    FillRatio,
    Markout,
    Stablecoin,
    Residual,
    UnansweredOrder,
};

/// 11: orders that reduce, and hedges.
enum class ReduceOnlyCode : std::uint8_t {
    Grows = 1,   // quantity | position: same direction, or none
    TooLarge,    // quantity | position
    Unvalued,    // asset | 0
    HedgeValue,  // value | limit
    HedgeOpen,   // open hedges with this one | limit
};

}  // namespace parallax::risk
