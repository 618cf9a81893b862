#include "adapters/venues/binance/order_recovery.hpp"

#include <algorithm>

#include "adapters/venues/common/encoding.hpp"
#include "adapters/venues/common/rate_feedback.hpp"

namespace parallax::binance {

using venue_common::append_parameter;
using venue_common::Element;
using venue_common::FillReport;
using venue_common::Object;
using venue_common::Question;
using venue_common::RestCall;

namespace {}

void Orders::Recovery::traded(const Instrument& instrument) {
    if (traded_.size() <= instrument.id.index()) traded_.resize(instrument.id.index() + 1);
    traded_[instrument.id.index()] = true;
}

std::size_t Orders::Recovery::next_from(std::size_t index) const noexcept {
    const Market market = product_ == Product::Spot ? Market::BinanceSpot : Market::BinanceUsdm;
    const auto& all = universe_.instruments();
    for (; index < all.size(); ++index) {
        if (all[index].market != market) continue;
        if (all_ || (index < traded_.size() && traded_[index])) return index;
    }
    return all.size();
}

Orders::Recovery::Place Orders::Recovery::place_of(const std::string& cursor) const {
    if (cursor.empty()) return {false, next_from(0), {}};
    const std::size_t dot = std::min(cursor.find('.'), cursor.size());
    Place out;
    out.order = cursor.front() == 'o';
    const auto index = venue_common::number_in(std::string_view{cursor}.substr(1, dot - 1));
    out.index = static_cast<std::size_t>(index.value_or(0));
    if (dot < cursor.size()) out.number = cursor.substr(dot + 1);
    return out;
}

RestCall Orders::Recovery::ask(const Question& question) const {
    const bool spot = product_ == Product::Spot;
    const Place place = place_of(question.cursor);
    RestCall call;
    call.path = spot ? "/api/v3/" : "/fapi/v1/";
    if (place.index >= universe_.instruments().size()) {
        // No symbol to ask about; a question has to be one.
        call.rate.call = spot ? std::uint8_t{spot::kOrderUsage} : std::uint8_t{usdm::kQuery};
        call.path += "rateLimit/order";
        return call;
    }
    append_parameter(call.query, "symbol", universe_.instruments()[place.index].venue_symbol);
    if (place.order) {
        call.rate.call = spot ? std::uint8_t{spot::kQuery} : std::uint8_t{usdm::kQuery};
        call.path += "order";
        append_parameter(call.query, "orderId", place.number);
        return call;
    }
    call.rate.call = spot ? std::uint8_t{spot::kMyTrades} : std::uint8_t{usdm::kMyTrades};
    call.path += spot ? "myTrades" : "userTrades";
    if (place.number.empty()) {
        append_parameter(call.query, "startTime", std::to_string(question.since.millis()));
    } else {
        append_parameter(call.query, "fromId", place.number);
    }
    append_parameter(call.query, "limit", std::to_string(kPage));
    return call;
}

/// The next order of this symbol, or the next symbol.
std::string Orders::Recovery::after_orders(std::size_t index) {
    if (!orders_.empty()) {
        std::string next = "o" + std::to_string(index) + "." + orders_.front();
        orders_.pop_front();
        return next;
    }
    const std::size_t next = next_from(index + 1);
    if (next < universe_.instruments().size()) return "t" + std::to_string(next);
    all_ = false;
    return {};
}

Result<std::string> Orders::Recovery::pass_over(const Question& question) {
    const Place place = place_of(question.cursor);
    if (question.cursor.empty()) {
        held_.clear();
        orders_.clear();
    }
    if (place.index >= universe_.instruments().size())
        return fail(Errc::Malformed, "no symbol was asked about");
    std::erase_if(held_, [&](const Held& held) { return held.order == place.number; });
    return after_orders(place.index);
}

Result<std::string> Orders::Recovery::read(const Question& question, std::string_view body,
                                           Reader& reader, venue_common::Incoming& out) {
    const Place place = place_of(question.cursor);
    if (question.cursor.empty()) {
        held_.clear();
        orders_.clear();
    }
    if (place.index >= universe_.instruments().size()) {
        all_ = false;
        return std::string{};
    }
    if (place.order) {
        const auto order = reader.parse_object(body);
        if (!order) return fail(Errc::Malformed, "no order");
        client_id_ = venue_common::text_field(*order, "clientOrderId");
        order_id_ = place.number;
        for (const Held& held : held_) {
            if (held.order != place.number) continue;
            FillReport& fill = out.fills.emplace_back(held.fill);
            fill.client_id = client_id_;
            fill.venue_id = order_id_;
        }
        std::erase_if(held_, [&](const Held& held) { return held.order == place.number; });
        return after_orders(place.index);
    }
    const auto list = reader.parse_list(body);
    if (!list) return fail(Errc::Malformed, "no list");
    std::uint64_t last = 0;
    for (const Element element : *list) {
        Object row;
        Held held;
        if (element.get(row) != simdjson::SUCCESS || !reader.trade(row, held.fill))
            return fail(Errc::Malformed, "a trade cannot be read");
        last = std::max(last, held.fill.trade_id);
        held.order = held.fill.venue_id;
        held.fill.venue_id = {};
        // A page that begins in the middle of a millisecond may repeat rows; the desk knows them.
        if (std::ranges::find(orders_, held.order) == orders_.end()) orders_.push_back(held.order);
        held_.push_back(std::move(held));
    }
    if (list->size() >= kPage)
        return "t" + std::to_string(place.index) + "." + std::to_string(last + 1);
    return after_orders(place.index);
}

}  // namespace parallax::binance
