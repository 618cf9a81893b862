#include "net/http_parser.hpp"

#include <gtest/gtest.h>

namespace parallax::net {
namespace {

using Kind = HttpParser::Kind;
using Status = HttpParser::Status;

/// Parses byte by byte and at once; both must agree. Returns the status to answer with, or 0.
int parse(Kind kind, std::string_view text, HttpParser& whole, const HttpLimits& limits = {}) {
    HttpParser slow{kind, limits};
    Status status = Status::Partial;
    for (std::size_t size = 0; size <= text.size() && status == Status::Partial; ++size) {
        status = slow.parse(text.substr(0, size), false);
    }
    whole = HttpParser{kind, limits};
    const Status at_once = whole.parse(text, false);
    EXPECT_EQ(at_once, status) << text;
    EXPECT_EQ(whole.body(), slow.body());
    EXPECT_EQ(whole.refusal(), slow.refusal());
    if (at_once == Status::Partial) return -1;
    return at_once == Status::Bad ? whole.refusal() : 0;
}

TEST(HttpParser, ReadsARequest) {
    HttpParser parser{Kind::Request, {}};
    ASSERT_EQ(parse(Kind::Request,
                    "POST /api/v3/order?symbol=BTCUSDT HTTP/1.1\r\nHost: a\r\nX-Key:  k \r\n"
                    "content-length: 4\r\n\r\nbodyNEXT",
                    parser),
              0);
    EXPECT_EQ(parser.method(), "POST");
    EXPECT_EQ(parser.target(), "/api/v3/order?symbol=BTCUSDT");
    EXPECT_EQ(parser.header("x-key"), "k");
    EXPECT_EQ(parser.body(), "body");
    EXPECT_TRUE(parser.keep_alive());
}

TEST(HttpParser, ReadsChunks) {
    HttpParser parser{Kind::Response, {}};
    const std::string text =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "4;x=y\r\nWiki\r\nA\r\npedia in\r\n\r\n0\r\nTrailer: dropped\r\n\r\nREST";
    ASSERT_EQ(parse(Kind::Response, text, parser), 0);
    EXPECT_EQ(parser.body(), "Wikipedia in\r\n");
    EXPECT_EQ(text.substr(parser.size()), "REST");
    EXPECT_EQ(parser.header("Trailer"), "");
}

TEST(HttpParser, BodyWithoutALengthEndsWithTheConnection) {
    HttpParser parser{Kind::Response, {}};
    const std::string_view text = "HTTP/1.1 200 OK\r\n\r\nall of it";
    EXPECT_EQ(parser.parse(text, false), Status::Partial);
    EXPECT_EQ(parser.parse(text, true), Status::Done);
    EXPECT_EQ(parser.body(), "all of it");
    EXPECT_FALSE(parser.keep_alive());
}

TEST(HttpParser, StatusesWithoutABodyHaveNone) {
    HttpParser parser{Kind::Response, {}};
    for (const char* status : {"100 Continue", "204 No Content", "304 Not Modified"}) {
        const std::string text =
            std::string{"HTTP/1.1 "} + status + "\r\nContent-Length: 5\r\n\r\n";
        EXPECT_EQ(parse(Kind::Response, text, parser), 0) << status;
        EXPECT_EQ(parser.body(), "");
    }
}

TEST(HttpParser, RefusesWhatCanBeReadInTwoWays) {
    const auto refusal = [](std::string_view headers) {
        HttpParser parser{Kind::Request, {}};
        return parse(Kind::Request,
                     "POST / HTTP/1.1\r\nHost: a\r\n" + std::string{headers} + "\r\n0\r\n\r\n",
                     parser);
    };
    EXPECT_EQ(refusal("Content-Length: 1\r\nContent-Length: 1\r\n"), 0);
    EXPECT_EQ(refusal("Content-Length: 1\r\nContent-Length: 2\r\n"), 400);
    EXPECT_EQ(refusal("Content-Length: +1\r\n"), 400);
    EXPECT_EQ(refusal("Content-Length: -1\r\n"), 400);
    EXPECT_EQ(refusal("Content-Length: 1, 1\r\n"), 400);
    EXPECT_EQ(refusal("Content-Length: 99999999999999999999\r\n"), 400);
    EXPECT_EQ(refusal("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), 400);
    EXPECT_EQ(refusal("Transfer-Encoding: gzip, chunked\r\n"), 501);
    EXPECT_EQ(refusal("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), 501);
    EXPECT_EQ(refusal("Content-Length : 1\r\n"), 400);
    EXPECT_EQ(refusal("A: b\r\n folded\r\n"), 400);
    EXPECT_EQ(refusal("A: b\nC: d\r\n"), 400);
    EXPECT_EQ(refusal(": nameless\r\n"), 400);
    EXPECT_EQ(refusal("A: b\x01\r\n"), 400);
    EXPECT_EQ(refusal("Host: b\r\n"), 400);
}

TEST(HttpParser, RefusesBadRequestLines) {
    const auto refusal = [](std::string_view line) {
        HttpParser parser{Kind::Request, {}};
        return parse(Kind::Request, std::string{line} + "\r\nHost: a\r\n\r\n", parser);
    };
    EXPECT_EQ(refusal("GET / HTTP/1.1"), 0);
    EXPECT_EQ(refusal("GET http://a/b HTTP/1.1"), 0);
    EXPECT_EQ(refusal("GET  / HTTP/1.1"), 400);
    EXPECT_EQ(refusal("GET / x HTTP/1.1"), 400);
    EXPECT_EQ(refusal("GET /"), 400);
    EXPECT_EQ(refusal("G<T / HTTP/1.1"), 400);
    EXPECT_EQ(refusal("GET relative HTTP/1.1"), 400);
    EXPECT_EQ(refusal("GET / HTTP/2.0"), 505);
    EXPECT_EQ(refusal("\x16\x03\x01"), 400);
}

TEST(HttpParser, RefusesBadChunks) {
    const auto refusal = [](std::string_view chunks) {
        HttpParser parser{Kind::Request, {}};
        HttpLimits limits;
        limits.body_bytes = 16;
        return parse(Kind::Request,
                     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
                         std::string{chunks},
                     parser, limits);
    };
    EXPECT_EQ(refusal("10\r\n0123456789abcdef\r\n0\r\n\r\n"), 0);
    EXPECT_EQ(refusal("10\r\n0123456789abcdef\r\n1\r\nx\r\n0\r\n\r\n"), 413);
    EXPECT_EQ(refusal("11\r\n"), 413);
    EXPECT_EQ(refusal("FFFFFFFFFFFFFFFF\r\n"), 413);
    EXPECT_EQ(refusal("1FFFFFFFFFFFFFFFF\r\n"), 400);
    EXPECT_EQ(refusal("-1\r\n"), 400);
    EXPECT_EQ(refusal("\r\n"), 400);
    EXPECT_EQ(refusal("1\r\nxy\r\n"), 400);
    EXPECT_EQ(refusal("1\nx\r\n"), 400);
    EXPECT_EQ(refusal(std::string(300, '0')), 400);
}

TEST(HttpParser, HeadIsLimited) {
    HttpLimits limits;
    limits.head_bytes = 200;
    limits.headers = 3;
    HttpParser parser{Kind::Request, limits};
    const std::string line = "GET / HTTP/1.1\r\n";
    EXPECT_EQ(parse(Kind::Request, line + "A: " + std::string(300, 'x'), parser, limits), 431);
    EXPECT_EQ(parse(Kind::Request, line + "A:1\r\nA:2\r\nA:3\r\nA:4\r\n", parser, limits), 431);
    EXPECT_EQ(parse(Kind::Request, std::string(201, 'G'), parser, limits), 431);
}

TEST(HttpParser, KnowsWhetherTheConnectionGoesOn) {
    const auto keeps = [](std::string_view text) {
        HttpParser parser{Kind::Request, {}};
        EXPECT_EQ(parse(Kind::Request, text, parser), 0);
        return parser.keep_alive();
    };
    EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n"));
    EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
    EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

}  // namespace
}  // namespace parallax::net
