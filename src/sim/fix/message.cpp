#include "sim/fix/message.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace parallax::sim_fix {
namespace {

constexpr std::string_view kBegin =
    "8=FIX.4.4\x01"
    "9=";
constexpr std::size_t kTrailer = 7;  // "10=000" and its end

template <class Number>
std::optional<Number> read_number(std::string_view text) noexcept {
    Number value{};
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || at != end) return std::nullopt;
    return value;
}

bool digits(std::string_view text) noexcept {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Fields whose text is UTF-8 by the venue's rule: currencies, symbols, assets and reasons.
bool may_be_utf8(int tag) noexcept {
    constexpr std::array kTags{15, 55, 107, 138, 25019, 25028};
    return std::ranges::find(kTags, tag) != kTags.end();
}

/// A value that ends where its length says, not at the next SOH.
bool is_data_of(int tag, int length_tag) noexcept { return tag == 96 && length_tag == 95; }

}  // namespace

const Field* Message::find(int tag) const noexcept {
    const auto it = std::ranges::find(fields, tag, &Field::tag);
    return it == fields.end() ? nullptr : &*it;
}

std::string_view Message::text(int tag) const noexcept {
    const Field* const field = find(tag);
    return field == nullptr ? std::string_view{} : field->value;
}

std::optional<std::int64_t> Message::number(int tag) const noexcept {
    return read_number<std::int64_t>(text(tag));
}

std::string_view to_string(Defect defect) noexcept {
    switch (defect) {
        case Defect::None:
            return "";
        case Defect::BeginString:
            return "BeginString (8) is not the first tag in a message.";
        case Defect::BodyLength:
            return "BodyLength (9) does not contain the correct byte count.";
        case Defect::CheckSum:
            return "CheckSum<10> contains an incorrect value.";
        case Defect::MsgType:
            return "MsgType (35) is not the third tag in a message.";
        case Defect::Letters:
            return "Only printable ASCII characters and SOH (Start of Header) are allowed.";
        case Defect::BadField:
            return "Invalid tag number.";
        case Defect::TooLong:
            return "Message too long.";
    }
    return "";
}

unsigned checksum(std::string_view bytes) noexcept {
    unsigned sum = 0;
    for (const char c : bytes) sum += static_cast<unsigned char>(c);
    return sum % 256;
}

Frame frame(std::string_view bytes) noexcept {
    const std::size_t known = std::min(bytes.size(), kBegin.size());
    if (bytes.substr(0, known) != kBegin.substr(0, known)) return {0, Defect::BeginString};
    constexpr std::size_t kMostDigits = 6;
    const std::size_t end = bytes.find(kSoh, std::min(bytes.size(), kBegin.size()));
    if (end == std::string_view::npos) {
        const bool hopeless = bytes.size() > kBegin.size() + kMostDigits;
        return {0, hopeless ? Defect::BodyLength : Defect::None};
    }
    const std::string_view length_text = bytes.substr(kBegin.size(), end - kBegin.size());
    const auto length = read_number<std::size_t>(length_text);
    if (!digits(length_text) || !length) return {0, Defect::BodyLength};
    if (*length > kMostBody) return {0, Defect::TooLong};
    const std::size_t size = end + 1 + *length + kTrailer;
    if (bytes.size() < size) return {};
    const std::string_view trailer = bytes.substr(size - kTrailer, kTrailer);
    const bool good = trailer.starts_with("10=") && trailer.back() == kSoh &&
                      (*length == 0 || bytes[size - kTrailer - 1] == kSoh);
    return {size, good ? Defect::None : Defect::BodyLength};
}

