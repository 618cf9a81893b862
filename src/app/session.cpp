#include "app/session.hpp"

#include <algorithm>

#include "app/restore.hpp"
#include "app/snapshot.hpp"
#include "journal/snapshot.hpp"

namespace parallax::app {
namespace {

constexpr Nanos kTick = Nanos::millis(100);  ///< clock ticks of the services
constexpr Nanos kPause =
    Nanos::seconds(60);  ///< a longer silence is jumped over, not ticked through
constexpr std::size_t kMaxComplaints = 5;
constexpr std::size_t kSnapshotsKept = 2;  ///< the newest may turn out damaged
/// A clock may be set a little between two runs; the run's own time stands still until then.
constexpr Nanos kClockSlack = Nanos::seconds(5);

}  // namespace

std::string run_configuration(const Settings& settings) {
    Settings copy = settings;
    std::string text = format_settings(copy, false);
    return text + "\n" + format_fees(settings.fees, "fees.");
}

Result<Settings> settings_of_run(const std::string& configuration) {
    return parse_settings(configuration, "journal's manifest");
}

Session::Session(const Settings& settings, SessionOptions options, MakeExecution make_execution)
    : settings_{settings},
      options_{std::move(options)},
      make_execution_{std::move(make_execution)} {}

Result<void> Session::open(UnixNanos now) {
    messages::RunManifest manifest;
    manifest.seed = options_.seed;
    manifest.version = PLX_VERSION;
    manifest.mode = options_.mode;
    manifest.inputs = options_.inputs;
    manifest.configuration = run_configuration(settings_);
    if (!options_.journal.empty()) {
        auto writer = journal::Writer::open(options_.journal, {});
        if (!writer) return tl::unexpected<Error>{writer.error()};
        journal_ = std::move(*writer);
    }
    if (journal_ != nullptr && journal_->last_sequence() != 0) {
        manifest.started = now;
        if (const auto done = take_up(manifest); !done)
            return fail(done.error().code, options_.journal + ": " + done.error().detail);
    } else {
        pipeline_ = std::make_unique<Pipeline>(settings_, manifest, journal_.get());
    }
    if (journal_ != nullptr && options_.snapshot_every != 0)
        next_snapshot_ = pipeline_->inputs() + options_.snapshot_every;
    if (options_.measure) {
        stages_ = std::make_unique<StageLatency>();
        pipeline_->set_measured(stages_.get());
    }
    if (make_execution_) {
        execution_ = make_execution_(*pipeline_);
    } else {
        auto paper = std::make_unique<PaperExecution>(settings_, *pipeline_, options_.seed);
        paper_ = paper.get();
        execution_ = std::move(paper);
    }
    crosses_ = std::make_unique<analytics::Crosses>(pipeline_->universe(), options_.thresholds);
    for (const InstrumentDefinition& definition : settings_.instruments) define(definition);
    return {};
}

/// What the dead process had produced and not yet written is written first: it follows from what it
/// had read.
Result<void> Session::take_up(const messages::RunManifest& manifest) {
    if (!options_.continues)
        return fail(Errc::Rejected,
                    "holds a run already; only parallax live --orders goes on with "
                    "one: give an empty directory");
    std::vector<std::string> notes;
    const auto restored = restore(options_.journal, notes);
    for (std::string& note : notes) complain(std::move(note));
    if (!restored) return tl::unexpected<Error>{restored.error()};
    const Pipeline& before = (*restored)->pipeline();
    if (const auto may = may_continue(before.manifest(), manifest); !may)
        return fail(may.error().code, "the run cannot go on here: " + may.error().detail);
    if (manifest.started + kClockSlack < before.now())
        return fail(Errc::Rejected,
                    "the clock is " +
                        std::to_string((before.now() - manifest.started).count() / 1'000'000'000) +
                        " s behind the run's last input: set the clock");
    for (const OutputCheck::Output& output : (*restored)->take_unrecorded()) {
        if (!journal_->append(static_cast<std::uint16_t>(output.type), output.bytes))
            return fail(Errc::Unavailable, "cannot be written to");
    }
    pipeline_ = std::make_unique<Pipeline>(settings_, manifest);
    if (const auto went = pipeline_->continue_from(before, journal_.get()); !went) return went;
    now_ = pipeline_->now();
    return {};
}

std::optional<Error> Session::journal_error() const {
    if (journal_ == nullptr) return std::nullopt;
    const auto status = journal_->status();
    return status ? std::nullopt : std::optional{status.error()};
}

void Session::complain(std::string text) {
    if (complaints_.size() < kMaxComplaints) complaints_.push_back(std::move(text));
}

// ---- time
// -------------------------------------------------------------------------------------------------

void Session::reset_clock(UnixNanos now) {
    next_tick_ = UnixNanos::from_nanos((now.nanos() / kTick.count() + 1) * kTick.count());
}

void Session::advance(UnixNanos now) {
    now = std::max(now, now_);  // a run that goes on may be ahead of the clock for a moment
    if (!next_tick_.known()) reset_clock(now);
    for (;;) {
        const UnixNanos answer = execution_->next_due();
        const UnixNanos deadline = pipeline_->next_deadline();
        const UnixNanos tick = deadline.known() ? std::min(next_tick_, deadline) : next_tick_;
        const UnixNanos next = std::min(answer, tick);
        if (next > now) break;
        now_ = std::max(now_, next);
        if (answer <= tick) {
            execution_->advance(now_);
            exchange_orders();
            continue;
        }
        pipeline_->on(messages::ClockTick{now_});
        exchange_orders();
        report_balances();
        if (next_tick_ <= now_) next_tick_ = next_tick_ + kTick;
        if (now - next_tick_ > kPause && execution_->next_due() > now) reset_clock(now);
    }
    now_ = std::max(now_, now);
}

/// The venue says what the wallets hold, as it does every so often; portfolio compares.
void Session::report_balances() {
    if (now_ < next_reports_) return;
    next_reports_ = now_ + settings_.paper.balance_interval;
    execution_->report_balances(*pipeline_, now_);
}

void Session::exchange_orders() {
    for (;;) {
        const auto requests = pipeline_->take_requests();
        const bool sent = !requests.empty();
        if (sent) execution_->submit(requests, now_);
        if (!execution_->deliver(*pipeline_) && !sent) return;
    }
}

void Session::rearm() {
    using messages::ScopeKind;
    const auto activate = [this](ScopeKind kind, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i)
            pipeline_->on(messages::SetTradingState{
                {kind, static_cast<std::uint32_t>(i)}, messages::TradingState::Active, now_});
    };
    activate(ScopeKind::Global, 1);
    activate(ScopeKind::Strategy, messages::kValuesOf<messages::OpportunityKind>);
    activate(ScopeKind::Venue, kVenueCount);
    activate(ScopeKind::Symbol, pipeline_->universe().symbols().size());
    activate(ScopeKind::Quote, pipeline_->universe().asset_count());
}

void Session::idle() {
    pipeline_->settle();
    if (next_snapshot_ != 0 && pipeline_->inputs() >= next_snapshot_) take_snapshot();
}

/// Between two inputs, with nothing on its way to the gateway. One that fails costs nothing but
/// itself.
void Session::take_snapshot() {
    next_snapshot_ = pipeline_->inputs() + options_.snapshot_every;
    auto written = journal_->sync();
    if (written)
        written = journal::write_snapshot(options_.journal, journal_->last_sequence(),
                                          to_snapshot(*pipeline_));
    if (written) written = journal::remove_old_snapshots(options_.journal, kSnapshotsKept);
    if (!written) complain("snapshot: " + written.error().detail);
}

Amount Session::venue_difference(AssetId asset) const {
    Amount ours, theirs;
    for (const MarketInfo& market : kMarkets) {
        if (market.wallet != market.market) continue;
        for (const messages::Bucket bucket :
             {messages::Bucket::Available, messages::Bucket::Reserved, messages::Bucket::Margin,
              messages::Bucket::InTransit}) {
            ours += pipeline_->portfolio().ledger().balance(market.market, asset, bucket);
        }
        theirs += execution_->balance(market.market, asset);
    }
    return ours - theirs;
}

bool Session::consistent() const {
    for (const messages::Attribution& total : pipeline_->portfolio().totals()) {
        if (!total.residual.is_zero()) return false;
    }
    for (const portfolio::Conservation& asset : pipeline_->portfolio().conservation()) {
        if (!asset.residual.is_zero() || !venue_difference(asset.asset).is_zero()) return false;
    }
    return true;
}

Result<void> Session::finish() {
    // What is open gets the time its own deadlines ask for.
    const UnixNanos end = now_ + Nanos::seconds(30);
    while (now_ < end && (!execution_->quiet() || pipeline_->trading().open_plans() > 0))
        advance(now_ + kTick);
    pipeline_->finish();
    exchange_orders();
    if (journal_ != nullptr) {
        if (const auto synced = journal_->sync(); !synced) return synced;
    }
    if (const auto error = journal_error()) return tl::unexpected<Error>{*error};
    return {};
}

}  // namespace parallax::app
