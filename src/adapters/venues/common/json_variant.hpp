#pragma once

#include <simdjson.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

/// Only for tests: random messages, and other JSON texts that say the same as a given one.
namespace parallax::venue_common {

/// SplitMix64.
class TestRandom {
public:
    explicit TestRandom(std::uint64_t seed) noexcept : state_{seed} {}
    std::uint64_t next() noexcept {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    std::uint64_t below(std::uint64_t bound) noexcept { return next() % bound; }
    bool one_in(std::uint64_t n) noexcept { return below(n) == 0; }
    /// Digits with up to `decimals` behind the point; trailing zeros and "0" come up.
    std::string decimal(std::uint64_t whole_below, std::uint64_t decimals) {
        std::string text = std::to_string(below(whole_below));
        const std::uint64_t count = below(decimals + 1);
        if (count > 0) text += '.';
        for (std::uint64_t i = 0; i < count; ++i)
            text += static_cast<char>('0' + (one_in(3) ? 0 : below(10)));
        return text;
    }
    std::uint64_t millis() noexcept { return 1'500'000'000'000 + below(500'000'000'000); }

private:
    std::uint64_t state_;
};

/// `[["1.2","3"],...]`, each level ending in `tail`.
inline std::string random_levels(TestRandom& random, std::string_view tail = {}) {
    std::string text = "[";
    for (std::uint64_t i = random.below(6); i > 0; --i) {
        text += fmt::format("[\"{}\",\"{}\"{}]", random.decimal(100'000, 3),
                            random.decimal(10'000, 4), tail);
        if (i > 1) text += ',';
    }
    return text + "]";
}

/// The same message in another shape: fields in another order, white space, escapes, unknown
/// fields, integers as text.
class JsonVariant {
public:
    explicit JsonVariant(TestRandom& random) noexcept : random_{random} {}

    std::string operator()(const std::string& json) {
        simdjson::dom::parser parser;
        std::string out;
        write(parser.parse(json).value(), out);
        return out + space();
    }

private:
    std::string space() {
        return random_.one_in(3) ? std::string(1 + random_.below(3), " \n\t\r"[random_.below(4)])
                                 : "";
    }

    void text(std::string_view value, std::string& out) {
        out += '"';
        for (const char c : value) {
            if (random_.one_in(20)) {
                out +=
                    fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
            } else {
                out += c;
            }
        }
        out += '"';
    }
    void write(simdjson::dom::element element, std::string& out) {
        out += space();
        if (element.is_object()) {
            object(element.get_object().value(), out);
        } else if (element.is_array()) {
            char separator = '[';
            const simdjson::dom::array items = element.get_array().value();
            for (const simdjson::dom::element item : items) {
                out += std::exchange(separator, ',');
                write(item, out);
            }
            if (separator == '[') out += '[';
            out += ']';
        } else if (element.is_string()) {
            text(element.get_string().value(), out);
        } else {
            const std::string plain = simdjson::minify(element);
            const bool number = element.is_int64() || element.is_uint64();
            out += number && random_.one_in(8) ? '"' + plain + '"' : plain;
        }
        out += space();
    }
    void object(simdjson::dom::object value, std::string& out) {
        std::vector<std::string> fields;
        for (const auto field : value) {
            std::string one;
            text(field.key, one);
            one += space() + ":";
            write(field.value, one);
            fields.push_back(std::move(one));
        }
        if (random_.one_in(2))
            fields.emplace_back(R"( "zz" : [1, {"e":"x","s":null}, -2.5e3, true] )");
        for (std::size_t i = fields.size(); i > 1; --i)
            std::swap(fields[i - 1], fields[random_.below(i)]);
        out += '{';
        for (std::size_t i = 0; i < fields.size(); ++i) out += (i == 0 ? "" : ",") + fields[i];
        out += '}';
    }
    TestRandom& random_;
};

}  // namespace parallax::venue_common
