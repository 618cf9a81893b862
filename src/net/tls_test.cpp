// Whom the client trusts, and what the server shows.
#include <openssl/ssl.h>

#include "net/loopback_testing.hpp"

namespace parallax::net {
namespace {

using ports::NetEventKind;

/// What connecting to a server with this certificate ends with.
std::string refusal(const Certificate& certificate, ClientOptions options = {}) {
    Loopback net{{}, options, true, certificate};
    EXPECT_TRUE(net.client->connect({net.ws(), {}}));
    const SeenClientEvent closed = net.next(NetEventKind::Closed);
    EXPECT_EQ(closed.code, 1006);
    EXPECT_TRUE(net.client->request({"GET", net.http(), {}, "", Nanos::seconds(10)}));
    const SeenClientEvent failed = net.next(NetEventKind::Failed);
    EXPECT_TRUE(failed.unsent);
    EXPECT_NE(failed.bytes.find("localhost"), std::string::npos) << failed.bytes;
    EXPECT_TRUE(net.until([&] { return net.server->connections() == 0; }));
    EXPECT_TRUE(net.server_events.empty());
    return closed.bytes;
}

TEST(Tls, CertificateOfAnotherHostIsRefused) {
    const std::string why = refusal(TestAuthority::get().issue({"example.com"}));
    EXPECT_NE(why.find("certificate refused: hostname mismatch"), std::string::npos) << why;
}

TEST(Tls, ExpiredCertificateIsRefused) {
    const std::string why = refusal(
        TestAuthority::get().issue({"localhost"}, Nanos::seconds(-7'200), Nanos::seconds(-3'600)));
    EXPECT_NE(why.find("certificate has expired"), std::string::npos) << why;
}

TEST(Tls, CertificateOfTomorrowIsRefused) {
    const std::string why = refusal(
        TestAuthority::get().issue({"localhost"}, Nanos::seconds(3'600), Nanos::seconds(7'200)));
    EXPECT_NE(why.find("certificate is not yet valid"), std::string::npos) << why;
}

TEST(Tls, CertificateOfAStrangerIsRefused) {
    const CertificateAuthority stranger{"Stranger"};
    const std::vector<std::string> hosts{"localhost"};
    const std::string why = refusal(stranger.issue(hosts));
    EXPECT_NE(why.find("certificate refused: self-signed certificate in"), std::string::npos)
        << why;
}

TEST(Tls, AddressesAreCheckedLikeNames) {
    Loopback good;
    EXPECT_EQ(good.get("https://127.0.0.1:" + std::to_string(good.port) + "/", "x").code, 200);
    Loopback bad{{}, {}, true, TestAuthority::get().issue({"localhost", "127.0.0.2"})};
    ASSERT_TRUE(bad.client->request({"GET",
                                     "https://127.0.0.1:" + std::to_string(bad.port) + "/",
                                     {},
                                     "",
                                     Nanos::seconds(10)}));
    const std::string why = bad.next(NetEventKind::Failed).bytes;
    EXPECT_NE(why.find("IP address mismatch"), std::string::npos) << why;
}

TEST(Tls, APlainServerIsNoTlsServer) {
    Loopback net{{}, {}, false};
    ASSERT_TRUE(net.client->connect({"wss://localhost:" + std::to_string(net.port) + "/", {}}));
    const std::string why = net.next(NetEventKind::Closed).bytes;
    EXPECT_NE(why.find("TLS: wrong version number"), std::string::npos) << why;
}

TEST(Tls, CertificateChangesWhileRunning) {
    Loopback net;
    const auto id = net.open({net.ws(), {}});
    ASSERT_TRUE(
        net.server->replace_certificate(net.listener, TestAuthority::get().issue({"other.host"})));
    ASSERT_TRUE(net.client->send(id, "still here"));
    EXPECT_EQ(net.next(NetEventKind::Message).bytes, "still here");
    // A ticket of the old certificate must not open the door either.
    ASSERT_TRUE(net.client->connect({net.ws(), {}}));
    const std::string why = net.next(NetEventKind::Closed).bytes;
    EXPECT_NE(why.find("hostname mismatch"), std::string::npos) << why;
    ASSERT_TRUE(net.server->replace_certificate(net.listener, TestAuthority::get().issue()));
    (void)net.open({net.ws(), {}});
    Certificate mixed = TestAuthority::get().issue();
    mixed.key_pem = TestAuthority::get().issue().key_pem;
    EXPECT_EQ(net.server->replace_certificate(net.listener, mixed).error().code, Errc::Rejected);
    (void)net.open({net.ws(), {}});
}

TEST(Tls, BadFilesAreRefusedAtTheStart) {
    ClientOptions options;
    options.extra_ca_file = "/no/such/file.pem";
    const auto client = make_socket_transport(options);
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().code, Errc::Rejected);
    EXPECT_NE(client.error().detail.find("/no/such/file.pem"), std::string::npos);
    auto server = SocketServer::make({});
    ListenOptions listen;
    listen.certificate = Certificate{"nonsense", "nonsense"};
    EXPECT_EQ((*server)->listen(listen).error().code, Errc::Rejected);
}

TlsPtr at_most(TlsPtr session, int version) {
    SSL_set_max_proto_version(session.get(), version);
    return session;
}

/// A handshake in memory; the two sessions afterwards.
struct Pair {
    Pair(TlsClientContext& client_side, TlsServerContext& server_side, int version = TLS1_3_VERSION)
        : client{client_side.open("localhost", "localhost:443")},
          server{at_most(server_side.open(), version)} {
        Buffer to_server;
        Buffer to_client;
        Buffer plain;
        good = client.start(to_server);
        while (good && !(to_server.empty() && to_client.empty())) {
            good = server.receive(to_server.bytes(), plain, to_client);
            to_server.consume(to_server.size());
            good = good && client.receive(to_client.bytes(), plain, to_server);
            to_client.consume(to_client.size());
        }
    }
    TlsSession client;
    TlsSession server;
    bool good = false;
};

TEST(Tls, SecondSessionResumesTheFirst) {
    auto client = TlsClientContext::make(TestAuthority::get().file(), {});
    auto server = TlsServerContext::make(TestAuthority::get().issue(), false);
    ASSERT_TRUE(client && server);
    const Pair first{**client, **server};
    ASSERT_TRUE(first.good && first.client.established());
    EXPECT_STREQ(first.client.version(), "TLSv1.3");
    EXPECT_FALSE(first.client.resumed());
    const Pair second{**client, **server};
    ASSERT_TRUE(second.good);
    EXPECT_TRUE(second.client.resumed());
}

TEST(Tls, Version12IsSpokenOnlyWhereItIsAllowed) {
    auto strict = TlsClientContext::make(TestAuthority::get().file(), {"other.host"});
    auto lenient = TlsClientContext::make(TestAuthority::get().file(), {"localhost"});
    auto server = TlsServerContext::make(TestAuthority::get().issue(), true);
    const Pair refused{**strict, **server, TLS1_2_VERSION};
    EXPECT_FALSE(refused.good);
    const Pair old{**lenient, **server, TLS1_2_VERSION};
    EXPECT_TRUE(old.good);
    EXPECT_STREQ(old.client.version(), "TLSv1.2");
    const Pair best{**lenient, **server};
    EXPECT_STREQ(best.client.version(), "TLSv1.3");
    auto modern = TlsServerContext::make(TestAuthority::get().issue(), false);
    EXPECT_FALSE((Pair{**lenient, **modern, TLS1_2_VERSION}.good));
}

TEST(Tls, AlteredRecordIsRefused) {
    auto client = TlsClientContext::make(TestAuthority::get().file(), {});
    auto server = TlsServerContext::make(TestAuthority::get().issue(), false);
    Pair pair{**client, **server};
    ASSERT_TRUE(pair.good);
    Buffer cipher;
    Buffer plain;
    Buffer replies;
    ASSERT_TRUE(pair.client.send("order", cipher));
    cipher.data()[cipher.size() - 1] ^= 1;
    EXPECT_FALSE(pair.server.receive(cipher.bytes(), plain, replies));
    EXPECT_TRUE(plain.empty());
    EXPECT_FALSE(replies.empty()) << "the peer is told";
}

}  // namespace
}  // namespace parallax::net
