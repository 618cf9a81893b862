#include "sim/venues/bybit/ids.hpp"

#include <charconv>

namespace parallax::sim_bybit {
namespace {

constexpr std::uint64_t kSpotBase = 1'500'000'000'000'000'000;  // 19 digits, as the venue's
constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15;

constexpr std::uint64_t inverse(std::uint64_t odd) noexcept {  // Newton: doubles the right bits
    std::uint64_t x = odd;
    for (int i = 0; i < 5; ++i) x *= 2 - odd * x;
    return x;
}
static_assert(kMultiplier * inverse(kMultiplier) == 1);

std::uint64_t mix(std::uint64_t n) noexcept {
    n *= kMultiplier;
    n ^= n >> 32;
    return n * kMultiplier;
}
std::uint64_t unmix(std::uint64_t n) noexcept {
    n *= inverse(kMultiplier);
    n ^= n >> 32;
    return n * inverse(kMultiplier);
}

std::optional<std::uint64_t> digits(std::string_view text, int base) noexcept {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

void append_hex(std::string& out, std::uint64_t value, int nibbles) {
    constexpr std::string_view kHex = "0123456789abcdef";
    while (nibbles-- > 0) out += kHex[(value >> (4 * nibbles)) & 15];
}

}  // namespace

std::string uuid_of(std::uint64_t number) {
    const std::uint64_t a = mix(number);
    const std::uint64_t b = mix(a ^ 0x5bd1e995);
    std::string out;  // aaaaaaaa-aaaa-4aaa-8abb-bbbbbbbbbbbb: the 16 nibbles of a, 14 of b
    out.reserve(36);
    append_hex(out, a >> 32, 8);
    out += '-';
    append_hex(out, a >> 16, 4);
    out += "-4";
    append_hex(out, a >> 4, 3);
    out += "-8";
    append_hex(out, a, 1);
    append_hex(out, b >> 48, 2);
    out += '-';
    append_hex(out, b, 12);
    return out;
}

std::optional<std::uint64_t> number_of_uuid(std::string_view text) noexcept {
    if (text.size() != 36) return std::nullopt;
    std::string hex;
    hex.append(text.substr(0, 8)).append(text.substr(9, 4)).append(text.substr(15, 3));
    hex += text[20];
    const auto a = digits(hex, 16);
    if (!a) return std::nullopt;
    const std::uint64_t number = unmix(*a);
    if (uuid_of(number) != text) return std::nullopt;
    return number;
}

std::string order_text(sim_engine::OrderId id, bool spot) {
    return spot ? std::to_string(kSpotBase + id.raw()) : uuid_of(id.raw());
}

std::optional<sim_engine::OrderId> parse_order_id(std::string_view text) noexcept {
    if (text.size() == 36) {
        const auto uuid = number_of_uuid(text);
        return uuid ? std::optional{sim_engine::OrderId{*uuid}} : std::nullopt;
    }
    const auto number = digits(text, 10);
    if (!number || *number < kSpotBase) return std::nullopt;
    return sim_engine::OrderId{*number - kSpotBase};
}

std::string trade_text(sim_engine::ListingId listing, sim_engine::TradeId trade, bool spot) {
    if (spot) return std::to_string(2'290'000'000'000'000'000 + trade.raw());
    return uuid_of((std::uint64_t{listing.raw()} + 1) << 48 | trade.raw());
}

}  // namespace parallax::sim_bybit
