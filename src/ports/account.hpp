#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/fees.hpp"
#include "core/ids.hpp"
#include "core/price.hpp"
#include "core/result.hpp"
#include "messages/portfolio.hpp"

namespace parallax::ports {

/// Where an account keeps its assets: what it trades from, and where deposits arrive.
enum class AccountWallet : std::uint8_t { Trading, Funding };

enum class AccountTopic : std::uint8_t {
    Balances,       ///< of the trading wallet -> BalanceReports
    Margin,         ///< -> MarginReports
    Positions,      ///< -> PositionReports
    Fees,           ///< of the account's tier -> FeeReports
    OpenOrders,     ///< everybody's, not only ours -> AccountOrders
    Fills,          ///< since a time, oldest first -> AccountFills
    Funding,        ///< payments since a time, oldest first -> CashEvents
    Leverage,       ///< of an instrument -> LeverageReport
    SetLeverage,    ///< of an instrument, cross margin -> LeverageReport
    PositionMode,   ///< of an instrument, or of all -> PositionModeReport
    Transfer,       ///< between the two wallets -> TransferReport
    TransferState,  ///< of a transfer by its id -> TransferReport
    Deposits,       ///< -> MovementReports
    Withdrawals,    ///< -> MovementReports
    Key,            ///< what the API key may do -> KeyReport
    DeadMan,        ///< arms the venue's switch for `after`; 0 = off -> nothing
};

struct AccountRequest {
    AccountTopic topic{};
    InstrumentId instrument;     ///< Leverage, SetLeverage, PositionMode
    std::uint16_t leverage = 0;  ///< SetLeverage
    AssetId asset;               ///< Transfer; Deposits, Withdrawals: none = all
    Amount amount;               ///< Transfer
    AccountWallet from{}, to{};  ///< Transfer
    std::uint64_t id = 0;        ///< Transfer, TransferState: ours, not 0, never used again
    UnixNanos since;             ///< Fills, Funding
    Nanos after;                 ///< DeadMan
};

struct MarginReport {
    Market wallet{};
    AssetId asset;
    Amount equity;  ///< balance and unrealised profit
    Amount initial;
    Amount maintenance;
    UnixNanos time;
};

struct PositionReport {
    InstrumentId instrument;
    Amount quantity;  ///< in the unit of Quantity, whatever the scale is by now; negative: short
    Amount entry;     ///< average price, as the venue rounds it
    Amount unrealised;
    Amount margin;  ///< initial
    std::uint16_t leverage = 0;
    bool cross = true;
    bool one_sided = true;  ///< false: one of two sides that are kept apart (hedge mode)
    UnixNanos time;
};

struct FeeReport {
    Market market{};
    bool spot = false;
    InstrumentId instrument;  ///< none: all of them
    FeeRates rates;
    bool unlisted = false;  ///< the venue no longer lists the instrument: there are no rates
};

struct AccountOrder {
    std::string client_id, venue_id;
    InstrumentId instrument;
    Side side{};
    Price price;
    Quantity quantity, filled;
    UnixNanos created;
};

struct AccountFill {
    std::string client_id, venue_id;
    InstrumentId instrument;
    Side side{};
    std::uint64_t trade_id = 0;
    Price price;
    Quantity quantity;
    Amount fee;  ///< positive = paid
    AssetId fee_asset;
    bool maker = false;
    UnixNanos time;
};

struct LeverageReport {
    InstrumentId instrument;
    std::uint16_t leverage = 0;
    bool cross = true;
};

/// Whether a purchase closes a short position (one-way) or opens another beside it (hedge mode).
struct PositionModeReport {
    InstrumentId instrument;  ///< that was asked about
    bool one_way = true;
    bool whole_account = false;  ///< it is so of all instruments
};

struct TransferReport {
    std::uint64_t id = 0;
    enum class State : std::uint8_t { Pending, Done, Failed } state{};
    std::string venue_id;
};

/// A deposit or a withdrawal.
struct MovementReport {
    std::string venue_id;
    AssetId asset;
    Amount amount;
    Amount fee;
    enum class State : std::uint8_t { Pending, Done, Failed, Cancelled } state{};
    UnixNanos time;
    std::string transaction;  ///< on its chain
};

struct KeyReport {
    bool read = false, trade = false, transfer = false, withdraw = false;
    bool bound = false;  ///< to addresses
    UnixNanos expires;   ///< unknown: never, or not told
};

using AccountFacts =
    std::variant<std::monostate, std::vector<messages::BalanceReport>, std::vector<MarginReport>,
                 std::vector<PositionReport>, std::vector<FeeReport>, std::vector<AccountOrder>,
                 std::vector<AccountFill>, std::vector<messages::CashEvent>, LeverageReport,
                 PositionModeReport, TransferReport, std::vector<MovementReport>, KeyReport>;

struct AccountAnswer {
    std::uint64_t token = 0;
    AccountTopic topic{};
    /// Rejected: for good. Unavailable: ask again later. Unknown: a transfer that may have
    /// happened: ask for its state. Malformed: the venue's answer cannot be read.
    std::optional<Error> error;
    AccountFacts facts;
    /// With an error: the venue does not list the instrument that was asked about, or no longer.
    bool unlisted = false;
};

/// An account at a venue, besides orders. One thread; answers come when polled for.
class Account {
public:
    virtual ~Account() = default;
    /// Exactly one answer follows, with the token returned here. Errors: BackPressured; Rejected
    /// (the venue has no such thing, or the request lacks something): none follows.
    [[nodiscard]] virtual Result<std::uint64_t> ask(const AccountRequest& request) = 0;
    /// The oldest answer not taken.
    [[nodiscard]] virtual std::optional<AccountAnswer> next() = 0;
};

}  // namespace parallax::ports
