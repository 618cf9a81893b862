#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "app/doctor.hpp"
#include "app/live_feeds.hpp"
#include "app/live_seats.hpp"
#include "app/notices.hpp"

namespace parallax::app {
namespace {

using venue_common::LiveAccount;
using venue_common::RateBudget;
using venue_common::RestClient;

constexpr Nanos kOffClock = Nanos::millis(250);  ///< worth saying
constexpr Nanos kBadClock = Nanos::seconds(1);   ///< venues begin to refuse
constexpr Nanos kLongestWait = Nanos::millis(20);

double millis(Nanos span) { return static_cast<double>(span.count()) / 1e6; }

/// When each market sent its first frame of a stream.
class FirstFrames final : public FeedSink {
public:
    void on_frame(const ports::Frame& frame) override {
        if (frame.kind == ports::FrameKind::WebSocket) first_.emplace(frame.market, frame.received);
    }
    void on_status(const messages::FeedStatus&) override {}
    void on_notice(const ports::FeedNotice& notice) override {
        if (notice.kind == ports::FeedNoticeKind::Refused)
            refused_.emplace(notice.market, text_of(notice));
    }
    [[nodiscard]] const std::map<Market, UnixNanos>& first() const noexcept { return first_; }
    [[nodiscard]] const std::map<Market, std::string>& refused() const noexcept { return refused_; }

private:
    std::map<Market, UnixNanos> first_;
    std::map<Market, std::string> refused_;
};

/// An account of ours whose key is being looked at.
struct KeyCheck {
    Venue venue{};
    Market market{};
    std::unique_ptr<LiveAccount> account;
    [[nodiscard]] bool done() const noexcept {
        return account->key().has_value() || account->refused().has_value();
    }
};

class Examination {
public:
    Examination(fix::Transport& transport, const Accesses& venues, Nanos patience)
        : transport_{transport},
          venues_{venues},
          feeds_{transport, frames_, &transport},
          first_{transport.now()},
          until_{first_ + patience} {}

    Findings run(const std::string& symbols) {
        for (const auto& venue : venues_) {
            feeds_.add(*venue, 1);
            if (const auto fit = LiveFeeds::check(*venue); !fit)
                tell(venue->venue(), Health::Warning, "streams over FIX",
                     fit.error().detail + " (doctor --keys): the WebSocket is looked at instead");
            add_keys(*venue);
        }
        if (const auto done = feeds_.subscribe(symbols); !done)
            return {{"configuration", Health::Failed, "symbols", done.error().detail}};
        feeds_.start(first_);
        while (transport_.now() < until_ && !complete()) turn();
        for (const auto& venue : venues_) {
            for (const VenueAccess::Host& host : venue->hosts()) look_at(*venue, host);
            look_at_streams(*venue);
            look_at_keys(venue->venue());
        }
        feeds_.stop(transport_.now());
        return std::move(findings_);
    }

private:
    void add_keys(const VenueAccess& venue) {
        for (const VenueAccess::Host& host : venue.hosts()) {
            auto protocol = make_account_protocol(venue, host.markets.front(), universe_, "0000");
            if (protocol == nullptr) continue;
            venue_common::AccountConfig config;
            config.balance_interval = config.funding_interval = Nanos{};
            config.patience = until_ - first_;
            keys_.push_back(
                {venue.venue(), host.markets.front(),
                 std::make_unique<LiveAccount>(*host.client, std::move(protocol), config, first_)});
        }
    }

    void turn() {
        const UnixNanos now = transport_.now();
        const Nanos wait = std::clamp(feeds_.next_due() - now, Nanos{}, kLongestWait);
        for (const ports::NetEvent& event : transport_.poll(wait)) feeds_.on(event);
        const UnixNanos after = transport_.now();
        feeds_.advance(after);
        for (KeyCheck& key : keys_) key.account->advance(after);
    }

    [[nodiscard]] bool complete() const {
        const UnixNanos now = transport_.now();
        for (const auto& venue : venues_) {
            for (const VenueAccess::Host& host : venue->hosts()) {
                if (!host.client->clock().estimate(now)) return false;
            }
        }
        const auto connections = feeds_.connections();
        return std::ranges::all_of(keys_, &KeyCheck::done) &&
               std::ranges::all_of(connections, [&](const ports::FeedConnection& one) {
                   return one.state == "live" && frames_.first().contains(one.market);
               });
    }

    void tell(Venue venue, Health health, std::string what, std::string text) {
        findings_.push_back(
            {std::string{to_string(venue)}, health, std::move(what), std::move(text)});
    }

