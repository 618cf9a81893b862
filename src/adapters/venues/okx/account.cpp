#include "adapters/venues/okx/account.hpp"

#include <algorithm>

#include "adapters/venues/common/account_text.hpp"
#include "adapters/venues/common/encoding.hpp"
#include "adapters/venues/common/rate_feedback.hpp"
#include "adapters/venues/okx/limits.hpp"

namespace parallax::okx {

using ports::AccountFacts;
using ports::AccountRequest;
using ports::AccountTopic;
using ports::AccountWallet;
using venue_common::amount_field;
using venue_common::append_parameter;
using venue_common::Element;
using venue_common::list_of;
using venue_common::millis_field;
using venue_common::Object;
using venue_common::RestAnswer;
using venue_common::RestCall;
using venue_common::text_field;

namespace {

std::string_view wallet_number(AccountWallet wallet) noexcept {
    return wallet == AccountWallet::Trading ? "18" : "6";
}

}  // namespace

struct Accounts::Reader {
    explicit Reader(const Universe& u) : universe{u} {}
    const Universe& universe;
    simdjson::dom::parser json;

    [[nodiscard]] const Instrument* instrument(Object row) const {
        const auto id = universe.find(Market::Okx, text_field(row, "instId"));
        return id ? &universe.instrument(*id) : nullptr;
    }
    [[nodiscard]] std::optional<AssetId> asset(Object row, std::string_view key) const {
        return universe.find_asset(text_field(row, key));
    }
    void balances(Object row, bool margin, AccountFacts& facts) const;
    bool position(Object row, AccountFacts& facts) const;
    static void fees(Object row, AccountFacts& facts);
    bool order(Object row, AccountFacts& facts) const;
    bool fill(Object row, AccountFacts& facts) const;
    void payment(Object row, UnixNanos since, AccountFacts& facts) const;
    void movement(Object row, bool deposit, AccountFacts& facts) const;
    static void key(Object row, AccountFacts& facts);
};

Accounts::Accounts(const Universe& universe, std::string_view tag, std::string order_tag)
    : universe_{universe},
      ids_{tag},
      order_tag_{std::move(order_tag)},
      reader_{std::make_unique<Reader>(universe)} {}
Accounts::~Accounts() = default;

std::string Accounts::transfer_id(std::uint64_t id) const {
    return std::string{venue_common::view(ids_.write(ClientOrderId::from_raw(id)))};
}

// ---- what is asked

Result<void> Accounts::check(const AccountRequest& request) const {
    const auto swap = [&] {
        return request.instrument.valid() &&
               request.instrument.index() < universe_.instruments().size() &&
               universe_.instrument(request.instrument).market == Market::Okx &&
               !is_spot(universe_.instrument(request.instrument).kind);
    };
    switch (request.topic) {
        case AccountTopic::SetLeverage:
            if (request.leverage == 0) return fail(Errc::Rejected, "a leverage of 0");
            [[fallthrough]];
        case AccountTopic::Leverage:
        case AccountTopic::PositionMode:
            if (!swap()) return fail(Errc::Rejected, "no perpetual of this venue");
            return {};
        case AccountTopic::Transfer:
            if (!request.asset.valid() || request.amount <= Amount{} || request.id == 0 ||
                request.from == request.to)
                return fail(Errc::Rejected, "a transfer needs asset, amount, id and two wallets");
            return {};
        case AccountTopic::TransferState:
            if (request.id == 0) return fail(Errc::Rejected, "a transfer has an id");
            return {};
        case AccountTopic::DeadMan:
            if (request.after != Nanos{} &&
                (request.after < Nanos::seconds(10) || request.after > Nanos::seconds(120)))
                return fail(Errc::Rejected, "the switch takes 10 to 120 s, or 0");
            return {};
        default:
            return {};
    }
}

unsigned Accounts::steps(const AccountRequest& request) const noexcept {
    return request.topic == AccountTopic::Fees ? 2 : 1;  // spot, perpetuals
}

RestCall Accounts::write(const AccountRequest& request, unsigned step, const std::string& cursor,
                         UnixNanos) const {
    RestCall call;
    const auto get = [&](Call what, std::string_view path) {
        call.rate.call = what;
        call.path = path;
    };
    const auto post = [&](Call what, std::string_view path, std::string body) {
        get(what, path);
        call.method = "POST";
        call.repeat = venue_common::Repeat::IfUnsent;
        call.body = std::move(body);
    };
    const auto paged = [&] {
        append_parameter(call.query, "limit", "100");
        if (!cursor.empty()) append_parameter(call.query, "after", cursor);
    };
    const auto symbol = [&] { return universe_.instrument(request.instrument).venue_symbol; };
    switch (request.topic) {
        case AccountTopic::Balances:
        case AccountTopic::Margin:
            get(kBalance, "/api/v5/account/balance");
            break;
        case AccountTopic::Positions:
            get(kPositions, "/api/v5/account/positions");
            append_parameter(call.query, "instType", "SWAP");
            break;
        case AccountTopic::Fees:
            get(kTradeFee, "/api/v5/account/trade-fee");
            append_parameter(call.query, "instType", step == 0 ? "SPOT" : "SWAP");
            break;
        case AccountTopic::OpenOrders:
            get(kOpenOrders, "/api/v5/trade/orders-pending");
            paged();
            break;
        case AccountTopic::Fills:
            get(kFills, "/api/v5/trade/fills");
            append_parameter(call.query, "begin", std::to_string(request.since.millis()));
            paged();
            break;
        case AccountTopic::Funding:
            get(kBills, "/api/v5/account/bills");
            append_parameter(call.query, "type", "8");
            append_parameter(call.query, "begin", std::to_string(request.since.millis()));
            paged();
            break;
        case AccountTopic::Leverage:
            get(kLeverageInfo, "/api/v5/account/leverage-info");
            append_parameter(call.query, "instId", symbol());
            append_parameter(call.query, "mgnMode", "cross");
            break;
        case AccountTopic::SetLeverage:
            post(kSetLeverage, "/api/v5/account/set-leverage",
                 R"({"instId":")" + symbol() + R"(","lever":")" + std::to_string(request.leverage) +
                     R"(","mgnMode":"cross"})");
            break;
        case AccountTopic::Transfer:
            post(kTransfer, "/api/v5/asset/transfer",
                 R"({"ccy":")" + universe_.asset_name(request.asset) + R"(","amt":")" +
                     request.amount.text() + R"(","from":")" +
                     std::string{wallet_number(request.from)} + R"(","to":")" +
                     std::string{wallet_number(request.to)} + R"(","type":"0","clientId":")" +
                     transfer_id(request.id) + R"("})");
            break;
        case AccountTopic::TransferState:
            get(kTransferState, "/api/v5/asset/transfer-state");
            append_parameter(call.query, "clientId", transfer_id(request.id));
            append_parameter(call.query, "type", "0");
            break;
        case AccountTopic::Deposits:
        case AccountTopic::Withdrawals: {
            const bool in = request.topic == AccountTopic::Deposits;
            get(in ? kDepositHistory : kWithdrawalHistory,
                in ? "/api/v5/asset/deposit-history" : "/api/v5/asset/withdrawal-history");
            if (request.asset.valid())
                append_parameter(call.query, "ccy", universe_.asset_name(request.asset));
            break;
        }
        case AccountTopic::Key:
        case AccountTopic::PositionMode:
            get(kAccountConfig, "/api/v5/account/config");
            break;
        case AccountTopic::DeadMan:
            post(kCancelAllAfter, "/api/v5/trade/cancel-all-after",
                 R"({"timeOut":")" + std::to_string(request.after.as_millis() / 1'000) +
                     (order_tag_.empty() ? std::string{"\"}"}
                                         : R"(","tag":")" + order_tag_ + R"("})"));
            break;
    }
    return call;
}

