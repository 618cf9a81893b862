#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "app/pipeline.hpp"
#include "journal/reader.hpp"
#include "messages/codec.hpp"

namespace parallax::app {

/// Feeds a journal's inputs to a fresh pipeline and holds its outputs against the recorded ones,
/// byte by byte. May begin at a snapshot instead of the first record. A run that was continued has
/// a manifest for each of its parts; from there on the settings of that one apply.
class Verifier {
public:
    Verifier() = default;
    Verifier(const Verifier&) = delete;
    Verifier& operator=(const Verifier&) = delete;

    /// Continue from the snapshot: the next record to come is the one behind it. Errors: Malformed.
    [[nodiscard]] Result<void> start_at(std::span<const std::byte> snapshot);
    /// The next record. Errors: Rejected (the run gives something else), Malformed (no run).
    [[nodiscard]] Result<void> on_record(const journal::Record& record);

    /// Nothing is expected before the next input: the state is that of a snapshot taken here.
    [[nodiscard]] bool between_inputs() const noexcept { return started() && check_.drained(); }
    /// The records end as a run does that was finished; false: it was cut short.
    [[nodiscard]] bool complete() const noexcept { return finished_ && check_.drained(); }
    [[nodiscard]] bool started() const noexcept { return pipeline_ != nullptr; }
    /// Outputs of the last input that the journal lacks, because the process died between them.
    [[nodiscard]] std::vector<OutputCheck::Output> take_unrecorded() {
        return check_.take_unrecorded();
    }
    [[nodiscard]] std::uint64_t parts() const noexcept { return parts_; }
    [[nodiscard]] Pipeline& pipeline() noexcept { return *pipeline_; }
    [[nodiscard]] std::uint64_t records() const noexcept { return records_; }
    [[nodiscard]] std::uint64_t outputs() const noexcept { return outputs_; }

private:
    Result<void> difference(const std::string& what) const;
    Result<void> start(messages::MessageType type, std::span<const std::byte> bytes);
    Result<void> begin(const messages::RunManifest& manifest);
    Result<void> feed(messages::MessageType type, std::span<const std::byte> bytes);

    OutputCheck check_;
    std::unique_ptr<Pipeline> pipeline_;
    messages::OwnedDepth scratch_;
    std::uint64_t records_ = 0;
    std::uint64_t outputs_ = 0;
    std::uint64_t parts_ = 0;  ///< times the process was started
    bool finished_ = false;
};

}  // namespace parallax::app
