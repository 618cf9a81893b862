#include "app/sim_settings.hpp"

#include <toml++/toml.h>

#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "app/settings.hpp"
#include "runtime/random.hpp"
#include "sim/prices/deviation.hpp"

namespace parallax::app {
namespace {

using sim_front::KeyKind;
using sim_front::Permission;
using sim_server::ServerSettings;
using sim_world::AccountSettings;

class Reader {
public:
    Reader(std::string file, ServerSettings& settings)
        : file_{std::move(file)}, settings_{settings} {}

    void read(const toml::table& root) {
        for (const auto& [key, node] : root) {
            const std::string name{key.str()};
            if (name == "sim" && node.is_table()) {
                sim(*node.as_table());
            } else if (name == "account" && node.is_array_of_tables()) {
                settings_.accounts.clear();
                for (const toml::node& each : *node.as_array()) account(*each.as_table());
            } else {
                wrong(node, name, "known are the section [sim] and the list [[account]]");
            }
        }
    }
    [[nodiscard]] const std::string& mistakes() const noexcept { return mistakes_; }

private:
    using Field = std::function<bool(const toml::node&)>;
    struct Known {
        Field set;
        const char* allowed;
    };
    void wrong(const toml::node& node, const std::string& key, const std::string& what) {
        mistakes_ += (mistakes_.empty() ? "" : "\n") + file_ + ":" +
                     std::to_string(node.source().begin.line) + ": " + key + ": " + what;
    }
    void fields(const toml::table& table, const std::map<std::string, Known>& known) {
        for (const auto& [key, node] : table) {
            const auto found = known.find(std::string{key.str()});
            if (found == known.end()) {
                std::string names;
                for (const auto& [name, field] : known) names += " " + name;
                wrong(node, std::string{key.str()}, "no such key; known:" + names);
            } else if (!found->second.set(node)) {
                wrong(node, found->first, std::string{"must be "} + found->second.allowed);
            }
        }
    }
    static Field number(double& value, double least) {
        return [&value, least](const toml::node& node) {
            const auto given = node.value<double>();
            if (!given || *given < least) return false;
            value = *given;
            return true;
        };
    }
    static Field text(std::string& value) {
        return [&value](const toml::node& node) {
            if (!node.is_string()) return false;
            value = node.as_string()->get();
            return true;
        };
    }
    static Field texts(std::vector<std::string>& values) {
        return [&values](const toml::node& node) {
            if (!node.is_array() || !node.as_array()->is_homogeneous<std::string>()) return false;
            for (const toml::node& each : *node.as_array())
                values.push_back(each.as_string()->get());
            return true;
        };
    }
    static Field tables(std::function<void(const toml::table&)> take) {
        return [take = std::move(take)](const toml::node& node) {
            if (!node.is_array_of_tables()) return false;
            for (const toml::node& each : *node.as_array()) take(*each.as_table());
            return true;
        };
    }
    static std::optional<Amount> amount_of(const toml::node& node) {
        std::string digits;
        if (node.is_string()) digits = node.as_string()->get();
        if (node.is_integer()) digits = std::to_string(node.as_integer()->get());
        const auto parsed = Amount::parse(digits);
        return parsed ? std::optional{*parsed} : std::nullopt;
    }
    static std::optional<Venue> venue_named(std::string_view name) {
        for (const Venue venue : {Venue::Binance, Venue::Okx, Venue::Bybit}) {
            if (to_string(venue) == name) return venue;
        }
        return std::nullopt;
    }

