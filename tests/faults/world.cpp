#include "world.hpp"

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "core/assert.hpp"
#include "simulation/fault_plan.hpp"

namespace parallax::fault_testing {
namespace {

sim_world::WorldSettings settings_of(sim_world::AccountSettings account,
                                     std::vector<sim_prices::Coin> coins, std::uint64_t seed) {
    sim_world::WorldSettings out;
    out.seed = seed;
    out.start = World::kStart;
    out.warm_up = Nanos::seconds(2);
    out.activity = 0.4;
    out.volatility = 0.5;
    out.coins = std::move(coins);
    out.accounts = {std::move(account)};
    return out;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

}  // namespace

std::uint64_t fault_seed() {
    const char* const given = std::getenv("FAULT_SEED");
    return given == nullptr ? 5 : std::strtoull(given, nullptr, 10);
}

void PrintTo(const FaultCase& one, std::ostream* out) { *out << one.name; }

HotResult<void> Tap::send(ports::ConnectionId connection, std::string_view text) {
    const auto has = [&](std::string_view part) { return text.find(part) != text.npos; };
    const bool places = has(R"("method":"order.place")") || has(R"("op":"order")") ||
                        has(R"("op":"order.create")") ||
                        has("\x01"
                            "35=D"
                            "\x01");
    auto sent = inner().send(connection, text);
    if (places && sent) placements.emplace_back(text);
    return sent;
}

Result<ports::RequestId> Tap::request(const ports::HttpRequest& request) {
    const std::string path = request.url.substr(0, request.url.find('?'));
    const bool places =
        request.method == "POST" &&
        (path.ends_with("/api/v3/order") || path.ends_with("/fapi/v1/order") ||
         path.ends_with("/api/v5/trade/order") || path.ends_with("/v5/order/create"));
    auto sent = inner().request(request);
    if (places && sent) placements.push_back(request.url + "\n" + std::string{request.body});
    return sent;
}

World::World(sim_world::AccountSettings account, std::vector<sim_prices::Coin> coins,
             std::uint64_t seed)
    : network_{kStart, seed}, transport_{network_, network_.add_client()} {
    ports::ServerTransport& server = network_.add_server();
    const sim_network::Line line{Nanos::micros(400), Nanos::micros(300)};
    sim_world::SimWorld::Listeners listeners;
    for (std::size_t i = 0; i < listeners.size(); ++i)
        listeners[i] =
            network_.listen(server, simulation::endpoint(static_cast<sim_world::Door>(i)), line);
    sim_world::SimWorld::FixListeners fix;
    for (std::size_t i = 0; i < fix.size(); ++i)
        fix[i] = network_.listen(server, kFixPlaces[i], line);
    auto made = sim_world::SimWorld::make(
        settings_of(std::move(account), std::move(coins), seed), server, listeners,
        {[this](Nanos by) { transport_.jump_world(by); },
         [this]() -> Result<void> {
             world_->disconnect_all();  // as a server does that changes its certificate
             return {};
         }},
        fix);
    if (!made) ADD_FAILURE() << made.error().detail;
    PLX_ASSERT(made.has_value());
    world_ = std::move(*made);
    transport_.set_world(*world_);
}

void World::begin(const FaultCase& fault, sim_world::Door door, const std::string& symbol) {
    script_.clear();
    next_ = 0;
    std::string text = fault.script;
    replace_all(text, "VENUE", std::string{to_string(venue_of(door))});
    replace_all(text, "DOOR", std::string{to_string(door)});
    replace_all(text, "SYMBOL", symbol);
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        const auto at = sim_world::parse_span(line.substr(0, line.find(' ')));
        ASSERT_TRUE(at) << line;
        script_.push_back({now() + *at, line.substr(line.find(' ') + 1)});
    }
    std::ranges::stable_sort(script_, {}, &Line::at);
}

void World::strike() {
    for (; next_ < script_.size() && script_[next_].at <= now(); ++next_) {
        const auto plan = simulation::read_faults("0s " + script_[next_].text);
        ASSERT_TRUE(plan) << plan.error().detail;
        for (const auto& one : plan->front().network) simulation::strike(network_, one);
        for (const auto& one : plan->front().world) {
            const auto done = world_->fault(one);
            ASSERT_TRUE(done) << script_[next_].text << ": " << done.error().detail;
        }
    }
}

}  // namespace parallax::fault_testing
