// What a person does wrong, through the real binary: each mistake gives a message that names the
// place, and an exit code; what could be read is used.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "binary.hpp"

namespace parallax::tests {
namespace {

using Json = nlohmann::json;
using ::testing::Test;

const std::string kLine =
    R"(1723161253937085768 {"stream":"btcusdt@bookTicker","data":{"u":1,"s":"BTCUSDT","b":"61837.63","B":"3.7","a":"61837.64","A":"1.5"}})"
    "\n";
const std::string kLater =
    R"(1723161253937085999 {"stream":"btcusdt@bookTicker","data":{"u":2,"s":"BTCUSDT","b":"61837.60","B":"3.7","a":"61837.64","A":"1.5"}})"
    "\n";

bool says(const Outcome& outcome, const std::string& text) {
    return outcome.error.find(text) != std::string::npos;
}

TEST(BadInput, MissingFileIsNamed) {
    const Outcome outcome = run_parallax("replay --source binance.spot=/nowhere/at/all.gz");
    EXPECT_EQ(outcome.exit_code, 3);
    EXPECT_TRUE(says(outcome, "/nowhere/at/all.gz")) << outcome.error;
}

TEST(BadInput, UnknownMarketListsTheKnownOnes) {
    const Outcome outcome = run_parallax("replay --source kraken.spot=x");
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_TRUE(says(outcome, "kraken.spot")) << outcome.error;
    EXPECT_TRUE(says(outcome, "binance.usdm")) << outcome.error;
}

TEST(BadInput, EmptyFileIsAnError) {
    const TemporaryFolder folder;
    folder.write("empty", "");
    const Outcome outcome = run_parallax("replay --source binance.spot=" + folder.path("empty"));
    EXPECT_EQ(outcome.exit_code, 3);
    EXPECT_TRUE(says(outcome, "empty")) << outcome.error;
}

TEST(BadInput, BinaryJunkIsAnError) {
    const TemporaryFolder folder;
    std::string junk(5'000, '\0');
    for (std::size_t i = 0; i < junk.size(); ++i) junk[i] = static_cast<char>(i * 131 + i / 7);
    folder.write("junk", junk);
    const Outcome outcome = run_parallax("replay --source okx=" + folder.path("junk"));
    EXPECT_EQ(outcome.exit_code, 3);
    EXPECT_TRUE(says(outcome, "junk")) << outcome.error;
}

TEST(BadInput, TruncatedGzUsesWhatIsThereAndSaysSo) {
    const TemporaryFolder folder;
    std::string text;
    for (int i = 0; i < 5'000; ++i) text += kLine;
    write_gz(folder.path("whole.gz"), text);
    const std::string packed = read_file(folder.path("whole.gz"));
    folder.write("cut.gz", packed.substr(0, packed.size() / 2));
    const Outcome outcome =
        run_parallax("replay --json --quiet --source binance.spot=" + folder.path("cut.gz"));
    EXPECT_EQ(outcome.exit_code, 3);
    EXPECT_TRUE(says(outcome, "cut.gz")) << outcome.error;
    const Json report = Json::parse(outcome.out, nullptr, false);
    EXPECT_GT(report["messages"].get<int>(), 100);
    EXPECT_FALSE(report["warnings"].empty());
}

TEST(BadInput, FileOfAnotherVenueIsRefusedByName) {
    const TemporaryFolder folder;
    folder.write("binance.txt", kLine + kLater);
    const Outcome outcome = run_parallax("replay --source okx=" + folder.path("binance.txt"));
    EXPECT_EQ(outcome.exit_code, 3);
    EXPECT_TRUE(says(outcome, "binance")) << outcome.error;
}

TEST(BadInput, JunkLinesInsideAFileAreCountedAndTheRestIsUsed) {
    const TemporaryFolder folder;
    folder.write("mixed.txt",
                 kLine +
                     "1723161253937085800 {\"stream\":\"btcusdt@bookTicker\",\"data\":{\"u\":1,\n" +
                     kLater);
    const Outcome outcome =
        run_parallax("replay --json --quiet --source binance.spot=" + folder.path("mixed.txt"));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.error;
    const Json report = Json::parse(outcome.out, nullptr, false);
    EXPECT_EQ(report["malformed"], 1);
    EXPECT_EQ(report["messages"], 3);
}

TEST(BadInput, AReceiveTimeFarInTheFutureIsCountedAndDoesNotMoveTheClock) {
    const TemporaryFolder folder;
    folder.write("jump.txt",
                 kLine + "9023372036854775807" + kLine.substr(kLine.find(' ')) + kLater);
    const Outcome outcome =
        run_parallax("replay --json --quiet --source binance.spot=" + folder.path("jump.txt"));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.error;
    const Json report = Json::parse(outcome.out, nullptr, false);
    EXPECT_EQ(report["messages"], 3);
    EXPECT_EQ(report["malformed"], 1);
    EXPECT_NE(report["warnings"].dump().find("receive time"), std::string::npos)
        << report["warnings"];
}

TEST(BadInput, OutOfOrderTimesAreReportedAndUsed) {
    const TemporaryFolder folder;
    folder.write("unordered.txt", kLater + kLine);
    const Outcome outcome =
        run_parallax("replay --json --quiet --source binance.spot=" + folder.path("unordered.txt"));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.error;
    const Json report = Json::parse(outcome.out, nullptr, false);
    EXPECT_EQ(report["messages"], 2);
    EXPECT_NE(report["warnings"].dump().find("order"), std::string::npos) << report["warnings"];
}

TEST(BadInput, EveryConfigurationMistakeIsReportedAtOnceWithItsPlace) {
    const TemporaryFolder folder;
    folder.write("bad.toml",
                 "[scanner]\nmin_edge_bp = \"-1\"\nmin_egde_bp = 2\nquote_age_max_spot_ms = true\n"
                 "[nonsense]\nx = 1\n[balances.\"binance.spot\"]\nUSDT = "
                 "\"many\"\n[balances.mars]\nUSDT = 1\n"
                 "[fees.okx]\nspot_taker_bp = \"9999\"\n[[instrument]]\nmarket = \"okx\"\n");
    folder.write("line.txt", kLine);
    const Outcome outcome = run_parallax("replay --config " + folder.path("bad.toml") +
                                         " --source binance.spot=" + folder.path("line.txt"));
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_TRUE(outcome.out.empty());
    for (const char* expected :
         {"bad.toml:2: scanner.min_edge_bp", "bad.toml:3: scanner.min_egde_bp",
          "did you mean min_edge_bp", "bad.toml:5: nonsense",
          "bad.toml:8: balances.binance.spot.USDT", "balances.mars",
          "bad.toml:12: fees.okx.spot_taker_bp", "instrument"}) {
        EXPECT_TRUE(says(outcome, expected)) << expected << "\nin\n" << outcome.error;
    }
}

TEST(BadInput, ConfigurationThatIsNoTomlNamesTheLine) {
    const TemporaryFolder folder;
    folder.write("bad.toml", "[scanner]\nmin_edge_bp = = 3\n");
    const Outcome outcome = run_parallax("config --check " + folder.path("bad.toml"));
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_TRUE(says(outcome, "bad.toml:2")) << outcome.error;
}

TEST(BadInput, TheDefaultsPrintedByConfigAreValid) {
    const TemporaryFolder folder;
    const Outcome defaults = run_parallax("config");
    ASSERT_EQ(defaults.exit_code, 0);
    folder.write("defaults.toml", defaults.out);
    const Outcome checked = run_parallax("config --check " + folder.path("defaults.toml"));
    EXPECT_EQ(checked.exit_code, 0) << checked.error;
}

TEST(BadInput, JournalInUseByARunIsNotOverwritten) {
    const TemporaryFolder folder;
    folder.write("line.txt", kLine);
    const std::string command = "replay --json --quiet --journal " + folder.path("journal") +
                                " --source binance.spot=" + folder.path("line.txt");
    EXPECT_EQ(run_parallax(command).exit_code, 0);
    const Outcome again = run_parallax(command);
    EXPECT_EQ(again.exit_code, 4);
    EXPECT_TRUE(says(again, "journal")) << again.error;
    EXPECT_EQ(run_parallax("verify " + folder.path("journal")).exit_code, 0);
}

TEST(BadInput, ADamagedJournalIsReported) {
    const TemporaryFolder folder;
    folder.write("line.txt", kLine + kLater);
    ASSERT_EQ(run_parallax("replay --json --quiet --journal " + folder.path("journal") +
                           " --source binance.spot=" + folder.path("line.txt"))
                  .exit_code,
              0);
    for (const auto& entry : std::filesystem::directory_iterator(folder.path("journal"))) {
        if (entry.path().extension() != ".plxj") continue;
        std::string bytes = read_file(entry.path().string());
        bytes[300] = static_cast<char>(bytes[300] ^ 1);
        folder.write("journal/" + entry.path().filename().string(), bytes);
    }
    const Outcome outcome = run_parallax("verify " + folder.path("journal"));
    EXPECT_NE(outcome.exit_code, 0);
    EXPECT_FALSE(outcome.error.empty());
}

TEST(BadInput, HelpTeaches) {
    const Outcome help = run_parallax("replay --help");
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_NE(help.out.find("VENUE.MARKET=PATH"), std::string::npos);
    EXPECT_NE(help.out.find("Exit codes"), std::string::npos);
    EXPECT_EQ(run_parallax("").exit_code, 2);
    EXPECT_EQ(run_parallax("frobnicate").exit_code, 2);
}

}  // namespace
}  // namespace parallax::tests
