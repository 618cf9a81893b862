#include "app/live_run.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

#include "app/commands.hpp"
#include "app/live_screen.hpp"
#include "app/report.hpp"
#include "app/stop.hpp"
#include "runtime/clock.hpp"

namespace parallax::app {
namespace {

constexpr Nanos kRedraw = Nanos::millis(250);        ///< real time
constexpr Nanos kHeadlessLine = Nanos::seconds(10);  ///< of the transport's time

/// What is printed while it runs.
class Display {
public:
    Display(const Session& session, const LiveMarket& market, const LiveExecution* execution,
            const LiveRunOptions& options)
        : session_{session},
          market_{market},
          execution_{execution},
          options_{options},
          screen_{!options.headless && !options.json && isatty(STDOUT_FILENO) == 1} {}

    void update(Nanos elapsed) {
        if (options_.json) return;
        if (screen_) {
            const MonoNanos now = runtime::mono_now();
            if (now - drawn_ < kRedraw) return;
            drawn_ = now;
            ScreenFacts facts{options_.title, elapsed, market_.connections(), {}, session_.now()};
            winsize size{};
            if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0)
                facts.rows = size.ws_row;
            if (execution_ != nullptr) facts.seats = execution_->seats();
            std::fputs(("\x1b[H\x1b[J" + live_screen(session_, facts)).c_str(), stdout);
        } else {
            if (elapsed - reported_ < kHeadlessLine) return;
            reported_ = elapsed;
            const Pipeline& pipeline = session_.pipeline();
            const auto ready = market_.readiness();
            std::printf(
                "%6lld s  %zu of %zu books live, %llu messages, %llu opportunities, %llu "
                "signalled, %llu plans, equity %s\n",
                static_cast<long long>(elapsed.count() / 1'000'000'000), ready.tradable,
                ready.listed, static_cast<unsigned long long>(session_.counts().messages),
                static_cast<unsigned long long>(pipeline.scanner().counts().seen),
                static_cast<unsigned long long>(pipeline.scanner().counts().signalled),
                static_cast<unsigned long long>(pipeline.plan_counts().sent),
                pipeline.portfolio().performance().equity.text().c_str());
            for (const ports::FeedConnection& one : market_.connections()) {
                if (one.state == "live") continue;
                std::printf("         %s is %s: %s\n", one.name.c_str(),
                            std::string{one.state}.c_str(),
                            one.last_reason.empty() ? "no answer so far" : one.last_reason.c_str());
            }
        }
        std::fflush(stdout);
    }

private:
    const Session& session_;
    const LiveMarket& market_;
    const LiveExecution* execution_;
    const LiveRunOptions& options_;
    bool screen_;
    MonoNanos drawn_{};
    Nanos reported_{};
};

}  // namespace

int run_live(ports::Transport& transport, Session& session, LiveMarket& market,
             LiveExecution* execution, const LiveRunOptions& options) {
    const MonoNanos started = runtime::mono_now();
    const UnixNanos first = transport.now();
    Display display{session, market, execution, options};
    LiveLoop loop{transport, session, market, execution};
    market.start(first);
    UnixNanos now = first;
    std::vector<std::string> told;  // of the accounts
    std::size_t alarms_told = 0;
    while (!stop_requested() && !session.journal_error()) {
        if (options.seconds > 0 && now - first >= Nanos::seconds(options.seconds)) break;
        now = loop.turn();
        if (execution != nullptr) {
            for (std::string& line : execution->take_notices()) {
                std::fprintf(stderr, "parallax: %s\n", line.c_str());
                told.push_back(std::move(line));
            }
        }
        const auto alarms = session.pipeline().alarms();
        for (; alarms_told < alarms.size(); ++alarms_told) {
            std::fprintf(stderr, "parallax: %s\n",
                         text_of(alarms[alarms_told], session.pipeline().universe()).c_str());
        }
        display.update(now - first);
    }
    std::vector<std::string> broken;
    std::vector<LiveExecution::SeatState> seats;
    if (execution != nullptr) {
        if (options.calm) options.calm();
        loop.wind_down();
        if (options.check) broken = options.check(loop);
        seats = execution->seats();  // afterwards all streams are down
        execution->stop(transport.now());
    }
    market.stop(transport.now());
    const auto finished = session.finish();
    RunFacts facts;
    facts.seconds = static_cast<double>((runtime::mono_now() - started).count()) / 1e9;
    facts.warnings = session.complaints();
    for (std::string& line : told) facts.warnings.push_back(std::move(line));
    for (const std::string& notice : market.notices()) facts.warnings.push_back(notice);
    for (const LiveExecution::SeatState& seat : seats) {
        if (!seat.trading)
            facts.warnings.push_back(std::string{to_string(seat.venue)} +
                                     " did not trade: " + seat.why);
    }
    std::fputs((options.json ? json_report(session, facts) : text_report(session, facts)).c_str(),
               stdout);
    if (!finished) {
        std::fprintf(stderr, "parallax: %s\n", finished.error().detail.c_str());
        return kUnavailable;
    }
    for (const std::string& one : broken)
        std::fprintf(stderr, "parallax: BROKEN %s\n", one.c_str());
    return session.consistent() && broken.empty() ? kOk : kFailed;
}

}  // namespace parallax::app
