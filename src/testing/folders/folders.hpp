#pragma once

#include <filesystem>

namespace parallax {

/// Recorded market data, outside of the sources: may be missing, which a test says plainly.
[[nodiscard]] const std::filesystem::path& recordings();

/// The root of the sources this program was built from.
[[nodiscard]] const std::filesystem::path& source_folder();

}  // namespace parallax
