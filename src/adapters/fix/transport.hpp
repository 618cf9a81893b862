#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/fix/engine.hpp"
#include "ports/transport.hpp"

namespace parallax::fix {

/// How to speak with one FIX door: a venue's dialect as far as sessions go.
struct SessionProfile {
    std::string name;  ///< "fix:NAME" is the url to connect to
    std::string url;   ///< where it is: tls://host:port
    std::string begin_string = "FIX.4.4";
    std::string target;
    /// SenderCompID of the next connection: some venues want a new one each time.
    std::function<std::string()> sender;
    int heartbeat_s = 30;
    bool reset_on_logon = true;  ///< 141=Y
    /// False: the peer sends nothing again, so a hole in its numbers ends the session.
    bool fills_gaps = false;
    /// The Logon's own fields, such as the key's name and a signature over the header.
    std::function<Result<TextFields>(const LogonHeader&)> logon;
    std::vector<int> header_tags;  ///< of the dialect, sent in the header
    std::vector<Group> groups;     ///< of messages that are sent
};

/// A tag that never leaves this process: an Ask's key, on a Logon to be sent and on its answer.
inline constexpr int kAskTag = 60'000;

/// FIX sessions as connections of a Transport, for those who keep connections up (a Link): on top
/// of another transport, whose streams of bytes it uses and everything else of which it passes on.
///
/// - connect("fix:NAME"): Opened when the line is up.
/// - The first message sent is "35=A", kAskTag in it: the Logon, completed by the profile. The
///   answer is a Message with kAskTag: a Logon, or what came in its place (Reject, Logout).
/// - send(): fields of an application message, 35 first, SOH behind each. 52 in it is the venue's
///   time; it sets the clock of the session, too. What QuickFIX writes: header, trailer, numbers.
/// - Message: a whole message that is in order. To a Reject (3, j) the id of what it refers to,
///   ClOrdID (11) or MDReqID (262), is added where it is missing. Heartbeats are told as Pong;
///   ping() is a TestRequest.
/// - close(): Logout, then the end. Closed gives the peer's reason where it told one.
///
/// One thread, the one that polls: QuickFIX's session works on our line, without threads.
class Transport final : public ports::Transport {
public:
    explicit Transport(ports::Transport& below);
    ~Transport() override;
    /// Before connecting to it. Replaces the one of this name.
    void add(SessionProfile profile);

    Result<ports::ConnectionId> connect(const ports::WebSocketTarget& target) override;
    HotResult<void> send(ports::ConnectionId connection, std::string_view text) override;
    HotResult<void> ping(ports::ConnectionId connection) override;
    void close(ports::ConnectionId connection, std::uint16_t code) override;
    Result<ports::RequestId> request(const ports::HttpRequest& request) override {
        return below_.request(request);
    }
    std::span<const ports::NetEvent> poll(Nanos wait) override;
    UnixNanos now() const noexcept override { return below_.now(); }

private:
    class Session;
    friend class Session;
    void tell(const Session& session, ports::NetEventKind kind, std::uint16_t code,
              std::string text);
    void take(const ports::NetEvent& event);
    void tick();

    ports::Transport& below_;
    std::map<std::string, std::shared_ptr<const SessionProfile>> profiles_;
    std::map<ports::ConnectionId, std::unique_ptr<Session>> sessions_;
    std::map<ports::ConnectionId, Session*> lines_;  ///< by the stream's id
    std::uint64_t last_id_ = 0;
    struct Told {
        ports::NetEvent event;
        std::string text;
    };
    std::deque<Told> happened_;  ///< since the last poll
    std::deque<Told> told_;
    std::vector<ports::NetEvent> events_;
    UnixNanos ticked_;
};

}  // namespace parallax::fix
