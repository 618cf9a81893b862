#include "adapters/venues/okx/order_reader.hpp"

#include <algorithm>

#include "adapters/venues/common/order_numbers.hpp"
#include "adapters/venues/common/order_reasons.hpp"
#include "adapters/venues/common/rate_feedback.hpp"
#include "adapters/venues/okx/errors.hpp"
#include "adapters/venues/okx/limits.hpp"

namespace parallax::okx {

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
using venue_common::OrderAck;
using venue_common::OrderReport;
using venue_common::Question;
using venue_common::Reaction;
using venue_common::text_field;

namespace {

std::int32_t code_of(Object row, std::string_view key) noexcept {
    const auto code = integer_field(row, key);
    return code && *code >= 0 && *code <= 9'999'999 ? static_cast<std::int32_t>(*code) : -1;
}

/// Codes that answer a login, which has no id.
bool is_login_error(std::int32_t code) noexcept {
    return (code >= 60004 && code <= 60009) || code == 60024 || code == 60032 || code == 63999;
}

}  // namespace

Reason refusal(std::int32_t code, Reaction reaction) noexcept {
    const auto limit = [code](RiskCheck check) {
        return Reason{ReasonCode::RiskLimit, static_cast<std::int64_t>(check), code};
    };
    switch (code) {
        case 51004:
        case 51008:
        case 51127:
        case 51131:
            return {ReasonCode::InsufficientBalance, 0, 0};
        case 51007:
        case 51020:
        case 51120:
            return {ReasonCode::BelowMinNotional, 0, 0};
        case 51121:
        case 51150:
            return {ReasonCode::LotRounding, 0, 0};
        case 51006:
        case 51116:
        case 51137:
        case 51138:
            return limit(RiskCheck::PriceCollar);
        case 51148:
        case 51169:
        case 51170:
        case 51205:
            return limit(RiskCheck::ReduceOnly);
        case 50036:
        case 50037:
            return {ReasonCode::Expired, 0, 0};
        default:
            return venue_common::reason_for(reaction, code, Market::Okx);
    }
}

Reason cancel_reason(std::string_view source) noexcept {
    if (source.empty() || source == "1") return {};
    const std::int64_t number = number_in(source).value_or(0);
    switch (number) {
        case 13:  // fill-or-kill not filled
        case 14:  // rest of an immediate-or-cancel
        case 15:  // outside the price limit
        case 27:
        case 31:  // post-only would take
        case 33:
        case 45:
            return {ReasonCode::LostRace, 0, 0};
        case 2:
        case 3:
        case 4:
        case 9:
            return {ReasonCode::InsufficientBalance, 0, 0};
        case 20:
            return {ReasonCode::Halted, 0, 0};
        case 32:
            return {ReasonCode::Duplicate, 0, 0};
        case 22:
        case 23:
            return {ReasonCode::RiskLimit, static_cast<std::int64_t>(RiskCheck::ReduceOnly),
                    number};
        default:
            return {ReasonCode::VenueDown, static_cast<std::int64_t>(Market::Okx), number};
    }
}

// ---- rows

const Instrument* Orders::Reader::instrument(Object row) const {
    const auto id = universe_.find(Market::Okx, text_field(row, "instId"));
    return id ? &universe_.instrument(*id) : nullptr;
}

bool Orders::Reader::order(Object row, OrderReport& out) const {
    const Instrument* const listing = instrument(row);
    if (listing == nullptr) return false;
    out.client_id = text_field(row, "clOrdId");
    out.venue_id = text_field(row, "ordId");
    out.instrument = listing->id;
    const std::string_view side = text_field(row, "side");
    const std::string_view state = text_field(row, "state");
    if ((side != "buy" && side != "sell") || out.venue_id.empty()) return false;
    out.side = side == "buy" ? Side::Buy : Side::Sell;
    const auto filled = venue_common::read_quantity(text_field(row, "accFillSz"), listing->wire);
    const auto ordered = venue_common::read_quantity(text_field(row, "sz"), listing->wire);
    if (!filled) return false;
    out.cumulative = *filled;
    out.quantity = ordered.value_or(Quantity{});  // other units on others' market orders
    out.venue_time = venue_common::millis_field(row, "uTime");
    if (state == "live" || state == "partially_filled") {
        out.state = OrderReport::State::Open;
    } else if (state == "filled" || state == "canceled" || state == "mmp_canceled") {
        out.state = OrderReport::State::Ended;
        if (state != "filled") out.reason = cancel_reason(text_field(row, "cancelSource"));
    } else {
        return false;
    }
    return true;
}

bool Orders::Reader::fill(Object row, std::string_view fee, std::string_view fee_asset,
                          FillReport& out) const {
    const WireFormat& wire = universe_.instrument(out.instrument).wire;
    const auto price = venue_common::read_price(text_field(row, "fillPx"), wire);
    const auto quantity = venue_common::read_quantity(text_field(row, "fillSz"), wire);
    const std::string_view trade = text_field(row, "tradeId");
    if (!price || !quantity || trade.empty() || quantity->raw() <= 0) return false;
    out.price = *price;
    out.quantity = *quantity;
    out.trade_id = venue_common::number_of(trade);
    out.maker = text_field(row, "execType") == "M";
    out.venue_time = venue_common::millis_field(row, "fillTime");
    const auto paid = Amount::parse(fee);
    out.fee_known = paid.has_value();
    if (paid) out.fee = -*paid;  // the venue's sign: negative = charged
    if (const auto asset = universe_.find_asset(fee_asset)) out.fee_asset = *asset;
    if (!is_spot(universe_.instrument(out.instrument).kind))
        out.realised = venue_common::told_amount(row, "fillPnl");
    return true;
}

bool Orders::Reader::pushed_fill(Object row, const OrderReport& order, FillReport& out) const {
    out.client_id = order.client_id;
    out.venue_id = order.venue_id;
    out.instrument = order.instrument;
    out.side = order.side;
    if (!fill(row, text_field(row, "fillFee"), text_field(row, "fillFeeCcy"), out)) return false;
    out.cumulative = order.cumulative;
    return true;
}

bool Orders::Reader::listed_fill(Object row, FillReport& out) const {
    const Instrument* const listing = instrument(row);
    const std::string_view side = text_field(row, "side");
    if (listing == nullptr || (side != "buy" && side != "sell")) return false;
    out.client_id = text_field(row, "clOrdId");
    out.venue_id = text_field(row, "ordId");
    out.instrument = listing->id;
    out.side = side == "buy" ? Side::Buy : Side::Sell;
    return fill(row, text_field(row, "fee"), text_field(row, "feeCcy"), out);
}

void Orders::Reader::balances(Object row, Incoming& out) const {
    const auto details = array_field(row, "details");
    if (!details) return;
    for (const Element element : *details) {
        Object detail;
        if (element.get(detail) != simdjson::SUCCESS) continue;
        const auto asset = universe_.find_asset(text_field(detail, "ccy"));
        const auto total = Amount::parse(text_field(detail, "cashBal"));
        if (!asset || !total) continue;
        messages::BalanceReport report;
        report.wallet = Market::Okx;
        report.asset = *asset;
        report.total = *total;
        report.time = venue_common::millis_field(detail, "uTime");
        out.balances.push_back(report);
    }
}

// ---- messages

void Orders::Reader::read_message(std::string_view message, std::uint64_t login_key,
                                  Incoming& out) {
    if (message == "pong") return;
    Object frame;
    if (json_.parse(message.data(), message.size()).get(frame) != simdjson::SUCCESS) {
        out.nonsense = true;
        return;
    }
    if (const std::string_view kind = text_field(frame, "event"); !kind.empty())
        return event(kind, frame, login_key, out);
    if (const std::string_view op = text_field(frame, "op"); !op.empty()) {
        const auto number = number_in(text_field(frame, "id"));
        if (!number) {
            out.nonsense = true;
            return;
        }
        return acknowledgement(frame, static_cast<std::uint64_t>(*number), out.acks);
    }
    const auto arg = venue_common::object_field(frame, "arg");
    const auto rows = array_field(frame, "data");
    if (!arg || !rows) {
        out.nonsense = true;
        return;
    }
    const std::string_view channel = text_field(*arg, "channel");
    for (const Element element : *rows) {
        Object row;
        if (element.get(row) != simdjson::SUCCESS) continue;
        if (channel == "account") balances(row, out);
        if (channel != "orders") continue;
        OrderReport report;
        if (!order(row, report)) {
            out.nonsense = out.nonsense || instrument(row) != nullptr;
            continue;
        }
        FillReport executed;
        if (pushed_fill(row, report, executed)) out.fills.push_back(executed);
        out.orders.push_back(report);
    }
}

void Orders::Reader::event(std::string_view kind, Object frame, std::uint64_t login_key,
                           Incoming& out) {
    const std::int32_t code = code_of(frame, "code");
    const auto key = number_in(text_field(frame, "id"));
    if (kind == "login") {
        out.answers.push_back({login_key, code == 0, code, std::string{text_field(frame, "msg")}});
    } else if (kind == "subscribe") {
        if (key) out.answers.push_back({static_cast<std::uint64_t>(*key)});
    } else if (kind == "error") {
        const bool login = !key && is_login_error(code);
        if (key || login) {
            out.answers.push_back({login ? login_key : static_cast<std::uint64_t>(*key), false,
                                   code, std::string{text_field(frame, "msg")}});
        }
        if (login) {
            const auto verdict = judge(200, code, text_field(frame, "msg"));
            if (verdict.reaction == Reaction::Halt) out.halt = verdict;
        }
        // Operations are refused this way too, before anybody looks at them.
        if (key) acknowledgement(frame, static_cast<std::uint64_t>(*key), out.acks);
    } else if (kind == "notice") {
        out.leaving = code == 64008;
    }
}

/// Of one or many orders. A refusal of the whole has no rows.
void Orders::Reader::acknowledgement(Object frame, std::uint64_t number,
                                     std::vector<OrderAck>& out) {
    const auto rows = array_field(frame, "data");
    const std::size_t count = rows ? rows->size() : 0;
    const auto say = [&](int item, std::int32_t code, std::string_view message) -> OrderAck& {
        OrderAck& ack = out.emplace_back();
        ack.number = number;
        ack.item = item;
        ack.code = code;
        ack.verdict = judge(200, code, message);
        ack.reason = refusal(code, ack.verdict.reaction);
        return ack;
    };
    if (count == 0) {
        say(-1, code_of(frame, "code"), text_field(frame, "msg"));
        return;
    }
    int item = 0;
    for (const Element element : *rows) {
        Object row;
        if (element.get(row) != simdjson::SUCCESS) continue;
        OrderAck& ack = say(count == 1 ? -1 : item, code_of(row, "sCode"), text_field(row, "sMsg"));
        ack.venue_id = text_field(row, "ordId");
        ack.venue_time = venue_common::millis_field(row, "ts");
        ++item;
    }
}

void Orders::Reader::read_acks(const venue_common::RestAnswer& answer, std::size_t,
                               std::vector<OrderAck>& out) {
    Object root;
    if (json_.parse(answer.body.data(), answer.body.size()).get(root) == simdjson::SUCCESS &&
        answer.status < 400 && answer.code) {
        return acknowledgement(root, 0, out);
    }
    OrderAck& ack = out.emplace_back();
    ack.code = answer.code;
    ack.verdict = answer.verdict;
    ack.reason = refusal(answer.code.value_or(-1), answer.verdict.reaction);
}

Result<std::string> Orders::Reader::read_list(const Question& question, std::string_view body,
                                              Incoming& out) {
    Object root;
    if (json_.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS)
        return fail(Errc::Malformed, "no JSON");
    const auto rows = array_field(root, "data");
    if (!rows) return fail(Errc::Malformed, "no list");
    const bool fills =
        question.what == Question::What::OrderFills || question.what == Question::What::RecentFills;
    std::string last;
    for (const Element element : *rows) {
        Object row;
        if (element.get(row) != simdjson::SUCCESS) return fail(Errc::Malformed, "no row");
        last = text_field(row, fills ? "billId" : "ordId");
        if (instrument(row) == nullptr) continue;  // we do not follow it
        if (fills) {
            FillReport report;
            if (!listed_fill(row, report)) return fail(Errc::Malformed, "a fill");
            out.fills.push_back(report);
        } else {
            OrderReport report;
            if (!order(row, report)) return fail(Errc::Malformed, "an order");
            out.orders.push_back(report);
        }
    }
    std::ranges::reverse(out.fills);  // the newest comes first
    const bool paged = question.what != Question::What::Order;
    return paged && rows->size() >= kPage ? last : std::string{};
}

}  // namespace parallax::okx
