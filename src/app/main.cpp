#include <CLI/CLI.hpp>

#include "app/commands.hpp"

namespace {

using namespace parallax::app;

constexpr const char* kReplayHelp = R"(
Sources: VENUE.MARKET=PATH, where VENUE.MARKET is one of
  binance.spot binance.usdm binance.coinm okx bybit.spot bybit.linear bybit.inverse
and PATH is a recording (.plxr), timed lines (plain or .gz), a folder or file of session dumps, a
.zip of frames, or a .csv of minute quotes. The kind is found by content. Give a market several
times for several files; all are merged by receive time.

Examples:
  parallax replay --source binance.spot=btcusdt.gz --source binance.usdm=btcusdt_perp.gz
  parallax replay --source okx=dumps/ --fees vip9 --journal /tmp/run --json > report.json
  parallax verify /tmp/run

Exit codes: 0 done; 1 an invariant does not hold; 2 wrong usage or configuration; 3 an input is
missing, damaged or of another kind; 4 a resource (disk, journal) refused.)";

constexpr const char* kSecretsHelp = R"(
Keys are kept in one encrypted file (Argon2id, XChaCha20-Poly1305) that only you may read.
Names say what for: VENUE.ACCOUNT.PART, where PART is api_key, secret or (OKX) passphrase.

The passphrase comes from --passphrase-file, else the environment variable PARALLAX_PASSPHRASE,
else PARALLAX_PASSPHRASE_FILE, else it is asked for at the terminal without being shown. It is
never an argument: arguments are visible to every process and stay in the shell's history.
A value is typed at the terminal, or read from standard input. Values are never printed.

Examples:
  parallax secrets set binance.main.api_key              type it in
  parallax secrets set binance.main.secret < ed25519.pem a PEM private key (Ed25519, RSA)
  parallax secrets set okx.main.passphrase               the passphrase of the OKX key
  parallax secrets list
  parallax secrets remove okx.main.passphrase

Give trading keys no right to withdraw, and bind them to your IP address at the venue.

Exit codes: 0 done; 1 no such secret; 2 wrong usage or passphrase; 3 the file is damaged or others
may read it; 4 the disk, memory or terminal refused.)";

constexpr const char* kSimHelp = R"(
Three venues share one world of prices and one crowd of traders, and speak their real protocols
(REST, WebSocket streams, order sockets) over TLS on loopback: point a bot at the printed addresses,
let it trust ca.pem, give it a key from sim.json, and change nothing else.

Without --accounts there are "alice" and "bob", each with 100,000 USDT, 2 BTC and more at every
venue, and keys that follow from the seed. An accounts file looks like this:
  [[account]]
  name = "carol"
  fees = "vip9"                              # zero, base, vip9 or a TOML file
  holdings = { USDT = 5000, BTC = "0.5" }    # at every venue
  binance = { BNB = 3 }                      # besides, at this one
  [[account.position]]                       # of perpetuals, from the start
  venue = "okx"
  symbol = "BTC-USDT-SWAP"
  quantity = "-0.3"                          # of the coin; negative: short
  [[account.key]]
  venue = "okx"                              # id, secret, passphrase are made up when missing
  [[account.key]]
  venue = "binance"
  id = "my-key"
  kind = "ed25519"                           # hmac, ed25519, rsa
  public_key_file = "ed25519_public.pem"
  permissions = ["read", "trade"]            # also: transfer, withdraw

Examples:
  parallax sim                                     real time, until Ctrl-C
  parallax sim --seed 7 --speed 10 --seconds 3600  an hour in six minutes
  parallax sim --faults bad_day.txt                see parallax sim fault --help
  curl --cacert parallax-sim/ca.pem https://localhost:PORT/api/v3/time

At a speed other than 1 clients must use the venue's time for their signatures.

Exit codes: 0 done; 2 wrong usage or configuration; 3 a file is missing; 4 a port or the disk
refused.)";

constexpr const char* kFaultHelp = R"(
Faults of what venues send over WebSockets:
  stall for=3s; gap, duplicate, reorder, corrupt, truncate [count=1] [for=] [chance=0.01]
  disconnect [code=1012]                 without a code the connection is cut
of requests, HTTP and order sockets:
  http status=503 [count=1] [for=]       429, 418, 5xx without looking at the request
  slow delay=2s, lose_request [delay=], lose_answer [delay=]    the latter: done, but not told
of the venue:
  reject [count=1] [reason=insufficient_balance], fill [part=0.5] of open orders,
  late_fill [count=1] [part=1] [delay=500ms]    the next cancel comes after a fill
  maintenance for=30s [notice=20s]       for=0s: servers move, and those who were told are ended
  halt | resume | delist symbol=BTCUSDT, tick symbol=BTCUSDT value=0.1
  listen_keys (expire), certificate (a new one), clock by=-1500ms, clear (end all faults)
