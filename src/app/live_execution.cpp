#include "app/live_execution.hpp"

#include <algorithm>
#include <array>

namespace parallax::app {
namespace {

using messages::OrderAction;
using messages::ReasonCode;
using ports::AccountTopic;

}  // namespace

void LiveExecution::add(const VenueAccess& access, std::vector<Market> markets,
                        std::unique_ptr<venue_common::LiveGateway> gateway,
                        std::unique_ptr<venue_common::LiveAccount> account) {
    Seat seat;
    seat.access = &access;
    seat.markets = std::move(markets);
    seat.gateway = std::move(gateway);
    seat.account = std::move(account);
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
    for (const Seat& seat : seats_)
        next = std::min({next, seat.gateway->next_due(), seat.account->next_due()});
    return next;
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
            for (std::size_t i = 0; i < count; ++i) pipeline.on(events_[i]);
            any |= count != 0;
            if (count < events_.size()) break;
        }
        std::array<messages::CashEvent, 16> cash;
        for (std::size_t count; (count = seat.gateway->poll_cash(cash)) != 0 ||
                                (count = seat.account->poll_cash(cash)) != 0;) {
            for (std::size_t i = 0; i < count; ++i) pipeline.on(cash[i]);
            any = true;
        }
        std::array<messages::BalanceReport, 16> balances;
        for (std::size_t count; (count = seat.gateway->poll_balances(balances)) != 0 ||
                                (count = seat.account->poll_balances(balances)) != 0;) {
            for (std::size_t i = 0; i < count; ++i) take_balance(seat, balances[i], pipeline);
            any = true;
        }
        take_answers(seat, pipeline);
        open_up(seat, pipeline);
    }
    return any;
}

// ---- the account

/// Before a venue trades, what it holds becomes the ledger's opening balance, and so does an asset
/// that the universe has only just learned of; afterwards the ledger knows, and differences are
/// portfolio's to judge.
void LiveExecution::take_balance(Seat& seat, const messages::BalanceReport& report,
                                 Pipeline& pipeline) {
    const auto found = std::ranges::find_if(wallets_, [&](const Wallet& one) {
        return one.wallet == report.wallet && one.asset == report.asset;
    });
    Wallet& known = found != wallets_.end()
                        ? *found
                        : wallets_.emplace_back(Wallet{report.wallet, report.asset, Amount{}});
    const bool opening = !seat.trading || report.asset.index() >= seat.assets_known;
    if (opening && report.total != known.total)
        pipeline.on(messages::ExternalFlow{report.wallet, report.asset, report.total - known.total,
                                           report.time});
    known.total = report.total;
    pipeline.on(report);
}

/// Venues leave out what is empty, so what a whole answer does not name is zero.
void LiveExecution::take_all_balances(Seat& seat,
                                      const std::vector<messages::BalanceReport>& reports,
                                      Pipeline& pipeline) {
    for (const messages::BalanceReport& report : reports) take_balance(seat, report, pipeline);
    for (std::size_t i = 0; i < wallets_.size(); ++i) {
        const Wallet known = wallets_[i];
        const bool ours = std::ranges::any_of(
            seat.markets, [&](Market market) { return wallet_of(market) == known.wallet; });
        const bool named = std::ranges::any_of(reports, [&](const auto& report) {
            return report.wallet == known.wallet && report.asset == known.asset;
        });
        if (ours && !named && !known.total.is_zero())
            take_balance(seat, {known.wallet, known.asset, Amount{}, now_, 0}, pipeline);
    }
}

void LiveExecution::check_positions(Seat& seat,
                                    const std::vector<ports::PositionReport>& positions) {
    seat.positions_known = true;
    for (const ports::PositionReport& position : positions) {
        if (position.quantity.is_zero()) continue;
        seat.why = "has an open position in " +
                   pipeline_.universe().instrument(position.instrument).venue_symbol +
                   " that this ledger does not know: close it, or use another account";
        seat.positions_known = false;
    }
}

void LiveExecution::take_answers(Seat& seat, Pipeline& pipeline) {
    while (const auto answer = seat.account->next()) {
        const bool balances = answer->token == seat.balances_asked;
        const bool positions = answer->token == seat.positions_asked;
        if (answer->error) {
            seat.why = answer->error->detail;
            if (balances) seat.balances_asked = 0;
            if (positions) seat.positions_asked = 0;
            continue;
        }
        if (balances) {
            take_all_balances(seat, std::get<std::vector<messages::BalanceReport>>(answer->facts),
                              pipeline);
            seat.balances_known = true;
            seat.balances_asked = 0;
            seat.assets_known = seat.assets_asked;
        } else if (positions) {
            check_positions(seat, std::get<std::vector<ports::PositionReport>>(answer->facts));
        }
    }
}

void LiveExecution::open_up(Seat& seat, Pipeline& pipeline) {
    const auto& broken = seat.gateway->halted();
    const auto& refused = seat.account->refused();
    const bool good = !broken && !refused && seat.gateway->ready() && seat.account->ready();
    if (broken) seat.why = broken->meaning;
    if (refused) seat.why = refused->detail;
    const Venue venue = seat.access->venue();
    const auto tell = [&](messages::TradingState state) {
        const messages::Scope scope{messages::ScopeKind::Venue, static_cast<std::uint32_t>(venue)};
        pipeline.on(messages::SetTradingState{scope, state, now_});
    };
    if (!seat.halted_told) {
        seat.halted_told = true;
        tell(messages::TradingState::Halted);
    }
    if (!good) return;
    // What holds an asset that was listed since the last question is not known.
    if (seat.assets_known < pipeline_.universe().asset_count()) ask_balances(seat);
    if (seat.trading) return;
    if (seat.positions_asked == 0 && !seat.positions_known) {
        ports::AccountRequest request;
        request.topic = AccountTopic::Positions;
        const auto asked = seat.account->ask(request);
        if (asked) seat.positions_asked = *asked;
        // A wallet that has no such thing: spot.
        if (!asked && asked.error().code == Errc::Rejected) seat.positions_known = true;
    }
    if (!seat.balances_known || !seat.positions_known ||
        seat.assets_known < pipeline_.universe().asset_count())
        return;
    seat.trading = true;
    seat.why.clear();
    const bool all = std::ranges::all_of(
        seats_, [&](const Seat& other) { return other.access->venue() != venue || other.trading; });
    if (all) tell(messages::TradingState::Active);
}

Amount LiveExecution::balance(Market wallet, AssetId asset) const {
    for (const Wallet& one : wallets_) {
        if (one.wallet == wallet && one.asset == asset) return one.total;
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

void LiveExecution::ask_balances(Seat& seat) {
    if (seat.balances_asked != 0) return;
    ports::AccountRequest request;
    request.topic = AccountTopic::Balances;
    seat.assets_asked = pipeline_.universe().asset_count();
    if (const auto asked = seat.account->ask(request)) seat.balances_asked = *asked;
}

void LiveExecution::ask_balances() {
    for (Seat& seat : seats_) {
        seat.balances_known = false;
        ask_balances(seat);
    }
}

bool LiveExecution::settled() const noexcept {
    return quiet() && std::ranges::all_of(seats_, &Seat::balances_known);
}

std::vector<LiveExecution::SeatState> LiveExecution::seats() const {
    std::vector<SeatState> all;
    for (const Seat& seat : seats_) {
        SeatState state{seat.access->venue(), seat.markets, seat.trading, seat.why, 0, 0};
        state.open_orders = seat.gateway->desk().open().size();
        state.foreign_orders = seat.gateway->desk().foreign().size();
        all.push_back(std::move(state));
    }
    return all;
}

}  // namespace parallax::app
