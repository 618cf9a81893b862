#include "net/http_parser.hpp"

#include <algorithm>
#include <charconv>

namespace parallax::net {
namespace {

constexpr std::size_t kMaxChunkLine = 256;

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_token(std::string_view text) noexcept {
    constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        const char l = lower(c);
        return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') ||
               kMarks.find(c) != std::string_view::npos;
    });
}

bool is_field_text(std::string_view text) noexcept {
    return std::ranges::all_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte >= ' ' && byte != 127) || c == '\t';
    });
}

template <class Number>
bool read_whole(std::string_view text, Number& number, int base = 10) noexcept {
    const char* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, number, base);
    return !text.empty() && at == end && error == std::errc{} && text.front() != '-';
}

}  // namespace

bool same_word(std::string_view a, std::string_view b) noexcept {
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view trimmed(std::string_view text) noexcept {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

void HttpParser::reset() noexcept {
    stage_ = Stage::Head;
    at_ = 0;
    status_ = 0;
    http11_ = true;
    headers_.clear();
    length_ = 0;
    in_trailer_ = false;
    chunks_.clear();
    if (chunks_.capacity() > 1'024 * 1'024) chunks_ = {};
    body_ = {};
    size_ = 0;
    keep_alive_ = true;
    upgrade_ = false;
}

HttpParser::Status HttpParser::bad(std::uint16_t refusal, std::string error) {
    refusal_ = refusal;
    error_ = std::move(error);
    return Status::Bad;
}

HttpParser::Status HttpParser::done(std::string_view body, std::size_t size) {
    body_ = body;
    size_ = size;
    return Status::Done;
}

std::string HttpParser::header(std::string_view name) const {
    std::string joined;
    for (const ports::HttpHeader& entry : headers_) {
        if (!same_word(entry.name, name)) continue;
        if (!joined.empty()) joined += ", ";
        joined += entry.value;
    }
    return joined;
}

bool HttpParser::header_has(std::string_view name, std::string_view word) const {
    for (const ports::HttpHeader& entry : headers_) {
        if (!same_word(entry.name, name)) continue;
        std::string_view rest = entry.value;
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            if (same_word(trimmed(rest.substr(0, comma)), word)) return true;
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    }
    return false;
}

HttpParser::Status HttpParser::parse(std::string_view bytes, bool ended) {
    if (stage_ == Stage::Head) {
        const Status head = parse_head(bytes);
        if (head != Status::Done) {
            if (head == Status::Partial && ended) return bad(400, "cut inside the headers");
            return head;
        }
        const Status chosen = choose_body();
        if (chosen == Status::Bad) return chosen;
    }
    return parse_body(bytes, ended);
}

// Line by line; at_ remembers how far, so that a slow head costs no more than a quick one.
HttpParser::Status HttpParser::parse_head(std::string_view bytes) {
    for (;;) {
        const std::string_view rest = bytes.substr(at_, limits_.head_bytes + 1 - at_);
        const std::size_t end = rest.find('\n');
        if (end == std::string_view::npos) {
            if (rest.size() + at_ > limits_.head_bytes) return bad(431, "headers too long");
            return Status::Partial;
        }
        if (end == 0 || rest[end - 1] != '\r') return bad(400, "line without CR LF");
        const std::string_view line = rest.substr(0, end - 1);
        const bool first = at_ == 0;
        at_ += end + 1;
        if (first) {
            const bool good =
                kind_ == Kind::Request ? parse_request_line(line) : parse_status_line(line);
            if (!good) return Status::Bad;
        } else if (line.empty()) {
            return Status::Done;
        } else if (!parse_header(line)) {
            return Status::Bad;
        }
    }
}

bool HttpParser::parse_request_line(std::string_view line) {
    const auto refuse = [&] { return bad(400, "bad request line") != Status::Bad; };
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return refuse();
    const std::string_view method = line.substr(0, first);
    std::string_view target = line.substr(first + 1, last - first - 1);
    const std::string_view version = line.substr(last + 1);
    if (!is_token(method)) return refuse();
    if (version != "HTTP/1.1" && version != "HTTP/1.0") {
        return bad(505, "not HTTP/1.1") != Status::Bad;
    }
    http11_ = version == "HTTP/1.1";
    if (target.starts_with("http://") || target.starts_with("https://")) {  // RFC 9112, 3.2.2
        const std::size_t path = target.find('/', target.find("//") + 2);
        target = path == std::string_view::npos ? "/" : target.substr(path);
    }
    const bool visible = std::ranges::all_of(target, [](char c) { return c > ' ' && c <= '~'; });
    if (!target.starts_with('/') || !visible) return refuse();
    method_ = method;
    target_ = target;
    return true;
}

bool HttpParser::parse_status_line(std::string_view line) {
    const bool known = line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ");
    if (!known || line.size() < 12 || (line.size() > 12 && line[12] != ' ') ||
        !read_whole(line.substr(9, 3), status_) || status_ < 100 || status_ > 599 ||
        !is_field_text(line)) {
        return bad(400, "bad status line") != Status::Bad;
    }
    http11_ = line[7] == '1';
    return true;
}

bool HttpParser::parse_header(std::string_view line) {
    if (headers_.size() == limits_.headers) return bad(431, "too many headers") != Status::Bad;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) ||
        !is_field_text(line.substr(colon + 1))) {
        return bad(400, "bad header") != Status::Bad;
    }
    headers_.push_back(
        {std::string{line.substr(0, colon)}, std::string{trimmed(line.substr(colon + 1))}});
    return true;
}

