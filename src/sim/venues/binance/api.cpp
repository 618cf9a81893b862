#include "sim/venues/binance/api.hpp"

#include <algorithm>

#include "sim/venues/common/front.hpp"

namespace parallax::sim_binance {

Api::Api(SimVenue& venue, std::uint64_t seed) : venue_{venue}, random_{seed} {
    tapes_.resize(venue.listings());
}

void Api::traded(UnixNanos time, const sim_engine::TradePrint& print) {
    if (tapes_.size() < venue_.listings()) tapes_.resize(venue_.listings());
    tapes_[print.listing.index()].add(venue_.listing(print.listing), {time, print});
}

void Api::funded(UnixNanos time, const sim_engine::FundingPayment& payment) {
    income_.push_back({time, payment, next_income_++});
    if (income_.size() > 100'000) income_.pop_front();
}

std::string Api::fresh_id(std::size_t size) {
    constexpr std::string_view kLetters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string out;
    while (out.size() < size) out += kLetters[random_.below(kLetters.size())];
    return out;
}

std::string Api::cancel_id(OrderId order) const {
    const auto found = cancel_ids_.find(order);
    return found == cancel_ids_.end() ? std::string{} : found->second;
}

tl::expected<ListingId, Fault> Api::listing_of(const Call& call, const char* name) const {
    Arguments in{call};
    const std::string_view symbol = in.must(name);
    if (in.fault()) return in.failure();
    const auto legal = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    };
    if (symbol.size() > 20 || !std::all_of(symbol.begin(), symbol.end(), legal))
        return refuse(-1100, "Illegal characters found in parameter '" + std::string{name} +
                                 "'; legal range is '^[A-Z0-9-_.]{1,20}$'.");
    const auto found = venue_.find_listing(market_of(call.product), symbol);
    if (!found) return refuse(-1121, "Invalid symbol.");
    return *found;
}

tl::expected<std::vector<ListingId>, Fault> Api::listings_of(const Call& call) const {
    std::vector<ListingId> out;
    if (call.params.has("symbol")) {
        const auto one = listing_of(call);
        if (!one) return tl::unexpected{one.error()};
        return std::vector{*one};
    }
    if (const std::string* const list = call.params.find("symbols")) {
        const sim_front::ReadJson read = sim_front::read_json(*list);
        if (!read.good || !read.value.is_array())
            return refuse(-1100,
                          "Illegal characters found in parameter 'symbols'; legal range is "
                          "'^\\[(\"[A-Z0-9-_.]{1,20}\"(,\"[A-Z0-9-_.]{1,20}\"){0,}){0,1}\\]$'.");
        for (const Json& symbol : read.value) {
            const auto found = symbol.is_string() ? venue_.find_listing(market_of(call.product),
                                                                        symbol.get<std::string>())
                                                  : std::nullopt;
            if (!found) return refuse(-1121, "Invalid symbol.");
            out.push_back(*found);
        }
        return out;
    }
    for (std::size_t i = 0; i < venue_.listings(); ++i) {
        const ListingId id{static_cast<ListingId::rep>(i)};
        if (venue_.listing(id).definition.market == market_of(call.product)) out.push_back(id);
    }
    return out;
}

std::uint32_t Api::weight(const Operation& operation, const Call& call) const {
    const auto limit = sim_front::integer(call.params.text("limit"));
    const bool spot = call.product == Product::Spot;
    const bool all = !call.params.has("symbol") && !call.params.has("symbols");
    const auto run = operation.run;
    if (run == &Api::depth) {
        const std::int64_t n = limit.value_or(spot ? 100 : 500);
        if (spot) return n <= 100 ? 5 : n <= 500 ? 25 : n <= 1'000 ? 50 : 250;
        return n <= 50 ? 2 : n <= 100 ? 5 : n <= 500 ? 10 : 20;
    }
    if ((run == &Api::klines && !spot) || run == &Api::mark_klines || run == &Api::index_klines ||
        run == &Api::premium_klines || run == &Api::continuous_klines) {
        const std::int64_t n = limit.value_or(500);
        return n < 100 ? 1 : n < 500 ? 2 : n <= 1'000 ? 5 : 10;
    }
    if (run == &Api::ticker_day) return all ? (spot ? 80 : 40) : operation.weight;
    if (run == &Api::ticker_book || run == &Api::ticker_price)
        return all || call.params.has("symbols") ? (spot ? 4 : 5) : operation.weight;
    if (run == &Api::premium_index) return all ? 10 : 1;
    if (run == &Api::force_orders) return all ? 50 : 20;
    if (run == &Api::open_orders) return all ? (spot ? 80 : 40) : operation.weight;
    if (run == &Api::my_trades && spot) return call.params.has("orderId") ? 5 : 20;
    return operation.weight;
}

UnixNanos Api::next_due() const noexcept {
    UnixNanos due = sim_front::kNever;
    for (const auto& [who, at] : countdowns_) due = std::min(due, at);
    for (const auto& [key, value] : listen_keys_) due = std::min(due, value.until);
    return due;
}

void Api::advance(UnixNanos now) {
    for (auto at = countdowns_.begin(); at != countdowns_.end();) {
        if (at->second > now) {
            ++at;
            continue;
        }
        const auto [account, listing] = at->first;
        at = countdowns_.erase(at);
        venue_.cancel_all(account, listing, now, sim_engine::CloseReason::DeadManSwitch);
    }
}

}  // namespace parallax::sim_binance
