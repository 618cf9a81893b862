#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "app/settings.hpp"
#include "core/archive.hpp"
#include "journal/writer.hpp"
#include "messages/codec.hpp"
#include "messages/run.hpp"
#include "runtime/latency.hpp"
#include "services/market_data/service.hpp"
#include "services/portfolio/service.hpp"
#include "services/risk/service.hpp"
#include "services/scanner/service.hpp"
#include "services/trading/service.hpp"

namespace parallax::app {

/// What each stage took, when measured. Nanoseconds.
struct StageLatency {
    runtime::LatencyHistogram parse;
    runtime::LatencyHistogram book;
    runtime::LatencyHistogram scan;
    runtime::LatencyHistogram risk;  ///< signal to approved orders: plan, gate, reservation
    runtime::LatencyHistogram tick_to_order;  ///< bytes to order request
};

/// Compares the outputs of a run with those of its journal; see verify.
class OutputCheck {
public:
    void produced(messages::MessageType type, std::vector<std::byte> bytes);
    /// A recorded output. False when the run produced something else, or nothing.
    [[nodiscard]] bool expect(messages::MessageType type, std::span<const std::byte> bytes);
    [[nodiscard]] bool drained() const noexcept { return next_ == outputs_.size(); }

    struct Output {
        messages::MessageType type;
        std::vector<std::byte> bytes;
    };
    /// What the run produced and the journal has not; taken: nothing is expected any more.
    [[nodiscard]] std::vector<Output> take_unrecorded();

private:
    std::vector<Output> outputs_;
    std::size_t next_ = 0;
};

/// The deterministic core of a process: the five services, wired by direct calls in one thread. An
/// input goes through market_data, scanner, trading (which asks risk and portfolio) and portfolio
/// in this order; what comes out is orders for a gateway, and messages for the journal. Same
/// settings and same inputs give the same outputs and the same digest on every machine.
class Pipeline {
public:
    static constexpr std::uint64_t kHashInterval = 4'096;
    /// Flag of a journal record that is an input. Some messages (an operator's command and a halt
    /// of our own) are of one type, but come in or go out.
    static constexpr std::uint16_t kInputRecord = 1;
    static constexpr std::size_t kRiskChecks = 12;

    /// The manifest becomes the journal's first record. `journal` and `check` may be null; both
    /// outlive the pipeline.
    Pipeline(const Settings& settings, const messages::RunManifest& manifest,
             journal::Writer* journal = nullptr, OutputCheck* check = nullptr);
    Pipeline(const Pipeline&) = delete;
    Pipeline& operator=(const Pipeline&) = delete;

    /// Goes on with the state of another pipeline, which may have other settings. This one is
    /// fresh; its manifest becomes the next record of `journal` (may be null), the first of a new
    /// part of the run: it tells when that began and under which settings. Books are empty until
    /// their next snapshots, open plans get their time anew (trading::Service::resume). Errors:
    /// Rejected (the state does not go with these settings); this is then of no further use.
    [[nodiscard]] Result<void> continue_from(const Pipeline& before, journal::Writer* journal);

    // Inputs. Each is journalled before it takes effect. Errors leave the state unchanged.
    Result<InstrumentId> on(const messages::InstrumentListed& input);
    Result<void> on(const messages::InstrumentRefined& input);
    void on(const messages::DepthUpdate& input);
    void on(const messages::BestQuote& input);
    void on(const messages::TradePrint& input);
    void on(const messages::MarkPrice& input);
    void on(const messages::FeedStatus& input);
    void on(const messages::BookLost& input);
    void on(const messages::ClockTick& input);
    void on(const messages::OrderEvent& input);
    void on(const messages::ExternalFlow& input);
    void on(const messages::CashEvent& input);
    void on(const messages::CashTold& input);
    void on(const messages::Transfer& input);
    /// Errors: Rejected (the ledger takes no such position, or has one already).
    Result<void> on(const messages::PositionAdopted& input);
    void on(const messages::BalanceReport& input);
    void on(const messages::SetTradingState& input);
    void on(const messages::AccountStatus& input);
    void on(const messages::ChangeLimits& input);

    /// Does what may wait until the orders of the last tick are sent: everything else that follows
    /// from it, and every so many inputs the hash of the whole state. The next input does it
    /// otherwise; until then what is shown here may be from before the tick.
    void settle();
    /// End of data: open episodes are closed as censored.
    void finish();

