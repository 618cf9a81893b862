// The replay contract on recorded market data, through the real binary.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "binary.hpp"

namespace parallax::tests {
namespace {

using Json = nlohmann::json;

Json replay(const std::string& arguments) {
    const Outcome outcome = run_parallax("replay --json --quiet " + arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.error;
    return Json::parse(outcome.out, nullptr, false);
}

std::string source(const std::string& market, const std::string& path) {
    return "--source " + market + "=" + shared_data() + "/" + path + " ";
}

const std::string kDay = "binance_2024-08-08/";

std::string all_of_2024() {
    return source("binance.spot", kDay + "spot/btcusdt_20240808.gz") +
           source("binance.spot", kDay + "spot/ethusdt_20240808.gz") +
           source("binance.usdm", kDay + "usdm/btcusdt_20240808.gz") +
           source("binance.usdm", kDay + "usdm/ethusdt_20240808.gz") +
           source("binance.coinm", kDay + "cm/btcusd_perp_20240808.gz") +
           source("binance.coinm", kDay + "cm/ethusd_perp_20240808.gz");
}

/// Every rebuilt book agrees with all the venue says about it.
void expect_exact_books(const Json& report) {
    ASSERT_FALSE(report["books"].empty());
    EXPECT_EQ(report["malformed"], 0);
    for (const Json& book : report["books"]) {
        SCOPED_TRACE(book["market"].get<std::string>() + " " +
                     book["venue_symbol"].get<std::string>());
        EXPECT_EQ(book["gaps"], 0);
        EXPECT_EQ(book["bbo_compared"], book["bbo_equal"]);
        EXPECT_EQ(book["checksums_compared"], book["checksums_equal"]);
    }
}

void expect_conserved(const Json& report) {
    EXPECT_EQ(report["pnl"]["residual"], "0");
    for (const Json& asset : report["pnl"]["conservation"]) {
        EXPECT_EQ(asset["residual"], "0") << asset;
        EXPECT_EQ(asset["venue_difference"], "0") << asset;
    }
}

TEST(Replay, RebuildsEveryBookOfThreeMarketsExactly) {
    PLX_NEEDS_SHARED_DATA();
    const Json report = replay(all_of_2024());
    expect_exact_books(report);
    expect_conserved(report);
    EXPECT_EQ(report["messages"], 332'200);
    ASSERT_EQ(report["books"].size(), 6U);
    std::uint64_t compared = 0;
    for (const Json& book : report["books"]) {
        EXPECT_EQ(book["state"], "live");
        const auto dropped = book["depth_dropped"].get<int>();
        EXPECT_GE(dropped, 2);
        EXPECT_LE(dropped, 23);
        compared += book["bbo_compared"].get<std::uint64_t>();
    }
    EXPECT_EQ(compared, 4'790U);  // every quote whose update id is that of a depth message
    // Three markets of BTC and three of ETH: six ordered pairs each, four thresholds.
    EXPECT_EQ(report["crosses"].size(), 2U * 6U * 4U);
}

TEST(Replay, SyncsFromSnapshotsThatComeSecondsLate) {
    PLX_NEEDS_SHARED_DATA();
    const Json spot = replay(source("binance.spot", "binance_spot_2021-10-12"));
    expect_exact_books(spot);
    EXPECT_EQ(spot["books"].size(), 4U);
    const Json usdm = replay(source("binance.usdm", "binance_usdm_2021-07-22"));
    expect_exact_books(usdm);
    EXPECT_EQ(usdm["books"].size(), 4U);
    const Json coinm = replay(source("binance.coinm", "binance_coinm_2021-07-22"));
    expect_exact_books(coinm);
    EXPECT_EQ(coinm["books"].size(), 10U);
}

TEST(Replay, AgreesWithEveryChecksumOfOkx) {
    PLX_NEEDS_SHARED_DATA();
    const Json report = replay(source("okx", "okx_2022-05-13"));
    expect_exact_books(report);
    std::uint64_t compared = 0;
    for (const Json& book : report["books"])
        compared += book["checksums_compared"].get<std::uint64_t>();
    EXPECT_EQ(compared, 290U);
}

TEST(Replay, FollowsBybitsUpdateIds) {
    PLX_NEEDS_SHARED_DATA();
    const Json report =
        replay(source("bybit.linear", "bybit_v5_ob500_2024-12-01/xrpusdt-ob500.data.zip"));
    expect_exact_books(report);
    ASSERT_EQ(report["books"].size(), 1U);
    EXPECT_EQ(report["books"][0]["depth_applied"], 49);
    EXPECT_EQ(report["books"][0]["last_update_id"], 20254918);
}

TEST(Replay, GivesTheSameDigestTwiceMeasuredOrNotJournalledOrNot) {
    PLX_NEEDS_SHARED_DATA();
    const std::string one = source("binance.spot", kDay + "spot/ethusdt_20240808.gz") +
                            source("binance.usdm", kDay + "usdm/ethusdt_20240808.gz");
    const TemporaryFolder folder;
    const Json first = replay(one);
    const Json again = replay(one + "--measure");
    const Json written = replay(one + "--journal " + folder.path("journal"));
    EXPECT_EQ(first["digest"], again["digest"]);
    EXPECT_EQ(first["digest"], written["digest"]);
    EXPECT_FALSE(first.contains("latency"));
    EXPECT_TRUE(again.contains("latency"));
    const Outcome verified = run_parallax("verify --json " + folder.path("journal"));
    EXPECT_EQ(verified.exit_code, 0) << verified.error;
    EXPECT_EQ(Json::parse(verified.out, nullptr, false)["digest"], first["digest"]);
}

TEST(Replay, GivesTheSameDigestWhenAStreamIsCutIntoFiles) {
    PLX_NEEDS_SHARED_DATA();
    const std::string text = gunzip(shared_data() + "/" + kDay + "spot/btcusdt_20240808.gz");
    const std::size_t first_cut = text.find('\n', text.size() / 3) + 1;
    const std::size_t second_cut = text.find('\n', text.size() / 3 * 2) + 1;
    const TemporaryFolder folder;
    write_gz(folder.path("1.gz"), text.substr(0, first_cut));
    write_gz(folder.path("2.gz"), text.substr(first_cut, second_cut - first_cut));
    folder.write("3.txt", text.substr(second_cut));
    const Json whole = replay(source("binance.spot", kDay + "spot/btcusdt_20240808.gz"));
    const Json parts = replay("--source binance.spot=" + folder.path("1.gz") +
                              " --source binance.spot=" + folder.path("2.gz") +
                              " --source binance.spot=" + folder.path("3.txt"));
    EXPECT_EQ(whole["digest"], parts["digest"]);
    EXPECT_EQ(whole["messages"], parts["messages"]);
}

TEST(Replay, ReadsItsOwnRecordingToTheSameDigest) {
    PLX_NEEDS_SHARED_DATA();
    const std::string one = source("binance.spot", kDay + "spot/btcusdt_20240808.gz");
    const TemporaryFolder folder;
    const Outcome recorded = run_parallax("record " + one + folder.path("btc.plxr"));
    ASSERT_EQ(recorded.exit_code, 0) << recorded.error;
    EXPECT_EQ(replay(one)["digest"],
              replay("--source binance.spot=" + folder.path("btc.plxr"))["digest"]);
}

TEST(Replay, TradesWithoutFeesAndKeepsTheBooksOfMoneyExact) {
    PLX_NEEDS_SHARED_DATA();
    const Json report = replay(all_of_2024() + "--fees zero");
    expect_conserved(report);
    EXPECT_GT(report["opportunities"]["seen"].get<std::uint64_t>(), 0U);
}

}  // namespace
}  // namespace parallax::tests
