#include "sim/venues/binance/call.hpp"

#include <algorithm>

namespace parallax::sim_binance {

Json fault_json(const Fault& fault) {
    Json out{{"code", fault.code}, {"msg", fault.msg}};
    if (!fault.data.is_null()) out["data"] = fault.data;
    return out;
}

std::string text_of(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string_view Arguments::must(std::string_view name) {
    const std::string_view text = params_.text(name);
    if (text.empty())
        wrong(-1102, "Mandatory parameter '" + std::string{name} +
                         "' was not sent, was empty/null, or malformed.");
    return text;
}

std::string_view Arguments::may(std::string_view name) {
    const std::string* const text = params_.find(name);
    if (text == nullptr) return {};
    if (text->empty()) wrong(-1105, "Parameter '" + std::string{name} + "' was empty.");
    return *text;
}

std::optional<std::int64_t> Arguments::number(std::string_view name) {
    const std::string_view text = may(name);
    if (text.empty()) return std::nullopt;
    const auto value = sim_front::integer(text);
    if (!value || *value < 0)
        wrong(-1100, "Illegal characters found in parameter '" + std::string{name} +
                         "'; legal range is '^[0-9]{1,20}$'.");
    return value;
}

std::int64_t Arguments::number_or(std::string_view name, std::int64_t otherwise,
                                  std::int64_t most) {
    const auto value = number(name);
    if (value && *value == 0)
        wrong(-1130, "Data sent for parameter '" + std::string{name} + "' is not valid.");
    return std::min(value.value_or(otherwise), most);
}

bool Arguments::flag(std::string_view name, bool otherwise) {
    const std::string_view text = may(name);
    if (text.empty()) return otherwise;
    const auto is = [text](std::string_view word) {  // some clients write True
        return std::ranges::equal(text, word, {},
                                  [](char c) { return static_cast<char>(c | 0x20); });
    };
    if (!is("true") && !is("false"))
        wrong(-1130, "Data sent for parameter '" + std::string{name} + "' is not valid.");
    return is("true");
}

}  // namespace parallax::sim_binance
