#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "adapters/venues/binance/parse.hpp"
#include "adapters/venues/bybit/parse.hpp"
#include "adapters/venues/okx/parse.hpp"
#include "app/paper_execution.hpp"
#include "ports/frame_source.hpp"
#include "services/analytics/crosses.hpp"

namespace parallax::app {

struct SessionOptions {
    std::uint64_t seed = 1;
    std::vector<Rate> thresholds;  ///< of the cross report
    bool measure = false;
    std::string journal;                     ///< directory; empty = none
    std::uint64_t snapshot_every = 262'144;  ///< inputs between snapshots in the journal; 0 = none
    std::string mode = "replay";             ///< for the manifest
    std::string inputs;                      ///< for the manifest, one source a line
    /// The journal may hold a run of this mode: it goes on from where it stopped. The world it
    /// traded in must still be there, so not that of a replay, or of venues that begin anew.
    bool continues = false;
};

/// What became of the frames.
struct FrameCounts {
    std::uint64_t messages =
        0;  ///< frames of market data streams, REST bodies and control frames included
    std::uint64_t malformed = 0;
    std::uint64_t control = 0;
    std::uint64_t refused = 0;  ///< well-formed, but of an instrument that cannot be represented
};

/// One run: frames of any venues in, through the venues' parsers into the pipeline; its orders to
/// an execution and the answers back. Time is the frames' receive time, and what advance() says.
class Session {
public:
    using MakeExecution = std::function<std::unique_ptr<Execution>(const Pipeline&)>;
    /// Without `make_execution` orders go to a paper venue on the books of this session.
    Session(const Settings& settings, SessionOptions options, MakeExecution make_execution = {});
    /// Opens the journal, if any, and takes up the run it holds, if that may go on. `now` is needed
    /// then. Errors: Unavailable; Rejected (another writer, a run that does not go on here, a clock
    /// behind the run's last input); Malformed.
    [[nodiscard]] Result<void> open(UnixNanos now = {});
    /// The run began before this process did.
    [[nodiscard]] bool resumed() const noexcept { return pipeline_->resumed_from().known(); }

    /// A REST snapshot that does not name its symbol belongs to the symbol last seen on its
    /// connection.
    void on_frame(const ports::Frame& frame);
    /// A market's feed went or came.
    void on(const messages::FeedStatus& status);
    /// An operator's command.
    void on(const messages::SetTradingState& command);
    /// A person has looked: everything that waits for one may trade again.
    void rearm();
    /// Takes what the execution has to say, and hands over what follows from it.
    void exchange() { exchange_orders(); }
    /// Does what is due and would hold up a tick: state hashes, snapshots. Whoever has nothing else
    /// to do calls it; the next frame does it otherwise.
    void idle();
    /// One book's feed went. Unknown symbols are ignored.
    void on_book_lost(Market market, std::string_view symbol);
    /// The book that the last frame showed to need a snapshot, once; none otherwise.
    [[nodiscard]] InstrumentId take_wanted_snapshot() noexcept {
        return std::exchange(wanted_snapshot_, InstrumentId::none());
    }
    /// An instrument that is wanted enters the universe before its first message, once its
    /// definition has come: whoever has to know of its position does in time.
    void list_defined(Market market, const std::string& symbol);
    /// The venue no longer lists it: nobody trades it, until its definition comes again. Unknown
    /// symbols are ignored.
    void on_delisted(Market market, std::string_view symbol);
    /// Definitions that come from elsewhere than frames; used when the instrument first appears.
    void define(const InstrumentDefinition& definition);
    /// Runs everything due up to this time: answers of the venues, deadlines, clock ticks.
    void advance(UnixNanos now);
    /// End of data: lets open orders and plans settle, closes episodes, seals the journal.
    [[nodiscard]] Result<void> finish();

    [[nodiscard]] const Pipeline& pipeline() const noexcept { return *pipeline_; }
    [[nodiscard]] Pipeline& pipeline() noexcept { return *pipeline_; }
    [[nodiscard]] const analytics::Crosses& crosses() const noexcept { return *crosses_; }
    [[nodiscard]] const FrameCounts& counts() const noexcept { return counts_; }
    [[nodiscard]] const StageLatency* latency() const noexcept {
        return options_.measure ? stages_.get() : nullptr;
    }
    /// Null when orders go to real accounts.
    [[nodiscard]] const PaperExecution* paper() const noexcept { return paper_; }
    /// Ledger minus venues over all wallets: 0, or fills are missing on one side.
    [[nodiscard]] Amount venue_difference(AssetId asset) const;
    /// No invariant is broken: residuals and differences are all 0.
    [[nodiscard]] bool consistent() const;
    /// The first few malformed frames, for people.
    [[nodiscard]] const std::vector<std::string>& complaints() const noexcept {
        return complaints_;
    }
    /// Set when the journal could not take a record: the run must stop.
    [[nodiscard]] std::optional<Error> journal_error() const;
    [[nodiscard]] UnixNanos now() const noexcept { return now_; }

private:
    using Parser = std::variant<binance::Parser, okx::Parser, bybit::Parser>;

    void parse_and_feed(const ports::Frame& frame);
    [[nodiscard]] std::string_view symbol_of(const ports::Frame& frame) const;
    void remember_symbol(const ports::Frame& frame, InstrumentId id);
    HotResult<void> parse(Market market, std::string_view bytes, std::string_view only_symbol,
                          UnixNanos received);
    bool resolve(Market market);
    void feed(const ports::Frame& frame);
    void on_table_quote(const ports::Frame& frame);
    void on_definitions(const ports::Frame& frame);
    void list(const InstrumentDefinition& definition);
    Result<void> take_up(const messages::RunManifest& manifest);
    void reset_clock(UnixNanos now);
    void exchange_orders();
    void report_balances();
    void take_snapshot();
    void complain(std::string text);

    Settings settings_;
    SessionOptions options_;
    std::unique_ptr<journal::Writer> journal_;
    std::unique_ptr<StageLatency> stages_;
    std::unique_ptr<Pipeline> pipeline_;
    MakeExecution make_execution_;
    std::unique_ptr<Execution> execution_;
    PaperExecution* paper_ = nullptr;  ///< execution_, when it is one on paper
    std::unique_ptr<analytics::Crosses> crosses_;
    std::array<std::unique_ptr<Parser>, kMarketCount> parsers_;
    ports::MarketFrame parsed_;
    std::unordered_map<std::string, InstrumentDefinition> definitions_;
    std::vector<InstrumentId> last_on_connection_;
    std::array<InstrumentId, kMarketCount> last_on_market_{};
    InstrumentId wanted_snapshot_;
    FrameCounts counts_;
    std::vector<std::string> complaints_;
    UnixNanos now_;
    UnixNanos next_tick_;
    UnixNanos next_reports_;
    std::uint64_t next_snapshot_ = 0;  ///< by count of inputs; 0 = none
};

/// The manifest's configuration text, and back: everything that decides how inputs turn into
/// outputs.
[[nodiscard]] std::string run_configuration(const Settings& settings);
[[nodiscard]] Result<Settings> settings_of_run(const std::string& configuration);

}  // namespace parallax::app
