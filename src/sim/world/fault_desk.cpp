// What a fault does: to the sockets, to the venues, to time.
#include <algorithm>

#include "sim/venues/binance/front.hpp"
#include "sim/venues/okx/front.hpp"
#include "sim/world/world.hpp"

namespace parallax::sim_world {
namespace {

using sim_engine::ListingState;
using sim_faults::Fault;
using sim_faults::FaultKind;

constexpr std::pair<std::string_view, FaultKind> kKinds[] = {
    {"stall", FaultKind::Stall},
    {"gap", FaultKind::Gap},
    {"duplicate", FaultKind::Duplicate},
    {"reorder", FaultKind::Reorder},
    {"corrupt", FaultKind::Corrupt},
    {"truncate", FaultKind::Truncate},
    {"slow", FaultKind::Slow},
    {"http", FaultKind::Answer},
    {"lose_request", FaultKind::LoseRequest},
    {"lose_answer", FaultKind::LoseAnswer},
};

/// What the venue's gateway says with a status, before anything has looked at the request.
std::string body_of(Venue venue, std::uint16_t status) {
    const bool hasty = status == 429 || status == 418;
    switch (venue) {
        case Venue::Binance:
            if (hasty)
                return R"({"code":-1003,"msg":"Too much request weight used; )"
                       R"(please use WebSocket Streams for live updates to avoid polling."})";
            if (status == 503)
                return R"({"code":-1008,"msg":"Server is currently overloaded. )"
                       R"(Please try again in a few minutes."})";
            break;
        case Venue::Okx:
            if (hasty) return R"({"code":"50011","msg":"Too Many Requests","data":[]})";
            if (status == 503)
                return R"({"code":"50001","msg":"Service temporarily unavailable. )"
                       R"(Please try again later","data":[]})";
            break;
        case Venue::Bybit:
            if (hasty)
                return R"({"retCode":10006,"retMsg":"Too many visits!","result":{},)"
                       R"("retExtInfo":{},"time":0})";
            break;
    }
    return "<html><body><h1>" + std::to_string(status) + "</h1></body></html>\n";
}

/// By its text with underscores, such as insufficient_balance.
std::optional<sim_engine::Reject> reject_named(std::string name) {
    std::ranges::replace(name, '_', ' ');
    for (std::size_t i = 1; i < sim_engine::kRejectCount; ++i) {
        const auto reason = static_cast<sim_engine::Reject>(i);
        if (to_string(reason) == name) return reason;
    }
    return std::nullopt;
}

}  // namespace

std::vector<ports::ListenerId> SimWorld::listeners_of(Venue venue) const {
    std::vector<ports::ListenerId> out;
    for (std::size_t i = 0; i < kDoorCount; ++i) {
        if (venue_of(static_cast<Door>(i)) == venue) out.push_back(listeners_[i]);
    }
    for (const ports::ListenerId fix : fix_listeners_) {
        if (venue == Venue::Binance && fix.valid()) out.push_back(fix);
    }
    return out;
}

Result<void> SimWorld::fault(const FaultCommand& command) {
    ++faults_done_;
    if (command.name == "clear") {
        transport_.clear();
        for (auto& venue : venues_) venue->mischief() = {};
        return {};
    }
    if (command.name == "clock" && surroundings_.jump_clock) {
        surroundings_.jump_clock(command.span("by", {}));
        return {};
    }
    if (command.name == "certificate" && surroundings_.renew_certificates)
        return surroundings_.renew_certificates();
    if (command.name == "clock" || command.name == "certificate")
        return fail(Errc::Rejected, command.name + ": there is none in this world");
    bool done = false;
    for (const Venue venue : command.venues) {
        if (auto one = fault_at(venue, command, done); !one) return one;
    }
    if (!done) return fail(Errc::Rejected, command.name + ": there is nothing it could strike");
    return {};
}

