// What parses means the same when it is written out again.
#include <cstdlib>

#include "net/url.hpp"

using namespace parallax::net;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto url = parse_url({reinterpret_cast<const char*>(data), size});
    if (!url) return 0;
    const std::string scheme = std::string{url->websocket ? "ws" : "http"} + (url->tls ? "s" : "");
    const auto again = parse_url(scheme + "://" + url->authority() + url->target);
    if (!again || again->host != url->host || again->port != url->port ||
        again->target != url->target || again->tls != url->tls) {
        std::abort();
    }
    return 0;
}
