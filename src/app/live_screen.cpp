#include "app/live_screen.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "app/report.hpp"
#include "app/screen_plans.hpp"

namespace parallax::app {
namespace {

constexpr std::size_t kMostBooks = 14, kFewBooks = 3;
constexpr std::size_t kMostOpportunities = 8, kFewOpportunities = 3;
constexpr std::size_t kOtherRows = 28;  ///< on three venues, without books and opportunities
constexpr std::size_t kPlanRows = 5;
constexpr std::size_t kAlarmRows = 2;

std::string clock_text(Nanos span) {
    const std::int64_t s = span.count() / 1'000'000'000;
    return fmt::format("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

/// Money to the cent, rounded half to even, with a sign unless it is zero.
std::string money(Amount amount) {
    const __int128 cents = divide(amount.raw(), kPow10[16], Rounding::HalfEven);
    const __int128 magnitude = cents < 0 ? -cents : cents;
    const auto whole = static_cast<std::int64_t>(magnitude / 100);
    return fmt::format("{}{}.{:02}",
                       cents < 0   ? "-"
                       : cents > 0 ? "+"
                                   : "",
                       whole, static_cast<int>(magnitude % 100));
}

/// A price with the decimals of its tick: 91020.00 stands under 91030.80.
std::string tick_price(const Universe& universe, InstrumentId id, Price price) {
    const Instrument& listing = universe.instrument(id);
    const std::string tick = universe.price_text(id, listing.tick);
    const std::size_t decimals =
        tick.find('.') == std::string::npos ? 0 : tick.size() - tick.find('.') - 1;
    std::string text = universe.price_text(id, price);
    std::size_t point = text.find('.');
    if (decimals > 0 && point == std::string::npos) {
        point = text.size();
        text += '.';
    }
    while (decimals > 0 && text.size() - point - 1 < decimals) text += '0';
    return text;
}

void add_venues(std::string& out, const Session& session, const ScreenFacts& facts) {
    struct Row {
        std::size_t books = 0, live = 0;
        std::uint64_t gaps = 0;
    };
    std::map<Market, Row> rows;
    const auto& market = session.pipeline().market();
    for (const Instrument& listing : market.universe().instruments()) {
        Row& row = rows[listing.market];
        const auto& book = market.books()[listing.id];
        ++row.books;
        row.live += book.tradable() ? 1U : 0U;
        row.gaps += book.counters().gaps;
    }
    for (const auto& [id, row] : rows) {
        out += fmt::format("  {:<14} {}/{} books live", to_string(id), row.live, row.books);
        if (row.gaps > 0) out += fmt::format(", {} gaps", row.gaps);
        for (const ports::FeedConnection& one : facts.connections) {
            if (one.market != id) continue;
            out += fmt::format("   {} {}", one.name, one.state);
            if (one.drops > 0) out += fmt::format(" ({} drops: {})", one.drops, one.last_reason);
        }
        out += "\n";
    }
}

/// Accounts that trade in one line, a line for each that does not.
void add_accounts(std::string& out, const std::vector<LiveExecution::SeatState>& seats) {
    if (seats.empty()) return;
    std::string trading;
    std::string halted;
    std::string notes;
    for (const LiveExecution::SeatState& seat : seats) {
        std::string name;
        for (const Market market : seat.markets)
            name += (name.empty() ? "" : " ") + std::string{to_string(market)};
        if (!seat.note.empty())
            notes += fmt::format("  {}: {} (not counted on)\n", name, seat.note);
        if (seat.trading) {
            trading += fmt::format("{}{}", trading.empty() ? "" : ", ", name);
            if (seat.open_orders > 0) trading += fmt::format(" ({} open)", seat.open_orders);
            if (seat.foreign_orders > 0)
                trading += fmt::format(" ({} foreign)", seat.foreign_orders);
        } else {
            halted += fmt::format("  {}: {}\n", name, seat.why);
        }
    }
    out += fmt::format("\nAccounts  {}\n{}{}", trading.empty() ? "none trades" : trading, halted,
                       notes);
}

/// The stages of a tick, p50 / p99.
void add_latency(std::string& out, const Session& session) {
    const StageLatency* const stages = session.latency();
    if (stages == nullptr) return;
    const std::pair<const char*, const runtime::LatencyHistogram*> rows[] = {
        {"parse", &stages->parse},
        {"book", &stages->book},
        {"scan", &stages->scan},
        {"risk", &stages->risk},
        {"tick to order", &stages->tick_to_order}};
    out += "Latency us, p50 / p99 ";
    for (const auto& [name, stage] : rows) {
        if (stage->count() == 0) continue;
        out += fmt::format("  {} {:.1f} / {:.1f}", name,
                           static_cast<double>(stage->quantile(0.5)) / 1e3,
                           static_cast<double>(stage->quantile(0.99)) / 1e3);
    }
    out += "\n";
}

/// Best prices of the spot and perpetual symbols that several markets list.
void add_prices(std::string& out, const Session& session, std::size_t most) {
    const auto& market = session.pipeline().market();
    const Universe& universe = market.universe();
    std::size_t rows = 0;
    for (const Symbol& symbol : universe.symbols()) {
        if (symbol.instruments.size() < 2 || rows == most) continue;
        ++rows;
        out += fmt::format("  {:<15}", symbol.name);
        std::vector<InstrumentId> listings = symbol.instruments;
        std::ranges::sort(listings, {},
                          [&](InstrumentId id) { return universe.instrument(id).market; });
        for (const InstrumentId id : listings) {
            const auto& book = market.books()[id];
            const std::string top =
                book.tradable()
                    ? fmt::format("{} / {}", tick_price(universe, id, book.best_bid().price),
                                  tick_price(universe, id, book.best_ask().price))
                    : std::string(to_string(book.state()));
            out += fmt::format("{:>8} {:<26}", to_string(venue_of(universe.instrument(id).market)),
                               top);
        }
        out += "\n";
    }
}

void add_opportunities(std::string& out, const Session& session, std::size_t most) {
    const Universe& universe = session.pipeline().universe();
    const auto latest = session.pipeline().last_opportunities();
    const std::size_t count = std::min(latest.size(), most);
    for (std::size_t i = 0; i < count; ++i) {
        const messages::Opportunity& o = latest[latest.size() - 1 - i];
        std::string route;
        for (std::size_t leg = 0; leg < o.leg_count; ++leg) {
            const Instrument& listing = universe.instrument(o.legs[leg].instrument);
            route += fmt::format("{}{} {}", leg == 0 ? "" : ", ", to_string(o.legs[leg].side),
                                 to_string(listing.market));
        }
        out += fmt::format("  {:<12}{:<15}{:<52}{:>+8.2f} bp {:>12}  {}\n", to_string(o.kind),
                           universe.symbol(o.symbol).name, route.substr(0, 51),
                           o.net_rate.as_basis_points(), money(o.edge.net),
                           o.reason.none() ? "signalled" : to_string(o.reason.code));
    }
}

}  // namespace

std::string live_screen(const Session& session, const ScreenFacts& facts) {
    const Pipeline& pipeline = session.pipeline();
    const auto& counts = pipeline.scanner().counts();
    const auto& plans = pipeline.plan_counts();
    const portfolio::Performance performance = pipeline.portfolio().performance();
    // On a small screen the tables give way to what follows them.
    const auto alarms = pipeline.alarms().last(std::min(pipeline.alarms().size(), kAlarmRows));
    const std::size_t others = kOtherRows + alarms.size();
    const std::size_t left = facts.rows > others ? facts.rows - others : 0;
    const std::size_t opportunities = std::clamp(left / 3, kFewOpportunities, kMostOpportunities);
    const std::size_t books =
        std::clamp(left - std::min(left, opportunities), kFewBooks, kMostBooks);
    std::string out = fmt::format("Parallax  {}   {}   {} messages   {} malformed\n\n", facts.title,
                                  clock_text(facts.elapsed), session.counts().messages,
                                  session.counts().malformed);
    out += "Venues\n";
    add_venues(out, session, facts);
    add_accounts(out, facts.seats);
    for (const portfolio::AlarmRaised& raised : alarms)
        out += fmt::format("  ALARM {}\n", text_of(raised, pipeline.universe()));
    out += "\nBest bid / ask\n";
    add_prices(out, session, books);
    out += fmt::format("\nOpportunities  {} seen, {} signalled\n", counts.seen, counts.signalled);
    add_opportunities(out, session, opportunities);
    out +=
        fmt::format("\nPlans   {} sent, {} completed, {} legged, {} unwound, {} missed, {} open\n",
                    plans.sent, plans.completed, plans.legged, plans.unwound, plans.missed,
                    pipeline.trading().open_plans());
    out += plan_lines(pipeline, kPlanRows);
    out += fmt::format("Unhedged  {}\n\n", unhedged_text(pipeline, facts.now));
    for (const messages::Attribution& total : pipeline.portfolio().totals()) {
        out += fmt::format("Profit  {} {} ", money(total.realised),
                           pipeline.universe().asset_name(total.value_asset));
        for (const auto& [name, amount] : parts_of(total)) {
            if (!amount.is_zero()) out += fmt::format("  {} {}", name, money(amount));
        }
        out += fmt::format("  residual {}\n", money(total.residual));
    }
    out += fmt::format("Ledger  {} entries, {} invariants checked\n", performance.entries,
                       performance.invariant_checks);
    add_latency(out, session);
    return out;
}

}  // namespace parallax::app
