#pragma once

#include <filesystem>
#include <string>

#include "testing/folders/folders.hpp"

namespace parallax::tests {

struct Outcome {
    int exit_code = -1;  ///< -1: killed by a signal
    std::string out;
    std::string error;
};

/// The parallax binary of this build: it lies beside the test programs.
[[nodiscard]] const std::string& binary();

/// Runs the parallax binary with these shell-quoted arguments and a file as its standard input, and
/// waits for it.
[[nodiscard]] Outcome run_parallax(const std::string& arguments,
                                   const std::string& input = "/dev/null");

/// A folder of its own below the temporary directory, removed at the end.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] std::string path(const std::string& name) const {
        return (root_ / name).string();
    }
    void write(const std::string& name, const std::string& content) const;

private:
    std::filesystem::path root_;
};

[[nodiscard]] std::string read_file(const std::string& path);
[[nodiscard]] std::string gunzip(const std::string& path);
void write_gz(const std::string& path, const std::string& content);

/// The folder of recorded data beside the project, or empty when it is not there.
[[nodiscard]] std::string shared_data();

}  // namespace parallax::tests

/// Tests of recorded data say plainly when it is missing.
#define PLX_NEEDS_SHARED_DATA()                                   \
    if (parallax::tests::shared_data().empty())                   \
    GTEST_SKIP() << "no recorded market data at " << recordings() \
                 << ": this test proves nothing here"