// Where the body ends (RFC 9112, 6.3). What could be read in two ways is refused: two readers
// that disagree let a peer smuggle a second message.
HttpParser::Status HttpParser::choose_body() {
    keep_alive_ =
        http11_ ? !header_has("Connection", "close") : header_has("Connection", "keep-alive");
    upgrade_ = kind_ == Kind::Response
                   ? status_ == 101
                   : header_has("Connection", "upgrade") && !header("Upgrade").empty();
    bool has_length = false;
    std::size_t hosts = 0;
    std::string coding;
    for (const ports::HttpHeader& entry : headers_) {
        if (same_word(entry.name, "Host")) ++hosts;
        if (same_word(entry.name, "Transfer-Encoding")) {
            coding += (coding.empty() ? "" : ", ") + entry.value;
        }
        if (!same_word(entry.name, "Content-Length")) continue;
        std::size_t length = 0;
        if (!read_whole(entry.value, length) || (has_length && length != length_)) {
            return bad(400, "bad Content-Length");
        }
        length_ = length;
        has_length = true;
    }
    if (kind_ == Kind::Request && (hosts > 1 || (hosts == 0 && http11_))) {
        return bad(400, "needs one Host");
    }
    if (!coding.empty()) {
        if (has_length || !http11_) return bad(400, "two lengths");
        if (!same_word(coding, "chunked")) return bad(501, "unknown Transfer-Encoding");
    }
    if (length_ > limits_.body_bytes) return bad(413, "body too long");

    const bool bodiless =
        kind_ == Kind::Response && (status_ < 200 || status_ == 204 || status_ == 304);
    if (bodiless) {
        stage_ = Stage::Length;
        length_ = 0;
    } else if (!coding.empty()) {
        stage_ = Stage::Chunks;
    } else if (has_length || kind_ == Kind::Request) {
        stage_ = Stage::Length;
    } else {
        stage_ = Stage::UntilEnd;
        keep_alive_ = false;
    }
    return Status::Done;
}

HttpParser::Status HttpParser::parse_body(std::string_view bytes, bool ended) {
    Status status = Status::Partial;
    if (stage_ == Stage::Chunks) {
        status = parse_chunks(bytes);
    } else if (stage_ == Stage::Length) {
        if (bytes.size() - at_ >= length_) return done(bytes.substr(at_, length_), at_ + length_);
    } else {
        if (bytes.size() - at_ > limits_.body_bytes) return bad(413, "body too long");
        if (ended) return done(bytes.substr(at_), bytes.size());
    }
    if (status == Status::Partial && ended) return bad(400, "cut inside the body");
    return status;
}

HttpParser::Status HttpParser::parse_chunks(std::string_view bytes) {
    for (;;) {
        if (length_ > 0) {  // chunk data with its CR LF; 2 is added below
            if (bytes.size() - at_ < length_) return Status::Partial;
            const std::string_view data = bytes.substr(at_, length_);
            if (!data.ends_with("\r\n")) return bad(400, "bad chunk");
            chunks_ += data.substr(0, data.size() - 2);
            at_ += length_;
            length_ = 0;
        }
        const std::string_view rest = bytes.substr(at_);
        const std::size_t end = rest.substr(0, kMaxChunkLine).find('\n');
        if (end == std::string_view::npos) {
            return rest.size() < kMaxChunkLine ? Status::Partial : bad(400, "bad chunk");
        }
        if (end == 0 || rest[end - 1] != '\r') return bad(400, "bad chunk");
        const std::string_view line = rest.substr(0, end - 1);
        if (in_trailer_) {  // trailers are read and dropped; headers they must not change
            if (at_ + end > size_ + limits_.head_bytes) return bad(431, "trailers too long");
            at_ += end + 1;
            if (line.empty()) return done({}, at_);
            continue;
        }
        std::size_t size = 0;
        const std::string_view digits = trimmed(line.substr(0, line.find(';')));
        if (!is_field_text(line) || !read_whole(digits, size, 16)) return bad(400, "bad chunk");
        if (size > limits_.body_bytes - chunks_.size()) return bad(413, "body too long");
        at_ += end + 1;
        if (size == 0) {
            in_trailer_ = true;
            size_ = at_;
        } else {
            length_ = size + 2;
        }
    }
}

}  // namespace parallax::net
