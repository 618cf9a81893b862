#include "services/scanner/cycles.hpp"

#include <algorithm>
#include <utility>

#include "services/scanner/conversion.hpp"
#include "services/scanner/waterfall.hpp"

namespace parallax::scanner {

using messages::ReasonCode;

const std::array<std::int64_t, 1025> Log2::kTable = [] {
    std::array<std::int64_t, 1025> table{};
    for (std::size_t i = 0; i < table.size(); ++i)
        table[i] = of_ratio(1.0 + static_cast<double>(i) / 1024.0);
    return table;
}();

// --- Enumeration
// -------------------------------------------------------------------------------------------------

bool CycleIndex::may_combine(std::span<const InstrumentId> path) const noexcept {
    const Market wallet = wallet_of(universe_.instrument(path[0]).market);
    for (const InstrumentId id : path) {
        const Market other = wallet_of(universe_.instrument(id).market);
        if (other != wallet && !config_.cross_venue_cycles) return false;
    }
    return true;
}

/// A ring of one asset bought for one dollar and sold for another, closed by conversions between
/// dollars, is the gap that the asset's group finds across its quotes: looked at there, and only
/// there.
bool CycleIndex::is_cross_venue_gap(std::span<const InstrumentId> path) const noexcept {
    if (!config_.cross_venue || !config_.stablecoin_pairs) return false;
    const auto dollar = [&](AssetId asset) { return is_dollar(universe_.asset_name(asset)); };
    return std::all_of(path.begin(), path.end(),
                       [&](InstrumentId id) { return dollar(universe_.instrument(id).quote); });
}

void CycleIndex::list(InstrumentId id) {
    const Instrument& market = universe_.instrument(id);
    if (!is_spot(market.kind) || market.base == market.quote) return;
    if (logs_.size() < edge(id, Side::Sell) + 1) {
        logs_.resize(edge(id, Side::Sell) + 1, kAbsent);
        scales_.resize(id.index() + 1, 0);
    }
    const std::size_t assets = std::max(market.base.index(), market.quote.index()) + 1;
    if (neighbours_.size() < assets) neighbours_.resize(assets);
    const AssetId from = market.base, to = market.quote;
    // from -(id)- to -a- x -b- from, and with one more market to -a- x -b- y -c- from
    for (const Neighbour& a : neighbours_[to.index()]) {
        if (a.other == from) continue;
        for (const Neighbour& b : neighbours_[a.other.index()]) {
            if (b.other == to) continue;
            if (b.other == from) {
                if (config_.triangles) close(std::array{id, a.instrument, b.instrument}, from);
                continue;
            }
            if (!config_.four_leg_cycles) continue;
            for (const Neighbour& c : neighbours_[b.other.index()]) {
                if (c.other == from)
                    close(std::array{id, a.instrument, b.instrument, c.instrument}, from);
            }
        }
    }
    neighbours_[from.index()].push_back({id, to});
    neighbours_[to.index()].push_back({id, from});
}

/// Adds both directions of the ring of markets that starts at `from`.
void CycleIndex::close(std::span<const InstrumentId> path, AssetId from) {
    if (!may_combine(path) || is_cross_venue_gap(path) || cycles_.size() + 2 > kMaxCycles) return;
    std::array<CycleLeg, kMaxCycleLegs> legs{};
    std::array<AssetId, kMaxCycleLegs> nodes{};  // nodes[i] is spent on legs[i]
    AssetId node = from;
    for (std::size_t i = 0; i < path.size(); ++i) {
        const Instrument& market = universe_.instrument(path[i]);
        const bool sells = market.base == node;
        legs[i] = {path[i], sells ? Side::Sell : Side::Buy};
        nodes[i] = node;
        node = sells ? market.quote : market.base;
    }
    PLX_ASSERT(node == from);
    const std::size_t count = path.size();
    add(std::span{legs}.first(count), std::span{nodes}.first(count));
    // The other way round: the same markets backwards on their other sides. What leg i spent it now
    // brings in.
    std::array<CycleLeg, kMaxCycleLegs> back{};
    std::array<AssetId, kMaxCycleLegs> back_nodes{};
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t j = count - 1 - i;
        back[i] = {legs[j].instrument, opposite(legs[j].side)};
        back_nodes[i] = nodes[(j + 1) % count];
    }
    add(std::span{back}.first(count), std::span{back_nodes}.first(count));
}

