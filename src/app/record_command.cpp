#include <unistd.h>

#include <cstdio>

#include "app/commands.hpp"
#include "app/live_feeds.hpp"
#include "app/notices.hpp"
#include "app/reach.hpp"
#include "app/recorder.hpp"
#include "app/sources.hpp"
#include "app/stop.hpp"
#include "net/socket_transport.hpp"
#include "runtime/clock.hpp"
#include "sim/market/synthetic_market.hpp"

namespace parallax::app {
namespace {

int copy_sources(const RecordOptions& options, Recorder& recorder) {
    auto source = open_sources(options.sources, true);
    if (!source) return complain("record", source.error().detail, exit_code_of(source.error()));
    int code = kOk;
    ports::Frame frame;
    while (!recorder.error()) {
        const auto next = (*source)->next(frame);
        if (!next) {
            code = complain("record", next.error().detail, kBadInput);
            continue;
        }
        if (!*next) break;
        recorder.take(frame);
    }
    return code;
}

int record_synthetic(const RecordOptions& options, Recorder& recorder) {
    sim_market::SyntheticMarket market{sim_market::Config{}, options.seed};
    sim_market::Frame raw;
    ports::Frame frame;
    const Nanos length = Nanos::seconds(options.seconds == 0 ? 10 : options.seconds);
    UnixNanos first;
    while (!recorder.error()) {
        market.next(raw);
        if (!first.known()) first = raw.received;
        if (raw.received - first >= length) break;
        frame.received = raw.received;
        frame.market = raw.market;
        frame.bytes = raw.bytes;
        frame.symbol = raw.snapshot_of;
        frame.kind =
            raw.snapshot_of.empty() ? ports::FrameKind::WebSocket : ports::FrameKind::RestBody;
        recorder.take(frame);
    }
    return kOk;
}

/// Everything into the recording; what people should know is kept.
class RecordingSink final : public FeedSink {
public:
    explicit RecordingSink(Recorder& recorder) noexcept : recorder_{recorder} {}
    void on_frame(const ports::Frame& frame) override { recorder_.take(frame); }
    void on_status(const messages::FeedStatus&) override {}
    void on_notice(const ports::FeedNotice& notice) override {
        if (notice.kind != ports::FeedNoticeKind::Listed) notices_.add(text_of(notice));
    }
    [[nodiscard]] const std::vector<std::string>& notices() const noexcept {
        return notices_.all();
    }

private:
    Recorder& recorder_;
    Notices notices_;
};

/// One line that is written over on a terminal, one now and then elsewhere.
class Progress {
public:
    void update(const Recorder& recorder, const LiveFeeds& feeds) {
        const MonoNanos now = runtime::mono_now();
        if (now - drawn_ < (terminal_ ? Nanos::millis(500) : Nanos::seconds(10))) return;
        drawn_ = now;
        std::size_t live = 0;
        const auto connections = feeds.connections();
        for (const ports::FeedConnection& one : connections) live += one.state == "live" ? 1 : 0;
        std::fprintf(stderr, "%s%zu of %zu connections live, %s%s", terminal_ ? "\r\x1b[K" : "",
                     live, connections.size(), recorder.summary().c_str(), terminal_ ? "" : "\n");
    }
    ~Progress() {
        if (terminal_) std::fputs("\r\x1b[K", stderr);
    }

private:
    bool terminal_ = isatty(STDERR_FILENO) == 1;
    MonoNanos drawn_ = runtime::mono_now();
};

int record_live(const RecordOptions& options, Recorder& recorder) {
    const auto settings = read_settings(options.config);
    if (!settings) return complain("record", settings.error().detail, kUsage);
    net::ClientOptions client;
    client.extra_ca_file = settings->live.ca_file;
    const auto made = net::make_socket_transport(client);
    if (!made) return complain("record", made.error().detail, kUnavailable);
    fix::Transport transport{**made};
    const auto venues = reach_streams(transport, *settings, options.secrets);
    if (!venues) return complain("record", venues.error().detail, kUsage);
    RecordingSink sink{recorder};
    LiveFeeds feeds{transport, sink, &transport};
    for (const auto& venue : *venues)
        feeds.add(*venue, options.seed + static_cast<std::uint64_t>(venue->venue()));
    if (const auto done = feeds.subscribe(settings->live.symbols); !done)
        return complain("record", done.error().detail, kUsage);
    stop_on_signals();
    const UnixNanos first = transport.now();
    feeds.start(first);
    {
        Progress progress;
        for (UnixNanos now = first; !stop_requested() && !recorder.error(); now = transport.now()) {
            if (options.seconds > 0 && now - first >= Nanos::seconds(options.seconds)) break;
            for (const ports::NetEvent& event :
                 transport.poll(std::clamp(feeds.next_due() - now, Nanos{}, Nanos::millis(100))))
                feeds.on(event);
            feeds.advance(transport.now());
            progress.update(recorder, feeds);
        }
    }
    feeds.stop(transport.now());
    for (const std::string& notice : sink.notices())
        std::fprintf(stderr, "parallax record: %s\n", notice.c_str());
    if (recorder.frames() > 0) return kOk;
    return complain("record",
                    "no venue sent anything; see parallax doctor --config " + options.config,
                    kUnavailable);
}

}  // namespace

int run_record(const RecordOptions& options) {
    for (const std::string& source : options.sources) {
        if (const auto parsed = parse_source(source); !parsed)
            return complain("record", parsed.error().detail, kUsage);
    }
    auto recorder = Recorder::create(options.out, options.force);
    if (!recorder) return complain("record", recorder.error().detail, kUnavailable);
    const int code = !options.config.empty() ? record_live(options, *recorder)
                     : options.synthetic     ? record_synthetic(options, *recorder)
                                             : copy_sources(options, *recorder);
    const int result = finish_recording(*recorder, "record", code);
    if (recorder->frames() == 0) std::remove(options.out.c_str());  // would be in the way
    return result;
}

}  // namespace parallax::app
