#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

// Read by a translation unit in C++14 as well: nothing newer here.
namespace parallax {
namespace fix {

struct TextField {
    int tag;
    std::string value;
};
using TextFields = std::vector<TextField>;

/// The members of a repeating group, for messages to be sent; the first one begins an entry.
struct Group {
    int count;
    std::vector<int> members;
};

/// What a Logon is signed over: its header.
struct LogonHeader {
    std::string sender, target, number, sending_time;
};

struct EngineSettings {
    std::string begin_string;
    std::string sender, target;
    int heartbeat_s = 30;
    bool reset_on_logon = true;  ///< 141=Y; numbers begin with 1
    /// False: a number that is missing ends the session, as the peer sends nothing again.
    bool fills_gaps = false;
    int logon_timeout_s = 10;
    int logout_timeout_s = 2;
    std::vector<int> header_tags;  ///< of the dialect
    std::vector<Group> groups;
};

/// Whom an engine works for. All calls come from within the engine's own functions.
class EngineOwner {
public:
    /// Bytes for the line, whole messages. False: they cannot be taken, the session ends.
    virtual bool write(const std::string& bytes) = 0;
    /// The session is over, or has to be: the line may go.
    virtual void hang_up() = 0;
    /// UTC, "YYYYMMDD-HH:MM:SS.uuuuuu": the time of a message that leaves now.
    virtual std::string sending_time() = 0;
    /// Fields of the Logon beyond those of every session, a signature among them. False: none could
    /// be made, the session ends.
    virtual bool complete_logon(const LogonHeader& header, TextFields& fields) = 0;
    /// A Logon was answered by one.
    virtual void logged_on() = 0;
    /// A message that is in order: all of them, admin messages too, in the order of their numbers.
    virtual void received(const std::string& whole) = 0;
    /// A message that came while no session was on (a Reject or Logout in place of a Logon), or
    /// that ends it for its number; after it the session hangs up.
    virtual void refused(const std::string& whole, const char* why) = 0;

protected:
    ~EngineOwner() {}
};

/// One FIX session of an initiator on one line, from Logon to Logout: QuickFIX's Session with
/// somebody else's line, store in memory and no log. It reads the wall clock for its timers. One
/// thread. Nothing throws.
class Engine {
public:
    static constexpr std::size_t kMostUnread = 8 * 1024 * 1024;

    static std::unique_ptr<Engine> make(const EngineSettings& settings, EngineOwner& owner);
    virtual ~Engine() {}

    /// Sends the Logon. Once.
    virtual void log_on() = 0;
    /// Bytes of the line, cut anywhere.
    virtual void receive(const char* bytes, std::size_t size) = 0;
    /// Heartbeats, tests, timeouts: call it every second or more often.
    virtual void tick() = 0;
    /// An application message; groups as settings say. Its number; 0: not sent.
    virtual std::uint64_t send(const std::string& type, const TextFields& fields) = 0;
    /// A TestRequest: whatever comes shows that the peer lives.
    virtual bool test() = 0;
    /// Says goodbye; hang_up() follows with the answer, or without one in time.
    virtual void log_out() = 0;
    virtual bool on() const = 0;
};

}  // namespace fix
}  // namespace parallax