void CycleIndex::add(std::span<const CycleLeg> legs, std::span<const AssetId> nodes) {
    std::size_t first = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (is_dollar(universe_.asset_name(nodes[i]))) {
            first = i;
            break;
        }
    }
    Cycle cycle;
    cycle.count = static_cast<std::uint8_t>(legs.size());
    cycle.start = nodes[first];
    const Market wallet = wallet_of(universe_.instrument(legs[0].instrument).market);
    for (std::size_t i = 0; i < legs.size(); ++i) {
        cycle.legs[i] = legs[(first + i) % legs.size()];
        const Instrument& market = universe_.instrument(cycle.legs[i].instrument);
        cycle.one_venue &= wallet_of(market.market) == wallet;
        const Rate taker = fees_.rates(market.market, market.kind).taker;
        cycle.fees += Log2::of_ratio(1.0 - static_cast<double>(taker.raw()) /
                                               static_cast<double>(Rate::kOne));
    }
    cycles_.push_back(cycle);
}

void CycleIndex::index() {
    const std::size_t instruments = universe_.instruments().size();
    logs_.resize(std::max(logs_.size(), 1 + 2 * instruments), kAbsent);
    scales_.resize(std::max(scales_.size(), instruments));
    for (std::size_t i = 0; i < instruments; ++i) {
        const InstrumentId id{static_cast<std::uint32_t>(i)};
        scales_[i] = Log2::of_scale(universe_.symbol_of(id).price_scale.decimals);
    }
    starts_.assign(instruments + 1, 0);
    for (const Cycle& cycle : cycles_) {
        for (std::size_t i = 0; i < cycle.count; ++i)
            ++starts_[cycle.legs[i].instrument.index() + 1];
    }
    for (std::size_t i = 0; i < instruments; ++i) starts_[i + 1] += starts_[i];
    entries_.resize(starts_.back());
    std::vector<std::uint32_t> next(starts_.begin(), starts_.end() - 1);
    for (std::uint32_t c = 0; c < cycles_.size(); ++c) {
        const Cycle& cycle = cycles_[c];
        for (std::size_t i = 0; i < cycle.count; ++i) {
            Entry entry{{0, 0, 0}, c << 1 | static_cast<std::uint32_t>(cycle.legs[i].side)};
            for (std::size_t k = 1, n = 0; k < cycle.count; ++k) {
                const CycleLeg& other = cycle.legs[(i + k) % cycle.count];
                entry.others[n++] = static_cast<std::uint32_t>(edge(other.instrument, other.side));
            }
            entries_[next[cycle.legs[i].instrument.index()]++] = entry;
        }
    }
}

void CycleIndex::set(InstrumentId id, Price bid, Price ask) noexcept {
    const std::int64_t scale = scales_[id.index()];
    logs_[edge(id, Side::Sell)] = bid.raw() > 0 ? Log2::of(bid.raw()) - scale : kAbsent;
    logs_[edge(id, Side::Buy)] = ask.raw() > 0 ? scale - Log2::of(ask.raw()) : kAbsent;
}

std::int64_t CycleIndex::product(std::uint32_t number) const noexcept {
    const Cycle& cycle = cycles_[number];
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < cycle.count; ++i)
        sum += logs_[edge(cycle.legs[i].instrument, cycle.legs[i].side)];
    return sum;
}

// --- Running in integers
// -----------------------------------------------------------------------------------------

