#include "app/snapshot.hpp"

namespace parallax::app {

std::vector<std::byte> to_snapshot(const Pipeline& pipeline) {
    std::vector<std::byte> state;
    StateWriter writer{state};
    writer(std::string{PLX_VERSION}, pipeline.manifest(), pipeline.digest(), pipeline);
    return state;
}

Result<messages::RunManifest> manifest_of(std::span<const std::byte> state) {
    StateReader reader{state};
    std::string version;
    messages::RunManifest manifest;
    reader(version);
    if (!reader.ok() || version != PLX_VERSION)
        return fail(Errc::Malformed, "the snapshot is of version " + version);
    reader(manifest);
    if (!reader.ok()) return fail(Errc::Malformed, "the snapshot does not fit this program");
    return manifest;
}

Result<void> from_snapshot(std::span<const std::byte> state, Pipeline& pipeline) {
    StateReader reader{state};
    std::string version;
    messages::RunManifest manifest;
    std::uint64_t digest = 0;
    reader(version);
    if (reader.ok() && version == PLX_VERSION) reader(manifest, digest);
    if (!reader.ok() || version != PLX_VERSION)
        return fail(Errc::Malformed, "the snapshot is of version " + version);
    reader(pipeline);
    if (!reader.finished()) return fail(Errc::Malformed, "the snapshot does not fit this program");
    if (pipeline.digest() != digest)
        return fail(Errc::Malformed, "the snapshot does not come back to its own digest");
    return {};
}

}  // namespace parallax::app
