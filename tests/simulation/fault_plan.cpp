#include "fault_plan.hpp"

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "core/amount.hpp"
#include "runtime/random.hpp"
#include "sim/prices/deviation.hpp"

namespace parallax::simulation {
namespace {

using runtime::Random;
using sim_world::Door;

constexpr const char* kVenues[] = {"binance", "okx", "bybit"};
constexpr const char* kPrivate[] = {"", "/ws/v5/private", "/v5/private"};
constexpr const char* kOrders[] = {"/ws-", "/ws/v5/private", "/v5/trade"};

std::string seconds(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3fs", value);
    return text;
}

template <class T, std::size_t N>
const T& one_of(Random& random, const T (&all)[N]) {
    return all[random.below(N)];
}

/// One after the other from the left. What stands beside a `+` is drawn in an order that is each
/// compiler's own.
std::string text_of(std::initializer_list<std::string> parts) {
    std::string all;
    for (const std::string& part : parts) all += part;
    return all;
}

std::string count(Random& random, std::int64_t most) {
    return " count=" + std::to_string(random.between(1, most));
}

/// Which messages: all of a venue, those of owners, or those of order sockets.
std::string where(Random& random, std::size_t venue) {
    std::string text = std::string{" venue="} + kVenues[venue];
    switch (random.below(4)) {
        case 0:
            return text + " path=" + kOrders[venue];
        case 1:
            return text + (venue == 0 ? " match=executionReport"
                                      : std::string{" path="} + kPrivate[venue]);
        default:
            return text;
    }
}

std::string at(const Subject& subject) {
    return " venue=" + std::string{to_string(subject.venue)} + " symbol=" + subject.symbol;
}

/// Ten times coarser or finer.
std::string draw_tick(Random& random, const Subject& subject) {
    const Amount tick = *Amount::parse(subject.tick);
    const bool coarser = random.chance(0.5);
    const Amount next = Amount::from_raw(coarser ? tick.raw() * 10 : tick.raw() / 10);
    return "tick" + at(subject) + " value=" + next.text();
}

/// One fault that is over `room` seconds later at the latest.
std::string draw_one(Random& random, double room, const std::vector<Subject>& subjects) {
    const std::size_t venue = random.below(3);
    const std::string at = std::string{" venue="} + kVenues[venue];
    const auto lasting = [&](double least, double most) {
        return seconds(std::min(room, least + random.uniform() * (most - least)));
    };
    static constexpr const char* kDoors[] = {"binance.spot", "binance.usdm", "okx", "bybit"};
    const std::string door = std::string{" door="} + one_of(random, kDoors);
    static constexpr int kStatus[] = {429, 418, 500, 502, 503};
    static constexpr int kCodes[] = {0, 1001, 1012};
    static constexpr const char* kReasons[] = {"halted", "insufficient_balance", "price_too_high"};
    switch (random.below(24)) {
        case 0:
            return text_of({"disconnect", at, " code=", std::to_string(one_of(random, kCodes))});
        case 1:
            return "disconnect" + at + " path=" + kOrders[venue];
        case 2:
            return text_of({"stall", where(random, venue), " for=", lasting(0.1, 4)});
        case 3:
        case 4:
            return text_of({"gap", where(random, venue), count(random, 3)});
        case 5:
            return text_of({"duplicate", where(random, venue), count(random, 20)});
        case 6:
            return text_of({"reorder", where(random, venue), count(random, 5)});
        case 7:
            return text_of({"truncate", where(random, venue), count(random, 3)});
        case 8:
            return text_of({"slow", at, " delay=", lasting(0.1, 3), count(random, 5)});
        case 9:
            return text_of({"http", at, " status=", std::to_string(one_of(random, kStatus)),
                            count(random, 3)});
        case 10:
        case 11:
            return text_of({"lose_request", at, count(random, 2)});
        case 12:
        case 13:
            return text_of({"lose_answer", at, count(random, 2)});
        case 14:
            return text_of({"reject", at, count(random, 3), " reason=", one_of(random, kReasons)});
        case 15:
            return text_of({"late_fill", at, " part=0.5 delay=", lasting(0.05, 1)});
        case 16:
            return text_of(
                {"clock by=", std::string{random.chance(0.5) ? "-" : ""}, lasting(0.01, 2.5)});
        case 17:
            return text_of({"maintenance", at, " for=", lasting(0.5, 6)});
        case 18:
            return random.chance(0.5) ? "listen_keys venue=binance" : "certificate";
        case 19:
            return "network cut" + door;
        case 22:
            return text_of({"corrupt", where(random, venue), count(random, 3)});
        case 23:
            if (subjects.empty()) return text_of({"corrupt", where(random, venue)});
            return draw_tick(random, subjects[random.below(subjects.size())]);
        case 20:
            return text_of({"network stall", door, " for=", lasting(0.1, 3)});
        default:
            return text_of({"network ", random.chance(0.5) ? "refuse" : "lose_answers", door,
                            " for=", lasting(0.3, 4)});
    }
}

Result<NetworkFault> read_network(const std::string& line) {
    std::istringstream words{line};
    std::string network, key;
    NetworkFault fault;
    words >> network >> fault.name;
    bool good = fault.name == "cut" || fault.name == "stall" || fault.name == "refuse" ||
                fault.name == "lose_answers";
    bool found = false;
    while (words >> key) {
        const std::string value = key.substr(key.find('=') + 1);
        if (key.starts_with("door=")) {
            for (std::size_t i = 0; i < sim_world::kDoorCount; ++i) {
                if (to_string(static_cast<Door>(i)) != value) continue;
                fault.door = static_cast<Door>(i);
                found = true;
            }
        } else if (const auto span = sim_world::parse_span(value);
                   key.starts_with("for=") && span) {
            fault.lasting = *span;
        } else {
            good = false;
        }
    }
    if (good && found) return fault;
    return fail(Errc::Malformed,
                line + ": network cut|stall|refuse|lose_answers door=binance.spot|... for=TIME");
}

}  // namespace

std::string endpoint(Door door) { return std::string{to_string(door)} + ".sim:443"; }

std::string draw_faults(std::uint64_t seed, Nanos from, Nanos until,
                        const std::vector<Subject>& subjects) {
    Random random{sim_prices::derive_seed(seed, 0xFA17)};
    const double first = static_cast<double>(from.count()) / 1e9;
    const double last = static_cast<double>(until.count()) / 1e9;
    std::vector<double> times(static_cast<std::size_t>(random.between(2, 40)));
    for (double& time : times) time = first + random.uniform() * (last - first);
    std::ranges::sort(times);
    std::string script;
    for (const double time : times) {
        script += text_of(
            {seconds(time), " ", draw_one(random, std::max(0.05, last - time), subjects), "\n"});
    }
    const auto some_time = [&] { return seconds(first + random.uniform() * (last - first)) + " "; };
    if (random.chance(0.1) && !subjects.empty())
        script +=
            text_of({some_time(), "delist", at(subjects[random.below(subjects.size())]), "\n"});
    if (random.chance(0.25)) {
        for (std::int64_t left = random.between(1, 2); left > 0; --left)
            script +=
                text_of({some_time(), "restart for=", seconds(0.1 + 3 * random.uniform()), "\n"});
    }
    return script;
}

Result<std::vector<PlannedFault>> read_faults(const std::string& script) {
    std::vector<PlannedFault> plan;
    std::istringstream lines{script};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line.substr(0, line.find('#'))};
        std::string time;
        if (!(words >> time)) continue;
        const auto at = sim_world::parse_span(time);
        if (!at) return fail(Errc::Malformed, line + ": begins with a time such as 12.5s");
        PlannedFault fault;
        fault.at = *at;
        std::getline(words >> std::ws, fault.line);
        if (fault.line.starts_with("restart for=")) {
            fault.restart = sim_world::parse_span(fault.line.substr(12));
            if (!fault.restart)
                return fail(Errc::Malformed, line + ": restart for=TIME such as 1.5s");
        } else if (fault.line.starts_with("network ")) {
            const auto read = read_network(fault.line);
            if (!read) return tl::unexpected{read.error()};
            fault.network.push_back(*read);
        } else {
            const auto read = sim_world::parse_fault(fault.line);
            if (!read) return tl::unexpected{read.error()};
            fault.world.push_back(*read);
        }
        plan.push_back(std::move(fault));
    }
    std::ranges::stable_sort(plan, {}, &PlannedFault::at);
    return plan;
}

void strike(sim_network::Network& network, const NetworkFault& fault) {
    const std::string where = endpoint(fault.door);
    const UnixNanos until = network.now() + fault.lasting;
    if (fault.name == "cut") network.cut(where);
    if (fault.name == "stall") network.stall(where, until);
    if (fault.name == "lose_answers") network.lose_answers(where, until);
    if (fault.name == "refuse") {
        network.cut(where);
        network.refuse(where, until);
    }
}

}  // namespace parallax::simulation
