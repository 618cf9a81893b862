#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "adapters/recording/storage.hpp"
#include "core/market.hpp"
#include "core/result.hpp"
#include "ports/frame_source.hpp"

namespace parallax::recording {

struct OpenOptions {
    /// Decompress ahead on a second thread.
    bool prefetch = false;
};

/// Opens a recording of one market, whatever its format: .plxr, `ns json` lines, cryptofeed files,
/// Bybit order book files, minute bars; plain, gzip or zip. The content decides, not the name
/// (which only adds day and symbol to minute bars). A folder takes all its files that are of the
/// market: answers that list instruments first, then everything in order of time. Errors:
/// Unavailable (missing, unreadable), Malformed (empty, not a recording, of another market, mixed),
/// all with the file and where it helps the line.
[[nodiscard]] Result<std::unique_ptr<ports::FrameSource>> open_source(
    Market market, const std::filesystem::path& path, const OpenOptions& options = {});

/// The same for bytes in memory; `storage->name()` stands for the path.
[[nodiscard]] Result<std::unique_ptr<ports::FrameSource>> open_storage_source(
    Market market, std::shared_ptr<const Storage> storage, const OpenOptions& options = {});

}  // namespace parallax::recording
