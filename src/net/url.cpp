#include "net/url.hpp"

#include <charconv>

namespace parallax::net {
namespace {

constexpr std::size_t kMaxUrl = 16 * 1024;
constexpr std::size_t kMaxHost = 255;

struct Scheme {
    std::string_view prefix;
    bool tls;
    bool websocket;
    bool raw;
};
constexpr Scheme kSchemes[] = {{"https://", true, false, false}, {"http://", false, false, false},
                               {"wss://", true, true, false},    {"ws://", false, true, false},
                               {"tls://", true, false, true},    {"tcp://", false, false, true}};

std::string bracketed(const Url& url) {
    return url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
}

bool take_host(std::string_view text, bool ipv6, std::string& host) {
    if (text.empty() || text.size() > kMaxHost) return false;
    for (const char c : text) {
        const bool digit = c >= '0' && c <= '9';
        const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        const bool letter = lower >= 'a' && lower <= 'z';
        const bool hex = digit || (lower >= 'a' && lower <= 'f');
        const bool good = ipv6 ? hex || c == ':' || c == '.'
                               : digit || letter || c == '-' || c == '.' || c == '_';
        if (!good) return false;
        host += lower;
    }
    return true;
}

}  // namespace

std::string Url::authority() const {
    return !raw && port == (tls ? 443 : 80) ? bracketed(*this) : endpoint();
}

std::string Url::endpoint() const { return bracketed(*this) + ":" + std::to_string(port); }

Result<Url> parse_url(std::string_view text) {
    const auto refuse = [&](std::string_view why) {
        return fail(Errc::Rejected,
                    "url '" + std::string{text.substr(0, 200)} + "': " + std::string{why});
    };
    if (text.size() > kMaxUrl) return refuse("too long");
    for (const char c : text) {
        if (c <= ' ' || c > '~') return refuse("has a character that must be escaped");
    }
    Url url;
    std::string_view rest;
    for (const Scheme& scheme : kSchemes) {
        if (!text.starts_with(scheme.prefix)) continue;
        url.tls = scheme.tls;
        url.websocket = scheme.websocket;
        url.raw = scheme.raw;
        rest = text.substr(scheme.prefix.size());
    }
    if (rest.empty())
        return refuse("no https://, http://, wss://, ws://, tls:// or tcp:// with a host");
    if (rest.find('#') != std::string_view::npos) return refuse("has a fragment");
    const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
    std::string_view authority = rest.substr(0, end);
    url.target = std::string{rest.substr(end)};
    if (url.target.empty() || url.target.front() == '?') url.target.insert(0, "/");
    if (authority.find('@') != std::string_view::npos) return refuse("has a user name");

    const bool ipv6 = authority.starts_with('[');
    std::size_t host_end = authority.find(':');
    if (ipv6) {
        host_end = authority.find(']');
        if (host_end == std::string_view::npos) return refuse("bracket without its end");
    }
    const std::string_view host = authority.substr(ipv6 ? 1 : 0, ipv6 ? host_end - 1 : host_end);
    if (!take_host(host, ipv6, url.host)) return refuse("no good host");
    authority.remove_prefix(std::min(authority.size(), ipv6 ? host_end + 1 : host_end));
    if (url.raw && (authority.empty() || url.target != "/")) return refuse("no port, or a path");
    url.port = url.tls ? 443 : 80;
    if (!authority.empty()) {
        const char* begin = authority.data() + 1;
        const char* last = authority.data() + authority.size();
        const auto [at, error] = std::from_chars(begin, last, url.port);
        if (authority.front() != ':' || at == begin || at != last || error != std::errc{} ||
            url.port == 0) {
            return refuse("no good port");
        }
    }
    return url;
}

}  // namespace parallax::net
