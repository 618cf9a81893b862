#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

// Read in C++14 as well.
namespace quickfix_peer {

struct BotSettings {
    std::string port, ca_file, sender, api_key;
    bool drop_copy = false;
    bool wrong_clock = false;  ///< a minute behind
    std::function<std::string(const std::string&)> sign;
};

/// A message of the venue: its type and what the bot looks at.
using Seen = std::map<int, std::string>;

class Bot {
public:
    static std::unique_ptr<Bot> start(const BotSettings& settings);
    virtual ~Bot() {}
    virtual bool logged_on() const = 0;
    virtual void send(const std::string& type,
                      const std::vector<std::pair<int, std::string>>& fields) = 0;
    /// All application messages and rejects so far.
    virtual std::vector<Seen> seen() const = 0;
    /// Says goodbye and ends its threads.
    virtual void stop() = 0;
};

}  // namespace quickfix_peer
