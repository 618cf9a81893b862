// A run that is killed leaves a journal that verifies, with everything it had told in it.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "binary.hpp"
#include "runtime/random.hpp"

namespace parallax::tests {
namespace {

using Json = nlohmann::json;

/// What the last whole line of `up --headless` had told: opportunities and plans.
struct Told {
    std::uint64_t opportunities = 0, plans = 0;
    bool any = false;
};

Told last_told(const std::string& out) {
    Told told;
    for (std::size_t at = 0, end = 0; (end = out.find('\n', at)) != std::string::npos;
         at = end + 1) {
        unsigned long long seconds = 0, live = 0, books = 0, messages = 0, seen = 0, signalled = 0,
                           plans = 0;
        const std::string line = out.substr(at, end - at);
        if (std::sscanf(line.c_str(),
                        "%llu s  %llu of %llu books live, %llu messages, %llu opportunities, %llu "
                        "signalled, %llu plans",
                        &seconds, &live, &books, &messages, &seen, &signalled, &plans) == 7)
            told = {seen, plans, true};
    }
    return told;
}

pid_t start(const std::string& journal, const std::string& out) {
    const std::string& parallax = tests::binary();
    const pid_t child = fork();
    if (child != 0) return child;
    if (std::freopen(out.c_str(), "w", stdout) == nullptr) _exit(126);
    execl(parallax.c_str(), parallax.c_str(), "up", "--headless", "--speed", "10", "--fees", "zero",
          "--journal", journal.c_str(), "--snapshot-every", "1000", static_cast<char*>(nullptr));
    _exit(127);
}

TEST(Crash, AKilledRunVerifiesAndHasAllThatWasTold) {
    using namespace std::chrono_literals;
    runtime::Random random{20'240'808};
    int with_snapshot = 0;
    for (int round = 0; round < 6; ++round) {
        SCOPED_TRACE(round);
        const TemporaryFolder folder;
        const pid_t child = start(folder.path("journal"), folder.path("out"));
        ASSERT_GT(child, 0);
        const auto patience = std::chrono::steady_clock::now() + 60s;
        while (!last_told(read_file(folder.path("out"))).any &&
               std::chrono::steady_clock::now() < patience)
            std::this_thread::sleep_for(2ms);
        std::this_thread::sleep_for(std::chrono::microseconds(random.between(0, 400'000)));
        ASSERT_EQ(kill(child, SIGKILL), 0);
        int status = 0;
        ASSERT_EQ(waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself";
        const Told told = last_told(read_file(folder.path("out")));
        ASSERT_TRUE(told.any);

        const Outcome verified = run_parallax("verify --json " + folder.path("journal"));
        ASSERT_EQ(verified.exit_code, 0) << verified.error;
        const Json report = Json::parse(verified.out, nullptr, false);
        EXPECT_EQ(report["complete"], false);
        EXPECT_GE(report["opportunities"], told.opportunities);
        EXPECT_GE(report["plans"], told.plans);
        with_snapshot += report.contains("snapshot") ? 1 : 0;
        const Outcome text = run_parallax("verify " + folder.path("journal"));
        EXPECT_NE(text.out.find("cut short"), std::string::npos) << text.out;
    }
    EXPECT_GT(with_snapshot, 0);
}

}  // namespace
}  // namespace parallax::tests
