// Tick to order again and again: a venue that only says what makes a plan, so that the way from a
// tick to its orders is as warm as OpenSSL's echo beside it. Session, services, gateways and
// sockets are the product's own; only who picks the frame out of its feed is not in it. What comes
// between two orders is left out of the figures: fills, and the gap that closes. See order_bench
// for the same way as it is cold.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <vector>

#include "adapters/venues/binance/order_gateway.hpp"
#include "adapters/venues/okx/order_gateway.hpp"
#include "app/session.hpp"
#include "app/venue_access.hpp"
#include "net/socket_server.hpp"
#include "net/socket_transport.hpp"
#include "order_watch.hpp"

namespace {

using namespace parallax;
using bench::quantiles;
using runtime::mono_now;

constexpr double kSpeed = 2'000;             ///< market seconds a second: venues' limits allow it
constexpr Nanos kPause = Nanos::micros(60);  ///< between what a plan is made of
constexpr int kTicks = 3'000;

app::Settings settings() {
    app::Settings s;
    s.fees = *FeeSchedule::named("zero");
    s.scanner.cooldown = Nanos{};
    s.scanner.inventory_cost = Rate{};
    s.scanner.quote_age_spot = s.scanner.skew_max = Nanos::seconds(10);
    s.risk.book_age_max = s.risk.clock_bound = Nanos::seconds(10);
    for (Amount* const limit :
         {&s.risk.max_position, &s.risk.max_asset_delta, &s.risk.max_quote_group,
          &s.risk.max_venue_gross, &s.risk.max_total_gross})
        *limit = Amount::units(1'000'000'000);
    s.risk.max_executions = 1'000'000;
    for (const auto& [market, symbol] :
         {std::pair{Market::BinanceSpot, "BTCUSDT"}, std::pair{Market::Okx, "BTC-USDT"}}) {
        InstrumentDefinition d;
        d.market = market;
        d.kind = InstrumentKind::Spot;
        d.venue_symbol = symbol;
        d.base = "BTC";
        d.quote = "USDT";
        d.tick = "0.1";
        d.lot = "0.00001";
        d.min_notional = "5";
        d.venue_code = 1;
        s.instruments.push_back(d);
    }
    return s;
}

/// Answers logons and refuses orders: whoever sent one knows at once that it has ended. Its fills
/// are the bench's, and go to the services.
class Venues {
public:
    Venues() : server_{std::move(*net::SocketServer::make({}))} {
        net::ListenOptions options;
        options.certificate = net::bench::certificate();
        options.deflate = false;
        const auto listening = server_->listen(options);
        PLX_ASSERT(listening.has_value());
        host = "127.0.0.1:" + std::to_string(listening->port);
    }
    void poll() {
        for (const ports::ServerEvent& event : server_->poll(Nanos{})) {
            using Kind = ports::ServerEventKind;
            if (event.kind == Kind::Request)
                server_->respond(event.exchange,
                                 {200, {}, event.path.starts_with("/api/v5") ? kNothing : "[]"});
            if (event.kind == Kind::Upgrade) {
                const ports::SessionId session = server_->accept(event.exchange, {});
                if (event.path == "/ticks") ticks_ = session;
            }
            if (event.kind == Kind::Message) answer(event);
        }
    }
    [[nodiscard]] bool open() const noexcept { return ticks_.valid(); }
    void tick(std::string_view text) { PLX_ASSERT(server_->send(ticks_, text).has_value()); }

    std::string host;

private:
    static constexpr const char* kNothing = R"({"code":"0","data":[],"msg":""})";
    static std::string_view behind(std::string_view text, std::string_view name) {
        const std::size_t at = text.find(name);
        return at == std::string_view::npos ? std::string_view{} : text.substr(at + name.size());
    }
    void answer(const ports::ServerEvent& event) {
        const std::string_view text = event.bytes;
        const std::string_view id = behind(text, "\"id\":");
        const std::string number{id.substr(0, id.find_first_of(",}"))};
        std::string out;
        if (text.find("order.place") != std::string_view::npos) {
            out = R"({"id":)" + number +
                  R"(,"status":400,"error":{"code":-2010,"msg":"Account has insufficient balance)"
                  R"( for requested action."}})";
        } else if (text.find("userDataStream") != std::string_view::npos) {
            out = R"({"id":)" + number + R"(,"status":200,"result":{"subscriptionId":0}})";
        } else if (text.find("\"login\"") != std::string_view::npos) {
            out = R"({"event":"login","code":"0","msg":"","connId":"a4d3ae55"})";
        } else if (text.find("\"subscribe\"") != std::string_view::npos) {
            out = R"({"id":)" + number + R"(,"event":"subscribe","arg":{},"connId":"a4d3ae55"})";
        } else if (text.find("\"op\":\"order\"") != std::string_view::npos) {
            out = R"({"id":)" + number +
                  R"(,"op":"order","code":"1","msg":"","data":[{"clOrdId":"","ordId":"","sCode":)"
                  R"("51008","sMsg":"Insufficient balance"}]})";
        }
        if (!out.empty()) PLX_ASSERT(server_->send(event.session, out).has_value());
    }

    std::unique_ptr<net::SocketServer> server_;
    ports::SessionId ticks_;
};

