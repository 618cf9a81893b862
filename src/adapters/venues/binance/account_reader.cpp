#include "adapters/venues/binance/account_reader.hpp"

#include <algorithm>

#include "adapters/fix/fields.hpp"

namespace parallax::binance {

using ports::AccountFacts;
using venue_common::amount_field;
using venue_common::Array;
using venue_common::array_field;
using venue_common::Element;
using venue_common::integer_field;
using venue_common::list_of;
using venue_common::millis_field;
using venue_common::Object;
using venue_common::object_field;
using venue_common::text_field;

namespace {

/// Calls `each` for every object of a list; false where something else is.
template <class Each>
bool for_each(Array list, Each each) {
    for (const Element element : list) {
        Object row;
        if (element.get(row) != simdjson::SUCCESS || !each(row)) return false;
    }
    return true;
}

template <class Each>
bool for_each(Element root, Each each) {
    Array list;
    return root.get(list) == simdjson::SUCCESS && for_each(list, each);
}

bool flag(Object row, std::string_view key) {
    return venue_common::boolean_field(row, key).value_or(false);
}

/// As a number or as text.
std::uint16_t leverage_of(Object row) {
    const auto value = integer_field(row, "leverage");
    return static_cast<std::uint16_t>(std::clamp<std::int64_t>(value.value_or(0), 0, 65'535));
}

/// "2026-01-31 08:15:00", in UTC; unknown when it is nothing like it.
UnixNanos time_of(std::string_view text) {
    if (text.size() != 19 || text[4] != '-' || text[7] != '-' || text[10] != ' ') return {};
    std::string as_fix{text.substr(0, 4)};
    as_fix.append(text.substr(5, 2)).append(text.substr(8, 2)).append("-");
    return fix::read_time(as_fix.append(text.substr(11)));
}

Side side_of(Object row) { return text_field(row, "side") == "BUY" ? Side::Buy : Side::Sell; }

}  // namespace

HotResult<Element> Accounts::Reader::parse(std::string_view body) {
    Element root;
    if (json_.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS)
        return fail(Errc::Malformed);
    return root;
}

const Instrument* Accounts::Reader::instrument(Object row) const {
    const auto id = universe_.find(market(), text_field(row, "symbol"));
    return id ? &universe_.instrument(*id) : nullptr;
}

bool Accounts::Reader::balances(Element root, AccountFacts& facts) const {
    auto& out = list_of<messages::BalanceReport>(facts);
    const auto add = [&](Object row, Amount total, UnixNanos time) {
        const auto asset = universe_.find_asset(text_field(row, "asset"));
        if (!asset) return true;  // nobody here trades it
        messages::BalanceReport report;
        report.wallet = market();
        report.asset = *asset;
        report.total = total;
        report.time = time;
        out.push_back(report);
        return true;
    };
    if (!spot()) {
        return for_each(root, [&](Object row) {
            return add(row, amount_field(row, "balance"), millis_field(row, "updateTime"));
        });
    }
    Object account;
    if (root.get(account) != simdjson::SUCCESS) return false;
    const auto rows = array_field(account, "balances");
    const UnixNanos time = millis_field(account, "updateTime");
    return rows && for_each(*rows, [&](Object row) {
               const auto total =
                   venue_common::sum_of(amount_field(row, "free"), amount_field(row, "locked"));
               return total && add(row, *total, time);
           });
}

bool Accounts::Reader::margins(Element root, AccountFacts& facts) const {
    Object account;
    if (root.get(account) != simdjson::SUCCESS) return false;
    const auto rows = array_field(account, "assets");
    auto& out = list_of<ports::MarginReport>(facts);
    return rows && for_each(*rows, [&](Object row) {
               const auto asset = universe_.find_asset(text_field(row, "asset"));
               if (asset)
                   out.push_back({market(), *asset, amount_field(row, "marginBalance"),
                                  amount_field(row, "initialMargin"),
                                  amount_field(row, "maintMargin"),
                                  millis_field(row, "updateTime")});
               return true;
           });
}

bool Accounts::Reader::positions(Element root, AccountFacts& facts) const {
    auto& out = list_of<ports::PositionReport>(facts);
    return for_each(root, [&](Object row) {
        const Instrument* const listing = instrument(row);
        if (listing == nullptr) return true;
        const auto held =
            venue_common::read_quantity(text_field(row, "positionAmt"), listing->wire);
        if (!held) return false;
        if (held->is_zero()) return true;  // only open orders
        ports::PositionReport report;
        report.instrument = listing->id;
        report.quantity = to_amount(*held, universe_.symbol_of(listing->id).quantity_scale);
        report.one_sided = text_field(row, "positionSide") == "BOTH";
        report.entry = amount_field(row, "entryPrice");
        report.unrealised = amount_field(row, "unRealizedProfit");
        report.margin = amount_field(row, "initialMargin");
        report.time = millis_field(row, "updateTime");
        out.push_back(report);
        return true;
    });
}

bool Accounts::Reader::settings(Element root, AccountFacts& facts) const {
    auto& known = list_of<ports::PositionReport>(facts);
    return for_each(root, [&](Object row) {
        const Instrument* const listing = instrument(row);
        if (listing == nullptr) return true;
        for (ports::PositionReport& position : known) {
            if (position.instrument != listing->id) continue;
            position.leverage = leverage_of(row);
            position.cross = text_field(row, "marginType") == "CROSSED";
        }
        return true;
    });
}

/// Of spot the sum of what is charged; a discount for paying in another asset is left out.
bool Accounts::Reader::fees(Element root, InstrumentId of, AccountFacts& facts) const {
    Object row;
    if (root.get(row) != simdjson::SUCCESS) return false;
    ports::FeeReport report;
    report.market = market();
    report.spot = spot();
    report.instrument = of;
    report.rates.asset = spot() ? FeeAsset::Received : FeeAsset::Quote;
    if (!spot()) {
        report.rates.maker = venue_common::rate_field(row, "makerCommissionRate");
        report.rates.taker = venue_common::rate_field(row, "takerCommissionRate");
    } else {
        const auto standard = object_field(row, "standardCommission");
        if (!standard) return false;
        for (const std::string_view kind :
             {"standardCommission", "specialCommission", "taxCommission"}) {
            const auto part = object_field(row, kind);
            if (!part) continue;
            // Buyers and sellers may pay besides: the dearer side counts.
            const Rate side = std::max(venue_common::rate_field(*part, "buyer"),
                                       venue_common::rate_field(*part, "seller"));
            const auto add = [&](Rate& to, std::string_view key) {
                to = Rate::from_raw(to.raw() + venue_common::rate_field(*part, key).raw() +
                                    side.raw());
            };
            add(report.rates.maker, "maker");
            add(report.rates.taker, "taker");
        }
    }
    list_of<ports::FeeReport>(facts).push_back(report);
    return true;
}

bool Accounts::Reader::orders(Element root, AccountFacts& facts) const {
    auto& out = list_of<ports::AccountOrder>(facts);
    return for_each(root, [&](Object row) {
        const Instrument* const listing = instrument(row);
        if (listing == nullptr) return true;
        const auto price = venue_common::read_price(text_field(row, "price"), listing->wire);
        const auto size = venue_common::read_quantity(text_field(row, "origQty"), listing->wire);
        const auto filled =
            venue_common::read_quantity(text_field(row, "executedQty"), listing->wire);
        if (!price || !size || !filled) return false;
        out.push_back({std::string{text_field(row, "clientOrderId")},
                       venue_common::scalar_field(row, "orderId"), listing->id, side_of(row),
                       *price, *size, *filled, millis_field(row, "time")});
        return true;
    });
}

bool Accounts::Reader::fills(Element root, AccountFacts& facts, std::size_t& count,
                             std::uint64_t& last) const {
    auto& out = list_of<ports::AccountFill>(facts);
    return for_each(root, [&](Object row) {
        ++count;
        const Instrument* const listing = instrument(row);
        if (listing == nullptr) return false;
        const auto id = integer_field(row, "id");
        const auto price = venue_common::read_price(text_field(row, "price"), listing->wire);
        const auto quantity = venue_common::read_quantity(text_field(row, "qty"), listing->wire);
        if (!id || *id < 0 || !price || !quantity) return false;
        last = std::max(last, static_cast<std::uint64_t>(*id));
        ports::AccountFill fill;
        fill.venue_id = venue_common::scalar_field(row, "orderId");
        fill.instrument = listing->id;
        fill.side = flag(row, spot() ? "isBuyer" : "buyer") ? Side::Buy : Side::Sell;
        fill.trade_id = static_cast<std::uint64_t>(*id);
        fill.price = *price;
        fill.quantity = *quantity;
        fill.fee = amount_field(row, "commission");
        fill.fee_asset =
            universe_.find_asset(text_field(row, "commissionAsset")).value_or(AssetId{});
        fill.maker = flag(row, spot() ? "isMaker" : "maker");
        fill.time = millis_field(row, "time");
        out.push_back(std::move(fill));
        return true;
    });
}

bool Accounts::Reader::payments(Element root, UnixNanos since, AccountFacts& facts,
                                std::size_t& count, UnixNanos& first, UnixNanos& last) const {
    auto& out = list_of<messages::CashEvent>(facts);
    return for_each(root, [&](Object row) {
        const auto asset = universe_.find_asset(text_field(row, "asset"));
        const UnixNanos time = millis_field(row, "time");
        const auto id = integer_field(row, "tranId");
        if (!id || *id < 0 || !time.known()) return false;
        if (count++ == 0) first = time;
        last = time;
        if (!asset || time < since || text_field(row, "incomeType") != "FUNDING_FEE") return true;
        const auto venue_id = static_cast<std::uint64_t>(*id);
        const auto again = std::ranges::find(out, venue_id, &messages::CashEvent::venue_id);
        if (again != out.end()) return true;  // the page before ended with it
        messages::CashEvent event;
        event.kind = messages::EntryKind::Funding;
        event.wallet = market();
        event.asset = *asset;
        if (const Instrument* const listing = instrument(row)) event.instrument = listing->id;
        event.amount = amount_field(row, "income");
        event.time = time;
        event.venue_id = venue_id;
        out.push_back(event);
        return true;
    });
}

/// Both lists have their own words for the same. What a state says that is not in the documents is
/// not over.
bool Accounts::Reader::movements(Element root, bool deposits, AccountFacts& facts,
                                 std::size_t& count, UnixNanos& before) const {
    using State = ports::MovementReport::State;
    auto& out = list_of<ports::MovementReport>(facts);
    UnixNanos oldest, newest;
    bool news = false;
    const bool good = for_each(root, [&](Object row) {
        const auto status = integer_field(row, "status");
        ports::MovementReport report;
        report.venue_id = venue_common::scalar_field(row, "id");
        report.time =
            deposits ? millis_field(row, "insertTime") : time_of(text_field(row, "applyTime"));
        if (!status || report.venue_id.empty() || !report.time.known()) return false;
        oldest = count == 0 ? report.time : std::min(oldest, report.time);
        newest = count++ == 0 ? report.time : std::max(newest, report.time);
        const auto asset = universe_.find_asset(text_field(row, "coin"));
        // The next page begins with the time this one ended at.
        const bool again =
            std::ranges::find(out, report.venue_id, &ports::MovementReport::venue_id) != out.end();
        news = news || !again;
        if (!asset || again) return true;
        report.asset = *asset;
        report.amount = amount_field(row, "amount");
        report.transaction = text_field(row, "txId");
        if (deposits) {
            if (*status == 1 || *status == 6) report.state = State::Done;
            if (*status == 2 || *status == 7) report.state = State::Failed;
        } else {
            report.fee = amount_field(row, "transactionFee");
            if (*status == 6) report.state = State::Done;
            if (*status == 3) report.state = State::Failed;
        }
        out.push_back(std::move(report));
        return true;
    });
    before = oldest == newest ? oldest - Nanos::millis(1) : oldest;
    if (!news) count = 0;
    return good;
}

/// The list of one symbol's settings, or the answer to a change of leverage.
bool Accounts::Reader::leverage(Element root, InstrumentId of, AccountFacts& facts) const {
    Object row;
    Array list;
    if (root.get(list) == simdjson::SUCCESS) {
        if (list.size() != 1 || list.at(0).get(row) != simdjson::SUCCESS) return false;
    } else if (root.get(row) != simdjson::SUCCESS) {
        return false;
    }
    const std::string_view type = text_field(row, "marginType");
    facts = ports::LeverageReport{of, leverage_of(row), type.empty() || type == "CROSSED"};
    return leverage_of(row) != 0;
}

bool Accounts::Reader::position_mode(Element root, InstrumentId of, AccountFacts& facts) {
    Object row;
    if (root.get(row) != simdjson::SUCCESS) return false;
    const auto dual = venue_common::boolean_field(row, "dualSidePosition");
    if (!dual) return false;
    facts = ports::PositionModeReport{of, !*dual, true};
    return true;
}

/// Without a wallet API there is nothing to withdraw by.
bool Accounts::Reader::key(Element root, bool wallet_api, AccountFacts& facts) const {
    Object row;
    if (root.get(row) != simdjson::SUCCESS) return false;
    ports::KeyReport report;
    report.read = true;  // it was answered
    if (!wallet_api) {
        report.trade = flag(row, "canTrade");
        facts = report;
        return venue_common::boolean_field(row, "canTrade").has_value();
    }
    report.trade = flag(row, spot() ? "enableSpotAndMarginTrading" : "enableFutures");
    report.transfer = flag(row, "permitsUniversalTransfer");
    report.withdraw = flag(row, "enableWithdrawals");
    report.bound = flag(row, "ipRestrict");
    report.expires = millis_field(row, "tradingAuthorityExpirationTime");
    facts = report;
    return venue_common::boolean_field(row, "enableWithdrawals").has_value();
}

// ---- transfers

const Accounts::Transfers::Sent* Accounts::Transfers::find(std::uint64_t id) const noexcept {
    const auto it = sent_.find(id);
    return it == sent_.end() ? nullptr : &it->second;
}

void Accounts::Transfers::name(std::uint64_t id, std::string venue_id) {
    const auto it = sent_.find(id);
    if (it != sent_.end()) it->second.venue_id = std::move(venue_id);
}

Result<ports::TransferReport> Accounts::Transfers::state(std::uint64_t id, Element list) {
    using State = ports::TransferReport::State;
    const auto it = sent_.find(id);
    if (it == sent_.end()) return fail(Errc::Rejected, "this run sent no transfer of that id");
    Sent& sent = it->second;
    Object root;
    if (list.get(root) != simdjson::SUCCESS) return fail(Errc::Malformed, "no list of transfers");
    ports::TransferReport report{id, State::Failed, sent.venue_id};
    // An empty list has no rows at all.
    const auto rows = array_field(root, "rows");
    const bool read = !rows || for_each(*rows, [&](Object row) {
        const std::string number = venue_common::scalar_field(row, "tranId");
        const bool others = std::ranges::any_of(
            sent_, [&](const auto& s) { return s.first != id && s.second.venue_id == number; });
        const bool alike = !others && text_field(row, "asset") == sent.asset &&
                           Amount::parse(text_field(row, "amount")) == sent.amount;
        if (sent.venue_id.empty() ? !alike : number != sent.venue_id) return true;
        sent.venue_id = report.venue_id = number;
        const std::string_view state = text_field(row, "status");
        report.state = state == "CONFIRMED" ? State::Done
                       : state == "FAILED"  ? State::Failed
                                            : State::Pending;
        return true;
    });
    if (!read) return fail(Errc::Malformed, "a transfer cannot be read");
    // What was accepted is in the list sooner or later.
    if (report.state == State::Failed && !sent.venue_id.empty() && !rows)
        report.state = State::Pending;
    return report;
}

}  // namespace parallax::binance
