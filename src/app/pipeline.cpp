#include "app/pipeline.hpp"

#include <algorithm>

#include "runtime/clock.hpp"

namespace parallax::app {
namespace {

/// Times a stage when somebody measures; costs one predictable branch when nobody does.
class Stopwatch {
public:
    explicit Stopwatch(runtime::LatencyHistogram* histogram) noexcept : histogram_{histogram} {
        if (histogram_ != nullptr) start_ = runtime::mono_now();
    }
    ~Stopwatch() {
        if (histogram_ != nullptr) histogram_->record((runtime::mono_now() - start_).count());
    }
    Stopwatch(const Stopwatch&) = delete;
    Stopwatch& operator=(const Stopwatch&) = delete;

private:
    runtime::LatencyHistogram* histogram_;
    MonoNanos start_;
};

constexpr std::size_t kShown = 64;  ///< opportunities and alarms kept for display

}  // namespace

void OutputCheck::produced(messages::MessageType type, std::vector<std::byte> bytes) {
    if (drained()) {
        outputs_.clear();
        next_ = 0;
    }
    outputs_.push_back({type, std::move(bytes)});
}

std::vector<OutputCheck::Output> OutputCheck::take_unrecorded() {
    std::vector<Output> rest{
        std::make_move_iterator(outputs_.begin() + static_cast<std::ptrdiff_t>(next_)),
        std::make_move_iterator(outputs_.end())};
    outputs_.clear();
    next_ = 0;
    return rest;
}

bool OutputCheck::expect(messages::MessageType type, std::span<const std::byte> bytes) {
    if (drained()) return false;
    const Output& output = outputs_[next_++];
    return output.type == type && std::ranges::equal(output.bytes, bytes);
}

void Pipeline::PlanCounts::refuse(const messages::Reason& reason) noexcept {
    ++refused;
    ++refused_by[static_cast<std::size_t>(reason.code)];
    const auto check = static_cast<std::size_t>(reason.value);
    if (reason.code == messages::ReasonCode::RiskLimit && check < kRiskChecks)
        ++refused_by_check[check];
}

void Pipeline::count(const messages::PlanUpdate& update) noexcept {
    using messages::PlanOutcome;
    if (update.state == messages::PlanState::Sent) ++plan_counts_.sent;
    if (update.state == messages::PlanState::Refused) plan_counts_.refuse(update.reason);
    if (update.state != messages::PlanState::Settled) return;
    plan_counts_.completed += update.outcome == PlanOutcome::Completed ? 1 : 0;
    plan_counts_.legged += update.outcome == PlanOutcome::Legged ? 1 : 0;
    plan_counts_.unwound += update.outcome == PlanOutcome::Unwound ? 1 : 0;
    plan_counts_.missed += update.outcome == PlanOutcome::Missed ? 1 : 0;
    plan_counts_.residual += update.outcome == PlanOutcome::Residual ? 1 : 0;
}

Pipeline::Pipeline(const Settings& settings, const messages::RunManifest& manifest,
                   journal::Writer* journal, OutputCheck* check)
    : journal_{journal},
      check_{check},
      settings_{settings},
      manifest_{manifest},
      market_{settings_.market_data},
      portfolio_{market_.universe(), market_.books(), settings_.fees, settings_.portfolio},
      risk_{market_.universe(), market_.books(), portfolio_, settings_.fees, settings_.risk},
      scanner_{market_.universe(), market_.books(), settings_.fees, settings_.scanner},
      trading_{market_.universe(), market_.books(),  settings_.fees, risk_,
               portfolio_,         settings_.trading} {
    write(manifest);
}

template <class Message>
void Pipeline::write(const Message& message, std::uint16_t flags) {
    if (journal_ == nullptr) return;
    const auto size = messages::encoded_size(message);
    const auto room =
        journal_->reserve(static_cast<std::uint16_t>(messages::type_of<Message>), size, flags);
    if (!room) return;  // the writer keeps its error; the runner looks at it and halts
    messages::encode_to(room->data(), message);
    journal_->commit();
}

template <class Message>
void Pipeline::input(const Message& message, UnixNanos time) {
    settle();
    write(message, kInputRecord);
    ++inputs_;
    now_ = std::max(now_, time);
}

template <class Message>
void Pipeline::output(const Message& message) {
    write(message);
    told(message);
}

/// What was written counts as an output.
template <class Message>
void Pipeline::told(const Message& message) {
    ++outputs_;
    chain_ = state_hash(message, chain_);
    if (check_ != nullptr) {
        std::vector<std::byte> bytes;
        messages::encode(message, bytes);
        check_->produced(messages::type_of<Message>, std::move(bytes));
    }
}

Result<void> Pipeline::continue_from(const Pipeline& before, journal::Writer* journal) {
    std::vector<std::byte> state;
    StateWriter{state}(before);
    StateReader reader{state};
    reader(*this);
    if (!reader.finished() || digest() != before.digest())
        return fail(Errc::Rejected,
                    "what the run had come to cannot be held under the changed "
                    "settings");
    if (const auto broken = portfolio_.verify())
        return fail(Errc::Rejected, "the changed settings contradict what is open: " + *broken);
    journal_ = journal;
    resumed_from_ = now_;
    input(manifest_, manifest_.started);
    // Limits may have been changed while running; a changed file overrules that, the same one does
    // not.
    Settings old_limits, new_limits;
    old_limits.risk = before.settings_.risk;
    new_limits.risk = settings_.risk;
    if (format_settings(old_limits, false) != format_settings(new_limits, false))
        risk_.set_limits(settings_.risk);
    portfolio_.slept(now_ - resumed_from_);
    for (const Instrument& listing : universe().instruments()) {
        market_.on(messages::BookLost{listing.id, now_});
        scanner_.on_book(listing.id, now_);
    }
    // A feed that was down then is a matter of that day: this one's books begin without anything.
    for (const MarketInfo& market : kMarkets) {
        if (market_.feed_up(market.market)) continue;
        const messages::FeedStatus up{market.market, now_, true};
        market_.on(up);
        scanner_.on(up);
        risk_.on(up);
    }
    trading_.resume(now_);
    drain();
    return {};
}

Result<InstrumentId> Pipeline::on(const messages::InstrumentListed& message) {
    input(message, message.time);
    const auto listed = market_.on(message);
    if (!listed) return tl::unexpected<Error>{listed.error()};
    if (listed->rescaled) rescaled(*listed->rescaled);
    scanner_.on_listed(listed->id);
    risk_.on_listed(listed->id);
    trading_.on_listed(listed->id);
    portfolio_.on_listed();
    drain();
    return listed->id;
}

/// After a snapshot's listings and books were read: the services rebuild what follows from them.
/// The scanner does so itself.
void Pipeline::list_all() {
    portfolio_.on_listed();
    for (const Instrument& listing : universe().instruments()) {
        risk_.on_listed(listing.id);
        trading_.on_listed(listing.id);
    }
}

Result<void> Pipeline::on(const messages::InstrumentRefined& message) {
    input(message, message.time);
    const auto change = market_.on(message);
    if (!change) return tl::unexpected<Error>{change.error()};
    if (*change) rescaled(**change);
    drain();
    return {};
}

void Pipeline::rescaled(const Rescale& change) {
    scanner_.on_rescale(change);
    risk_.on_rescale(change);
    trading_.on_rescale(change);
    portfolio_.on_rescale(change);
}

/// A tick: its orders first, what else follows when they are sent.
void Pipeline::book_changed(InstrumentId id) {
    {
        const Stopwatch watch{stages_ == nullptr ? nullptr : &stages_->scan};
        scanner_.on_book(id, now_);
    }
    act();
    acted_ = unsettled_ = true;
    if (check_ != nullptr) settle();  // a verifier compares at once
}

void Pipeline::on(const messages::DepthUpdate& message) {
    input(message, message.stamp.received);
    {
        const Stopwatch watch{stages_ == nullptr ? nullptr : &stages_->book};
        applied_ = market_.on(message);
    }
    book_changed(message.instrument);
}

void Pipeline::on(const messages::BestQuote& message) {
    input(message, message.stamp.received);
    {
        const Stopwatch watch{stages_ == nullptr ? nullptr : &stages_->book};
        applied_ = market_.on(message);
    }
    book_changed(message.instrument);
}

void Pipeline::on(const messages::TradePrint& message) {
    input(message, message.stamp.received);
    scanner_.on(message);
    drain();
}

void Pipeline::on(const messages::MarkPrice& message) {
    input(message, message.stamp.received);
    scanner_.on(message);
    risk_.on(message);
    portfolio_.on(message);
    drain();
}

void Pipeline::on(const messages::FeedStatus& message) {
    input(message, message.time);
    market_.on(message);
    scanner_.on(message);
    risk_.on(message);
    if (!message.up) {
        for (const Instrument& listing : universe().instruments()) {
            if (listing.market == message.market) scanner_.on_book(listing.id, now_);
        }
    }
    drain();
}

void Pipeline::on(const messages::BookLost& message) {
    input(message, message.time);
    market_.on(message);
    scanner_.on_book(message.instrument, now_);
    drain();
}

void Pipeline::on(const messages::ClockTick& message) {
    input(message, message.now);
    market_.on(message);
    for (const InstrumentId id : market_.went_stale()) scanner_.on_book(id, now_);
    scanner_.on(message);
    risk_.on(message);
    portfolio_.on(message);
    trading_.on(message);
    drain();
}

void Pipeline::on(const messages::OrderEvent& message) {
    input(message, message.received);
    portfolio_.on(message);
    risk_.on(message);
    trading_.on(message);
    drain();
}

void Pipeline::on(const messages::ExternalFlow& message) {
    input(message, message.time);
    portfolio_.on(message);
    drain();
}

void Pipeline::on(const messages::CashEvent& message) {
    input(message, message.time);
    portfolio_.on(message);
    drain();
}

void Pipeline::on(const messages::CashTold& message) {
    input(message, message.time);
    portfolio_.on(message);
    drain();
}

void Pipeline::on(const messages::Transfer& message) {
    input(message, message.time);
    portfolio_.on(message);
    drain();
}

Result<void> Pipeline::on(const messages::PositionAdopted& message) {
    input(message, message.time);
    const bool taken = portfolio_.on(message);
    if (taken) risk_.on(message);
    drain();
    if (!taken) return fail(Errc::Rejected, "a position that the ledger cannot take");
    return {};
}

void Pipeline::on(const messages::BalanceReport& message) {
    input(message, message.time);
    portfolio_.on(message);
    drain();
}

void Pipeline::on(const messages::SetTradingState& message) {
    input(message, message.time);
    risk_.on(message);
    drain();
}

void Pipeline::on(const messages::AccountStatus& message) {
    input(message, message.time);
    risk_.on(message);
    drain();
}

void Pipeline::on(const messages::ChangeLimits& message) {
    input(message, message.time);
    risk_.on(message);
    drain();
}

void Pipeline::finish() {
    settle();
    scanner_.close_all(now_);
    drain();
    proof_due_ = false;
    prove();
}

/// Trading on what the scanner signals. Plans and their orders are written, as what is sent was
/// journalled first; they are hashed when they are on their way.
void Pipeline::act() {
    const auto& opportunities = scanner_.opportunities();
    const bool signalled = std::ranges::any_of(
        opportunities, [](const messages::Opportunity& one) { return one.reason.none(); });
    if (signalled) {  // together: those of one dislocation overlap, and the best of them is taken
        const Stopwatch watch{stages_ == nullptr ? nullptr : &stages_->risk};
        trading_.on(opportunities);
    }
    for (const messages::PlanUpdate& update : trading_.plan_updates()) write(update);
    for (const messages::OrderRequest& request : trading_.requests()) {
        write(request);
        requests_.push_back(request);
    }
}

/// Hands every service's outputs to those who want them until nothing new comes out.
void Pipeline::drain() {
    do {
        if (!std::exchange(acted_, false)) act();
    } while (drain_once());
    unsettled_ = false;
    proof_due_ = inputs_ % kHashInterval == 0;
    if (check_ != nullptr) settle();
}

void Pipeline::settle() {
    if (unsettled_) drain();
    if (std::exchange(proof_due_, false)) prove();
}

/// After act(): everybody else learns of it. False: nothing moved.
bool Pipeline::drain_once() {
    bool moved = false;
    for (const messages::PlanUpdate& update : trading_.plan_updates()) told(update);
    for (const messages::OrderRequest& request : trading_.requests()) told(request);
    for (const messages::Opportunity& opportunity : scanner_.opportunities()) {
        moved = true;
        output(opportunity);
        if (seen_.size() == kShown) seen_.erase(seen_.begin(), seen_.begin() + kShown / 2);
        seen_.push_back(opportunity);
    }
    for (const messages::Episode& episode : scanner_.episodes()) output(episode);
    scanner_.clear_outputs();

    for (const messages::PlanUpdate& update : trading_.plan_updates()) {
        moved = true;
        count(update);
        portfolio_.on(update);
        scanner_.on(update);
        risk_.on(update);
    }
    for (const messages::OrderRequest& request : trading_.requests()) {
        moved = true;
        portfolio_.on(request);
    }
    trading_.clear_outputs();

    for (const messages::LedgerEntry& entry : portfolio_.entries()) {
        output(entry);
        risk_.on(entry);
    }
    for (const messages::Attribution& attribution : portfolio_.attributions()) {
        moved = true;
        output(attribution);
        risk_.on(attribution);
    }
    for (const auto& change : portfolio_.balance_changes()) {
        scanner_.set_balance(change.wallet, change.asset, change.available);
    }
    for (const messages::SetTradingState& command : portfolio_.state_commands()) {
        moved = true;
        output(command);
        risk_.on(command);
    }
    for (const portfolio::AlarmRaised& alarm : portfolio_.alarms()) {
        if (alarms_.size() < kShown) alarms_.push_back(alarm);
    }
    portfolio_.clear_outputs();

    for (const messages::TradingStateChanged& change : risk_.state_changes()) {
        moved = true;
        output(change);
    }
    for (const messages::LimitsChanged& change : risk_.limit_changes()) output(change);
    risk_.clear_outputs();
    return moved;
}

std::span<const messages::OrderRequest> Pipeline::take_requests() {
    taken_.swap(requests_);
    requests_.clear();
    return taken_;
}

std::uint64_t Pipeline::digest() const { return state_hash(*this); }

void Pipeline::prove() {
    PLX_ASSERT(proved_ != inputs_);  // a verifier must find it once, too
    proved_ = inputs_;
    PLX_ASSERT(!portfolio_.verify());  // I1 to I12 over the whole ledger
    const messages::StateHash proof{inputs_, digest(), now_};
    chain_ = state_hash(proof, chain_);
    write(proof);
    if (check_ != nullptr) {
        std::vector<std::byte> bytes;
        messages::encode(proof, bytes);
        check_->produced(messages::MessageType::StateHash, std::move(bytes));
    }
}

}  // namespace parallax::app
