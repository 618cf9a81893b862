#include "sim/fix/message.hpp"
#include "testing/folders/folders.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <sstream>

namespace parallax::sim_fix {
namespace {

std::string vector_text(const char* name) {
    std::ifstream in{source_folder() / "src/sim/fix/testdata/message_fuzz" / name,
                     std::ios::binary};
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

/// A message whose length and sum are right, out of fields with | between them.
std::string sealed(std::string body) {
    std::ranges::replace(body, '|', kSoh);
    std::string text =
        "8=FIX.4.4\x01"
        "9=" +
        std::to_string(body.size()) + kSoh + body;
    std::string sum = std::to_string(checksum(text));
    return text + "10=" + std::string(3 - sum.size(), '0') + sum + kSoh;
}

// The logon is the venue's own, byte for byte; the others' sums are made here, its are of another
// text.
TEST(FixMessage, TheVenuesSamplesAreRead) {
    for (const char* const name : {"logon", "report", "market_data"}) {
        const std::string text = vector_text(name);
        ASSERT_FALSE(text.empty());
        const Frame found = frame(text);
        EXPECT_EQ(found.defect, Defect::None) << name;
        ASSERT_EQ(found.size, text.size()) << name;
        Message message;
        EXPECT_EQ(parse(text, message), Defect::None) << name;
    }
    const std::string text = vector_text("logon");
    Message logon;
    ASSERT_EQ(parse(text, logon), Defect::None);
    EXPECT_EQ(logon.type, "A");
    EXPECT_EQ(logon.text(96).size(), 88U);
    EXPECT_EQ(logon.number(108), 30);
    EXPECT_FALSE(logon.number(49));
}

TEST(FixMessage, EveryPrefixIsIncompleteAndNoMore) {
    const std::string text = vector_text("report");
    for (std::size_t size = 0; size < text.size(); ++size) {
        const Frame found = frame(std::string_view{text}.substr(0, size));
        EXPECT_EQ(found.size, 0U) << size;
        EXPECT_EQ(found.defect, Defect::None) << size;
    }
    EXPECT_EQ(frame(text + text).size, text.size());
}

TEST(FixMessage, WhatIsBrokenIsNamed) {
    EXPECT_EQ(frame("GET / HTTP/1.1\r\n").defect, Defect::BeginString);
    EXPECT_EQ(frame("8=FIX.4.2\x01"
                    "9=5\x01")
                  .defect,
              Defect::BeginString);
    EXPECT_EQ(frame("8=FIX.4.4\x01"
                    "9=x\x01")
                  .defect,
              Defect::BodyLength);
    EXPECT_EQ(frame("8=FIX.4.4\x01"
                    "9=123456789")
                  .defect,
              Defect::BodyLength);
    EXPECT_EQ(frame("8=FIX.4.4\x01"
                    "9=999999\x01")
                  .defect,
              Defect::TooLong);
    std::string longer = sealed("35=0|34=1|");
    longer.insert(longer.size() - 7, "x");
    EXPECT_EQ(frame(longer).defect, Defect::BodyLength);
    Message message;
    std::string sum = sealed("35=0|34=1|");
    sum[sum.size() - 2] = sum[sum.size() - 2] == '9' ? '8' : '9';
    EXPECT_EQ(parse(sum, message), Defect::CheckSum);
    EXPECT_EQ(parse(sealed("34=1|35=0|"), message), Defect::MsgType);
    EXPECT_EQ(parse(sealed("35=0|34|"), message), Defect::BadField);
    EXPECT_EQ(parse(sealed("35=0|34=|"), message), Defect::BadField);
    EXPECT_EQ(parse(sealed("35=0|0=1|"), message), Defect::BadField);
    EXPECT_EQ(parse(sealed("35=0|-3=1|"), message), Defect::BadField);
    EXPECT_EQ(parse(sealed("35=0|99999999999=1|"), message), Defect::BadField);
    EXPECT_EQ(parse(sealed("35=0|58=a\tb|"), message), Defect::Letters);
    EXPECT_EQ(parse(sealed("35=D|55=币|"), message), Defect::None);
}

TEST(FixMessage, DataEndsWhereItsLengthSays) {
    Message message;
    const std::string text = sealed("35=A|95=5|96=a|b=c|98=0|");
    ASSERT_EQ(parse(text, message), Defect::None);
    EXPECT_EQ(message.text(96), std::string{"a\x01"
                                            "b=c"});
    EXPECT_EQ(message.text(98), "0");
}

RC_GTEST_PROP(FixMessage, WhatIsWrittenIsRead, ()) {
    const auto values = *rc::gen::container<std::vector<std::pair<int, std::string>>>(rc::gen::pair(
        rc::gen::inRange(100, 30'000),
        rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange<char>(' ', '~')))));
    Writer writer{"XYZ"};
    for (const auto& [tag, value] : values) writer.add(tag, value);
    const UnixNanos now = UnixNanos::from_millis(1'767'225'600'123);
    const std::string text = writer.finish("FROM", "TO", 7, now);
    RC_ASSERT(frame(text).size == text.size());
    Message message;
    RC_ASSERT(parse(text, message) == Defect::None);
    RC_ASSERT(message.type == "XYZ");
    RC_ASSERT(message.number(34) == 7);
    RC_ASSERT(read_time(message.text(52)) == now);
    RC_ASSERT(message.fields.size() == values.size() + 8);
    for (std::size_t i = 0; i < values.size(); ++i) {
        RC_ASSERT(message.fields[7 + i].tag == values[i].first);
        RC_ASSERT(message.fields[7 + i].value == values[i].second);
    }
    // No single byte of it can change unnoticed, but for another number of the same sum.
    const auto place = *rc::gen::inRange<std::size_t>(0, text.size());
    std::string broken = text;
    broken[place] = static_cast<char>(broken[place] ^ 0x01);
    const Frame found = frame(broken);
    Message other;
    RC_ASSERT(found.defect != Defect::None || found.size != text.size() ||
              parse(broken, other) != Defect::None);
}

RC_GTEST_PROP(FixMessage, TimesComeBack, ()) {
    const auto micros = *rc::gen::inRange<std::int64_t>(0, 7'000'000'000'000'000);
    const UnixNanos time = UnixNanos::from_nanos(micros * 1'000);
    RC_ASSERT(read_time(time_text(time)) == time);
}

TEST(FixMessage, TimesThatAreNone) {
    for (const char* const text :
         {"", "20240230-00:00:00", "20240227 00:00:00", "20240227-24:00:00", "20240227-00:60:00",
          "20240227-00:00:00.1", "20240227-00:00:00,123", "19690227-00:00:00"})
        EXPECT_FALSE(read_time(text)) << text;
    EXPECT_EQ(read_time("20240627-11:17:25")->millis(), 1'719'487'045'000);
    EXPECT_EQ(read_time("20240627-11:17:25.223")->millis(), 1'719'487'045'223);
}

}  // namespace
}  // namespace parallax::sim_fix
