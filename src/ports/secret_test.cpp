#include "ports/secret.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <type_traits>

namespace parallax::ports {
namespace {

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret>);

/// The line "name: value kB" of the mapping that holds this address.
std::string smaps(const void* address, const std::string& name) {
    std::ifstream file{"/proc/self/smaps"};
    std::string line;
    bool here = false;
    while (std::getline(file, line)) {
        unsigned long low = 0;
        unsigned long high = 0;
        if (std::sscanf(line.c_str(), "%lx-%lx ", &low, &high) == 2) {
            const auto at = reinterpret_cast<unsigned long>(address);
            here = low <= at && at < high;
        } else if (here && line.starts_with(name + ":")) {
            return line.substr(name.size() + 1);
        }
    }
    return {};
}

TEST(Secret, HoldsWhatItWasGivenAndMoves) {
    Secret one = Secret::copy_of("key");
    EXPECT_EQ(one.reveal(), "key");
    Secret two = std::move(one);
    EXPECT_TRUE(one.empty());
    EXPECT_EQ(two.reveal(), "key");
    one = std::move(two);
    EXPECT_EQ(one.reveal(), "key");
    EXPECT_TRUE(Secret{}.reveal().empty());
}

TEST(Secret, LiesInLockedPagesThatNoCoreDumpHolds) {
    const Secret secret = Secret::copy_of(std::string(5'000, 'x'));
    const std::string flags = smaps(secret.reveal().data(), "VmFlags");
    ASSERT_FALSE(flags.empty());
    EXPECT_NE(flags.find(" dd"), std::string::npos) << flags;
#ifndef PLX_SANITIZED  // the address sanitizer answers mlock() and does nothing
    if (secret.locked()) {
        EXPECT_NE(flags.find(" lo"), std::string::npos) << flags;
    }
#endif
}

TEST(Secret, WhatIsCutOffIsWiped) {
    Secret secret = Secret::copy_of("passphrase and more");
    const char* data = secret.reveal().data();
    secret.shrink(10);
    EXPECT_EQ(secret.reveal(), "passphrase");
    EXPECT_EQ(std::string_view(data + 10, 9), std::string_view("\0\0\0\0\0\0\0\0\0", 9));
}

TEST(Secret, ItsPagesAreGivenBack) {
    Secret secret = Secret::copy_of("key");
    const void* data = secret.reveal().data();
    secret.wipe();
    EXPECT_TRUE(secret.empty());
    EXPECT_TRUE(smaps(data, "VmFlags").find(" dd") == std::string::npos);
}

}  // namespace
}  // namespace parallax::ports
