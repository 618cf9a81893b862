// The documentation publishes a secret and inputs; the outputs were computed for the sheet.
#include "adapters/venues/okx/sign.hpp"

#include <gtest/gtest.h>

#include "adapters/venues/common/key_testing.hpp"

namespace parallax::okx {
namespace {

Signer signer(std::string_view passphrase = "words") {
    return Signer{
        venue_common::testing::credentials("key", "22582BD0CFF14C41EDBF1AB98506286D", passphrase)};
}
constexpr auto kTime = UnixNanos::from_millis(1'607'418'537'715);

TEST(OkxSign, RestGet) {
    RestSignature out;
    signer().sign_rest(kTime, "GET", "/api/v5/account/balance?ccy=BTC", "", out);
    EXPECT_EQ(out.timestamp, "2020-12-08T09:08:57.715Z");
    EXPECT_EQ(out.signature, "HiZhvSfMtWJA3uUIVXV3a/bSXNPCWvYFXoGCVS8V4zY=");
}

TEST(OkxSign, RestPost) {
    RestSignature out{"old", "old"};
    signer().sign_rest(
        kTime, "POST", "/api/v5/trade/order",
        R"({"instId":"BTC-USDT","tdMode":"cash","side":"buy","ordType":"limit","px":"2.15","sz":"2","clOrdId":"b15"})",
        out);
    EXPECT_EQ(out.signature, "3mDLZY/Wj7XI4ITQQpWw50Kd6ZO3DsDfrMj7luXO6aQ=");
}

TEST(OkxSign, WebSocketLogin) {
    EXPECT_EQ(
        signer().websocket_login(UnixNanos::from_millis(1'538'054'050'999)).reveal(),
        R"({"op":"login","args":[{"apiKey":"key","passphrase":"words","timestamp":"1538054050","sign":"+LdIr8lkkvhr5hoA3g9TMC0+uQJ849ftAcocA/ouu4M="}]})");
    EXPECT_NE(signer()
                  .websocket_login(UnixNanos::from_millis(1'704'876'947'000))
                  .reveal()
                  .find("5/36BgGV6m/6pmdc20zdqk0mzF5ZalmzzPD2fo3wavU="),
              std::string_view::npos);
}

TEST(OkxSign, APassphraseMayHaveAnyCharacters) {
    EXPECT_NE(signer("a\"b\\c\x01")
                  .websocket_login(kTime)
                  .reveal()
                  .find(R"("passphrase":"a\"b\\c\u0001",)"),
              std::string_view::npos);
}

TEST(OkxSign, IsoTimeKnowsTheCalendar) {
    EXPECT_EQ(iso_time(UnixNanos::from_millis(0)), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(iso_time(UnixNanos::from_millis(951'782'400'000)), "2000-02-29T00:00:00.000Z");
    EXPECT_EQ(iso_time(UnixNanos::from_millis(1'709'251'199'999)), "2024-02-29T23:59:59.999Z");
    EXPECT_EQ(iso_time(UnixNanos::from_nanos(1'798'761'600'000'999'999)),
              "2027-01-01T00:00:00.000Z");
}

}  // namespace
}  // namespace parallax::okx
