#include <algorithm>

#include "sim/venues/binance/front.hpp"
#include "sim/venues/binance/tape.hpp"

namespace parallax::sim_binance {
namespace {

std::string upper(std::string_view text) {
    std::string out{text};
    for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    return out;
}

constexpr std::size_t kMostStreams = 1'024;

/// Each route of USD-M brings its own class; without a route only the public one still comes.
bool brings(std::string_view route, bool is_public) noexcept {
    return is_public == (route == "public" || route.empty());
}

/// Of the windows there are streams of; 0: of this one there is none.
Nanos window_of(std::string_view text) noexcept {
    const int hours = text == "1h" ? 1 : text == "4h" ? 4 : text == "1d" ? 24 : 0;
    return Nanos::seconds(hours * 3'600);
}

}  // namespace

BinanceFront::Stream BinanceFront::parse_stream(Product product, std::string_view route,
                                                std::string_view name) const {
    using Kind = Stream::Kind;
    const bool futures = product == Product::Futures;
    Stream out;
    if (name.starts_with('!')) return parse_all(product, route, name);
    const std::size_t at = name.find('@');
    if (at == std::string_view::npos) return out;
    const std::string_view what = name.substr(at + 1);
    const bool continuous = futures && what.starts_with("continuousKline_");
    std::string_view symbol = name.substr(0, at);
    if (continuous) {  // of a pair's contract; there are perpetuals only
        constexpr std::string_view kContract = "_perpetual";
        if (!symbol.ends_with(kContract)) return out;
        symbol.remove_suffix(kContract.size());
    }
    const auto listing = venue_.find_listing(market_of(product), upper(symbol));
    if (!listing || upper(symbol) == symbol) return out;
    out.listing = *listing;
    const std::string_view type = what.substr(0, what.find('@'));
    const std::string_view speed = what.substr(std::min(what.size(), type.size() + 1));
    const Nanos usual = Nanos::millis(futures ? 250 : 1'000);
    const bool fast = speed == "100ms" || (futures && speed == "500ms");
    if (!speed.empty() && !fast && !(type == "markPrice" && speed == "1s")) return out;
    const Nanos every = speed == "100ms"   ? Nanos::millis(100)
                        : speed == "500ms" ? Nanos::millis(500)
                                           : usual;
    bool is_public = false;
    if (type == "trade") {
        // USD-M: not in its documents, but there, and used by clients.
        out.kind = Kind::Trade;
        is_public = true;
    }
    if (type == "aggTrade") out.kind = Kind::Aggregate;
    if (type == "bookTicker") {
        out.kind = Kind::Best;
        is_public = true;
    }
    if (type == "depth") {
        out.kind = Kind::Diff;
        out.every = every;
        is_public = true;
    } else if (type == "depth5" || type == "depth10" || type == "depth20") {
        out.kind = Kind::Partial;
        out.every = every;
        out.levels = type == "depth5" ? 5 : type == "depth10" ? 10 : 20;
        is_public = true;
    } else if (type.starts_with("kline_") || continuous) {
        out.interval = type.substr(type.find('_') + 1);
        out.length = kline_length(out.interval);
        out.every = Nanos::millis(futures ? 250 : 2'000);
        if (out.length > Nanos{}) out.kind = continuous ? Kind::ContinuousKline : Kind::Kline;
    } else if (type == "ticker" || type == "miniTicker") {
        out.kind = type == "ticker" ? Kind::Day : Kind::MiniDay;
        out.every = Nanos::millis(futures ? 2'000 : 1'000);
    } else if (type.starts_with("ticker_") && !futures) {
        out.length = window_of(type.substr(7));
        out.every = Nanos::seconds(1);
        if (out.length > Nanos{}) out.kind = Kind::Window;
    } else if (type == "avgPrice" && !futures) {
        out.kind = Kind::Average;
        out.every = Nanos::seconds(1);
    } else if (type == "forceOrder" && futures) {
        out.kind = Kind::Forced;
    } else if (type == "markPrice" && futures) {
        out.kind = Kind::Mark;
        out.every = Nanos::seconds(speed == "1s" ? 1 : 3);
    }
    if (futures && !brings(route, is_public)) out.kind = Kind::Nothing;
    return out;
}

/// Streams of all listings: `!miniTicker@arr` and, of spot, windows; of USD-M whole days, marks and
/// best prices.
BinanceFront::Stream BinanceFront::parse_all(Product product, std::string_view route,
                                             std::string_view name) {
    using Kind = Stream::Kind;
    const bool futures = product == Product::Futures;
    Stream out;
    out.all = true;
    out.every = Nanos::seconds(1);
    bool is_public = false;
    if (name == "!miniTicker@arr") out.kind = Kind::MiniDay;
    if (name.starts_with("!ticker_") && name.ends_with("@arr") && !futures) {
        out.length = window_of(name.substr(8, name.size() - 12));
        if (out.length > Nanos{}) out.kind = Kind::Window;
    }
    if (futures && name == "!ticker@arr") out.kind = Kind::Day;  // spot's was retired
    if (futures && (name == "!markPrice@arr" || name == "!markPrice@arr@1s")) {
        out.kind = Kind::Mark;
        if (!name.ends_with("@1s")) out.every = Nanos::seconds(3);
    }
    if (futures && name == "!forceOrder@arr") {
        out.kind = Kind::Forced;
        out.every = Nanos{};
    }
    if (futures && name == "!bookTicker") {
        out.kind = Kind::Best;
        out.every = Nanos::seconds(5);
        is_public = true;
    }
    if (futures && !brings(route, is_public)) out.kind = Kind::Nothing;
    return out;
}

void BinanceFront::follow(Session& session, const std::string& name, UnixNanos now) {
    auto& mine = session.state.streams;
    if (std::find(mine.begin(), mine.end(), name) != mine.end()) return;
    mine.push_back(name);
    const Product product = session.state.product;
    const Stream stream = parse_stream(product, session.state.route, name);
    if (stream.kind == Stream::Kind::Nothing) return;  // acknowledged, but nothing ever comes
    Followed& f = followed_[{product, name}];
    if (f.sessions.empty()) {
        f.stream = stream;
        if (stream.every > Nanos{}) f.due = sim_front::DepthScheduler::end_of(stream.every, now);
        if (stream.kind == Stream::Kind::Diff)
            depth_.follow(stream.listing, stream.every, venue_.book(stream.listing).update(), now);
        const auto& aggregates = stream.kind == Stream::Kind::Aggregate
                                     ? api_.tape(stream.listing).aggregates()
                                     : std::deque<AggregateTrade>{};
        f.told = aggregates.empty() ? 0 : aggregates.back().id;
    }
    f.sessions.insert(session.id.raw());
}

void BinanceFront::leave(Session& session, const std::string& name) {
    std::erase(session.state.streams, name);
    const auto found = followed_.find({session.state.product, name});
    if (found == followed_.end() || found->second.sessions.erase(session.id.raw()) == 0) return;
    if (!found->second.sessions.empty()) return;
    const Stream& stream = found->second.stream;
    if (stream.kind == Stream::Kind::Diff) depth_.leave(stream.listing, stream.every);
    followed_.erase(found);
}

void BinanceFront::control(Session& session, std::string_view text, UnixNanos now) {
    const sim_front::ReadJson read = sim_front::read_json(text);
    Json id = nullptr;
    const auto fail_with = [&](int code, const std::string& msg) {
        sessions_.send(session, text_of(Json{{"code", code}, {"msg", msg}, {"id", id}}));
    };
    if (!read.good)
        return fail_with(
            3, "Invalid JSON: expected value at line 1 column " + std::to_string(read.at));
    if (!read.value.is_object()) return fail_with(2, "Invalid request: request must be an object");
    const Json& r = read.value;
    if (r.contains("id")) {
        const Json& given = r["id"];
        if (given.is_string() ? given.get<std::string>().size() > 36
                              : !given.is_number_integer() && !given.is_null())
            return fail_with(2,
                             "Invalid request: request ID must be an unsigned integer or a string");
        id = given;
    }
    const std::string method =
        r.contains("method") && r["method"].is_string() ? r["method"].get<std::string>() : "";
    const Json params = r.contains("params") ? r["params"] : Json::array();
    Json result = nullptr;
    if (method == "SUBSCRIBE" || method == "UNSUBSCRIBE") {
        const auto text_only = [](const Json& one) { return one.is_string(); };
        if (!params.is_array() || params.empty() ||
            !std::all_of(params.begin(), params.end(), text_only))
            return fail_with(2, "Invalid request: params must be an array of stream names");
        if (method == "SUBSCRIBE" && session.state.streams.size() + params.size() > kMostStreams)
            return fail_with(2, "Invalid request: too many parameters");
        for (const Json& name : params) {
            if (method == "SUBSCRIBE") {
                follow(session, name.get<std::string>(), now);
            } else {
                leave(session, name.get<std::string>());
            }
        }
    } else if (method == "LIST_SUBSCRIPTIONS") {
        result = session.state.streams;
    } else if (method == "SET_PROPERTY" || method == "GET_PROPERTY") {
        if (!params.is_array() || params.empty() || params[0] != "combined")
            return fail_with(0, "Unknown property");
        if (method == "GET_PROPERTY") {
            result = session.state.combined;
        } else if (params.size() != 2 || !params[1].is_boolean()) {
            return fail_with(1, "Invalid value type: expected Boolean");
        } else {
            session.state.combined = params[1].get<bool>();
        }
    } else {
        return fail_with(2, "Invalid request: unknown variant `" + method.substr(0, 64) +
                                "`, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, "
                                "`LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`");
    }
    sessions_.send(session, text_of(Json{{"result", result}, {"id", id}}));
}

}  // namespace parallax::sim_binance
