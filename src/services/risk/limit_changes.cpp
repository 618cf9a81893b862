#include "services/risk/limit_changes.hpp"

#include <algorithm>
#include <iterator>

#include "core/settings.hpp"

namespace parallax::risk {
namespace {

template <std::size_t N>
bool is_one_of(const std::string_view (&names)[N], std::string_view name) noexcept {
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

/// Limits that hold more back the larger they are.
constexpr std::string_view kFloors[] = {"min_liquidation_distance_bp", "hedge_reserve_bp",
                                        "cooldown_s", "min_fill_ratio_bp"};
/// Limits that a zero switches off.
constexpr std::string_view kOffAtZero[] = {"max_loss_trade", "max_loss_minute", "max_loss_hour",
                                           "max_loss_day",   "max_drawdown",    "max_legging_hour"};

class Setter {
public:
    Setter(std::string_view name, std::string_view text) noexcept : name_{name}, text_{text} {}
    template <class T>
    void field(std::string_view name, T& value, std::string_view lowest, std::string_view highest,
               std::string_view) {
        if (name != name_) return;
        T wanted{}, low{}, high{};
        const bool good = parse_setting(name, text_, wanted) && parse_setting(name, lowest, low) &&
                          parse_setting(name, highest, high) && wanted >= low && wanted <= high;
        if (!good) {
            step = LimitStep::Invalid;
            return;
        }
        step = wanted == value         ? LimitStep::Same
               : looser(value, wanted) ? LimitStep::Looser
                                       : LimitStep::Tighter;
        value = wanted;
    }
    LimitStep step = LimitStep::Unknown;

private:
    template <class T>
    [[nodiscard]] bool looser(const T& from, const T& to) const noexcept {
        if (is_one_of(kOffAtZero, name_) && (from == T{} || to == T{})) return to == T{};
        return is_one_of(kFloors, name_) ? to < from : to > from;
    }
    std::string_view name_, text_;
};

std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view kBlank = " \t\r";
    const std::size_t first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

/// Calls f(name, value, line) for every line that is not empty; false when one has no '='.
template <class F>
bool for_each_line(std::string_view settings, F&& f) {
    while (!settings.empty()) {
        const std::size_t end = std::min(settings.find('\n'), settings.size());
        const std::string_view line = trimmed(settings.substr(0, end));
        settings.remove_prefix(std::min(end + 1, settings.size()));
        if (line.empty()) continue;
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos) return false;
        f(trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)), line);
    }
    return true;
}

}  // namespace

std::vector<std::string_view> limit_exceptions() {
    std::vector<std::string_view> names{std::begin(kFloors), std::end(kFloors)};
    names.insert(names.end(), std::begin(kOffAtZero), std::end(kOffAtZero));
    return names;
}

LimitStep set_limit(Config& config, std::string_view name, std::string_view text) {
    Setter setter{name, text};
    config.visit(setter);
    return setter.step;
}

LimitChange compare_limits(const Config& config, std::string_view settings) {
    LimitChange change;
    change.tightened = config;
    bool good = true;
    const bool read = for_each_line(settings, [&](auto name, auto text, auto line) {
        Config trial = change.tightened;
        const LimitStep step = set_limit(trial, name, text);
        good = good && step != LimitStep::Unknown && step != LimitStep::Invalid;
        if (step == LimitStep::Tighter) change.tightened = trial;
        if (step == LimitStep::Tighter || step == LimitStep::Looser)
            (step == LimitStep::Tighter ? change.tighter : change.looser).append(line).append("\n");
    });
    change.valid = read && good && !(change.tighter.empty() && change.looser.empty());
    return change;
}

Config with_limits(Config config, std::string_view settings) {
    for_each_line(settings,
                  [&](auto name, auto text, auto) { (void)set_limit(config, name, text); });
    return config;
}

}  // namespace parallax::risk
