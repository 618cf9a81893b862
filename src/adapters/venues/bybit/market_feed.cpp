#include "adapters/venues/bybit/market_feed.hpp"

#include "adapters/venues/bybit/instruments.hpp"
#include "adapters/venues/bybit/limits.hpp"
#include "adapters/venues/common/encoding.hpp"
#include "adapters/venues/common/json.hpp"

namespace parallax::bybit {
namespace {

using venue_common::FeedDialect;
using venue_common::FeedDoor;
using venue_common::FeedReading;
using venue_common::FeedTopic;
using venue_common::Heartbeat;
using venue_common::Object;
using venue_common::RestCall;

constexpr std::string_view category(Market market) noexcept {
    return market == Market::BybitSpot     ? "spot"
           : market == Market::BybitLinear ? "linear"
                                           : "inverse";
}

class Dialect final : public FeedDialect {
public:
    explicit Dialect(const FeedEndpoints& endpoints)
        : book_{"orderbook." + std::to_string(endpoints.depth) + "."} {
        for (const Market market : {Market::BybitSpot, Market::BybitLinear, Market::BybitInverse}) {
            FeedDoor& door = doors_.emplace_back();
            door.market = market;
            door.name = category(market);
            door.target.url = endpoints.sockets + "/v5/public/" + door.name;
            door.heartbeat = {Heartbeat::Kind::Text, Nanos::seconds(20), false, false,
                              R"({"req_id":"beat","op":"ping"})"};
            door.most_bytes = 20'000;  // 21,000 characters with their quotes
            door.topics_per_request = 10;
            door.connect_call = kConnect;
        }
        for (FeedDoor& door : doors_) door.most_topics = 700;  // 3 more characters each
    }

    [[nodiscard]] std::span<const FeedDoor> doors() const noexcept override { return doors_; }

    void topics(Market market, std::string_view symbol, std::uint8_t contents,
                std::vector<FeedTopic>& out) const override {
        const auto door = static_cast<std::uint8_t>(static_cast<int>(market) -
                                                    static_cast<int>(Market::BybitSpot));
        const auto add = [&](std::uint8_t content, const std::string& topic) {
            const auto wanted = static_cast<std::uint8_t>(contents & content);
            if (wanted != 0) out.push_back({topic + std::string{symbol}, wanted, door});
        };
        add(ports::kFeedDepth, book_);
        add(ports::kFeedQuote, "orderbook.1.");
        add(ports::kFeedTrades, "publicTrade.");
        add(market == Market::BybitSpot ? ports::kFeedTicker
                                        : ports::kFeedTicker | ports::kFeedMark,
            "tickers.");
    }

    [[nodiscard]] std::string request(bool subscribe, std::span<const FeedTopic* const> topics,
                                      std::uint64_t key) const override {
        std::string out =
            R"({"req_id":")" + std::to_string(key) +
            (subscribe ? R"(","op":"subscribe","args":[)" : R"(","op":"unsubscribe","args":[)");
        for (const FeedTopic* const topic : topics)
            out += (out.back() == '[' ? "\"" : ",\"") + topic->name + "\"";
        return out + "]}";
    }
    [[nodiscard]] std::uint32_t answers(bool,
                                        std::span<const FeedTopic* const>) const noexcept override {
        return 1;
    }

    [[nodiscard]] FeedReading read(std::string_view message) override {
        if (message.starts_with(R"({"topic":)")) return {};
        FeedReading out;
        out.kind = FeedReading::Kind::Other;
        Object root;
        if (parser_.parse(message.data(), message.size()).get(root) != simdjson::SUCCESS)
            return out;
        if (venue_common::field(root, "topic")) {
            out.kind = FeedReading::Kind::Data;
            return out;
        }
        const std::string_view op = venue_common::text_field(root, "op");
        if (op != "subscribe" && op != "unsubscribe") return out;
        out.key =
            static_cast<std::uint64_t>(venue_common::integer_field(root, "req_id").value_or(0));
        const bool good = venue_common::boolean_field(root, "success").value_or(false);
        out.kind = good ? FeedReading::Kind::Answer : FeedReading::Kind::Refusal;
        out.text = venue_common::text_field(root, "ret_msg");
        return out;
    }

    [[nodiscard]] std::string_view topic_of(std::string_view message) override {
        constexpr std::string_view kKey = R"("topic":")";
        const std::size_t at = message.find(kKey);
        if (at == std::string_view::npos) return {};
        message.remove_prefix(at + kKey.size());
        return message.substr(0, message.find('"'));
    }

    [[nodiscard]] std::string_view trade_of(std::string_view message) const override {
        constexpr std::string_view kKey = R"("i":")";
        if (message.find(R"("publicTrade.)") == std::string_view::npos) return {};
        const std::size_t at = message.find(kKey);
        if (at == std::string_view::npos) return {};
        message.remove_prefix(at + kKey.size());
        return message.substr(0, message.find('"'));
    }

    [[nodiscard]] std::vector<RestCall> instrument_calls(Market market) const override {
        RestCall call;
        call.rate.call = kPublic;
        call.path = "/v5/market/instruments-info";
        call.query = "category=" + std::string{category(market)};
        if (market != Market::BybitSpot) call.query += "&limit=1000";
        call.timeout = Nanos::seconds(30);
        return {call};
    }
    [[nodiscard]] Result<std::vector<InstrumentDefinition>> read_instruments(
        Market market, std::string_view body) const override {
        return parse_instruments(market, body);
    }
    [[nodiscard]] std::optional<RestCall> next_page(const RestCall& call,
                                                    std::string_view body) const override {
        const std::string cursor = bybit::next_page(body);
        if (cursor.empty()) return std::nullopt;
        RestCall next = call;
        const std::size_t old = next.query.find("&cursor=");
        if (old != std::string::npos) next.query.resize(old);
        next.query += "&cursor=";
        venue_common::append_percent_encoded(next.query, cursor);
        return next;
    }

private:
    std::string book_;
    std::vector<FeedDoor> doors_;
    simdjson::dom::parser parser_;
};

}  // namespace

FeedEndpoints FeedEndpoints::production() { return {"wss://stream.bybit.com", 50}; }
FeedEndpoints FeedEndpoints::testnet() { return {"wss://stream-testnet.bybit.com", 50}; }

std::unique_ptr<FeedDialect> make_feed_dialect(const FeedEndpoints& endpoints) {
    return std::make_unique<Dialect>(endpoints);
}

std::unique_ptr<venue_common::StreamFeed> make_market_feed(ports::Transport& transport,
                                                           const FeedEndpoints& endpoints,
                                                           venue_common::RestClient& rest,
                                                           venue_common::FeedSettings settings) {
    std::vector<venue_common::StreamFeed::Rest> clients;
    for (const Market market : {Market::BybitSpot, Market::BybitLinear, Market::BybitInverse})
        clients.push_back({market, &rest});
    return std::make_unique<venue_common::StreamFeed>(transport, make_feed_dialect(endpoints),
                                                      clients, settings);
}

}  // namespace parallax::bybit
