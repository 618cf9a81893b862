#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"

namespace parallax::journal {

/// A state as of a record: the record and all before are in it, none after.
struct Snapshot {
    std::uint64_t sequence = 0;
    std::vector<std::byte> state;
};

/// Writes `state` as the snapshot of that record. Atomic: after a crash it is there whole or not at
/// all. Durable when it returns. The caller has made the journal durable up to `sequence` before.
/// Errors: Unavailable.
[[nodiscard]] Result<void> write_snapshot(const std::filesystem::path& directory,
                                          std::uint64_t sequence, std::span<const std::byte> state);

/// The newest snapshot that is good; none when there is none. A damaged one is passed over and
/// leaves a note. Errors: Unavailable (the directory cannot be read).
[[nodiscard]] Result<std::optional<Snapshot>> latest_snapshot(
    const std::filesystem::path& directory, std::vector<std::string>& notes);

/// Removes all but the newest `keep` snapshots. Errors: Unavailable.
[[nodiscard]] Result<void> remove_old_snapshots(const std::filesystem::path& directory,
                                                std::size_t keep);

}  // namespace parallax::journal
