#include <unistd.h>

#include <cstdio>

#include "app/commands.hpp"
#include "app/report.hpp"
#include "app/sources.hpp"
#include "runtime/clock.hpp"

namespace parallax::app {
namespace {

/// A progress bar on standard error, redrawn a few times a second, and only on a terminal.
class ProgressBar {
public:
    explicit ProgressBar(bool enabled) : enabled_{enabled && isatty(STDERR_FILENO) == 1} {}
    ~ProgressBar() {
        if (drawn_) std::fputs("\r\x1b[K", stderr);
    }
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    void update(const ports::FrameSource& source, std::uint64_t messages) {
        if (!enabled_ || messages % 4096 != 0) return;
        const MonoNanos now = runtime::mono_now();
        if (drawn_ && now - last_ < Nanos::millis(100)) return;
        last_ = now;
        drawn_ = true;
        const auto progress = source.progress();
        const double part = progress.total == 0 ? 0
                                                : static_cast<double>(progress.done) /
                                                      static_cast<double>(progress.total);
        char bar[41];
        for (int i = 0; i < 40; ++i) bar[i] = i < static_cast<int>(part * 40) ? '#' : '.';
        bar[40] = '\0';
        std::fprintf(stderr, "\r[%s] %3.0f %%  %llu messages", bar, part * 100,
                     static_cast<unsigned long long>(messages));
    }

private:
    bool enabled_;
    bool drawn_ = false;
    MonoNanos last_;
};

Result<std::vector<Rate>> parse_thresholds(const std::string& text) {
    std::vector<Rate> thresholds;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(',', at), text.size());
        Rate rate;
        if (!parse_setting("_bp", text.substr(at, end - at), rate)) {
            return fail(Errc::Rejected,
                        "--thresholds " + text + ": must be basis points such as 0,5,10,20");
        }
        thresholds.push_back(rate);
        at = end + 1;
    }
    return thresholds;
}

}  // namespace

int run_replay(const ReplayOptions& options) {
    Settings settings;
    if (!options.config.empty()) {
        auto read = read_settings(options.config);
        if (!read) return complain("replay", read.error().detail, kUsage);
        settings = std::move(*read);
    }
    if (!options.fees.empty()) {
        const auto fees = read_fees(options.fees);
        if (!fees) return complain("replay", fees.error().detail, kUsage);
        settings.fees = *fees;
    }
    SessionOptions session_options;
    session_options.seed = options.seed;
    session_options.measure = options.measure;
    session_options.journal = options.journal;
    session_options.snapshot_every = options.snapshot_every;
    for (const std::string& source : options.sources) session_options.inputs += source + "\n";
    const auto thresholds = parse_thresholds(options.thresholds);
    if (!thresholds) return complain("replay", thresholds.error().detail, kUsage);
    session_options.thresholds = *thresholds;

    auto source = open_sources(options.sources, true);
    if (!source) return complain("replay", source.error().detail, exit_code_of(source.error()));
    Session session{settings, session_options};
    if (const auto opened = session.open(); !opened)
        return complain("replay", opened.error().detail, kUnavailable);

    RunFacts facts;
    int code = kOk;
    const MonoNanos started = runtime::mono_now();
    {
        ProgressBar bar{!options.quiet && !options.json};
        ports::Frame frame;
        while (!session.journal_error()) {
            const auto next = (*source)->next(frame);
            if (!next) {  // damage: what came before it counts, the rest of the other sources too
                code = kBadInput;
                facts.warnings.push_back(next.error().detail);
                complain("replay", next.error().detail, code);
                continue;
            }
            if (!*next) break;
            session.on_frame(frame);
            bar.update(**source, session.counts().messages);
        }
    }
    const auto finished = session.finish();
    facts.seconds = static_cast<double>((runtime::mono_now() - started).count()) / 1e9;
    for (const std::string& note : (*source)->notes()) facts.warnings.push_back(note);
    if (const std::uint64_t late = (*source)->out_of_order(); late > 0) {
        facts.warnings.push_back(std::to_string(late) +
                                 " frames out of order: an earlier receive time after a later one");
    }
    for (const std::string& complaint : session.complaints()) facts.warnings.push_back(complaint);
    std::fputs((options.json ? json_report(session, facts) : text_report(session, facts)).c_str(),
               stdout);
    if (!finished) return complain("replay", finished.error().detail, kUnavailable);
    if (!session.consistent()) {
        return complain(
            "replay", "an invariant does not hold: see pnl.residual and pnl.conservation", kFailed);
    }
    return code;
}

}  // namespace parallax::app
