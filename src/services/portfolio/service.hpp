#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "book/book_set.hpp"
#include "core/fees.hpp"
#include "core/instrument.hpp"
#include "messages/portfolio.hpp"
#include "messages/risk.hpp"
#include "messages/trade.hpp"
#include "orders/worst_case.hpp"
#include "ports/reservations.hpp"
#include "services/portfolio/attribution.hpp"
#include "services/portfolio/config.hpp"
#include "services/portfolio/ledger.hpp"
#include "services/portfolio/marks.hpp"
#include "services/portfolio/orders.hpp"
#include "services/portfolio/positions.hpp"
#include "services/portfolio/recent_set.hpp"
#include "services/portfolio/reconciliation.hpp"
#include "services/portfolio/transfers.hpp"

namespace parallax::portfolio {

/// Why a venue was asked to be halted. Each is something a venue did or said; none is an error of
/// ours.
enum class Alarm : std::uint8_t {
    Overdraft,       ///< it took more than we had: the missing part was booked from suspense
    OversizeFill,    ///< it filled more than ordered: booked
    UnknownOrder,    ///< it filled what nobody ordered: booked
    ForgottenOrder,  ///< it filled an order closed long ago: cannot be told from a repetition, not
                     ///< booked
    BadFill,         ///< it contradicts its order or itself, or is beyond any sense: not booked
    BadTransfer,   ///< a transfer that contradicts itself: not booked; or that brought another sum
                   ///< than was sent: booked, the rest to suspense
    UnknownEntry,  ///< a cash event of no kind we know: booked to suspense; of no asset we know:
                   ///< not booked
    Unreconciled,  ///< its balance differs and stays different: the difference was booked to
                   ///< suspense
};
inline constexpr std::size_t kAlarmCount = 8;
/// One alarm, for people.
struct AlarmRaised {
    Alarm alarm{};
    Market wallet{};
    AssetId asset;  ///< none: it is not about an amount
    Amount amount;  ///< what is missing (Overdraft), was filled, or (Unreconciled, BadTransfer) the
                    ///< world has more than we
    UnixNanos time;
};
[[nodiscard]] constexpr std::string_view to_string(Alarm alarm) noexcept {
    constexpr std::string_view kNames[] = {"overdraft",       "oversize_fill", "unknown_order",
                                           "forgotten_order", "bad_fill",      "bad_transfer",
                                           "unknown_entry",   "unreconciled"};
    return kNames[static_cast<std::size_t>(alarm)];
}

struct Counters {
    std::uint64_t fills = 0;          ///< booked
    std::uint64_t duplicates = 0;     ///< fills and cash events seen before
    std::uint64_t late_fills = 0;     ///< after their order's end
    std::uint64_t fill_checks = 0;    ///< invariant checks on fills (I7, I8)
    std::uint64_t verify_checks = 0;  ///< comparisons made by verify()
    std::uint64_t reservations_short =
        0;  ///< changes that left less than an order needs: a venue took more than its worst case
    std::uint64_t margin_short =
        0;  ///< positions with less margin locked than computed, for want of money
    std::uint64_t attributions = 0;
    std::uint64_t inexact_attributions = 0;  ///< whose exact parts do not add up: 0, or a bug
    std::uint64_t stale_settlements = 0;     ///< valued by a mark older than `mark_max_age_s`
    std::array<std::uint64_t, kAlarmCount> alarms{};
    template <class Archive>
    void describe(Archive& a) {
        a(fills, duplicates, late_fills, fill_checks, verify_checks, reservations_short,
          margin_short, attributions, inexact_attributions, stale_settlements, alarms);
    }
};

/// One asset of one wallet.
struct Holding {
    Market wallet{};
    AssetId asset;
    Amount available, reserved, margin, in_transit;
    Amount unrealised;            ///< of derivatives that settle in it
    std::optional<Amount> value;  ///< of all that in the reporting asset, at the wallet's own venue
                                  ///< where that quotes it; none when nothing does
    bool stale = false;           ///< by marks older than `mark_max_age_s`
};

struct PositionReport {
    InstrumentId instrument;
    Amount net;                                  ///< in the unit of Quantity
    Amount basis, margin, realised, unrealised;  ///< in the settle asset
    Mark mark;
};

/// Where every unit of an asset came from and went: external = wallets + fees + funding + pnl +
/// conversion + suspense
/// (+ residual, which is 0). Flows count as paid: fees 3 = 3 paid, pnl -7 = 7 earned.
struct Conservation {
    AssetId asset;
    Amount external;  ///< came in from outside, opening balances included
    std::array<Amount, kMarketCount>
        wallets{};  ///< closing: available, reserved, margin, in transit
    Amount fees, funding, pnl, conversion, suspense;
    Amount residual;
};

struct Performance {
    AssetId reporting_asset;
    Amount equity;               ///< all wallets, with open profit of derivatives
    Amount realised;             ///< of all settled plans
    Amount unrealised;           ///< open profit of derivatives
    std::uint64_t unvalued = 0;  ///< holdings nothing quotes in the reporting asset: left out
    std::uint64_t stale = 0;     ///< holdings and positions valued by marks that are too old
    std::uint64_t entries = 0;
    std::uint64_t invariant_checks = 0;
    Counters counters;
};

/// Owns the ledger: every balance, reservation, fill, fee and profit, exact to 1e-18. A state
/// machine without clock or I/O; single-threaded. What a venue did is a fact and is booked,
/// whatever it is; what it should not have done also asks for a halt of that venue. Messages of
/// peers never trip an assertion.
///
/// Invariants (methods 9) and where each is asserted while running; verify() proves all again:
/// I1, I6 Ledger::post (two ends); I2, I3 Ledger::verify; I4 Ledger::post; I5 reserve, send,
/// count_reserved, close_order, finish; I7 orders::FillFilter; I8 OrderRegistry::accept; I9
/// book_fee; I10 on(CashEvent), book_transfer; I11 apply_fill; I12 Reconciler::compare.
class Service final : public ports::Reservations {
public:
    /// `fees` decide what an order needs at worst: the same as trading's.
    Service(const Universe& universe, const book::BookSet& books, const FeeSchedule& fees,
            const Config& config);

