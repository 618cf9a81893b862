#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/time.hpp"

/// A venue's limits as data. The numbers are in each venue's limits.cpp.
namespace parallax::venue_common {

/// What has a count of its own.
enum class Per : std::uint8_t { Account, Instrument, Connection };

struct LimitSpec {
    std::string_view name;  ///< for people, with the venue's words
    std::uint32_t limit;    ///< so many in any window of this length ...
    Nanos window;           ///< at least 100 ms
    Per per = Per::Account;
    std::uint32_t reserve = 0;  ///< ... of which so many are for cancels and hedges alone
};

enum class Wire : std::uint8_t { Any, Http, WebSocket };

struct Cost {
    std::uint8_t limit = 0;  ///< index into the table's limits
    std::uint32_t amount = 0;
    bool each = false;    ///< times the number of orders in a batch
    Wire on = Wire::Any;  ///< counts only there
};
inline constexpr std::size_t kMostCosts = 4;

struct CallSpec {
    std::string_view name;
    std::array<Cost, kMostCosts> costs{};  ///< amount 0: unused. The call's own limit comes first.
};

struct RateTable {
    std::span<const LimitSpec> limits;
    std::span<const CallSpec> calls;
};

}  // namespace parallax::venue_common