    void sim(const toml::table& table) {
        std::map<std::string, Known> known{
            {"seed",
             {[this](const toml::node& node) {
                  const auto given = node.value<std::int64_t>();
                  if (given) settings_.seed = static_cast<std::uint64_t>(*given);
                  return given && *given >= 0;
              },
              "a whole number"}},
            {"speed", {number(settings_.speed, 0), "a number, 0 for as fast as possible"}},
            {"activity", {number(settings_.activity, 0.01), "a number from 0.01"}},
            {"intensity", {number(settings_.intensity, 0), "a number from 0"}},
            {"volatility", {number(settings_.volatility, 0), "a number from 0"}},
            {"warm_up_seconds",
             {[this](const toml::node& node) {
                  const auto given = node.value<std::int64_t>();
                  if (given) settings_.warm_up = Nanos::seconds(*given);
                  return given && *given >= 0 && *given <= 86'400;
              },
              "a whole number up to 86400"}},
            {"address", {text(settings_.address), "an address such as \"127.0.0.1\""}},
            {"names", {texts(settings_.names), "a list of host names"}},
            {"withdrawal_addresses",
             {[this](const toml::node& node) {
                  std::vector<std::string> given;
                  if (!texts(given)(node)) return false;
                  settings_.withdrawal_addresses = {given.begin(), given.end()};
                  return true;
              },
              "a list of addresses, of any coin"}},
            {"ports",
             {[this](const toml::node& node) {
                  const toml::array* const list = node.as_array();
                  if (list == nullptr || list->size() != sim_server::kDoorCount) return false;
                  for (std::size_t i = 0; i < list->size(); ++i) {
                      const auto port = list->get(i)->value<std::int64_t>();
                      if (!port || *port < 0 || *port > 65'535) return false;
                      settings_.ports[i] = static_cast<std::uint16_t>(*port);
                  }
                  return true;
              },
              "four ports: Binance spot, Binance USD-M, OKX, Bybit (0 = any)"}},
            {"fix_ports",
             {[this](const toml::node& node) {
                  const toml::array* const list = node.as_array();
                  if (list == nullptr || list->size() != settings_.fix_ports.size()) return false;
                  for (std::size_t i = 0; i < list->size(); ++i) {
                      const auto port = list->get(i)->value<std::int64_t>();
                      if (!port || *port < 0 || *port > 65'535) return false;
                      settings_.fix_ports[i] = static_cast<std::uint16_t>(*port);
                  }
                  return true;
              },
              "three ports of Binance's FIX: order entry, drop copy, market data (0 = any)"}}};
        fields(table, known);
    }

    static Field holdings(AccountSettings& account, std::optional<Venue> venue) {
        return [&account, venue](const toml::node& node) {
            if (!node.is_table()) return false;
            for (const auto& [asset, amount] : *node.as_table()) {
                const auto parsed = amount_of(amount);
                if (!parsed || parsed->is_negative()) return false;
                account.holdings.push_back({std::string{asset.str()}, *parsed, venue});
            }
            return true;
        };
    }

    void account(const toml::table& table) {
        AccountSettings& made = settings_.accounts.emplace_back();
        made.name = "account " + std::to_string(settings_.accounts.size());
        constexpr const char* kHoldings =
            "a table of assets, such as { USDT = 100000, BTC = \"1.5\" }";
        std::map<std::string, Known> known{
            {"name", {text(made.name), "a text"}},
            {"holdings", {holdings(made, std::nullopt), kHoldings}},
            {"okx_vip4",
             {[&](const toml::node& node) {
                  made.okx_vip4 = node.value_or(false);
                  return node.is_boolean();
              },
              "true or false"}},
            {"fees",
             {[&](const toml::node& node) {
                  const auto fees = read_fees(node.value_or(std::string{}));
                  if (fees) made.fees = *fees;
                  return fees.has_value();
              },
              "\"zero\", \"base\", \"vip9\" or a file"}},
            {"key",
             {tables([&](const toml::table& each) { key(made, each); }),
              "a list: [[account.key]]"}},
            {"position",
             {tables([&](const toml::table& each) { position(made, each); }),
              "a list: [[account.position]]"}}};
        for (const Venue venue : {Venue::Binance, Venue::Okx, Venue::Bybit})
            known.emplace(std::string{to_string(venue)}, Known{holdings(made, venue), kHoldings});
        fields(table, known);
    }

    void position(AccountSettings& account, const toml::table& table) {
        const auto venue = venue_named(table["venue"].value_or(std::string{}));
        if (!venue) return wrong(table, "venue", "a position needs one: binance, okx or bybit");
        std::string place;
        sim_world::OpenPosition& made = account.positions.emplace_back();
        made.venue = *venue;
        fields(table, {{"venue", {text(place), "a text"}},
                       {"symbol", {text(made.symbol), "a text, as the venue writes it"}},
                       {"quantity",
                        {[&](const toml::node& node) {
                             const auto parsed = amount_of(node);
                             if (parsed) made.quantity = *parsed;
                             return parsed && !parsed->is_zero();
                         },
                         "an amount of the coin such as \"0.5\", negative when it is short"}}});
    }

    void key(AccountSettings& account, const toml::table& table) {
        const auto venue = venue_named(table["venue"].value_or(std::string{}));
        if (!venue) return wrong(table, "venue", "a key needs one: binance, okx or bybit");
        const std::uint64_t index =
            0x4B45'5A00 + settings_.accounts.size() * 64 + account.keys.size();
        sim_world::VenueKey& made = account.keys.emplace_back();
        made = {*venue,
                sim_world::make_key(*venue, sim_prices::derive_seed(settings_.seed, index))};
        sim_front::ApiKey& key = made.key;
        std::string place, kind = "hmac", public_key;
        const Known permissions{[&](const toml::node& node) {
                                    std::vector<std::string> names;
                                    if (!texts(names)(node)) return false;
                                    key.permissions.clear();
                                    for (const std::string& name : names) {
                                        if (name == "read")
                                            key.permissions.push_back(Permission::Read);
                                        if (name == "trade")
                                            key.permissions.push_back(Permission::Trade);
                                        if (name == "transfer")
                                            key.permissions.push_back(Permission::Transfer);
                                        if (name == "withdraw")
                                            key.permissions.push_back(Permission::Withdraw);
                                    }
                                    return key.permissions.size() == names.size();
                                },
                                "a list of read, trade, transfer, withdraw"};
        fields(table, {{"venue", {text(place), "a text"}},
                       {"id", {text(key.id), "a text"}},
                       {"secret",
                        {[&](const toml::node& node) {
                             made.generated = false;
                             return text(key.secret)(node);
                         },
                         "a text"}},
                       {"passphrase", {text(key.passphrase), "a text"}},
                       {"kind", {text(kind), "hmac, ed25519 or rsa"}},
                       {"public_key_file", {text(public_key), "a file"}},
                       {"addresses", {texts(key.addresses), "a list of addresses"}},
                       {"permissions", permissions}});
        if (kind != "hmac" && kind != "ed25519" && kind != "rsa")
            return wrong(table, "kind", "must be hmac, ed25519 or rsa");
        if (kind == "hmac") return;
        made.generated = false;
        key.kind = kind == "rsa" ? KeyKind::Rsa : KeyKind::Ed25519;
        std::ifstream file{public_key};
        std::stringstream pem;
        pem << file.rdbuf();
        key.secret = pem.str();
        if (key.secret.find("PUBLIC KEY") == std::string::npos)
            wrong(table, "public_key_file", "must name a PEM file with a public key");
    }

    std::string file_;
    ServerSettings& settings_;
    std::string mistakes_;
};

}  // namespace

Result<void> parse_sim_settings(std::string_view text, const std::string& name,
                                ServerSettings& settings) {
    Reader reader{name, settings};
    try {  // the library's way to tell
        reader.read(toml::parse(text, name));
    } catch (const toml::parse_error& error) {
        return fail(Errc::Malformed, name + ":" + std::to_string(error.source().begin.line) + ": " +
                                         std::string{error.description()});
    }
    if (!reader.mistakes().empty()) return fail(Errc::Malformed, reader.mistakes());
    return {};
}

Result<void> read_sim_settings(const std::string& path, ServerSettings& settings) {
    std::ifstream file{path};
    if (!file) return fail(Errc::Unavailable, path + ": cannot be read");
    std::stringstream text;
    text << file.rdbuf();
    return parse_sim_settings(text.str(), path, settings);
}

}  // namespace parallax::app
