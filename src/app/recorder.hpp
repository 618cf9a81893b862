#pragma once

#include <memory>
#include <optional>
#include <string>

#include "adapters/recording/recording_writer.hpp"

namespace parallax::app {

/// A recording that is being made. Its first failure ends it; whoever makes it asks how it went.
class Recorder {
public:
    /// `force`: a file that is there is replaced. Errors: as RecordingWriter::create.
    [[nodiscard]] static Result<Recorder> create(const std::string& path, bool force);

    void take(const ports::Frame& frame);
    /// What is taken reaches the disk. Errors: Unavailable; the first there was.
    [[nodiscard]] Result<void> close();
    [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }
    [[nodiscard]] std::uint64_t frames() const noexcept { return frames_; }
    /// "day.plxr: 1200 frames, 3.2 MB as 0.4 MB (8.0 to 1)"
    [[nodiscard]] std::string summary() const;

private:
    Recorder(std::string path, std::unique_ptr<recording::RecordingWriter> writer) noexcept
        : path_{std::move(path)}, writer_{std::move(writer)} {}

    std::string path_;
    std::unique_ptr<recording::RecordingWriter> writer_;
    std::optional<Error> error_;
    std::uint64_t frames_ = 0;
};

/// Closes it and says on stderr how it went, for the command named; the run's exit code, or
/// kUnavailable when the recording is not whole.
[[nodiscard]] int finish_recording(Recorder& recorder, const char* command, int run_code);

}  // namespace parallax::app
