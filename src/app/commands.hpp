#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/secrets_store.hpp"

namespace parallax::app {

/// Exit codes of the binary, the same for every subcommand.
enum ExitCode : int {
    kOk = 0,
    kFailed = 1,  ///< ran, and found what it was asked to look for: a difference, a broken
                  ///< invariant, damage
    kUsage = 2,   ///< the command line or the configuration is wrong; nothing was done
    kBadInput =
        3,  ///< an input file is missing, damaged or of another kind; what could be read was used
    kUnavailable = 4,  ///< disk full, journal in use, or another resource refused
};

/// Says on stderr what stopped `parallax COMMAND`; `code`.
int complain(std::string_view command, std::string_view text, int code);
/// The same where nothing was begun: kUnavailable or kUsage, as the error is.
int refuse(std::string_view command, const Error& error);

struct ReplayOptions {
    std::vector<std::string> sources;  ///< VENUE.MARKET=PATH
    std::string fees;                  ///< empty: what the configuration says
    std::string config;
    std::string journal;
    std::uint64_t snapshot_every = 262'144;
    std::string thresholds = "0,5,10,20";
    std::uint64_t seed = 1;
    bool measure = false;
    bool json = false;
    bool quiet = false;
};
int run_replay(const ReplayOptions& options);

/// Of exactly one of sources, config and synthetic.
struct RecordOptions {
    std::vector<std::string> sources;  ///< VENUE.MARKET=PATH, to convert
    std::string config;                ///< live venues
    bool synthetic = false;
    std::string out;
    std::int64_t seconds = 0;  ///< live: 0 = until interrupted; synthetic: 0 = 10
    std::uint64_t seed = 1;    ///< synthetic
    bool force = false;        ///< overwrite
    SecretsPlace secrets;      ///< live, of market data that needs a key
};
int run_record(const RecordOptions& options);

struct VerifyOptions {
    std::string journal;
    bool json = false;
};
int run_verify(const VerifyOptions& options);

struct UpOptions {
    std::string config;
    std::string fees;
    std::string journal;
    std::uint64_t snapshot_every = 262'144;
    std::uint64_t seed = 1;
    std::int64_t seconds = 0;  ///< of market time; 0 = until interrupted
    double speed = 1;          ///< market seconds per second
    std::string faults;        ///< a script; at the end all is compared with what the venues know
    std::string record;        ///< a file for all market data that comes
    bool paper = false;        ///< orders meet the books seen, no venue
    bool headless = false;
    bool json = false;
};
int run_up(const UpOptions& options);

struct SimOptions {
    std::string config;
    std::string accounts;
    std::optional<std::uint64_t> seed;  ///< not given: what the configuration says
    std::optional<double> speed;        ///< simulated seconds a second; 0 = as fast as possible
    std::int64_t seconds = 0;           ///< simulated; 0 = until interrupted
    std::string dir = "parallax-sim";   ///< for ca.pem and sim.json
    std::string ca_out;                 ///< empty: DIR/ca.pem
    std::string faults;                 ///< a script
};
int run_sim(const SimOptions& options);

struct SimFaultOptions {
    std::string dir = "parallax-sim";
    std::vector<std::string> words;  ///< of the fault; none: print how the simulation is
};
int run_sim_fault(const SimFaultOptions& options);

struct ConfigOptions {
    std::string check;  ///< a file to validate instead of printing the defaults
};
int run_config(const ConfigOptions& options);

struct SecretsOptions {
    enum class Action : std::uint8_t { Set, List, Remove };
    Action action = Action::List;
    std::string name;
    SecretsPlace place;
};
int run_secrets(const SecretsOptions& options);

struct LiveOptions {
    std::string config;
    std::string journal;
    SecretsPlace secrets;
    std::uint64_t seed = 1;  ///< of paper latencies and reconnect waits
    std::int64_t seconds = 0;
    std::string tag = "0000";  ///< of this instance in order ids
    std::uint64_t snapshot_every = 262'144;
    std::string record;   ///< a file for all market data that comes
    bool orders = false;  ///< real orders
    bool rearm = false;   ///< what waits for a person may trade again
    bool adopt = false;   ///< takes over open positions that the ledger never had
    bool headless = false;
    bool json = false;
};
int run_live_command(const LiveOptions& options);

struct DoctorOptions {
    std::string config;   ///< empty: only the machine is looked at
    std::string journal;  ///< folder whose disk is tried; empty: the current one
    SecretsPlace secrets;
    bool keys = false;           ///< opens the secrets and asks the venues what the keys may do
    std::int64_t patience = 10;  ///< seconds for the venues
    bool json = false;
};
int run_doctor(const DoctorOptions& options);

}  // namespace parallax::app
