// The product's live run, on paper, against venues that are loud or hostile: it says what is wrong,
// holds bounded memory, and trades on by itself when they are themselves again.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <functional>
#include <sstream>
#include <thread>

#include "binary.hpp"
#include "middleman.hpp"
#include "sim/server/background_server.hpp"

namespace parallax::tests {
namespace {

using namespace std::chrono_literals;
using sim_server::BackgroundServer;
using sim_server::Door;

#ifdef __SANITIZE_ADDRESS__  // keeps what was freed
constexpr long kMostMegabytes = 1'500;
#else
constexpr long kMostMegabytes = 400;
#endif

/// `parallax live` in a process of its own.
class LiveRun {
public:
    explicit LiveRun(const TemporaryFolder& folder) : folder_{folder} {
        const std::string& parallax = binary();
        const std::string config = folder.path("live.toml");
        child_ = ::fork();
        if (child_ != 0) return;
        if (std::freopen(folder.path("out").c_str(), "w", stdout) == nullptr ||
            std::freopen(folder.path("error").c_str(), "w", stderr) == nullptr)
            ::_exit(126);
        ::execl(parallax.c_str(), parallax.c_str(), "live", "--headless", "--config",
                config.c_str(), static_cast<char*>(nullptr));
        ::_exit(127);
    }
    ~LiveRun() {
        if (child_ <= 0) return;
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
    }
    /// As Ctrl-C does. Its exit code; -1: killed by a signal.
    int stop() {
        ::kill(child_, SIGINT);
        int status = 0;
        rusage usage{};
        ::wait4(child_, &status, 0, &usage);
        child_ = 0;
        megabytes = usage.ru_maxrss / 1'024;
        processor = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    [[nodiscard]] std::string text() const {
        return read_file(folder_.path("out")) + read_file(folder_.path("error"));
    }
    /// What was printed last.
    struct Line {
        int live = 0, all = 0;
        long messages = 0;
    };
    [[nodiscard]] Line last() const {
        std::istringstream lines{read_file(folder_.path("out"))};
        Line last;
        for (std::string text; std::getline(lines, text);) {
            int seconds = 0;
            Line line;
            if (std::sscanf(text.c_str(), " %d s  %d of %d books live, %ld messages", &seconds,
                            &line.live, &line.all, &line.messages) == 4)
                last = line;
        }
        return last;
    }
    /// All of the three books.
    [[nodiscard]] bool whole() const { return last().live == 3 && last().all == 3; }
    long megabytes = 0;    ///< at most
    double processor = 0;  ///< seconds

private:
    const TemporaryFolder& folder_;
    pid_t child_ = 0;
};

class Hostile : public ::testing::Test {
protected:
    void serve(double activity) {
        sim_server::ServerSettings settings;
        settings.activity = activity;
        auto started = BackgroundServer::start(settings);
        ASSERT_TRUE(started) << started.error().detail;
        venue_ = std::move(*started);
    }
    /// OKX alone, at this port; `trusted`: PEM, besides the venue's own.
    void configure(std::uint16_t port, const std::string& trusted) {
        folder_.write("ca.pem", venue_->facts().authority_pem() + trusted);
        const std::string host = "localhost:" + std::to_string(port);
        folder_.write("live.toml",
                      "[live]\nsymbols = \"BTC/USDT ETH/USDT BTC/USDT:USDT\"\nca_file = \"" +
                          folder_.path("ca.pem") +
                          "\"\n[live_binance]\nenvironment = \"off\"\n[live_bybit]\nenvironment = "
                          "\"off\"\n[live_okx]\nenvironment = \"custom\"\nrest = \"https://" +
                          host + "\"\nstreams = \"wss://" + host + "\"\norders = \"wss://" + host +
                          "\"\n");
    }
    TemporaryFolder folder_;
    std::unique_ptr<BackgroundServer> venue_;
};

/// Polls: what is printed comes every ten seconds.
bool within(std::chrono::seconds limit, const std::function<bool()>& done) {
    const auto until = std::chrono::steady_clock::now() + limit;
    while (!done()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(200ms);
    }
    return true;
}

TEST_F(Hostile, WhateverStandsAtItsDoorTheRunGoesOnByItself) {
    constexpr Mood kBad[] = {Mood::HalfOpen, Mood::Garbage, Mood::Spoilt, Mood::WrongCertificate,
                             Mood::Giant};
    serve(1);
    Middleman middleman{venue_->facts().port(Door::Okx)};
    configure(middleman.port(), middleman.authority_pem());
    LiveRun run{folder_};
    ASSERT_TRUE(within(30s, [&] { return run.whole(); })) << run.text();
    for (const Mood mood : kBad) {
        middleman.set(mood);
        EXPECT_TRUE(within(90s, [&] { return middleman.met(mood) > 0; }))
            << static_cast<int>(mood) << "\n"
            << run.text();
        std::this_thread::sleep_for(8s);
    }
    EXPECT_TRUE(within(15s, [&] { return run.last().live < 3; })) << "nobody noticed";
    EXPECT_GT(middleman.giants(), 3U);
    middleman.set(Mood::Honest);
    EXPECT_TRUE(within(90s, [&] { return run.whole(); })) << run.text();
    EXPECT_EQ(run.stop(), 0) << run.text();
    EXPECT_LT(run.megabytes, kMostMegabytes);
    const std::string text = run.text();
    EXPECT_NE(text.find("certificate"), std::string::npos) << text;
    for (const Mood mood : kBad)
        std::printf("mood %d: %u connections\n", static_cast<int>(mood), middleman.met(mood));
    std::printf("%u messages of 1 MB; %ld MB at most, %.0f s of processor\n", middleman.giants(),
                run.megabytes, run.processor);
}

TEST_F(Hostile, TenTimesTheUsualMessagesAreTaken) {
    std::array<long, 2> messages{}, megabytes{};
    for (const std::size_t loud : {0U, 1U}) {
        serve(loud == 0 ? 1 : 10);
        configure(venue_->facts().port(Door::Okx), "");
        LiveRun run{folder_};
        std::this_thread::sleep_for(32s);
        EXPECT_TRUE(run.whole()) << run.text();
        messages[loud] = run.last().messages;
        ASSERT_EQ(run.stop(), 0) << run.text();
        megabytes[loud] = run.megabytes;
        venue_.reset();
    }
    std::printf("%ld messages in %ld MB, then %ld in %ld MB\n", messages[0], megabytes[0],
                messages[1], megabytes[1]);
    EXPECT_GT(messages[1], 2 * messages[0]) << "books are conflated, trades are not";
    EXPECT_LT(megabytes[1], kMostMegabytes);
}

}  // namespace
}  // namespace parallax::tests