namespace {

bool fee_from_received(const CycleMarket& m) noexcept {
    return m.side == Side::Sell || m.fee_asset == FeeAsset::Received;
}

/// What the leg spends and brings in for an order of this quantity.
struct Flow {
    Walk walk;
    Amount spent;
    Amount brought;
};

Flow flow_of(const CycleMarket& m, Quantity quantity, std::size_t max_levels) noexcept {
    Flow flow;
    flow.walk = walk_book(*m.book, *m.symbol, m.side, quantity, max_levels);
    const Amount fee = apply(m.taker, flow.walk.value, Rounding::Up);
    if (m.side == Side::Sell) {
        flow.spent = flow.walk.base;
        flow.brought = flow.walk.value - fee;
    } else if (fee_from_received(m)) {
        flow.spent = flow.walk.value;
        flow.brought = flow.walk.base - apply(m.taker, flow.walk.base, Rounding::Up);
    } else {
        flow.spent = flow.walk.value + fee;
        flow.brought = flow.walk.base;
    }
    return flow;
}

/// The largest order a budget of the spent asset pays for, before the lot; level by level.
Quantity affordable(const CycleMarket& m, Amount budget, std::size_t max_levels) noexcept {
    const Scale scale = m.symbol->quantity_scale;
    if (m.side == Side::Sell) return to_quantity(budget, scale, Rounding::Down);
    if (!fee_from_received(m)) {
        budget = Amount::from_raw(
            multiply_divide(budget.raw(), Rate::kOne, Rate::kOne + m.taker.raw(), Rounding::Down));
    }
    Quantity total;
    std::size_t n = 0;
    for (auto it = m.book->cursor(Side::Sell); n < max_levels && !it.done(); ++n, ++it) {
        constexpr Quantity kMost =
            Quantity::from_raw(std::int64_t{1} << 56);  // keeps the sum in range
        const Level level{(*it).price, std::min((*it).quantity, kMost)};
        const Amount cost =
            notional(level.price, m.symbol->price_scale, level.quantity, scale, Rounding::Up);
        if (cost > budget) {
            const Amount base =
                divide_by_price(budget, level.price, m.symbol->price_scale, Rounding::Down);
            return total + std::min(to_quantity(base, scale, Rounding::Down), kMost);
        }
        budget -= cost;
        total += level.quantity;
    }
    return total;
}

/// Rules of the venue that the order breaks, or none.
ReasonCode obstacle(const CycleMarket& m, Quantity quantity, const Flow& flow) noexcept {
    if (quantity.is_zero()) return ReasonCode::LotRounding;
    if (flow.walk.quantity < quantity) return ReasonCode::InsufficientDepth;
    if (flow.spent > m.available) return ReasonCode::InsufficientBalance;
    if (quantity < m.instrument->min_quantity || flow.walk.value < m.instrument->min_notional) {
        return ReasonCode::BelowMinNotional;
    }
    return ReasonCode::None;
}

}  // namespace

CycleRun run_cycle(std::span<const CycleMarket> markets, Quantity first,
                   std::size_t max_levels) noexcept {
    CycleRun run;
    Amount held;
    for (std::size_t i = 0; i < markets.size(); ++i) {
        const CycleMarket& market = markets[i];
        const Quantity lot = market.instrument->lot;
        Quantity order = floor_to(i == 0 ? first : affordable(market, held, max_levels), lot);
        if (market.instrument->max_quantity.raw() > 0)
            order = std::min(order, floor_to(market.instrument->max_quantity, lot));
        Flow flow = flow_of(market, order, max_levels);
        if (i > 0 && flow.spent > held &&
            order >= lot) {  // a fee rounded up may exceed the budget by 1e-18
            order = order - lot;
            flow = flow_of(market, order, max_levels);
        }
        run.obstacle = obstacle(market, order, flow);
        run.leg = static_cast<std::uint8_t>(i);
        if (run.obstacle != ReasonCode::None) return run;
        run.quantities[i] = order;
        if (i == 0) run.used = flow.spent;
        held = flow.brought;
    }
    run.got = held;
    run.feasible = true;
    return run;
}

Amount chain_at_best(std::span<const CycleMarket> markets, Amount held, bool with_fees) noexcept {
    for (const CycleMarket& m : markets) {
        const Price price = m.book->best(opposite(m.side)).price;
        held = m.side == Side::Buy
                   ? divide_by_price(held, price, m.symbol->price_scale, Rounding::Down)
                   : times(held, unit_amount(price, m.symbol->price_scale), Rounding::Down);
        if (with_fees) held -= apply(m.taker, held, Rounding::Up);
    }
    return held;
}

// --- The continuous walk
// -----------------------------------------------------------------------------------------

