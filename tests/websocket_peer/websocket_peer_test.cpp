// Our client and server against the npm package `ws` and Node's HTTPS.
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "net/loopback_testing.hpp"

namespace parallax::net {
namespace {

using ports::NetEventKind;

/// A Node program with pipes to its standard input and output.
class Node {
public:
    explicit Node(std::vector<std::string> arguments) {
        int in[2];
        int out[2];
        EXPECT_EQ(::pipe(in), 0);
        EXPECT_EQ(::pipe(out), 0);
        std::string program = PLX_NODE;
        std::vector<char*> pointers{program.data()};
        for (std::string& argument : arguments) pointers.push_back(argument.data());
        pointers.push_back(nullptr);
        pid_ = ::fork();
        if (pid_ == 0) {
            ::dup2(in[0], 0);
            ::dup2(out[1], 1);
            for (const int fd : {in[0], in[1], out[0], out[1]}) ::close(fd);
            ::execv(PLX_NODE, pointers.data());
            ::_exit(127);
        }
        ::close(in[0]);
        ::close(out[1]);
        in_ = in[1];
        out_ = out[0];
    }
    ~Node() {
        ::close(in_);
        ::close(out_);
        if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
    }
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    std::string read_line() const {
        std::string line;
        char c = 0;
        while (::read(out_, &c, 1) == 1 && c != '\n') line += c;
        return line;
    }
    std::string read_all() const {
        std::string all;
        for (std::string line = read_line(); !line.empty(); line = read_line()) all += line + "\n";
        return all;
    }
    /// Its exit status, once it has one.
    std::optional<int> ended() {
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
        pid_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

private:
    pid_t pid_ = 0;
    int in_ = -1;
    int out_ = -1;
};

std::string numbered(int number) {
    std::string text(200, 'x');
    text += std::to_string(number);
    return text;
}

std::string peer_file(std::string_view name) {
    std::string path = PLX_PEER "/";
    path += name;
    return path;
}

TEST(WebSocketPeer, ItsClientUnderstandsOurServer) {
    ServerOptions options;
    options.max_message = 2 * 1024 * 1024;
    options.send_buffer = 8 * 1024 * 1024;
    Loopback net{options};
    net.on_server = [](SocketServer& server, const ports::ServerEvent& event) {
        if (event.kind == ports::ServerEventKind::Upgrade && event.path == "/refuse") {
            return server.respond(event.exchange, {403, {}, "no", false});
        }
        Loopback::echo(server, event);
    };
    Node node{{peer_file("client.mjs"), std::to_string(net.port), TestAuthority::get().file()}};
    std::optional<int> status;
    EXPECT_TRUE(
        net.until([&] { return (status = node.ended()).has_value(); }, Nanos::seconds(120)));
    const std::string output = node.read_all();
    EXPECT_EQ(status, 0) << output;
    EXPECT_NE(output.find("checks, 0 failed"), std::string::npos) << output;
}

/// `ws` as the server of a whole test.
class AgainstItsServer : public testing::Test {
protected:
    AgainstItsServer() {
        const Certificate certificate = TestAuthority::get().issue();
        const std::string base = testing::TempDir() + "plx_peer_" + std::to_string(::getpid());
        files_ = {base + "_cert.pem", base + "_key.pem"};
        std::ofstream{files_[0]} << certificate.chain_pem;
        std::ofstream{files_[1]} << certificate.key_pem;
        node_ = std::make_unique<Node>(
            std::vector<std::string>{peer_file("server.mjs"), files_[0], files_[1]});
        const std::string port = node_->read_line();
        ws_ = "wss://127.0.0.1:" + port;
        http_ = "https://127.0.0.1:" + port;
    }
    ~AgainstItsServer() override {
        for (const std::string& file : files_) ::unlink(file.c_str());
    }
    Loopback net_;
    std::vector<std::string> files_;
    std::unique_ptr<Node> node_;
    std::string ws_;
    std::string http_;
};

TEST_F(AgainstItsServer, EchoesInEveryVariant) {
    for (const char* path : {"/plain", "/fragments", "/deflate", "/forgetful"}) {
        ports::WebSocketTarget target{ws_ + path, {}};
        target.deflate = true;  // taken up by the last two only
        const auto id = net_.open(target);
        for (const std::size_t size : {1UL, 125UL, 126UL, 1'000UL, 65'535UL, 65'536UL, 900'000UL}) {
            std::string text(size, ' ');
            for (std::size_t i = 0; i < size; ++i) {
                text[i] = static_cast<char>('a' + (i * i / 11) % 26);
            }
            ASSERT_TRUE(net_.client->send(id, text));
            EXPECT_EQ(net_.next(NetEventKind::Message).bytes, text) << path << size;
        }
        for (int i = 0; i < 100; ++i) {
            ASSERT_TRUE(net_.client->send(id, numbered(i)));
        }
        for (int i = 0; i < 100; ++i) {
            EXPECT_EQ(net_.next(NetEventKind::Message).bytes, numbered(i));
        }
        ASSERT_TRUE(net_.client->ping(id));
        (void)net_.next(NetEventKind::Pong);
        net_.client->close(id, 4'321);
        EXPECT_EQ(net_.next(NetEventKind::Closed).code, 4'321);
    }
}

TEST_F(AgainstItsServer, ClosesWithItsCode) {
    for (const int code : {1000, 1001, 1008, 1012, 3000, 4999}) {
        (void)net_.open({ws_ + "/close?code=" + std::to_string(code), {}});
        const SeenClientEvent closed = net_.next(NetEventKind::Closed);
        EXPECT_EQ(closed.code, code);
        EXPECT_EQ(closed.bytes, "told to");
    }
    (void)net_.open({ws_ + "/cut", {}});
    EXPECT_EQ(net_.next(NetEventKind::Closed).code, 1006);
}

TEST_F(AgainstItsServer, BrokenRulesCloseWithTheirCode) {
    const std::pair<const char*, int> cases[] = {
        {"masked", 1002},   {"rsv", 1002},        {"opcode", 1002}, {"continuation", 1002},
        {"big-ping", 1002}, {"close-code", 1002}, {"utf8", 1007},   {"huge", 1009}};
    for (const auto& [path, code] : cases) {
        (void)net_.open({ws_ + "/" + path, {}});
        EXPECT_EQ(net_.next(NetEventKind::Closed).code, code) << path;
    }
}

TEST_F(AgainstItsServer, RequestsOfEveryKind) {
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(net_.get(http_ + "/a?b=c", "body").bytes, "POST /a?b=c body");
        const std::string chunked = net_.get(http_ + "/chunked").bytes;
        EXPECT_TRUE(chunked.starts_with("0 \n1 yyyyyyyyyy\n")) << chunked.substr(0, 100);
        EXPECT_TRUE(chunked.ends_with("end"));
        EXPECT_EQ(net_.get(http_ + "/teapot").code, 418);
        EXPECT_EQ(net_.get(http_ + "/close").bytes, "GET /close ");
    }
    ASSERT_TRUE(net_.client->request({"DELETE", http_ + "/reset", {}, "", Nanos::seconds(10)}));
    EXPECT_FALSE(net_.next(NetEventKind::Failed).unsent);
    EXPECT_EQ(net_.get(http_ + "/after").code, 200);
}

}  // namespace
}  // namespace parallax::net
