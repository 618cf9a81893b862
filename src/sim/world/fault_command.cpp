#include "sim/world/fault_command.hpp"

#include <algorithm>
#include <charconv>

namespace parallax::sim_world {
namespace {

enum class Value : std::uint8_t { Text, Count, Part, Span };

struct Name {
    std::string_view name;
    std::string_view keys;   ///< between spaces
    std::string_view needs;  ///< one key that must be there
};

constexpr std::string_view kMessages = " venue path match count for chance ";
constexpr std::string_view kRequests = " venue path match count for chance delay status ";
constexpr Name kNames[] = {
    {"disconnect", " venue path code ", ""},
    {"stall", " venue path match for ", "for"},
    {"gap", kMessages, ""},
    {"duplicate", kMessages, ""},
    {"reorder", kMessages, ""},
    {"corrupt", kMessages, ""},
    {"truncate", kMessages, ""},
    {"slow", kRequests, "delay"},
    {"http", kRequests, "status"},
    {"lose_request", kRequests, ""},
    {"lose_answer", kRequests, ""},
    {"reject", " venue count reason ", ""},
    {"fill", " venue part ", ""},
    {"late_fill", " venue count part delay ", ""},
    {"clock", " by ", "by"},
    {"maintenance", " venue for notice ", "for"},
    {"halt", " venue symbol ", "symbol"},
    {"resume", " venue symbol ", "symbol"},
    {"delist", " venue symbol ", "symbol"},
    {"tick", " venue symbol value ", "value"},
    {"listen_keys", " venue ", ""},
    {"certificate", " ", ""},
    {"clear", " ", ""},
};

Value value_of(std::string_view key) noexcept {
    if (key == "count" || key == "status" || key == "code") return Value::Count;
    if (key == "chance" || key == "part") return Value::Part;
    if (key == "for" || key == "delay" || key == "by" || key == "notice") return Value::Span;
    return Value::Text;
}

template <class T>
std::optional<T> number_in(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (true) {
        const std::size_t begin = line.find_first_not_of(" \t\r");
        if (begin == std::string_view::npos) return words;
        line.remove_prefix(begin);
        const std::size_t end = std::min(line.find_first_of(" \t\r"), line.size());
        words.push_back(line.substr(0, end));
        line.remove_prefix(end);
    }
}

bool good(std::string_view key, std::string_view value) {
    switch (value_of(key)) {
        case Value::Count: {
            const auto number = number_in<std::uint32_t>(value);
            return number && (key != "status" || (*number >= 200 && *number <= 599)) &&
                   (key != "code" || *number == 0 || (*number >= 1'000 && *number <= 4'999));
        }
        case Value::Part: {
            const auto number = number_in<double>(value);
            return number && *number >= 0 && *number <= 1;
        }
        case Value::Span:
            return parse_span(value) && (key == "by" || *parse_span(value) >= Nanos{});
        default:
            return !value.empty();
    }
}

const char* allowed(std::string_view key) {
    switch (value_of(key)) {
        case Value::Count:
            return "a whole number in its range";
        case Value::Part:
            return "a number from 0 to 1";
        case Value::Span:
            return "a time such as 250ms, 5s or 1.5m";
        default:
            return "a text";
    }
}

}  // namespace

std::optional<Nanos> parse_span(std::string_view text) {
    double unit = 1e9;
    if (text.ends_with("ms")) {
        unit = 1e6;
        text.remove_suffix(2);
    } else if (text.ends_with("s")) {
        text.remove_suffix(1);
    } else if (text.ends_with("m")) {
        unit = 60e9;
        text.remove_suffix(1);
    }
    if (text.starts_with("+")) text.remove_prefix(1);
    const auto number = number_in<double>(text);
    if (!number || !(*number > -1e6 && *number < 1e6)) return std::nullopt;
    return Nanos{static_cast<std::int64_t>(*number * unit)};
}

std::string FaultCommand::text(std::string_view key, std::string otherwise) const {
    const auto found = values.find(key);
    return found == values.end() ? std::move(otherwise) : found->second;
}
std::uint32_t FaultCommand::count(std::string_view key, std::uint32_t otherwise) const {
    return number_in<std::uint32_t>(text(key)).value_or(otherwise);
}
double FaultCommand::number(std::string_view key, double otherwise) const {
    return number_in<double>(text(key)).value_or(otherwise);
}
Nanos FaultCommand::span(std::string_view key, Nanos otherwise) const {
    return values.contains(key) ? parse_span(text(key)).value_or(otherwise) : otherwise;
}

Result<FaultCommand> parse_fault(std::string_view line) {
    const auto words = words_of(line);
    const auto refuse = [](std::string text) { return fail(Errc::Malformed, std::move(text)); };
    if (words.empty()) return refuse("no fault is named");
    const auto known = std::ranges::find(kNames, words[0], &Name::name);
    if (known == std::end(kNames)) {
        std::string all;
        for (const Name& name : kNames) all += " " + std::string{name.name};
        return refuse(std::string{words[0]} + ": no such fault; known:" + all);
    }
    FaultCommand out;
    out.name = words[0];
    for (std::size_t i = 1; i < words.size(); ++i) {
        const std::size_t equals = words[i].find('=');
        const std::string_view key = words[i].substr(0, equals);
        if (equals == std::string_view::npos ||
            known->keys.find(" " + std::string{key} + " ") == std::string_view::npos)
            return refuse(out.name + ": no such key as " + std::string{key} +
                          "; known:" + std::string{known->keys});
        const std::string_view value = words[i].substr(equals + 1);
        if (!good(key, value))
            return refuse(out.name + ": " + std::string{key} + " must be " + allowed(key));
        out.values[std::string{key}] = value;
    }
    if (!known->needs.empty() && !out.values.contains(known->needs))
        return refuse(out.name + ": needs " + std::string{known->needs} + "=" +
                      allowed(known->needs));
    for (const Venue venue : {Venue::Binance, Venue::Okx, Venue::Bybit}) {
        if (out.text("venue", std::string{to_string(venue)}) == to_string(venue))
            out.venues.push_back(venue);
    }
    if (out.venues.empty()) return refuse(out.name + ": venue must be binance, okx or bybit");
    return out;
}

Result<std::vector<ScheduledFault>> parse_fault_script(std::string_view text,
                                                       const std::string& name) {
    std::vector<ScheduledFault> out;
    std::string mistakes;
    for (int number = 1; !text.empty(); ++number) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        line = line.substr(0, line.find('#'));
        const auto words = words_of(line);
        if (words.empty()) continue;
        const auto wrong = [&](const std::string& what) {
            mistakes +=
                (mistakes.empty() ? "" : "\n") + name + ":" + std::to_string(number) + ": " + what;
        };
        ScheduledFault fault;
        const bool random = words[0] == "every";
        const std::string_view when = random && words.size() > 1 ? words[1] : words[0];
        const auto span = parse_span(when);
        if (!span || *span < Nanos{} || (random && *span <= Nanos{})) {
            wrong("begins with a time such as 12.5s, or with \"every 30s\"");
            continue;
        }
        (random ? fault.every : fault.at) = *span;
        auto command = parse_fault(
            line.substr(static_cast<std::size_t>(when.data() + when.size() - line.data())));
        if (!command) {
            wrong(command.error().detail);
            continue;
        }
        fault.command = std::move(*command);
        out.push_back(std::move(fault));
    }
    if (!mistakes.empty()) return fail(Errc::Malformed, mistakes);
    return out;
}

}  // namespace parallax::sim_world
