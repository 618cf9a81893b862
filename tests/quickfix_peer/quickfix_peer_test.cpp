// Plain QuickFIX trades against the simulated Binance, unchanged but for the address.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "bot.hpp"
#include "sim/server/background_server.hpp"
#include "sim/venues/common/crypto.hpp"

namespace parallax {
namespace {

using quickfix_peer::Bot;
using quickfix_peer::BotSettings;
using quickfix_peer::Seen;

/// An Ed25519 key pair made anew.
class Key {
public:
    Key() : key_{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")} {}
    ~Key() { EVP_PKEY_free(key_); }
    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;

    [[nodiscard]] std::string public_pem() const {
        std::string raw(32, '\0');
        std::size_t size = raw.size();
        EXPECT_EQ(
            EVP_PKEY_get_raw_public_key(key_, reinterpret_cast<unsigned char*>(raw.data()), &size),
            1);
        // SubjectPublicKeyInfo of Ed25519 is a fixed head and the key.
        const std::string head = *sim_front::from_hex("302a300506032b6570032100");
        return "-----BEGIN PUBLIC KEY-----\n" + sim_front::base64(head + raw) +
               "\n-----END PUBLIC KEY-----\n";
    }
    [[nodiscard]] std::string sign(const std::string& text) const {
        EVP_MD_CTX* const context = EVP_MD_CTX_new();
        std::string out(64, '\0');
        std::size_t size = out.size();
        EXPECT_EQ(EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key_), 1);
        EXPECT_EQ(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(out.data()), &size,
                                 reinterpret_cast<const unsigned char*>(text.data()), text.size()),
                  1);
        EVP_MD_CTX_free(context);
        return sim_front::base64(out);
    }

private:
    EVP_PKEY* key_;
};

class QuickFix : public ::testing::Test {
protected:
    void SetUp() override {
        sim_server::ServerSettings settings;
        settings.warm_up = Nanos::seconds(5);
        settings.accounts = sim_world::standard_accounts(1);
        sim_world::VenueKey key;
        key.venue = Venue::Binance;
        key.generated = false;
        key.key.id = "fixkey";
        key.key.kind = sim_front::KeyKind::Ed25519;
        key.key.secret = key_.public_pem();
        key.key.permissions = {sim_front::Permission::Read, sim_front::Permission::Trade};
        settings.accounts[0].keys.push_back(key);
        auto made = sim_server::BackgroundServer::start(settings);
        ASSERT_TRUE(made) << made.error().detail;
        server_ = std::move(*made);
        ca_ = ::testing::TempDir() + "plx_quickfix_ca_" + std::to_string(::getpid()) + ".pem";
        ASSERT_TRUE(server_->facts().write_authority(ca_));
        server_->ask([&](sim_server::SimServer& s) {
            const auto listing =
                s.venue(Venue::Binance).find_listing(Market::BinanceSpot, "BTCUSDT");
            ASSERT_TRUE(listing);
            const auto bids = s.venue(Venue::Binance).levels(*listing, Side::Buy, 1);
            ASSERT_FALSE(bids.empty());
            const std::string text = s.venue(Venue::Binance).listing(*listing).text(bids[0].price);
            bid_ = std::stod(text);
        });
    }
    void TearDown() override {
        server_.reset();
        ::unlink(ca_.c_str());
    }
    [[nodiscard]] std::unique_ptr<Bot> bot(const std::string& sender, std::size_t door,
                                           const std::function<void(BotSettings&)>& change = {}) {
        BotSettings settings;
        settings.port = std::to_string(server_->facts().fix_port(door));
        settings.ca_file = ca_;
        settings.sender = sender;
        settings.api_key = "fixkey";
        settings.drop_copy = door == 1;
        settings.sign = [this](const std::string& text) { return key_.sign(text); };
        if (change) change(settings);
        return Bot::start(settings);
    }
    template <class Done>
    static bool until(Done done, int seconds = 5) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{seconds};
        while (!done()) {
            if (std::chrono::steady_clock::now() > end) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
        }
        return true;
    }
    /// The first message with these fields.
    static std::optional<Seen> find(const Bot& bot, const Seen& fields) {
        for (const Seen& one : bot.seen()) {
            bool same = true;
            for (const auto& [tag, value] : fields)
                same = same && one.contains(tag) && one.at(tag) == value;
            if (same) return one;
        }
        return std::nullopt;
    }
    /// For people.
    static std::string all(const Bot& bot) {
        std::string out;
        for (const Seen& one : bot.seen()) {
            for (const auto& [tag, value] : one) out += std::to_string(tag) + "=" + value + "|";
            out += "\n";
        }
        return out;
    }
    [[nodiscard]] std::vector<std::pair<int, std::string>> order(const std::string& id,
                                                                 double price) const {
        return {{11, id},  {38, "0.001"},   {40, "2"}, {44, std::to_string(std::int64_t(price))},
                {54, "1"}, {55, "BTCUSDT"}, {59, "1"}};
    }

