#include "app/report.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "messages/reason.hpp"

namespace parallax::app {
namespace {

using Json = nlohmann::ordered_json;

double millis(Nanos span) { return static_cast<double>(span.count()) / 1e6; }
std::string hex(std::uint64_t value) { return fmt::format("{:016x}", value); }
/// Thresholds are basis points: whole ones print as whole numbers.
Json threshold_bp(Rate rate) {
    const std::int64_t per_bp = Rate::basis_points(1).raw();
    if (rate.raw() % per_bp == 0) return rate.raw() / per_bp;
    return rate.as_basis_points();
}

Json book_json(const Session& session, const Instrument& listing) {
    const market_data::Service& market = session.pipeline().market();
    const Universe& universe = market.universe();
    const book::FeedBook& book = market.books()[listing.id];
    const book::OrderBook& depth = book.depth();
    const book::BookCounters& counters = book.counters();
    const market_data::ChecksumCount& checksums = market.checksums(listing.id);
    const auto level = [&](Level best, const char* price, const char* quantity, Json& out) {
        const bool empty = best.quantity.is_zero();
        out[price] = empty ? Json(nullptr) : Json(universe.price_text(listing.id, best.price));
        out[quantity] =
            empty ? Json(nullptr) : Json(universe.venue_quantity(listing.id, best.quantity));
    };
    Json out;
    out["venue"] = to_string(venue_of(listing.market));
    out["market"] = to_string(listing.market);
    out["symbol"] = universe.symbol(listing.symbol).name;
    out["venue_symbol"] = listing.venue_symbol;
    out["state"] = to_string(book.state());
    level(depth.best_bid(), "best_bid", "bid_quantity", out);
    level(depth.best_ask(), "best_ask", "ask_quantity", out);
    out["last_update_id"] = book.last_id();
    out["depth_applied"] = counters.depth_applied;
    out["depth_dropped"] = counters.depth_dropped;
    out["gaps"] = counters.gaps;
    out["bids"] = depth.side(Side::Buy).size();
    out["asks"] = depth.side(Side::Sell).size();
    out["bbo_compared"] = counters.quotes_compared;
    out["bbo_equal"] = counters.quotes_equal;
    out["checksums_compared"] = checksums.compared;
    out["checksums_equal"] = checksums.equal;
    out["crossed"] = counters.crossed;
    return out;
}

Json cross_json(const Universe& universe, const analytics::CrossReport& cross) {
    const Instrument& buy = universe.instrument(cross.buy);
    const Instrument& sell = universe.instrument(cross.sell);
    Json out;
    out["buy"] = to_string(buy.market);
    out["sell"] = to_string(sell.market);
    out["symbol"] = universe.symbol(buy.symbol).name;
    out["base"] = universe.asset_name(buy.base);
    out["buy_symbol"] = universe.symbol(buy.symbol).name;
    out["sell_symbol"] = universe.symbol(sell.symbol).name;
    out["threshold_bp"] = threshold_bp(cross.threshold);
    out["episodes"] = cross.episodes;
    out["total_ms"] = millis(cross.total);
    out["median_ms"] = millis(cross.median);
    out["max_ms"] = millis(cross.max);
    out["max_base_quantity"] = cross.max_base_quantity.text();
    return out;
}

Json opportunities_json(const Session& session) {
    const auto& counts = session.pipeline().scanner().counts();
    Json out;
    out["seen"] = counts.seen;
    out["signalled"] = counts.signalled;
    Json reasons = Json::object();
    for (std::size_t i = 1; i < messages::kReasonCount; ++i) {
        if (counts.refused[i] > 0)
            reasons[std::string(to_string(static_cast<messages::ReasonCode>(i)))] =
                counts.refused[i];
    }
    out["reasons"] = std::move(reasons);
    return out;
}

/// Why plans were refused, by reason and, for risk limits, by the check that said no.
std::vector<std::pair<std::string, std::uint64_t>> refusals(const Pipeline::PlanCounts& plans) {
    std::vector<std::pair<std::string, std::uint64_t>> rows;
    for (std::size_t i = 0; i < messages::kReasonCount; ++i) {
        const auto code = static_cast<messages::ReasonCode>(i);
        if (code != messages::ReasonCode::RiskLimit) {
            if (plans.refused_by[i] > 0) rows.emplace_back(to_string(code), plans.refused_by[i]);
            continue;
        }
        for (std::size_t check = 0; check < Pipeline::kRiskChecks; ++check) {
            if (plans.refused_by_check[check] == 0) continue;
            rows.emplace_back(std::string(to_string(code)) + "." +
                                  std::string(to_string(static_cast<messages::RiskCheck>(check))),
                              plans.refused_by_check[check]);
        }
    }
    return rows;
}

Json plans_json(const Pipeline::PlanCounts& plans) {
    Json refused_by = Json::object();
    for (const auto& [reason, count] : refusals(plans)) refused_by[reason] = count;
    return {{"refused_by", std::move(refused_by)},
            {"sent", plans.sent},
            {"completed", plans.completed},
            {"legged", plans.legged},
            {"residual", plans.residual},
            {"unwound", plans.unwound},
            {"missed", plans.missed},
            {"refused", plans.refused}};
}

Json attribution_json(const messages::Attribution& total) {
    Json out;
    for (const auto& [name, amount] : parts_of(total)) out[std::string(name)] = amount.text();
    return out;
}

/// Sum of the attributions in the reporting asset; the others stand beside it, each in its own
/// asset.
messages::Attribution reported_total(const portfolio::Service& portfolio) {
    messages::Attribution none;
    none.value_asset = portfolio.performance().reporting_asset;
    for (const messages::Attribution& total : portfolio.totals()) {
        if (total.value_asset == none.value_asset) return total;
    }
    return none;
}

std::string asset_text(const Universe& universe, AssetId asset) {
    return asset.valid() && asset.index() < universe.asset_count() ? universe.asset_name(asset)
                                                                   : std::string{};
}

Json pnl_json(const Session& session) {
    const portfolio::Service& portfolio = session.pipeline().portfolio();
    const Universe& universe = session.pipeline().universe();
    const messages::Attribution total = reported_total(portfolio);
    const portfolio::Performance performance = portfolio.performance();
    Json out;
    out["asset"] = asset_text(universe, performance.reporting_asset);
    out["realised"] = total.realised.text();
    out["unrealised"] = performance.unrealised.text();
    out["equity"] = performance.equity.text();
    out["attribution"] = attribution_json(total);
    Amount residual = total.residual;
    Json others = Json::array();
    for (const messages::Attribution& other : portfolio.totals()) {
        residual = std::max(residual, other.residual.magnitude());
        if (other.value_asset == total.value_asset) continue;
        Json row;
        row["asset"] = asset_text(universe, other.value_asset);
        row["realised"] = other.realised.text();
        row["attribution"] = attribution_json(other);
        row["residual"] = other.residual.text();
        others.push_back(std::move(row));
    }
    out["other_assets"] = std::move(others);
    out["residual"] = residual.text();
    Json assets = Json::array();
    for (const portfolio::Conservation& asset : portfolio.conservation()) {
        Amount wallets;
        for (const Amount wallet : asset.wallets) wallets += wallet;
        Json row;
        row["asset"] = asset_text(universe, asset.asset);
        row["external"] = asset.external.text();
        row["wallets"] = wallets.text();
        row["fees"] = asset.fees.text();
        row["funding"] = asset.funding.text();
        row["pnl"] = asset.pnl.text();
        row["conversion"] = asset.conversion.text();
        row["suspense"] = asset.suspense.text();
        row["residual"] = asset.residual.text();
        row["venue_difference"] = session.venue_difference(asset.asset).text();
        assets.push_back(std::move(row));
    }
    out["conservation"] = std::move(assets);
    return out;
}

Json stage_json(const runtime::LatencyHistogram& stage) {
    return {{"count", stage.count()},
            {"p50", stage.quantile(0.5)},
            {"p99", stage.quantile(0.99)},
            {"max", stage.max()}};
}

std::string bar(double part) {
    const auto filled = static_cast<std::size_t>(part * 24);
    std::string out;
    for (std::size_t i = 0; i < 24; ++i) out += i < filled ? "#" : ".";
    return out;
}

/// Nothing there looks other than zero.
std::string price_or_dash(const Universe& universe, InstrumentId id, Level best) {
    return best.quantity.is_zero() ? "-" : universe.price_text(id, best.price);
}

void add_books(std::string& out, const Session& session) {
    const market_data::Service& market = session.pipeline().market();
    const Universe& universe = market.universe();
    out += fmt::format("\nBooks{:>46}{:>16}{:>9}{:>7}{:>15}{:>14}\n", "best bid", "best ask",
                       "levels", "gaps", "bbo equal", "checksums");
    for (const Instrument& listing : universe.instruments()) {
        const book::FeedBook& book = market.books()[listing.id];
        const book::BookCounters& counters = book.counters();
        const auto& checksums = market.checksums(listing.id);
        out += fmt::format(
            "  {:<15}{:<20}{:>14}{:>16}{:>9}{:>7}{:>15}{:>14}\n", to_string(listing.market),
            universe.symbol(listing.symbol).name,
            price_or_dash(universe, listing.id, book.depth().best_bid()),
            price_or_dash(universe, listing.id, book.depth().best_ask()),
            book.depth().side(Side::Buy).size() + book.depth().side(Side::Sell).size(),
            counters.gaps, fmt::format("{}/{}", counters.quotes_equal, counters.quotes_compared),
            checksums.compared == 0 ? "-"
                                    : fmt::format("{}/{}", checksums.equal, checksums.compared));
    }
}

/// The pairs that were crossed longest; all of them are in the JSON report.
void add_crosses(std::string& out, const Session& session) {
    constexpr std::size_t kMostPairs = 24;
    const Universe& universe = session.pipeline().universe();
    auto reports = session.crosses().report();
    std::erase_if(reports, [](const analytics::CrossReport& cross) { return cross.episodes == 0; });
    if (reports.empty()) return;
    std::vector<Nanos> totals;
    for (const analytics::CrossReport& cross : reports) totals.push_back(cross.total);
    std::ranges::sort(totals, std::greater{});
    const Nanos least = totals[std::min(kMostPairs, totals.size()) - 1];

    out += fmt::format("\nCrosses before any cost{:>54}{:>10}{:>12}{:>12}{:>12}{:>14}\n",
                       "above bp", "episodes", "total ms", "median ms", "max ms", "largest");
    std::size_t shown = 0;
    for (const analytics::CrossReport& cross : reports) {
        if (cross.total < least || shown == kMostPairs) continue;
        ++shown;
        const auto name = [&](InstrumentId id) {
            return fmt::format("{} {}", to_string(universe.instrument(id).market),
                               universe.symbol_of(id).name);
        };
        out += fmt::format(
            "  buy {:<28} sell {:<28}{:>7g}{:>10}{:>12.1f}{:>12.3f}{:>12.1f}{:>14.6f}\n",
            name(cross.buy), name(cross.sell), cross.threshold.as_basis_points(), cross.episodes,
            millis(cross.total), millis(cross.median), millis(cross.max),
            cross.max_base_quantity.approximate());
    }
    if (shown < reports.size())
        out +=
            fmt::format("  and {} rows with less time; --json has all\n", reports.size() - shown);
}

void add_decisions(std::string& out, const Session& session) {
    const auto& counts = session.pipeline().scanner().counts();
    out += fmt::format("\nOpportunities  {} seen, {} signalled\n", counts.seen, counts.signalled);
    for (std::size_t i = 1; i < messages::kReasonCount; ++i) {
        const std::uint64_t count = counts.refused[i];
        if (count == 0) continue;
        out += fmt::format("  {:<22}{:>10}  {}\n", to_string(static_cast<messages::ReasonCode>(i)),
                           count,
                           bar(static_cast<double>(count) /
                               static_cast<double>(std::max<std::uint64_t>(counts.seen, 1))));
    }
    const Pipeline::PlanCounts& plans = session.pipeline().plan_counts();
    out += fmt::format(
        "Plans          {} sent, {} completed, {} legged, {} unwound, {} missed, {} refused\n",
        plans.sent, plans.completed, plans.legged, plans.unwound, plans.missed, plans.refused);
    if (plans.residual > 0)
        out += fmt::format("  {:<26}{:>6}\n", "ended with a residual", plans.residual);
    for (const auto& [reason, count] : refusals(plans))
        out += fmt::format("  {:<26}{:>6}\n", reason, count);
}

void add_money(std::string& out, const Session& session) {
    const portfolio::Service& portfolio = session.pipeline().portfolio();
    const Universe& universe = session.pipeline().universe();
    for (const messages::Attribution& t : portfolio.totals()) {
        out += fmt::format("\nProfit         {} {}\n", t.realised.text(),
                           asset_text(universe, t.value_asset));
        for (const auto& [name, amount] : parts_of(t))
            out += fmt::format("  {:<12}{:>28}\n", name, amount.text());
        out += fmt::format("  {:<12}{:>28}\n", "residual", t.residual.text());
    }
    const portfolio::Performance performance = portfolio.performance();
    out += fmt::format("Ledger         {} entries, {} invariants checked\n", performance.entries,
                       performance.invariant_checks);
}

void add_latency(std::string& out, const StageLatency& stages) {
    out += fmt::format("\nLatency, ns{:>16}{:>10}{:>10}{:>12}\n", "p50", "p99", "max", "samples");
    const std::pair<const char*, const runtime::LatencyHistogram*> rows[] = {
        {"parse", &stages.parse},
        {"book", &stages.book},
        {"scan", &stages.scan},
        {"risk", &stages.risk},
        {"tick_to_order", &stages.tick_to_order}};
    for (const auto& [name, stage] : rows) {
        if (stage->count() == 0) {
            out += fmt::format("  {:<15}{:>10}{:>10}{:>10}{:>12}\n", name, "-", "-", "-", 0);
            continue;
        }
        out += fmt::format("  {:<15}{:>10}{:>10}{:>10}{:>12}\n", name, stage->quantile(0.5),
                           stage->quantile(0.99), stage->max(), stage->count());
    }
}

std::vector<std::string> warnings(const Session& session, const RunFacts& facts) {
    std::vector<std::string> all = facts.warnings;
    for (const portfolio::AlarmRaised& raised : session.pipeline().alarms())
        all.push_back(text_of(raised, session.pipeline().universe()));
    const portfolio::Service& portfolio = session.pipeline().portfolio();
    if (const std::uint64_t stale = portfolio.performance().stale; stale > 0) {
        all.push_back(fmt::format("{} holdings and positions are valued by marks too old", stale));
    }
    if (const std::uint64_t stale = portfolio.counters().stale_settlements; stale > 0) {
        all.push_back(fmt::format("{} plans were settled by marks too old", stale));
    }
    return all;
}

}  // namespace

std::string text_of(const portfolio::AlarmRaised& raised, const Universe& universe) {
    std::string text = fmt::format("{}: {}", to_string(raised.wallet), to_string(raised.alarm));
    if (raised.asset.valid())
        text += fmt::format(", {} {}", raised.amount.text(), universe.asset_name(raised.asset));
    using namespace std::chrono;
    const sys_seconds time{seconds{raised.time.nanos() / 1'000'000'000}};
    const sys_days day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};
    return text + fmt::format(", {:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC",
                              static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                              static_cast<unsigned>(date.day()), clock.hours().count(),
                              clock.minutes().count(), clock.seconds().count());
}

std::array<std::pair<std::string_view, Amount>, 9> parts_of(const messages::Attribution& total) {
    return {{{"edge", total.edge},
             {"volume", total.volume},
             {"slippage", total.slippage},
             {"legging", total.legging},
             {"fees", total.fees},
             {"conversion", total.conversion},
             {"funding", total.funding},
             {"inventory", total.inventory},
             {"transfers", total.transfers}}};
}

std::string json_report(const Session& session, const RunFacts& facts) {
    const Pipeline& pipeline = session.pipeline();
    Json out;
    out["messages"] = session.counts().messages;
    out["seconds"] = facts.seconds;
    out["messages_per_second"] =
        facts.seconds > 0
            ? std::round(static_cast<double>(session.counts().messages) / facts.seconds)
            : 0.0;
    out["digest"] = hex(pipeline.digest());
    out["malformed"] = session.counts().malformed;
    out["control"] = session.counts().control;
    out["refused"] = session.counts().refused;
    Json books = Json::array();
    for (const Instrument& listing : pipeline.universe().instruments())
        books.push_back(book_json(session, listing));
    out["books"] = std::move(books);
    Json crosses = Json::array();
    for (const auto& cross : session.crosses().report())
        crosses.push_back(cross_json(pipeline.universe(), cross));
    out["crosses"] = std::move(crosses);
    out["opportunities"] = opportunities_json(session);
    out["plans"] = plans_json(pipeline.plan_counts());
    out["pnl"] = pnl_json(session);
    const portfolio::Performance performance = pipeline.portfolio().performance();
    out["ledger"] = {{"entries", performance.entries},
                     {"invariants_checked", performance.invariant_checks}};
    out["warnings"] = warnings(session, facts);
    if (const StageLatency* stages = session.latency()) {
        out["latency"] = {{"parse", stage_json(stages->parse)},
                          {"book", stage_json(stages->book)},
                          {"scan", stage_json(stages->scan)},
                          {"risk", stage_json(stages->risk)},
                          {"tick_to_order", stage_json(stages->tick_to_order)}};
    }
    return out.dump(2) + "\n";
}

std::string text_report(const Session& session, const RunFacts& facts) {
    const double rate =
        facts.seconds > 0 ? static_cast<double>(session.counts().messages) / facts.seconds : 0.0;
    std::string out =
        fmt::format("\n{} messages in {:.2f} s ({:.0f} a second), {} malformed\ndigest {}\n",
                    session.counts().messages, facts.seconds, rate, session.counts().malformed,
                    hex(session.pipeline().digest()));
    add_books(out, session);
    add_crosses(out, session);
    add_decisions(out, session);
    add_money(out, session);
    if (const StageLatency* stages = session.latency()) add_latency(out, *stages);
    const std::vector<std::string> all = warnings(session, facts);
    if (!all.empty()) out += "\nWarnings\n";
    for (const std::string& warning : all) out += "  " + warning + "\n";
    return out;
}

}  // namespace parallax::app
