#include "core/archive.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "core/amount.hpp"
#include "core/ids.hpp"
#include "core/market.hpp"
#include "core/time.hpp"

namespace parallax {
namespace {

struct Order {
    PlanId plan;
    Market market{};
    Price price;
    bool open = false;
    friend bool operator==(const Order&, const Order&) = default;
    template <class Archive>
    void describe(Archive& a) {
        a(plan, market, price, open);
    }
};

struct State {
    Amount cash;
    std::string name;
    std::vector<Order> orders;
    std::deque<std::int64_t> marks;
    std::vector<bool> flags;
    std::array<std::uint16_t, 3> tiers{};
    std::optional<UnixNanos> halted;
    std::map<std::string, Quantity> held;
    std::unordered_map<std::uint32_t, std::vector<std::uint8_t>> tags;
    std::pair<std::int32_t, double> mean{};
    friend bool operator==(const State&, const State&) = default;
    template <class Archive>
    void describe(Archive& a) {
        a(cash, name, orders, marks, flags, tiers, halted, held, tags, mean);
    }
};

State sample() {
    State s;
    s.cash = Amount::units(-3);
    s.name = "parallax";
    s.orders = {{PlanId{7}, Market::Okx, Price::from_raw(42), true},
                {PlanId{8}, Market::BybitInverse, Price{}, false}};
    s.marks = {-1, 0, 1};
    s.flags = {true, false, true};
    s.tiers = {1, 2, 3};
    s.halted = UnixNanos::from_millis(1'700'000'000'000);
    s.held = {{"BTC", Quantity::from_raw(5)}, {"ETH", Quantity::from_raw(6)}};
    s.tags = {{9, {1, 2}}, {3, {}}, {77, {255}}};
    s.mean = {-4, 0.25};
    return s;
}

template <class T>
std::vector<std::byte> written(const T& value) {
    std::vector<std::byte> bytes;
    StateWriter writer{bytes};
    writer(value);
    return bytes;
}

TEST(Archive, ReadsBackWhatItWrote) {
    const State before = sample();
    const auto bytes = written(before);
    State after;
    StateReader reader{bytes};
    reader(after);
    EXPECT_TRUE(reader.finished());
    EXPECT_EQ(after, before);
    EXPECT_EQ(state_hash(after), state_hash(before));
}

TEST(Archive, ReadingReplacesWhatWasThere) {
    const auto bytes = written(State{});
    State after = sample();
    StateReader reader{bytes};
    reader(after);
    EXPECT_TRUE(reader.finished());
    EXPECT_EQ(after, State{});
}

TEST(Archive, KeepsAnyNumbersAndTexts) {
    EXPECT_TRUE(
        rc::check("round trip", [](const std::map<std::string, std::vector<std::int64_t>>& values) {
            const auto bytes = written(values);
            std::map<std::string, std::vector<std::int64_t>> after;
            StateReader reader{bytes};
            reader(after);
            RC_ASSERT(reader.finished());
            RC_ASSERT(after == values);
        }));
}

TEST(Archive, LayoutIsLittleEndianWithLengthsOf32Bits) {
    const auto bytes = written(std::vector<std::uint16_t>{0x0102, 0x0304});
    const std::vector<std::byte> expected{std::byte{2}, std::byte{0}, std::byte{0}, std::byte{0},
                                          std::byte{2}, std::byte{1}, std::byte{4}, std::byte{3}};
    EXPECT_EQ(bytes, expected);
}

TEST(Archive, EveryTruncationIsSeen) {
    const auto bytes = written(sample());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        State after;
        StateReader reader{std::span{bytes}.first(size)};
        reader(after);
        EXPECT_FALSE(reader.finished()) << size;
    }
}

TEST(Archive, BytesLeftOverAreSeen) {
    auto bytes = written(sample());
    bytes.push_back(std::byte{0});
    State after;
    StateReader reader{bytes};
    reader(after);
    EXPECT_TRUE(reader.ok());
    EXPECT_FALSE(reader.finished());
}

TEST(Archive, DamagedBytesNeverReadBeyondTheEnd) {  // the sanitizer builds watch
    const auto bytes = written(sample());
    EXPECT_TRUE(rc::check("damaged", [&](std::uint8_t value) {
        auto damaged = bytes;
        damaged[*rc::gen::inRange<std::size_t>(0, bytes.size())] = std::byte{value};
        damaged[*rc::gen::inRange<std::size_t>(0, bytes.size())] ^= std::byte{value};
        State after;
        StateReader reader{damaged};
        reader(after);
        RC_ASSERT(after.orders.size() <= bytes.size());
    }));
}

TEST(Archive, AHugeLengthIsRefusedBeforeAnythingIsAllocated) {
    const std::vector<std::byte> bytes(8, std::byte{0xff});
    std::vector<std::uint64_t> values;
    StateReader reader{bytes};
    reader(values);
    EXPECT_FALSE(reader.ok());
    EXPECT_EQ(values.capacity(), 0U);
}

TEST(StateHash,
     IsTheSameOnEveryMachineForever) {  // journals hold these: a change needs a new journal version
    EXPECT_EQ(state_hash(std::uint64_t{0}), 4971614672219169370ULL);
    EXPECT_EQ(state_hash(std::uint8_t{1}), 2557960477524275787ULL);
    EXPECT_EQ(state_hash(std::string{"parallax"}), 6354156379922919678ULL);
    EXPECT_EQ(state_hash(sample()), 13902015587071646025ULL);
    EXPECT_EQ(state_hash(sample(), 1), 13008590724091394915ULL);
}

TEST(StateHash, DoesNotDependOnAHashTablesHistory) {
    std::unordered_map<std::uint32_t, int> up;
    std::unordered_map<std::uint32_t, int> down;
    for (std::uint32_t i = 0; i < 1000; ++i) up[i] = 1;
    for (std::uint32_t i = 2000; i-- > 0;) down[i] = 1;
    for (std::uint32_t i = 1000; i < 2000; ++i) down.erase(i);
    EXPECT_EQ(state_hash(up), state_hash(down));
}

TEST(StateHash, SeesOrderLengthAndEveryField) {
    EXPECT_NE(state_hash(std::vector<int>{1, 2}), state_hash(std::vector<int>{2, 1}));
    EXPECT_NE(state_hash(std::vector<int>{0}), state_hash(std::vector<int>{0, 0}));
    EXPECT_NE(state_hash(std::string{"a"}), state_hash(std::string("a\0", 2)));
    const std::uint64_t whole = state_hash(sample());
    const auto changed = [&](auto change) {
        State s = sample();
        change(s);
        return state_hash(s) != whole;
    };
    EXPECT_TRUE(changed([](State& s) { s.cash += Amount::from_raw(1); }));
    EXPECT_TRUE(changed([](State& s) { s.orders[1].open = true; }));
    EXPECT_TRUE(changed([](State& s) { s.marks.push_back(0); }));
    EXPECT_TRUE(changed([](State& s) { s.flags[1] = true; }));
    EXPECT_TRUE(changed([](State& s) { s.halted.reset(); }));
    EXPECT_TRUE(changed([](State& s) { s.held["BTC"] = {}; }));
    EXPECT_TRUE(changed([](State& s) { s.tags[9][0] = 2; }));
    EXPECT_TRUE(changed([](State& s) { s.mean.second = 0.5; }));
}

static_assert(Flat<std::int64_t> && Flat<double> && Flat<Price> && Flat<PlanId> && Flat<Market>);
static_assert(!Flat<std::string_view> && !Flat<std::span<const int>> && !Flat<int*>,
              "a pointer is no state");
struct Padded {
    char a;
    int b;
};
static_assert(!Flat<Padded>, "padding would make equal states hash differently");

}  // namespace
}  // namespace parallax
