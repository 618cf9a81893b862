#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "app/pipeline.hpp"

namespace parallax::app {

/// A pipeline between two inputs as bytes: program version, manifest, digest, state. Requests must
/// have been taken: what is not yet with the gateway is in no snapshot.
[[nodiscard]] std::vector<std::byte> to_snapshot(const Pipeline& pipeline);

/// Of the part of the run that the snapshot is of: what settings its pipeline has. Errors:
/// Malformed (not a snapshot of this program version).
[[nodiscard]] Result<messages::RunManifest> manifest_of(std::span<const std::byte> state);

/// Reads a snapshot into a pipeline that has seen nothing and was made with the same settings.
/// Errors: Malformed (not a snapshot of this program version, or it does not come back to the
/// digest it was written with); the pipeline is then of no further use.
[[nodiscard]] Result<void> from_snapshot(std::span<const std::byte> state, Pipeline& pipeline);

}  // namespace parallax::app