namespace {

/// One leg's ladder as rates: units brought in per unit spent, and how much may be spent at that
/// rate.
class RateWalk {
public:
    RateWalk(const CycleMarket& market, std::size_t max_levels) noexcept
        : market_{&market},
          it_{market.book->cursor(opposite(market.side))},
          levels_{max_levels},
          price_unit_{static_cast<double>(pow10(market.symbol->price_scale.decimals))},
          quantity_unit_{static_cast<double>(pow10(market.symbol->quantity_scale.decimals))},
          keep_{1.0 - static_cast<double>(market.taker.raw()) / static_cast<double>(Rate::kOne)},
          budget_{market.available.approximate()} {
        load();
    }
    [[nodiscard]] bool done() const noexcept { return done_; }
    [[nodiscard]] double rate() const noexcept { return rate_; }
    [[nodiscard]] double left() const noexcept { return std::min(left_, budget_); }
    void spend(double amount) noexcept {
        left_ -= amount;
        budget_ -= amount;
        if (budget_ <= 0.0) done_ = true;
        if (left_ <= 0.0) {
            ++it_;
            load();
        }
    }
    void finish_level() noexcept { spend(left()); }

private:
    void load() noexcept {
        if (levels_ == 0 || it_.done()) {
            done_ = true;
            return;
        }
        --levels_;
        const Level level = *it_;
        const double price = static_cast<double>(level.price.raw()) / price_unit_;
        const double quantity = static_cast<double>(level.quantity.raw()) / quantity_unit_;
        if (market_->side == Side::Sell) {
            rate_ = price * keep_;
            left_ = quantity;
        } else {
            rate_ = keep_ / price;
            left_ = price * quantity * (fee_from_received(*market_) ? 1.0 : 1.0 / keep_);
        }
    }
    const CycleMarket* market_;
    book::FeedBook::Cursor it_;
    std::size_t levels_;
    double price_unit_, quantity_unit_, keep_, budget_;
    double rate_ = 0.0;
    double left_ = 0.0;
    bool done_ = false;
};

/// Amount of the start asset at which the marginal net rate around falls to 1 + theta.
double continuous_size(std::span<RateWalk> legs, double theta, double limit) noexcept {
    double total = 0.0;
    while (total < limit) {
        double product = 1.0;  // units of the leg's spent asset per unit of start
        double room = limit - total;
        std::size_t tight = legs.size();
        for (std::size_t i = 0; i < legs.size(); ++i) {
            if (legs[i].done()) return total;
            const double fits = legs[i].left() / product;
            if (fits < room) {
                room = fits;
                tight = i;
            }
            product *= legs[i].rate();
        }
        if (product <= 1.0 + theta) return total;
        total += room;
        if (tight == legs.size()) return total;
        double spent = room;
        for (std::size_t i = 0; i < legs.size(); ++i) {
            const double rate = legs[i].rate();
            if (i == tight) {
                legs[i].finish_level();
            } else {
                legs[i].spend(spent);
            }
            spent *= rate;
        }
    }
    return total;
}

}  // namespace

CycleRun size_cycle(std::span<const CycleMarket> markets, double theta, Amount max_start,
                    std::size_t max_levels) noexcept {
    const CycleMarket& head = markets[0];
    PLX_ASSERT(markets.size() >= 3 && markets.size() <= kMaxCycleLegs);
    RateWalk legs[kMaxCycleLegs] = {{markets[0], max_levels},
                                    {markets[1], max_levels},
                                    {markets[2], max_levels},
                                    {markets[markets.size() - 1], max_levels}};
    const double start =
        continuous_size(std::span{legs, markets.size()}, theta, max_start.approximate());
    // Back to the first leg's order; the neighbours by one lot make up for the doubles.
    constexpr double kMost = 1e15;  // whole units: what walk_book goes up to
    const Amount budget =
        std::min(Amount::from_raw(static_cast<__int128>(std::min(start, kMost) * 1e18)), max_start);
    const Quantity lot = head.instrument->lot;
    const Quantity middle = floor_to(affordable(head, budget, max_levels), lot);
    CycleRun best;
    for (const std::int64_t step : {0, -1, 1}) {
        const Quantity order = middle + Quantity::from_raw(step * lot.raw());
        if (order.raw() < 0) continue;
        const CycleRun run = run_cycle(markets, order, max_levels);
        if (run.feasible && run.used > max_start) continue;
        if (step == 0 || (run.feasible && (!best.feasible || run.profit() > best.profit())))
            best = run;
    }
    return best;
}

}  // namespace parallax::scanner
