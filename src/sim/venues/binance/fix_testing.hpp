#pragma once

#include <openssl/evp.h>

#include "sim/fix/message.hpp"
#include "sim/venues/binance/front_testing.hpp"

namespace parallax::sim_binance {

/// Signs with the key that the venue's documents print.
[[nodiscard]] inline std::string sign_as_documented(std::string_view text) {
    constexpr std::string_view kSeed =
        "8244616b4606b8400a66fd0efcbea9af1611fd2540e975b3808b20007d9bcf6e";
    const std::string seed = *sim_front::from_hex(kSeed);
    EVP_PKEY* const key = EVP_PKEY_new_raw_private_key(
        EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(seed.data()), 32);
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    std::string out(64, '\0');
    std::size_t size = out.size();
    EXPECT_EQ(EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key), 1);
    EXPECT_EQ(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(out.data()), &size,
                             reinterpret_cast<const unsigned char*>(text.data()), text.size()),
              1);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return sim_front::base64(out);
}

inline constexpr const char* kDocumentedKey =
    "sBRXrJx2DsOraMXOaUovEhgVRcjOvCtQwnWj8VxkOh1xqboS02SPGfKi2h8spZJb";
inline constexpr const char* kDocumentedPublicKey =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAGUIKv9dSpWXBViXp2m6vAIb8QMFJYBgyFEQsFJlqgA0=\n"
    "-----END PUBLIC KEY-----\n";

/// Binance with its FIX doors, byte by byte.
struct FixWorld : BinanceWorld {
    using Writer = sim_fix::Writer;
    static constexpr ports::ListenerId kOrders{20}, kCopies{21}, kMarket{22};

    FixWorld() {
        sim_front::ApiKey key;
        key.id = kDocumentedKey;
        key.kind = sim_front::KeyKind::Ed25519;
        key.secret = kDocumentedPublicKey;
        key.permissions = {sim_front::Permission::Read, sim_front::Permission::Trade};
        key.account = world.accounts[0];
        keys.add(key);
        FrontSettings settings;
        settings.fix = {kOrders, kCopies, kMarket};
        front = std::make_unique<BinanceFront>(world.venue, keys, server, settings);
    }

    struct Peer {
        ports::SessionId id;
        std::string sender;
        std::uint64_t number = 1;
        std::uint64_t heard = 1;  ///< the next number of the venue
    };
    /// What came, each message with its text.
    struct Heard {
        std::string text;
        sim_fix::Message m;
    };

    Peer connect(ports::ListenerId door, std::string sender = "CLIENT") {
        return {server.open_stream(*front, door), std::move(sender)};
    }
    void raw(const Peer& peer, std::string_view bytes) { server.message(*front, peer.id, bytes); }
    void send(Peer& peer, const Writer& w) {
        raw(peer, w.finish(peer.sender, "SPOT", peer.number++, server.time));
    }
    [[nodiscard]] Writer logon_of(const Peer& peer, ports::ListenerId door) const {
        const std::string text = std::string{"A"} + sim_fix::kSoh + peer.sender + sim_fix::kSoh +
                                 "SPOT" + sim_fix::kSoh + std::to_string(peer.number) +
                                 sim_fix::kSoh + sim_fix::time_text(server.time);
        Writer w{"A"};
        const std::string signature = sign_as_documented(text);
        w.add(95, static_cast<std::int64_t>(signature.size())).add(96, signature);
        w.add(98, "0").add(108, 30).add(141, "Y").add(553, kDocumentedKey).add(25035, "2");
        if (door == kCopies) w.add(9406, "Y");
        return w;
    }
    Peer log_on(ports::ListenerId door, std::string sender = "CLIENT") {
        Peer peer = connect(door, std::move(sender));
        send(peer, logon_of(peer, door));
        const auto answer = take(peer);
        EXPECT_EQ(answer.size(), 1U);
        for (const Heard& heard : answer) EXPECT_EQ(heard.m.type, "A") << heard.text;
        return peer;
    }
    /// Everything the peer was sent; numbers and sums are checked.
    std::deque<Heard> take(Peer& peer) {
        std::string bytes;
        for (const std::string& text : std::exchange(server.sent[peer.id.raw()], {})) bytes += text;
        std::deque<Heard> out;
        while (!bytes.empty()) {
            const sim_fix::Frame next = sim_fix::frame(bytes);
            if (next.size == 0 || next.defect != sim_fix::Defect::None) {
                ADD_FAILURE() << "no message: " << bytes;
                break;
            }
            Heard& one = out.emplace_back(Heard{bytes.substr(0, next.size), {}});
            EXPECT_EQ(sim_fix::parse(one.text, one.m), sim_fix::Defect::None) << one.text;
            EXPECT_EQ(one.m.number(34), static_cast<std::int64_t>(peer.heard++));
            EXPECT_EQ(one.m.text(49), "SPOT");
            bytes.erase(0, next.size);
        }
        return out;
    }
    Heard one(Peer& peer) {
        auto all = take(peer);
        EXPECT_EQ(all.size(), 1U);
        for (std::size_t i = 1; i < all.size(); ++i) ADD_FAILURE() << all[i].text;
        if (all.empty()) return {};
        Heard first{std::move(all.front().text), {}};
        (void)sim_fix::parse(first.text, first.m);
        return first;
    }
    [[nodiscard]] bool closed(const Peer& peer) const {
        return server.closed.contains(peer.id.raw());
    }
    static Writer order(const char* id, const char* side = "1", const char* price = "100",
                        const char* quantity = "1", const char* type = "D") {
        return Writer{type}
            .add(11, id)
            .add(38, quantity)
            .add(40, "2")
            .add(44, price)
            .add(54, side)
            .add(55, "BTCUSDT")
            .add(59, "1");
    }
};

}  // namespace parallax::sim_binance