Result<void> SimWorld::fault_at(Venue at, const FaultCommand& command, bool& done) {
    sim_engine::SimVenue& venue = *venues_[index_of(at)];
    const std::string& name = command.name;
    const auto kind =
        std::ranges::find(kKinds, name, &std::pair<std::string_view, FaultKind>::first);
    if (kind != std::end(kKinds)) {
        Fault fault;
        fault.kind = kind->second;
        fault.listeners = listeners_of(at);
        fault.path = command.text("path");
        fault.containing = command.text("match");
        const Nanos lasting = command.span("for", {});
        if (lasting > Nanos{}) fault.until = now_ + lasting;
        fault.count = command.count("count", lasting > Nanos{} || name == "stall" ? 0 : 1);
        fault.chance = command.number("chance", 1);
        fault.delay = command.span("delay", Nanos::seconds(1));
        fault.status = static_cast<std::uint16_t>(command.count("status", 503));
        fault.body = body_of(at, fault.status);
        fault.headers = {
            {"Content-Type", fault.body.front() == '{' ? "application/json" : "text/html"}};
        if (fault.status == 429 || fault.status == 418)
            fault.headers.push_back({"Retry-After", "2"});
        transport_.begin(std::move(fault));
        done = true;
    } else if (name == "disconnect") {
        transport_.disconnect(listeners_of(at), command.text("path"),
                              static_cast<std::uint16_t>(command.count("code", 0)));
        done = true;
    } else if (name == "reject") {
        venue.mischief().rejects = command.count("count", 1);
        const auto reason = reject_named(command.text("reason", "halted"));
        if (!reason)
            return fail(Errc::Rejected,
                        "reject: no such reason; there are halted, "
                        "insufficient_balance, price_too_high ...");
        venue.mischief().rejects = command.count("count", 1);
        venue.mischief().reject = *reason;
        done = true;
    } else if (name == "late_fill") {
        venue.mischief().late_fills = command.count("count", 1);
        venue.mischief().part =
            Rate::from_raw(static_cast<std::int64_t>(command.number("part", 1) * 1e9));
        if (const Nanos delay = command.span("delay", {}); delay > Nanos{})
            stall_user_streams(at, delay);
        done = true;
    } else if (name == "fill") {
        fill_open_orders(at, command.number("part", 1));
        done = true;
    } else if (name == "maintenance") {
        const Nanos notice = command.span("notice", {});
        const Nanos lasting = command.span("for", {});
        if (notice > Nanos{}) {
            announce_maintenance(at, notice, lasting);
        } else {
            begin_maintenance(at, lasting);
        }
        done = true;
    } else if (name == "listen_keys") {
        if (at == Venue::Binance) {
            static_cast<sim_binance::BinanceFront&>(*fronts_[index_of(at)]).expire_listen_keys();
            done = true;
        }
    } else {
        return fault_of_listing(at, command, done);
    }
    return {};
}

Result<void> SimWorld::fault_of_listing(Venue at, const FaultCommand& command, bool& done) {
    sim_engine::SimVenue& venue = *venues_[index_of(at)];
    for (std::size_t i = 0; i < venue.listings(); ++i) {
        const sim_engine::ListingId id{static_cast<sim_engine::ListingId::rep>(i)};
        InstrumentDefinition definition = venue.listing(id).definition;
        if (definition.venue_symbol != command.text("symbol")) continue;
        done = true;
        if (command.name == "tick") {
            definition.tick = command.text("value");
            if (auto changed = venue.change_rules(definition); !changed) return changed;
            continue;
        }
        venue.set_state(id,
                        command.name == "delist" ? ListingState::Delisted
                        : command.name == "halt" ? ListingState::Halted
                                                 : ListingState::Trading,
                        now_);
    }
    return {};
}

void SimWorld::fill_open_orders(Venue at, double part) {
    sim_engine::SimVenue& venue = *venues_[index_of(at)];
    for (const sim_engine::AccountId account : account_ids_[index_of(at)]) {
        std::vector<std::pair<sim_engine::OrderId, Quantity>> open;
        for (const sim_engine::Order* order : venue.open_orders(account, {}))
            open.emplace_back(order->id, order->remaining());
        for (const auto& [id, rest] : open)
            (void)venue.fill(id,
                             Quantity::from_raw(
                                 static_cast<std::int64_t>(static_cast<double>(rest.raw()) * part)),
                             now_);
    }
}

