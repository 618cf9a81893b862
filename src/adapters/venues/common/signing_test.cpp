#include <gtest/gtest.h>
#include <openssl/hmac.h>
#include <rapidcheck.h>

#include <map>

#include "adapters/venues/common/encoding.hpp"
#include "adapters/venues/common/key_testing.hpp"

namespace parallax::venue_common {

namespace {

std::string hex(Bytes bytes) {
    std::string text;
    append_hex(text, bytes);
    return text;
}
std::string base64(std::string_view text) {
    std::string out;
    append_base64(out, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    return out;
}
std::string percent(std::string_view text) {
    std::string out;
    append_percent_encoded(out, text);
    return out;
}

TEST(HmacSha256, GivesTheSignaturesOfRfc4231) {
    EXPECT_EQ(hex(HmacSha256(std::string(20, '\x0b')).sign("Hi There")),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(hex(HmacSha256("Jefe").sign("what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hex(HmacSha256(std::string(131, '\xaa'))
                      .sign("Test Using Larger Than Block-Size Key - Hash Key First")),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacSha256, AgreesWithOpenSslForAnyKeyPrefixAndParts) {
    EXPECT_TRUE(rc::check("hmac", [](const std::string& key, const std::string& prefix,
                                     const std::string& one, const std::string& two) {
        const HmacSha256 hmac{key, prefix};
        const std::string whole = prefix + one + two;
        std::array<unsigned char, 32> expected{};
        HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(whole.data()), whole.size(), expected.data(),
             nullptr);
        RC_ASSERT(hmac.sign({one, two}) == expected);
        RC_ASSERT(HmacSha256(key).after(prefix).sign(one + two) == expected);
        RC_ASSERT(hmac.after(one).sign(two) == expected);
        RC_ASSERT(hmac.sign(one + two) == expected);  // a signature leaves no trace in the key
    }));
}

TEST(SigningKey, TellsTheKindsApart) {
    const auto kind = [](std::string_view text) {
        return SigningKey::read(ports::Secret::copy_of(text)).value().kind();
    };
    EXPECT_EQ(kind(testing::kEd25519Pem), KeyKind::Ed25519);
    EXPECT_EQ(kind(testing::kRsaPem), KeyKind::Rsa);
    EXPECT_EQ(kind("NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"),
              KeyKind::HmacSha256);
}

TEST(SigningKey, SaysWhatIsWrongWithAKey) {
    const auto error = [](std::string_view text) {
        return SigningKey::read(ports::Secret::copy_of(text)).error().detail;
    };
    EXPECT_EQ(error(""), "the key is empty");
    EXPECT_NE(error("two\nlines").find("neither a PEM"), std::string::npos);
    EXPECT_NE(error("-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----\n").find("public"),
              std::string::npos);
    EXPECT_NE(error("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIF\n"
                    "-----END ENCRYPTED PRIVATE KEY-----\n")
                  .find("remove its passphrase"),
              std::string::npos);
    // A P-256 key: valid, but no venue takes it.
    EXPECT_NE(error("-----BEGIN PRIVATE KEY-----\n"
                    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2\n"
                    "OF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r\n"
                    "1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G\n"
                    "-----END PRIVATE KEY-----\n")
                  .find("neither Ed25519 nor RSA"),
              std::string::npos);
}

TEST(SigningKey, WhatItSignsItsPublicKeyVerifies) {
    for (const std::string_view pem : {testing::kEd25519Pem, testing::kRsaPem}) {
        const auto key = SigningKey::read(ports::Secret::copy_of(pem)).value();
        const std::vector<std::uint8_t> der = key.public_key();
        const std::string_view open{reinterpret_cast<const char*>(der.data()), der.size()};
        const Signature signature = key.sign("a message");
        EXPECT_TRUE(verifies(open, "a message", signature.bytes()));
        EXPECT_FALSE(verifies(open, "a massage", signature.bytes()));
        EXPECT_FALSE(verifies(open, "a message", signature.bytes().first(63)));
        EXPECT_FALSE(verifies(open.substr(1), "a message", signature.bytes()));
        Signature parts;
        key.sign({"a ", "message"}, parts);
        EXPECT_TRUE(verifies(open, "a message", parts.bytes()));
    }
}

TEST(Encoding, HasTheVectorsOfRfc4648) {
    EXPECT_EQ(base64(""), "");
    EXPECT_EQ(base64("f"), "Zg==");
    EXPECT_EQ(base64("fo"), "Zm8=");
    EXPECT_EQ(base64("foo"), "Zm9v");
    EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(hex(std::vector<std::uint8_t>{0x00, 0x9f, 0xff}), "009fff");
}

TEST(Encoding, PercentEncodesAllButUnreserved) {
    EXPECT_EQ(percent("aZ09-._~"), "aZ09-._~");
    EXPECT_EQ(percent(" +/=&"), "%20%2B%2F%3D%26");
    EXPECT_EQ(percent("１"), "%EF%BC%91");
    std::string query;
    append_parameter(query, "symbol", "１");
    append_parameter(query, "note", "a b");
    EXPECT_EQ(query, "symbol=%EF%BC%91&note=a%20b");
}

TEST(Encoding, ReadsBackWhatItWrites) {
    EXPECT_TRUE(rc::check("round trip", [](const std::vector<std::uint8_t>& bytes) {
        RC_ASSERT(read_hex(hex(bytes)).value() == bytes);
        std::string text;
        append_base64(text, bytes);
        RC_ASSERT(read_base64(text).value() == bytes);
    }));
}

TEST(Encoding, RefusesWhatIsNoEncoding) {
    for (const auto* text : {"0", "0g", "é"}) EXPECT_FALSE(read_hex(text)) << text;
    for (const auto* text : {"Zg=", "Zg", "====", "Z===", "Zh==", "Zm9=", "Zg==Zg==", "Zm 9"}) {
        EXPECT_FALSE(read_base64(text)) << text;
    }
}

TEST(ConstantTime, ComparesLikeEquality) {
    EXPECT_TRUE(rc::check("compare", [](std::string a, const std::string& b) {
        RC_ASSERT(equal_in_constant_time(a, b) == (a == b));
        RC_ASSERT(equal_in_constant_time(a, std::string{a}));
        if (!a.empty()) {
            std::string other = a;
            other.back() = static_cast<char>(other.back() ^ 1);
            RC_ASSERT(!equal_in_constant_time(a, other));
        }
    }));
}

class MapSecrets final : public ports::Secrets {
public:
    Result<std::vector<std::string>> list() override { return std::vector<std::string>{}; }
    Result<ports::Secret> get(std::string_view name) override {
        const auto found = values.find(std::string{name});
        if (found == values.end()) return fail(Errc::Rejected, "no " + std::string{name});
        return ports::Secret::copy_of(found->second);
    }
    Result<void> set(std::string_view, const ports::Secret&) override { return {}; }
    Result<void> remove(std::string_view) override { return {}; }
    std::map<std::string, std::string> values;
};

TEST(Credentials, AreReadByVenueAndAccount) {
    MapSecrets secrets;
    secrets.values = {{"okx.main.api_key", "key"}, {"okx.main.secret", "hmac"}};
    const auto missing = read_credentials(secrets, Venue::Okx, "main");
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().detail.find("parallax secrets set okx.main.passphrase"),
              std::string::npos);
    secrets.values["okx.main.passphrase"] = "words";
    const auto read = read_credentials(secrets, Venue::Okx, "main");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->api_key, "key");
    EXPECT_EQ(read->passphrase.reveal(), "words");
}

TEST(Credentials, AKeyTheVenueDoesNotTakeIsRefusedAtOnce) {
    MapSecrets secrets;
    secrets.values = {{"bybit.main.api_key", "key"},
                      {"bybit.main.secret", std::string{testing::kEd25519Pem}},
                      {"binance.main.api_key", "a\"b"},
                      {"binance.main.secret", "x"}};
    EXPECT_NE(read_credentials(secrets, Venue::Bybit, "main").error().detail.find("Ed25519"),
              std::string::npos);
    EXPECT_EQ(read_credentials(secrets, Venue::Binance, "main").error().code, Errc::Rejected);
}

}  // namespace
}  // namespace parallax::venue_common