Keys of all but the last: venue=binance|okx|bybit, path=/ws/v5/private (what it begins with),
match=TEXT (in the message or request; no spaces).

Scripts (parallax sim --faults FILE) have a time before each fault, or every and a mean distance,
whose dice follow the seed:
  12.5s stall venue=okx for=3s
  every 30s gap venue=binance match=depthUpdate   # a lost update, twice a minute

Examples:
  parallax sim fault lose_answer venue=binance path=/api/v3/order
  parallax sim fault late_fill venue=bybit part=0.5
  parallax sim fault

Exit codes: 0 done; 1 there is nothing it could strike; 2 wrong usage; 4 no simulation runs.)";

constexpr const char* kLiveHelp = R"(
Without --orders nothing is sent but subscriptions: orders are filled on paper, on the books as they
are seen. live_binance.orders_over and streams_over = "fix" choose FIX.4.4 for spot orders and
market data; the latter wants an Ed25519 key that may read even on paper. A configuration for paper
at two venues:
  [live]
  symbols = "BTC/USDT ETH/USDT BTC/USDT:USDT"
  [live_bybit]
  environment = "off"

With --orders the keys of each venue that is on come from parallax secrets (VENUE.ACCOUNT.api_key
and so on), and the configuration must set, so that somebody has thought of them:
  [risk]
  max_order_value = "1000"
  max_position = "5000"
  max_loss_day = "100"
A key that may withdraw is refused. Start at a venue's testnet or demo:
  [live_okx]
  environment = "demo"
  [live_binance]
  environment = "testnet"
Ctrl-C lets open plans end, cancels what rests, and prints the result against the wallets.

With --orders and --journal a run goes on where it stopped, however it stopped: give the directory
again. Orders of ours are looked up and ended, fills that nobody saw are booked, open plans are
finished or unwound, and a venue trades once its wallets and positions are what the ledger says.
The configuration may be another one, but for environment and account of a venue; --tag may not.
A venue or symbol that was halted until somebody has looked stays so; --rearm says you have.

An account with open positions is kept out of trading while the ledger does not know them. With
--adopt they are taken over as they are, at the venue's average entry price, once: in an instrument
that the ledger has known, a difference stays one. Cross margin and one-way mode only.

Exit codes: 0 done; 1 ledger and wallets differ, or an invariant does not hold; 2 wrong usage,
configuration or keys; 4 a resource (disk, journal) refused.)";

constexpr const char* kRecordHelp = R"(
Live venues are those that the configuration has on, with the symbols of live.symbols; public
streams only, no keys, but for live_binance.streams_over = "fix", whose sessions want one that may
read. What up and live see is recorded beside trading with their --record.

Examples:
  parallax record day.plxr --config live.toml --seconds 86400
  parallax record small.plxr --source binance.spot=btcusdt.gz --source okx=dumps/
  parallax record made_up.plxr --synthetic --seconds 60 --seed 7
  parallax replay --source okx=day.plxr --source bybit.spot=day.plxr

Exit codes: 0 done; 2 wrong usage or configuration; 3 a source is missing or damaged, what could be
read was written; 4 the disk or the network refused.)";

constexpr const char* kRecordOption = "file for all market data that comes (.plxr), to replay";

constexpr const char* kDoctorHelp = R"(
Looks, and changes nothing: no order, no setting. Without --config only at the machine.

Examples:
  parallax doctor
  parallax doctor --config live.toml --keys --journal /var/lib/parallax

Exit codes: 0 nothing failed (there may be warnings); 1 something did; 2 wrong usage.)";

