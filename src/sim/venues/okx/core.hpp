#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/venues/common/keyring.hpp"
#include "sim/venues/common/price_minutes.hpp"
#include "sim/venues/common/rate_window.hpp"
#include "sim/venues/okx/errors.hpp"
#include "sim/venues/okx/notes.hpp"
#include "sim/venues/okx/order_entry.hpp"
#include "sim/venues/okx/tape.hpp"

namespace parallax::sim_okx {

struct FrontSettings {
    bool demo = false;  ///< wants the header x-simulated-trading: 1 with private requests
    bool post_only_tells_live = false;  ///< as before August 2026: live, then canceled
    std::set<std::uint32_t> vip4;       ///< accounts with the 10 ms book channels and fills
    std::set<std::string> withdrawal_addresses;  ///< verified ones; others answer 58207
};

/// Requests within two seconds, by endpoint and key (okx.md 6). What is over is not counted.
class Limits {
public:
    /// True when `weight` more still fit into `most` per `interval`; then it counts them.
    bool take(std::string_view endpoint, const std::string& key, std::uint32_t most, UnixNanos now,
              std::uint32_t weight = 1, Nanos interval = Nanos::seconds(2));

private:
    std::map<std::string, sim_front::RateTable, std::less<>> tables_;
};

/// cancel-all-after: who does not call again in time loses the open orders of the account, or of
/// one tag.
class DeadMen {
public:
    static constexpr std::size_t kMostTags = 20;
    /// False: too many tags. `at` unknown = off.
    bool arm(sim_engine::AccountId account, const std::string& tag, UnixNanos at);
    struct Due {
        sim_engine::AccountId account;
        std::string tag;
    };
    [[nodiscard]] std::vector<Due> due(UnixNanos now);
    [[nodiscard]] UnixNanos next() const noexcept;

private:
    std::map<std::pair<sim_engine::AccountId, std::string>, UnixNanos> armed_;
};

/// What REST and the sockets share.
struct Core {
    Core(sim_engine::SimVenue& v, const sim_front::Keyring& k, FrontSettings s)
        : venue{v}, keyring{k}, settings{std::move(s)}, entry{v, notes} {}

    sim_engine::SimVenue& venue;
    const sim_front::Keyring& keyring;
    FrontSettings settings;
    Notes notes;
    std::vector<Tape> tapes;
    /// By listing: marks of perpetuals, and of spot pairs their index.
    std::vector<sim_front::PriceMinutes> prices;
    /// By listing: contracts that are open, of perpetuals.
    std::vector<sim_front::PriceMinutes> interests;
    OrderEntry entry;
    Limits limits;
    DeadMen dead_men;
    struct Sent {  ///< transfers with what the client called them
        std::string client_id;
        std::string address, chain;
    };
    std::map<std::uint64_t, Sent> movements;

    /// The limits of one order operation, single or one of a batch. Null: it may go on.
    const Code* over_limit(sim_engine::AccountId account, Action action, bool batch,
                           const Json& arg, NamedBy named, UnixNanos now);
    OrderAnswer run(sim_engine::AccountId account, Action action, const Json& arg, NamedBy named,
                    UnixNanos now);
    /// Does what dead men's switches are due for.
    void cancel_due(UnixNanos now);
};

/// Reads "2020-12-08T09:08:57.715Z"; unknown when it is no such time.
[[nodiscard]] UnixNanos parse_iso(std::string_view text) noexcept;
[[nodiscard]] std::string micros(UnixNanos time);

}  // namespace parallax::sim_okx
