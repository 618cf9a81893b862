#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app/restore.hpp"
#include "binary.hpp"
#include "ports/transport.hpp"
#include "sim/server/background_server.hpp"

namespace parallax::tests {

/// A fill by what makes it one and the same: "okx|BTC-USDT|1234567|buy".
using Fills = std::set<std::string>;

/// What the venues know of our account: the truth.
struct Truth {
    Fills fills;
    std::map<std::string, Amount> balances;   ///< "okx|USDT"
    std::map<std::string, Amount> positions;  ///< "okx|BTC-USDT-SWAP"; without zeros
    std::size_t open_orders = 0;
};

/// What a journal says, restored as the next process would.
struct Ledger {
    Fills fills;                      ///< told to the core
    std::uint64_t booked = 0;         ///< fills the ledger counts
    std::vector<std::string> alarms;  ///< for which portfolio halted a venue
    std::size_t open_plans = 0;
    std::uint64_t plans = 0;
    std::map<std::string, Amount> balances;
    std::map<std::string, Amount> positions;
    std::size_t parts = 0;  ///< processes that came so far as to write
    /// Venues that traded in the last part of the run.
    std::set<std::string> ready;
    /// From the part's beginning until the last plan that it inherited was settled; and whether all
    /// were.
    double longest_inherited_s = 0;
    std::size_t inherited = 0;
    std::size_t inherited_open = 0;
    std::vector<std::string> residuals;  ///< plans that ended with a rest, and why
    std::vector<std::string> reasons;    ///< a venue was not good, in the last part
    std::string error;                   ///< it cannot be restored
};

/// Simulated venues in this process, and `parallax live --orders` against them in one that may be
/// killed.
class KillWorld {
public:
    KillWorld();

    [[nodiscard]] bool good() const noexcept { return server_ != nullptr; }
    /// Starts `parallax live --orders --journal` on the journal.
    [[nodiscard]] pid_t start() const;
    /// Waits until the process has sent an order, at most so long. False: it has not.
    [[nodiscard]] bool wait_for_order(std::chrono::milliseconds patience) const;
    /// Something goes wrong at the venues: see parallax sim fault --help.
    void fault(const std::string& line) const;
    /// Lets it run to its own end.
    [[nodiscard]] Outcome finish(int seconds) const;
    [[nodiscard]] Outcome verify() const;
    [[nodiscard]] Truth truth() const;
    [[nodiscard]] Ledger ledger() const;
    [[nodiscard]] std::string out() const { return read_file(folder_.path("out")); }
    [[nodiscard]] std::string errors() const { return read_file(folder_.path("error")); }

private:
    void store_keys() const;
    /// Waits until Binance's own count of the minute leaves enough for one more start: spot counts
    /// about 550 of 6,000 for it, USD-M 250 of 2,400. A process that is refused learns nothing.
    void pace() const;
    /// What Binance counts for our address; more than there is when it does not answer.
    [[nodiscard]] std::uint32_t weight_used(const std::string& url) const;
    [[nodiscard]] std::vector<std::string> arguments() const;

    TemporaryFolder folder_;
    std::unique_ptr<sim_server::BackgroundServer> server_;
    std::unique_ptr<ports::Transport> client_;  ///< asks Binance for its count
};

}  // namespace parallax::tests
