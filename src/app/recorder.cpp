#include "app/recorder.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "app/commands.hpp"

namespace parallax::app {

Result<Recorder> Recorder::create(const std::string& path, bool force) {
    if (force) {
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
    }
    auto writer = recording::RecordingWriter::create(path);
    if (!writer) return tl::unexpected<Error>{writer.error()};
    return Recorder{path, std::move(*writer)};
}

void Recorder::take(const ports::Frame& frame) {
    if (error_) return;
    if (const auto written = writer_->append(frame); !written) {
        error_ = written.error();
        return;
    }
    ++frames_;
}

Result<void> Recorder::close() {
    const auto closed = writer_->close();
    if (error_) return tl::unexpected<Error>{*error_};
    return closed;
}

std::string Recorder::summary() const {
    const auto raw = static_cast<double>(writer_->raw_bytes());
    const auto stored = static_cast<double>(writer_->stored_bytes());
    return fmt::format("{}: {} frames, {:.1f} MB as {:.1f} MB ({:.1f} to 1)", path_, frames_,
                       raw / 1e6, stored / 1e6, stored > 0 ? raw / stored : 0.0);
}

int finish_recording(Recorder& recorder, const char* command, int run_code) {
    const auto closed = recorder.close();
    std::fprintf(stderr, "%s\n", recorder.summary().c_str());
    if (closed) return run_code;
    std::fprintf(stderr, "parallax %s: the recording is not whole: %s\n", command,
                 closed.error().detail.c_str());
    return kUnavailable;
}

}  // namespace parallax::app