/// What tells owners of their orders is late; market data is not.
void SimWorld::stall_user_streams(Venue at, Nanos lasting) {
    Fault fault;
    fault.kind = FaultKind::Stall;
    fault.listeners = listeners_of(at);
    fault.until = now_ + lasting;
    if (at == Venue::Okx) fault.path = "/ws/v5/private";
    if (at == Venue::Bybit) fault.path = "/v5/private";
    if (at == Venue::Binance) {
        fault.containing = "executionReport";
        transport_.begin(fault);
        fault.containing = "_UPDATE\"";  // of USD-M
    }
    transport_.begin(std::move(fault));
}

/// Those venues that announce it do: Binance over FIX, OKX on its sockets. A maintenance of no
/// length moves servers only: what was announced ends, and nothing else.
void SimWorld::announce_maintenance(Venue at, Nanos notice, Nanos lasting) {
    sim_front::Front& front = *fronts_[index_of(at)];
    if (at == Venue::Binance)
        static_cast<sim_binance::BinanceFront&>(front).fix().close_at(now_ + notice);
    if (at == Venue::Okx) static_cast<sim_okx::OkxFront&>(front).announce_upgrade();
    if (lasting <= Nanos{}) return;
    maintenance_[index_of(at)].from = now_ + notice;
    maintenance_[index_of(at)].lasting = lasting;
}

void SimWorld::begin_maintenance(Venue at, Nanos lasting) {
    const UnixNanos until = now_ + lasting;
    if (at == Venue::Binance)
        static_cast<sim_binance::BinanceFront&>(*fronts_[index_of(at)]).fix().close_all();
    transport_.begin({.kind = FaultKind::Answer,
                      .listeners = listeners_of(at),
                      .until = until,
                      .status = 503,
                      .headers = {{"Content-Type", "application/json"}},
                      .body = body_of(at, 503)});
    transport_.disconnect(listeners_of(at), {}, 1001);
    set_halted(at, true);
    maintenance_[index_of(at)] = {{}, {}, until};
}

void SimWorld::set_halted(Venue at, bool halted) {
    sim_engine::SimVenue& venue = *venues_[index_of(at)];
    const ListingState from = halted ? ListingState::Trading : ListingState::Halted;
    const ListingState to = halted ? ListingState::Halted : ListingState::Trading;
    for (std::size_t i = 0; i < venue.listings(); ++i) {
        const sim_engine::ListingId id{static_cast<sim_engine::ListingId::rep>(i)};
        if (venue.listing(id).state == from) venue.set_state(id, to, now_);
    }
}

/// What is due: the script, the dice, a maintenance and its end.
void SimWorld::run_script() {
    for (std::size_t i = 0; i < kVenueCount; ++i) {
        const Maintenance known = maintenance_[i];
        if (known.until.known() && now_ >= known.until) {
            maintenance_[i].until = {};
            set_halted(static_cast<Venue>(i), false);
        }
        if (known.from.known() && now_ >= known.from)
            begin_maintenance(static_cast<Venue>(i), known.lasting);
    }
    for (Planned& planned : script_) {
        while (planned.due.known() && planned.due <= now_) {
            (void)fault(planned.fault.command);  // checked when it was read
            planned.due = planned.fault.every > Nanos{} ? draw(planned, planned.due) : UnixNanos{};
        }
    }
}

/// Uniform around the mean, so that no two runs of one seed differ.
UnixNanos SimWorld::draw(const Planned& planned, UnixNanos from) {
    return from +
           Nanos{1 + static_cast<std::int64_t>(random_.uniform() * 2 *
                                               static_cast<double>(planned.fault.every.count()))};
}

void SimWorld::play(std::vector<ScheduledFault> script) {
    for (ScheduledFault& fault : script) {
        Planned planned{std::move(fault), now_};
        planned.due = planned.fault.every > Nanos{} ? draw(planned, now_) : now_ + planned.fault.at;
        if (planned.due == UnixNanos{}) planned.due = now_;
        script_.push_back(std::move(planned));
    }
}

void SimWorld::calm() {
    script_.clear();
    transport_.clear();
    for (std::size_t i = 0; i < kVenueCount; ++i) {
        venues_[i]->mischief() = {};
        const bool on = maintenance_[i].until.known();
        maintenance_[i] = {};
        if (!on) continue;
        set_halted(static_cast<Venue>(i), false);
    }
}

}  // namespace parallax::sim_world
