#include "adapters/fix/fields.hpp"

#include <array>
#include <chrono>

namespace parallax::fix {
namespace {

void put(std::string& out, std::int64_t value, int digits) {
    std::array<char, 8> text;
    for (int i = digits; i > 0; --i) {
        text[static_cast<std::size_t>(i - 1)] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
    out.append(text.data(), static_cast<std::size_t>(digits));
}

}  // namespace

std::string time_text(UnixNanos time) {
    using namespace std::chrono;
    const sys_time<microseconds> at{microseconds{time.nanos() / 1'000}};
    const auto day = floor<days>(at);
    const year_month_day date{day};
    const hh_mm_ss clock{at - day};
    std::string out;
    put(out, static_cast<int>(date.year()), 4);
    put(out, static_cast<unsigned>(date.month()), 2);
    put(out, static_cast<unsigned>(date.day()), 2);
    out += '-';
    put(out, clock.hours().count(), 2);
    out += ':';
    put(out, clock.minutes().count(), 2);
    out += ':';
    put(out, clock.seconds().count(), 2);
    out += '.';
    put(out, clock.subseconds().count(), 6);
    return out;
}

UnixNanos read_time(std::string_view text) noexcept {
    using namespace std::chrono;
    if (text.size() != 17 && text.size() != 21 && text.size() != 24) return {};
    if (text[8] != '-' || text[11] != ':' || text[14] != ':') return {};
    if (text.size() > 17 && text[17] != '.') return {};
    bool good = true;
    const auto part = [&](std::size_t at, std::size_t size) {
        std::int64_t value = 0;
        for (const char c : text.substr(at, size)) {
            good = good && c >= '0' && c <= '9';
            value = value * 10 + (c - '0');
        }
        return value;
    };
    const year_month_day date{year{static_cast<int>(part(0, 4))},
                              month{static_cast<unsigned>(part(4, 2))},
                              day{static_cast<unsigned>(part(6, 2))}};
    const std::int64_t hour = part(9, 2);
    const std::int64_t minute = part(12, 2);
    const std::int64_t second = part(15, 2);
    const std::int64_t micros = text.size() == 21   ? part(18, 3) * 1'000
                                : text.size() == 24 ? part(18, 6)
                                                    : 0;
    if (!good || !date.ok() || date.year() < year{1971} || date.year() > year{2200} || hour > 23 ||
        minute > 59 || second > 60)
        return {};
    const std::int64_t days_since = sys_days{date}.time_since_epoch().count();
    const std::int64_t seconds_since = ((days_since * 24 + hour) * 60 + minute) * 60 + second;
    return UnixNanos::from_nanos((seconds_since * 1'000'000 + micros) * 1'000);
}

}  // namespace parallax::fix
