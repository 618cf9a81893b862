#include "adapters/venues/okx/market_feed.hpp"

#include "adapters/venues/common/json.hpp"
#include "adapters/venues/okx/instruments.hpp"
#include "adapters/venues/okx/limits.hpp"

namespace parallax::okx {
namespace {

using venue_common::FeedDialect;
using venue_common::FeedDoor;
using venue_common::FeedReading;
using venue_common::FeedTopic;
using venue_common::Heartbeat;
using venue_common::Object;
using venue_common::RestCall;

class Dialect final : public FeedDialect {
public:
    explicit Dialect(const FeedEndpoints& endpoints) {
        door_.market = Market::Okx;
        door_.name = "public";
        door_.target.url = endpoints.sockets + "/ws/v5/public";
        door_.heartbeat = {Heartbeat::Kind::Text, Nanos::seconds(20), true, false, "ping"};
        door_.silence = Nanos::seconds(29);  // the venue cuts after 30
        door_.most_topics = 240;
        door_.most_books = 25;  // fewer than 30 are advised
        door_.topics_per_request = 50;
        door_.connect_call = kConnect;
        door_.message_call = kControl;
    }

    [[nodiscard]] std::span<const FeedDoor> doors() const noexcept override { return {&door_, 1}; }

    void topics(Market, std::string_view symbol, std::uint8_t contents,
                std::vector<FeedTopic>& out) const override {
        const bool swap = symbol.ends_with("-SWAP");
        const auto add = [&](ports::FeedContent content, const char* channel) {
            if ((contents & content) != 0)
                out.push_back({channel + (':' + std::string{symbol}), content, 0});
        };
        add(ports::kFeedDepth, "books");
        add(ports::kFeedQuote, "bbo-tbt");
        add(ports::kFeedTrades, "trades");
        if (swap) add(ports::kFeedMark, "mark-price");
        if (swap) add(ports::kFeedMark, "funding-rate");
        add(ports::kFeedTicker, "tickers");
    }

    [[nodiscard]] std::string request(bool subscribe, std::span<const FeedTopic* const> topics,
                                      std::uint64_t key) const override {
        std::string out =
            R"({"id":")" + std::to_string(key) +
            (subscribe ? R"(","op":"subscribe","args":[)" : R"(","op":"unsubscribe","args":[)");
        for (const FeedTopic* const topic : topics) {
            const std::size_t colon = topic->name.find(':');
            if (out.back() != '[') out += ',';
            out += R"({"channel":")" + topic->name.substr(0, colon) + R"(","instId":")" +
                   topic->name.substr(colon + 1) + R"("})";
        }
        return out + "]}";
    }
    [[nodiscard]] std::uint32_t answers(
        bool, std::span<const FeedTopic* const> topics) const noexcept override {
        return static_cast<std::uint32_t>(topics.size());
    }

    [[nodiscard]] FeedReading read(std::string_view message) override {
        if (message.starts_with(R"({"arg":{)")) return {};
        FeedReading out;
        out.kind = FeedReading::Kind::Other;
        Object root;
        if (message == "pong" ||
            parser_.parse(message.data(), message.size()).get(root) != simdjson::SUCCESS)
            return out;
        const std::string_view event = venue_common::text_field(root, "event");
        if (event.empty()) {
            if (venue_common::field(root, "data")) out.kind = FeedReading::Kind::Data;
            return out;
        }
        out.key = static_cast<std::uint64_t>(venue_common::integer_field(root, "id").value_or(0));
        out.code = static_cast<std::int32_t>(venue_common::integer_field(root, "code").value_or(0));
        out.text = venue_common::text_field(root, "msg");
        if (event == "subscribe" || event == "unsubscribe") out.kind = FeedReading::Kind::Answer;
        if (event == "error") out.kind = FeedReading::Kind::Refusal;
        if (event == "notice" && out.code == 64008) out.kind = FeedReading::Kind::Leaving;
        return out;
    }

    [[nodiscard]] std::string_view topic_of(std::string_view message) override {
        if (!message.starts_with(R"({"arg":{)")) return {};
        return message.substr(0, message.find('}'));
    }

    [[nodiscard]] std::string_view trade_of(std::string_view message) const override {
        constexpr std::string_view kKey = R"("tradeId":")";
        if (message.find(R"("channel":"trades")") == std::string_view::npos) return {};
        const std::size_t at = message.find(kKey);
        if (at == std::string_view::npos) return {};
        message.remove_prefix(at + kKey.size());
        return message.substr(0, message.find('"'));
    }

    [[nodiscard]] std::vector<RestCall> instrument_calls(Market) const override {
        std::vector<RestCall> calls(2);
        for (RestCall& call : calls) {
            call.rate.call = kInstruments;
            call.path = "/api/v5/public/instruments";
            call.timeout = Nanos::seconds(30);
        }
        calls[0].query = "instType=SPOT";
        calls[1].query = "instType=SWAP";
        return calls;
    }
    [[nodiscard]] Result<std::vector<InstrumentDefinition>> read_instruments(
        Market, std::string_view body) const override {
        return parse_instruments(body);
    }

private:
    FeedDoor door_;
    simdjson::dom::parser parser_;
};

}  // namespace

FeedEndpoints FeedEndpoints::production() { return {"wss://ws.okx.com:8443"}; }
FeedEndpoints FeedEndpoints::demo() { return {"wss://wspap.okx.com:8443"}; }

std::unique_ptr<FeedDialect> make_feed_dialect(const FeedEndpoints& endpoints) {
    return std::make_unique<Dialect>(endpoints);
}

std::unique_ptr<venue_common::StreamFeed> make_market_feed(ports::Transport& transport,
                                                           const FeedEndpoints& endpoints,
                                                           venue_common::RestClient& rest,
                                                           venue_common::FeedSettings settings) {
    return std::make_unique<venue_common::StreamFeed>(
        transport, make_feed_dialect(endpoints),
        std::vector<venue_common::StreamFeed::Rest>{{Market::Okx, &rest}}, settings);
}

}  // namespace parallax::okx
