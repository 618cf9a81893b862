#include "adapters/venues/paper/config.hpp"

#include <set>
#include <string>

#include "core/settings.hpp"

namespace parallax::paper {
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
    void choice(std::string_view name, std::string& value, std::string_view choices,
                std::string_view help) {
        EXPECT_TRUE(names.emplace(name).second) << name;
        EXPECT_FALSE(help.empty()) << name;
        EXPECT_NE(choices.find(value), std::string_view::npos) << name;
    }
};

TEST(PaperConfig, DescribesEverySetting) {
    Config config;
    Checker checker;
    config.visit(checker);
    EXPECT_EQ(checker.names.size(), 37U);
}

}  // namespace
}  // namespace parallax::paper