bool Accounts::done_already(const AccountRequest&, const RestAnswer&) const noexcept {
    return false;  // the venue says so by success
}

// ---- what is told

void Accounts::Reader::balances(Object row, bool margin, AccountFacts& facts) const {
    if (margin) {
        (void)list_of<ports::MarginReport>(facts);
    } else {
        (void)list_of<messages::BalanceReport>(facts);
    }
    const auto details = venue_common::array_field(row, "details");
    if (!details) return;
    for (const Element element : *details) {
        Object detail;
        if (element.get(detail) != simdjson::SUCCESS) continue;
        const auto id = asset(detail, "ccy");
        if (!id) continue;  // of an asset nobody here trades
        const UnixNanos time = millis_field(detail, "uTime");
        if (margin) {
            list_of<ports::MarginReport>(facts).push_back(
                {Market::Okx, *id, amount_field(detail, "eq"), amount_field(detail, "imr"),
                 amount_field(detail, "mmr"), time});
        } else {
            messages::BalanceReport report;
            report.wallet = Market::Okx;
            report.asset = *id;
            report.total = amount_field(detail, "cashBal");
            report.time = time;
            list_of<messages::BalanceReport>(facts).push_back(report);
        }
    }
}

/// One that cannot be read is not taken for none.
bool Accounts::Reader::position(Object row, AccountFacts& facts) const {
    const Instrument* const listing = instrument(row);
    if (listing == nullptr) return true;
    const auto quantity = venue_common::read_quantity(text_field(row, "pos"), listing->wire);
    if (!quantity) return false;
    if (quantity->is_zero()) return true;
    ports::PositionReport report;
    report.instrument = listing->id;
    // Net mode signs the size; long/short mode says it by the side.
    const std::string_view side = text_field(row, "posSide");
    const Amount size = to_amount(*quantity, universe.symbol_of(listing->id).quantity_scale);
    report.quantity = side == "short" ? -size.magnitude() : size;
    report.one_sided = side == "net";
    report.entry = amount_field(row, "avgPx");
    report.unrealised = amount_field(row, "upl");
    report.margin = amount_field(row, "imr");
    report.leverage = venue_common::leverage_field(row, "lever");
    report.cross = text_field(row, "mgnMode") == "cross";
    report.time = millis_field(row, "uTime");
    list_of<ports::PositionReport>(facts).push_back(report);
    return true;
}

