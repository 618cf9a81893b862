// Candles and series of what is told and not traded (USD-M market data, not in the sheet).
#include "sim/venues/binance/history.hpp"

#include <limits>

#include "sim/venues/binance/api.hpp"
#include "sim/venues/binance/numbers.hpp"
#include "sim/venues/binance/tickers.hpp"

namespace parallax::sim_binance {
void PerpetualHistory::marked(const SimVenue& venue, const sim_engine::MarkChange& change,
                              UnixNanos now) {
    mark.told(change.mark, now);
    index.told(change.index, now);
    premium.told(sim_front::premium(change.mark, change.index), now);
    sample(venue, change, now);
}

void PerpetualHistory::sample(const SimVenue& venue, const sim_engine::MarkChange& change,
                              UnixNanos now) {
    if (now < next_sample_) return;
    next_sample_ = now + Nanos::seconds(1);
    Sample last{now.millis() - now.millis() % kSample,
                sim_front::open_interest(venue, change.listing), change.mark};
    for (std::size_t i = 0; i < venue.accounts(); ++i) {
        const AccountId account{static_cast<AccountId::rep>(i)};
        const Quantity held = venue.position(account, change.listing).quantity();
        last.longs += held > Quantity{} ? 1 : 0;
        last.shorts += held < Quantity{} ? 1 : 0;
    }
    if (!samples.empty() && samples.back().start == last.start) samples.pop_back();
    samples.push_back(last);
    if (samples.size() > kSamples) samples.pop_front();
}

void Api::marked(UnixNanos time, const sim_engine::MarkChange& change) {
    histories_[change.listing].marked(venue_, change, time);
}

/// `symbol`: the parameter that names the listing. `decimals`: none for prices as they are quoted.
Reply Api::told_klines(Call& call, const char* symbol,
                       sim_front::PriceMinutes PerpetualHistory::* prices,
                       std::optional<std::uint8_t> decimals) {
    Arguments in{call};
    const auto limit = static_cast<std::size_t>(in.number_or("limit", 500, 1'500));
    const auto start = in.number("startTime");
    const auto end = in.number("endTime");
    const Nanos length = kline_length(in.must("interval"));
    if (in.fault()) return in.failure();
    if (length == Nanos{}) return refuse(-1120, "Invalid interval.");
    const auto id = listing_of(call, symbol);
    if (!id) return tl::unexpected{id.error()};
    const Listing& l = venue_.listing(*id);
    sim_front::PriceMinutes& minutes = histories_[*id].*prices;
    minutes.advance(call.now);
    constexpr auto kAll = std::numeric_limits<std::size_t>::max();
    const std::int64_t ms = length.as_millis();
    auto candles =
        minutes.candles([ms](std::int64_t at) { return at - at % ms; }, start.value_or(0),
                        end.value_or(call.now.millis()), start ? kAll : limit);
    const auto print = [&](Price price) {
        return decimals ? sim_front::fixed_text(price.raw(), *decimals, *decimals) : text(l, price);
    };
    Json out = Json::array();
    for (auto at = candles.rbegin(); at != candles.rend() && out.size() < limit; ++at)
        out.push_back(
            Json::array({at->start, print(at->open), print(at->high), print(at->low),
                         print(at->close), "0", at->start + ms - 1, "0", 0, "0", "0", "0"}));
    return out;
}

Reply Api::mark_klines(Call& call) {
    return told_klines(call, "symbol", &PerpetualHistory::mark, {});
}
Reply Api::index_klines(Call& call) {
    return told_klines(call, "pair", &PerpetualHistory::index, {});
}
Reply Api::premium_klines(Call& call) {
    return told_klines(call, "symbol", &PerpetualHistory::premium, sim_front::kPremiumDigits);
}

Reply Api::continuous_klines(Call& call) {
    Arguments in{call};
    const std::string_view pair = in.must("pair");
    const std::string_view type = in.must("contractType");
    if (in.fault()) return in.failure();
    if (type == "CURRENT_QUARTER" || type == "NEXT_QUARTER") return Json::array();  // none listed
    if (type != "PERPETUAL") return refuse(-1130, "Parameter 'contractType' is not valid.");
    Call named = call;
    named.params.add("symbol", std::string{pair});
    return klines(named);
}

/// One row for each period of the samples there are: the last of it.
Reply Api::sampled(
    Call& call, const std::function<Json(const Listing&, const PerpetualHistory::Sample&)>& row) {
    Arguments in{call};
    const auto limit = static_cast<std::size_t>(in.number_or("limit", 30, 500));
    const auto start = in.number("startTime");
    const auto end = in.number("endTime");
    const std::int64_t period = kline_length(in.must("period")).as_millis();
    if (in.fault()) return in.failure();
    if (period < PerpetualHistory::kSample || period > kDay.as_millis())
        return refuse(-1130, "Data sent for parameter 'period' is not valid.");
    const auto id = listing_of(call);
    if (!id) return tl::unexpected{id.error()};
    std::vector<Json> rows;
    std::int64_t last = -1;
    for (const PerpetualHistory::Sample& sample : histories_[*id].samples) {
        const std::int64_t begin = sample.start - sample.start % period;
        if ((start && begin < *start) || (end && begin > *end)) continue;
        Json one = row(venue_.listing(*id), sample);
        if (one.is_null()) continue;
        one["timestamp"] = begin;
        if (begin == last) rows.pop_back();
        last = begin;
        rows.push_back(std::move(one));
    }
    const std::size_t first = start || rows.size() < limit ? 0 : rows.size() - limit;
    Json out = Json::array();
    for (std::size_t i = first; i < rows.size() && out.size() < limit; ++i)
        out.push_back(std::move(rows[i]));
    return out;
}

Reply Api::open_interest_history(Call& call) {
    return sampled(call, [](const Listing& l, const PerpetualHistory::Sample& s) -> Json {
        const Amount open = l.amount(s.open);
        return {{"symbol", l.definition.venue_symbol},
                {"sumOpenInterest", text(open)},
                {"sumOpenInterestValue", text(l.notional(s.mark, s.open))}};
    });
}

/// Each account counts once, however much it holds.
Reply Api::long_short_ratio(Call& call) {
    return sampled(call, [](const Listing& l, const PerpetualHistory::Sample& s) -> Json {
        if (s.shorts == 0) return nullptr;  // no ratio
        const auto share = [&](std::uint32_t count) {
            return sim_front::fixed_text(divide(static_cast<__int128>(count) * 10'000,
                                                s.longs + s.shorts, Rounding::HalfEven),
                                         4, 4);
        };
        return {
            {"symbol", l.definition.venue_symbol},
            {"longAccount", share(s.longs)},
            {"shortAccount", share(s.shorts)},
            {"longShortRatio", sim_front::fixed_text(divide(static_cast<__int128>(s.longs) * 10'000,
                                                            s.shorts, Rounding::HalfEven),
                                                     4, 4)}};
    });
}

}  // namespace parallax::sim_binance
