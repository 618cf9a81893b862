#include "adapters/venues/binance/order_text.hpp"

#include <algorithm>

#include "adapters/venues/common/encoding.hpp"
#include "adapters/venues/common/order_numbers.hpp"
#include "core/assert.hpp"

namespace parallax::binance {

using messages::TimeInForce;
using venue_common::ClientIdText;
using venue_common::OrderItem;
using venue_common::OrderVerb;

// ---- parameters

namespace {

/// As a < b; most names differ in their first letter already.
bool before(std::string_view a, std::string_view b) noexcept {
    return a.front() != b.front() ? a.front() < b.front() : a < b;
}

}  // namespace

void RequestText::insert(std::string_view name, std::string_view value, bool quoted) {
    PLX_ASSERT(count_ < kMost && !name.empty());
    const Entry entry{name, static_cast<std::uint32_t>(values_.size()),
                      static_cast<std::uint32_t>(value.size()), quoted};
    values_.put(value);
    std::size_t at = count_++;
    for (; at > 0 && before(name, entries_[at - 1].name); --at) entries_[at] = entries_[at - 1];
    entries_[at] = entry;
}

void RequestText::add(std::string_view name, std::int64_t value) {
    std::string text;  // short: no memory is taken
    venue_common::append_number(text, value);
    insert(name, text, false);
}

void RequestText::append_query(std::string& out) const {
    for (std::size_t i = 0; i < count_; ++i)
        venue_common::append_parameter(out, entries_[i].name, value(entries_[i]));
}

void RequestText::append_json(std::string& out, Signer* signer) {
    json_.clear();
    payload_.clear();
    char separator = '{';
    const auto put = [&](std::string_view name, std::string_view value, bool quoted) {
        if (signer != nullptr) {
            if (separator != '{') payload_.put('&');
            payload_.put(name);
            payload_.put('=');
            payload_.put(value);
        }
        json_.put(separator);
        json_.put('"');
        json_.put(name);
        json_.put(quoted ? "\":\"" : "\":");
        json_.put(value);
        if (quoted) json_.put('"');
        separator = ',';
    };
    if (signer != nullptr) {  // signed in order of the names, and this one comes first
        constexpr std::string_view kKey = "apiKey";
        PLX_ASSERT(count_ == 0 || before(kKey, entries_[0].name));
        put(kKey, signer->api_key(), true);
    }
    for (std::size_t i = 0; i < count_; ++i)
        put(entries_[i].name, value(entries_[i]), entries_[i].quoted);
    if (separator == '{') json_.put(separator);
    out += json_.view();
    if (signer != nullptr) {
        out += R"(,"signature":")";
        signer->sign_websocket(payload_.view(), out);
        out += '"';
    }
    out += '}';
}

// ---- orders

namespace {

std::string_view type_of(Product product, TimeInForce time_in_force) noexcept {
    return product == Product::Spot && time_in_force == TimeInForce::PostOnly ? "LIMIT_MAKER"
                                                                              : "LIMIT";
}

/// Empty: the type says it.
std::string_view force_of(Product product, TimeInForce time_in_force) noexcept {
    switch (time_in_force) {
        case TimeInForce::Ioc:
            return "IOC";
        case TimeInForce::Fok:
            return "FOK";
        case TimeInForce::Gtc:
            return "GTC";
        case TimeInForce::PostOnly:
            return product == Product::Spot ? "" : "GTX";
    }
    return "IOC";
}

std::string_view side_of(Side side) noexcept { return side == Side::Buy ? "BUY" : "SELL"; }

void add_id(RequestText& out, const OrderItem& item, const ClientIdText& ids) {
    if (item.venue_id.empty()) {
        out.add("origClientOrderId", venue_common::view(ids.write(item.id)));
    } else {
        out.add("orderId", static_cast<std::int64_t>(venue_common::number_of(item.venue_id)));
    }
}

bool add_sizes(RequestText& out, const OrderItem& item) {
    std::string price, quantity;
    if (!venue_common::append_quantity(quantity, item.instrument->wire, item.quantity))
        return false;
    venue_common::append_price(price, item.instrument->wire, item.price);
    out.add("price", price);
    out.add("quantity", quantity);
    return true;
}

bool add_place(RequestText& out, Product product, const OrderItem& item, const ClientIdText& ids) {
    // By name: then nothing has to be moved.
    out.add("newClientOrderId", venue_common::view(ids.write(item.id)));
    out.add("newOrderRespType", "ACK");
    if (!add_sizes(out, item)) return false;
    if (product == Product::Usdm && item.reduce_only) out.add("reduceOnly", "true");
    out.add("side", side_of(item.side));
    out.add("symbol", item.instrument->venue_symbol);
    const std::string_view force = force_of(product, item.time_in_force);
    if (!force.empty()) out.add("timeInForce", force);
    out.add("type", type_of(product, item.time_in_force));
    return true;
}

bool add_amendment(RequestText& out, Product product, const OrderItem& item,
                   const ClientIdText& ids) {
    out.add("symbol", item.instrument->venue_symbol);
    add_id(out, item, ids);
    if (product == Product::Usdm) {
        if (item.price.raw() == 0 || item.quantity.is_zero()) return false;
        out.add("side", side_of(item.side));
        return add_sizes(out, item);
    }
    if (item.price.raw() != 0 || item.quantity.is_zero()) return false;
    // Without it the order goes by a name the venue makes up.
    out.add("newClientOrderId", venue_common::view(ids.write(item.id)));
    std::string text;
    if (!venue_common::append_quantity(text, item.instrument->wire, item.quantity)) return false;
    out.add("newQty", text);
    return true;
}

}  // namespace

bool add_order(RequestText& out, Product product, OrderVerb verb, const OrderItem& item,
               const ClientIdText& ids) {
    switch (verb) {
        case OrderVerb::Place:
            return add_place(out, product, item, ids);
        case OrderVerb::Cancel:
            out.add("symbol", item.instrument->venue_symbol);
            add_id(out, item, ids);
            return true;
        case OrderVerb::Amend:
            return add_amendment(out, product, item, ids);
    }
    return false;
}

bool add_batch(RequestText& out, OrderVerb verb, std::span<const OrderItem> items,
               const ClientIdText& ids) {
    std::string list = "[";
    if (verb == OrderVerb::Cancel) {
        const bool numbers = std::ranges::none_of(
            items, [](const OrderItem& item) { return item.venue_id.empty(); });
        for (const OrderItem& item : items) {
            if (list.size() > 1) list += ',';
            if (!numbers) list += '"';
            const auto text = ids.write(item.id);
            list += numbers ? item.venue_id : venue_common::view(text);
            if (!numbers) list += '"';
        }
        list += ']';
        out.add("symbol", items.front().instrument->venue_symbol);
        out.add(numbers ? "orderIdList" : "origClientOrderIdList", list);
        return true;
    }
    RequestText one;
    for (const OrderItem& item : items) {
        one.clear();
        if (!add_order(one, Product::Usdm, verb, item, ids)) return false;
        if (list.size() > 1) list += ',';
        one.append_json(list, nullptr);
    }
    list += ']';
    out.add("batchOrders", list);
    return true;
}

}  // namespace parallax::binance
