#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/venues/okx/notes.hpp"
#include "sim/venues/okx/streams.hpp"

namespace parallax::sim_okx {

enum class PrivateChannel : std::uint8_t { Orders, Account, Positions, BalanceAndPosition, Fills };
[[nodiscard]] std::optional<PrivateChannel> find_private_channel(std::string_view name) noexcept;

/// What one session follows of its account.
struct PrivateTopic {
    PrivateChannel channel{};
    std::string inst_type;               ///< SPOT, SWAP, ANY; empty where the channel has none
    sim_engine::ListingId listing;       ///< none = all
    AssetId asset;                       ///< of `account`; none = all
    Nanos interval = Nanos::seconds(5);  ///< of timed snapshots; 0 = events only
    friend bool operator==(const PrivateTopic& a, const PrivateTopic& b) noexcept {
        return a.channel == b.channel && a.inst_type == b.inst_type && a.listing == b.listing &&
               a.asset == b.asset;
    }
};

/// The private channels: orders one by one as they happen, balances and positions once for all
/// events of a request.
class UserStreams {
public:
    UserStreams(const sim_engine::SimVenue& venue, Notes& notes, Wire& wire)
        : venue_{venue}, notes_{notes}, wire_{wire} {}
    /// A crossing post-only order tells `live` before `canceled`, as before August 2026.
    bool post_only_tells_live = false;

    /// Sends snapshots where the channel has one. `arg` with the uid in it is echoed in pushes.
    bool subscribe(ports::SessionId session, sim_engine::AccountId account,
                   const PrivateTopic& topic, std::string arg, UnixNanos now);
    bool unsubscribe(ports::SessionId session, const PrivateTopic& topic);
    void drop(ports::SessionId session);
    /// Connections of the account that follow the channel.
    [[nodiscard]] std::size_t connections(sim_engine::AccountId account,
                                          PrivateChannel channel) const;

    void on(const sim_engine::PrivateEvent& event);
    /// Tells the balances and positions of the events so far.
    void flush(UnixNanos now);
    /// Timed snapshots.
    void advance(UnixNanos now);
    [[nodiscard]] UnixNanos next_due() const noexcept;

private:
    struct Follower {
        ports::SessionId session;
        sim_engine::AccountId account;
        PrivateTopic topic;
        std::string arg;
        UnixNanos snapshot;
    };
    /// What changed since the last flush.
    struct Touched {
        sim_engine::AccountId account;
        std::vector<AssetId> assets;
        std::vector<sim_engine::ListingId> positions;
        std::vector<std::pair<sim_engine::ListingId, std::uint64_t>> trades;
        std::string reason = "filled";
    };
    Touched& touched(sim_engine::AccountId account);
    void order(const sim_engine::OrderUpdate& update, UnixNanos now);
    void tell_order(const sim_engine::Order& order, const Json& row);
    void tell_fill(const sim_engine::Order& order, const sim_engine::Execution& fill,
                   UnixNanos now);
    void book_fill(const sim_engine::OrderUpdate& update, UnixNanos now);
    void asset_bill(const sim_engine::Movement& movement, UnixNanos time);
    void add_bill(sim_engine::AccountId account, AssetId asset, Bill bill);
    void snapshot(Follower& follower, UnixNanos now);
    void tell_touched(Follower& follower, const Touched& touched, UnixNanos now);

    const sim_engine::SimVenue& venue_;
    Notes& notes_;
    Wire& wire_;
    std::vector<Follower> followers_;
    std::vector<Touched> touched_;
    std::uint64_t next_bill_ = 0;
};

}  // namespace parallax::sim_okx
