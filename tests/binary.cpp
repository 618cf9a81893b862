#include "binary.hpp"

#include <stdlib.h>
#include <sys/wait.h>
#include <zlib.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace parallax::tests {

TemporaryFolder::TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "parallax-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    root_ = pattern;
}
TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
}
void TemporaryFolder::write(const std::string& name, const std::string& content) const {
    std::ofstream{path(name), std::ios::binary} << content;
}

std::string read_file(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

std::string gunzip(const std::string& path) {
    gzFile file = gzopen(path.c_str(), "rb");
    if (file == nullptr) throw std::runtime_error("cannot open " + path);
    std::string text;
    char block[65536];
    for (int n = 0; (n = gzread(file, block, sizeof block)) > 0;)
        text.append(block, static_cast<std::size_t>(n));
    gzclose(file);
    return text;
}

void write_gz(const std::string& path, const std::string& content) {
    gzFile file = gzopen(path.c_str(), "wb1");
    if (file == nullptr) throw std::runtime_error("cannot open " + path);
    gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
    gzclose(file);
}

std::string shared_data() {
    return std::filesystem::exists(recordings()) ? recordings().string() : std::string{};
}

const std::string& binary() {
    static const std::string kPath =
        std::filesystem::read_symlink("/proc/self/exe").replace_filename("parallax").string();
    return kPath;
}

Outcome run_parallax(const std::string& arguments, const std::string& input) {
    const TemporaryFolder folder;
    std::string command = binary();
    command.append(" ").append(arguments).append(" >").append(folder.path("out"));
    command.append(" 2>").append(folder.path("error")).append(" <").append(input);
    const int status = std::system(command.c_str());
    Outcome outcome;
    outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    outcome.out = read_file(folder.path("out"));
    outcome.error = read_file(folder.path("error"));
    return outcome;
}

}  // namespace parallax::tests