/// Groups of instruments have rates of their own; which is whose is not known here: the highest.
void Accounts::Reader::fees(Object row, AccountFacts& facts) {
    ports::FeeReport report;
    report.market = Market::Okx;
    report.spot = text_field(row, "instType") == "SPOT";
    report.rates.asset = report.spot ? FeeAsset::Received : FeeAsset::Quote;
    bool first = true;
    const auto add = [&](Object group) {
        const Rate maker = -venue_common::rate_field(group, "maker");
        const Rate taker = -venue_common::rate_field(group, "taker");
        report.rates.maker = first ? maker : std::max(report.rates.maker, maker);
        report.rates.taker = first ? taker : std::max(report.rates.taker, taker);
        first = false;
    };
    if (const auto groups = venue_common::array_field(row, "feeGroup")) {
        for (const Element element : *groups) {
            Object group;
            if (element.get(group) == simdjson::SUCCESS) add(group);
        }
    }
    if (first) add(row);
    list_of<ports::FeeReport>(facts).push_back(report);
}

bool Accounts::Reader::order(Object row, AccountFacts& facts) const {
    const Instrument* const listing = instrument(row);
    if (listing == nullptr) return true;
    const auto quantity = venue_common::read_quantity(text_field(row, "sz"), listing->wire);
    const auto filled = venue_common::read_quantity(text_field(row, "accFillSz"), listing->wire);
    const std::string_view price = text_field(row, "px");
    const auto limit =
        price.empty() ? HotResult<Price>{Price{}} : venue_common::read_price(price, listing->wire);
    if (!quantity || !filled || !limit) return false;
    list_of<ports::AccountOrder>(facts).push_back(
        {std::string{text_field(row, "clOrdId")}, std::string{text_field(row, "ordId")},
         listing->id, text_field(row, "side") == "buy" ? Side::Buy : Side::Sell, *limit, *quantity,
         *filled, millis_field(row, "cTime")});
    return true;
}

