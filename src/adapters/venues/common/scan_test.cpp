#include "adapters/venues/common/scan.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <memory>
#include <string>

#include "adapters/venues/common/json_variant.hpp"
#include "adapters/venues/common/numbers.hpp"
#include "adapters/venues/common/symbol_cache.hpp"

namespace parallax::venue_common {
namespace {

/// The text alone in a block of exactly its size, so that a sanitizer sees any byte read beyond it.
class Exactly {
public:
    explicit Exactly(std::string_view text) : bytes_{new char[text.size()]}, size_{text.size()} {
        text.copy(bytes_.get(), text.size());
    }
    [[nodiscard]] std::string_view view() const noexcept { return {bytes_.get(), size_}; }

private:
    std::unique_ptr<char[]> bytes_;
    std::size_t size_;
};

struct Read {
    Number status;
    std::int64_t value;
    std::size_t left;
    friend bool operator==(const Read&, const Read&) = default;
};
std::ostream& operator<<(std::ostream& os, const Read& r) {
    return os << static_cast<int>(r.status) << " " << r.value << " left " << r.left;
}

Read read(std::string_view text, std::uint8_t decimals) {
    const Exactly exact{text};
    Cursor at{exact.view()};
    std::int64_t value = 0;
    const Number status = at.decimal(decimals, value);
    return status == Number::Ok ? Read{status, value, at.left()} : Read{status, 0, 0};
}

TEST(Decimal, ReadsWhatVenuesWrite) {
    EXPECT_EQ(read("61837.63000000\",", 2), (Read{Number::Ok, 6183763, 1}));
    EXPECT_EQ(read("61837.63000000\"", 8), (Read{Number::Ok, 6183763000000, 0}));
    EXPECT_EQ(read("5\"", 3), (Read{Number::Ok, 5000, 0}));
    EXPECT_EQ(read("0.00\"", 0), (Read{Number::Ok, 0, 0}));
    EXPECT_EQ(read("1000000.0000000000000000\"x", 0), (Read{Number::Ok, 1000000, 1}));
    EXPECT_EQ(read("9223372036854775807\"", 0), (Read{Number::Ok, INT64_MAX, 0}));
}

TEST(Decimal, TellsFinerFromTooLargeFromOdd) {
    EXPECT_EQ(read("1.005\"", 2).status, Number::Finer);
    EXPECT_EQ(read("9223372036854775808\"", 0).status, Number::TooLarge);
    EXPECT_EQ(read("999999999\"", 12).status, Number::TooLarge);
    for (const char* odd : {"", "\"", "-1\"", "1.\"", ".\"", "1.2.3\"", "1e5\"", " 1\"", "+1\"",
                            "12", "1\\u0030\"", "NaN\""}) {
        EXPECT_EQ(read(odd, 8).status, Number::Odd) << odd;
    }
}

/// What the full decimal reader of core says about the same text.
Read oracle(std::string_view text, std::uint8_t decimals) {
    const std::size_t quote = text.find('"');
    if (quote == std::string_view::npos || text.front() == '-') return {Number::Odd, 0, 0};
    const auto value = parse_decimal(text.substr(0, quote), decimals);
    if (value) return {Number::Ok, *value, text.size() - quote - 1};
    if (value.error() == Errc::Malformed) return {Number::Odd, 0, 0};
    const bool finer = significant_decimals(text.substr(0, quote)) > decimals;
    return {finer ? Number::Finer : Number::TooLarge, 0, 0};
}

TEST(Decimal, AgreesWithTheFullReader) {
    EXPECT_TRUE(rc::check("any text of digits, points and quotes", [](std::uint64_t seed) {
        TestRandom random{seed};
        for (int round = 0; round < 50; ++round) {
            std::string text;
            const bool plain = random.one_in(2);
            if (plain) text = random.decimal(1ULL << random.below(60), 12) + "\"";
            for (std::uint64_t i = random.below(24); i > 0; --i)
                text += "0123456789012345678900..\"\"-,x"[random.below(29)];
            if (text.empty()) text = "\"";
            const auto decimals = static_cast<std::uint8_t>(random.below(19));
            RC_ASSERT(read(text, decimals) == oracle(text, decimals));
        }
    }));
}

TEST(Integer, TakesJsonIntegersOnly) {
    const auto integer = [](std::string_view text) -> std::optional<std::uint64_t> {
        const Exactly exact{text};
        Cursor at{exact.view()};
        std::uint64_t value = 0;
        return at.integer(value) ? std::optional{value} : std::nullopt;
    };
    EXPECT_EQ(integer("0,"), 0U);
    EXPECT_EQ(integer("1723161256313}"), 1723161256313U);
    EXPECT_EQ(integer("1723161256313"), 1723161256313U);
    EXPECT_EQ(integer("1234567890123456"), 1234567890123456U);
    EXPECT_EQ(integer("9999999999999999999"), 9999999999999999999U);
    for (const char* odd :
         {"", "x", "-1", "007", "00", "10000000000000000000", "00000000000000000000"}) {
        EXPECT_EQ(integer(odd), std::nullopt) << odd;
    }
}

TEST(Time, IsMillisecondsOrMicroseconds) {
    const auto time = [](std::string_view text) -> std::optional<std::int64_t> {
        Cursor at{text};
        UnixNanos value;
        return at.time(value) ? std::optional{value.nanos()} : std::nullopt;
    };
    EXPECT_EQ(time("1723161256313,"), 1723161256313'000'000);
    EXPECT_EQ(time("1723161256313123,"), 1723161256313'123'000);
    EXPECT_EQ(time("123456789,"), 123456789'000'000);
    EXPECT_EQ(time("0"), 0);
    EXPECT_EQ(time("9999999999999,"), std::nullopt);  // neither unit fits
    EXPECT_EQ(time("99999999999999999,"), std::nullopt);
}

TEST(Text, StopsAtEscapesControlAndEnd) {
    const auto text = [](std::string_view bytes) -> std::optional<std::string> {
        const Exactly exact{bytes};
        Cursor at{exact.view()};
        std::string_view out;
        return at.text(out) ? std::optional<std::string>{out} : std::nullopt;
    };
    EXPECT_EQ(text("BTCUSDT\","), "BTCUSDT");
    EXPECT_EQ(text("\""), "");
    EXPECT_EQ(text("0123456789abcdef0123456789abcdef0123456789\"}}"),
              "0123456789abcdef0123456789abcdef0123456789");
    for (const char* odd :
         {"", "BTC", "B\\u0054C\"", "B\nC\"", "0123456789abcdef0123456789abcdef0123456789"}) {
        EXPECT_EQ(text(odd), std::nullopt) << odd;
    }
}

InstrumentDefinition listing(std::string symbol) {
    InstrumentDefinition d;
    d.market = Market::BinanceSpot;
    d.base = symbol;
    d.quote = "USDT";
    d.venue_symbol = std::move(symbol);
    d.tick = d.lot = "0.01";
    return d;
}

TEST(SymbolCache, FindsEveryListingAndNothingElse) {
    Universe universe;
    SymbolCache cache{Market::BinanceSpot, universe};
    cache.refresh();
    EXPECT_EQ(cache.find("BTCUSDT"), nullptr);
    for (int i = 0; i < 500; ++i)
        ASSERT_TRUE(universe.list(listing("S" + std::to_string(i * 7919) + "USDT")));
    ASSERT_TRUE(universe.list(listing("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345")));
    cache.refresh();
    for (const Instrument& one : universe.instruments()) {
        ASSERT_NE(cache.find(one.venue_symbol), nullptr) << one.venue_symbol;
        EXPECT_EQ(cache.find(one.venue_symbol)->id, one.id);
        EXPECT_EQ(cache.find(one.venue_symbol.substr(1)), nullptr);
    }
    EXPECT_EQ(cache.find(""), nullptr);
    EXPECT_EQ(cache.find(std::string_view{"S0USDT\0", 7}),
              nullptr);  // zero filling must not make them equal
    EXPECT_EQ(cache.find("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456"), nullptr);
}

TEST(Scan, AUuidIsATextOf36BytesAndNothingElse) {
    const std::string id = "0f8fad5b-d9cb-469f-a165-70867728950e";
    for (std::size_t length = 0; length <= 60; ++length) {
        std::string text;
        while (text.size() < length) text += id[text.size() % id.size()];
        for (const char* tail :
             {"\"", "\",\"BT\":false}]}", "", "\",\"BT\":false,\"RPI\":false}]}"}) {
            const Exactly exact{text + tail};
            Cursor at{exact.view()};
            std::string_view out;
            const bool room = text.size() + std::string_view{tail}.size() >= 48;
#if defined(__AVX2__)
            const bool expected = length == 36 && room && *tail != 0;
#else
            const bool expected = false;
            (void)room;
#endif
            ASSERT_EQ(at.uuid(out), expected) << length << tail;
            ASSERT_EQ(at.left(), exact.view().size() - (expected ? 37 : 0));
            ASSERT_EQ(out, expected ? std::string_view{id} : std::string_view{});
        }
    }
    for (std::size_t i = 0; i < id.size(); ++i) {  // no escape, control byte or early quote inside
        for (const char c : {'"', '\\', '\n'}) {
            std::string text = id + "\",\"BT\":false}]}";
            text[i] = c;
            const Exactly exact{text};
            Cursor at{exact.view()};
            std::string_view out;
            ASSERT_FALSE(at.uuid(out));
            ASSERT_EQ(at.left(), text.size());
        }
    }
}

}  // namespace
}  // namespace parallax::venue_common
