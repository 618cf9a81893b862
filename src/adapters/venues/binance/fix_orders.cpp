// What is sent: sessions, logons, operations. fix_reader.cpp has what comes back.
#include "adapters/venues/binance/fix_orders.hpp"

#include "adapters/fix/fields.hpp"
#include "adapters/venues/binance/fix_reader.hpp"
#include "adapters/venues/common/order_numbers.hpp"

namespace parallax::binance {

using messages::TimeInForce;
using venue_common::Ask;
using venue_common::Link;
using venue_common::LinkOptions;
using venue_common::OrderItem;
using venue_common::OrderOperation;
using venue_common::OrderVerb;
using venue_common::RateRequest;

namespace {

constexpr Nanos kADay = Nanos::seconds(23 * 3'600 + 1'800);

std::string_view force_of(TimeInForce force) noexcept {
    switch (force) {
        case TimeInForce::Ioc:
            return "3";
        case TimeInForce::Fok:
            return "4";
        case TimeInForce::Gtc:
        case TimeInForce::PostOnly:
            break;
    }
    return "1";
}

}  // namespace

FixOrders::FixOrders(fix::Transport& fix, const Universe& universe, Signer& signer,
                     std::string_view tag, OrderSettings settings, FixSettings fix_settings)
    : rest_{universe, signer, tag, settings},
      settings_{std::move(settings)},
      fix_settings_{std::move(fix_settings)},
      name_{"binance spot " + std::string{tag}},
      ids_{tag},
      reader_{std::make_unique<Reader>(universe, ids_)} {
    const int heartbeat = fix_settings_.heartbeat_s;
    fix::SessionProfile orders =
        fix_session(fix, signer, name_, fix_settings_.orders_url, heartbeat);
    orders.header_tags = {25000};
    fix.add(std::move(orders));
    if (fix_settings_.copies_url.empty()) return;
    fix.add(fix_session(fix, signer, name_ + " copies", fix_settings_.copies_url, heartbeat,
                        {{9406, "Y"}}));
}
FixOrders::~FixOrders() = default;

std::vector<LinkOptions> FixOrders::links() const {
    std::vector<LinkOptions> out = rest_.links();
    LinkOptions orders;
    orders.name = "binance spot fix orders";
    orders.target.url = "fix:" + name_;
    orders.heartbeat = {venue_common::Heartbeat::Kind::Frame, Nanos::seconds(15), true, false, {}};
    orders.silence = Nanos::seconds(40);
    orders.replace_after = kADay;
    orders.connect_call = spot::kFixOrderLogon;
    orders.urgency = venue_common::Urgency::Urgent;
    out.push_back(orders);
    if (fix_settings_.copies_url.empty()) return out;
    LinkOptions copies = orders;
    copies.name = "binance spot fix drop copy";
    copies.target.url += " copies";
    // 60 messages a minute are all that a drop copy may send.
    copies.heartbeat.kind = venue_common::Heartbeat::Kind::None;
    copies.silence = Nanos::seconds(fix_settings_.heartbeat_s * 2 + 20);
    copies.connect_call = spot::kFixDropLogon;
    copies.urgency = venue_common::Urgency::Normal;
    out.push_back(copies);
    return out;
}

std::vector<Ask> FixOrders::set_up(std::size_t link, Link& keys, UnixNanos venue_time) {
    if (link == kUserLink) return rest_.set_up(link, keys, venue_time);
    Ask logon;
    logon.key = keys.new_key();
    logon.sign_in = true;
    logon.text = fix_logon(logon.key, venue_time);
    return {logon};
}

RateRequest FixOrders::rate(OrderVerb verb, const Instrument&, std::size_t) const noexcept {
    RateRequest out;
    out.call = verb == OrderVerb::Place ? std::uint8_t{spot::kFixPlace}
                                        : std::uint8_t{spot::kFixOrderMessage};
    return out;
}

bool FixOrders::write_socket(const OrderOperation& operation, std::string& out) {
    const OrderItem& item = operation.items.front();
    if (operation.items.size() != 1) return false;
    const auto id = ids_.write(item.id);
    std::string size;
    const bool sized = venue_common::append_quantity(size, item.instrument->wire, item.quantity);
    const auto begin = [&](std::string_view type) {
        fix::append(out, 35, type);
        fix::append(out, 52, fix::time_text(operation.venue_time));
        fix::append(out, 25000, settings_.order_life.as_millis());
    };
    const auto which = [&] {
        if (item.venue_id.empty()) {
            fix::append(out, 41, venue_common::view(id));
        } else {
            fix::append(out, 37, item.venue_id);
        }
        fix::append(out, 55, item.instrument->venue_symbol);
    };
    switch (operation.verb) {
        case OrderVerb::Place: {
            if (!sized) return false;
            std::string price;
            venue_common::append_price(price, item.instrument->wire, item.price);
            const bool post_only = item.time_in_force == TimeInForce::PostOnly;
            begin("D");
            fix::append(out, 11, venue_common::view(id));
            if (post_only) fix::append(out, 18, "6");
            fix::append(out, 38, size);
            fix::append(out, 40, "2");
            fix::append(out, 44, price);
            fix::append(out, 54, item.side == Side::Buy ? "1" : "2");
            fix::append(out, 55, item.instrument->venue_symbol);
            if (!post_only) fix::append(out, 59, force_of(item.time_in_force));
            rest_.traded(*item.instrument);
            break;
        }
        case OrderVerb::Cancel:
            begin("F");
            fix::append(out, 11, kCancelPrefix + std::to_string(operation.number));
            which();
            return true;
        case OrderVerb::Amend:  // only shrinks
            if (!sized || item.quantity.is_zero() || item.price.raw() != 0) return false;
            begin("XAK");
            fix::append(out, 11, venue_common::view(id));
            fix::append(out, 38, size);
            which();
            break;
    }
    reader_->expect(item.id, operation.number);
    return true;
}

void FixOrders::read(std::size_t link, std::string_view message, UnixNanos received,
                     venue_common::Incoming& out) {
    if (link == kUserLink) return rest_.read(link, message, received, out);
    reader_->read(message, out);
}

Result<std::unique_ptr<venue_common::LiveGateway>> make_fix_order_gateway(
    fix::Transport& fix, venue_common::RestClient& rest, const Universe& universe, Signer& signer,
    OrderSettings settings, FixSettings fix_settings, venue_common::GatewayConfig config) {
    if (auto fit = fit_for_fix(signer, fix_settings.heartbeat_s); !fit)
        return tl::unexpected{fit.error()};
    auto protocol = std::make_unique<FixOrders>(fix, universe, signer, config.desk.tag,
                                                std::move(settings), std::move(fix_settings));
    return std::make_unique<venue_common::LiveGateway>(fix, rest, universe, std::move(protocol),
                                                       std::move(config));
}

}  // namespace parallax::binance
