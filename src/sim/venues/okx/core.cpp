#include "sim/venues/okx/core.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "sim/venues/common/front.hpp"

namespace parallax::sim_okx {

using sim_engine::AccountId;

bool Limits::take(std::string_view endpoint, const std::string& key, std::uint32_t most,
                  UnixNanos now, std::uint32_t weight, Nanos interval) {
    auto at = tables_.find(endpoint);
    if (at == tables_.end()) {
        const sim_front::RateLimit limit{interval, most, sim_front::WindowKind::Sliding};
        at = tables_.emplace(std::string{endpoint}, sim_front::RateTable{limit}).first;
    }
    return at->second.fits(key, now, weight) && at->second.add(key, now, weight);
}

bool DeadMen::arm(AccountId account, const std::string& tag, UnixNanos at) {
    if (!at.known()) {
        armed_.erase({account, tag});
        return true;
    }
    const bool fresh = !armed_.contains({account, tag});
    const auto tags = std::count_if(armed_.begin(), armed_.end(), [&](const auto& entry) {
        return entry.first.first == account && !entry.first.second.empty();
    });
    if (fresh && !tag.empty() && tags >= static_cast<std::ptrdiff_t>(kMostTags)) return false;
    armed_[{account, tag}] = at;
    return true;
}

std::vector<DeadMen::Due> DeadMen::due(UnixNanos now) {
    std::vector<Due> out;
    for (auto at = armed_.begin(); at != armed_.end();) {
        if (at->second > now) {
            ++at;
            continue;
        }
        out.push_back({at->first.first, at->first.second});
        at = armed_.erase(at);
    }
    return out;
}

UnixNanos DeadMen::next() const noexcept {
    UnixNanos next = sim_front::kNever;
    for (const auto& [key, at] : armed_) next = std::min(next, at);
    return next;
}

const Code* Core::over_limit(AccountId account, Action action, bool batch, const Json& arg,
                             NamedBy named, UnixNanos now) {
    constexpr std::array<std::array<std::string_view, 2>, 3> kBuckets{
        {{"place", "batch place"}, {"amend", "batch amend"}, {"cancel", "batch cancel"}}};
    const sim_engine::ListingId id =
        arg.is_object() ? entry.listing(arg, named).value_or(sim_engine::ListingId{})
                        : sim_engine::ListingId{};
    const std::string user = std::to_string(account.raw());
    const std::string key = user + " " + (id.valid() ? std::to_string(id.raw()) : "");
    if (!limits.take(kBuckets[static_cast<std::size_t>(action)][batch ? 1 : 0], key,
                     batch ? 300 : 60, now))
        return &kRateLimit;
    const bool swap = id.valid() && venue.listing(id).perpetual;
    if (swap && action != Action::Cancel && !limits.take("sub-account", user, 1'000, now))
        return &kSubAccountLimit;
    return nullptr;
}

OrderAnswer Core::run(AccountId account, Action action, const Json& arg, NamedBy named,
                      UnixNanos now) {
    switch (action) {
        case Action::Place:
            return entry.place(account, arg, named, now);
        case Action::Amend:
            return entry.amend(account, arg, named, now);
        case Action::Cancel:
            break;
    }
    return entry.cancel(account, arg, named, now);
}

void Core::cancel_due(UnixNanos now) {
    for (const DeadMen::Due& due : dead_men.due(now)) {
        if (due.tag.empty()) {
            (void)venue.cancel_all(due.account, sim_engine::ListingId{}, now,
                                   sim_engine::CloseReason::DeadManSwitch);
            continue;
        }
        for (const sim_engine::Order* order :
             venue.open_orders(due.account, sim_engine::ListingId{})) {
            const sim_engine::OrderId id = order->id;
            if (notes.order(id).tag == due.tag)
                (void)venue.cancel(due.account, id, now, sim_engine::CloseReason::DeadManSwitch);
        }
    }
}

UnixNanos parse_iso(std::string_view text) noexcept {
    constexpr std::string_view kForm = "0000-00-00T00:00:00.000Z";
    if (text.size() != kForm.size()) return {};
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (kForm[i] == '0' ? !digit : text[i] != kForm[i]) return {};
    }
    const auto number = [text](std::size_t at, std::size_t size) {
        std::int64_t value = 0;
        std::from_chars(text.data() + at, text.data() + at + size, value);
        return value;
    };
    const std::int64_t month = number(5, 2);
    const std::int64_t day = number(8, 2);
    if (month < 1 || month > 12 || day < 1 || day > 31 || number(11, 2) > 23 ||
        number(14, 2) > 59 || number(17, 2) > 59)
        return {};
    // Days since 1970 of the proleptic calendar, years beginning in March.
    const std::int64_t year = number(0, 4) - (month <= 2 ? 1 : 0);
    const std::int64_t era = year / 400;
    const std::int64_t of_era = year - era * 400;
    const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const std::int64_t days =
        era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
    const std::int64_t seconds =
        ((days * 24 + number(11, 2)) * 60 + number(14, 2)) * 60 + number(17, 2);
    return UnixNanos::from_millis(seconds * 1'000 + number(20, 3));
}

std::string micros(UnixNanos time) { return std::to_string(time.nanos() / 1'000); }

}  // namespace parallax::sim_okx
