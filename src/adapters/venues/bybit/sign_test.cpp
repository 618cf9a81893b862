// The documentation prints the layout of what is signed but no secret; the outputs were computed
// for the sheet.
#include "adapters/venues/bybit/sign.hpp"

#include <gtest/gtest.h>

#include "adapters/venues/common/key_testing.hpp"

namespace parallax::bybit {
namespace {

using venue_common::testing::credentials;

Signer hmac() { return Signer{credentials("XXXXXXXXXX", "TESTSECRET0123456789"), 5'000}; }

TEST(BybitSign, RestGet) {
    RestSignature out;
    hmac().sign_rest(UnixNanos::from_millis(1'658'384'314'791),
                     "category=option&symbol=BTC-29JUL22-25000-C", out);
    EXPECT_EQ(out.timestamp, "1658384314791");
    EXPECT_EQ(out.signature, "e2efccd9fec8d9bf6d5873a43893e5d3df3b2bb3f08763172ee927c74fa63559");
}

TEST(BybitSign, RestPostSignsTheExactBody) {
    RestSignature out{"old", "old"};
    hmac().sign_rest(UnixNanos::from_millis(1'658'385'579'423), R"({"category": "option"})", out);
    EXPECT_EQ(out.signature, "9f18974896149c27ecdc61d67d97e05be0a2c45ce5f4c7ecb3ec47c01ea2f9d2");
}

TEST(BybitSign, WebSocketAuth) {
    EXPECT_EQ(
        hmac().websocket_auth("10001", UnixNanos::from_millis(1'662'350'400'000)),
        R"({"req_id":"10001","op":"auth","args":["XXXXXXXXXX",1662350400000,"9e22ecbf1bc0fbd607b1ea007e14f9402426849ef8d327c0659512e4a5725b7d"]})");
}

TEST(BybitSign, RsaIsBase64AndWhatOpenSslMakes) {
    const Signer signer{credentials("key", venue_common::testing::kRsaPem), 5'000};
    const auto expires = UnixNanos::from_millis(1'662'350'400'000);
    EXPECT_EQ(signer.fix_logon(expires).value(), venue_common::testing::kRsaOfRealtime);
    EXPECT_NE(signer.websocket_auth("1", expires).find(venue_common::testing::kRsaOfRealtime),
              std::string::npos);
}

TEST(BybitSign, AFixLogonNeedsRsa) {
    EXPECT_NE(hmac().fix_logon({}).error().detail.find("HMAC"), std::string::npos);
}

}  // namespace
}  // namespace parallax::bybit