bool Accounts::Reader::fill(Object row, AccountFacts& facts) const {
    const Instrument* const listing = instrument(row);
    if (listing == nullptr) return true;
    const auto price = venue_common::read_price(text_field(row, "fillPx"), listing->wire);
    const auto quantity = venue_common::read_quantity(text_field(row, "fillSz"), listing->wire);
    if (!price || !quantity) return false;
    ports::AccountFill fill;
    fill.client_id = text_field(row, "clOrdId");
    fill.venue_id = text_field(row, "ordId");
    fill.instrument = listing->id;
    fill.side = text_field(row, "side") == "buy" ? Side::Buy : Side::Sell;
    fill.trade_id = venue_common::number_of(text_field(row, "tradeId"));
    fill.price = *price;
    fill.quantity = *quantity;
    fill.fee = -amount_field(row, "fee");
    fill.fee_asset = asset(row, "feeCcy").value_or(AssetId{});
    fill.maker = text_field(row, "execType") == "M";
    fill.time = millis_field(row, "fillTime");
    list_of<ports::AccountFill>(facts).push_back(std::move(fill));
    return true;
}

void Accounts::Reader::payment(Object row, UnixNanos since, AccountFacts& facts) const {
    const auto paid_in = asset(row, "ccy");
    const UnixNanos time = millis_field(row, "ts");
    if (!paid_in || time < since) return;
    messages::CashEvent event;
    event.kind = messages::EntryKind::Funding;
    event.wallet = Market::Okx;
    event.asset = *paid_in;
    const Instrument* const listing = instrument(row);
    if (listing != nullptr) event.instrument = listing->id;
    event.amount = amount_field(row, "balChg");
    event.time = time;
    event.venue_id = venue_common::number_of(text_field(row, "billId"));
    list_of<messages::CashEvent>(facts).push_back(event);
}

void Accounts::Reader::movement(Object row, bool deposit, AccountFacts& facts) const {
    const auto what = asset(row, "ccy");
    if (!what) return;
    using State = ports::MovementReport::State;
    const auto code = venue_common::integer_field(row, "state").value_or(0);
    State state = State::Pending;
    if (code == 2) state = State::Done;
    if (!deposit && (code == -2)) state = State::Cancelled;
    if ((!deposit && code == -1) || (deposit && (code == 11 || code == 13))) state = State::Failed;
    list_of<ports::MovementReport>(facts).push_back(
        {std::string{text_field(row, deposit ? "depId" : "wdId")}, *what, amount_field(row, "amt"),
         deposit ? Amount{} : amount_field(row, "fee"), state, millis_field(row, "ts"),
         std::string{text_field(row, "txId")}});
}

void Accounts::Reader::key(Object row, AccountFacts& facts) {
    ports::KeyReport report;
    std::string_view rest = text_field(row, "perm");
    while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        const std::string_view word = rest.substr(0, comma);
        report.read = report.read || word == "read_only";
        report.trade = report.trade || word == "trade";
        report.withdraw = report.withdraw || word == "withdraw";
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    report.transfer = report.trade;  // one permission
    report.bound = !text_field(row, "ip").empty();
    facts = report;
}

