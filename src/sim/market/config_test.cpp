#include "sim/market/config.hpp"

#include <set>
#include <string>

#include "core/settings.hpp"

namespace parallax::sim_market {
namespace {

/// Every setting: a name of its own, help, text that reads back, and a default inside its bounds.
struct Checker {
    std::set<std::string> names;
    template <class T>
    void field(std::string_view name, T& value, std::string_view low, std::string_view high,
               std::string_view help) {
        EXPECT_TRUE(names.emplace(name).second) << name;
        EXPECT_FALSE(help.empty()) << name;
        T lowest{}, highest{}, back{};
        EXPECT_TRUE(parse_setting(name, low, lowest) && parse_setting(name, high, highest)) << name;
        EXPECT_TRUE(parse_setting(name, format_setting(name, value), back)) << name;
        EXPECT_EQ(back, value) << name;
        EXPECT_TRUE(lowest <= value && value <= highest) << name;
    }
};

TEST(SyntheticMarketConfig, DescribesEverySetting) {
    Config config;
    Checker checker;
    config.visit(checker);
    EXPECT_EQ(checker.names.size(), 9U);
}

}  // namespace
}  // namespace parallax::sim_market