    Key key_;
    std::unique_ptr<sim_server::BackgroundServer> server_;
    std::string ca_;
    double bid_ = 0;
};

TEST_F(QuickFix, PlacesFillsCancelsAndSeesItAgainInTheDropCopy) {
    const auto trader = bot("TRADER", 0);
    const auto copy = bot("COPY", 1);
    ASSERT_TRUE(until([&] { return trader->logged_on() && copy->logged_on(); }));
    trader->send("D", order("rests", bid_ * 0.97));
    ASSERT_TRUE(until([&] { return find(*trader, {{11, "rests"}, {150, "0"}}).has_value(); }))
        << all(*trader);
    trader->send("D", order("takes", bid_ * 1.02));
    ASSERT_TRUE(
        until([&] { return find(*trader, {{11, "takes"}, {150, "F"}, {39, "2"}}).has_value(); }));
    trader->send("F", {{11, "gone"}, {41, "rests"}, {55, "BTCUSDT"}});
    ASSERT_TRUE(until([&] { return find(*trader, {{41, "rests"}, {150, "4"}}).has_value(); }));
    trader->send("F", {{11, "late"}, {41, "rests"}, {55, "BTCUSDT"}});
    ASSERT_TRUE(until([&] { return find(*trader, {{35, "9"}, {25016, "-1013"}}).has_value(); }));
    trader->send("D", order("again", bid_ * 0.97));
    trader->send("q", {{11, "all"}, {55, "BTCUSDT"}, {530, "1"}});
    ASSERT_TRUE(until([&] { return find(*trader, {{35, "r"}, {531, "1"}}).has_value(); }));
    EXPECT_EQ(find(*trader, {{35, "r"}})->at(533), "1");
    ASSERT_TRUE(until([&] {
        return find(*copy, {{11, "takes"}, {150, "F"}}) && find(*copy, {{41, "rests"}, {150, "4"}});
    }));
    trader->stop();
    copy->stop();
    EXPECT_TRUE(until([&] {
        bool gone = false;
        server_->ask([&](sim_server::SimServer& s) { gone = s.connections() == 0; });
        return gone;
    }));
}

TEST_F(QuickFix, HeartbeatsKeepAQuietSessionUp) {
    const auto trader = bot("QUIET", 0);
    ASSERT_TRUE(until([&] { return trader->logged_on(); }));
    std::this_thread::sleep_for(std::chrono::seconds{13});  // more than two of five seconds
    EXPECT_TRUE(trader->logged_on());
    trader->send("D", order("alive", bid_ * 0.97));
    EXPECT_TRUE(until([&] { return find(*trader, {{11, "alive"}, {150, "0"}}).has_value(); }));
}

TEST_F(QuickFix, AWrongSignatureAndAWrongClockAreRejectedByCode) {
    const auto forger = bot("FORGER", 0, [](BotSettings& s) {
        s.sign = [other = std::make_shared<Key>()](const std::string& text) {
            return other->sign(text);
        };
    });
    EXPECT_TRUE(until([&] { return find(*forger, {{35, "3"}, {25016, "-1022"}}).has_value(); }));
    const auto late = bot("LATE", 0, [](BotSettings& s) { s.wrong_clock = true; });
    EXPECT_TRUE(until([&] { return find(*late, {{35, "3"}, {25016, "-1021"}}).has_value(); }));
    EXPECT_FALSE(forger->logged_on() || late->logged_on());
}

TEST_F(QuickFix, ACutSessionComesBackWhenItsNameIsFree) {
    const auto trader = bot("CUT", 0);
    ASSERT_TRUE(until([&] { return trader->logged_on(); }));
    trader->send("D", order("rests", bid_ * 0.97));
    ASSERT_TRUE(until([&] { return find(*trader, {{11, "rests"}, {150, "0"}}).has_value(); }))
        << all(*trader);
    const auto command = sim_world::parse_fault("disconnect venue=binance");
    ASSERT_TRUE(command) << command.error().detail;
    server_->ask([&](sim_server::SimServer& s) { EXPECT_TRUE(s.fault(*command)); });
    ASSERT_TRUE(until([&] { return !trader->logged_on(); }));
    EXPECT_TRUE(until([&] { return trader->logged_on(); }, 30)) << "after twice the heartbeat";
    trader->send("F", {{11, "gone"}, {41, "rests"}, {55, "BTCUSDT"}});
    EXPECT_TRUE(until([&] { return find(*trader, {{41, "rests"}, {150, "4"}}).has_value(); }));
}

}  // namespace
}  // namespace parallax
