#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace parallax::sim_front {

enum class WindowKind : std::uint8_t {
    Aligned,  ///< begins at multiples of the interval since 1970, such as on the minute
    Sliding,  ///< the interval that ends now, to 1/64 of it, on the strict side
};

struct RateLimit {
    Nanos interval = Nanos::seconds(60);
    std::uint32_t most = 0;
    WindowKind kind = WindowKind::Aligned;
};

/// What one peer, account or connection used of a limit. Memory: at most 65 numbers.
class RateWindow {
public:
    /// Counted whether it fits or not; true when it does. `now` never falls.
    bool add(const RateLimit& limit, UnixNanos now, std::uint32_t weight = 1);
    /// Gives back what turned out to cost less.
    void take_back(const RateLimit& limit, UnixNanos now, std::uint32_t weight);
    [[nodiscard]] std::uint32_t used(const RateLimit& limit, UnixNanos now);
    [[nodiscard]] bool fits(const RateLimit& limit, UnixNanos now, std::uint32_t weight) {
        return used(limit, now) + weight <= limit.most;
    }
    /// When something of it will be free again: the aligned window's end, or the oldest use's.
    [[nodiscard]] UnixNanos free_at(const RateLimit& limit, UnixNanos now) const noexcept;

private:
    struct Use {
        UnixNanos from;
        std::uint32_t weight = 0;
    };
    std::deque<Use> uses_;
    std::uint32_t sum_ = 0;
};

/// A limit counted for each key: an address, an account with an endpoint, ... Keys that used
/// nothing lately are forgotten.
class RateTable {
public:
    explicit RateTable(RateLimit limit) : limit_{limit} {}
    [[nodiscard]] const RateLimit& limit() const noexcept { return limit_; }
    bool add(std::string_view key, UnixNanos now, std::uint32_t weight = 1) {
        return window(key, now).add(limit_, now, weight);
    }
    void take_back(std::string_view key, UnixNanos now, std::uint32_t weight) {
        window(key, now).take_back(limit_, now, weight);
    }
    [[nodiscard]] std::uint32_t used(std::string_view key, UnixNanos now) {
        return window(key, now).used(limit_, now);
    }
    [[nodiscard]] bool fits(std::string_view key, UnixNanos now, std::uint32_t weight = 1) {
        return window(key, now).fits(limit_, now, weight);
    }
    [[nodiscard]] UnixNanos free_at(std::string_view key, UnixNanos now) {
        return window(key, now).free_at(limit_, now);
    }
    [[nodiscard]] std::size_t size() const noexcept { return windows_.size(); }

private:
    RateWindow& window(std::string_view key, UnixNanos now);

    RateLimit limit_;
    std::map<std::string, RateWindow, std::less<>> windows_;
    std::size_t sweep_at_ = 1'024;
};

}  // namespace parallax::sim_front
