#include "net/url.hpp"

#include <gtest/gtest.h>

namespace parallax::net {
namespace {

TEST(Url, FallsApart) {
    const auto url = parse_url("wss://Stream.Binance.com:9443/ws/btcusdt@trade?x=1");
    ASSERT_TRUE(url);
    EXPECT_TRUE(url->tls && url->websocket);
    EXPECT_EQ(url->host, "stream.binance.com");
    EXPECT_EQ(url->port, 9443);
    EXPECT_EQ(url->target, "/ws/btcusdt@trade?x=1");
    EXPECT_EQ(url->authority(), "stream.binance.com:9443");
    EXPECT_EQ(parse_url("https://a")->authority(), "a");
    EXPECT_EQ(parse_url("https://a")->endpoint(), "a:443");
    EXPECT_EQ(parse_url("http://a?q")->target, "/?q");
    EXPECT_EQ(parse_url("ws://[::1]:80/")->host, "::1");
    EXPECT_EQ(parse_url("ws://[::1]:81/")->authority(), "[::1]:81");
    const auto raw = parse_url("tls://fix-oe.binance.com:9000");
    ASSERT_TRUE(raw);
    EXPECT_TRUE(raw->tls && raw->raw && !raw->websocket);
    EXPECT_EQ(raw->endpoint(), "fix-oe.binance.com:9000");
}

TEST(Url, RefusesWhatIsNone) {
    for (const char* text : {"",
                             "a",
                             "ftp://a/",
                             "https://",
                             "https:///x",
                             "https://:80/",
                             "https://a:/",
                             "https://a:0/",
                             "https://a:65536/",
                             "https://a:1x/",
                             "https://a:-1/",
                             "https://u@a/",
                             "tls://a",
                             "tcp://a:1/path",
                             "https://a/#f",
                             "https://a /",
                             "https://a/\r\nX: y",
                             "https://[::1/",
                             "https://[]/",
                             "https://[x]/",
                             "https://a_\xC3\xA4/",
                             "https://[::1]x/"}) {
        EXPECT_FALSE(parse_url(text)) << text;
    }
}

}  // namespace
}  // namespace parallax::net
