#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "net/deflate.hpp"
#include "net/http_parser.hpp"
#include "net/url.hpp"

namespace parallax::net {

/// A client's opening request (RFC 6455, 4.1).
struct WebSocketOffer {
    std::string key;      ///< what the answer must be derived from
    std::string request;  ///< bytes to send
};
[[nodiscard]] WebSocketOffer make_websocket_offer(const Url& url,
                                                  std::span<const ports::HttpHeader> headers,
                                                  bool deflate);
/// A client's judgement of the answer: what compression was agreed on, if any. Errors: Rejected
/// (another status), Malformed (not an answer to this request).
[[nodiscard]] Result<std::optional<DeflateParameters>> check_websocket_answer(
    const HttpParser& answer, const std::string& key, bool deflate);

/// A server's judgement of a request to upgrade: 0 when it may be accepted, or the status to refuse
/// it with.
[[nodiscard]] std::uint16_t check_websocket_request(const HttpParser& request);
/// The answer that accepts: bytes to send. `extensions` may be empty.
[[nodiscard]] std::string make_websocket_answer(std::string_view key, std::string_view extensions,
                                                std::span<const ports::HttpHeader> headers);

/// Sec-WebSocket-Accept of a Sec-WebSocket-Key.
[[nodiscard]] std::string websocket_accept(std::string_view key);

}  // namespace parallax::net
