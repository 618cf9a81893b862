#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/commands.hpp"
#include "app/sim_access.hpp"
#include "app/sim_settings.hpp"
#include "app/stop.hpp"
#include "runtime/clock.hpp"
#include "sim/server/sim_server.hpp"

namespace parallax::app {
namespace {

using nlohmann::ordered_json;
using sim_server::SimServer;

/// What a bot needs to get in. Secrets only of keys that were made for the simulation.
ordered_json description(const SimServer& server, const std::string& ca) {
    ordered_json out{{"ca", ca}, {"pid", ::getpid()}};
    out["control"] = {{"url", server.control_url()}, {"token", server.control_token()}};
    for (const SimServer::Address& a : server.addresses())
        out["addresses"][std::string{to_string(a.door)}][a.what] = a.url;
    for (const sim_world::AccountSettings& account : server.accounts()) {
        ordered_json row{{"name", account.name}, {"keys", ordered_json::array()}};
        for (const sim_world::VenueKey& k : account.keys) {
            ordered_json key{{"venue", to_string(k.venue)}, {"id", k.key.id}};
            if (k.generated) {
                key["secret"] = k.key.secret;
                if (!k.key.passphrase.empty()) key["passphrase"] = k.key.passphrase;
            }
            row["keys"].push_back(std::move(key));
        }
        out["accounts"].push_back(std::move(row));
    }
    return out;
}

/// Readable by its owner alone, and never half written.
Result<void> write_private(const std::string& path, const std::string& text) {
    const std::string draft = path + ".new";
    ::unlink(draft.c_str());
    const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = fd >= 0;
    good = good && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    if (fd >= 0) good = ::close(fd) == 0 && good;
    good = good && ::rename(draft.c_str(), path.c_str()) == 0;
    if (!good) return fail(Errc::Unavailable, path + ": cannot be written");
    return {};
}

void print_table(const SimServer& server, const std::string& ca, const std::string& file) {
    std::printf("%-14s %-16s %s\n", "market", "what", "address");
    for (const SimServer::Address& a : server.addresses())
        std::printf("%-14s %-16s %s\n", std::string{to_string(a.door)}.c_str(), a.what.c_str(),
                    a.url.c_str());
    std::printf("\n%-14s %-8s %s\n", "account", "venue", "key");
    for (const sim_world::AccountSettings& account : server.accounts()) {
        for (const sim_world::VenueKey& k : account.keys)
            std::printf("%-14s %-8s %s\n", account.name.c_str(),
                        std::string{to_string(k.venue)}.c_str(), k.key.id.c_str());
    }
    std::printf(
        "\nAddresses, keys and the secrets made for this simulation: %s (only you may read it).\n"
        "Clients must trust %s: NODE_EXTRA_CA_CERTS=%s for Node, SSL_CERT_FILE for OpenSSL,\n"
        "REQUESTS_CA_BUNDLE for Python, curl --cacert. Ctrl-C ends it.\n",
        file.c_str(), ca.c_str(), ca.c_str());
    std::fflush(stdout);
}

}  // namespace

int run_sim(const SimOptions& options) {
    sim_server::ServerSettings settings;
    for (const std::string& path : {options.config, options.accounts}) {
        if (path.empty()) continue;
        if (const auto read = read_sim_settings(path, settings); !read) {
            std::fprintf(stderr, "%s\n", read.error().detail.c_str());
            return read.error().code == Errc::Unavailable ? kBadInput : kUsage;
        }
    }
    if (options.seed) settings.seed = *options.seed;
    if (options.speed) settings.speed = *options.speed;
    std::vector<sim_world::ScheduledFault> script;
    if (!options.faults.empty()) {
        auto read = read_fault_script(options.faults);
        if (!read) {
            std::fprintf(stderr, "%s\n", read.error().detail.c_str());
            return read.error().code == Errc::Unavailable ? kBadInput : kUsage;
        }
        script = std::move(*read);
    }
    std::error_code error;
    std::filesystem::create_directories(options.dir, error);
    if (error) return refuse("sim", {Errc::Unavailable, options.dir + ": " + error.message()});

    // As fast as possible is stepped time, stepped without a pause.
    auto made = SimServer::start(settings);
    if (!made) return refuse("sim", made.error());
    SimServer& server = **made;
    const std::string folder = std::filesystem::absolute(options.dir).lexically_normal().string();
    const std::string ca = options.ca_out.empty() ? folder + "/ca.pem" : options.ca_out;
    const std::string file = folder + "/sim.json";
    if (const auto done = server.write_authority(ca); !done) return refuse("sim", done.error());
    if (const auto done = write_private(file, description(server, ca).dump(2) + "\n"); !done)
        return refuse("sim", done.error());
    print_table(server, ca, file);

    server.play(std::move(script));
    stop_on_signals();
    const UnixNanos began = server.now();
    while (!stop_requested()) {
        if (options.seconds > 0 && server.now() - began >= Nanos::seconds(options.seconds)) break;
        if (settings.speed > 0) {
            server.poll(Nanos::millis(5));
        } else {
            server.advance(Nanos::millis(10));
        }
    }
    ::unlink(file.c_str());  // nobody finds what is there no more
    std::printf("simulated %.1f s\n", static_cast<double>((server.now() - began).count()) / 1e9);
    return kOk;
}

}  // namespace parallax::app
