#include "trader.hpp"

#include <algorithm>

#include "sim/prices/listings.hpp"
#include "simulation/fault_plan.hpp"

namespace parallax::fault_testing {

using gateway_testing::VenueParts;
using messages::OrderAction;
using messages::OrderEvent;
using messages::OrderEventKind;
using messages::OrderRequest;
using messages::TimeInForce;
using sim_world::Door;

namespace {

constexpr Nanos kBetween = Nanos::millis(90);   // orders
constexpr Nanos kRests = Nanos::millis(700);    // an order, before it is cancelled
constexpr Nanos kPatience = Nanos::seconds(3);  // before an order is asked about
constexpr Nanos kInsists = Nanos::seconds(1);   // before it is asked or cancelled again

bool is_end(OrderEventKind kind) {
    return kind == OrderEventKind::Done || kind == OrderEventKind::Rejected ||
           kind == OrderEventKind::NotFound;
}

sim_world::AccountSettings account_of(const VenueParts& parts) {
    using sim_front::Permission;
    sim_world::AccountSettings account;
    account.name = "trader";
    account.holdings = {{"USDT", Amount::units(1'000'000)}, {"BTC", Amount::units(100)}};
    const bool shared = parts.public_key.empty();
    account.keys.push_back({parts.venue,
                            {gateway_testing::kApiKey,
                             shared ? sim_front::KeyKind::Hmac : sim_front::KeyKind::Ed25519,
                             shared ? gateway_testing::kSecret : parts.public_key,
                             parts.venue == Venue::Okx ? gateway_testing::kPassphrase : "",
                             {Permission::Read, Permission::Trade, Permission::Transfer},
                             {},
                             {}},
                            false});
    return account;
}

}  // namespace

Trader::Trader(const GatewayCase& how, std::uint64_t seed)
    : parts{how.parts()},
      world{account_of(parts), {sim_prices::Coin::Btc}, seed},
      sockets_{how.sockets},
      random_{seed} {
    for (const sim_prices::Listing& listing : sim_prices::all_listings()) {
        const InstrumentDefinition& d = listing.definition;
        const bool spot = is_spot(d.kind);
        const bool here = spot ? parts.has_spot && d.market == parts.spot_market
                               : parts.has_perpetual && d.market == parts.perpetual_market;
        if (!here || d.base != "BTC" || d.quote != "USDT") continue;
        const auto listed = universe.list(d);
        EXPECT_TRUE(listed);
        ids_[spot ? 0 : 1] = listed->id;
        listings_[spot ? 0 : 1] = venue().find_listing(d.market, d.venue_symbol);
    }
    for (const char* const asset : {"USDT", "BTC"}) start_[asset] = owner().balance(asset);
    for (std::size_t i = 0; i < places_.urls.size(); ++i)
        places_.urls[i] = std::string{"tls://"} + World::kFixPlaces[i];
    const std::string host = simulation::endpoint(door());
    dialect = parts.dialect("https://" + host);
    rest = std::make_unique<venue_common::RestClient>(wire_, *dialect);
    gateway = parts.gateway(wire_, *rest, universe, "wss://" + host, places_,
                            gateway_testing::quick_config("test", sockets_));
    EXPECT_TRUE(until([this] { return ready(); }, Nanos::seconds(30))) << gateway->waits_for();
}

Door Trader::door() const noexcept {
    switch (parts.venue) {
        case Venue::Okx:
            return Door::Okx;
        case Venue::Bybit:
            return Door::Bybit;
        default:
            return parts.has_spot ? Door::BinanceSpot : Door::BinanceUsdm;
    }
}

gateway_testing::Owner Trader::owner() {
    return {venue(), world.sim().account(parts.venue, 0), parts.wallet, listings_[1]};
}

// ---- time

void Trader::turn(UnixNanos until) {
    const UnixNanos now = world.now();
    UnixNanos due = std::min({until, gateway->next_due(), rest->next_due(), now + kBetween});
    if (account) due = std::min(due, account->next_due());
    for (const ports::NetEvent& event : wire_.poll(std::max(Nanos{}, due - now))) {
        if (!rest->on(event)) (void)gateway->on(event);
    }
    const UnixNanos later = world.now();
    rest->advance(later);
    gateway->advance(later);
    if (account) account->advance(later);
    take_events();
    world.strike();
}

void Trader::run(Nanos time, bool place_orders) {
    const UnixNanos end = world.now() + time;
    while (world.now() < end) {
        turn(end);
        if (place_orders && world.now() >= next_order_) place(world.now());
        mind(world.now());
    }
}

bool Trader::until(const std::function<bool()>& done, Nanos limit) {
    const UnixNanos end = world.now() + limit;
    while (!done()) {
        if (world.now() >= end) return false;
        turn(end);
        mind(world.now());
    }
    return true;
}

bool Trader::all_over() const {
    return std::ranges::all_of(orders,
                               [](const auto& one) { return !one.second.sent || one.second.over; });
}

bool Trader::ready() const {
    const bool orders_go = !sockets_ || !parts.fix || gateway->link(1).live();
    return gateway->ready() && orders_go;
}

// ---- orders

Price Trader::best(Side side, bool perpetual) {
    const auto id = *listings_[perpetual ? 1 : 0];
    const auto levels = venue().levels(id, side, 1);
    const Symbol& symbol = universe.symbol_of(ids_[perpetual ? 1 : 0]);
    if (levels.empty()) return *Price::parse("60000", symbol.price_scale);
    return *Price::parse(venue().listing(id).text(levels[0].price), symbol.price_scale);
}

Trader::Placed& Trader::send(Side side, Price price, std::int64_t thousandths, TimeInForce force,
                             bool perpetual) {
    OrderRequest request;
    request.id = ClientOrderId{PlanId{next_plan_++}, 1, 0};
    request.instrument = ids_[perpetual ? 1 : 0];
    request.side = side;
    const Symbol& symbol = universe.symbol_of(request.instrument);
    request.price = price;
    request.quantity =
        Quantity::from_raw(thousandths * pow10(symbol.quantity_scale.decimals) / 1'000);
    request.time_in_force = force;
    request.decided = world.now();
    Placed& placed = orders[request.id.raw()];
    placed.request = request;
    const auto sent = gateway->submit({&request, 1});
    placed.sent = sent.has_value();
    EXPECT_TRUE(sent || sent.error().code == Errc::BackPressured ||
                sent.error().code == Errc::Unavailable)
        << sent.error().detail;
    EXPECT_TRUE(sent || !sent.error().detail.empty()) << "an error without a word";
    if (!sent) why_unsent = sent.error().detail;
    return placed;
}

void Trader::place(UnixNanos now) {
    next_order_ = now + kBetween;
    const bool perpetual = !listings_[0] || (listings_[1] && random_.chance(0.5));
    const Side side = random_.chance(0.5) ? Side::Buy : Side::Sell;
    const std::int64_t size = 10 * random_.between(1, 4);
    switch (random_.below(6)) {
        case 0:
        case 1:
            send(side, best(opposite(side), perpetual), size, TimeInForce::Ioc, perpetual);
            break;
        case 2:
            send(side, best(opposite(side), perpetual), size, TimeInForce::Fok, perpetual);
            break;
        case 3:
            send(side, best(side, perpetual), size, TimeInForce::PostOnly, perpetual);
            break;
        default:
            send(side, best(side, perpetual), size, TimeInForce::Gtc, perpetual);
            break;
    }
}

void Trader::ask(Placed& order, OrderAction action) {
    OrderRequest request = order.request;
    request.action = action;
    EXPECT_TRUE(gateway->submit({&request, 1}));
    (action == OrderAction::Cancel ? order.cancelled : order.asked) = world.now();
    order.questions += action == OrderAction::Query ? 1 : 0;
}

/// What rests is cancelled, what has no answer is asked about.
void Trader::mind(UnixNanos now) {
    for (auto& [id, order] : orders) {
        if (!order.sent || order.over) continue;
        const TimeInForce force = order.request.time_in_force;
        const bool rests = force == TimeInForce::Gtc || force == TimeInForce::PostOnly;
        if (rests && now > order.request.decided + kRests && now > order.cancelled + kInsists)
            ask(order, OrderAction::Cancel);
        const bool unknown =
            !order.events.empty() && order.events.back().kind == OrderEventKind::Unknown;
        if ((unknown || now > order.request.decided + kPatience) && now > order.asked + kInsists)
            ask(order, OrderAction::Query);
    }
}

void Trader::take_events() {
    std::array<OrderEvent, 64> out;
    for (std::size_t n = gateway->poll(out); n > 0; n = gateway->poll(out)) {
        for (std::size_t i = 0; i < n; ++i) {
            const auto known = orders.find(out[i].id.raw());
            if (known == orders.end()) {
                ++strangers;
                continue;
            }
            known->second.events.push_back(out[i]);
            known->second.over = known->second.over || is_end(out[i].kind);
        }
    }
    std::array<messages::BalanceReport, 16> reports;
    while (gateway->poll_balances(reports) > 0) {
    }
}

const OrderEvent& Trader::one_more(bool perpetual) {
    static const OrderEvent kNone;
    const sim_engine::Listing& rules = venue().listing(*listings_[perpetual ? 1 : 0]);
    const auto to_scale = [&](Price price) {
        const Symbol& symbol = universe.symbol_of(ids_[perpetual ? 1 : 0]);
        return *Price::parse(rules.text(price), symbol.price_scale);
    };
    // What rests may lie between ticks: it is older than they are.
    const std::int64_t tick = rules.tick.raw();
    const auto levels = venue().levels(rules.id, Side::Sell, 1);
    const std::int64_t ask = levels.empty() ? tick : levels[0].price.raw();
    const Price price = to_scale(Price::from_raw((ask + tick - 1) / tick * tick));
    const Placed& order = send(Side::Buy, price, 10, TimeInForce::Ioc, perpetual);
    EXPECT_TRUE(order.sent) << why_unsent;
    EXPECT_TRUE(until([&] { return order.over; }, Nanos::millis(700))) << gateway->waits_for();
    for (const OrderEvent& event : order.events) {
        if (is_end(event.kind)) return event;
    }
    return kNone;
}

// ---- what must hold

std::uint64_t Trader::shown(FaultCase::Shows what) const {
    std::uint64_t ended = 0;
    for (std::size_t i = 0; i < gateway->links(); ++i) {
        const auto& counters = gateway->link(i).counters();
        ended += counters.ended[static_cast<std::size_t>(venue_common::LinkReason::Closed)];
    }
    switch (what) {
        case FaultCase::kEnded:
            return ended;
        case FaultCase::kNonsense:
            return parts.fix ? ended : gateway->counters().nonsense;  // a hole in the numbers
        case FaultCase::kLost:
            return gateway->counters().lost;
        case FaultCase::kRefused:
            return gateway->counters().refused;
        default:
            return 1;
    }
}

/// Against the venue: its end, its fills, its reason.
void Trader::expect_end(const Placed& order) {
    const auto text = gateway->desk().ids().write(order.request.id);
    const std::string_view id = venue_common::view(text);
    SCOPED_TRACE("order " + std::string{id});
    const sim_engine::Order* const theirs =
        venue().order(owner().account, sim_engine::ClientId{id});
    if (!order.sent) {
        EXPECT_TRUE(order.events.empty());
        EXPECT_EQ(theirs, nullptr) << "the gateway said that it was not sent";
        return;
    }
    std::set<OrderEventKind> ends;
    std::size_t count = 0, unknown = 0;
    for (const OrderEvent& event : order.events) {
        unknown += event.kind == OrderEventKind::Unknown ? 1 : 0;
        if (!is_end(event.kind)) continue;
        ++count;
        ends.insert(event.kind);
        EXPECT_TRUE(event.kind != OrderEventKind::Rejected ||
                    event.reason.code != messages::ReasonCode::None)
            << "refused without a reason";
    }
    EXPECT_LE(unknown, 1U);
    ASSERT_EQ(ends.size(), 1U) << "one end, of one kind";
    EXPECT_TRUE(count == 1 || count <= 1 + order.questions) << "told again without a question";
    const bool was = theirs != nullptr;
    EXPECT_FALSE(was && sim_engine::is_open(theirs->status)) << "it is open at the venue";
    if (*ends.begin() == OrderEventKind::Done) {
        EXPECT_TRUE(was) << "the venue never had it";
    } else {
        EXPECT_TRUE(!was || theirs->filled.is_zero()) << "it has filled";
    }
}

void Trader::expect_sent_once() {
    for (const auto& [raw, order] : orders) {
        const auto text = gateway->desk().ids().write(order.request.id);
        const std::string_view id = venue_common::view(text);
        const auto times = std::ranges::count_if(world.tap.placements, [&](const auto& one) {
            return one.find(id) != std::string::npos;
        });
        EXPECT_LE(times, 1) << id << " was sent twice";
        EXPECT_TRUE(order.sent || times == 0) << id << " was sent, and said not to be";
        const bool accepted = std::ranges::any_of(order.events, [](const OrderEvent& event) {
            return event.kind == OrderEventKind::Accepted;
        });
        EXPECT_TRUE(!accepted || times == 1) << id << " was accepted and never sent";
    }
}

void Trader::expect_contract() {
    EXPECT_TRUE(all_over());
    EXPECT_EQ(strangers, 0U);
    EXPECT_FALSE(gateway->halted()) << gateway->halted()->meaning;
    std::vector<OrderEvent> told;
    for (const auto& [id, order] : orders) {
        expect_end(order);
        // To a question a fill is told again, as the port allows; the core knows it by its number.
        std::set<std::uint64_t> trades;
        std::size_t times = 0;
        for (const OrderEvent& event : order.events) {
            if (event.kind != OrderEventKind::Filled) continue;
            ++times;
            EXPECT_NE(event.trade_id, 0U);
            if (trades.insert(event.trade_id).second) told.push_back(event);
        }
        EXPECT_TRUE(order.questions > 0 || times == trades.size()) << "a fill told twice";
    }
    expect_sent_once();
    expect_same_fills(owner(), universe, told);
    expect_same_balances(owner(), universe, told, start_);
    EXPECT_EQ(gateway->desk().counters().contradictions, 0U);
    EXPECT_TRUE(venue().audit());
}

void Trader::expect_account_tells_balances() {
    account = std::make_unique<venue_common::LiveAccount>(
        *rest, parts.account(universe), venue_common::AccountConfig{}, world.now());
    ports::AccountRequest request;
    request.topic = ports::AccountTopic::Balances;
    std::optional<std::uint64_t> token;
    std::optional<ports::AccountAnswer> answer;
    EXPECT_TRUE(until(
        [&] {
            if (!token) {
                if (const auto asked = account->ask(request)) token = *asked;
            }
            if (auto next = account->next(); next && token && next->token == *token)
                answer = std::move(next);
            return answer.has_value();
        },
        Nanos::seconds(30)));
    ASSERT_TRUE(answer);
    ASSERT_FALSE(answer->error) << answer->error->detail;
    std::map<std::string, Amount> told;
    for (const messages::BalanceReport& report :
         std::get<std::vector<messages::BalanceReport>>(answer->facts))
        told[universe.asset_name(report.asset)] = report.total;
    for (const auto& [asset, amount] : start_)
        EXPECT_EQ(told[asset].text(), owner().balance(asset).text()) << asset;
}

}  // namespace parallax::fault_testing
