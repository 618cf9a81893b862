#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <thread>

#include "app/commands.hpp"
#include "app/live_screen.hpp"
#include "app/report.hpp"
#include "runtime/clock.hpp"
#include "sim/market/synthetic_market.hpp"

namespace parallax::app {
namespace {

std::atomic<bool> g_stop{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set from a signal handler");
void on_signal(int) { g_stop = true; }

constexpr Nanos kRedraw = Nanos::millis(250);
constexpr Nanos kHeadlessLine = Nanos::seconds(10);  ///< of market time

/// Holds market time back to `speed` market seconds per second.
class Pace {
public:
    Pace(UnixNanos start, double speed)
        : market_{start}, wall_{runtime::mono_now()}, speed_{speed} {}
    void wait_for(UnixNanos market) const {
        if (speed_ <= 0) return;
        const auto due =
            static_cast<std::int64_t>(static_cast<double>((market - market_).count()) / speed_);
        const std::int64_t ahead = due - (runtime::mono_now() - wall_).count();
        if (ahead > 1'000'000) std::this_thread::sleep_for(std::chrono::nanoseconds(ahead));
    }

private:
    UnixNanos market_;
    MonoNanos wall_;
    double speed_;
};

}  // namespace

int run_up(const UpOptions& options) {
    Settings settings;
    if (!options.config.empty()) {
        auto read = read_settings(options.config);
        if (!read) {
            std::fprintf(stderr, "%s\n", read.error().detail.c_str());
            return kUsage;
        }
        settings = std::move(*read);
    }
    if (!options.fees.empty()) {
        const auto fees = read_fees(options.fees);
        if (!fees) {
            std::fprintf(stderr, "%s\n", fees.error().detail.c_str());
            return kUsage;
        }
        settings.fees = *fees;
    }
    SessionOptions session_options;
    session_options.seed = options.seed;
    session_options.journal = options.journal;
    session_options.snapshot_every = options.snapshot_every;
    session_options.mode = "up";
    session_options.inputs = "synthetic market";
    session_options.measure = true;
    session_options.thresholds = {Rate{}, Rate::basis_points(5), Rate::basis_points(10),
                                  Rate::basis_points(20)};
    Session session{settings, session_options};
    if (const auto opened = session.open(); !opened) {
        std::fprintf(stderr, "parallax up: %s\n", opened.error().detail.c_str());
        return kUnavailable;
    }

    sim_market::SyntheticMarket market{sim_market::Config{}, options.seed};
    for (const InstrumentDefinition& definition : market.instruments()) session.define(definition);
    std::signal(SIGINT, on_signal);
    std::signal(SIGTERM, on_signal);

    const bool screen = !options.headless && !options.json && isatty(STDOUT_FILENO) == 1;
    const MonoNanos started = runtime::mono_now();
    MonoNanos drawn = started - kRedraw;
    sim_market::Frame raw;
    ports::Frame frame;
    UnixNanos first, reported;
    std::optional<Pace> pace;
    while (!g_stop && !session.journal_error()) {
        market.next(raw);
        if (!first.known()) {
            first = reported = raw.received;
            pace.emplace(first, options.speed);
        }
        const Nanos elapsed = raw.received - first;
        if (options.seconds > 0 && elapsed >= Nanos::seconds(options.seconds)) break;
        pace->wait_for(raw.received);
        frame.received = raw.received;
        frame.market = raw.market;
        frame.bytes = raw.bytes;
        frame.symbol = raw.snapshot_of;
        session.on_frame(frame);
        if (screen && runtime::mono_now() - drawn >= kRedraw) {
            drawn = runtime::mono_now();
            std::fputs(
                ("\x1b[H\x1b[J" + live_screen(session, {options.seed, options.speed, elapsed, 100}))
                    .c_str(),
                stdout);
            std::fflush(stdout);
        } else if (!screen && !options.json && raw.received - reported >= kHeadlessLine) {
            reported = raw.received;
            const auto& plans = session.pipeline().plan_counts();
            std::printf(
                "%6lld s  %llu messages, %llu opportunities, %llu signalled, %llu plans, equity "
                "%s\n",
                static_cast<long long>(elapsed.count() / 1'000'000'000),
                static_cast<unsigned long long>(session.counts().messages),
                static_cast<unsigned long long>(session.pipeline().scanner().counts().seen),
                static_cast<unsigned long long>(session.pipeline().scanner().counts().signalled),
                static_cast<unsigned long long>(plans.sent),
                session.pipeline().portfolio().performance().equity.text().c_str());
            std::fflush(stdout);
        }
    }
    const auto finished = session.finish();
    RunFacts facts;
    facts.seconds = static_cast<double>((runtime::mono_now() - started).count()) / 1e9;
    facts.warnings = session.complaints();
    std::fputs((options.json ? json_report(session, facts) : text_report(session, facts)).c_str(),
               stdout);
    if (!finished) {
        std::fprintf(stderr, "parallax up: %s\n", finished.error().detail.c_str());
        return kUnavailable;
    }
    return session.consistent() ? kOk : kFailed;
}

}  // namespace parallax::app
