// The vectors of the venue's documentation; those made for these tests say so.
#include "adapters/venues/binance/sign.hpp"

#include <gtest/gtest.h>

#include "adapters/venues/binance/order_text.hpp"
#include "adapters/venues/common/encoding.hpp"
#include "adapters/venues/common/key_testing.hpp"

namespace parallax::binance {
namespace {

using venue_common::testing::credentials;
using venue_common::testing::kEd25519Pem;
using venue_common::testing::kRsaOfOrder;
using venue_common::testing::kRsaPem;

constexpr std::string_view kApiKey =
    "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
constexpr std::string_view kSecret =
    "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
const std::string kEd25519Order =
    "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=0.2"
    "&timestamp=1668481559918&recvWindow=5000";

std::string rest(std::string_view secret, std::string parameters) {
    Signer signer{credentials(kApiKey, secret)};
    const std::string before = parameters;
    signer.sign_rest(parameters);
    EXPECT_TRUE(parameters.starts_with(before + "&signature="));
    return parameters.substr(before.size() + std::string_view{"&signature="}.size());
}

std::string percent(std::string_view text) {
    std::string out;
    venue_common::append_percent_encoded(out, text);
    return out;
}

TEST(BinanceSign, RestHmac) {
    EXPECT_EQ(rest(kSecret,
                   "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1"
                   "&recvWindow=5000&timestamp=1499827319559"),
              "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71");
}

TEST(BinanceSign, RestEncodesFirstAndThenSigns) {
    std::string query;
    venue_common::append_parameter(query, "symbol", "１２３４５６");
    query +=
        "&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000"
        "&timestamp=1499827319559";
    EXPECT_EQ(rest(kSecret, query),
              "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3");
}

TEST(BinanceSign, QueryAndBodyAreSignedAsOne) {
    Signer signer{credentials(kApiKey, kSecret)};
    std::string body = "quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559";
    signer.sign_rest("symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC", body);
    // No separator: what is signed is "...GTCquantity=...", as the documentation has it.
    EXPECT_EQ(body.substr(body.rfind('=') + 1),
              rest(kSecret,
                   "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTCquantity=1&price=0.1"
                   "&recvWindow=5000&timestamp=1499827319559"));
}

TEST(BinanceSign, UsdmRestHmac) {
    EXPECT_EQ(rest("2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9",
                   "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC"
                   "&recvWindow=5000&timestamp=1591702613943"),
              "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9");
}

TEST(BinanceSign, RestEd25519IsBase64AndPercentEncoded) {
    EXPECT_EQ(rest(kEd25519Pem, kEd25519Order),
              percent("inDT086KVIP8vgUfw5sV3VTkescWztiAGlf4x8FLKHM4NInsn0c1kYVLoGMO8cyjfR6vmTku2YQE"
                      "0gtfVVlfCw=="));
}

TEST(BinanceSign, RestRsaIsWhatOpenSslMakes) {
    EXPECT_EQ(rest(kRsaPem, kEd25519Order), percent(kRsaOfOrder));
}

TEST(BinanceSign, WebSocketHmac) {
    Signer signer{credentials(kApiKey, kSecret)};
    std::string signature;
    signer.sign_websocket("apiKey=" + std::string{kApiKey} +
                              "&price=52000.00&quantity=0.01000000&recvWindow=100&side=SELL"
                              "&symbol=BTCUSDT&timeInForce=GTC&timestamp=1645423376532&type=LIMIT",
                          signature);
    EXPECT_EQ(signature, "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24");
}

/// As the venue wants it signed, whatever came first.
TEST(BinanceSign, RequestsAreSortedByName) {
    Signer signer{credentials(kApiKey, kSecret)};
    const std::string signature =
        "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24";
    const std::vector<std::pair<std::string_view, std::string_view>> order{
        {"symbol", "BTCUSDT"},  {"side", "SELL"},           {"type", "LIMIT"},
        {"timeInForce", "GTC"}, {"quantity", "0.01000000"}, {"price", "52000.00"}};
    RequestText request;
    for (std::size_t first = 0; first < order.size(); ++first) {
        request.clear();
        if (first % 2 == 0) request.add("timestamp", 1'645'423'376'532);
        for (std::size_t i = 0; i < order.size(); ++i) {
            const auto& [name, value] = order[(first + i) % order.size()];
            request.add(name, value);
        }
        request.add("recvWindow", 100);
        if (first % 2 != 0) request.add("timestamp", 1'645'423'376'532);
        std::string text;
        request.append_json(text, &signer);
        EXPECT_EQ(text, R"({"apiKey":")" + std::string{kApiKey} +
                            R"(","price":"52000.00","quantity":"0.01000000","recvWindow":100,)"
                            R"("side":"SELL","symbol":"BTCUSDT","timeInForce":"GTC",)"
                            R"("timestamp":1645423376532,"type":"LIMIT","signature":")" +
                            signature + R"("})");
        text.clear();
        request.append_query(text);
        EXPECT_EQ(text,
                  "price=52000.00&quantity=0.01000000&recvWindow=100&side=SELL&symbol=BTCUSDT"
                  "&timeInForce=GTC&timestamp=1645423376532&type=LIMIT");
    }
    request.clear();
    std::string empty;
    request.append_json(empty, nullptr);
    EXPECT_EQ(empty, "{}");
}

