// A run continues from any snapshot as if nothing had happened.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "app/session.hpp"
#include "app/snapshot.hpp"
#include "app/verifier.hpp"
#include "journal/reader.hpp"
#include "journal/snapshot.hpp"
#include "runtime/random.hpp"
#include "sim/market/synthetic_market.hpp"

namespace parallax::app {
namespace {

class Recovery : public ::testing::TestWithParam<std::uint64_t> {
protected:
    Recovery() {
        std::string pattern = (std::filesystem::temp_directory_path() / "parallax-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
        root_ = pattern;
    }
    ~Recovery() override {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }
    /// Trades for some seconds of the synthetic market without fees; returns the digest.
    std::uint64_t run(const std::string& name, std::uint64_t snapshot_every) {
        Settings settings;
        settings.fees = *FeeSchedule::named("zero");
        SessionOptions options;
        options.seed = GetParam();
        options.journal = path(name);
        options.snapshot_every = snapshot_every;
        Session session{settings, options};
        EXPECT_TRUE(session.open());
        sim_market::SyntheticMarket market{sim_market::Config{}, GetParam()};
        for (const InstrumentDefinition& definition : market.instruments())
            session.define(definition);
        sim_market::Frame raw;
        for (int i = 0; i < 25'000; ++i) {
            market.next(raw);
            ports::Frame frame;
            frame.received = raw.received;
            frame.market = raw.market;
            frame.bytes = raw.bytes;
            frame.symbol = raw.snapshot_of;
            session.on_frame(frame);
            // An operator's command: an input of a type that is otherwise an output.
            if (i == 20'000) {
                session.pipeline().on(
                    messages::SetTradingState{{}, messages::TradingState::Reducing, session.now()});
            }
        }
        EXPECT_TRUE(session.finish());
        EXPECT_GT(session.pipeline().plan_counts().sent, 0u) << "nothing traded: proves little";
        return session.pipeline().digest();
    }
    std::string path(const std::string& name) const { return (root_ / name).string(); }

private:
    std::filesystem::path root_;
};

TEST_P(Recovery, FromAnyRecordLeadsToTheSameDigest) {
    const std::uint64_t digest = run("run", 0);
    auto reader = journal::Reader::open(path("run"));
    ASSERT_TRUE(reader);
    runtime::Random random{GetParam()};
    Verifier whole;
    std::vector<std::unique_ptr<Verifier>> restored;
    journal::Record record;
    for (;;) {
        const auto next = reader->next(record);
        ASSERT_TRUE(next);
        if (!*next) break;
        for (const auto& one : restored) {
            const auto same = one->on_record(record);
            ASSERT_TRUE(same) << same.error().detail;
        }
        ASSERT_TRUE(whole.on_record(record));
        if (!whole.between_inputs() || whole.complete() || !random.chance(0.0004)) continue;
        auto& fresh = restored.emplace_back(std::make_unique<Verifier>());
        const auto started = fresh->start_at(to_snapshot(whole.pipeline()));
        ASSERT_TRUE(started) << started.error().detail;
    }
    EXPECT_TRUE(whole.complete());
    EXPECT_EQ(whole.pipeline().digest(), digest);
    ASSERT_GE(restored.size(), 3u);
    for (const auto& one : restored) {
        EXPECT_TRUE(one->complete());
        EXPECT_EQ(one->pipeline().digest(), digest);
    }
}

TEST_P(Recovery, SnapshotsDoNotChangeTheRun) {
    const std::uint64_t digest = run("plain", 0);
    EXPECT_EQ(run("often", 3'000), digest);
    std::vector<std::string> notes;
    EXPECT_FALSE(journal::latest_snapshot(path("plain"), notes)->has_value());
    EXPECT_TRUE(journal::latest_snapshot(path("often"), notes)->has_value());
    EXPECT_TRUE(notes.empty());
}

TEST(Snapshot, OfAnotherProgramOrDamagedIsRefused) {
    const Settings settings;
    Pipeline pipeline{settings, messages::RunManifest{}};
    std::vector<std::byte> state = to_snapshot(pipeline);
    Pipeline good{settings, {}};
    EXPECT_TRUE(from_snapshot(state, good));
    std::vector<std::byte> cut{state.begin(), state.end() - 1};
    Pipeline second{settings, {}};
    EXPECT_FALSE(from_snapshot(cut, second));
    state[4] ^= std::byte{1};  // first letter of the version
    Pipeline third{settings, {}};
    EXPECT_FALSE(from_snapshot(state, third));
}

INSTANTIATE_TEST_SUITE_P(Seeds, Recovery, ::testing::Values(1u, 7u));

}  // namespace
}  // namespace parallax::app
