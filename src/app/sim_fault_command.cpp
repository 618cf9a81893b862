#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "app/commands.hpp"
#include "net/socket_transport.hpp"
#include "net/url.hpp"
#include "sim/world/fault_command.hpp"

namespace parallax::app {
namespace {

using nlohmann::json;

}  // namespace

int run_sim_fault(const SimFaultOptions& options) {
    std::string line;
    for (const std::string& word : options.words) line += (line.empty() ? "" : " ") + word;
    if (!line.empty()) {
        if (const auto command = sim_world::parse_fault(line); !command)
            return complain("sim fault", command.error().detail, kUsage);
    }
    const std::string path = options.dir + "/sim.json";
    std::ifstream file{path};
    const json sim = file ? json::parse(file, nullptr, false) : json();
    if (!sim.is_object() || !sim.contains("control"))
        return complain("sim fault", path + ": no simulation runs there (see --dir)", kUnavailable);
    const std::string base = sim["control"].value("url", "");
    const auto url = net::parse_url(base);
    if (!url) return complain("sim fault", path + ": damaged", kUnavailable);

    net::ClientOptions client;
    client.extra_ca_file = sim.value("ca", "");
    client.overrides.push_back({"localhost:" + std::to_string(url->port), "127.0.0.1", url->port});
    const auto transport = net::make_socket_transport(client);
    if (!transport) return complain("sim fault", transport.error().detail, kUnavailable);
    ports::HttpRequest request{"GET", base + "/v1/status", {}, "", Nanos::seconds(5)};
    if (!line.empty()) {
        request.method = "POST";
        request.url = base + "/v1/faults";
        request.body = json{{"fault", line}}.dump();
    }
    request.headers = {{"Authorization", "Bearer " + sim["control"].value("token", "")}};
    if (const auto sent = (*transport)->request(request); !sent)
        return complain("sim fault", sent.error().detail, kUnavailable);
    while (true) {
        for (const ports::NetEvent& event : (*transport)->poll(Nanos::millis(50))) {
            if (event.kind == ports::NetEventKind::Failed)
                return complain("sim fault", "no answer: " + std::string{event.bytes},
                                kUnavailable);
            if (event.kind != ports::NetEventKind::Response) continue;
            const json answer = json::parse(event.bytes, nullptr, false);
            if (event.code != 200)
                return complain("sim fault",
                                answer.is_object() ? answer.value("error", "refused") : "refused",
                                event.code == 409 ? kFailed : kUsage);
            if (line.empty()) std::printf("%s\n", answer.dump(2).c_str());
            return kOk;
        }
    }
}

}  // namespace parallax::app