    // ports::Reservations, called directly by trading
    [[nodiscard]] HotResult<void> reserve(PlanId plan, std::span<const ports::Hold> holds,
                                          UnixNanos now) override;
    void release(PlanId plan, UnixNanos now) override;
    [[nodiscard]] Amount available(Market wallet, AssetId asset) const noexcept override;

    void on(const messages::ExternalFlow& flow);
    void on(const messages::CashEvent& event);
    void on(const messages::CashTold& told);
    void on(const messages::Transfer& step);
    /// Takes in a position that was there before the ledger, and locks margin behind it. False, and
    /// nothing changes: no derivative, numbers beyond any sense or no whole steps of the scale, or
    /// an instrument of which the ledger knows already.
    bool on(const messages::PositionAdopted& adopted);
    /// Only Place matters: registers the order before it leaves. Needs a reservation of at least
    /// its worst case; an order told again changes nothing.
    void on(const messages::OrderRequest& request);
    void on(const messages::OrderEvent& event);
    /// The first update of a plan sets its value asset and takes its opening marks; the last one
    /// settles it.
    void on(const messages::PlanUpdate& update);
    void on(const messages::MarkPrice& mark) { marks_.on(mark); }
    void on(const messages::BalanceReport& report);
    void on(const messages::ClockTick& tick);
    /// The process was dead for so long.
    void slept(Nanos asleep) { orders_.slept(asleep); }
    /// The universe has a new listing.
    void on_listed();
    void on_rescale(const Rescale& change);

    // Outputs since the last clear_outputs()
    [[nodiscard]] std::span<const LedgerEntry> entries() const noexcept {
        return ledger_.entries();
    }
    [[nodiscard]] std::span<const BalanceChange> balance_changes() const noexcept {
        return ledger_.balance_changes();
    }
    [[nodiscard]] std::span<const messages::Attribution> attributions() const noexcept {
        return attributions_;
    }
    [[nodiscard]] std::span<const messages::SetTradingState> state_commands() const noexcept {
        return commands_;
    }
    [[nodiscard]] std::span<const AlarmRaised> alarms() const noexcept { return alarms_; }
    void clear_outputs();

    // Reports: cold, allocate, change nothing
    [[nodiscard]] std::vector<Holding> holdings() const;
    [[nodiscard]] std::vector<PositionReport> positions() const;
    [[nodiscard]] std::vector<Conservation> conservation() const;
    [[nodiscard]] Performance performance() const;
    /// Sums of all attributions, one per value asset, in order of first use.
    [[nodiscard]] std::span<const messages::Attribution> totals() const noexcept { return totals_; }
    [[nodiscard]] const Ledger& ledger() const noexcept { return ledger_; }
    [[nodiscard]] const Counters& counters() const noexcept { return counters_; }
    [[nodiscard]] std::size_t open_plans() const noexcept { return plans_.size(); }
    [[nodiscard]] const OrderRegistry& orders() const noexcept { return orders_; }
    /// The ledger has, or had, a position in it.
    [[nodiscard]] bool knows_position(InstrumentId id) const noexcept {
        return positions_.contains(id);
    }

    /// Checks I1-I12 over the whole state. Nothing when all hold, else the first that does not, for
    /// people. Cold.
    [[nodiscard]] std::optional<std::string> verify();