Defect parse(std::string_view whole, Message& out) {
    out.type = {};
    out.fields.clear();
    if (whole.size() < kTrailer) return Defect::BodyLength;
    const auto sum = read_number<unsigned>(whole.substr(whole.size() - 4, 3));
    if (!sum || *sum != checksum(whole.substr(0, whole.size() - kTrailer))) return Defect::CheckSum;
    for (std::size_t at = 0; at < whole.size();) {
        const std::size_t equals = whole.find('=', at);
        if (equals == std::string_view::npos) return Defect::BadField;
        const std::string_view name = whole.substr(at, equals - at);
        const auto tag = read_number<int>(name);
        if (!digits(name) || name.front() == '0' || !tag) return Defect::BadField;
        std::size_t end = whole.find(kSoh, equals);
        if (!out.fields.empty() && is_data_of(*tag, out.fields.back().tag)) {
            const auto length = read_number<std::size_t>(out.fields.back().value);
            if (length && *length > 0 && *length < whole.size() - equals - 1 &&
                whole[equals + 1 + *length] == kSoh)
                end = equals + 1 + *length;
        }
        if (end == std::string_view::npos || end == equals + 1) return Defect::BadField;
        const std::string_view value = whole.substr(equals + 1, end - equals - 1);
        out.fields.push_back({*tag, value});
        const bool plain = std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~'; });
        if (!plain && *tag != 96 && !may_be_utf8(*tag)) return Defect::Letters;
        at = end + 1;
    }
    if (out.fields.size() < 4 || out.fields[2].tag != 35) return Defect::MsgType;
    out.type = out.fields[2].value;
    return Defect::None;
}

Writer& Writer::add(int tag, std::string_view value) {
    body_ += std::to_string(tag);
    body_ += '=';
    body_ += value;
    body_ += kSoh;
    return *this;
}

std::string Writer::finish(std::string_view sender, std::string_view target, std::uint64_t number,
                           UnixNanos sending_time) const {
    Writer header{""};
    header.add(35, type_).add(34, static_cast<std::int64_t>(number)).add(49, sender);
    header.add(52, time_text(sending_time)).add(56, target);
    std::string out{kBegin};
    out += std::to_string(header.body_.size() + body_.size());
    out += kSoh;
    out += header.body_;
    out += body_;
    std::array<char, 8> sum{};
    (void)std::snprintf(sum.data(), sum.size(), "10=%03u", checksum(out));
    out.append(sum.data(), 6);
    out += kSoh;
    return out;
}

std::string time_text(UnixNanos time) {
    using namespace std::chrono;
    const sys_time<microseconds> at{microseconds{time.nanos() / 1'000}};
    const auto day = floor<days>(at);
    const year_month_day date{day};
    const hh_mm_ss clock{at - day};
    std::array<char, 40> out{};
    const int size = std::snprintf(
        out.data(), out.size(), "%04d%02u%02u-%02d:%02d:%02d.%06d", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
    return {out.data(), static_cast<std::size_t>(size)};
}

std::optional<UnixNanos> read_time(std::string_view text) noexcept {
    using namespace std::chrono;
    constexpr std::string_view kShape = "dddddddd-dd:dd:dd";
    if (text.size() != 17 && text.size() != 21 && text.size() != 24) return std::nullopt;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char shape = i < kShape.size() ? kShape[i] : i == kShape.size() ? '.' : 'd';
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (shape == 'd' ? !digit : text[i] != shape) return std::nullopt;
    }
    const auto part = [&](std::size_t at, std::size_t size) {
        return *read_number<int>(text.substr(at, size));
    };
    const year_month_day date{year{part(0, 4)}, month{static_cast<unsigned>(part(4, 2))},
                              day{static_cast<unsigned>(part(6, 2))}};
    const bool leap_second = part(15, 2) == 60;  // told as the second after
    if (!date.ok() || part(0, 4) < 1970 || part(0, 4) > 2200 || part(9, 2) > 23 ||
        part(12, 2) > 59 || (part(15, 2) > 59 && !leap_second))
        return std::nullopt;
    std::int64_t micros = 0;
    if (text.size() == 21) micros = std::int64_t{part(18, 3)} * 1'000;
    if (text.size() == 24) micros = part(18, 6);
    const auto at = sys_days{date}.time_since_epoch() + hours{part(9, 2)} + minutes{part(12, 2)} +
                    seconds{part(15, 2)} + microseconds{micros};
    return UnixNanos::from_nanos(duration_cast<nanoseconds>(at).count());
}

}  // namespace parallax::sim_fix
