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

int complain(int code, const std::string& text) {
    std::fprintf(stderr, "parallax sim fault: %s\n", text.c_str());
    return code;
}

}  // namespace

int run_sim_fault(const SimFaultOptions& options) {
    std::string line;
    for (const std::string& word : options.words) line += (line.empty() ? "" : " ") + word;
    if (!line.empty()) {
        if (const auto command = sim_world::parse_fault(line); !command)
            return complain(kUsage, command.error().detail);
    }
    const std::string path = options.dir + "/sim.json";
    std::ifstream file{path};
    const json sim = file ? json::parse(file, nullptr, false) : json();
    if (!sim.is_object() || !sim.contains("control"))
        return complain(kUnavailable, path + ": no simulation runs there (see --dir)");
    const std::string base = sim["control"].value("url", "");
    const auto url = net::parse_url(base);
    if (!url) return complain(kUnavailable, path + ": damaged");

    net::ClientOptions client;
    client.extra_ca_file = sim.value("ca", "");
    client.overrides.push_back({"localhost:" + std::to_string(url->port), "127.0.0.1", url->port});
    const auto transport = net::make_socket_transport(client);
    if (!transport) return complain(kUnavailable, transport.error().detail);
    ports::HttpRequest request{"GET", base + "/v1/status", {}, "", Nanos::seconds(5)};
    if (!line.empty()) {
        request.method = "POST";
        request.url = base + "/v1/faults";
        request.body = json{{"fault", line}}.dump();
    }
    request.headers = {{"Authorization", "Bearer " + sim["control"].value("token", "")}};
    if (const auto sent = (*transport)->request(request); !sent)
        return complain(kUnavailable, sent.error().detail);
    while (true) {
        for (const ports::NetEvent& event : (*transport)->poll(Nanos::millis(50))) {
            if (event.kind == ports::NetEventKind::Failed)
                return complain(kUnavailable, "no answer: " + std::string{event.bytes});
            if (event.kind != ports::NetEventKind::Response) continue;
            const json answer = json::parse(event.bytes, nullptr, false);
            if (event.code != 200)
                return complain(event.code == 409 ? kFailed : kUsage,
                                answer.is_object() ? answer.value("error", "refused") : "refused");
            if (line.empty()) std::printf("%s\n", answer.dump(2).c_str());
            return kOk;
        }
    }
}

}  // namespace parallax::app
