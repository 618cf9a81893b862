#include "services/scanner/config.hpp"

#include <set>

#include <gtest/gtest.h>

namespace parallax::scanner {
namespace {

using parallax::format_setting;
using parallax::parse_setting;

/// Every default must be of its field's form, read back as itself and lie within its bounds.
struct CheckFields {
    std::set<std::string> names;
    template <class T>
    void field(std::string_view name, T& value, std::string_view lowest, std::string_view highest,
               std::string_view help) {
        EXPECT_TRUE(names.insert(std::string(name)).second) << name << " twice";
        EXPECT_FALSE(help.empty());
        T read{}, low{}, high{};
        ASSERT_TRUE(parse_setting(name, format_setting(name, value), read)) << name;
        EXPECT_TRUE(read == value) << name;
        if (lowest.empty()) return;
        ASSERT_TRUE(parse_setting(name, lowest, low)) << name;
        ASSERT_TRUE(parse_setting(name, highest, high)) << name;
        EXPECT_TRUE(low <= value && value <= high) << name;
    }
};

TEST(Config, DefaultsAreWithinTheirBounds) {
    Config config;
    CheckFields check;
    config.visit(check);
    EXPECT_GT(check.names.size(), 35u);
}

}  // namespace
}  // namespace parallax::scanner