/// The product's gateways; what they are told becomes nothing, fills are made up.
class Orders final : public app::Execution {
public:
    explicit Orders(const app::Pipeline& pipeline) : pipeline_{pipeline} {}
    void submit(std::span<const messages::OrderRequest> requests, UnixNanos) override {
        for (const messages::OrderRequest& request : requests) {
            if (request.action != messages::OrderAction::Place) continue;
            const Market market = pipeline_.universe().instrument(request.instrument).market;
            auto& gateway = market == Market::Okx ? *okx : *binance;
            if (gateway.submit({&request, 1})) {
                sent_.push_back(request);
            } else {
                ++refused;
            }
        }
    }
    void advance(UnixNanos) override {}
    UnixNanos next_due() const noexcept override { return venue_common::LiveGateway::kNever; }
    /// Each order filled at the best price there is.
    bool deliver(app::Pipeline& pipeline) override {
        const auto sent = std::exchange(sent_, {});
        for (const messages::OrderRequest& request : sent) {
            const book::FeedBook& book = pipeline.market().books()[request.instrument];
            messages::OrderEvent event;
            event.id = request.id;
            event.instrument = request.instrument;
            event.side = request.side;
            event.received = event.venue_time = pipeline.now();
            event.kind = messages::OrderEventKind::Accepted;
            pipeline.on(event);
            event.kind = messages::OrderEventKind::Filled;
            event.trade_id = ++last_trade_;
            event.price = (request.side == Side::Buy ? book.best_ask() : book.best_bid()).price;
            event.quantity = event.cumulative = request.quantity;
            event.fee_asset = pipeline.universe().instrument(request.instrument).quote;
            pipeline.on(event);
            event.kind = messages::OrderEventKind::Done;
            pipeline.on(event);
        }
        return !sent.empty();
    }
    void report_balances(app::Pipeline&, UnixNanos) override {}
    bool quiet() const noexcept override { return sent_.empty(); }
    void rescale(const Rescale&) override {}
    Amount balance(Market, AssetId) const override { return {}; }

    std::unique_ptr<venue_common::LiveGateway> binance, okx;
    std::uint64_t refused = 0;  ///< by our own gateways, such as for lack of budget

private:
    const app::Pipeline& pipeline_;
    std::vector<messages::OrderRequest> sent_;
    std::uint64_t last_trade_ = 0;
};

app::VenueConfig addresses(const std::string& host) {
    app::VenueConfig config;
    config.environment = "custom";
    config.rest = "https://" + host;
    config.streams = config.orders = "wss://" + host;
    return config;
}

venue_common::Credentials credentials() {
    return {
        "an-api-key-of-sixty-four-letters-as-long-as-the-venue-makes-them",
        venue_common::SigningKey::hmac(ports::Secret::copy_of("a secret of thirty-six letters")),
        ports::Secret::copy_of("phrase")};
}

/// Levels from `from` on, 0.1 apart.
std::string levels(double from, double step, const char* rest) {
    std::string text;
    for (int i = 0; i < 20; ++i) {
        char level[64];
        std::snprintf(level, sizeof level, R"(%s["%.1f","0.3"%s])", i == 0 ? "" : ",",
                      from + step * i, rest);
        text += level;
    }
    return text;
}

struct Run : bench::OrderFigures {
    bench::Way hmac, session;  ///< as the first order is signed: itself, or its connection
    std::uint64_t plans = 0;
};

