#include "adapters/venues/bybit/order_reader.hpp"

#include <algorithm>

#include "adapters/venues/bybit/errors.hpp"
#include "adapters/venues/bybit/limits.hpp"
#include "adapters/venues/common/order_numbers.hpp"
#include "adapters/venues/common/order_reasons.hpp"
#include "adapters/venues/common/rate_feedback.hpp"

namespace parallax::bybit {

using messages::Reason;
using messages::ReasonCode;
using messages::RiskCheck;
using venue_common::array_field;
using venue_common::Element;
using venue_common::FillReport;
using venue_common::Incoming;
using venue_common::integer_field;
using venue_common::number_in;
using venue_common::Object;
using venue_common::object_field;
using venue_common::OrderAck;
using venue_common::OrderReport;
using venue_common::Question;
using venue_common::Reaction;
using venue_common::text_field;

namespace {

std::optional<std::int32_t> code_of(Object row, std::string_view key) noexcept {
    const auto code = integer_field(row, key);
    if (!code || *code < -99'999 || *code > 9'999'999) return std::nullopt;
    return static_cast<std::int32_t>(*code);
}

std::optional<Market> market_of(std::string_view category) noexcept {
    if (category == "spot") return Market::BybitSpot;
    if (category == "linear") return Market::BybitLinear;
    return std::nullopt;
}

bool one_of(std::string_view text, std::initializer_list<std::string_view> list) noexcept {
    return std::ranges::find(list, text) != list.end();
}

}  // namespace

Reason refusal(std::int32_t code, Reaction reaction, Market market) noexcept {
    const auto limit = [code](RiskCheck check) {
        return Reason{ReasonCode::RiskLimit, static_cast<std::int64_t>(check), code};
    };
    switch (code) {
        case 110004:
        case 110006:
        case 110007:
        case 110012:
        case 110044:
        case 110045:
        case 110051:
        case 110052:
        case 110053:
        case 170033:
        case 170131:
            return {ReasonCode::InsufficientBalance, 0, 0};
        case 110094:
        case 170136:
        case 170140:
            return {ReasonCode::BelowMinNotional, 0, 0};
        case 170134:
        case 170137:
        case 170148:
            return {ReasonCode::LotRounding, 0, 0};
        case 30208:
        case 30209:
        case 110003:
        case 170132:
        case 170133:
        case 170193:
        case 170194:
            return limit(RiskCheck::PriceCollar);
        case 110017:
            return limit(RiskCheck::ReduceOnly);
        default:
            return venue_common::reason_for(reaction, code, market);
    }
}

Reason end_reason(std::string_view reject, std::string_view cancel, Market market) noexcept {
    const auto where = static_cast<std::int64_t>(market);
    if (one_of(reject,
               {"EC_NoImmediateQtyToFill", "EC_CancelForNoFullFill", "EC_PostOnlyWillTakeLiquidity",
                "EC_ReachMaxTradeNum", "EC_ReachRiskPriceLimit", "EC_ReachMarketPriceLimit",
                "EC_NoEnoughQtyToFill"})) {
        return {ReasonCode::LostRace, 0, 0};
    }
    if (reject == "EC_BySelfMatch" || reject == "EC_DuplicatedClOrdID" || cancel == "CancelBySmp")
        return {ReasonCode::Duplicate, 0, 0};
    if (cancel == "CancelByDCP") return {ReasonCode::Halted, 0, 0};
    if (cancel == "CancelByReduceOnly")
        return {ReasonCode::RiskLimit, static_cast<std::int64_t>(RiskCheck::ReduceOnly), 0};
    if (one_of(cancel, {"CancelByPrepareLiq", "CancelAllBeforeLiq"}))
        return {ReasonCode::InsufficientBalance, 0, 0};
    if (cancel == "CancelByUser" || reject == "EC_PerCancelRequest" || reject == "EC_NoError")
        return {};
    return {ReasonCode::VenueDown, where, 0};
}

// ---- rows

const Instrument* Orders::Reader::instrument(Object row, Market market) const {
    const auto id = universe_.find(market, text_field(row, "symbol"));
    return id ? &universe_.instrument(*id) : nullptr;
}

Orders::Reader::Row Orders::Reader::order(Object row, Market market, OrderReport& out) const {
    const Instrument* const listing = instrument(row, market);
    if (listing == nullptr) return Row::NotOurs;
    out.client_id = text_field(row, "orderLinkId");
    out.venue_id = text_field(row, "orderId");
    out.instrument = listing->id;
    const std::string_view side = text_field(row, "side");
    const std::string_view status = text_field(row, "orderStatus");
    const auto filled = venue_common::read_quantity(text_field(row, "cumExecQty"), listing->wire);
    const auto ordered = venue_common::read_quantity(text_field(row, "qty"), listing->wire);
    if ((side != "Buy" && side != "Sell") || out.venue_id.empty() || !filled) return Row::Malformed;
    out.side = side == "Buy" ? Side::Buy : Side::Sell;
    out.cumulative = *filled;
    out.quantity = ordered.value_or(Quantity{});
    out.venue_time = venue_common::millis_field(row, "updatedTime");
    if (one_of(status, {"New", "PartiallyFilled", "Untriggered", "Triggered"})) {
        out.state = OrderReport::State::Open;
        return Row::Read;
    }
    if (status != "Filled") {
        out.reason =
            end_reason(text_field(row, "rejectReason"), text_field(row, "cancelType"), market);
    }
    if (status == "Rejected") {
        out.state = OrderReport::State::Refused;
        return Row::Read;
    }
    out.state = OrderReport::State::Ended;
    return one_of(status, {"Filled", "Cancelled", "PartiallyFilledCanceled", "Deactivated"})
               ? Row::Read
               : Row::Malformed;
}

/// `leavesQty` is of the order, not of what it was then: the count is left to the ids.
Orders::Reader::Row Orders::Reader::execution(Object row, Market market, FillReport& out) const {
    const Instrument* const listing = instrument(row, market);
    if (listing == nullptr) return Row::NotOurs;
    const std::string_view type = text_field(row, "execType");
    if (!type.empty() && !one_of(type, {"Trade", "AdlTrade", "BustTrade", "BlockTrade"}))
        return Row::NotOurs;
    out.client_id = text_field(row, "orderLinkId");
    out.venue_id = text_field(row, "orderId");
    out.instrument = listing->id;
    const std::string_view side = text_field(row, "side");
    const std::string_view id = text_field(row, "execId");
    const auto price = venue_common::read_price(text_field(row, "execPrice"), listing->wire);
    const auto quantity = venue_common::read_quantity(text_field(row, "execQty"), listing->wire);
    if ((side != "Buy" && side != "Sell") || id.empty() || !price || !quantity ||
        quantity->raw() <= 0)
        return Row::Malformed;
    out.side = side == "Buy" ? Side::Buy : Side::Sell;
    out.trade_id = venue_common::number_of(id);
    out.price = *price;
    out.quantity = *quantity;
    out.maker = venue_common::boolean_field(row, "isMaker").value_or(false);
    out.venue_time = venue_common::millis_field(row, "execTime");
    const auto fee = Amount::parse(text_field(row, "execFee"));
    out.fee_known = fee.has_value();
    if (fee) out.fee = *fee;
    // Where the venue leaves it out it is what the fill brings in, or what the contract settles in.
    const std::string_view name = text_field(row, "feeCurrency");
    const bool base = is_spot(listing->kind) && out.side == Side::Buy && !out.fee.is_negative();
    const AssetId usual = base ? listing->base : listing->settle;
    const auto asset = universe_.find_asset(name);
    out.fee_asset = name.empty() ? usual : asset.value_or(AssetId{});
    if (!is_spot(listing->kind)) out.realised = venue_common::told_amount(row, "execPnl");
    return Row::Read;
}

void Orders::Reader::funding(Object row, Market market, Incoming& out) const {
    const Instrument* const listing = instrument(row, market);
    const auto paid = Amount::parse(text_field(row, "execFee"));
    if (listing == nullptr || !paid) return;
    messages::CashEvent event;
    event.kind = messages::EntryKind::Funding;
    event.wallet = kUnified;
    event.asset = listing->settle;
    event.instrument = listing->id;
    event.amount = -*paid;
    event.time = venue_common::millis_field(row, "execTime");
    event.venue_id = venue_common::number_of(text_field(row, "execId"));
    out.cash.push_back(event);
}

void Orders::Reader::wallet(Object row, UnixNanos time, Incoming& out) const {
    const auto coins = array_field(row, "coin");
    if (!coins) return;
    for (const Element element : *coins) {
        Object coin;
        if (element.get(coin) != simdjson::SUCCESS) continue;
        const auto asset = universe_.find_asset(text_field(coin, "coin"));
        const auto total = Amount::parse(text_field(coin, "walletBalance"));
        if (!asset || !total) continue;
        messages::BalanceReport report;
        report.wallet = kUnified;
        report.asset = *asset;
        report.total = *total;
        report.time = time;
        out.balances.push_back(report);
    }
}

// ---- messages

void Orders::Reader::read_message(std::string_view message, std::uint64_t login_key,
                                  Incoming& out) {
    Object frame;
    if (json_.parse(message.data(), message.size()).get(frame) != simdjson::SUCCESS) {
        out.nonsense = true;
        return;
    }
    const std::string_view topic = text_field(frame, "topic");
    const auto rows = array_field(frame, "data");
    if (topic.empty() || !rows) return control(frame, login_key, out);
    for (const Element element : *rows) {
        Object row;
        if (element.get(row) != simdjson::SUCCESS) continue;
        if (topic == "wallet") {
            wallet(row, venue_common::millis_field(frame, "creationTime"), out);
            continue;
        }
        const auto market = market_of(text_field(row, "category"));
        if (!market) continue;
        Row result = Row::NotOurs;
        if (topic == "order") {
            OrderReport report;
            result = order(row, *market, report);
            if (result == Row::Read) out.orders.push_back(report);
        } else if (topic == "execution" && text_field(row, "execType") == "Funding") {
            funding(row, *market, out);
        } else if (topic == "execution") {
            FillReport report;
            result = execution(row, *market, report);
            if (result == Row::Read) out.fills.push_back(report);
        }
        out.nonsense = out.nonsense || result == Row::Malformed;
    }
}

void Orders::Reader::control(Object frame, std::uint64_t login_key, Incoming& out) {
    const std::string_view op = text_field(frame, "op");
    const auto code = code_of(frame, "retCode");
    if (op == "auth") {
        const bool good =
            code ? *code == 0 : venue_common::boolean_field(frame, "success").value_or(false);
        const std::string_view words = text_field(frame, code ? "retMsg" : "ret_msg");
        out.answers.push_back({login_key, good, code.value_or(0), std::string{words}});
        if (code && judge(200, code).reaction == Reaction::Halt) out.halt = judge(200, code);
    } else if (op == "subscribe") {
        const auto key = number_in(text_field(frame, "req_id"));
        if (!key) return;
        out.answers.push_back({static_cast<std::uint64_t>(*key),
                               venue_common::boolean_field(frame, "success").value_or(false), 0,
                               std::string{text_field(frame, "ret_msg")}});
    } else if (op != "ping" && op != "pong") {
        const auto number = number_in(text_field(frame, "reqId"));
        if (!number || !code) {
            out.nonsense = true;
            return;
        }
        acknowledgement(frame, "data", static_cast<std::uint64_t>(*number), out.acks);
        const auto header = object_field(frame, "header");
        if (!header || out.acks.empty()) return;
        const auto usage = [&](std::string_view name) { return integer_field(*header, name); };
        OrderAck& last = out.acks.back();
        last.limit = usage("X-Bapi-Limit");
        last.left = usage("X-Bapi-Limit-Status");
        last.reset_ms = usage("X-Bapi-Limit-Reset-Timestamp");
    }
}

/// Of one or many orders: many have a list of results and one of codes, in the same order.
void Orders::Reader::acknowledgement(Object frame, std::string_view result_key,
                                     std::uint64_t number, std::vector<OrderAck>& out) {
    const auto say = [&](int item, std::int32_t code) -> OrderAck& {
        OrderAck& ack = out.emplace_back();
        ack.number = number;
        ack.item = item;
        ack.code = code;
        ack.verdict = judge(200, code);
        ack.reason = refusal(code, ack.verdict.reaction, kUnified);
        return ack;
    };
    const std::int32_t whole = code_of(frame, "retCode").value_or(10'000);
    const auto result = object_field(frame, result_key);
    const auto extra = object_field(frame, "retExtInfo");
    const auto rows = result ? array_field(*result, "list") : std::nullopt;
    const auto codes = extra ? array_field(*extra, "list") : std::nullopt;
    if (!rows || !codes || rows->size() != codes->size() || rows->size() == 0) {
        OrderAck& ack = say(-1, whole);
        if (result) ack.venue_id = text_field(*result, "orderId");
        ack.venue_time = venue_common::millis_field(frame, "time");
        return;
    }
    for (std::size_t i = 0; i < rows->size(); ++i) {
        Object row;
        Object code;
        const bool good = rows->at(i).get(row) == simdjson::SUCCESS &&
                          codes->at(i).get(code) == simdjson::SUCCESS;
        OrderAck& ack =
            say(static_cast<int>(i), good ? code_of(code, "code").value_or(10'000) : 10'000);
        if (good) ack.venue_id = text_field(row, "orderId");
    }
}

void Orders::Reader::read_acks(const venue_common::RestAnswer& answer, std::size_t,
                               std::vector<OrderAck>& out) {
    Object root;
    if (json_.parse(answer.body.data(), answer.body.size()).get(root) == simdjson::SUCCESS &&
        answer.status < 400 && answer.code) {
        return acknowledgement(root, "result", 0, out);
    }
    OrderAck& ack = out.emplace_back();
    ack.code = answer.code;
    ack.verdict = answer.verdict;
    ack.reason = refusal(answer.code.value_or(-1), answer.verdict.reaction, kUnified);
}

Result<std::string> Orders::Reader::read_list(const Question& question, std::string_view body,
                                              Incoming& out) {
    Object root;
    if (json_.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS)
        return fail(Errc::Malformed, "no JSON");
    const auto result = object_field(root, "result");
    const auto rows = result ? array_field(*result, "list") : std::nullopt;
    if (!rows) return fail(Errc::Malformed, "no list");
    const bool fills =
        question.what == Question::What::OrderFills || question.what == Question::What::RecentFills;
    const Market market = question.product == 0 ? Market::BybitSpot : Market::BybitLinear;
    for (const Element element : *rows) {
        Object row;
        if (element.get(row) != simdjson::SUCCESS) return fail(Errc::Malformed, "no row");
        Row read = Row::NotOurs;
        if (fills && text_field(row, "execType") == "Funding") {
            funding(row, market, out);
        } else if (fills) {
            FillReport report;
            read = execution(row, market, report);
            if (read == Row::Read) out.fills.push_back(report);
        } else {
            OrderReport report;
            read = order(row, market, report);
            if (read == Row::Read) out.orders.push_back(report);
        }
        if (read == Row::Malformed) return fail(Errc::Malformed, fills ? "a fill" : "an order");
    }
    std::ranges::reverse(out.fills);  // the newest comes first
    const bool paged = question.what != Question::What::Order;
    // The last page may name a next one, which is empty.
    if (!paged || rows->size() == 0) return std::string{};
    return std::string{text_field(*result, "nextPageCursor")};
}

}  // namespace parallax::bybit
