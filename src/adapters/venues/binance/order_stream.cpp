// Events of the user data streams: spot's executionReport and outboundAccountPosition, USD-M's
// ORDER_TRADE_UPDATE and ACCOUNT_UPDATE. Funding is left to the account, which has its id.
#include "adapters/venues/binance/order_reader.hpp"
#include "adapters/venues/common/order_numbers.hpp"

namespace parallax::binance {

using venue_common::array_field;
using venue_common::Element;
using venue_common::FillReport;
using venue_common::Incoming;
using venue_common::integer_field;
using venue_common::Object;
using venue_common::object_field;
using venue_common::OrderReport;
using venue_common::text_field;

void Orders::Reader::event(Object event, Incoming& out) {
    const std::string_view kind = text_field(event, "e");
    if (kind == "executionReport") {
        // A cancel gives the report another client id; the order's own stands beside it.
        OrderKeys keys{"s", "c", "i", "S", "X", "q", "z", "T", "f", "eR"};
        const std::string_view what = text_field(event, "x");
        if (what != "REPLACED" && !text_field(event, "C").empty()) keys.client_id = "C";
        order_event(event, keys, out);
    } else if (kind == "ORDER_TRADE_UPDATE") {
        const auto order = object_field(event, "o");
        if (order) {
            order_event(*order, {"s", "c", "i", "S", "X", "q", "z", "T", "f", "er"}, out);
        } else {
            out.nonsense = true;
        }
    } else if (kind == "outboundAccountPosition") {
        spot_balances(event, out);
    } else if (kind == "ACCOUNT_UPDATE") {
        usdm_balances(event, out);
    } else if (kind == "serverShutdown" || kind == "eventStreamTerminated") {
        out.leaving = true;
    } else if (kind == "listenKeyExpired") {
        out.key_gone = true;
    }
}

void Orders::Reader::order_event(Object row, const OrderKeys& keys, Incoming& out) {
    OrderReport report;
    const Row read = order(row, keys, report);
    if (read == Row::NotOurs) return;
    if (read == Row::Malformed) {
        out.nonsense = true;
        return;
    }
    const std::string_view what = text_field(row, "x");
    if (what == "TRADE" || what == "CALCULATED") {
        FillReport fill;
        if (execution(row, report, fill) == Row::Read) {
            out.fills.push_back(fill);
        } else {
            out.nonsense = true;  // the order's count says that it is missing
        }
    }
    out.orders.push_back(report);
}

Orders::Reader::Row Orders::Reader::execution(Object row, const OrderReport& order,
                                              FillReport& out) const {
    const Instrument& listing = universe_.instrument(order.instrument);
    const auto id = integer_field(row, "t");
    const auto price = venue_common::read_price(text_field(row, "L"), listing.wire);
    const auto quantity = venue_common::read_quantity(text_field(row, "l"), listing.wire);
    if (!id || *id < 0 || !price || !quantity || quantity->raw() <= 0) return Row::Malformed;
    out.client_id = order.client_id;
    out.venue_id = order.venue_id;
    out.instrument = order.instrument;
    out.side = order.side;
    out.trade_id = static_cast<std::uint64_t>(*id);
    out.price = *price;
    out.quantity = *quantity;
    out.cumulative = order.cumulative;
    out.maker = venue_common::boolean_field(row, "m").value_or(false);
    out.venue_time = order.venue_time;
    fee(row, "n", "N", listing, out);
    if (!is_spot(listing.kind)) out.realised = venue_common::told_amount(row, "rp");
    return Row::Read;
}

namespace {

/// Rows `a` of `B`, whose total `total` reads.
template <class Total>
void balances(const Universe& universe, Object of, Market wallet, UnixNanos time, Incoming& out,
              Total total) {
    const auto rows = array_field(of, "B");
    if (!rows) {
        out.nonsense = true;
        return;
    }
    for (const Element element : *rows) {
        Object row;
        if (element.get(row) != simdjson::SUCCESS) continue;
        const auto asset = universe.find_asset(text_field(row, "a"));
        const std::optional<Amount> amount = total(row);
        if (!amount) out.nonsense = true;
        if (!asset || !amount) continue;
        messages::BalanceReport report;
        report.wallet = wallet;
        report.asset = *asset;
        report.total = *amount;
        report.time = time;
        out.balances.push_back(report);
    }
}

}  // namespace

void Orders::Reader::spot_balances(Object event, Incoming& out) const {
    balances(universe_, event, Market::BinanceSpot, venue_common::millis_field(event, "u"), out,
             [](Object row) -> std::optional<Amount> {
                 const auto free = Amount::parse(text_field(row, "f"));
                 const auto locked = Amount::parse(text_field(row, "l"));
                 if (!free || !locked) return std::nullopt;
                 return venue_common::sum_of(*free, *locked);
             });
}

void Orders::Reader::usdm_balances(Object event, Incoming& out) const {
    const auto account = object_field(event, "a");
    if (!account) {
        out.nonsense = true;
        return;
    }
    if (!array_field(*account, "B")) return;  // only positions
    balances(universe_, *account, Market::BinanceUsdm, venue_common::millis_field(event, "T"), out,
             [](Object row) -> std::optional<Amount> {
                 const auto amount = Amount::parse(text_field(row, "wb"));
                 if (!amount) return std::nullopt;
                 return *amount;
             });
}

}  // namespace parallax::binance
