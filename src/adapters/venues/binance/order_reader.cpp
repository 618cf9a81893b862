#include "adapters/venues/binance/order_reader.hpp"

#include <algorithm>
#include <charconv>

#include "adapters/venues/binance/errors.hpp"
#include "adapters/venues/binance/order_reasons.hpp"
#include "adapters/venues/common/order_numbers.hpp"
#include "adapters/venues/common/rate_feedback.hpp"

namespace parallax::binance {

using venue_common::Array;
using venue_common::array_field;
using venue_common::Element;
using venue_common::FillReport;
using venue_common::Incoming;
using venue_common::integer_field;
using venue_common::Object;
using venue_common::object_field;
using venue_common::OrderAck;
using venue_common::OrderReport;
using venue_common::Question;
using venue_common::text_field;

namespace {

std::int32_t code_of(Object error) noexcept {
    const auto code = integer_field(error, "code");
    return code && *code > -99'999 && *code < 99'999 ? static_cast<std::int32_t>(*code) : -1'000;
}

}  // namespace

void Orders::Reader::begin() {
    digits_.clear();
    usage_.clear();
    retry_after_ = {};
}

HotResult<Array> Orders::Reader::parse_list(std::string_view body) {
    begin();
    Array list;
    if (json_.parse(body.data(), body.size()).get(list) != simdjson::SUCCESS)
        return fail(Errc::Malformed);
    return list;
}

HotResult<Object> Orders::Reader::parse_object(std::string_view body) {
    begin();
    Object object;
    if (json_.parse(body.data(), body.size()).get(object) != simdjson::SUCCESS)
        return fail(Errc::Malformed);
    return object;
}

// ---- rows

const Instrument* Orders::Reader::instrument(std::string_view symbol) const {
    const Market market = product_ == Product::Spot ? Market::BinanceSpot : Market::BinanceUsdm;
    const auto id = universe_.find(market, symbol);
    return id ? &universe_.instrument(*id) : nullptr;
}

std::string_view Orders::Reader::digits(std::int64_t number) {
    std::array<char, 24>& text = digits_.emplace_back();
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    return {text.data(), static_cast<std::size_t>(end - text.data())};
}

Orders::Reader::Row Orders::Reader::order(Object row, const OrderKeys& keys, OrderReport& out) {
    const Instrument* const listing = instrument(text_field(row, keys.symbol));
    if (listing == nullptr) return Row::NotOurs;
    const auto number = integer_field(row, keys.venue_id);
    const std::string_view side = text_field(row, keys.side);
    const auto filled = venue_common::read_quantity(text_field(row, keys.filled), listing->wire);
    const auto ordered = venue_common::read_quantity(text_field(row, keys.quantity), listing->wire);
    if ((side != "BUY" && side != "SELL") || !number || *number <= 0 || !filled)
        return Row::Malformed;
    out.client_id = text_field(row, keys.client_id);
    out.venue_id = digits(*number);
    out.instrument = listing->id;
    out.side = side == "BUY" ? Side::Buy : Side::Sell;
    out.cumulative = *filled;
    out.quantity = ordered.value_or(Quantity{});
    out.venue_time = venue_common::millis_field(row, keys.time);
    const std::string_view status = text_field(row, keys.status);
    if (status == "NEW" || status == "PARTIALLY_FILLED" || status == "PENDING_NEW") {
        out.state = OrderReport::State::Open;
        return Row::Read;
    }
    out.reason = end_reason(product_, status, text_field(row, keys.force),
                            venue_common::scalar_field(row, keys.expiry));
    out.state = status == "REJECTED" ? OrderReport::State::Refused : OrderReport::State::Ended;
    constexpr std::string_view kEnds[] = {"FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH",
                                          "REJECTED"};
    return std::ranges::find(kEnds, status) != std::end(kEnds) ? Row::Read : Row::Malformed;
}

/// Without an asset nothing was taken.
void Orders::Reader::fee(Object row, std::string_view amount_key, std::string_view asset_key,
                         const Instrument& listing, FillReport& out) const {
    const auto amount = Amount::parse(text_field(row, amount_key));
    const std::string_view name = text_field(row, asset_key);
    out.fee_known = amount.has_value() && (!name.empty() || amount->is_zero());
    if (amount) out.fee = *amount;
    const bool base = is_spot(listing.kind) && out.side == Side::Buy;
    const AssetId usual = base ? listing.base : listing.settle;
    out.fee_asset = name.empty() ? usual : universe_.find_asset(name).value_or(AssetId{});
}

bool Orders::Reader::trade(Object row, FillReport& out) {
    const Instrument* const listing = instrument(text_field(row, "symbol"));
    if (listing == nullptr) return false;
    const auto order = integer_field(row, "orderId");
    const auto id = integer_field(row, "id");
    const auto price = venue_common::read_price(text_field(row, "price"), listing->wire);
    const auto quantity = venue_common::read_quantity(text_field(row, "qty"), listing->wire);
    const auto buyer =
        venue_common::boolean_field(row, product_ == Product::Spot ? "isBuyer" : "buyer");
    if (!order || !id || *id < 0 || !price || !quantity || !buyer) return false;
    out.venue_id = digits(*order);
    out.instrument = listing->id;
    out.side = *buyer ? Side::Buy : Side::Sell;
    out.trade_id = static_cast<std::uint64_t>(*id);
    out.price = *price;
    out.quantity = *quantity;
    out.maker = venue_common::boolean_field(row, product_ == Product::Spot ? "isMaker" : "maker")
                    .value_or(false);
    out.venue_time = venue_common::millis_field(row, "time");
    fee(row, "commission", "commissionAsset", *listing, out);
    if (!is_spot(listing->kind)) out.realised = venue_common::told_amount(row, "realizedPnl");
    return true;
}

// ---- replies

void Orders::Reader::read_message(std::string_view message, Incoming& out) {
    const auto frame = parse_object(message);
    if (!frame) {
        out.nonsense = true;
        return;
    }
    if (const auto inner = object_field(*frame, "event")) return event(*inner, out);
    if (!text_field(*frame, "e").empty()) return event(*frame, out);
    reply(*frame, out);
}

void Orders::Reader::reply(Object frame, Incoming& out) {
    const auto status = integer_field(frame, "status");
    const auto error = object_field(frame, "error");
    if (!status || (*status != 200) != error.has_value()) {
        out.nonsense = true;
        return;
    }
    const std::int32_t code = error ? code_of(*error) : 0;
    const std::string_view message = error ? text_field(*error, "msg") : std::string_view{};
    if (const auto data = error ? object_field(*error, "data") : std::nullopt)
        retry_after_ = venue_common::millis_field(*data, "retryAfter");
    limits(frame);
    const std::string_view asked = text_field(frame, "id");
    if (asked.starts_with('k')) {
        const auto key = venue_common::number_in(asked.substr(1));
        if (key)
            out.answers.push_back(
                {static_cast<std::uint64_t>(*key), !error, code, std::string{message}});
        const auto judge = product_ == Product::Spot ? judge_spot : judge_usdm;
        const Verdict verdict = judge(static_cast<int>(*status), code, message);
        if (error && verdict.reaction == venue_common::Reaction::Halt) out.halt = verdict;
        return;
    }
    const auto number = integer_field(frame, "id");
    if (!number || *number <= 0) {
        out.nonsense = true;
        return;
    }
    const auto result = object_field(frame, "result");
    OrderAck& told =
        ack(result.value_or(frame), static_cast<int>(*status), code, message, out.acks);
    told.number = static_cast<std::uint64_t>(*number);
    told.item = -1;
}

OrderAck& Orders::Reader::ack(Object result, int status, std::int32_t code,
                              std::string_view message, std::vector<OrderAck>& out) {
    OrderAck& ack = out.emplace_back();
    if (code != 0 || status != 200) {
        const auto judge = product_ == Product::Spot ? judge_spot : judge_usdm;
        ack.code = code;
        ack.verdict = judge(status, code, message);
        ack.reason = refusal(product_, code, message, ack.verdict.reaction);
        return ack;
    }
    if (const auto id = integer_field(result, "orderId")) ack.venue_id = digits(*id);
    ack.venue_time = venue_common::millis_field(
        result, product_ == Product::Spot ? "transactTime" : "updateTime");
    return ack;
}

void Orders::Reader::limits(Object frame) {
    const auto rows = array_field(frame, "rateLimits");
    if (!rows) return;
    for (const Element element : *rows) {
        Object row;
        if (element.get(row) != simdjson::SUCCESS) continue;
        const auto count = integer_field(row, "count");
        const std::string_view type = text_field(row, "rateLimitType");
        const std::string_view interval = text_field(row, "interval");
        const auto number = integer_field(row, "intervalNum").value_or(0);
        if (!count) continue;
        std::optional<std::uint8_t> which;
        const bool spot = product_ == Product::Spot;
        if (type == "REQUEST_WEIGHT" && interval == "MINUTE" && number == 1)
            which = spot ? std::uint8_t{spot::kWeight} : std::uint8_t{usdm::kWeight};
        if (type == "ORDERS" && interval == "SECOND" && number == 10)
            which = spot ? std::uint8_t{spot::kOrders10s} : std::uint8_t{usdm::kOrders10s};
        if (type == "ORDERS" && spot && interval == "DAY" && number == 1) which = spot::kOrders1d;
        if (type == "ORDERS" && !spot && interval == "MINUTE" && number == 1)
            which = usdm::kOrders1m;
        if (which) usage_.push_back({*which, venue_common::as_count(*count)});
    }
}

void Orders::Reader::read_acks(const venue_common::RestAnswer& answer, std::size_t items,
                               std::vector<OrderAck>& out) {
    begin();
    Element root;
    const bool read =
        json_.parse(answer.body.data(), answer.body.size()).get(root) == simdjson::SUCCESS;
    Array list;
    if (read && answer.good() && root.get(list) == simdjson::SUCCESS && list.size() == items) {
        int item = 0;
        for (const Element element : list) {
            Object row;
            const bool good = element.get(row) == simdjson::SUCCESS;
            const bool refused = !good || integer_field(row, "code").has_value();
            OrderAck& told = ack(row, refused ? 400 : 200,
                                 !good     ? -1'000
                                 : refused ? code_of(row)
                                           : 0,
                                 good ? text_field(row, "msg") : std::string_view{}, out);
            told.item = item++;
        }
        return;
    }
    Object object;
    const bool is_object = read && root.get(object) == simdjson::SUCCESS;
    if (answer.good()) {
        if (is_object) {
            (void)ack(object, 200, 0, {}, out);
        } else {
            (void)out.emplace_back();
        }
        return;
    }
    OrderAck& told = out.emplace_back();
    told.code = answer.code;
    told.verdict = answer.verdict;
    told.reason = refusal(product_, answer.code.value_or(0),
                          is_object ? text_field(object, "msg") : std::string_view{},
                          answer.verdict.reaction);
}

Result<std::string> Orders::Reader::read_listen_key(std::string_view body) {
    const auto object = parse_object(body);
    const std::string_view key = object ? text_field(*object, "listenKey") : std::string_view{};
    const bool legal = std::ranges::all_of(key, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
    if (key.empty() || key.size() > 200 || !legal) return fail(Errc::Malformed, "no listen key");
    return std::string{key};
}

Result<std::string> Orders::Reader::read_list(const Question& question, std::string_view body,
                                              Incoming& out) {
    if (question.what == Question::What::Order) {
        const auto object = parse_object(body);
        if (!object) return fail(Errc::Malformed, "no order");
        OrderReport report;
        const Row result = order(*object, kListed, report);
        if (result == Row::Malformed) return fail(Errc::Malformed, "an order cannot be read");
        if (result == Row::Read) out.orders.push_back(report);
        return std::string{};
    }
    const auto list = parse_list(body);
    if (!list) return fail(Errc::Malformed, "no list");
    for (const Element element : *list) {
        Object row;
        if (element.get(row) != simdjson::SUCCESS) return fail(Errc::Malformed, "a row is none");
        if (question.what == Question::What::OpenOrders) {
            OrderReport report;
            const Row result = order(row, kListed, report);
            if (result == Row::Malformed) return fail(Errc::Malformed, "an order cannot be read");
            if (result == Row::Read) out.orders.push_back(report);
        } else {
            FillReport report;
            if (!trade(row, report)) return fail(Errc::Malformed, "a trade cannot be read");
            out.fills.push_back(report);
        }
    }
    if (question.what == Question::What::OpenOrders || out.fills.size() < kPage)
        return std::string{};
    return std::to_string(out.fills.back().trade_id + 1);
}

}  // namespace parallax::binance
