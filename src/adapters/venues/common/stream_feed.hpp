#pragma once

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "adapters/venues/common/feed_dialect.hpp"
#include "adapters/venues/common/instrument_watch.hpp"
#include "adapters/venues/common/link.hpp"
#include "adapters/venues/common/rest_client.hpp"
#include "ports/market_feed.hpp"

namespace parallax::venue_common {

/// What does not depend on the venue. The zeros: as the venue's door says.
struct FeedSettings {
    Nanos silence{};
    Nanos heartbeat{};
    Nanos replace_after{};
    Nanos overlap = Nanos::seconds(3);
    Nanos first_wait = Nanos::millis(250);
    Nanos longest_wait = Nanos::seconds(30);
    Nanos data_silence = Nanos::seconds(120);  ///< answers heartbeats but brings nothing: cut
    Nanos refresh = Nanos::seconds(600);       ///< of the listings
    Nanos first_update = Nanos::seconds(2);    ///< a quiet book's snapshot does not wait longer
    Nanos retry_refused = Nanos::seconds(60);
    Nanos first_resync = Nanos::seconds(1);  ///< before a second resync of a book; doubles
    Nanos longest_resync = Nanos::seconds(60);
    std::uint64_t seed = 1;
};

/// The market feed of every venue; its dialect says what is the venue's own. Topics are spread over
/// as few connections as the venue's limits allow (a shard each, kept up by a Link). A market's
/// connections begin when its listings are known, so that nothing has to be guessed from messages.
///
/// While a connection is replaced both bring data: of each topic the old one's is taken until the
/// new one's first message, and the old one's no more from there. Trades are told once, whoever
/// tells them first; depth messages that are numbered alike everywhere are taken from both, as the
/// book drops what it has seen.
class StreamFeed final : public ports::MarketFeed {
public:
    struct Rest {
        Market market{};
        RestClient* client = nullptr;  ///< may serve several markets, and others than this feed
    };
    /// Transport and clients outlive the feed. Each of the dialect's markets needs its client. The
    /// feed drives the clients; others who share one must advance() after each poll.
    StreamFeed(ports::Transport& transport, std::unique_ptr<FeedDialect> dialect,
               const std::vector<Rest>& rest, FeedSettings settings = {});
    ~StreamFeed() override;

    Result<void> subscribe(const ports::FeedSubscription& wanted) override;
    void unsubscribe(Market market, std::string_view symbol) override;
    void resync(Market market, std::string_view symbol, UnixNanos now) override;
    void reload_instruments(Market market, UnixNanos now) override;
    void start(UnixNanos now) override;
    void stop(UnixNanos now) override;
    [[nodiscard]] bool on(const ports::NetEvent& event) override;
    void advance(UnixNanos now) override;
    [[nodiscard]] UnixNanos next_due() const noexcept override;
    [[nodiscard]] std::span<const ports::Frame> frames() const noexcept override { return frames_; }
    [[nodiscard]] std::span<const messages::FeedStatus> statuses() const noexcept override {
        return statuses_;
    }
    [[nodiscard]] std::span<const ports::FeedNotice> notices() const noexcept override {
        return notices_;
    }
    /// Whether the venue's last complete list has it; none: there was no list yet.
    [[nodiscard]] std::optional<bool> lists(Market market, const std::string& symbol) const;
    [[nodiscard]] std::vector<ports::FeedConnection> connections() const override;
    [[nodiscard]] ports::FeedBookHealth book(Market market, std::string_view symbol) const override;
    /// Replaces every connection, as before a planned cut.
    void replace_all(UnixNanos now);

private:
    struct Topic {
        FeedTopic topic;
        std::pair<Market, std::string> symbol;
        bool asked = false;       ///< on the connection there is
        bool subscribed = false;  ///< acknowledged there
        bool refused = false;
        bool gone = false;  ///< unsubscribed
        UnixNanos retry_at;
    };
    using Topics = std::vector<std::shared_ptr<Topic>>;
    struct Chunk {
        ports::ConnectionId connection;
        Topics topics;
        bool again = false;  ///< asked a second time
    };
    struct Shard {
        std::uint8_t door = 0;
        std::unique_ptr<Link> link;
        Topics topics;
        std::size_t bytes = 0;
        bool up = false;
        std::size_t books = 0;
        std::size_t awaiting = 0;  ///< books whose first update is waited for
        UnixNanos last_data;
        std::uint64_t drops = 0;
        std::string last_reason;
        std::vector<std::pair<ports::ConnectionId, std::uint32_t>> numbers;
        std::map<std::uint64_t, Chunk> chunks;
        std::set<std::string, std::less<>> taken_over;  ///< topics, by the newer connection
        std::map<std::string, std::deque<std::string>, std::less<>> told_trades;  ///< meanwhile
    };
    /// How a book gets its (next) snapshot.
    enum class Step : std::uint8_t { Idle, AwaitFirst, Due, Asked };
    struct Book {
        std::shared_ptr<Topic> topic;
        Shard* shard = nullptr;
        Step step = Step::Idle;
        UnixNanos due;
        UnixNanos done;           ///< the last one came
        std::uint32_t tries = 0;  ///< in short order
        std::uint64_t first_id = 0;
        RestToken token = 0;
        std::uint64_t key = 0;  ///< of the subscription that brings it
        std::uint64_t snapshots = 0;
        std::uint64_t resyncs = 0;
    };
    struct Symbol {
        std::uint8_t contents = 0;
        Topics topics;
        std::unique_ptr<Book> book;
    };
    using Key = std::pair<Market, std::string>;
    struct MarketState {
        RestClient* rest = nullptr;
        RestUser user = 0;
        std::unique_ptr<InstrumentWatch> watch;
        bool known = false;  ///< its listings
        bool up = false;
    };

