#include "adapters/venues/binance/fix_feed.hpp"

#include "adapters/fix/fields.hpp"
#include "adapters/venues/binance/fix_market.hpp"
#include "adapters/venues/binance/limits.hpp"

namespace parallax::binance::fix_feed {

using venue_common::FeedDoor;
using venue_common::FeedReading;
using venue_common::FeedTopic;
using venue_common::Heartbeat;
using Kind = FeedReading::Kind;

namespace {

constexpr std::string_view kBookLevels = "1000";  ///< as many as REST brings the WebSocket feed

std::int32_t code_of(std::string_view text) noexcept {
    const auto code = fix::number(text);
    return code && *code > -99'999 && *code < 99'999 ? static_cast<std::int32_t>(*code) : 0;
}

FeedReading refusal(std::string_view message) {
    FeedReading out;
    out.kind = Kind::Refusal;
    out.code = code_of(fix::text(message, 25016));
    out.text = fix::text(message, 58);
    return out;
}

/// The Logon's answer, or what came in its place.
FeedReading sign_in_answer(std::string_view message, std::string_view key, bool good) {
    FeedReading out;
    if (!good) out = refusal(message);
    if (good) out.kind = Kind::Answer;
    const auto number = fix::number(key);
    out.key = number && *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
    return out;
}

}  // namespace

bool is_address(std::string_view url) noexcept { return url.starts_with("fix:"); }

FeedDoor door(const std::string& url) {
    FeedDoor door;
    door.market = Market::BinanceSpot;
    door.name = "spot over FIX";
    door.target.url = url;
    door.heartbeat = {Heartbeat::Kind::Frame, Nanos::seconds(15), true, true, {}};
    door.silence = Nanos::seconds(40);
    door.replace_after = kReplaceAfter;
    door.most_topics = 1'000;
    door.topics_per_request = 1;
    door.connect_call = spot::kFixMarketLogon;
    door.message_call = spot::kFixMarketMessage;
    return door;
}

std::vector<fix::Group> groups() { return {{146, {55}}, {267, {269}}}; }

void topics(std::string_view symbol, std::uint8_t contents, std::uint8_t door,
            std::vector<FeedTopic>& out) {
    const auto add = [&](ports::FeedContent content, FixStream stream) {
        if ((contents & content) == 0) return;
        out.push_back({fix_request_id(stream, symbol), content, door, std::string{symbol}});
    };
    add(ports::kFeedDepth, FixStream::Book);
    add(ports::kFeedQuote, FixStream::Best);
    add(ports::kFeedTrades, FixStream::Trades);
}

std::string request(bool subscribe, const FeedTopic& topic) {
    std::string out;
    fix::append(out, 35, "V");
    fix::append(out, 262, topic.name);
    fix::append(out, 263, subscribe ? "1" : "2");
    if (!subscribe) return out;
    fix::append(out, 264, topic.content == ports::kFeedDepth ? kBookLevels : "1");
    fix::append(out, 266, "Y");
    fix::append(out, 146, "1");
    fix::append(out, 55, topic.symbol);
    const bool trades = topic.content == ports::kFeedTrades;
    fix::append(out, 267, trades ? "1" : "2");
    if (trades) {
        fix::append(out, 269, "2");
    } else {
        fix::append(out, 269, "0");
        fix::append(out, 269, "1");
    }
    return out;
}

std::uint32_t answers(bool subscribe, const FeedTopic& topic) noexcept {
    return subscribe && topic.content != ports::kFeedTrades ? 1 : 0;
}

FeedReading read(std::string_view message) {
    const std::string_view type = fix::text(message, 35);
    if (type == "X") return {};
    FeedReading out;
    out.kind = Kind::Other;
    if (type == "W") {
        out.kind = Kind::Begins;
        out.topic = fix::text(message, 262);
    } else if (const auto key = fix::text(message, fix::kAskTag); !key.empty()) {
        out = sign_in_answer(message, key, type == "A");
    } else if (type == "Y" || type == "3" || type == "j") {
        const std::string_view topic = fix::text(message, 262);
        // An id that is in use: the subscription is there, its snapshot on its way.
        const bool there = type == "Y" && fix::text(message, 281) == "1";
        if (topic.empty() || there) return out;
        out = refusal(message);
        out.topic = topic;
    } else if (type == "B" || type == "5") {
        out.kind = Kind::Leaving;
    }
    return out;
}

std::string_view topic_of(std::string_view message) noexcept { return fix::text(message, 262); }

std::string_view trade_of(std::string_view message) noexcept {
    if (fix_stream(fix::text(message, 262)) != FixStream::Trades) return {};
    return fix::text(message, 1003);
}

}  // namespace parallax::binance::fix_feed
