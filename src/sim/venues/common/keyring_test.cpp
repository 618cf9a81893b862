#include "sim/venues/common/keyring.hpp"

#include <gtest/gtest.h>

#include "sim/venues/common/crypto.hpp"

namespace parallax::sim_front {
namespace {

// Vectors of the exchange sheets.
constexpr const char* kSecret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
constexpr const char* kText =
    "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000"
    "&timestamp=1499827319559";
constexpr const char* kHmac = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71";
// SubjectPublicKeyInfo of 19420abf...800d.
constexpr const char* kEd25519 =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAGUIKv9dSpWXBViXp2m6vAIb8QMFJYBgyFEQsFJlqgA0=\n"
    "-----END PUBLIC KEY-----\n";
constexpr const char* kSigned =
    "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=0.2"
    "&timestamp=1668481559918&recvWindow=5000";
constexpr const char* kSignature =
    "inDT086KVIP8vgUfw5sV3VTkescWztiAGlf4x8FLKHM4NInsn0c1kYVLoGMO8cyjfR6vmTku2YQE0gtfVVlfCw==";

TEST(ApiKey, VerifiesThePublishedHmacVectorInEitherCase) {
    ApiKey key{.id = "k", .kind = KeyKind::Hmac, .secret = kSecret};
    EXPECT_TRUE(key.signed_by(kText, kHmac, ApiKey::Encoding::Hex));
    std::string upper = kHmac;
    for (char& c : upper) c = static_cast<char>(std::toupper(c));
    EXPECT_TRUE(key.signed_by(kText, upper, ApiKey::Encoding::Hex));
    EXPECT_TRUE(key.signed_by(kText, base64(*from_hex(kHmac)), ApiKey::Encoding::Base64));
    EXPECT_FALSE(key.signed_by(std::string_view{kText}.substr(1), kHmac, ApiKey::Encoding::Hex));
    EXPECT_FALSE(key.signed_by(kText, "", ApiKey::Encoding::Hex));
    EXPECT_FALSE(key.signed_by(kText, "zz", ApiKey::Encoding::Hex));
    EXPECT_FALSE(key.signed_by(kText, std::string{kHmac}.substr(2), ApiKey::Encoding::Hex));
}

TEST(ApiKey, VerifiesTheEd25519Vector) {
    ApiKey key{.id = "k", .kind = KeyKind::Ed25519, .secret = kEd25519};
    EXPECT_TRUE(key.signed_by(kSigned, kSignature, ApiKey::Encoding::Hex));
    EXPECT_FALSE(key.signed_by(kText, kSignature, ApiKey::Encoding::Hex));
    key.kind = KeyKind::Rsa;  // the key is none
    EXPECT_FALSE(key.signed_by(kSigned, kSignature, ApiKey::Encoding::Hex));
    key.secret = "no PEM";
    EXPECT_FALSE(key.signed_by(kSigned, kSignature, ApiKey::Encoding::Hex));
}

TEST(ApiKey, MayOnlyWhatItWasGivenAndFromWhere) {
    ApiKey key{.id = "k", .permissions = {Permission::Read}, .addresses = {"10.0.0.1"}};
    EXPECT_TRUE(key.may(Permission::Read));
    EXPECT_FALSE(key.may(Permission::Trade));
    EXPECT_TRUE(key.from("10.0.0.1"));
    EXPECT_FALSE(key.from("10.0.0.2"));
}

TEST(Keyring, ForgetsRevokedKeys) {
    Keyring ring;
    ring.add({.id = "k"});
    ASSERT_NE(ring.find("k"), nullptr);
    EXPECT_EQ(ring.find("K"), nullptr);
    ring.revoke("k");
    EXPECT_EQ(ring.find("k"), nullptr);
}

TEST(TimeWindow, TakesItsOldEndButNotItsNewOne) {
    const TimeWindow window;
    const UnixNanos now = UnixNanos::from_millis(1'000'000);
    EXPECT_TRUE(window.admits(now - Nanos::seconds(5), now));
    EXPECT_FALSE(window.admits(now - Nanos::seconds(5) - Nanos{1}, now));
    EXPECT_TRUE(window.admits(now + Nanos::seconds(1) - Nanos{1}, now));
    EXPECT_FALSE(window.admits(now + Nanos::seconds(1), now));
}

TEST(Base64, RefusesWhatIsNone) {
    EXPECT_EQ(base64("ab"), "YWI=");
    EXPECT_EQ(from_base64("YWI="), "ab");
    for (const char* bad : {"YWI", "Y===", "Y!I=", "YW I=   "}) {
        const auto read = from_base64(bad);
        EXPECT_TRUE(!read || base64(*read) != "YWI=") << bad;
    }
}

}  // namespace
}  // namespace parallax::sim_front
