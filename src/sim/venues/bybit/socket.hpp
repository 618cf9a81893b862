#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>

#include "sim/venues/common/keyring.hpp"
#include "sim/venues/common/sessions.hpp"

namespace parallax::sim_bybit {

enum class SocketKind : std::uint8_t { Spot, Linear, Private, Trade };

/// A WebSocket of this venue.
struct Socket {
    SocketKind kind{};
    std::string connection;  ///< conn_id
    std::set<std::string, std::less<>> topics{};
    std::size_t topic_bytes = 0;
    std::optional<sim_front::ApiKey> key{};      ///< once it has logged in
    std::unordered_set<std::string> requests{};  ///< reqIds used, the newest `kMostRequests`
    std::deque<std::string> request_order{};

    static constexpr std::size_t kMostRequests = 10'000;
    /// False: it was used before.
    bool use_request(const std::string& id) {
        if (!requests.insert(id).second) return false;
        request_order.push_back(id);
        if (request_order.size() > kMostRequests) {
            requests.erase(request_order.front());
            request_order.pop_front();
        }
        return true;
    }
};
using Sockets = sim_front::Sessions<Socket>;

}  // namespace parallax::sim_bybit
