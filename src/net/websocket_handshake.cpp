#include "net/websocket_handshake.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "core/assert.hpp"

namespace parallax::net {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455, 1.3

std::string base64(const unsigned char* bytes, std::size_t size) {
    std::string text((size + 2) / 3 * 4 + 1, '\0');
    const int written = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes,
                                        static_cast<int>(size));
    text.resize(static_cast<std::size_t>(written));
    return text;
}

void add_headers(std::string& to, std::span<const ports::HttpHeader> headers) {
    for (const ports::HttpHeader& header : headers) {
        to += header.name + ": " + header.value + "\r\n";
    }
}

}  // namespace

std::string websocket_accept(std::string_view key) {
    std::string text{key};
    text += kGuid;
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    PLX_ASSERT(EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr) == 1);
    return base64(digest, size);
}

WebSocketOffer make_websocket_offer(const Url& url, std::span<const ports::HttpHeader> headers,
                                    bool deflate) {
    unsigned char random[16];
    PLX_ASSERT(RAND_bytes(random, sizeof random) == 1);
    WebSocketOffer offer{base64(random, sizeof random), {}};
    offer.request = "GET " + url.target + " HTTP/1.1\r\nHost: " + url.authority() +
                    "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    "Sec-WebSocket-Key: " +
                    offer.key + "\r\n";
    if (deflate) {
        offer.request += "Sec-WebSocket-Extensions: " + std::string{deflate_offer()} + "\r\n";
    }
    add_headers(offer.request, headers);
    offer.request += "\r\n";
    return offer;
}

Result<std::optional<DeflateParameters>> check_websocket_answer(const HttpParser& answer,
                                                                const std::string& key,
                                                                bool deflate) {
    if (answer.status() != 101) {
        return fail(Errc::Rejected, "WebSocket refused with HTTP status " +
                                        std::to_string(answer.status()) + ": " +
                                        std::string{answer.body().substr(0, 200)});
    }
    if (!answer.header_has("Upgrade", "websocket") || !answer.header_has("Connection", "upgrade") ||
        answer.header("Sec-WebSocket-Accept") != websocket_accept(key)) {
        return fail(Errc::Malformed, "not an answer to this WebSocket request");
    }
    const std::string extensions = answer.header("Sec-WebSocket-Extensions");
    if (extensions.empty()) return std::optional<DeflateParameters>{};
    std::optional<DeflateParameters> agreed;
    if (deflate) agreed = read_deflate_answer(extensions);
    if (!agreed) return fail(Errc::Malformed, "extensions not offered: " + extensions);
    return agreed;
}

std::uint16_t check_websocket_request(const HttpParser& request) {
    if (request.method() != "GET" || !request.header_has("Upgrade", "websocket")) return 400;
    if (request.header("Sec-WebSocket-Version") != "13") return 426;
    const std::string key = request.header("Sec-WebSocket-Key");  // 16 bytes in base64
    return key.size() == 24 && key.ends_with("==") ? 0 : 400;
}

std::string make_websocket_answer(std::string_view key, std::string_view extensions,
                                  std::span<const ports::HttpHeader> headers) {
    std::string answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        websocket_accept(key) + "\r\n";
    if (!extensions.empty()) {
        answer += "Sec-WebSocket-Extensions: " + std::string{extensions} + "\r\n";
    }
    add_headers(answer, headers);
    return answer + "\r\n";
}

}  // namespace parallax::net
