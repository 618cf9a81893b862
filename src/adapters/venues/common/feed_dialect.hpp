#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/venues/common/link.hpp"
#include "adapters/venues/common/rest_dialect.hpp"
#include "core/instrument.hpp"
#include "ports/market_feed.hpp"

namespace parallax::venue_common {

/// A kind of connection: where to, its rules, and how much one of them carries.
struct FeedDoor {
    Market market{};
    std::string name;  ///< for people
    ports::WebSocketTarget target;
    Heartbeat heartbeat;
    Nanos silence = Nanos::seconds(45);
    Nanos replace_after{};
    std::size_t most_topics = 1'024;    ///< of a connection
    std::size_t most_books = SIZE_MAX;  ///< likewise, of depth
    std::size_t most_bytes = SIZE_MAX;  ///< of all topic names of a connection
    std::size_t topics_per_request = 100;
    std::size_t bytes_per_request = 32'768;  ///< of topic names
    std::uint8_t connect_call = 0;           ///< of the market's rate table
    std::optional<std::uint8_t> message_call;
};

/// A stream of one symbol.
struct FeedTopic {
    std::string name;
    std::uint8_t content = 0;  ///< one of FeedContent
    std::uint8_t door = 0;
    std::string symbol = {};  ///< where the name does not do to ask for it
};

/// What a message of a socket is.
struct FeedReading {
    enum class Kind : std::uint8_t {
        Data,
        Begins,   ///< data, and the answer to the request of `topic`
        Answer,   ///< of the request `key`
        Refusal,  ///< of the request `key`
        Leaving,  ///< the venue will close this connection
        Other,    ///< a pong, a word of no use
    };
    Kind kind = Kind::Data;
    std::uint64_t key = 0;
    std::int32_t code = 0;
    std::string text;
    std::string_view topic = {};  ///< whose request, where the venue does not tell the key
};

/// A depth message's symbol and the number it begins with.
struct FirstUpdate {
    std::string_view symbol;
    std::uint64_t first_id = 0;
};

/// How a venue writes subscriptions and tells its messages apart. Without state but for buffers.
class FeedDialect {
public:
    virtual ~FeedDialect() = default;
    [[nodiscard]] virtual std::span<const FeedDoor> doors() const noexcept = 0;
    /// The streams of a symbol for these contents, as far as its market has them.
    virtual void topics(Market market, std::string_view symbol, std::uint8_t contents,
                        std::vector<FeedTopic>& out) const = 0;
    /// What must be answered on this kind of connection before anything else: the request `key`.
    [[nodiscard]] virtual std::optional<std::string> sign_in(const FeedDoor& /*door*/,
                                                             std::uint64_t /*key*/,
                                                             UnixNanos /*venue_time*/) const {
        return {};
    }
    [[nodiscard]] virtual std::string request(bool subscribe,
                                              std::span<const FeedTopic* const> topics,
                                              std::uint64_t key) const = 0;
    /// Answers that come for a request of these topics. 0: none if it is granted.
    [[nodiscard]] virtual std::uint32_t answers(
        bool subscribe, std::span<const FeedTopic* const> topics) const noexcept = 0;
    /// Data is told by its first bytes; only what is rare is read whole.
    [[nodiscard]] virtual FeedReading read(std::string_view message) = 0;
    /// The topic of a data message: the same text on every connection. Only while two overlap.
    [[nodiscard]] virtual std::string_view topic_of(std::string_view message) = 0;

    /// The id of the first trade in a message, as text; empty: no trades.
    [[nodiscard]] virtual std::string_view trade_of(std::string_view message) const = 0;

    /// Books begin with an answer of REST; their messages are numbered alike on all connections, so
    /// those of two may be mixed. Otherwise a subscription begins with a snapshot.
    [[nodiscard]] virtual bool snapshots_by_rest(Market) const noexcept { return false; }
    [[nodiscard]] virtual RestCall snapshot_call(Market, std::string_view) const { return {}; }
    [[nodiscard]] virtual std::optional<FirstUpdate> first_update(std::string_view) { return {}; }
    /// Whether the snapshot reaches the update that begins with `first_id`. Nothing: no snapshot.
    [[nodiscard]] virtual std::optional<bool> reaches(Market, std::string_view /*body*/,
                                                      std::uint64_t /*first_id*/) {
        return {};
    }

    /// What brings all listings of a market: one call after the other.
    [[nodiscard]] virtual std::vector<RestCall> instrument_calls(Market market) const = 0;
    [[nodiscard]] virtual Result<std::vector<InstrumentDefinition>> read_instruments(
        Market market, std::string_view body) const = 0;
    /// The call of the page behind this answer, if there is one.
    [[nodiscard]] virtual std::optional<RestCall> next_page(const RestCall& /*call*/,
                                                            std::string_view /*body*/) const {
        return {};
    }
};

}  // namespace parallax::venue_common
