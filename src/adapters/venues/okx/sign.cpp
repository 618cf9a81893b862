#include "adapters/venues/okx/sign.hpp"

#include <array>
#include <chrono>

#include "adapters/venues/common/encoding.hpp"
#include "core/assert.hpp"

namespace parallax::okx {
namespace {

char* put(char* to, std::int64_t number, int digits, char then) {
    for (int i = digits; i-- > 0; number /= 10) to[i] = static_cast<char>('0' + number % 10);
    to[digits] = then;
    return to + digits + 1;
}

void write_iso(UnixNanos time, std::string& out) {
    constexpr std::int64_t kDay = 86'400'000;
    const std::int64_t ms = time.millis();
    const std::int64_t day = ms / kDay;
    const std::int64_t rest = ms % kDay;
    const std::chrono::year_month_day date{
        std::chrono::sys_days{std::chrono::days{static_cast<int>(day)}}};
    PLX_ASSERT(ms >= 0 && static_cast<int>(date.year()) <= 9999);
    out.resize(24);
    char* to = put(out.data(), static_cast<int>(date.year()), 4, '-');
    to = put(to, static_cast<unsigned>(date.month()), 2, '-');
    to = put(to, static_cast<unsigned>(date.day()), 2, 'T');
    to = put(to, rest / 3'600'000, 2, ':');
    to = put(to, rest / 60'000 % 60, 2, ':');
    to = put(to, rest / 1'000 % 60, 2, '.');
    put(to, rest % 1'000, 3, 'Z');
}

void append_json_text(std::string_view text, ports::Secret& to, std::size_t& size) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const auto put_byte = [&](char c) { to.fill()[size++] = c; };
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            put_byte('\\');
            put_byte(c);
        } else if (byte < 0x20) {
            for (const char escape : std::string_view{"\\u00"}) put_byte(escape);
            put_byte(kDigits[byte >> 4]);
            put_byte(kDigits[byte & 15]);
        } else {
            put_byte(c);
        }
    }
}

}  // namespace

std::string iso_time(UnixNanos time) {
    std::string text;
    write_iso(time, text);
    return text;
}

Signer::Signer(venue_common::Credentials credentials) : credentials_{std::move(credentials)} {
    PLX_ASSERT(credentials_.key.kind() == venue_common::KeyKind::HmacSha256);
}

void Signer::sign_rest(UnixNanos time, std::string_view method, std::string_view path,
                       std::string_view body, RestSignature& out) const {
    write_iso(time, out.timestamp);
    venue_common::Signature signature;
    credentials_.key.sign({out.timestamp, method, path, body}, signature);
    out.signature.clear();
    venue_common::append_base64(out.signature, signature.bytes());
}

ports::Secret Signer::websocket_login(UnixNanos time) const {
    std::string timestamp;
    venue_common::append_number(timestamp, time.millis() / 1'000);
    venue_common::Signature signature;
    credentials_.key.sign({timestamp, "GET/users/self/verify"}, signature);
    std::string sign;
    venue_common::append_base64(sign, signature.bytes());

    const std::string before =
        R"({"op":"login","args":[{"apiKey":")" + credentials_.api_key + R"(","passphrase":")";
    const std::string after = R"(","timestamp":")" + timestamp + R"(","sign":")" + sign + R"("}]})";
    ports::Secret text(before.size() + 6 * credentials_.passphrase.size() + after.size());
    std::size_t size = before.copy(text.fill().data(), before.size());
    append_json_text(credentials_.passphrase.reveal(), text, size);
    size += after.copy(text.fill().data() + size, after.size());
    text.shrink(size);
    return text;
}

}  // namespace parallax::okx
