// Subscribe and unsubscribe.
#include <algorithm>

#include "sim/venues/okx/sockets.hpp"

namespace parallax::sim_okx {

using sim_engine::ListingId;

namespace {

constexpr std::size_t kMostConnections = 30;  ///< of a private channel and account

bool is_inst_type(std::string_view type) noexcept {
    return type == "SPOT" || type == "SWAP" || type == "MARGIN" || type == "FUTURES" ||
           type == "OPTION" || type == "ANY";
}

}  // namespace

std::string Sockets::wrong_channel(const Json& arg) {
    std::string out = "channel:" + parameter(arg, "channel");
    for (const char* const name : {"instId", "instType", "instFamily", "ccy"}) {
        const std::string value = parameter(arg, name);
        if (!value.empty()) out += std::string{","} + name + ":" + value;
    }
    return out;
}

void Sockets::acknowledge(Socket& s, const Json& request, const Json& arg, bool on) {
    Json out;
    const std::string id = parameter(request, "id");
    if (!id.empty()) out["id"] = id;
    out["event"] = on ? "subscribe" : "unsubscribe";
    out["arg"] = arg;
    out["connId"] = s.state.connection;
    send(s.id, out.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void Sockets::subscriptions(Socket& s, const Json& request, bool on, UnixNanos now) {
    for (const Json& arg : *request.find("args")) {
        if (!arg.is_object()) {
            error(s, request, kWsArgs);
            continue;
        }
        const std::string name = parameter(arg, "channel");
        if (const auto channel = find_private_channel(name)) {
            private_topic(s, request, arg, *channel, on, now);
        } else if (const auto topic = find_channel(name)) {
            public_topic(s, request, arg, *topic, on, now);
        } else {
            error(s, request, kWsChannel, wrong_channel(arg));
        }
    }
}

void Sockets::public_topic(Socket& s, const Json& request, const Json& arg, Topic topic, bool on,
                           UnixNanos now) {
    Json echo;
    echo["channel"] = parameter(arg, "channel");
    bool exists = info(topic.channel).url == s.state.url;
    const std::string name = parameter(arg, "instId");
    if (topic.channel == Channel::Instruments) {
        const std::string type = parameter(arg, "instType");
        exists = exists && is_inst_type(type) && type != "ANY";
        topic.bar = type == "SPOT" ? 0 : type == "SWAP" ? 1 : 2;
        echo["instType"] = type;
    } else if (topic.channel != Channel::Status) {
        const auto id = core_.entry.by_name(name);
        exists = exists && id &&
                 (topic.channel != Channel::FundingRate || core_.venue.listing(*id).perpetual);
        if (id) topic.listing = *id;
        echo["instId"] = name;
    }
    if (!exists) return error(s, request, kWsChannel, wrong_channel(arg));
    if (!on) {
        streams.unsubscribe(s.id, topic);
        return acknowledge(s, request, arg, false);
    }
    const bool fast =
        topic.channel == Channel::BooksL2Tbt || topic.channel == Channel::Books50L2Tbt;
    if (fast && !s.state.account.valid()) return error(s, request, kWsNotLoggedIn);
    if (fast && !core_.settings.vip4.contains(s.state.account.raw()))
        return error(s, request, kWsTier);
    s.state.used = true;
    acknowledge(s, request, arg, true);
    Topic small = topic;
    if (topic.channel == Channel::BooksL2Tbt) {  // pushes the smaller ones out, silently
        for (const Channel channel : {Channel::Books, Channel::Books50L2Tbt}) {
            small.channel = channel;
            streams.unsubscribe(s.id, small);
        }
    } else if (topic.channel == Channel::Books || topic.channel == Channel::Books50L2Tbt) {
        small.channel = Channel::BooksL2Tbt;
        if (streams.follows(s.id, small))
            return error(s, request, kWsBookConflict,
                         parameter(arg, "channel") + " and books-l2-tbt for " + name);
    }
    streams.subscribe(s.id, topic, echo.dump(), now);
}

void Sockets::private_topic(Socket& s, const Json& request, const Json& arg, PrivateChannel channel,
                            bool on, UnixNanos now) {
    if (s.state.url != Url::Private) return error(s, request, kWsChannel, wrong_channel(arg));
    if (!s.state.account.valid()) return error(s, request, kWsNotLoggedIn);
    if (channel == PrivateChannel::Fills && !core_.settings.vip4.contains(s.state.account.raw()))
        return error(s, request, kWsTier);
    PrivateTopic topic;
    topic.channel = channel;
    const std::string name = parameter(arg, "instId");
    const std::string ccy = parameter(arg, "ccy");
    bool exists = true;
    if (channel == PrivateChannel::Orders || channel == PrivateChannel::Positions) {
        topic.inst_type = parameter(arg, "instType");
        exists = is_inst_type(topic.inst_type);
    }
    if (!name.empty()) {
        const auto id = core_.entry.by_name(name);
        exists = exists && id.has_value();
        if (id) topic.listing = *id;
    }
    if (!ccy.empty() && channel == PrivateChannel::Account) {
        const auto asset = core_.venue.find_asset(ccy);
        exists = exists && asset.has_value();
        if (asset) topic.asset = *asset;
    }
    if (!exists) return error(s, request, kWsChannel, wrong_channel(arg));
    const std::string extra = parameter(arg, "extraParams");
    if (!extra.empty()) {
        const sim_front::ReadJson read = sim_front::read_json(extra);
        const std::string interval =
            read.good && read.value.is_object() ? parameter(read.value, "updateInterval") : "";
        if (interval == "0") {
            topic.interval = Nanos{};
        } else if (channel == PrivateChannel::Positions &&
                   (interval == "2000" || interval == "3000" || interval == "4000")) {
            topic.interval = Nanos::seconds(interval[0] - '0');
        } else {
            return error(s, request, kWsParameter, "extraParams");
        }
    }
    if (!on) {
        users.unsubscribe(s.id, topic);
        return acknowledge(s, request, arg, false);
    }
    acknowledge(s, request, arg, true);
    s.state.used = true;
    const std::size_t others = users.connections(s.state.account, channel);
    if (others >= kMostConnections && channel != PrivateChannel::Fills) {
        Json out;
        out["event"] = "channel-conn-count-error";
        out["channel"] = parameter(arg, "channel");
        out["connCount"] = std::to_string(others);
        out["connId"] = s.state.connection;
        return send(s.id, out.dump());
    }
    Json echo = arg;
    echo.erase("extraParams");
    echo["uid"] = std::to_string(614'488'474'000'000ULL + s.state.account.raw());
    const bool fresh =
        users.subscribe(s.id, s.state.account, topic,
                        echo.dump(-1, ' ', false, Json::error_handler_t::replace), now);
    if (fresh && channel != PrivateChannel::Fills) count_connections(s, arg, channel);
}

void Sockets::count_connections(Socket& s, const Json& arg, PrivateChannel channel) {
    Json out;
    out["event"] = "channel-conn-count";
    out["channel"] = parameter(arg, "channel");
    out["connCount"] = std::to_string(users.connections(s.state.account, channel));
    out["connId"] = s.state.connection;
    send(s.id, out.dump());
}

}  // namespace parallax::sim_okx
