// Which WebSocket somebody wants, by its path (sheet: 1.1, 1.2, 1.8, 7.1).
#include "sim/venues/binance/front.hpp"

namespace parallax::sim_binance {
namespace {

const sim_front::KeepAlive kSpotRules{
    Nanos::seconds(20), Nanos::seconds(60), {}, Nanos::seconds(86'400), 1008};
const sim_front::KeepAlive kFuturesRules{
    Nanos::seconds(180), Nanos::seconds(600), {}, Nanos::seconds(86'400), 1008};

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const std::string_view name = text.substr(0, text.find('/'));
        text.remove_prefix(std::min(text.size(), name.size() + 1));
        if (!name.empty()) out.emplace_back(name);
    }
    return out;
}

}  // namespace

void BinanceFront::upgrade(const ports::ServerEvent& event) {
    const auto refuse_it = [&](std::uint16_t status) {
        transport_.respond(event.exchange, {status, {}, {}, true});
    };
    State state;
    state.product = product_of(event);
    Limits& limits = api_.limits(state.product);
    if (limits.banned(event.peer, now_)) return refuse_it(418);
    connects_.add(event.peer, now_);
    if (!connects_.fits(event.peer, now_, 0)) return refuse_it(429);
    sim_front::Parameters query;
    if (!query.add_encoded(event.query)) return refuse_it(400);

    std::string_view path = event.path;
    if (path == "/ws-api/v3" || path == "/ws-fapi/v1") {
        if (limits.charge(event.peer, state.product == Product::Spot ? 2 : 5, now_))
            return refuse_it(429);
        state.role = Role::Socket;
        state.return_limits = query.text("returnRateLimits") != "false";
    } else {
        if (state.product == Product::Futures) {
            for (const std::string_view route : {"/public", "/market", "/private"}) {
                if (path.starts_with(std::string{route} + "/")) {
                    state.route = route.substr(1);
                    path.remove_prefix(route.size());
                    break;
                }
            }
        }
        if (path.starts_with("/stream")) {
            state.combined = true;
            state.streams = split(query.text("streams"));
        } else if (path == "/ws" || path.starts_with("/ws/")) {
            const auto names = sim_front::percent_decoded(path.substr(3));
            if (!names) return refuse_it(400);
            state.streams = split(*names);
        } else {
            return refuse_it(404);
        }
        if (const std::string* const key = query.find("listenKey")) state.streams = {*key};
        if (state.streams.size() > 1'024) return refuse_it(400);
        if (state.product == Product::Futures && state.streams.size() == 1 &&
            api_.listener(state.streams[0], now_)) {
            state.role = Role::User;
            state.listen_key = std::exchange(state.streams, {})[0];
        }
    }
    const ports::SessionId id = transport_.accept(event.exchange);
    opening_[id.raw()] = std::move(state);
}

void BinanceFront::opened(const ports::ServerEvent& event) {
    const auto found = opening_.find(event.session.raw());
    if (found == opening_.end()) return;
    State state = std::move(found->second);
    opening_.erase(found);
    const auto names = std::exchange(state.streams, {});
    const bool spot = state.product == Product::Spot;
    Session& s = sessions_.open(event.session, event.peer, spot ? kSpotRules : kFuturesRules, now_,
                                std::move(state));
    for (const std::string& name : names) follow(s, name, now_);
}

}  // namespace parallax::sim_binance
