#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/commands.hpp"
#include "app/doctor.hpp"
#include "net/socket_transport.hpp"

namespace parallax::app {
namespace {

constexpr const char* kNames[] = {"ok", "warning", "failed"};
const char* to_string(Health health) { return kNames[static_cast<std::size_t>(health)]; }

std::size_t count(const Findings& findings, Health health) {
    return static_cast<std::size_t>(std::ranges::count(findings, health, &Finding::health));
}

Finding configured(Health health, const char* what, std::string text) {
    return {"configuration", health, what, std::move(text)};
}

Finding limits_of(const DoctorOptions& options, const Settings& settings) {
    const auto missing = limits_not_set(options.config);
    if (!missing.empty()) {
        std::string text = "live --orders will want";
        for (const std::string& key : missing) text += " " + key;
        return configured(Health::Warning, "limits", text);
    }
    return configured(
        Health::Good, "limits",
        fmt::format("an order {}, a position {}, loss a day {}",
                    settings.risk.max_order_value.text(), settings.risk.max_position.text(),
                    settings.risk.max_loss_day.text()));
}

/// What the secrets file has to say; null: no keys are looked at.
std::unique_ptr<ports::Secrets> secrets_of(const DoctorOptions& options, Findings& findings) {
    if (!options.keys) {
        findings.push_back(
            configured(Health::Warning, "keys", "not looked at: --keys opens the secrets file"));
        return nullptr;
    }
    auto opened = open_secrets(options.secrets);
    if (!opened) {
        findings.push_back(configured(Health::Failed, "keys", opened.error().detail));
        return nullptr;
    }
    findings.push_back(configured(Health::Good, "keys", "the secrets file opens"));
    return std::move(*opened);
}

/// The configuration and all it leads to.
void examine_configuration(const DoctorOptions& options, Findings& findings) {
    const auto settings = read_settings(options.config);
    if (!settings) {
        findings.push_back(configured(Health::Failed, "settings", settings.error().detail));
        return;
    }
    findings.push_back(configured(Health::Good, "settings", options.config));
    findings.push_back(limits_of(options, *settings));
    const auto secrets = secrets_of(options, findings);
    net::ClientOptions client;
    client.extra_ca_file = settings->live.ca_file;
    const auto transport = net::make_socket_transport(client);
    if (!transport) {
        findings.push_back(configured(Health::Failed, "network", transport.error().detail));
        return;
    }
    fix::Transport sessions{**transport};
    auto venues = reach_venues(sessions, *settings, secrets.get());
    if (!venues && secrets != nullptr) {
        findings.push_back(configured(Health::Failed, "keys", venues.error().detail));
        venues = reach_venues(sessions, *settings, nullptr);
    }
    if (!venues) {
        findings.push_back(configured(Health::Failed, "venues", venues.error().detail));
        return;
    }
    std::ranges::move(
        examine_venues(sessions, *venues, settings->live.symbols, Nanos::seconds(options.patience)),
        std::back_inserter(findings));
}

}  // namespace

std::string text_of(const Findings& findings) {
    std::string out;
    std::string where;
    for (const Finding& one : findings) {
        if (one.where != where) out += (where.empty() ? "" : "\n") + one.where + "\n";
        where = one.where;
        out += fmt::format("  {:<9}{:<29}{}\n", to_string(one.health), one.what, one.text);
    }
    return out + fmt::format("\n{} ok, {} to look at, {} failed\n", count(findings, Health::Good),
                             count(findings, Health::Warning), count(findings, Health::Failed));
}

std::string json_of(const Findings& findings) {
    nlohmann::ordered_json out{{"ok", count(findings, Health::Good)},
                               {"warnings", count(findings, Health::Warning)},
                               {"failed", count(findings, Health::Failed)}};
    out["findings"] = nlohmann::ordered_json::array();
    for (const Finding& one : findings)
        out["findings"].push_back({{"where", one.where},
                                   {"health", to_string(one.health)},
                                   {"what", one.what},
                                   {"text", one.text}});
    return out.dump(2) + "\n";
}

int run_doctor(const DoctorOptions& options) {
    Findings findings = examine_machine(options.journal);
    if (!options.config.empty()) examine_configuration(options, findings);
    std::fputs((options.json ? json_of(findings) : text_of(findings)).c_str(), stdout);
    return count(findings, Health::Failed) == 0 ? kOk : kFailed;
}

}  // namespace parallax::app
