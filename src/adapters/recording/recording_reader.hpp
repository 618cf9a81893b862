#pragma once

#include <memory>

#include "adapters/recording/blocks.hpp"
#include "ports/frame_source.hpp"

namespace parallax::recording {

[[nodiscard]] bool is_recording(const Storage& storage) noexcept;

/// Blocks of a .plxr file, decompressed. A damaged block is skipped and the next good one searched
/// for; a cut end loses its last block. Both leave a note. Errors: Malformed (the file's header),
/// Unavailable.
[[nodiscard]] Result<std::unique_ptr<BlockSource>> open_recording_blocks(
    std::shared_ptr<const Storage> storage);

/// Frames of those blocks; those of other markets are passed over. Without `market` all of them.
[[nodiscard]] std::unique_ptr<ports::FrameSource> make_recording_source(
    std::string name, std::uint64_t size, std::unique_ptr<BlockSource> blocks,
    std::optional<Market> market);

/// Every frame of a .plxr file, of all its markets.
[[nodiscard]] Result<std::unique_ptr<ports::FrameSource>> open_recording(
    std::shared_ptr<const Storage> storage, bool prefetch = false);

}  // namespace parallax::recording