    [[nodiscard]] MarketState& market(Market m) noexcept {
        return markets_[static_cast<std::size_t>(m)];
    }
    [[nodiscard]] const FeedDoor& door(const Shard& shard) const noexcept {
        return dialect_->doors()[shard.door];
    }
    void clear();
    void notice(ports::FeedNoticeKind kind, const Key& symbol, std::string text, UnixNanos now);
    // stream_feed.cpp
    Shard& place(const FeedTopic& topic);
    void add_topic(const Key& key, Symbol& symbol, const FeedTopic& topic);
    std::vector<Ask> asks_for(Shard& shard, ports::ConnectionId connection, const Topics& topics,
                              bool single = false);
    void ask_new(Shard& shard, UnixNanos now);
    void watch_instruments(UnixNanos now);
    void update_status(Market m, UnixNanos now);
    // stream_feed_messages.cpp
    void message(Shard& shard, const ports::NetEvent& event);
    void data(Shard& shard, const ports::NetEvent& event);
    [[nodiscard]] static std::uint64_t key_of(const Shard& shard, ports::ConnectionId connection,
                                              std::string_view topic);
    [[nodiscard]] bool admit(Shard& shard, const ports::NetEvent& event);
    void push(const Shard& shard, const ports::NetEvent& event, ports::FrameKind kind,
              std::string_view url);
    [[nodiscard]] static std::uint32_t number_of(const Shard& shard,
                                                 ports::ConnectionId connection) noexcept;
    void facts(Shard& shard, UnixNanos now);
    void opened(Shard& shard, const LinkFact& fact);
    void answered(Shard& shard, std::uint64_t key, UnixNanos now);
    void refused(Shard& shard, const LinkFact& fact);
    void refuse(Topic& topic, std::int32_t code, std::string_view text, UnixNanos now);
    void ended(Shard& shard, const LinkFact& fact);
    // stream_feed_books.cpp
    [[nodiscard]] Book* book_of(const Topic& topic) noexcept;
    void begin_book(Book& book, UnixNanos now);
    void stop_book(Book& book);
    void note_first(Shard& shard, std::string_view bytes, UnixNanos now);
    void finish_book(Book& book, UnixNanos now);
    [[nodiscard]] UnixNanos allowed(Book& book, UnixNanos now) const;
    void set_due(Book& book, Step step, UnixNanos due);
    void advance_books(UnixNanos now);
    void ask_snapshot(const Key& key, Book& book, UnixNanos now);
    void resubscribe(Book& book, UnixNanos now);
    void take_snapshots(UnixNanos now);
    void snapshot(const Key& key, Book& book, RestAnswer&& answer, UnixNanos now);

    ports::Transport& transport_;
    std::unique_ptr<FeedDialect> dialect_;
    FeedSettings settings_;
    std::array<MarketState, kMarketCount> markets_;
    std::vector<RestClient*> clients_;
    std::vector<std::unique_ptr<Shard>> shards_;
    std::map<Key, Symbol> symbols_;
    bool running_ = false;
    bool new_topics_ = false;
    UnixNanos books_due_ = RestClient::kNever;
    std::uint32_t next_number_ = 0;
    std::vector<ports::Frame> frames_;
    std::vector<messages::FeedStatus> statuses_;
    std::vector<ports::FeedNotice> notices_;
    std::deque<std::pair<std::string, std::string>> bodies_;  ///< of frames_: symbol and body
};

}  // namespace parallax::venue_common