    /// All state; outputs must have been cleared.
    template <class Archive>
    void describe(Archive& a);  // for the archives of core/archive.hpp

private:
    /// More of anything in one event is nonsense; it keeps peers from overflowing sums.
    [[nodiscard]] static bool sensible(Amount amount) noexcept {
        constexpr Amount kMost = Amount::units(10'000'000'000'000'000);
        return amount <= kMost && amount >= -kMost;
    }
    [[nodiscard]] bool known(AssetId asset);
    [[nodiscard]] AssetId reporting_asset() const noexcept;
    void halt(Market wallet, Alarm alarm, UnixNanos time, AssetId asset = AssetId::none(),
              Amount amount = {});
    PlanAccount& open_plan(PlanId plan);
    void value_in(PlanAccount& account, AssetId preferred);

    void begin(PlanId plan, UnixNanos time, Cut cut = {});
    void move(EntryKind kind, AssetId asset, Place from, Place to, Amount amount);
    void pay(EntryKind kind, AssetId asset, Place to, Amount amount, Reservation* held,
             UnixNanos now);
    void settle_cash(EntryKind kind, Market wallet, AssetId asset, Bucket far, Amount received,
                     Reservation* held, UnixNanos now);

    [[nodiscard]] orders::Need worst_case(const Order& order) const noexcept;
    void send(PlanAccount& account, ClientOrderId id, UnixNanos now);
    void fit(Reservation& held, Amount needed);
    void empty(Reservation& held);
    void count_reserved(const Reservation& before, const Reservation& after);
    void release_unsent(PlanAccount& account, UnixNanos now);

    void fill(const messages::OrderEvent& event);
    void book_fill(const messages::OrderEvent& event, Quantity quantity, PlanAccount& account);
    Amount book_spot(const messages::OrderEvent& event, const Instrument& listing,
                     Quantity quantity, Reservation* held);
    PositionChange book_position(const messages::OrderEvent& event, const Instrument& listing,
                                 Quantity quantity, PlanAccount& account, Reservation* held);
    void book_fee(const messages::OrderEvent& event, const Instrument& listing, Quantity quantity,
                  PlanAccount& account, Reservation* held);
    void lock_margin(const Instrument& listing, Amount needed, Reservation* held);
    [[nodiscard]] bool bookable(const messages::OrderEvent& event);
    void close_order(ClientOrderId id, UnixNanos now);
    void finish(PlanAccount& account, std::span<const messages::PlanLeg> legs, UnixNanos now);
    [[nodiscard]] PlanAccount* plan_behind(const messages::CashEvent& event);
    void book_transfer(const messages::Transfer& step, OpenTransfer& transfer);
    [[nodiscard]] std::uint64_t oldest_untold(Market wallet) const noexcept;
    [[nodiscard]] Amount value_of(AssetId asset, const PlanAccount& account, const Item& item);
    [[nodiscard]] Mark position_mark(InstrumentId id, const Position& position) const;
    [[nodiscard]] Amount open_profit(InstrumentId id, const Position& position) const;
    [[nodiscard]] std::optional<std::string> verify_reservations() const;
    [[nodiscard]] std::optional<std::string> verify_positions() const;
    [[nodiscard]] std::optional<std::string> verify_transfers() const;

    /// What the reservations of one account should come to.
    struct Needed {
        Amount needed;   ///< worst cases and fees
        Amount missing;  ///< of that, what venues took beyond it
        template <class Archive>
        void describe(Archive& a) {
            a(needed, missing);
        }
    };

    const Universe& universe_;
    FeeSchedule fees_;
    Config config_;
    Ledger ledger_;
    OrderRegistry orders_;
    SlotMap<PlanAccount> plans_;
    std::map<std::pair<Market, AssetId>, Needed> needed_;
    std::map<InstrumentId, Position> positions_;
    Marks marks_;
    RecentSet<CashKey> seen_;
    RecentSet<std::uint64_t>
        settled_;  ///< plans: what comes for them later is no part of their plan
    TransferRegistry transfers_;
    Reconciler reconciler_;
    std::vector<messages::Attribution> totals_;
    std::map<std::pair<Market, AssetId>, Amount>
        other_pnl_;                            ///< booked by venues on no position of ours
    std::map<AssetId, Amount> other_transit_;  ///< by transfers that venues tell one side of
    Counters counters_;

    Cut cut_;                         ///< of the change that is being booked
    PlanAccount* current_ = nullptr;  ///< whose postings are being made; null between handlers
    std::vector<messages::Attribution> attributions_;
    std::vector<messages::SetTradingState> commands_;
    std::vector<AlarmRaised> alarms_;
};

}  // namespace parallax::portfolio
