#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <memory>
#include <string>
#include <string_view>

#include "adapters/venues/common/frame_text.hpp"
#include "adapters/venues/common/json_variant.hpp"
#include "adapters/venues/common/test_support.hpp"

/// Only for tests: what the parser of every venue must do.
namespace parallax::venue_common {

inline const UnixNanos kTestNow = UnixNanos::from_millis(1'700'000'000'000);

/// A parser of one market with listings of its own.
template <class Parser>
class ParserFixture {
public:
    ParserFixture(Market market, const std::vector<InstrumentDefinition>& listings)
        : parser_{market, universe_} {
        for (const InstrumentDefinition& listing : listings) EXPECT_TRUE(universe_.list(listing));
    }
    template <class... Symbol>
    HotResult<void> parse(std::string_view frame, Symbol... symbol) {
        return parser_.parse(frame, kTestNow, out, symbol...);
    }
    /// What came of a frame, as text.
    std::string text(const std::string& frame) {
        const auto result = parse(frame);
        return result ? frame_text(out) : std::string(to_string(result.error()));
    }
    /// -1 for an error.
    int contents(std::string_view frame) {
        return parse(frame) ? static_cast<int>(out.contents) : -1;
    }
    HotResult<void> snapshot(std::string_view body, std::string_view symbol) {
        return parser_.parse_snapshot(body, symbol, kTestNow, out);
    }
    ports::MarketFrame out;
    Parser& parser() { return parser_; }
    Universe& universe() { return universe_; }

private:
    Universe universe_;
    Parser parser_;
};

/// Any JSON text that says the same gives the same frame, and so does the full reader.
template <class Fixture, class RandomMessage>
void expect_agreement(Fixture& f, RandomMessage random_message) {
    EXPECT_TRUE(rc::check("order, white space, escapes, unknown fields", [&](std::uint64_t seed) {
        TestRandom random{seed};
        const std::string message = random_message(random);
        const std::string expected = f.text(message);
        RC_ASSERT(expected.starts_with("contents ") && !expected.starts_with("contents 0"));
        ports::MarketFrame full;
        RC_ASSERT(f.parser().parse_full(message, kTestNow, full).has_value());
        RC_ASSERT(frame_text(full) == expected);
        JsonVariant variant{random};
        for (int i = 0; i < 3; ++i) {
            const std::string other = variant(message);
            RC_ASSERT(f.text(other) == expected);
        }
    }));
}

template <class Fixture, class RandomMessage>
void expect_no_truncation_taken(Fixture& f, RandomMessage random_message) {
    TestRandom random{1};
    for (int round = 0; round < 40; ++round) {
        const std::string message = random_message(random);
        for (std::size_t size = 0; size < message.size(); ++size) {
            const std::unique_ptr<char[]> exact{new char[size]};  // its end is the end of a block
            message.copy(exact.get(), size);
            ASSERT_EQ(f.parse({exact.get(), size}), fail(Errc::Malformed))
                << message.substr(0, size);
        }
    }
}

}  // namespace parallax::venue_common