constexpr const char* kSnapshotHelp =
    "inputs between snapshots of the state in the journal (0: none)";

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{
        "Parallax: finds the same asset priced differently in two places, works out what is left "
        "after every "
        "cost, and takes both legs or neither.",
        "parallax"};
    app.require_subcommand(1);
    app.set_version_flag("--version", PLX_VERSION);
    app.get_formatter()->column_width(34);

    UpOptions up;
    CLI::App* up_command =
        app.add_subcommand("up", "Trade against simulated venues on loopback and watch it live");
    up_command
        ->add_option("--seconds", up.seconds,
                     "stop after so many market seconds (0: run until Ctrl-C)")
        ->check(CLI::NonNegativeNumber);
    up_command->add_option("--speed", up.speed, "market seconds per second")
        ->check(CLI::Range(0.1, 100.0));
    up_command->add_option("--seed", up.seed, "of the simulated world: prices, traders, keys");
    up_command->add_option("--fees", up.fees, "zero, base, vip9 or a TOML file");
    up_command->add_option("--config", up.config, "TOML file; see parallax config")
        ->check(CLI::ExistingFile);
    up_command->add_option("--journal", up.journal, "directory for the journal of the run");
    up_command->add_option("--snapshot-every", up.snapshot_every, kSnapshotHelp);
    up_command
        ->add_option("--faults", up.faults,
                     "script of what goes wrong (parallax sim fault --help); until the end, when "
                     "everything is compared with what the simulated venues know")
        ->check(CLI::ExistingFile);
    up_command->add_option("--record", up.record, kRecordOption);
    up_command->add_flag("--paper", up.paper, "send no orders: fill them on the books as seen");
    up_command->add_flag("--headless", up.headless, "no live screen, only the summary at the end");
    up_command->add_flag("--json", up.json, "print the final report as JSON");

    LiveOptions live;
    CLI::App* live_command = app.add_subcommand(
        "live", "Trade at real venues, their testnets or demos; on paper unless told otherwise");
    live_command
        ->add_option("--config", live.config, "TOML file: venues, symbols, limits; see below")
        ->required()
        ->check(CLI::ExistingFile);
    live_command->add_flag("--orders", live.orders,
                           "send real orders; needs keys and the limits named below");
    live_command->add_option("--seconds", live.seconds, "stop after so long (0: until Ctrl-C)")
        ->check(CLI::NonNegativeNumber);
    live_command->add_option("--journal", live.journal,
                             "directory for the journal; a run in it goes on, with --orders");
    live_command->add_option("--snapshot-every", live.snapshot_every, kSnapshotHelp);
    live_command->add_flag("--rearm", live.rearm,
                           "what was halted until a person has looked may trade again");
    live_command->add_flag("--adopt", live.adopt,
                           "take over open positions that the ledger never had, with --orders");
    live_command->add_option("--record", live.record, kRecordOption);
    live_command->add_option("--tag", live.tag,
                             "of this instance in its order ids: four of a-z 0-9");
    live_command->add_option("--secrets-file", live.secrets.file,
                             "the encrypted file (default: ~/.config/parallax/secrets)");
    live_command->add_option("--passphrase-file", live.secrets.passphrase_file,
                             "file whose first and only line is the passphrase");
    live_command->add_flag("--headless", live.headless, "no live screen, a line now and then");
    live_command->add_flag("--json", live.json, "print the final report as JSON");
    live_command->footer(kLiveHelp);

    ReplayOptions replay;
    CLI::App* replay_command =
        app.add_subcommand("replay", "Run recordings through the whole decision path");
    replay_command->add_option("--source", replay.sources, "VENUE.MARKET=PATH, repeatable")
        ->required()
        ->take_all();
    replay_command->add_option("--fees", replay.fees,
                               "zero, base, vip9 or a TOML file (default: base)");
    replay_command->add_option("--config", replay.config, "TOML file; see parallax config");
    replay_command->add_option("--seed", replay.seed, "of simulated latencies and faults");
    replay_command->add_option("--journal", replay.journal,
                               "directory for the journal; must be empty or absent");
    replay_command->add_option("--snapshot-every", replay.snapshot_every, kSnapshotHelp);
    replay_command->add_option("--thresholds", replay.thresholds,
                               "basis points of the cross report, comma separated");
    replay_command->add_flag("--measure", replay.measure,
                             "time each stage (does not change the digest)");
    replay_command->add_flag("--json", replay.json, "print one JSON object instead of the report");
    replay_command->add_flag("--quiet", replay.quiet, "no progress bar");
    replay_command->footer(kReplayHelp);

    RecordOptions record;
    CLI::App* record_command =
        app.add_subcommand("record", "Write market data into a compressed recording (.plxr)");
    CLI::Option_group* record_of = record_command->add_option_group("of", "what is recorded");
    record_of->add_option("--config", record.config, "live venues and symbols of this TOML file")
        ->check(CLI::ExistingFile);
    record_of
        ->add_option("--source", record.sources, "VENUE.MARKET=PATH: other recordings, repeatable")
        ->allow_extra_args(false);
    record_of->add_flag("--synthetic", record.synthetic,
                        "a made-up market, as fast as it can be made");
    record_of->require_option(1);
    record_command->add_option("out", record.out, "file to write")->required();
    record_command
        ->add_option("--seconds", record.seconds,
                     "stop after so long (default: live until Ctrl-C, synthetic 10)")
        ->check(CLI::NonNegativeNumber);
    record_command->add_option("--seed", record.seed, "of the synthetic market");
    record_command->add_flag("--force", record.force, "overwrite the file");
    record_command->add_option("--secrets-file", record.secrets.file,
                               "the encrypted file (default: ~/.config/parallax/secrets)");
    record_command->add_option("--passphrase-file", record.secrets.passphrase_file,
                               "file whose first and only line is the passphrase");
    record_command->footer(kRecordHelp);

    VerifyOptions verify;
    CLI::App* verify_command = app.add_subcommand(
        "verify", "Replay a journal and prove that it gives the same bytes and state hashes");
    verify_command->add_option("journal", verify.journal, "directory of the journal")->required();
    verify_command->add_flag("--json", verify.json, "print one JSON object");

    SimOptions sim;
    CLI::App* sim_command = app.add_subcommand(
        "sim", "Run a simulated Binance, OKX and Bybit that any bot can trade against");
    sim_command->add_option("--config", sim.config, "TOML file with a section [sim]");
    sim_command->add_option("--accounts", sim.accounts, "TOML file with accounts, keys, holdings");
    sim_command->add_option("--seed", sim.seed,
                            "of prices, traders and keys: same seed, same ones");
    sim_command
        ->add_option("--speed", sim.speed, "simulated seconds per second (0: as fast as possible)")
        ->check(CLI::NonNegativeNumber);
    sim_command
        ->add_option("--seconds", sim.seconds,
                     "stop after so many simulated seconds (0: run until Ctrl-C)")
        ->check(CLI::NonNegativeNumber);
    sim_command->add_option("--dir", sim.dir, "folder for ca.pem and sim.json");
    sim_command->add_option("--ca-out", sim.ca_out, "file for what clients must trust");
    sim_command->add_option("--faults", sim.faults, "script of what goes wrong and when");
    sim_command->footer(kSimHelp);
    SimFaultOptions sim_fault;
    CLI::App* sim_fault_command = sim_command->add_subcommand(
        "fault", "Make something go wrong in the simulation that runs now");
    sim_fault_command->add_option("words", sim_fault.words,
                                  "NAME key=value ...; none: print how the simulation is");
    sim_fault_command->add_option("--dir", sim_fault.dir, "folder of the running simulation");
    sim_fault_command->footer(kFaultHelp);

    DoctorOptions doctor;
    CLI::App* doctor_command = app.add_subcommand(
        "doctor", "Look at clock, disk, limits, connections and keys before trading");
    doctor_command->add_option("--config", doctor.config, "TOML file: venues, symbols, limits")
        ->check(CLI::ExistingFile);
    doctor_command->add_option("--journal", doctor.journal, "folder whose disk is tried")
        ->check(CLI::ExistingDirectory);
    doctor_command->add_flag("--keys", doctor.keys, "ask the venues what our keys may do");
    doctor_command->add_option("--secrets-file", doctor.secrets.file,
                               "the encrypted file (default: ~/.config/parallax/secrets)");
    doctor_command->add_option("--passphrase-file", doctor.secrets.passphrase_file,
                               "file whose first and only line is the passphrase");
    doctor_command->add_option("--patience", doctor.patience, "seconds for the venues' answers")
        ->check(CLI::Range(1, 600));
    doctor_command->add_flag("--json", doctor.json, "print one JSON object");
    doctor_command->footer(kDoctorHelp);

    ConfigOptions config;
    CLI::App* config_command =
        app.add_subcommand("config", "Print every setting with its default, range and meaning");
    config_command->add_option("--check", config.check, "validate this file and print it in full");

    SecretsOptions secrets;
    CLI::App* secrets_command =
        app.add_subcommand("secrets", "Keep the keys of venues in an encrypted file");
    secrets_command->require_subcommand(1);
    secrets_command->footer(kSecretsHelp);
    const auto secrets_action = [&](const char* name, const char* help,
                                    SecretsOptions::Action action, bool named) {
        CLI::App* command = secrets_command->add_subcommand(name, help);
        if (named) {
            command->add_option("name", secrets.name, "such as binance.main.secret")->required();
        }
        command->add_option("--file", secrets.place.file,
                            "the encrypted file (default: ~/.config/parallax/secrets)");
        command->add_option("--passphrase-file", secrets.place.passphrase_file,
                            "file whose first and only line is the passphrase");
        command->footer(kSecretsHelp);
        command->callback([&secrets, action] { secrets.action = action; });
    };
    secrets_action("set", "Add or replace a secret, typed or from standard input",
                   SecretsOptions::Action::Set, true);
    secrets_action("list", "Print the names, never a value", SecretsOptions::Action::List, false);
    secrets_action("remove", "Remove a secret", SecretsOptions::Action::Remove, true);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error);
        return code == 0 ? kOk : kUsage;
    }
    if (*up_command) return run_up(up);
    if (*live_command) return run_live_command(live);
    if (*replay_command) return run_replay(replay);
    if (*record_command) return run_record(record);
    if (*verify_command) return run_verify(verify);
    if (*doctor_command) return run_doctor(doctor);
    if (*secrets_command) return run_secrets(secrets);
    if (*sim_fault_command) return run_sim_fault(sim_fault);
    if (*sim_command) return run_sim(sim);
    return run_config(config);
}
