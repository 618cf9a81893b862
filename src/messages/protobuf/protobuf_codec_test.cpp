#include "messages/protobuf/protobuf_codec.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "messages/random_message_testing.hpp"
#include "parallax.pb.h"

namespace parallax::messages {
namespace {

template <class T>
std::vector<std::byte> journal_bytes(const T& message) {
    std::vector<std::byte> bytes;
    encode(as_sent(message), bytes);
    return bytes;
}

TEST(Protobuf, EveryMessageComesBackAsItWas) {
    EnvelopeWriter writer;
    EnvelopeReader reader;
    for_each_type([&]<class T>(std::type_identity<T>) {
        EXPECT_TRUE(holds(type_of<T>, [&](std::uint64_t seed) {
            Random random{seed};
            Owned<T> message;
            fill(message, random);
            const EnvelopeInfo info{kSchemaVersion, random(), random(),
                                    UnixNanos::from_nanos(static_cast<std::int64_t>(random()))};
            std::string bytes;
            RC_ASSERT(writer.write(info, as_sent(message), bytes).has_value());
            const auto type = reader.parse(bytes);
            RC_ASSERT(type.has_value());
            RC_ASSERT(*type == type_of<T>);
            RC_ASSERT(reader.info() == info);
            Owned<T> back;
            RC_ASSERT(reader.read(back).has_value());
            RC_ASSERT(journal_bytes(back) == journal_bytes(message));
        }));
    });
}

TEST(Protobuf, TheSchemaHasAFieldForEachValueOfDescribe) {
    for_each_type([&]<class T>(std::type_identity<T>) {
        const auto* field = parallax::v1::Envelope::descriptor()->FindFieldByNumber(
            100 + static_cast<int>(type_of<T>));
        ASSERT_NE(field, nullptr) << to_string(type_of<T>);
        EXPECT_EQ(field->message_type()->name(), to_string(type_of<T>));
        for (int i = 0; i < field->message_type()->field_count(); ++i) {
            EXPECT_EQ(field->message_type()->field(i)->number(), i + 1) << to_string(type_of<T>);
        }
    });
    EXPECT_EQ(parallax::v1::Market_ARRAYSIZE, kValuesOf<Market>);
    EXPECT_EQ(parallax::v1::ReasonCode_ARRAYSIZE, kValuesOf<ReasonCode>);
    EXPECT_EQ(parallax::v1::EntryKind_ARRAYSIZE, kValuesOf<EntryKind>);
    EXPECT_EQ(parallax::v1::Bucket_ARRAYSIZE, kValuesOf<Bucket>);
    EXPECT_EQ(parallax::v1::RiskCheck_ARRAYSIZE, kValuesOf<RiskCheck>);
    EXPECT_EQ(parallax::v1::PlanState_ARRAYSIZE, kValuesOf<PlanState>);
    EXPECT_EQ(parallax::v1::PlanOutcome_ARRAYSIZE, kValuesOf<PlanOutcome>);
    EXPECT_EQ(parallax::v1::OrderEventKind_ARRAYSIZE, kValuesOf<OrderEventKind>);
    EXPECT_EQ(parallax::v1::OpportunityKind_ARRAYSIZE, kValuesOf<OpportunityKind>);
    EXPECT_EQ(parallax::v1::InstrumentKind_ARRAYSIZE, kValuesOf<InstrumentKind>);
}

TEST(Protobuf, RefusesWhatIsNoValueOfItsField) {
    EnvelopeReader reader;
    parallax::v1::Envelope envelope;
    envelope.set_schema(1);
    const auto read_as = [&](auto message) {
        const std::string bytes = envelope.SerializeAsString();
        EXPECT_TRUE(reader.parse(bytes));
        return reader.read(message).has_value();
    };
    envelope.mutable_trade_print()->set_aggressor(parallax::v1::SIDE_SELL);
    EXPECT_TRUE(read_as(TradePrint{}));
    EXPECT_FALSE(read_as(BestQuote{}));
    envelope.mutable_trade_print()->set_aggressor(static_cast<parallax::v1::Side>(2));
    EXPECT_FALSE(read_as(TradePrint{}));
    envelope.mutable_trade_print()->set_aggressor(static_cast<parallax::v1::Side>(-1));
    EXPECT_FALSE(read_as(TradePrint{}));
    envelope.mutable_verdict()->set_order(256);
    EXPECT_FALSE(read_as(Verdict{}));
    envelope.mutable_verdict()->set_order(255);
    EXPECT_TRUE(read_as(Verdict{}));
    envelope.mutable_opportunity()->set_leg_count(9);
    EXPECT_FALSE(read_as(Opportunity{}));
    envelope.mutable_opportunity()->set_leg_count(2);  // but no legs are there
    EXPECT_FALSE(read_as(Opportunity{}));
    envelope.mutable_depth_update()->add_bid_prices(5);
    EXPECT_FALSE(read_as(OwnedDepth{}));
    envelope.mutable_depth_update()->add_bid_quantities(5);
    EXPECT_TRUE(read_as(OwnedDepth{}));
}

TEST(Protobuf, RefusesRubbishAndEmptyEnvelopes) {
    EnvelopeReader reader;
    EXPECT_EQ(reader.parse({}).error(), Errc::Malformed);
    const std::string rubbish = "\xFF\xFF\xFF rubbish";
    EXPECT_EQ(reader.parse(rubbish).error(), Errc::Malformed);
    ClockTick tick;
    EXPECT_EQ(reader.read(tick).error(), Errc::Malformed);
    Random random{3};
    EnvelopeWriter writer;
    std::string bytes;
    Opportunity opportunity;
    fill(opportunity, random);
    ASSERT_TRUE(writer.write({}, opportunity, bytes));
    OwnedDepth scratch;
    for (int i = 0; i < 20'000; ++i) {  // whatever comes out is a valid message, or nothing does
        std::string bad = bytes;
        bad[random() % bad.size()] = static_cast<char>(random());
        if (random() % 5 == 0) bad.resize(random() % bad.size());
        static_cast<void>(
            reader.visit(bad, scratch, [](const auto& message) { journal_bytes(message); }));
    }
}

}  // namespace
}  // namespace parallax::messages
