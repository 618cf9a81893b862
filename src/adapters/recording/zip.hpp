#pragma once

#include <memory>

#include "adapters/recording/byte_stream.hpp"

namespace parallax::recording {

/// The files of a zip archive one after the other, each ending in a line feed; checked against
/// their CRC-32. Stored and deflated entries. Errors: Malformed (no entries, encrypted, another
/// method, damaged directory). Source: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3.
[[nodiscard]] Result<std::unique_ptr<ByteStream>> open_zip(std::shared_ptr<const Storage> storage);

}  // namespace parallax::recording
