#include <cstdio>
#include <filesystem>

#include "adapters/recording/recording_writer.hpp"
#include "app/commands.hpp"
#include "app/sources.hpp"
#include "sim/market/synthetic_market.hpp"

namespace parallax::app {
namespace {

int complain(const Error& error, int code) {
    std::fprintf(stderr, "parallax record: %s\n", error.detail.c_str());
    return code;
}

/// Frames of the sources, or of the synthetic market when there are none; returns an exit code.
int copy_sources(const RecordOptions& options, recording::RecordingWriter& writer,
                 std::uint64_t& frames) {
    auto source = open_sources(options.sources, true);
    if (!source) return complain(source.error(), exit_code_of(source.error()));
    int code = kOk;
    ports::Frame frame;
    for (;;) {
        const auto next = (*source)->next(frame);
        if (!next) {
            code = complain(next.error(), kBadInput);
            continue;
        }
        if (!*next) return code;
        if (const auto written = writer.append(frame); !written)
            return complain(written.error(), kUnavailable);
        ++frames;
    }
}

int record_market(const RecordOptions& options, recording::RecordingWriter& writer,
                  std::uint64_t& frames) {
    sim_market::SyntheticMarket market{sim_market::Config{}, options.seed};
    sim_market::Frame raw;
    ports::Frame frame;
    UnixNanos first;
    for (;;) {
        market.next(raw);
        if (!first.known()) first = raw.received;
        if (raw.received - first >= Nanos::seconds(options.seconds)) return kOk;
        frame.received = raw.received;
        frame.market = raw.market;
        frame.bytes = raw.bytes;
        frame.symbol = raw.snapshot_of;
        frame.kind =
            raw.snapshot_of.empty() ? ports::FrameKind::WebSocket : ports::FrameKind::RestBody;
        if (const auto written = writer.append(frame); !written)
            return complain(written.error(), kUnavailable);
        ++frames;
    }
}

}  // namespace

int run_record(const RecordOptions& options) {
    for (const std::string& source : options.sources) {
        if (const auto parsed = parse_source(source); !parsed)
            return complain(parsed.error(), kUsage);
    }
    if (options.force) {
        std::error_code ignored;
        std::filesystem::remove(options.out, ignored);
    }
    auto writer = recording::RecordingWriter::create(options.out);
    if (!writer) return complain(writer.error(), kUnavailable);
    std::uint64_t frames = 0;
    const int code = options.sources.empty() ? record_market(options, **writer, frames)
                                             : copy_sources(options, **writer, frames);
    if (const auto closed = (*writer)->close(); !closed)
        return complain(closed.error(), kUnavailable);
    const auto raw = static_cast<double>((*writer)->raw_bytes());
    const auto stored = static_cast<double>((*writer)->stored_bytes());
    std::printf("%s: %llu frames, %.1f MB as %.1f MB (%.1f to 1)\n", options.out.c_str(),
                static_cast<unsigned long long>(frames), raw / 1e6, stored / 1e6,
                stored > 0 ? raw / stored : 0.0);
    return code;
}

}  // namespace parallax::app
