// What is told of an account. account.cpp has what is asked.
#include "adapters/venues/bybit/account_reader.hpp"

#include "adapters/venues/bybit/limits.hpp"

namespace parallax::bybit {

using ports::AccountFacts;
using venue_common::amount_field;
using venue_common::Element;
using venue_common::list_of;
using venue_common::millis_field;
using venue_common::Object;
using venue_common::text_field;

namespace {

bool has(const std::optional<venue_common::Array>& list, std::string_view word) {
    if (!list) return false;
    for (const Element element : *list) {
        std::string_view text;
        if (element.get(text) == simdjson::SUCCESS && text == word) return true;
    }
    return false;
}
}  // namespace

void Accounts::Reader::wallet(Object row, bool margin, UnixNanos time, AccountFacts& facts) const {
    if (margin) {
        (void)list_of<ports::MarginReport>(facts);
    } else {
        (void)list_of<messages::BalanceReport>(facts);
    }
    const auto coins = venue_common::array_field(row, "coin");
    if (!coins) return;
    for (const Element element : *coins) {
        Object coin;
        if (element.get(coin) != simdjson::SUCCESS) continue;
        const auto asset = universe.find_asset(text_field(coin, "coin"));
        if (!asset) continue;  // nobody here trades it
        if (margin) {
            list_of<ports::MarginReport>(facts).push_back(
                {kUnified, *asset, amount_field(coin, "equity"),
                 amount_field(coin, "totalPositionIM"), amount_field(coin, "totalPositionMM"),
                 time});
        } else {
            messages::BalanceReport report;
            report.wallet = kUnified;
            report.asset = *asset;
            report.total = amount_field(coin, "walletBalance");
            report.time = time;
            list_of<messages::BalanceReport>(facts).push_back(report);
        }
    }
}

/// One that cannot be read is not taken for none.
bool Accounts::Reader::position(Object row, AccountFacts& facts) const {
    const Instrument* const listing = instrument(row, Market::BybitLinear);
    if (listing == nullptr) return true;
    const auto size = venue_common::read_quantity(text_field(row, "size"), listing->wire);
    if (!size) return false;
    if (size->is_zero()) return true;
    ports::PositionReport report;
    report.instrument = listing->id;
    const Amount held = to_amount(*size, universe.symbol_of(listing->id).quantity_scale);
    report.quantity = text_field(row, "side") == "Sell" ? -held : held;
    report.one_sided = venue_common::integer_field(row, "positionIdx").value_or(0) == 0;
    report.entry = amount_field(row, "avgPrice");
    report.unrealised = amount_field(row, "unrealisedPnl");
    report.margin = amount_field(row, "positionIM");
    report.leverage = venue_common::leverage_field(row, "leverage");
    report.cross = venue_common::integer_field(row, "tradeMode").value_or(0) == 0;
    report.time = millis_field(row, "updatedTime");
    list_of<ports::PositionReport>(facts).push_back(report);
    return true;
}

void Accounts::Reader::fee(Object row, Market market, AccountFacts& facts) const {
    const Instrument* const listing = instrument(row, market);
    if (listing == nullptr) return;
    const bool spot = market == Market::BybitSpot;
    const FeeRates rates{venue_common::rate_field(row, "makerFeeRate"),
                         venue_common::rate_field(row, "takerFeeRate"),
                         spot ? FeeAsset::Received : FeeAsset::Quote};
    list_of<ports::FeeReport>(facts).push_back({market, spot, listing->id, rates});
}

bool Accounts::Reader::order(Object row, Market market, AccountFacts& facts) const {
    const Instrument* const listing = instrument(row, market);
    if (listing == nullptr) return true;
    const auto quantity = venue_common::read_quantity(text_field(row, "qty"), listing->wire);
    const auto filled = venue_common::read_quantity(text_field(row, "cumExecQty"), listing->wire);
    const auto price = venue_common::read_price(text_field(row, "price"), listing->wire);
    if (!quantity || !filled || !price) return false;
    list_of<ports::AccountOrder>(facts).push_back(
        {std::string{text_field(row, "orderLinkId")}, std::string{text_field(row, "orderId")},
         listing->id, text_field(row, "side") == "Buy" ? Side::Buy : Side::Sell, *price, *quantity,
         *filled, millis_field(row, "createdTime")});
    return true;
}

bool Accounts::Reader::fill(Object row, Market market, AccountFacts& facts) const {
    const Instrument* const listing = instrument(row, market);
    const std::string_view type = text_field(row, "execType");
    if (listing == nullptr || type == "Funding" || type == "Settle") return true;
    const auto price = venue_common::read_price(text_field(row, "execPrice"), listing->wire);
    const auto quantity = venue_common::read_quantity(text_field(row, "execQty"), listing->wire);
    if (!price || !quantity) return false;
    ports::AccountFill fill;
    fill.client_id = text_field(row, "orderLinkId");
    fill.venue_id = text_field(row, "orderId");
    fill.instrument = listing->id;
    fill.side = text_field(row, "side") == "Buy" ? Side::Buy : Side::Sell;
    fill.trade_id = venue_common::number_of(text_field(row, "execId"));
    fill.price = *price;
    fill.quantity = *quantity;
    fill.fee = amount_field(row, "execFee");
    fill.fee_asset = universe.find_asset(text_field(row, "feeCurrency")).value_or(AssetId{});
    fill.maker = venue_common::boolean_field(row, "isMaker").value_or(false);
    fill.time = millis_field(row, "execTime");
    list_of<ports::AccountFill>(facts).push_back(std::move(fill));
    return true;
}

void Accounts::Reader::payment(Object row, AccountFacts& facts) const {
    const Instrument* const listing = instrument(row, Market::BybitLinear);
    if (listing == nullptr || text_field(row, "execType") != "Funding") return;
    messages::CashEvent event;
    event.kind = messages::EntryKind::Funding;
    event.wallet = kUnified;
    event.asset = listing->settle;
    event.instrument = listing->id;
    event.amount = -amount_field(row, "execFee");
    event.time = millis_field(row, "execTime");
    event.venue_id = venue_common::number_of(text_field(row, "execId"));
    list_of<messages::CashEvent>(facts).push_back(event);
}

void Accounts::Reader::movement(Object row, bool deposit, AccountFacts& facts) const {
    const auto asset = universe.find_asset(text_field(row, "coin"));
    if (!asset) return;
    using State = ports::MovementReport::State;
    State state = State::Pending;
    if (deposit) {
        const auto code = venue_common::integer_field(row, "status").value_or(0);
        if (code == 3) state = State::Done;
        if (code == 4 || code == 7) state = State::Failed;
    } else {
        const std::string_view text = text_field(row, "status");
        if (text == "success") state = State::Done;
        if (text == "CancelByUser") state = State::Cancelled;
        if (text == "Reject" || text == "Fail") state = State::Failed;
    }
    list_of<ports::MovementReport>(facts).push_back(
        {std::string{text_field(row, deposit ? "id" : "withdrawId")}, *asset,
         amount_field(row, "amount"), deposit ? Amount{} : amount_field(row, "withdrawFee"), state,
         millis_field(row, deposit ? "successAt" : "createTime"),
         std::string{text_field(row, "txID")}});
}

void Accounts::Reader::key(Object result, AccountFacts& facts) {
    ports::KeyReport report;
    const bool read_only = venue_common::integer_field(result, "readOnly").value_or(1) != 0;
    report.read = true;
    if (const auto may = venue_common::object_field(result, "permissions")) {
        const auto wallet = venue_common::array_field(*may, "Wallet");
        report.trade =
            !read_only && (has(venue_common::array_field(*may, "Spot"), "SpotTrade") ||
                           has(venue_common::array_field(*may, "ContractTrade"), "Order"));
        report.transfer = !read_only && has(wallet, "AccountTransfer");
        report.withdraw = !read_only && has(wallet, "Withdraw");
    }
    const auto addresses = venue_common::array_field(result, "ips");
    report.bound = addresses && addresses->size() > 0 && !has(addresses, "*");
    facts = report;
}

}  // namespace parallax::bybit
