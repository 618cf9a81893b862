#include "adapters/venues/binance/market_feed.hpp"

#include <algorithm>
#include <charconv>

#include "adapters/venues/binance/fix_feed.hpp"
#include "adapters/venues/binance/fix_market.hpp"
#include "adapters/venues/binance/instruments.hpp"
#include "adapters/venues/binance/limits.hpp"
#include "adapters/venues/common/json.hpp"

namespace parallax::binance {
namespace {

using ports::FeedContent;
using venue_common::FeedDialect;
using venue_common::FeedDoor;
using venue_common::FeedReading;
using venue_common::FeedTopic;
using venue_common::FirstUpdate;
using venue_common::Heartbeat;
using venue_common::Object;
using venue_common::RestCall;

std::string lower(std::string_view text) {
    std::string out{text};
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out;
}

/// The text behind `key`, up to its closing quote; empty when it is not there.
std::string_view text_behind(std::string_view message, std::string_view key) noexcept {
    const std::size_t at = message.find(key);
    if (at == std::string_view::npos) return {};
    message.remove_prefix(at + key.size());
    return message.substr(0, message.find('"'));
}

std::optional<std::uint64_t> number_behind(std::string_view message,
                                           std::string_view key) noexcept {
    const std::size_t at = message.find(key);
    if (at == std::string_view::npos) return std::nullopt;
    std::uint64_t number = 0;
    const char* const first = message.data() + at + key.size();
    const auto read = std::from_chars(first, message.data() + message.size(), number);
    if (read.ec != std::errc{}) return std::nullopt;
    return number;
}

class Dialect final : public FeedDialect {
public:
    explicit Dialect(const FeedEndpoints& endpoints) {
        if (fix_feed::is_address(endpoints.spot)) {
            doors_.push_back(fix_feed::door(endpoints.spot));
            fix_ = true;
        } else if (!endpoints.spot.empty()) {
            add(Market::BinanceSpot, "spot", endpoints.spot + "/ws", spot::kConnectStreams,
                spot::kStreamMessage);
        }
        if (!endpoints.usdm.empty()) {
            add(Market::BinanceUsdm, "USD-M books", endpoints.usdm + "/public/ws", usdm::kConnect,
                usdm::kStreamMessage);
            add(Market::BinanceUsdm, "USD-M market", endpoints.usdm + "/market/ws", usdm::kConnect,
                usdm::kStreamMessage);
        }
        if (!endpoints.coinm.empty())
            add(Market::BinanceCoinm, "COIN-M", endpoints.coinm + "/ws", usdm::kConnect,
                usdm::kStreamMessage);
    }

    [[nodiscard]] std::span<const FeedDoor> doors() const noexcept override { return doors_; }

    void topics(Market market, std::string_view symbol, std::uint8_t contents,
                std::vector<FeedTopic>& out) const override {
        if (over_fix(market)) return fix_feed::topics(symbol, contents, door_of(market, true), out);
        const std::string name = lower(symbol);
        const auto add_one = [&](FeedContent content, const char* stream) {
            if ((contents & content) == 0) return;
            const bool book = content == ports::kFeedDepth || content == ports::kFeedQuote;
            out.push_back({name + stream, content, door_of(market, book)});
        };
        add_one(ports::kFeedDepth, "@depth@100ms");
        add_one(ports::kFeedQuote, "@bookTicker");
        add_one(ports::kFeedTrades, "@aggTrade");
        if (market != Market::BinanceSpot) add_one(ports::kFeedMark, "@markPrice@1s");
        add_one(ports::kFeedTicker, "@ticker");
    }

    [[nodiscard]] std::string request(bool subscribe, std::span<const FeedTopic* const> topics,
                                      std::uint64_t key) const override {
        if (over_fix(*topics.front())) return fix_feed::request(subscribe, *topics.front());
        std::string out = subscribe ? R"({"method":"SUBSCRIBE","params":[)"
                                    : R"({"method":"UNSUBSCRIBE","params":[)";
        for (const FeedTopic* const topic : topics)
            out += (out.back() == '[' ? "\"" : ",\"") + topic->name + "\"";
        return out + "],\"id\":" + std::to_string(key) + "}";
    }
    [[nodiscard]] std::optional<std::string> sign_in(const FeedDoor& door, std::uint64_t key,
                                                     UnixNanos venue_time) const override {
        if (!over_fix(door.market)) return std::nullopt;
        return fix_logon(key, venue_time);
    }
    [[nodiscard]] std::uint32_t answers(
        bool subscribe, std::span<const FeedTopic* const> topics) const noexcept override {
        return over_fix(*topics.front()) ? fix_feed::answers(subscribe, *topics.front()) : 1;
    }

