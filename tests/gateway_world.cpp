#include "gateway_world.hpp"

#include "adapters/venues/bybit/account.hpp"
#include "adapters/venues/bybit/order_gateway.hpp"
#include "adapters/venues/bybit/rest.hpp"
#include "adapters/venues/common/key_testing.hpp"
#include "adapters/venues/okx/account.hpp"
#include "adapters/venues/okx/order_gateway.hpp"
#include "adapters/venues/okx/rest.hpp"
#include "sim/prices/listings.hpp"
#include "sim/venues/bybit/front.hpp"
#include "sim/venues/okx/front.hpp"

namespace parallax::gateway_testing {

using messages::OrderAction;
using messages::OrderEvent;
using messages::OrderEventKind;
using messages::OrderRequest;
using sim_engine::Wallet;
using venue_common::GatewayConfig;
using venue_common::LiveGateway;

namespace {

sim_engine::VenueSettings settings_of(Venue venue) {
    sim_engine::VenueSettings settings;
    settings.venue = venue;
    return settings;
}

bool is_end(OrderEventKind kind) {
    return kind == OrderEventKind::Done || kind == OrderEventKind::Rejected ||
           kind == OrderEventKind::NotFound;
}

}  // namespace

VenueParts okx_parts() {
    static const okx::Signer kSigner{
        venue_common::testing::credentials(kApiKey, kSecret, kPassphrase)};
    VenueParts parts;
    parts.venue = Venue::Okx;
    parts.spot = "BTC-USDT";
    parts.perpetual = "BTC-USDT-SWAP";
    parts.spot_market = parts.perpetual_market = Market::Okx;
    parts.front = [](auto& venue, auto& transport, const auto& keys, const FixPlaces&) {
        return std::make_unique<sim_okx::OkxFront>(venue, transport, keys);
    };
    parts.dialect = [](const std::string& http) {
        return std::make_unique<okx::Rest>(http, &kSigner);
    };
    parts.gateway = [](auto& transport, auto& rest, const auto& universe, const std::string& ws,
                       const FixPlaces&, GatewayConfig config) {
        okx::OrderSettings settings;
        settings.socket_host = ws;
        settings.order_life = Nanos::seconds(1);
        settings.order_tag = "parallax";
        return okx::make_order_gateway(transport, rest, universe, kSigner, settings,
                                       std::move(config));
    };
    parts.account = [](const auto& universe) {
        return std::make_unique<okx::Accounts>(universe, "test", "parallax");
    };
    return parts;
}

VenueParts bybit_parts() {
    static const bybit::Signer kSigner{venue_common::testing::credentials(kApiKey, kSecret), 1'000};
    VenueParts parts;
    parts.venue = Venue::Bybit;
    parts.spot = parts.perpetual = "BTCUSDT";
    parts.spot_market = Market::BybitSpot;
    parts.perpetual_market = Market::BybitLinear;
    parts.front = [](auto& venue, auto& transport, const auto& keys, const FixPlaces&) {
        return std::make_unique<sim_bybit::BybitFront>(venue, transport, keys);
    };
    parts.dialect = [](const std::string& http) {
        return std::make_unique<bybit::Rest>(http, &kSigner);
    };
    parts.gateway = [](auto& transport, auto& rest, const auto& universe, const std::string& ws,
                       const FixPlaces&, GatewayConfig config) {
        bybit::OrderSettings settings;
        settings.socket_host = ws;
        return bybit::make_order_gateway(transport, rest, universe, kSigner, settings,
                                         std::move(config));
    };
    parts.account = [](const auto& universe) {
        return std::make_unique<bybit::Accounts>(universe, "test");
    };
    return parts;
}

World::World(VenueParts what, bool sockets)
    : parts{std::move(what)}, venue{settings_of(parts.venue)}, sockets_{sockets} {
    for (const sim_prices::Listing& listing : sim_prices::all_listings()) {
        InstrumentDefinition d = listing.definition;
        const bool here = is_spot(d.kind)
                              ? parts.has_spot && d.market == parts.spot_market
                              : parts.has_perpetual && d.market == parts.perpetual_market;
        if (!here || d.base != "BTC" || d.quote != "USDT") continue;
        if (!parts.min_notional.empty()) d.min_notional = parts.min_notional;
        const auto id = venue.list(d);
        const auto listed = universe.list(d);
        EXPECT_TRUE(id && listed);
        (is_spot(d.kind) ? spot : perpetual) = *id;
        (is_spot(d.kind) ? spot_id : perpetual_id) = listed->id;
    }
    if (!parts.has_spot) spot = perpetual, spot_id = perpetual_id;
    if (!parts.has_perpetual) perpetual = spot, perpetual_id = spot_id;
    const UnixNanos now = loop.server->now();
    venue.advance(now);
    for (sim_engine::AccountId* const who : {&me, &other}) {
        sim_engine::AccountSettings settings;
        settings.name = "trader";
        settings.fees = *FeeSchedule::named("base");
        *who = venue.open_account(settings);
        venue.grant(*who, parts.wallet, venue.asset("USDT"), Amount::units(1'000'000));
        if (parts.has_spot) venue.grant(*who, parts.wallet, venue.asset("BTC"), Amount::units(100));
    }
    for (const char* const asset : {"USDT", "BTC"}) start[asset] = balance(asset);
    using sim_front::Permission;
    set_key({Permission::Read, Permission::Trade, Permission::Transfer});
    for (std::size_t i = 0; parts.fix && i < places.doors.size(); ++i) {
        net::ListenOptions listen;
        listen.certificate = net::TestAuthority::get().issue();
        listen.raw = true;
        const auto listening = loop.server->listen(listen);
        EXPECT_TRUE(listening);
        places.doors[i] = listening->id;
        places.urls[i] = "tls://127.0.0.1:" + std::to_string(listening->port);
    }
    front = parts.front(venue, gate, keyring, places);
    for (const auto id : {spot, perpetual}) {
        const sim_engine::Listing& l = venue.listing(id);
        venue.set_index(id, *l.parse_price("60000"), now);
    }
    venue.clear_events();

    dialect = parts.dialect(loop.http(""));
    rest_client = std::make_unique<venue_common::RestClient>(wire, *dialect);
    start_gateway("test");
    EXPECT_TRUE(until([this] {
        const bool orders = !parts.fix || !sockets_ || gateway->link(1).live();
        return gateway->ready() && orders;
    }));
}

void World::set_key(std::vector<sim_front::Permission> permissions) {
    const bool shared = parts.public_key.empty();
    keyring.add({kApiKey,
                 shared ? sim_front::KeyKind::Hmac : sim_front::KeyKind::Ed25519,
                 shared ? kSecret : parts.public_key,
                 parts.venue == Venue::Okx ? kPassphrase : "",
                 std::move(permissions),
                 {},
                 me});
}

void World::start_gateway(const std::string& tag, UnixNanos recover_since, Nanos watchdog) {
    if (gateway) gateway->stop(loop.client->now());
    GatewayConfig config = quick_config(tag, sockets_);
    config.watchdog = watchdog;
    config.recover_since = recover_since;
    gateway = parts.gateway(wire, *rest_client, universe, loop.ws(""), places, std::move(config));
}

void World::start_account(venue_common::AccountConfig config) {
    account = std::make_unique<venue_common::LiveAccount>(*rest_client, parts.account(universe),
                                                          config, loop.client->now());
}

ports::AccountAnswer World::told(const ports::AccountRequest& request) {
    const auto token = account->ask(request);
    if (!token) {
        ADD_FAILURE() << token.error().detail;
        return {};
    }
    std::optional<ports::AccountAnswer> answer;
    EXPECT_TRUE(until([&] {
        answer = account->next();
        return answer && answer->token == *token;
    }));
    return answer.value_or(ports::AccountAnswer{});
}

void World::delist(bool perpetual_one) {
    InstrumentDefinition d = universe.definition(perpetual_one ? perpetual_id : spot_id);
    d.status = InstrumentStatus::Delisted;
    EXPECT_TRUE(universe.list(d));
}

// ---- time

void World::step() {
    const UnixNanos now = loop.server->now();
    for (const ports::ServerEvent& event : loop.server->poll(Nanos{})) {
        const bool heard = event.kind == ports::ServerEventKind::Message ||
                           event.kind == ports::ServerEventKind::Request;
        if (deaf && heard) continue;
        if (event.kind == ports::ServerEventKind::Opened) gate.opened(event.session);
        venue.advance(std::max(venue.now(), event.received));
        front->on(event);
    }
    venue.advance(std::max(venue.now(), now));
    front->advance(venue.now());
    for (const ports::NetEvent& event : wire.poll(Nanos::micros(200))) {
        if (!rest_client->on(event)) (void)gateway->on(event);
    }
    const UnixNanos mine = loop.client->now();
    rest_client->advance(mine);
    gateway->advance(mine);
    if (account) {
        account->advance(mine);
        std::array<messages::CashEvent, 16> paid;
        for (std::size_t n = account->poll_cash(paid); n > 0; n = account->poll_cash(paid))
            cash.insert(cash.end(), paid.begin(), paid.begin() + static_cast<std::ptrdiff_t>(n));
    }
    std::array<OrderEvent, 64> out;
    for (std::size_t n = gateway->poll(out); n > 0; n = gateway->poll(out))
        events.insert(events.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(n));
    std::array<messages::BalanceReport, 16> reports;
    for (std::size_t n = gateway->poll_balances(reports); n > 0;
         n = gateway->poll_balances(reports)) {
        balances.insert(balances.end(), reports.begin(),
                        reports.begin() + static_cast<std::ptrdiff_t>(n));
    }
}

bool World::until(const std::function<bool()>& done, Nanos limit) {
    const MonoNanos end = runtime::mono_now() + limit;
    while (!done()) {
        if (runtime::mono_now() > end) return false;
        step();
    }
    return true;
}

void World::run(Nanos time) {
    (void)until([] { return false; }, time);
}

// ---- the market

sim_engine::NewOrder World::other_order(Side side, std::int64_t price, std::int64_t thousandths,
                                        bool on_perpetual) const {
    sim_engine::NewOrder order;
    order.account = other;
    order.listing = on_perpetual ? perpetual : spot;
    order.side = side;
    const sim_engine::Listing& l = venue.listing(order.listing);
    order.price = *l.parse_price(std::to_string(price));
    order.quantity = to_quantity(Amount::from_raw(Amount::units(thousandths).raw() / 1'000),
                                 l.quantity_scale, Rounding::Down);
    return order;
}

sim_engine::OrderId World::rest(Side side, std::int64_t price, std::int64_t thousandths,
                                bool on_perpetual) {
    const auto placed =
        venue.place(other_order(side, price, thousandths, on_perpetual), venue.now());
    EXPECT_TRUE(placed) << to_string(placed.error());
    return placed.value_or(sim_engine::OrderId{});
}

void World::take(Side side, std::int64_t price, std::int64_t thousandths, bool on_perpetual) {
    sim_engine::NewOrder order = other_order(side, price, thousandths, on_perpetual);
    order.time_in_force = sim_engine::TimeInForce::ImmediateOrCancel;
    EXPECT_TRUE(venue.place(order, venue.now()));
}

// ---- our orders

OrderRequest World::order(Side side, std::int64_t price, std::int64_t thousandths,
                          messages::TimeInForce time_in_force, bool on_perpetual) {
    OrderRequest request;
    request.id = ClientOrderId{PlanId{next_plan_++}, 1, 0};
    request.instrument = on_perpetual ? perpetual_id : spot_id;
    request.side = side;
    const Symbol& symbol = universe.symbol_of(request.instrument);
    request.price = Price::from_raw(price * pow10(symbol.price_scale.decimals));
    request.quantity =
        Quantity::from_raw(thousandths * pow10(symbol.quantity_scale.decimals) / 1'000);
    request.time_in_force = time_in_force;
    request.decided = loop.client->now();
    return request;
}

ClientOrderId World::place(const OrderRequest& request) {
    const auto sent = gateway->submit({&request, 1});
    EXPECT_TRUE(sent) << sent.error().detail;
    return request.id;
}

void World::ask(OrderAction action, const OrderRequest& request) {
    OrderRequest again = request;
    again.action = action;
    EXPECT_TRUE(gateway->submit({&again, 1}));
}

// ---- what was told

std::vector<OrderEvent> World::of(ClientOrderId id) const {
    std::vector<OrderEvent> out;
    for (const OrderEvent& event : events) {
        if (event.id == id) out.push_back(event);
    }
    return out;
}

std::size_t World::count(ClientOrderId id, OrderEventKind kind) const {
    std::size_t found = 0;
    for (const OrderEvent& event : events) found += event.id == id && event.kind == kind ? 1 : 0;
    return found;
}

bool World::over(ClientOrderId id) const {
    for (const OrderEvent& event : events) {
        if (event.id == id && is_end(event.kind)) return true;
    }
    return false;
}

const OrderEvent& World::last(ClientOrderId id) const {
    static const OrderEvent kNone;
    for (std::size_t i = events.size(); i-- > 0;) {
        if (events[i].id == id) return events[i];
    }
    return kNone;
}

Quantity World::filled(ClientOrderId id) const {
    Quantity sum;
    for (const OrderEvent& event : events) {
        if (event.id == id && event.kind == OrderEventKind::Filled) sum += event.quantity;
    }
    return sum;
}

OrderEvent World::end_of(ClientOrderId id) {
    EXPECT_TRUE(until([&] { return over(id); })) << "no end came";
    OrderEvent end;
    std::size_t ends = 0;
    for (const OrderEvent& event : events) {
        if (event.id != id || !is_end(event.kind)) continue;
        end = event;
        ++ends;
    }
    EXPECT_EQ(ends, 1U) << "an order ends once";
    return end;
}

std::size_t World::fills() const {
    std::size_t found = 0;
    for (const OrderEvent& event : events) found += event.kind == OrderEventKind::Filled ? 1 : 0;
    return found;
}

std::size_t World::open_at_the_venue() const {
    return venue.open_orders(me, sim_engine::ListingId{}).size();
}

Owner World::owner() const {
    return {venue, me, parts.wallet, parts.has_perpetual ? std::optional{perpetual} : std::nullopt};
}

void World::expect_fills_equal_the_venues() {
    ASSERT_TRUE(until([&] { return fills() >= venue.fills_since(me, 0).size(); }));
    expect_same_fills(owner(), universe, events);
}

void World::expect_balances_equal_the_events() {
    expect_same_balances(owner(), universe, events, start);
}

}  // namespace parallax::gateway_testing
