#include "messages/codec.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>

#include "core/archive.hpp"
#include "messages/random_message_testing.hpp"

namespace parallax::messages {
namespace {

/// The fields as core/archive.hpp writes them: a second opinion on equality.
template <class T>
std::vector<std::byte> fields(const T& message) {
    std::vector<std::byte> out;
    StateWriter{out}(message);
    return out;
}
std::vector<std::byte> fields(const OwnedDepth& depth) {
    std::vector<std::byte> out;
    StateWriter writer{out};
    const DepthUpdate& h = depth.header;
    writer(h.instrument, h.kind, h.stamp, h.first_id, h.last_id, h.previous_id, h.checksum,
           h.has_checksum);
    for (const auto* side : {&depth.bids, &depth.asks}) {
        writer.length(side->size());
        for (const Level& level : *side) writer(level.price, level.quantity);
    }
    return out;
}
template <class T>
std::pair<Owned<T>, std::vector<std::byte>> random_encoded(Random& random) {
    Owned<T> message;
    fill(message, random);
    std::vector<std::byte> bytes;
    encode(as_sent(message), bytes);
    return {std::move(message), std::move(bytes)};
}

TEST(Codec, EveryMessageComesBackAsItWas) {
    for_each_type([]<class T>(std::type_identity<T>) {
        EXPECT_TRUE(holds(type_of<T>, [](std::uint64_t seed) {
            Random random{seed};
            const auto [message, bytes] = random_encoded<T>(random);
            RC_ASSERT(bytes.size() == encoded_size(as_sent(message)));
            const auto back = decode<T>(bytes);
            RC_ASSERT(back.has_value());
            RC_ASSERT(fields(*back) == fields(message));
        }));
    });
}

TEST(Codec, NoPrefixAndNoExtraByteDecodes) {
    for_each_type([]<class T>(std::type_identity<T>) {
        Random random{7};
        for (int round = 0; round < 20; ++round) {
            auto [message, bytes] = random_encoded<T>(random);
            for (std::size_t size = 0; size < bytes.size(); ++size) {
                EXPECT_FALSE(decode<T>(std::span{bytes}.first(size)).has_value())
                    << to_string(type_of<T>);
            }
            bytes.push_back(std::byte{0});
            EXPECT_FALSE(decode<T>(bytes).has_value()) << to_string(type_of<T>);
        }
    });
}

TEST(Codec, WhateverDecodesEncodesToTheSameBytes) {
    for_each_type([]<class T>(std::type_identity<T>) {
        EXPECT_TRUE(holds(type_of<T>, [](std::uint64_t seed) {
            Random random{seed};
            auto bytes = random_encoded<T>(random).second;
            bytes[random() % bytes.size()] = static_cast<std::byte>(random());
            if (const auto message = decode<T>(bytes)) {
                std::vector<std::byte> again;
                encode(as_sent(*message), again);
                RC_ASSERT(again == bytes);
            }
        }));
    });
}

TEST(Codec, RefusesBytesThatAreNoValueOfABoolOrEnum) {
    std::vector<std::byte> bytes;
    encode(FeedStatus{Market::Okx, UnixNanos::from_nanos(5), true}, bytes);
    ASSERT_EQ(bytes.size(), 10u);
    bytes[9] = std::byte{2};
    EXPECT_FALSE(decode<FeedStatus>(bytes));
    bytes[9] = std::byte{0};
    EXPECT_TRUE(decode<FeedStatus>(bytes));
    bytes[0] = std::byte{kMarketCount};
    EXPECT_EQ(decode<FeedStatus>(bytes).error(), Errc::Malformed);
}

TEST(Codec, RefusesALevelCountBeyondTheBytesWithoutAllocatingForIt) {
    std::vector<std::byte> bytes;
    encode(DepthUpdate{}, bytes);
    ASSERT_EQ(bytes.size(), kDepthHeaderBytes);
    for (std::size_t i = 1; i <= 4; ++i) bytes[kDepthHeaderBytes - i] = std::byte{0xFF};
    OwnedDepth depth;
    EXPECT_EQ(decode(bytes, depth).error(), Errc::Malformed);
    EXPECT_EQ(depth.asks.capacity(), 0u);
}

TEST(Codec, RefusesMoreLegsThanThereAre) {
    Opportunity opportunity;
    opportunity.leg_count = kMaxLegs;
    std::vector<std::byte> bytes;
    encode(opportunity, bytes);
    bytes[8 + 1 + 4] = std::byte{kMaxLegs + 1};
    EXPECT_FALSE(decode<Opportunity>(bytes));
}

TEST(Codec, LayoutOfTheHotMessagesIsFixed) {  // journals written by older programs depend on it
    BestQuote quote;
    quote.instrument = InstrumentId{0x01020304};
    quote.stamp.received = UnixNanos::from_nanos(1);
    quote.bid = {Price::from_raw(2), Quantity::from_raw(3)};
    quote.ask = {Price::from_raw(4), Quantity::from_raw(-1)};
    std::vector<std::byte> bytes;
    encode(quote, bytes);
    ASSERT_EQ(bytes.size(), 68u);
    EXPECT_EQ(bytes[0], std::byte{4});
    EXPECT_EQ(bytes[3], std::byte{1});
    EXPECT_EQ(bytes[4], std::byte{1});
    EXPECT_EQ(bytes[36], std::byte{2});
    EXPECT_EQ(bytes[60], std::byte{0xFF});
    EXPECT_EQ(encoded_size(TradePrint{}), 4u + 24 + 8 + 8 + 8 + 1);
    EXPECT_EQ(kDepthHeaderBytes, 72u);
}

TEST(Codec, VisitHandsOverTheStructOfTheType) {
    const Level levels[] = {{Price::from_raw(10), Quantity::from_raw(1)}};
    DepthUpdate update;
    update.last_id = 77;
    update.asks = levels;
    std::vector<std::byte> bytes;
    encode(update, bytes);
    std::uint64_t seen = 0;
    const auto visited = visit(MessageType::DepthUpdate, bytes, [&]<class T>(const T& message) {
        if constexpr (std::is_same_v<T, DepthUpdate>) seen = message.last_id + message.asks.size();
    });
    EXPECT_TRUE(visited);
    EXPECT_EQ(seen, 78u);
    const auto never = [](const auto&) { FAIL(); };
    EXPECT_EQ(visit(MessageType::ClockTick, bytes, never).error(), Errc::Malformed);
    EXPECT_EQ(visit(static_cast<MessageType>(999), bytes, never).error(), Errc::Malformed);
}

TEST(Codec, EveryTypeHasItsOwnNumberAndTopic) {
    std::set<std::uint16_t> numbers;
    for_each_type([&]<class T>(std::type_identity<T>) {
        EXPECT_TRUE(numbers.insert(static_cast<std::uint16_t>(type_of<T>)).second);
        EXPECT_TRUE(topic_of(type_of<T>));
        EXPECT_NE(to_string(type_of<T>), "?");
        bool same = false;
        EXPECT_TRUE(with_type(
            type_of<T>, [&]<class U>(std::type_identity<U>) { same = std::is_same_v<T, U>; }));
        EXPECT_TRUE(same);
    });
    EXPECT_EQ(numbers.size(), 32u);
    EXPECT_EQ(*topic_of(MessageType::Verdict), Topic::Risk);
    EXPECT_FALSE(topic_of(static_cast<MessageType>(0)));
}

}  // namespace
}  // namespace parallax::messages
