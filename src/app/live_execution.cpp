#include "app/live_execution.hpp"

#include <algorithm>
#include <array>

namespace parallax::app {
namespace {

using messages::OrderAction;
using messages::ReasonCode;

/// Orders that should not be there are looked for so often, once all were told.
constexpr Nanos kStrayPause = Nanos::seconds(5);

}  // namespace

void LiveExecution::add(const VenueAccess& access, std::vector<Market> markets,
                        std::unique_ptr<venue_common::LiveGateway> gateway,
                        std::unique_ptr<venue_common::LiveAccount> account) {
    Seat seat;
    seat.access = &access;
    seat.markets = std::move(markets);
    seat.gateway = std::move(gateway);
    seat.account = std::move(account);
    seat.check = std::make_unique<AccountCheck>(*seat.account, seat.markets, check_);
    seat.terms = std::make_unique<AccountTerms>(*seat.account, seat.markets, terms_);
    seats_.push_back(std::move(seat));
}

LiveExecution::Seat* LiveExecution::seat_of(Market market) noexcept {
    for (Seat& seat : seats_) {
        if (std::ranges::find(seat.markets, market) != seat.markets.end()) return &seat;
    }
    return nullptr;
}

// ---- time and sockets

bool LiveExecution::on(const ports::NetEvent& event) {
    return std::ranges::any_of(seats_, [&](Seat& seat) { return seat.gateway->on(event); });
}

void LiveExecution::poll(UnixNanos now) {
    now_ = now;
    for (Seat& seat : seats_) {
        seat.gateway->alive(now);
        seat.gateway->advance(now);
        seat.account->advance(now);
    }
}

UnixNanos LiveExecution::due() const noexcept {
    UnixNanos next = next_due();
    for (const Seat& seat : seats_) {
        next = std::min({next, seat.gateway->next_due(), seat.account->next_due()});
        if (seat.gateway->ready() && seat.account->ready())
            next = std::min({next, seat.check->next_due(), seat.terms->next_due(), seat.next_look});
    }
    return next;
}

std::vector<Market> LiveExecution::take_outdated() {
    std::vector<Market> all;
    for (Seat& seat : seats_) {
        for (const Market market : seat.gateway->take_outdated()) all.push_back(market);
        if (seat.terms->take_outdated())
            all.insert(all.end(), seat.markets.begin(), seat.markets.end());
    }
    return all;
}

void LiveExecution::stop(UnixNanos now) {
    for (Seat& seat : seats_) seat.gateway->stop(now);
}

// ---- orders

/// Whatever a gateway does not take is answered as refused, so that the plan behind it goes on. A
/// lost cancel or query leaves an order without an end: trading asks again.
void LiveExecution::submit(std::span<const messages::OrderRequest> requests, UnixNanos now) {
    for (std::size_t i = 0; i < requests.size();) {
        const Market market = pipeline_.universe().instrument(requests[i].instrument).market;
        Seat* const seat = seat_of(market);
        // Legs for one gateway go together.
        std::size_t end = i + 1;
        while (end < requests.size() &&
               seat_of(pipeline_.universe().instrument(requests[end].instrument).market) == seat)
            ++end;
        const auto group = requests.subspan(i, end - i);
        i = end;
        if (seat != nullptr && seat->gateway->submit(group)) continue;
        for (const messages::OrderRequest& request : group) {
            const bool sent =
                seat != nullptr && group.size() > 1 && seat->gateway->submit({&request, 1});
            if (sent || request.action != OrderAction::Place) continue;
            messages::OrderEvent event;
            event.kind = messages::OrderEventKind::Rejected;
            event.id = request.id;
            event.instrument = request.instrument;
            event.side = request.side;
            event.received = event.venue_time = now;
            event.reason = {ReasonCode::VenueDown, static_cast<std::int64_t>(market), 0};
            refused_.push_back(event);
        }
    }
}

bool LiveExecution::deliver(Pipeline& pipeline) {
    bool any = !refused_.empty();
    for (const messages::OrderEvent& event : std::exchange(refused_, {})) pipeline.on(event);
    for (Seat& seat : seats_) {
        for (;;) {
            const std::size_t count = seat.gateway->poll(events_);
            for (std::size_t i = 0; i < count; ++i) {
                pipeline.on(events_[i]);
                seat.fills += events_[i].kind == messages::OrderEventKind::Filled ? 1 : 0;
            }
            any |= count != 0;
            if (count < events_.size()) break;
        }
        std::array<messages::CashEvent, 16> cash;
        for (std::size_t count; (count = seat.gateway->poll_cash(cash)) != 0 ||
                                (count = seat.account->poll_cash(cash)) != 0;) {
            for (std::size_t i = 0; i < count; ++i) seat.check->on(cash[i], pipeline);
            any = true;
        }
        if (now_.known()) {
            const auto until = seat.account->take_cash_told();
            if (until) tell_cash(seat, *until, pipeline);
        }
        std::array<messages::BalanceReport, 16> balances;
        for (std::size_t count; (count = seat.gateway->poll_balances(balances)) != 0 ||
                                (count = seat.account->poll_balances(balances)) != 0;) {
            for (std::size_t i = 0; i < count; ++i) seat.check->on(balances[i], pipeline);
            any = true;
        }
        look_after(seat, pipeline);
    }
    tell(pipeline);
    return any;
}

/// Payments until then are booked.
void LiveExecution::tell_cash(const Seat& seat, UnixNanos until, Pipeline& pipeline) {
    for (std::size_t i = 0; i < seat.markets.size(); ++i) {
        const Market wallet = wallet_of(seat.markets[i]);
        const auto before = std::span{seat.markets}.first(i);
        if (std::ranges::find(before, wallet, wallet_of) == before.end())
            pipeline.on(messages::CashTold{wallet, until, now_});
    }
}

// ---- the account

/// Whether something of ours may be under way at this account.
bool LiveExecution::busy(const Seat& seat) const noexcept {
    if (!seat.gateway->desk().open().empty()) return true;
    const auto& orders = pipeline_.portfolio().orders();
    return std::ranges::any_of(orders.open_ids(), [&](std::uint64_t id) {
        const auto* order = orders.find(ClientOrderId::from_raw(id));
        const Market market = pipeline_.universe().instrument(order->instrument).market;
        return std::ranges::find(seat.markets, market) != seat.markets.end();
    });
}

/// Orders with our name that the ledger does not know, or knows to be over. They cannot come from a
/// process that died, whose journal has every order that left, but from a machine that did.
void LiveExecution::cancel_strays(Seat& seat) {
    const auto& orders = pipeline_.portfolio().orders();
    const std::vector<ClientOrderId> open{seat.gateway->desk().open().begin(),
                                          seat.gateway->desk().open().end()};
    for (const ClientOrderId id : open) {
        const auto* known = orders.find(id);
        if (known != nullptr && !known->closed()) continue;
        messages::OrderRequest cancel;
        cancel.action = OrderAction::Cancel;
        cancel.id = id;
        (void)seat.gateway->submit({&cancel, 1});  // tried again with the next look
    }
}

/// Once all was told that happened without us, the account is compared; then it may trade.
void LiveExecution::look_after(Seat& seat, Pipeline& pipeline) {
    if (!now_.known()) return;
    const auto& broken = seat.gateway->halted();
    const auto& refused = seat.account->refused();
    if (broken) seat.why = broken->meaning;
    if (refused) seat.why = refused->detail;
    if (broken || refused) {
        seat.trading = false;
        return;
    }
    if (!seat.gateway->ready() || !seat.account->ready()) {
        if (seat.trading) return;  // orders go on over REST until the stream is back
        seat.why = seat.gateway->ready() ? "its key is not checked yet" : seat.gateway->waits_for();
        if (seat.gateway->ready() && !seat.account->key_trouble().empty())
            seat.why += " (" + seat.account->key_trouble() + ")";
        return;
    }
    if (now_ >= seat.next_look) {
        cancel_strays(seat);
        if (seat.trading && check_.interval > Nanos{}) seat.gateway->resync();
        seat.next_look = now_ + (seat.trading && check_.interval > Nanos{}
                                     ? std::max(check_.interval, kStrayPause)
                                     : kStrayPause);
    }
    while (const auto answer = seat.account->next()) {
        if (!seat.terms->on(*answer, now_, pipeline.universe())) seat.check->on(*answer);
    }
    seat.terms->advance(now_, pipeline.universe());
    seat.check->advance(now_, {busy(seat), seat.fills}, pipeline);
    for (std::string& line : seat.check->take_adopted()) notices_.push_back(std::move(line));
    const bool good = seat.check->agrees() && seat.terms->good();
    if (!seat.trading && good && check_.interval > Nanos{})
        seat.next_look = now_ + std::max(check_.interval, kStrayPause);
    seat.trading = good;
    if (!seat.terms->good()) {
        seat.why = seat.terms->why();
    } else if (!seat.trading || seat.check->known()) {
        seat.why = seat.check->why();
    }
}

/// What changed of the venues: one trades when all our accounts there may.
void LiveExecution::tell(Pipeline& pipeline) {
    if (!now_.known()) return;
    for (const Seat& seat : seats_) {
        const Venue venue = seat.access->venue();
        std::string why;
        for (const Seat& other : seats_) {
            if (other.access->venue() == venue && !other.trading && why.empty())
                why = other.why.empty() ? "not compared so far" : other.why;
        }
        if (retired_) why = "the run ends";
        std::optional<std::string>& told = told_[static_cast<std::size_t>(venue)];
        if (told == why) continue;
        told = why;
        pipeline.on(messages::AccountStatus{seat.markets.front(), why.empty(), now_, why});
    }
}

void LiveExecution::rescale(const Rescale& change) {
    for (Seat& seat : seats_) seat.gateway->rescale(change);
}

Amount LiveExecution::balance(Market wallet, AssetId asset) const {
    for (const Seat& seat : seats_) {
        if (seat.check->has(wallet)) return seat.check->balance(wallet, asset);
    }
    return {};
}

bool LiveExecution::quiet() const noexcept {
    return std::ranges::all_of(
        seats_, [](const Seat& seat) { return seat.gateway->desk().open().empty(); });
}

bool LiveExecution::open() const noexcept { return std::ranges::all_of(seats_, &Seat::trading); }

void LiveExecution::cancel_all() {
    for (Seat& seat : seats_) (void)seat.gateway->cancel_all();
}

void LiveExecution::ask_balances() {
    for (Seat& seat : seats_) {
        seat.check->ask_again();
        seat.account->hurry_cash();  // what the wallets have and was not told
    }
}

bool LiveExecution::settled() const noexcept {
    return quiet() &&
           std::ranges::all_of(seats_, [](const Seat& seat) { return seat.check->known(); });
}

std::vector<LiveExecution::SeatState> LiveExecution::seats() const {
    std::vector<SeatState> all;
    for (const Seat& seat : seats_) {
        SeatState state{
            seat.access->venue(), seat.markets, seat.trading, seat.why, seat.terms->note(), 0, 0};
        state.open_orders = seat.gateway->desk().open().size();
        state.foreign_orders = seat.gateway->desk().foreign().size();
        all.push_back(std::move(state));
    }
    return all;
}

}  // namespace parallax::app
