#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ports/transport.hpp"

namespace parallax::net {

struct HttpLimits {
    std::size_t head_bytes = 64 * 1024;  ///< first line and headers
    std::size_t headers = 128;
    std::size_t body_bytes = 64 * 1024 * 1024;
};

/// One HTTP/1.x message as it arrives (RFC 9112, strict: CR LF only, no folded headers, no white
/// space before a colon, exactly one meaning of where the body ends).
class HttpParser {
public:
    enum class Kind : std::uint8_t { Request, Response };
    enum class Status : std::uint8_t {
        Partial,  ///< more bytes are needed
        Done,     ///< the message is the first size() bytes
        Bad,      ///< refuse(): the status to answer with, error(): why
    };

    HttpParser(Kind kind, const HttpLimits& limits) noexcept : kind_{kind}, limits_{limits} {}
    /// Ready for the next message; keeps memory.
    void reset() noexcept;
    /// `bytes` is everything since the message's first byte, so each call sees a longer text (at
    /// another place, if need be). `ended`: no more will come. body() is a view into `bytes` of
    /// the last call or, of a chunked message, into the parser.
    [[nodiscard]] Status parse(std::string_view bytes, bool ended);

    [[nodiscard]] std::string_view method() const noexcept { return method_; }
    [[nodiscard]] std::string_view target() const noexcept { return target_; }
    [[nodiscard]] std::uint16_t status() const noexcept { return status_; }
    [[nodiscard]] const std::vector<ports::HttpHeader>& headers() const noexcept {
        return headers_;
    }
    /// All headers of that name, joined with commas; empty when there is none.
    [[nodiscard]] std::string header(std::string_view name) const;
    /// Whether the comma-separated list in a header has this word, in any case.
    [[nodiscard]] bool header_has(std::string_view name, std::string_view word) const;
    [[nodiscard]] std::string_view body() const noexcept {
        return stage_ == Stage::Chunks ? std::string_view{chunks_} : body_;
    }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// The headers are complete, the body is not.
    [[nodiscard]] bool in_body() const noexcept { return stage_ != Stage::Head; }
    /// The connection may carry another message after this one.
    [[nodiscard]] bool keep_alive() const noexcept { return keep_alive_; }
    /// The connection stops being HTTP: 101, or the request for it.
    [[nodiscard]] bool upgrade() const noexcept { return upgrade_; }
    [[nodiscard]] std::uint16_t refusal() const noexcept { return refusal_; }
    [[nodiscard]] const std::string& error() const noexcept { return error_; }

private:
    enum class Stage : std::uint8_t { Head, Length, Chunks, UntilEnd };
    Status bad(std::uint16_t refusal, std::string error);
    Status parse_head(std::string_view bytes);
    bool parse_request_line(std::string_view line);
    bool parse_status_line(std::string_view line);
    bool parse_header(std::string_view line);
    Status choose_body();
    Status parse_body(std::string_view bytes, bool ended);
    Status parse_chunks(std::string_view bytes);
    Status done(std::string_view body, std::size_t size);

    Kind kind_;
    HttpLimits limits_;
    Stage stage_ = Stage::Head;
    std::size_t at_ = 0;  ///< everything before is understood
    std::string method_;
    std::string target_;
    std::uint16_t status_ = 0;
    bool http11_ = true;
    std::vector<ports::HttpHeader> headers_;
    std::size_t length_ = 0;  ///< of the body
    bool in_trailer_ = false;
    std::string chunks_;  ///< their data
    std::string_view body_;
    std::size_t size_ = 0;
    bool keep_alive_ = true;
    bool upgrade_ = false;
    std::uint16_t refusal_ = 0;
    std::string error_;
};

/// Comparison of header names and tokens: ASCII letters in any case.
[[nodiscard]] bool same_word(std::string_view a, std::string_view b) noexcept;
/// Without blanks and tabs at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;

}  // namespace parallax::net