    [[nodiscard]] FeedReading read(std::string_view message) override {
        if (is_fix(message)) return fix_feed::read(message);
        if (message.substr(0, 64).find("serverShutdown\"") != std::string_view::npos)
            return {FeedReading::Kind::Leaving, 0, 0, {}};
        if (message.starts_with(R"({"e":)") || message.starts_with(R"({"u":)") ||
            message.starts_with(R"({"stream":)"))
            return {};
        FeedReading out;
        out.kind = FeedReading::Kind::Other;
        Object root;
        if (parser_.parse(message.data(), message.size()).get(root) != simdjson::SUCCESS)
            return out;
        if (venue_common::field(root, "e") || venue_common::field(root, "u") ||
            venue_common::field(root, "data")) {
            out.kind = FeedReading::Kind::Data;
            return out;
        }
        const auto error = venue_common::object_field(root, "error");
        const Object refusal = error ? *error : root;
        const auto id = venue_common::integer_field(root, "id");
        out.key = id && *id > 0 ? static_cast<std::uint64_t>(*id) : 0;
        if (const auto code = venue_common::integer_field(refusal, "code")) {
            out.kind = FeedReading::Kind::Refusal;
            out.code = static_cast<std::int32_t>(*code);
            out.text = venue_common::text_field(refusal, "msg");
        } else if (out.key != 0) {
            out.kind = FeedReading::Kind::Answer;
        }
        return out;
    }

    [[nodiscard]] std::string_view topic_of(std::string_view message) override {
        if (is_fix(message)) return fix_feed::topic_of(message);
        const std::string_view kind = text_behind(message, "\"e\":\"");
        topic_ = kind.empty() ? "bookTicker" : kind;  // spot's do not say what they are
        topic_ += text_behind(message, "\"s\":\"");
        return topic_;
    }

    [[nodiscard]] std::string_view trade_of(std::string_view message) const override {
        if (is_fix(message)) return fix_feed::trade_of(message);
        if (text_behind(message, "\"e\":\"") != "aggTrade") return {};
        const std::size_t at = message.find("\"a\":");
        return at == std::string_view::npos ? std::string_view{}
                                            : message.substr(at, message.find(',', at) - at);
    }

    [[nodiscard]] bool snapshots_by_rest(Market market) const noexcept override {
        return !over_fix(market);
    }
    [[nodiscard]] RestCall snapshot_call(Market market, std::string_view symbol) const override {
        RestCall call;
        call.rate.call = market == Market::BinanceSpot ? std::uint8_t{spot::kDepth1000}
                                                       : std::uint8_t{usdm::kDepth1000};
        call.path = path(market, "depth");
        call.query = "symbol=" + std::string{symbol} + "&limit=1000";
        return call;
    }
    [[nodiscard]] std::optional<FirstUpdate> first_update(std::string_view message) override {
        if (text_behind(message, "\"e\":\"") != "depthUpdate") return std::nullopt;
        const auto first = number_behind(message, "\"U\":");
        if (!first) return std::nullopt;
        return FirstUpdate{text_behind(message, "\"s\":\""), *first};
    }
    /// Spot counts on without a hole; a futures snapshot must lie within an update.
    [[nodiscard]] std::optional<bool> reaches(Market market, std::string_view body,
                                              std::uint64_t first_id) override {
        const auto last = number_behind(body, "\"lastUpdateId\":");
        if (!last) return std::nullopt;
        return *last + (market == Market::BinanceSpot ? 1 : 0) >= first_id;
    }