    /// Orders decided since the last call; valid until the next input.
    [[nodiscard]] std::span<const messages::OrderRequest> take_requests();
    /// The time at which a ClockTick is wanted, or unknown.
    [[nodiscard]] UnixNanos next_deadline() const { return trading_.next_deadline(); }
    /// What the last input did to its book.
    [[nodiscard]] const book::Applied& applied() const noexcept { return applied_; }

    [[nodiscard]] const market_data::Service& market() const noexcept { return market_; }
    [[nodiscard]] const scanner::Service& scanner() const noexcept { return scanner_; }
    [[nodiscard]] const risk::Service& risk() const noexcept { return risk_; }
    [[nodiscard]] const trading::Service& trading() const noexcept { return trading_; }
    [[nodiscard]] const portfolio::Service& portfolio() const noexcept { return portfolio_; }
    [[nodiscard]] const Universe& universe() const noexcept { return market_.universe(); }

    /// Plans by how they ended, and the last few updates for display.
    struct PlanCounts {
        std::uint64_t sent = 0, completed = 0, legged = 0, unwound = 0, missed = 0, refused = 0;
        std::uint64_t residual = 0;  ///< ended with a rest nobody could mend
        std::array<std::uint64_t, messages::kReasonCount> refused_by{};
        std::array<std::uint64_t, kRiskChecks> refused_by_check{};  ///< those by risk_limit
        void refuse(const messages::Reason& reason) noexcept;
        template <class Archive>
        void describe(Archive& a) {
            a(sent, completed, legged, unwound, missed, refused, residual, refused_by,
              refused_by_check);
        }
    };
    [[nodiscard]] const PlanCounts& plan_counts() const noexcept { return plan_counts_; }
    [[nodiscard]] std::span<const messages::Opportunity> last_opportunities() const noexcept {
        return seen_;
    }
    /// Why portfolio wanted venues halted: the first ones of this part of the run.
    [[nodiscard]] std::span<const portfolio::AlarmRaised> alarms() const noexcept {
        return alarms_;
    }

    /// Of the part of the run that goes on now.
    [[nodiscard]] const messages::RunManifest& manifest() const noexcept { return manifest_; }
    /// Of the last input.
    [[nodiscard]] UnixNanos now() const noexcept { return now_; }
    /// Of the last input before this part of the run; unknown: there was none.
    [[nodiscard]] UnixNanos resumed_from() const noexcept { return resumed_from_; }
    [[nodiscard]] std::uint64_t inputs() const noexcept { return inputs_; }
    [[nodiscard]] std::uint64_t outputs() const noexcept { return outputs_; }
    /// Hash of the state as it is and of all outputs so far.
    [[nodiscard]] std::uint64_t digest() const;
    void set_measured(StageLatency* stages) noexcept { stages_ = stages; }

    /// The whole state, for snapshots and hashes.
    template <class Archive>
    void describe(Archive& a) {
        a(inputs_, outputs_, chain_, now_, plan_counts_, market_);
        if constexpr (Archive::kReading) list_all();
        a(scanner_, trading_, risk_, portfolio_);
    }

private:
    template <class Message>
    void input(const Message& message, UnixNanos time);
    template <class Message>
    void output(const Message& message);
    template <class Message>
    void told(const Message& message);
    template <class Message>
    void write(const Message& message, std::uint16_t flags = 0);
    void book_changed(InstrumentId id);
    void rescaled(const Rescale& change);
    void list_all();
    void act();
    void drain();
    bool drain_once();
    void count(const messages::PlanUpdate& update) noexcept;
    void prove();

    StageLatency* stages_ = nullptr;
    journal::Writer* journal_;
    OutputCheck* check_;
    Settings settings_;  ///< the services keep references into it
    messages::RunManifest manifest_;
    UnixNanos resumed_from_;  ///< not state: a fact about this process
    market_data::Service market_;
    portfolio::Service portfolio_;
    risk::Service risk_;
    scanner::Service scanner_;
    trading::Service trading_;

    UnixNanos now_;
    std::uint64_t inputs_ = 0;
    std::uint64_t outputs_ = 0;
    std::uint64_t chain_ = 0;
    bool acted_ = false;      ///< act() was called for what is there
    bool unsettled_ = false;  ///< what else follows from the last tick is due
    bool proof_due_ = false;
    std::uint64_t proved_ = 0;  ///< inputs at the last proof of this part
    book::Applied applied_;
    PlanCounts plan_counts_;
    std::vector<messages::OrderRequest> requests_;
    std::vector<messages::OrderRequest> taken_;
    std::vector<messages::Opportunity> seen_;
    std::vector<portfolio::AlarmRaised> alarms_;
};

}  // namespace parallax::app
