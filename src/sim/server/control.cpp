// The control interface: GET /v1/status, POST /v1/faults, POST /v1/advance. HTTP, JSON, a token.
#include "sim/server/sim_server.hpp"
#include "sim/venues/common/json.hpp"

namespace parallax::sim_server {
namespace {

using sim_front::Json;

constexpr std::int64_t kLongestStep = 3'600'000;

ports::HttpReply answer(std::uint16_t status, const Json& body) {
    return {status, {{"Content-Type", "application/json"}}, body.dump() + "\n", false};
}

ports::HttpReply wrong(std::uint16_t status, const std::string& what) {
    return answer(status, {{"error", what}});
}

/// In a time that does not tell how much of it was right.
bool same(std::string_view a, std::string_view b) noexcept {
    unsigned differences = a.size() == b.size() ? 0 : 1;
    for (std::size_t i = 0; i < a.size(); ++i)
        differences |= static_cast<unsigned char>(a[i] ^ b[b.empty() ? 0 : i % b.size()]);
    return differences == 0;
}

}  // namespace

void SimServer::control(const ports::ServerEvent& event) {
    if (event.kind == ports::ServerEventKind::Upgrade)
        return sockets_->respond(event.exchange, {404, {}, {}, true});
    if (event.kind != ports::ServerEventKind::Request) return;
    sockets_->respond(event.exchange, control_answer(event));
}

ports::HttpReply SimServer::control_answer(const ports::ServerEvent& event) {
    if (!same(event.header("Authorization"), "Bearer " + control_token_))
        return wrong(401, "the header Authorization: Bearer TOKEN is missing or wrong");
    if (event.path == "/v1/status" && event.method == "GET") {
        return answer(200, {{"time", world_->now().millis()},
                            {"speed", clock_.speed()},
                            {"connections", connections()},
                            {"active_faults", world_->active_faults()},
                            {"faults", world_->faults()},
                            {"accidents", world_->accidents()}});
    }
    const bool faults = event.path == "/v1/faults";
    if ((!faults && event.path != "/v1/advance") || event.method != "POST")
        return wrong(404, "there are GET /v1/status, POST /v1/faults, POST /v1/advance");
    const sim_front::ReadJson body = sim_front::read_json(event.bytes);
    if (!body.good || !body.value.is_object()) return wrong(400, "the body is no JSON object");
    if (faults) {
        const auto line = body.value.find("fault");
        if (line == body.value.end() || !line->is_string())
            return wrong(400, R"(say what: {"fault": "stall venue=okx for=3s"})");
        const auto command = sim_world::parse_fault(line->get<std::string>());
        if (!command) return wrong(400, command.error().detail);
        if (const auto done = world_->fault(*command); !done)
            return wrong(409, done.error().detail);
        return answer(200, {{"time", world_->now().millis()}});
    }
    const auto ms = body.value.find("ms");
    if (ms == body.value.end() || !ms->is_number_integer() || *ms < 0 || *ms > kLongestStep)
        return wrong(400, R"(say how far: {"ms": 1000}, at most an hour)");
    clock_.jump(Nanos::millis(ms->get<std::int64_t>()));
    return answer(200, {{"time", clock_.now().millis()}});
}

}  // namespace parallax::sim_server