/// `up`: OKX bids more than Binance asks, so that the first order is Binance's, signed; else the
/// other way round, and OKX's, on a connection that is signed in. Both by turns, into the wide
/// spread that OKX has otherwise.
class Loop {
public:
    bool start(Run& run) {
        net::ClientOptions options;
        options.extra_ca_file = net::bench::ca_file(net::bench::authority());
        options.clock = runtime::WallClock{runtime::wall_now(), mono_now(), kSpeed};
        auto made = net::make_socket_transport(options);
        ::unlink(options.extra_ca_file.c_str());
        if (!made) return run.error = made.error().detail, false;
        sockets_ = std::move(*made);
        transport_ = std::make_unique<bench::Watched>(*sockets_);
        binance_ = std::make_unique<app::VenueAccess>(*transport_, Venue::Binance,
                                                      addresses(venues_.host), credentials());
        okx_ = std::make_unique<app::VenueAccess>(*transport_, Venue::Okx, addresses(venues_.host),
                                                  credentials());
        session_ = std::make_unique<app::Session>(
            settings(), app::SessionOptions{}, [this](const app::Pipeline& pipeline) {
                auto orders = std::make_unique<Orders>(pipeline);
                orders_ = orders.get();
                return orders;
            });
        if (!session_->open()) return run.error = "no session", false;
        const Universe& universe = session_->pipeline().universe();
        binance::OrderSettings spot;
        spot.socket_host = "wss://" + venues_.host;
        orders_->binance =
            binance::make_order_gateway(*transport_, binance_->client(Market::BinanceSpot),
                                        universe, *binance_->signer<binance::Signer>(), spot, {});
        okx::OrderSettings settings;
        settings.socket_host = "wss://" + venues_.host;
        orders_->okx = okx::make_order_gateway(*transport_, okx_->client(Market::Okx), universe,
                                               *okx_->signer<okx::Signer>(), settings, {});
        const auto ticks = transport_->connect({"wss://" + venues_.host + "/ticks", {}});
        if (!ticks) return run.error = ticks.error().detail, false;
        ticks_ = *ticks;
        const MonoNanos patience = mono_now() + Nanos::seconds(5);
        const auto up = [&] {
            return venues_.open() && orders_->binance->link(0).live() &&
                   orders_->okx->link(0).live();
        };
        while (!up() && mono_now() < patience) turn();
        if (!up()) return run.error = "no connection", false;
        open_books();
        return true;
    }
    Run make() {
        Run run;
        if (!start(run)) return run;
        for (int i = 0; i < kTicks; ++i) {
            bare_.run();
            bare_.run();
            transport_->way = i % 2 == 0 ? &run.hmac : &run.session;
            once(i % 2 == 0);
        }
        run.take(bare_);
        run.plans = session_->pipeline().plan_counts().completed;
        if (run.plans < kTicks * 9 / 10)
            run.error = "only " + std::to_string(run.plans) + " plans, " +
                        std::to_string(orders_->refused) + " orders refused by our gateways";
        return run;
    }

private:
    void frame(Market market, std::string_view text, ports::FrameKind kind, UnixNanos received) {
        ports::Frame frame;
        frame.received = received;
        frame.bytes = text;
        frame.market = market;
        frame.kind = kind;
        if (kind == ports::FrameKind::RestBody) {
            frame.url = "/api/v3/depth";
            frame.symbol = "BTCUSDT";
        }
        session_->on_frame(frame);
    }
    [[nodiscard]] std::string millis() const { return std::to_string(transport_->now().millis()); }

