#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "net/loop.hpp"
#include "runtime/wall_clock.hpp"

namespace parallax::net {

/// Connects to another place than the URL says, for proxies and simulators. Host header, SNI and
/// certificate check stay those of the URL.
struct AddressOverride {
    std::string endpoint;  ///< host:port of the URL
    std::string host;      ///< name or address to connect to
    std::uint16_t port = 0;
};

struct ClientOptions {
    LoopOptions loop;
    runtime::WallClock clock;              ///< of events; waits and timeouts are in its time
    std::string extra_ca_file;             ///< PEM, trusted besides the system's; may be empty
    std::vector<std::string> tls12_hosts;  ///< may speak TLS 1.2; all others must speak 1.3
    std::vector<AddressOverride> overrides;
    std::size_t send_buffer = 1024 * 1024;  ///< bytes a WebSocket may have waiting to be sent
    Nanos stuck_timeout =
        Nanos::seconds(10);                ///< a WebSocket's peer that reads nothing so long is cut
    std::size_t connections_per_host = 8;  ///< for requests
    std::size_t waiting_per_host = 1'024;  ///< requests without a connection
    std::size_t max_body = 64 * 1024 * 1024;
    Nanos idle_close = Nanos::seconds(30);  ///< unused kept-alive connections
};

}  // namespace parallax::net
