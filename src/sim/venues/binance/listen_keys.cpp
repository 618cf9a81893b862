#include "sim/venues/binance/api.hpp"

namespace parallax::sim_binance {
namespace {

constexpr Nanos kLife = Nanos::seconds(3'600);

tl::unexpected<Fault> no_such_key() { return refuse(-1125, "This listenKey does not exist."); }

}  // namespace

Reply Api::listen_key_start(Call& call) {
    for (auto& [name, key] : listen_keys_) {
        if (key.account != call.account()) continue;
        key.until = call.now + kLife;
        return Json{{"listenKey", name}};
    }
    const std::string name = fresh_id(64);
    listen_keys_[name] = {call.account(), call.now + kLife};
    return Json{{"listenKey", name}};
}

Reply Api::listen_key_extend(Call& call) {
    for (auto& [name, key] : listen_keys_) {
        if (key.account != call.account()) continue;
        key.until = call.now + kLife;
        return Json{{"listenKey", name}};
    }
    return no_such_key();
}

Reply Api::listen_key_close(Call& call) {
    for (auto at = listen_keys_.begin(); at != listen_keys_.end(); ++at) {
        if (at->second.account != call.account()) continue;
        listen_keys_.erase(at);
        return Json::object();
    }
    return no_such_key();
}

std::optional<AccountId> Api::listener(std::string_view listen_key, UnixNanos now) const {
    const auto found = listen_keys_.find(listen_key);
    if (found == listen_keys_.end() || found->second.until <= now) return std::nullopt;
    return found->second.account;
}

std::vector<std::string> Api::expire_listen_keys(UnixNanos now) {
    std::vector<std::string> out;
    std::erase_if(listen_keys_, [&](const auto& entry) {
        if (entry.second.until > now) return false;
        out.push_back(entry.first);
        return true;
    });
    return out;
}

}  // namespace parallax::sim_binance
