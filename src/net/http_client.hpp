#pragma once

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/connection.hpp"
#include "net/http_parser.hpp"
#include "ports/transport.hpp"

namespace parallax::net {

/// A request on its way.
struct PendingRequest {
    ports::RequestId id;
    std::string bytes;  ///< the whole message
    MonoNanos deadline;
};

class HttpClient;

/// One kept-alive connection: one request at a time.
class HttpConnection final : public Connection {
public:
    HttpConnection(HttpClient& client, Url url);
    /// Needs: idle().
    void start_request(PendingRequest request);
    [[nodiscard]] bool idle() const noexcept { return state_ == State::Idle; }
    [[nodiscard]] bool gone() const noexcept { return state_ == State::Gone; }
    /// Idle, and the peer has not hung up so far.
    [[nodiscard]] bool usable() noexcept { return idle() && stream().quiet(); }
    void retire();

private:
    enum class State : std::uint8_t { Opening, Idle, Busy, Finishing, Gone };
    void on_stream_open() override;
    void on_stream_failed(const std::string& why) override;
    void on_stream() override;
    void on_deadline() override;

    void send();
    void read();
    void fail_request(const std::string& why);
    [[nodiscard]] bool unsent() noexcept;
    void leave(bool linger);

    HttpClient& client_;
    HttpParser answer_;
    PendingRequest request_;
    State state_ = State::Opening;
    bool reused_ = false;             ///< the request found the connection open
    std::uint64_t taken_before_ = 0;  ///< what the kernel had taken before the request
    std::string failure_;             ///< what Failed shows
};

/// Requests and the pool of connections that carries them, by host. Appends what happens to the
/// events of its owner.
class HttpClient final : Loop::Handler {
public:
    HttpClient(const ClientContext& context, std::vector<ports::NetEvent>& events);
    ~HttpClient() override;

    [[nodiscard]] Result<ports::RequestId> request(const ports::HttpRequest& request);
    /// The events told so far have expired.
    void recycle();

private:
    friend class HttpConnection;
    struct Host {
        Url url;  ///< of the first request
        std::vector<std::unique_ptr<HttpConnection>> connections;
        std::deque<PendingRequest> waiting;
    };
    void on_ready(std::uint32_t events) override;
    void on_deadline() override;
    void dispatch(Host& host);
    /// A request that no byte of left goes back to the front.
    void retry(const Url& url, PendingRequest request);
    /// A connection became idle: others may go on, in the next poll().
    void freed() { call_again(); }
    void left() {
        some_gone_ = true;
        call_again();
    }
    void watch_waiting() noexcept;
    void fail(ports::RequestId id, bool unsent, std::string_view why);

    ClientContext context_;
    std::vector<ports::NetEvent>& events_;
    std::unordered_map<std::string, Host> hosts_;  ///< by scheme, name and port
    std::deque<std::string> failures_;             ///< texts of events
    std::uint64_t last_id_ = 0;
    bool some_gone_ = false;
};

}  // namespace parallax::net