    /// One event, if there is any; of the ticks' connection it goes to the session.
    void turn() {
        venues_.poll();
        for (const ports::NetEvent& event : transport_->poll(Nanos{})) {
            if (event.connection == ticks_) {
                if (event.kind == ports::NetEventKind::Message)
                    frame(Market::Okx, event.bytes, ports::FrameKind::WebSocket, event.received);
                continue;
            }
            (void)(binance_->client(Market::BinanceSpot).on(event) ||
                   okx_->client(Market::Okx).on(event) || orders_->binance->on(event) ||
                   orders_->okx->on(event));
        }
        const UnixNanos now = transport_->now();
        for (auto* const gateway : {orders_->binance.get(), orders_->okx.get()}) {
            gateway->advance(now);
            while (gateway->poll(told_) != 0) {
            }
        }
        binance_->client(Market::BinanceSpot).advance(now);
        okx_->client(Market::Okx).advance(now);
        session_->advance(now);
        session_->idle();
    }
    void turn_for(Nanos length) {
        for (const MonoNanos end = mono_now() + length; mono_now() < end;) turn();
    }
    void fund() {
        auto& pipeline = session_->pipeline();
        for (const Market wallet : {Market::BinanceSpot, Market::Okx}) {
            for (const char* const asset : {"USDT", "BTC"}) {
                pipeline.on(messages::ExternalFlow{
                    wallet, *pipeline.universe().find_asset(asset),
                    Amount::units(asset[0] == 'U' ? 10'000'000 : 100), transport_->now()});
            }
        }
    }
    void open_books() {
        frame(Market::BinanceSpot,
              R"({"lastUpdateId":1,"bids":[)" + levels(60'000, -0.1, "") + R"(],"asks":[)" +
                  levels(60'000.1, 0.1, "") + "]}",
              ports::FrameKind::RestBody, transport_->now());
        refresh();
        frame(Market::Okx,
              R"({"arg":{"channel":"books","instId":"BTC-USDT"},"action":"snapshot","data":[{)"
              R"("asks":[)" +
                  levels(60'400, 0.1, R"(,"0","1")") + R"(],"bids":[)" +
                  levels(59'600, -0.1, R"(,"0","1")") + R"(],"ts":")" + millis() +
                  R"(","prevSeqId":-1,"seqId":1}]})",
              ports::FrameKind::WebSocket, transport_->now());
        fund();
    }
    /// Something far from the best, so that the book is not old.
    void refresh() {
        const std::string id = std::to_string(++binance_id_);
        frame(Market::BinanceSpot,
              R"({"e":"depthUpdate","E":)" + millis() + R"(,"s":"BTCUSDT","U":)" + id + R"(,"u":)" +
                  id + R"(,"b":[["59000.0","0.)" + std::to_string(1 + binance_id_ % 9) +
                  R"("]],"a":[]})",
              ports::FrameKind::WebSocket, transport_->now());
    }
    [[nodiscard]] std::string okx_tick(bool bids, const char* price, const char* size) {
        const std::string one = R"([[")" + std::string{price} + R"(",")" + size + R"(","0","1"]])";
        const std::uint64_t before = okx_id_++;
        return R"({"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[{)"
               R"("asks":)" +
               (bids ? "[]" : one) + R"(,"bids":)" + (bids ? one : "[]") + R"(,"ts":")" + millis() +
               R"(","prevSeqId":)" + std::to_string(before) + R"(,"seqId":)" +
               std::to_string(okx_id_) + "}]}";
    }
    void once(bool up) {
        turn_for(kPause);
        refresh();
        turn();
        const char* const price = up ? "60300.0" : "59700.0";
        venues_.tick(okx_tick(up, price, "0.25"));
        const auto plans = session_->pipeline().plan_counts().sent;
        for (int i = 0; i < 1'000 && session_->pipeline().plan_counts().sent == plans; ++i) turn();
        turn_for(kPause);
        session_->exchange();
        turn_for(kPause);
        venues_.tick(okx_tick(up, price, "0"));
    }

    Venues venues_;
    bench::BareEcho bare_;
    std::unique_ptr<ports::Transport> sockets_;
    std::unique_ptr<bench::Watched> transport_;
    std::unique_ptr<app::VenueAccess> binance_, okx_;
    std::unique_ptr<app::Session> session_;
    Orders* orders_ = nullptr;
    ports::ConnectionId ticks_;
    std::array<messages::OrderEvent, 16> told_;
    std::uint64_t binance_id_ = 1, okx_id_ = 1;
};

const Run& the_run(benchmark::State& state) {
    static const Run run = std::make_unique<Loop>()->make();
    bench::check(state, run);
    return run;
}

// Budget: 500 ns.
void BM_TickToOrderHmac(benchmark::State& state) { quantiles(state, the_run(state).hmac.decided); }
BENCHMARK(BM_TickToOrderHmac)->Iterations(1);

// Budget: 150 ns.
void BM_TickToOrderSession(benchmark::State& state) {
    quantiles(state, the_run(state).session.decided);
}
BENCHMARK(BM_TickToOrderSession)->Iterations(1);

// Bytes of a tick in at one socket, bytes of the order out at another.
void BM_TickToOrderTlsHmac(benchmark::State& state) {
    quantiles(state, the_run(state).hmac.over_tls);
}
BENCHMARK(BM_TickToOrderTlsHmac)->Iterations(1);
void BM_TickToOrderTlsSession(benchmark::State& state) {
    quantiles(state, the_run(state).session.over_tls);
}
BENCHMARK(BM_TickToOrderTlsSession)->Iterations(1);

// Reference: OpenSSL reads a record and writes another.
void BM_BareAnswer(benchmark::State& state) { quantiles(state, the_run(state).bare_answer); }
BENCHMARK(BM_BareAnswer)->Iterations(1);

// Budget: an echo in which the one who answers is Parallax, at most 1.15 times the bare echo.
void BM_EchoByParallaxHmac(benchmark::State& state) {
    const Run& run = the_run(state);
    state.counters["p50_ns"] = run.echo(run.hmac);
    state.counters["plans"] = static_cast<double>(run.plans);
}
BENCHMARK(BM_EchoByParallaxHmac)->Iterations(1);
void BM_EchoByParallaxSession(benchmark::State& state) {
    const Run& run = the_run(state);
    state.counters["p50_ns"] = run.echo(run.session);
}
BENCHMARK(BM_EchoByParallaxSession)->Iterations(1);

void BM_BareEcho(benchmark::State& state) { quantiles(state, the_run(state).bare_echo); }
BENCHMARK(BM_BareEcho)->Iterations(1);

}  // namespace
