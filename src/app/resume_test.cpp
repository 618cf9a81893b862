// A run that goes on in another process, wherever the one before it stopped.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "app/restore.hpp"
#include "app/session.hpp"
#include "journal/reader.hpp"
#include "journal/snapshot.hpp"
#include "runtime/random.hpp"
#include "sim/market/synthetic_market.hpp"

namespace parallax::app {
namespace {

class Resume : public ::testing::Test {
protected:
    Resume() {
        std::string pattern = (std::filesystem::temp_directory_path() / "parallax-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
        root_ = pattern;
        settings_.fees = *FeeSchedule::named("zero");
    }
    ~Resume() override {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }
    std::string path(const std::string& name) const { return (root_ / name).string(); }
    SessionOptions options(const std::string& name) const {
        SessionOptions options;
        options.journal = path(name);
        options.mode = "live";
        options.inputs = "live venues, tag 0000";
        options.continues = true;
        options.snapshot_every = 2'000;
        return options;
    }
    /// Plays so many frames into a session; the market goes on from where it was.
    void play(Session& session, int frames) {
        for (const InstrumentDefinition& definition : market_.instruments())
            session.define(definition);
        sim_market::Frame raw;
        for (int i = 0; i < frames; ++i) {
            market_.next(raw);
            ports::Frame frame;
            frame.received = raw.received;
            frame.market = raw.market;
            frame.bytes = raw.bytes;
            frame.symbol = raw.snapshot_of;
            session.on_frame(frame);
            now_ = raw.received;
        }
    }
    /// A run that just stops: its process died.
    void die(const std::string& name, int frames) {
        Session session{settings_, options(name)};
        ASSERT_TRUE(session.open(now_));
        play(session, frames);
    }
    /// The first `records` of a journal in another.
    void cut(const std::string& from, const std::string& to, std::uint64_t records) const {
        auto reader = journal::Reader::open(path(from));
        auto writer = journal::Writer::open(path(to));
        ASSERT_TRUE(reader && writer);
        journal::Record record;
        for (std::uint64_t i = 0; i < records; ++i) {
            ASSERT_TRUE(reader->next(record).value_or(false));
            ASSERT_TRUE((*writer)->append(record.type, record.payload, record.flags));
        }
    }
    Result<void> open(const std::string& name, const Settings& settings, SessionOptions options) {
        options.journal = path(name);
        Session session{settings, options};
        return session.open(now_);
    }
    /// All of a journal's records come out again.
    void expect_proof(const std::string& name, std::uint64_t parts) const {
        auto reader = journal::Reader::open(path(name));
        ASSERT_TRUE(reader);
        Verifier whole;
        journal::Record record;
        for (;;) {
            const auto next = reader->next(record);
            ASSERT_TRUE(next);
            if (!*next) break;
            const auto same = whole.on_record(record);
            ASSERT_TRUE(same) << same.error().detail;
        }
        EXPECT_TRUE(whole.complete());
        EXPECT_EQ(whole.parts(), parts);
    }

    Settings settings_;
    sim_market::SyntheticMarket market_{sim_market::Config{}, 7};
    UnixNanos now_ = UnixNanos::from_millis(1'767'000'000'000);

private:
    std::filesystem::path root_;
};

/// Also between an input and what follows from it, which is then written by the next process.
TEST_F(Resume, AfterAnyRecordAndTheWholeJournalIsProved) {
    die("run", 12'000);
    std::vector<std::string> notes;
    auto all = restore(path("run"), notes);
    ASSERT_TRUE(all) << all.error().detail;
    auto reader = journal::Reader::open(path("run"));
    ASSERT_TRUE(reader);
    runtime::Random random{3};
    std::vector<std::uint64_t> cuts;  // some right behind an output, where more of them may follow
    journal::Record record;
    std::uint64_t last = 0;
    while (reader->next(record).value_or(false)) {
        last = record.sequence;
        const bool output = (record.flags & Pipeline::kInputRecord) == 0;
        if (random.chance(output ? 0.01 : 0.0002)) cuts.push_back(last);
    }
    ASSERT_GT(cuts.size(), 4U);
    int unwritten = 0;
    for (std::size_t i = 0; i < std::min<std::size_t>(cuts.size(), 8); ++i) {
        const std::string name = "cut" + std::to_string(i);
        cut("run", name, cuts[cuts.size() - 1 - i]);
        {
            auto before = restore(path(name), notes);
            ASSERT_TRUE(before) << before.error().detail;
            unwritten += (*before)->take_unrecorded().empty() ? 0 : 1;
        }
        Session session{settings_, options(name)};
        ASSERT_TRUE(session.open(now_));
        EXPECT_TRUE(session.resumed());
        EXPECT_GT(session.pipeline().universe().instruments().size(), 0U);
        for (const Instrument& listing : session.pipeline().universe().instruments())
            EXPECT_FALSE(session.pipeline().market().books()[listing.id].tradable());
        play(session, 500);
        ASSERT_TRUE(session.finish());
        expect_proof(name, 2);
    }
    EXPECT_GT(unwritten, 0) << "no cut lay between an input and its outputs";
}

/// The hash of the state behind it was reckoned once while running and twice when verifying.
TEST_F(Resume, ALostBookMayBeTheInputThatIsHashed) {
    {
        Session session{settings_, options("run")};
        ASSERT_TRUE(session.open(now_));
        play(session, 500);
        Pipeline& pipeline = session.pipeline();
        while ((pipeline.inputs() + 1) % Pipeline::kHashInterval != 0)
            pipeline.on(messages::ClockTick{now_});
        pipeline.on(messages::BookLost{InstrumentId{0}, now_});
        ASSERT_EQ(pipeline.inputs(), Pipeline::kHashInterval);
        pipeline.on(messages::ClockTick{now_});
        ASSERT_TRUE(session.finish());
    }
    expect_proof("run", 1);
}

/// From the records alone, from a snapshot, and proved over both parts.
TEST_F(Resume, APositionThatWasTakenOverIsThereAfterwards) {
    InstrumentDefinition perpetual;
    perpetual.market = Market::BybitLinear;
    perpetual.kind = InstrumentKind::LinearPerpetual;
    perpetual.venue_symbol = "BTCUSDT";
    perpetual.base = "BTC";
    perpetual.quote = perpetual.settle = "USDT";
    perpetual.tick = "0.1";
    perpetual.lot = "0.001";
    const Amount size = *Amount::parse("-0.25"), entry = *Amount::parse("61234.56789");
    InstrumentId id;
    {
        Session session{settings_, options("run")};
        ASSERT_TRUE(session.open(now_));
        Pipeline& pipeline = session.pipeline();
        id = *pipeline.on(messages::InstrumentListed{now_, perpetual});
        pipeline.on(messages::ExternalFlow{Market::BybitSpot,
                                           *pipeline.universe().find_asset("USDT"),
                                           Amount::units(20'000), now_});
        ASSERT_TRUE(pipeline.on(messages::PositionAdopted{id, size, entry, {}, now_}));
        EXPECT_FALSE(pipeline.on(messages::PositionAdopted{id, size, entry, {}, now_}));
    }
    std::vector<std::string> notes;
    for (const bool played : {false, true}) {
        const auto back = restore(path("run"), notes);
        ASSERT_TRUE(back) << back.error().detail;
        const Pipeline& pipeline = (*back)->pipeline();
        ASSERT_EQ(pipeline.portfolio().positions().size(), 1U);
        EXPECT_EQ(pipeline.portfolio().positions()[0].net, size);
        EXPECT_EQ(pipeline.portfolio().positions()[0].basis, *Amount::parse("15308.6419725"));
        EXPECT_EQ(to_amount(pipeline.risk().exposures().at(id).position,
                            pipeline.universe().symbol_of(id).quantity_scale),
                  size);
        EXPECT_TRUE(pipeline.portfolio().knows_position(id));
        if (played) break;
        Session session{settings_, options("run")};
        ASSERT_TRUE(session.open(now_));
        EXPECT_TRUE(session.resumed());
        play(session, 5'000);  // past a snapshot
    }
    EXPECT_FALSE(journal::list_snapshots(path("run"))->empty());
    Session session{settings_, options("run")};
    ASSERT_TRUE(session.open(now_));
    ASSERT_TRUE(session.finish());
    expect_proof("run", 3);
}

TEST_F(Resume, PlanIdsAndTimeOnlyRise) {
    die("run", 12'000);
    std::vector<std::string> notes;
    const auto before = restore(path("run"), notes);
    ASSERT_TRUE(before);
    const std::uint64_t sent = (*before)->pipeline().plan_counts().sent;
    ASSERT_GT(sent, 0U) << "nothing traded: proves little";
    Session session{settings_, options("run")};
    ASSERT_TRUE(session.open((*before)->pipeline().now() - Nanos::seconds(2)));
    EXPECT_GE(session.now(), (*before)->pipeline().now());
    EXPECT_EQ(session.pipeline().plan_counts().sent, sent);
    EXPECT_EQ(session.pipeline().resumed_from(), (*before)->pipeline().now());
}

TEST_F(Resume, AClockThatIsFarBehindIsRefused) {
    die("run", 3'000);
    now_ = now_ - Nanos::seconds(60);
    const auto opened = open("run", settings_, options("run"));
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().detail.find("s behind"), std::string::npos) << opened.error().detail;
}

TEST_F(Resume, ADamagedSnapshotIsPassedOver) {
    die("run", 12'000);
    std::vector<std::string> notes;
    const auto with = restore(path("run"), notes);
    ASSERT_TRUE(with);
    EXPECT_TRUE(notes.empty());
    const auto snapshots = journal::list_snapshots(path("run"));
    ASSERT_TRUE(snapshots);
    for (const auto& snapshot : *snapshots) std::filesystem::resize_file(snapshot.path, 100);
    const auto without = restore(path("run"), notes);
    ASSERT_TRUE(without) << without.error().detail;
    EXPECT_FALSE(notes.empty());
    EXPECT_EQ((*with)->pipeline().digest(), (*without)->pipeline().digest());
}

TEST_F(Resume, AnotherConfigurationBeginsAnotherPartAndIsProvedToo) {
    die("run", 6'000);
    settings_.scanner.min_edge = Rate::basis_points(50);
    settings_.risk.max_order_value = Amount::units(777);
    {
        Session session{settings_, options("run")};
        const auto opened = session.open(now_);
        ASSERT_TRUE(opened) << opened.error().detail;
        play(session, 500);
        ASSERT_TRUE(session.finish());
    }
    expect_proof("run", 2);
    // Limits that were changed while running outlive the process; those of a changed file overrule.
    settings_.risk.max_order_value = Amount::units(778);
    Session session{settings_, options("run")};
    ASSERT_TRUE(session.open(now_));
    EXPECT_EQ(session.pipeline().risk().config().max_order_value, Amount::units(778));
}

TEST_F(Resume, WhatTheStateCannotBeHeldUnderIsRefused) {
    die("run", 6'000);
    settings_.trading.max_plans = 7;
    const auto opened = open("run", settings_, options("run"));
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().detail.find("changed settings"), std::string::npos)
        << opened.error().detail;
    settings_.trading.max_plans = 64;
    EXPECT_TRUE(open("run", settings_, options("run"))) << "a refusal leaves the run as it was";
}

TEST_F(Resume, OfAnotherKindTagOrAccountIsRefused) {
    die("run", 1'000);
    const auto refused = [&](const char* text, const Settings& settings, SessionOptions options) {
        const auto opened = open("run", settings, options);
        ASSERT_FALSE(opened) << text;
        EXPECT_NE(opened.error().detail.find(text), std::string::npos) << opened.error().detail;
    };
    SessionOptions other = options("run");
    other.continues = false;
    refused("holds a run already", settings_, other);
    other = options("run");
    other.mode = "up";
    refused("mode live", settings_, other);
    other = options("run");
    other.inputs = "live venues, tag 0001";
    refused("tag 0000", settings_, other);
    Settings account = settings_;
    account.live_okx.account = "second";
    refused("other money", account, options("run"));
}

}  // namespace
}  // namespace parallax::app