TEST(BinanceSign, WebSocketWithoutApiKeyIsSignedWhole) {
    Signer signer{credentials(kApiKey, kSecret)};
    const std::string payload = "symbol=LTCBTC&timestamp=1499827319559";
    std::string signature;
    signer.sign_websocket(payload, signature);
    EXPECT_EQ(signature, rest(kSecret, payload));
}

TEST(BinanceSign, UserDataStreamSubscription) {
    Signer signer{credentials(kApiKey, kSecret)};
    std::string signature;
    signer.sign_websocket("apiKey=" + std::string{kApiKey} + "&timestamp=1747385641636", signature);
    EXPECT_EQ(signature, "681110a6057ad58657af22f5640fab9dd17418834cdfccdc81be8b0f7b2cde3e");
}

TEST(BinanceSignDeathTest, ANameBeforeTheApiKeysIsABug) {
    Signer signer{credentials(kApiKey, kSecret)};
    RequestText request;
    request.add("accountId", 1);
    std::string text;
    EXPECT_DEATH(request.append_json(text, &signer), "before");
}

TEST(BinanceSign, FixLogon) {
    Signer signer{credentials("key", kEd25519Pem)};
    EXPECT_EQ(signer.fix_logon("EXAMPLE", "SPOT", "1", "20240627-11:17:25.223").value(),
              "4MHXelVVcpkdwuLbl6n73HQUXUf1dse2PCgT1DYqW9w8AVZ1RACFGM+5UdlGPrQHrgtS3CvsRURC1oj73j8g"
              "CA==");
}

TEST(BinanceSign, SessionLogonSignsItsSortedParameters) {
    Signer signer{credentials("key", kEd25519Pem)};
    const std::string text =
        signer.session_logon("7", UnixNanos::from_millis(1'649'729'878'532)).value();
    const std::string start =
        R"({"id":"7","method":"session.logon","params":{"apiKey":"key","signature":")";
    const std::string end = R"(","timestamp":1649729878532}})";
    ASSERT_TRUE(text.starts_with(start)) << text;
    ASSERT_TRUE(text.ends_with(end)) << text;
    const auto signature = venue_common::read_base64(
        text.substr(start.size(), text.size() - start.size() - end.size()));
    ASSERT_TRUE(signature);
    const auto der =
        venue_common::SigningKey::read(ports::Secret::copy_of(kEd25519Pem)).value().public_key();
    EXPECT_TRUE(venue_common::verifies({reinterpret_cast<const char*>(der.data()), der.size()},
                                       "apiKey=key&timestamp=1649729878532", *signature));
}

TEST(BinanceSign, LogonsNeedEd25519) {
    Signer signer{credentials(kApiKey, kSecret)};
    EXPECT_NE(signer.session_logon("1", {}).error().detail.find("HMAC"), std::string::npos);
    EXPECT_FALSE(signer.fix_logon("A", "SPOT", "1", "20240627-11:17:25.223"));
}

}  // namespace
}  // namespace parallax::binance