    void look_at(const VenueAccess& venue, const VenueAccess::Host& host) {
        const UnixNanos now = transport_.now();
        std::string what = "REST";
        if (venue.hosts().size() > 1) what += " " + std::string{to_string(host.markets.front())};
        const auto estimate = host.client->clock().estimate(now);
        if (!estimate) {
            return tell(venue.venue(), Health::Failed, what,
                        "did not tell its time: " + (host.client->clock_failure().empty()
                                                         ? std::string{"no answer so far"}
                                                         : host.client->clock_failure()));
        }
        const Nanos off =
            estimate->offset < Nanos{} ? Nanos{} - estimate->offset : estimate->offset;
        const std::string text =
            fmt::format("answers within {:.1f} ms, its clock {:+.1f} ms from ours",
                        2 * millis(estimate->bound), millis(estimate->offset));
        if (off > kBadClock + estimate->bound)
            return tell(venue.venue(), Health::Failed, what, text + ": set the clock");
        tell(venue.venue(), off > kOffClock + estimate->bound ? Health::Warning : Health::Good,
             what, text);
        look_at_budget(venue.venue(), what, *host.client, now);
    }

    /// The fullest of the limits that count everything.
    void look_at_budget(Venue venue, const std::string& what, RestClient& client, UnixNanos now) {
        const venue_common::RateTable& table = client.limiter().table();
        std::string fullest;
        double most = -1;
        UnixNanos blocked = client.limiter().blocked_until();
        for (std::size_t i = 0; i < table.limits.size(); ++i) {
            const RateBudget budget = client.limiter().budget(static_cast<std::uint8_t>(i), now);
            blocked = std::max(blocked, budget.blocked_until);
            if (budget.limit == 0) continue;
            const double part = static_cast<double>(budget.used) / budget.limit;
            if (part <= most) continue;
            most = part;
            fullest =
                fmt::format("{} of {} used ({})", budget.used, budget.limit, table.limits[i].name);
        }
        if (blocked > now) {
            return tell(
                venue, Health::Failed, what + " limits",
                fmt::format("blocked by the venue for {:.0f} s", millis(blocked - now) / 1e3));
        }
        if (most >= 0)
            tell(venue, most > 0.8 ? Health::Warning : Health::Good, what + " limits", fullest);
    }

    void look_at_streams(const VenueAccess& venue) {
        for (const ports::FeedConnection& one : feeds_.connections()) {
            if (venue_of(one.market) != venue.venue()) continue;
            const auto first = frames_.first().find(one.market);
            const auto refused = frames_.refused().find(one.market);
            if (refused != frames_.refused().end()) {
                tell(venue.venue(), Health::Warning, "stream " + one.name, refused->second);
            } else if (one.state == "live" && first != frames_.first().end()) {
                tell(venue.venue(), Health::Good, "stream " + one.name,
                     fmt::format("{} topics, data after {:.0f} ms", one.topics,
                                 millis(first->second - first_)));
            } else {
                const std::string why = one.attempts == 0 ? "waits for the listings over REST"
                                        : one.last_reason.empty() ? "no data"
                                                                  : one.last_reason;
                tell(venue.venue(), Health::Failed, "stream " + one.name,
                     fmt::format("{}: {}", one.state, why));
            }
        }
    }

    void look_at_keys(Venue venue) {
        for (const KeyCheck& check : keys_) {
            if (check.venue != venue) continue;
            const std::string what = "key " + std::string{to_string(check.market)};
            if (const auto& refused = check.account->refused()) {
                tell(venue, Health::Failed, what, refused->detail);
                continue;
            }
            const auto& key = check.account->key();
            if (!key) {
                tell(venue, Health::Failed, what, "the venue did not say what it may do");
                continue;
            }
            std::string rights;
            const std::pair<bool, const char*> all[] = {{key->read, "read"},
                                                        {key->trade, "trade"},
                                                        {key->transfer, "transfer"},
                                                        {key->withdraw, "withdraw"}};
            for (const auto& [may, name] : all) {
                if (may) rights += (rights.empty() ? "may " : ", ") + std::string{name};
            }
            const bool bound = key->bound;
            tell(venue, bound ? Health::Good : Health::Warning, what,
                 rights + (bound ? "; bound to addresses"
                                 : "; bound to no address: bind it at the venue"));
        }
    }

    fix::Transport& transport_;
    const Accesses& venues_;
    FirstFrames frames_;
    LiveFeeds feeds_;
    Universe universe_;  ///< empty: the questions name no instrument
    std::vector<KeyCheck> keys_;
    UnixNanos first_, until_;
    Findings findings_;
};

}  // namespace

Findings examine_venues(fix::Transport& transport, const Accesses& venues,
                        const std::string& symbols, Nanos patience) {
    return Examination{transport, venues, patience}.run(symbols);
}

}  // namespace parallax::app