Result<std::string> Accounts::read(const AccountRequest& request, unsigned,
                                   const RestAnswer& answer, AccountFacts& facts) {
    Object root;
    if (reader_->json.parse(answer.body.data(), answer.body.size()).get(root) != simdjson::SUCCESS)
        return fail(Errc::Malformed, "no JSON");
    const auto rows = venue_common::array_field(root, "data");
    if (!rows) return fail(Errc::Malformed, "no data");
    const auto malformed = [](std::string_view what) {
        return fail(Errc::Malformed, std::string{what} + " cannot be read");
    };
    std::string last;
    // An empty list is a fact too.
    switch (request.topic) {
        case AccountTopic::Positions:
            (void)list_of<ports::PositionReport>(facts);
            break;
        case AccountTopic::OpenOrders:
            (void)list_of<ports::AccountOrder>(facts);
            break;
        case AccountTopic::Fills:
            (void)list_of<ports::AccountFill>(facts);
            break;
        case AccountTopic::Funding:
            (void)list_of<messages::CashEvent>(facts);
            break;
        case AccountTopic::Deposits:
        case AccountTopic::Withdrawals:
            (void)list_of<ports::MovementReport>(facts);
            break;
        default:
            if (rows->size() == 0) return malformed("an empty answer");
            break;
    }
    for (const Element element : *rows) {
        Object row;
        if (element.get(row) != simdjson::SUCCESS) return malformed("a row");
        switch (request.topic) {
            case AccountTopic::Balances:
            case AccountTopic::Margin:
                reader_->balances(row, request.topic == AccountTopic::Margin, facts);
                break;
            case AccountTopic::Positions:
                if (!reader_->position(row, facts)) return malformed("a position");
                break;
            case AccountTopic::Fees:
                Reader::fees(row, facts);
                break;
            case AccountTopic::OpenOrders:
                if (!reader_->order(row, facts)) return malformed("an order");
                last = text_field(row, "ordId");
                break;
            case AccountTopic::Fills:
                if (!reader_->fill(row, facts)) return malformed("a fill");
                last = text_field(row, "billId");
                break;
            case AccountTopic::Funding:
                reader_->payment(row, request.since, facts);
                last = text_field(row, "billId");
                break;
            case AccountTopic::Leverage:
            case AccountTopic::SetLeverage:
                facts = ports::LeverageReport{request.instrument,
                                              venue_common::leverage_field(row, "lever"),
                                              text_field(row, "mgnMode") == "cross"};
                break;
            case AccountTopic::Transfer:  // accepted is not arrived: its state tells
                facts = ports::TransferReport{request.id, ports::TransferReport::State::Pending,
                                              std::string{text_field(row, "transId")}};
                break;
            case AccountTopic::TransferState: {
                using State = ports::TransferReport::State;
                const std::string_view state = text_field(row, "state");
                facts = ports::TransferReport{request.id,
                                              state == "success"  ? State::Done
                                              : state == "failed" ? State::Failed
                                                                  : State::Pending,
                                              std::string{text_field(row, "transId")}};
                break;
            }
            case AccountTopic::Deposits:
            case AccountTopic::Withdrawals:
                reader_->movement(row, request.topic == AccountTopic::Deposits, facts);
                break;
            case AccountTopic::PositionMode: {
                const std::string_view mode = text_field(row, "posMode");
                if (mode.empty()) return malformed("the position mode");
                facts = ports::PositionModeReport{request.instrument, mode == "net_mode", true};
                break;
            }
            case AccountTopic::Key:
                Reader::key(row, facts);
                break;
            case AccountTopic::DeadMan:
                break;
        }
    }
    if (rows->size() >= kPage && !last.empty()) return last;
    // The newest came first.
    if (auto* const fills = std::get_if<std::vector<ports::AccountFill>>(&facts))
        std::ranges::reverse(*fills);
    if (auto* const cash = std::get_if<std::vector<messages::CashEvent>>(&facts))
        std::ranges::reverse(*cash);
    return std::string{};
}

}  // namespace parallax::okx
