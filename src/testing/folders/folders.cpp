#include "testing/folders/folders.hpp"

namespace parallax {

const std::filesystem::path& recordings() {
    static const std::filesystem::path kFolder{PLX_SHARED_DATA};
    return kFolder;
}

const std::filesystem::path& source_folder() {
    static const std::filesystem::path kFolder{PLX_SOURCE_DIR};
    return kFolder;
}

}  // namespace parallax
