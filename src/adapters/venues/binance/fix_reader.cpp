#include "adapters/venues/binance/fix_reader.hpp"

#include "adapters/fix/fields.hpp"
#include "adapters/venues/binance/errors.hpp"
#include "adapters/venues/binance/order_reasons.hpp"
#include "adapters/venues/common/order_numbers.hpp"

namespace parallax::binance {

using venue_common::FillReport;
using venue_common::Incoming;
using venue_common::OrderAck;
using venue_common::OrderReport;
using venue_common::Reaction;
using venue_common::Verdict;

namespace {

constexpr std::size_t kMostRequests = 8'192;

/// What REST calls it, which is what the tables know.
Verdict judge(std::int32_t code, std::string_view text) {
    // The venue's words for a cancel that comes too late; REST has a code of its own for it.
    if (code == -1'013 && text == "Unknown order sent.") code = -2'011;
    if (code == -1'179 || code == -1'178 || code == -1'177)
        return {Reaction::Relogin, "the session's numbers or names are not the venue's"};
    return judge_spot(400, code, text);
}

std::int32_t code_of(const std::optional<std::int64_t>& code) {
    return code && *code > -99'999 && *code < 99'999 ? static_cast<std::int32_t>(*code) : -1'000;
}

std::string_view status_word(std::string_view status) {
    return status == "2" ? "FILLED" : status == "4" ? "CANCELED" : "EXPIRED";
}

std::string_view force_of(std::string_view force) {
    return force == "3" ? "IOC" : force == "4" ? "FOK" : "GTC";
}

std::string_view expiry_of(std::string_view expiry) {
    return expiry == "7"   ? "INSUFFICIENT_LIQUIDITY"
           : expiry == "8" ? "EXECUTION_RULE_PRICE_RANGE_EXCEEDED"
                           : "";
}

}  // namespace

void FixOrders::Reader::expect(ClientOrderId id, std::uint64_t number) {
    requests_[id.raw()] = number;
    asked_.push_back(id.raw());
    if (asked_.size() <= kMostRequests) return;
    requests_.erase(asked_.front());  // nobody waits so long
    asked_.pop_front();
}

std::uint64_t FixOrders::Reader::take_request(std::string_view id) {
    if (id.starts_with(kCancelPrefix)) {
        const auto number = fix::number(id.substr(1));
        if (number && *number > 0) return static_cast<std::uint64_t>(*number);
    }
    const auto ours = ids_.read(id);
    const auto found = ours ? requests_.find(ours->raw()) : requests_.end();
    if (found == requests_.end()) return 0;
    const std::uint64_t number = found->second;
    requests_.erase(found);
    return number;
}

FixOrders::Reader::Report FixOrders::Reader::fields_of(std::string_view message) {
    Report r;
    fix::Fields fields{message};
    while (const auto field = fields.next()) {
        const std::string_view value = field->value;
        switch (field->tag) {
            case 35:
                r.type = value;
                break;
            case 11:
                r.id = value;
                break;
            case 41:
                r.original = value;
                break;
            case 37:
                r.venue_id = value;
                break;
            case 55:
                r.symbol = value;
                break;
            case 54:
                r.side = value;
                break;
            case 39:
                r.status = value;
                break;
            case 150:
                r.execution = value;
                break;
            case 59:
                r.force = value;
                break;
            case 38:
                r.ordered = value;
                break;
            case 14:
                r.filled = value;
                break;
            case 32:
                r.last_quantity = value;
                break;
            case 31:
                r.last_price = value;
                break;
            case 1003:
                r.trade = value;
                break;
            case 1057:
                r.aggressor = value;
                break;
            case 137:
                r.fee = value;
                break;
            case 138:
                r.fee_asset = value;
                break;
            case 25056:
                r.expiry = value;
                break;
            case 60:
                r.time = value;
                break;
            case 58:
                r.text = value;
                break;
            case 25016:
                r.code = fix::number(value);
                break;
            default:
                break;
        }
    }
    return r;
}

void FixOrders::Reader::read(std::string_view message, Incoming& out) {
    if (const auto key = fix::text(message, fix::kAskTag); !key.empty())
        return logon(message, key, out);
    const Report report = fields_of(message);
    if (report.type == "8" && report.execution != "8") return execution(report, out);
    if (report.type == "8" || report.type == "9" || report.type == "XAR" || report.type == "3" ||
        report.type == "j")
        return refused(report, out);
    if (report.type == "B" || report.type == "5") out.leaving = true;
}

void FixOrders::Reader::logon(std::string_view message, std::string_view key, Incoming& out) const {
    const auto number = fix::number(key);
    if (!number) {
        out.nonsense = true;
        return;
    }
    const bool good = fix::text(message, 35) == "A";
    const auto code = fix::number(fix::text(message, 25016));
    const std::string_view text = fix::text(message, 58);
    out.answers.push_back(
        {static_cast<std::uint64_t>(*number), good, good ? 0 : code_of(code), std::string{text}});
    if (good || !code) return;
    const Verdict verdict = judge(code_of(code), text);
    if (verdict.reaction == Reaction::Halt) out.halt = verdict;
}

void FixOrders::Reader::refused(const Report& report, Incoming& out) {
    const std::uint64_t number = take_request(report.id);
    if (number == 0) return;
    OrderAck& ack = out.acks.emplace_back();
    ack.number = number;
    ack.code = code_of(report.code);
    ack.verdict = judge(*ack.code, report.text);
    ack.reason = refusal(Product::Spot, *ack.code, report.text, ack.verdict.reaction);
    ack.venue_time = fix::read_time(report.time);
}

void FixOrders::Reader::execution(const Report& report, Incoming& out) {
    const auto id = universe_.find(Market::BinanceSpot, report.symbol);
    if (!id) return;  // of an instrument nobody asked for
    const Instrument& listing = universe_.instrument(*id);
    const auto filled = venue_common::read_quantity(report.filled, listing.wire);
    const auto ordered = venue_common::read_quantity(report.ordered, listing.wire);
    if ((report.side != "1" && report.side != "2") || !fix::number(report.venue_id) || !filled ||
        report.id.empty()) {
        out.nonsense = true;
        return;
    }
    if (report.execution != "F") {
        if (const std::uint64_t number = take_request(report.id); number != 0) {
            OrderAck& ack = out.acks.emplace_back();
            ack.number = number;
            ack.venue_id = report.venue_id;
            ack.venue_time = fix::read_time(report.time);
        }
    }
    OrderReport order;
    // A cancel has an id of its own; the order's stands beside it.
    order.client_id =
        report.execution == "4" && !report.original.empty() ? report.original : report.id;
    order.venue_id = report.venue_id;
    order.instrument = *id;
    order.side = report.side == "1" ? Side::Buy : Side::Sell;
    order.cumulative = *filled;
    order.quantity = ordered.value_or(Quantity{});
    order.venue_time = fix::read_time(report.time);
    order.state = OrderReport::State::Open;
    const bool open = report.status == "0" || report.status == "1" || report.status == "A";
    if (!open) {
        order.state = OrderReport::State::Ended;
        order.reason = end_reason(Product::Spot, status_word(report.status), force_of(report.force),
                                  expiry_of(report.expiry));
    }
    if (report.execution == "F") fill(report, order, out);
    out.orders.push_back(order);
}

void FixOrders::Reader::fill(const Report& report, const OrderReport& order, Incoming& out) const {
    const Instrument& listing = universe_.instrument(order.instrument);
    const auto trade = fix::number(report.trade);
    const auto price = venue_common::read_price(report.last_price, listing.wire);
    const auto quantity = venue_common::read_quantity(report.last_quantity, listing.wire);
    if (!trade || *trade < 0 || !price || !quantity || quantity->raw() <= 0) {
        out.nonsense = true;  // the order's count says that it is missing
        return;
    }
    FillReport fill;
    fill.client_id = order.client_id;
    fill.venue_id = order.venue_id;
    fill.instrument = order.instrument;
    fill.side = order.side;
    fill.trade_id = static_cast<std::uint64_t>(*trade);
    fill.price = *price;
    fill.quantity = *quantity;
    fill.cumulative = order.cumulative;
    fill.maker = report.aggressor == "N";
    fill.venue_time = order.venue_time;
    const auto fee = Amount::parse(report.fee);
    fill.fee_known = fee.has_value() && (!report.fee_asset.empty() || fee->is_zero());
    if (fee) fill.fee = *fee;
    const AssetId usual = order.side == Side::Buy ? listing.base : listing.settle;
    fill.fee_asset = report.fee_asset.empty()
                         ? usual
                         : universe_.find_asset(report.fee_asset).value_or(AssetId{});
    out.fills.push_back(fill);
}

}  // namespace parallax::binance
