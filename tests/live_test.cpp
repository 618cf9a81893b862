// The binary against simulated venues over TLS: in its own process (up), and in another (live).
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "binary.hpp"

namespace parallax::tests {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;

/// What must hold of any run against venues, however it went.
void expect_sound(const Json& report) {
    EXPECT_EQ(report["malformed"], 0);
    std::size_t live = 0;
    for (const Json& book : report["books"]) {
        EXPECT_EQ(book["bbo_equal"], book["bbo_compared"]) << book["venue_symbol"];
        EXPECT_EQ(book["checksums_equal"], book["checksums_compared"]) << book["venue_symbol"];
        live += book["best_bid"].is_null() ? 0 : 1;
    }
    EXPECT_GT(live, 0U);
    for (const Json& asset : report["pnl"]["conservation"]) {
        EXPECT_EQ(asset["residual"], "0") << asset["asset"];
        EXPECT_EQ(asset["venue_difference"], "0") << asset["asset"];
    }
}

TEST(Up, TradesAgainstItsVenuesAndTheJournalVerifies) {
    const TemporaryFolder folder;
    folder.write("up.toml",
                 "[live]\nsymbols = \"BTC/USDT ETH/USDT SOL/USDT DOGE/USDT BTC/USDC USDC/USDT "
                 "ETH/BTC BTC/USDT:USDT ETH/USDT:USDT DOGE/USDT:USDT\"\n");
    const Outcome ran =
        run_parallax("up --seconds 60 --speed 2 --fees zero --json --config " +
                     folder.path("up.toml") + " --journal " + folder.path("journal"));
    ASSERT_EQ(ran.exit_code, 0) << ran.error << ran.out.substr(0, 2'000);
    const Json report = Json::parse(ran.out, nullptr, false);
    ASSERT_TRUE(report.is_object());
    expect_sound(report);
    EXPECT_GT(report["books"].size(), 20U);
    EXPECT_GT(report["plans"]["sent"], 0);
    const Outcome verified = run_parallax("verify --json " + folder.path("journal"));
    ASSERT_EQ(verified.exit_code, 0) << verified.error << verified.out;
}

TEST(Up, OnPaperNothingIsSent) {
    const Outcome ran = run_parallax("up --seconds 10 --speed 5 --paper --json");
    ASSERT_EQ(ran.exit_code, 0) << ran.error;
    expect_sound(Json::parse(ran.out, nullptr, false));
}

/// `parallax sim` in a process of its own.
class Simulator {
public:
    explicit Simulator(const TemporaryFolder& folder, const std::string& accounts = {})
        : folder_{folder} {
        const std::string& parallax = binary();
        child_ = fork();
        if (child_ != 0) return;
        if (std::freopen(folder.path("sim.out").c_str(), "w", stdout) == nullptr) _exit(126);
        execl(parallax.c_str(), parallax.c_str(), "sim", "--dir", folder.path("sim").c_str(),
              accounts.empty() ? nullptr : "--accounts", accounts.c_str(),
              static_cast<char*>(nullptr));
        _exit(127);
    }
    ~Simulator() {
        kill(child_, SIGTERM);
        waitpid(child_, nullptr, 0);
    }
    /// Waits until its doors are open.
    [[nodiscard]] Json description() const {
        for (int i = 0; i < 600; ++i) {
            const Json read = Json::parse(read_file(folder_.path("sim/sim.json")), nullptr, false);
            if (read.is_object()) return read;
            std::this_thread::sleep_for(100ms);
        }
        return {};
    }

private:
    const TemporaryFolder& folder_;
    pid_t child_ = 0;
};

std::string section(const char* name, const Json& rest, const Json& sockets) {
    const auto wss = [](const Json& url) {  // host only
        const auto text = url.get<std::string>();
        return text.substr(0, text.find('/', 6));
    };
    return std::string{"["} + name + "]\nenvironment = \"custom\"\nrest = " + rest.dump() +
           "\nstreams = \"" + wss(sockets) + "\"\norders = \"" + wss(sockets) + "\"\n";
}

/// The options of whoever has keys, in the folder's secrets file.
std::string keys_of(const TemporaryFolder& folder) {
    return " --secrets-file " + folder.path("secrets") + " --passphrase-file " +
           folder.path("pass");
}

void store(const TemporaryFolder& folder, const std::string& name, const std::string& value) {
    folder.write("pass", "correct horse\n");
    chmod(folder.path("pass").c_str(), 0600);
    folder.write("value", value);
    const Outcome stored =
        run_parallax("secrets set " + name + " --file " + folder.path("secrets") +
                         " --passphrase-file " + folder.path("pass"),
                     folder.path("value"));
    ASSERT_EQ(stored.exit_code, 0) << stored.error;
}

/// A key as the simulator made it.
void store(const TemporaryFolder& folder, const Json& key) {
    const std::string name = key["venue"].get<std::string>() + ".main.";
    store(folder, name + "api_key", key["id"]);
    store(folder, name + "secret", key["secret"]);
    if (key.contains("passphrase")) store(folder, name + "passphrase", key["passphrase"]);
}

/// Orders with keys from the secrets file, in another process than the venues.
TEST(Live, TradesWithKeysAndLimitsAndNotWithoutThem) {
    const TemporaryFolder folder;
    const Simulator simulator{folder};
    const Json sim = simulator.description();
    ASSERT_TRUE(sim.is_object());
    const Json& at = sim["addresses"];
    std::string config =
        "[live]\nsymbols = \"BTC/USDT ETH/USDT BTC/USDT:USDT\"\nca_file = " + sim["ca"].dump() +
        "\n[live_binance]\nenvironment = \"off\"\n";
    config += section("live_okx", at["okx"]["REST"], at["okx"]["WebSocket"]);
    config += section("live_bybit", at["bybit"]["REST"], at["bybit"]["WebSocket"]);
    folder.write("live.toml", config);
    const std::string live =
        "live --seconds 10 --json --config " + folder.path("live.toml") + keys_of(folder);

    const Outcome paper = run_parallax(live);
    ASSERT_EQ(paper.exit_code, 0) << paper.error;
    expect_sound(Json::parse(paper.out, nullptr, false));

    const Outcome nothing_to_adopt = run_parallax(live + " --adopt");
    EXPECT_EQ(nothing_to_adopt.exit_code, 2);
    EXPECT_NE(nothing_to_adopt.error.find("--orders"), std::string::npos) << nothing_to_adopt.error;

    const Outcome unlimited = run_parallax(live + " --orders");
    EXPECT_EQ(unlimited.exit_code, 2);
    EXPECT_NE(unlimited.error.find("risk.max_loss_day"), std::string::npos) << unlimited.error;

    folder.write("live.toml", config +
                                  "[risk]\nmax_order_value = \"5000\"\nmax_position = \"9000\"\n"
                                  "max_loss_day = \"100\"\n");
    const Outcome keyless = run_parallax(live + " --orders");
    EXPECT_EQ(keyless.exit_code, 2);
    EXPECT_NE(keyless.error.find("parallax secrets set"), std::string::npos) << keyless.error;

    for (const Json& key : sim["accounts"][0]["keys"]) store(folder, key);
    const std::string secret = sim["accounts"][0]["keys"][1]["secret"];
    const Outcome looked =
        run_parallax("doctor --json --keys --config " + folder.path("live.toml") + keys_of(folder));
    EXPECT_EQ(looked.exit_code, 0) << looked.out;
    EXPECT_NE(looked.out.find("may read, trade"), std::string::npos) << looked.out;
    EXPECT_NE(looked.out.find("answers within"), std::string::npos) << looked.out;
    EXPECT_EQ(looked.out.find(secret), std::string::npos);

    const Outcome traded = run_parallax(live + " --orders");
    ASSERT_EQ(traded.exit_code, 0) << traded.error << traded.out.substr(0, 2'000);
    const Json report = Json::parse(traded.out, nullptr, false);
    expect_sound(report);
    EXPECT_EQ(report.value("warnings", Json::array()).size(), 0U) << report["warnings"];
    EXPECT_EQ(traded.out.find(secret), std::string::npos);

    // The account pays 5.5 bp: nothing is traded with an edge that is not there.
    folder.write("live.toml", config +
                                  "[risk]\nmax_order_value = \"5000\"\nmax_position = \"9000\"\n"
                                  "max_loss_day = \"100\"\n[fees.\"bybit.linear\"]\n"
                                  "derivative_taker_bp = \"3\"\n");
    const Outcome cheap = run_parallax(live + " --orders");
    ASSERT_EQ(cheap.exit_code, 0) << cheap.error << cheap.out.substr(0, 2'000);
    const Json warned = Json::parse(cheap.out, nullptr, false);
    EXPECT_NE(warned["warnings"].dump().find("bybit did not trade: BTCUSDT pays 5.5 bp as taker"),
              std::string::npos)
        << warned["warnings"];
    EXPECT_EQ(warned["warnings"].dump().find("okx did not"), std::string::npos)
        << warned["warnings"];

    const Outcome recorded = run_parallax("record " + folder.path("day.plxr") +
                                          " --seconds 5 --config " + folder.path("live.toml"));
    ASSERT_EQ(recorded.exit_code, 0) << recorded.error;
    const Outcome replayed =
        run_parallax("replay --quiet --json --source okx=" + folder.path("day.plxr") +
                     " --source bybit.spot=" + folder.path("day.plxr"));
    ASSERT_EQ(replayed.exit_code, 0) << replayed.error;
    expect_sound(Json::parse(replayed.out, nullptr, false));
}

/// Binance spot over FIX with the key of the venue's documents, orders and market data; OKX over
/// its WebSocket.
TEST(Live, TradesAndRecordsOverFixWithAnEd25519Key) {
    const TemporaryFolder folder;
    folder.write("public.pem",
                 "-----BEGIN PUBLIC KEY-----\n"
                 "MCowBQYDK2VwAyEAGUIKv9dSpWXBViXp2m6vAIb8QMFJYBgyFEQsFJlqgA0=\n"
                 "-----END PUBLIC KEY-----\n");
    folder.write("accounts.toml",
                 "[[account]]\nname = \"carol\"\nholdings = { USDT = 100000, BTC = 2, ETH = 30 }\n"
                 "[[account.key]]\nvenue = \"binance\"\nid = \"fixkey\"\nkind = \"ed25519\"\n"
                 "public_key_file = \"" +
                     folder.path("public.pem") +
                     "\"\n"
                     "permissions = [\"read\", \"trade\"]\n[[account.key]]\nvenue = \"okx\"\n");
    const Simulator simulator{folder, folder.path("accounts.toml")};
    const Json sim = simulator.description();
    ASSERT_TRUE(sim.is_object());
    const Json& at = sim["addresses"];
    std::string config =
        "[live]\nsymbols = \"BTC/USDT ETH/USDT\"\nca_file = " + sim["ca"].dump() +
        "\n[live_bybit]\nenvironment = \"off\"\n" +
        section("live_okx", at["okx"]["REST"], at["okx"]["WebSocket"]) +
        section("live_binance", at["binance.spot"]["REST"], at["binance.spot"]["streams"]) +
        "orders_over = \"fix\"\nfix_orders = " + at["binance.spot"]["FIX order entry"].dump() +
        "\nfix_copies = " + at["binance.spot"]["FIX drop copy"].dump() +
        "\nstreams_over = \"fix\"\nfix_streams = " + at["binance.spot"]["FIX market data"].dump() +
        "\n[risk]\nmax_order_value = \"5000\"\nmax_position = \"9000\"\n"
        "max_loss_day = \"100\"\n";
    folder.write("live.toml", config);
    for (const Json& key : sim["accounts"][0]["keys"]) {
        if (key["venue"] == "okx") store(folder, key);
    }
    store(folder, "binance.main.api_key", "fixkey");
    store(folder, "binance.main.secret", "asharedsecret");
    const std::string keys = " --config " + folder.path("live.toml") + keys_of(folder);
    const std::string live = "live --seconds 10 --json --orders" + keys;
    const Outcome shared = run_parallax(live);
    EXPECT_EQ(shared.exit_code, 2);
    EXPECT_NE(shared.error.find("Ed25519"), std::string::npos) << shared.error;

    store(folder, "binance.main.secret",
          "-----BEGIN PRIVATE KEY-----\n"
          "MC4CAQAwBQYDK2VwBCIEIIJEYWtGBrhACmb9Dvy+qa8WEf0lQOl1s4CLIAB9m89u\n"
          "-----END PRIVATE KEY-----\n");
    const Outcome traded = run_parallax(live);
    ASSERT_EQ(traded.exit_code, 0) << traded.error << traded.out.substr(0, 2'000);
    const Json report = Json::parse(traded.out, nullptr, false);
    expect_sound(report);
    EXPECT_EQ(report.value("warnings", Json::array()).size(), 0U) << report["warnings"];

    // Who only looks needs a key, too, and no other venue's.
    const std::string keyless =
        " --config " + folder.path("live.toml") + " --secrets-file " + folder.path("none");
    for (const std::string& command :
         {"live --seconds 1 --headless" + keyless,
          "record --seconds 1 " + folder.path("none.plxr") + keyless}) {
        const Outcome refused = run_parallax(command);
        EXPECT_EQ(refused.exit_code, 2) << command << refused.error;
    }
    const Outcome looked = run_parallax("doctor --patience 10 --json" + keyless);
    EXPECT_NE(looked.out.find("streams_over"), std::string::npos) << looked.out;
    const Outcome examined = run_parallax("doctor --patience 20 --keys --json" + keys);
    EXPECT_NE(examined.out.find("stream spot over FIX"), std::string::npos) << examined.out;
    EXPECT_EQ(Json::parse(examined.out, nullptr, false)["failed"], 0) << examined.out;

    // A recording of it is replayed like any other.
    const Outcome recorded = run_parallax("record --seconds 6 " + folder.path("fix.plxr") + keys);
    ASSERT_EQ(recorded.exit_code, 0) << recorded.error;
    const Outcome replayed =
        run_parallax("replay --quiet --json --source binance.spot=" + folder.path("fix.plxr"));
    ASSERT_EQ(replayed.exit_code, 0) << replayed.error;
    const Json replay = Json::parse(replayed.out, nullptr, false);
    expect_sound(replay);
    EXPECT_GT(replay["books"].size(), 1U);
}

/// An account with a past: nobody trades on it before the ledger has taken over what it holds.
TEST(Live, TakesOverOpenPositionsWhenToldTo) {
    const TemporaryFolder folder;
    const std::string accounts =
        "[[account]]\nname = \"carol\"\nholdings = { USDT = 100000, BTC = 2, ETH = 30 }\n"
        "[[account.position]]\nvenue = \"okx\"\nsymbol = \"BTC-USDT-SWAP\"\n"
        "quantity = \"-0.05\"\n"
        "[[account.position]]\nvenue = \"bybit\"\nsymbol = \"ETHUSDT\"\nquantity = \"0.8\"\n"
        "[[account.key]]\nvenue = \"okx\"\n[[account.key]]\nvenue = \"bybit\"\n";
    folder.write("accounts.toml", accounts);
    const Simulator simulator{folder, folder.path("accounts.toml")};
    const Json sim = simulator.description();
    ASSERT_TRUE(sim.is_object());
    const Json& at = sim["addresses"];
    folder.write("live.toml",
                 "[live]\nsymbols = \"BTC/USDT ETH/USDT BTC/USDT:USDT ETH/USDT:USDT\"\nca_file = " +
                     sim["ca"].dump() + "\n[live_binance]\nenvironment = \"off\"\n" +
                     section("live_okx", at["okx"]["REST"], at["okx"]["WebSocket"]) +
                     section("live_bybit", at["bybit"]["REST"], at["bybit"]["WebSocket"]) +
                     "[risk]\nmax_order_value = \"5000\"\nmax_position = \"9000\"\n"
                     "max_loss_day = \"1000\"\n");
    for (const Json& key : sim["accounts"][0]["keys"]) store(folder, key);
    const std::string live =
        "live --seconds 10 --json --orders --config " + folder.path("live.toml") + keys_of(folder);

    const Outcome stranger = run_parallax(live);
    const Json refused = Json::parse(stranger.out, nullptr, false);
    for (const char* const venue : {"okx did not trade", "bybit did not trade"})
        EXPECT_NE(refused["warnings"].dump().find(venue), std::string::npos) << stranger.out;
    EXPECT_NE(refused["warnings"].dump().find("--adopt"), std::string::npos) << stranger.out;
    EXPECT_EQ(refused["plans"]["sent"], 0);

    const Outcome heir = run_parallax(live + " --adopt");
    ASSERT_EQ(heir.exit_code, 0) << heir.error << heir.out.substr(0, 2'000);
    const Json report = Json::parse(heir.out, nullptr, false);
    expect_sound(report);
    const std::string warnings = report["warnings"].dump();
    EXPECT_NE(warnings.find("BTC-USDT-SWAP: -0.05 at an average of"), std::string::npos)
        << warnings;
    EXPECT_NE(warnings.find("ETHUSDT: 0.8 at an average of"), std::string::npos) << warnings;
    EXPECT_EQ(warnings.find("did not trade"), std::string::npos) << warnings;

    folder.write("accounts.toml", accounts +
                                      "[[account]]\n[[account.position]]\nvenue = \"okx\"\n"
                                      "symbol = \"BTC-USDT\"\nquantity = 1\n");
    const Outcome mistaken = run_parallax("sim --dir " + folder.path("other") + " --accounts " +
                                          folder.path("accounts.toml"));
    EXPECT_NE(mistaken.exit_code, 0);
    EXPECT_NE(mistaken.error.find("okx BTC-USDT: no such perpetual"), std::string::npos)
        << mistaken.error;
}

TEST(Live, TheDoctorNamesWhatIsWrong) {
    const TemporaryFolder folder;
    // Nobody listens at port 1.
    folder.write("live.toml",
                 "[live_binance]\nenvironment = \"off\"\n[live_okx]\nenvironment = \"off\"\n"
                 "[live_bybit]\nenvironment = \"custom\"\nrest = \"https://127.0.0.1:1\"\n"
                 "streams = \"wss://127.0.0.1:1\"\norders = \"wss://127.0.0.1:1\"\n");
    const std::string config = " --config " + folder.path("live.toml");
    const Outcome looked = run_parallax("doctor --patience 2 --json" + config);
    EXPECT_EQ(looked.exit_code, 1);
    EXPECT_NE(looked.out.find("refused"), std::string::npos) << looked.out;
    EXPECT_NE(looked.out.find("risk.max_loss_day"), std::string::npos) << looked.out;
    const Outcome keyless =
        run_parallax("doctor --patience 1 --keys --secrets-file " + folder.path("none") + config);
    EXPECT_EQ(keyless.exit_code, 1);
    EXPECT_NE(keyless.out.find("failed   keys"), std::string::npos) << keyless.out;
    const Outcome recorded =
        run_parallax("record --seconds 2 " + folder.path("nothing.plxr") + config);
    EXPECT_EQ(recorded.exit_code, 4);
    EXPECT_NE(recorded.error.find("no venue sent anything"), std::string::npos) << recorded.error;
    EXPECT_EQ(run_parallax("record " + folder.path("nothing.plxr")).exit_code, 2);
    EXPECT_EQ(run_parallax("doctor").exit_code, 0);
}

}  // namespace
}  // namespace parallax::tests