    [[nodiscard]] std::vector<RestCall> instrument_calls(Market market) const override {
        RestCall call;
        call.rate.call = market == Market::BinanceSpot ? std::uint8_t{spot::kExchangeInfo}
                                                       : std::uint8_t{usdm::kExchangeInfo};
        call.path = path(market, "exchangeInfo");
        call.timeout = Nanos::seconds(30);  // megabytes
        return {call};
    }
    [[nodiscard]] Result<std::vector<InstrumentDefinition>> read_instruments(
        Market market, std::string_view body) const override {
        return parse_exchange_info(market, body);
    }

private:
    [[nodiscard]] bool over_fix(Market market) const noexcept {
        return fix_ && market == Market::BinanceSpot;
    }
    [[nodiscard]] bool over_fix(const FeedTopic& topic) const noexcept {
        return over_fix(doors_[topic.door].market);
    }
    void add(Market market, const char* name, const std::string& url, std::uint8_t connect_call,
             std::uint8_t message_call) {
        FeedDoor& door = doors_.emplace_back();
        door.market = market;
        door.name = name;
        door.target.url = url;
        // The venue pings every 20 s (futures: 3 min), which nobody but the transport sees.
        door.heartbeat = {Heartbeat::Kind::Frame, Nanos::seconds(15), true, true, {}};
        door.silence = Nanos::seconds(40);
        door.replace_after = kReplaceAfter;
        door.most_topics = market == Market::BinanceSpot ? 1'024 : 200;
        door.connect_call = connect_call;
        door.message_call = message_call;
    }
    [[nodiscard]] std::uint8_t door_of(Market market, bool book) const {
        const auto first = std::ranges::find(doors_, market, &FeedDoor::market);
        const auto index = static_cast<std::uint8_t>(first - doors_.begin());
        return market == Market::BinanceUsdm && !book ? static_cast<std::uint8_t>(index + 1)
                                                      : index;
    }
    static std::string path(Market market, const char* call) {
        const char* const base = market == Market::BinanceSpot   ? "/api/v3/"
                                 : market == Market::BinanceUsdm ? "/fapi/v1/"
                                                                 : "/dapi/v1/";
        return base + std::string{call};
    }

    std::vector<FeedDoor> doors_;
    bool fix_ = false;  ///< spot comes over FIX
    simdjson::dom::parser parser_;
    std::string topic_;
};

}  // namespace

FeedEndpoints FeedEndpoints::production() {
    return {"wss://stream.binance.com:9443", "wss://fstream.binance.com",
            "wss://dstream.binance.com"};
}
FeedEndpoints FeedEndpoints::testnet() {
    return {"wss://stream.testnet.binance.vision", "wss://fstream.binancefuture.com",
            "wss://dstream.binancefuture.com"};
}
FeedEndpoints FeedEndpoints::demo() {
    return {"wss://demo-stream.binance.com", "wss://demo-fstream.binance.com", ""};
}

std::unique_ptr<FeedDialect> make_feed_dialect(const FeedEndpoints& endpoints) {
    return std::make_unique<Dialect>(endpoints);
}

std::unique_ptr<venue_common::StreamFeed> make_market_feed(
    ports::Transport& transport, const FeedEndpoints& endpoints,
    const std::vector<venue_common::StreamFeed::Rest>& rest, venue_common::FeedSettings settings) {
    return std::make_unique<venue_common::StreamFeed>(transport, make_feed_dialect(endpoints), rest,
                                                      settings);
}

Result<std::unique_ptr<venue_common::StreamFeed>> make_fix_market_feed(
    fix::Transport& transport, FeedEndpoints endpoints, FixFeed fix, Signer& signer,
    const std::vector<venue_common::StreamFeed::Rest>& rest, venue_common::FeedSettings settings) {
    if (auto fit = fit_for_fix(signer, fix.heartbeat_s); !fit) return tl::unexpected{fit.error()};
    fix::SessionProfile profile =
        fix_session(transport, signer, "binance spot market data", fix.url, fix.heartbeat_s);
    profile.groups = fix_feed::groups();
    endpoints.spot = "fix:" + profile.name;
    transport.add(std::move(profile));
    return make_market_feed(transport, endpoints, rest, settings);
}

}  // namespace parallax::binance
