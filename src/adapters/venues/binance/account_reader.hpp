#pragma once

#include <map>
#include <string>

#include "adapters/venues/binance/account.hpp"
#include "adapters/venues/common/account_text.hpp"

namespace parallax::binance {

/// Reads answers about a wallet. False: it cannot be read.
class Accounts::Reader {
public:
    Reader(const Universe& universe, Product product) : universe_{universe}, product_{product} {}

    [[nodiscard]] HotResult<venue_common::Element> parse(std::string_view body);

    [[nodiscard]] bool balances(venue_common::Element root, ports::AccountFacts& facts) const;
    [[nodiscard]] bool margins(venue_common::Element root, ports::AccountFacts& facts) const;
    [[nodiscard]] bool positions(venue_common::Element root, ports::AccountFacts& facts) const;
    /// Adds leverage and margin type to positions that are known.
    [[nodiscard]] bool settings(venue_common::Element root, ports::AccountFacts& facts) const;
    [[nodiscard]] bool fees(venue_common::Element root, InstrumentId instrument,
                            ports::AccountFacts& facts) const;
    [[nodiscard]] bool orders(venue_common::Element root, ports::AccountFacts& facts) const;
    /// A page; its size and its last id go to `count` and `last`.
    [[nodiscard]] bool fills(venue_common::Element root, ports::AccountFacts& facts,
                             std::size_t& count, std::uint64_t& last) const;
    /// Likewise; `first` and `last` are its times.
    [[nodiscard]] bool payments(venue_common::Element root, UnixNanos since,
                                ports::AccountFacts& facts, std::size_t& count, UnixNanos& first,
                                UnixNanos& last) const;
    /// Likewise; `before` is the time to go on from. A page that tells nothing new counts as the
    /// last one.
    [[nodiscard]] bool movements(venue_common::Element root, bool deposits,
                                 ports::AccountFacts& facts, std::size_t& count,
                                 UnixNanos& before) const;
    [[nodiscard]] bool leverage(venue_common::Element root, InstrumentId instrument,
                                ports::AccountFacts& facts) const;
    [[nodiscard]] static bool position_mode(venue_common::Element root, InstrumentId instrument,
                                            ports::AccountFacts& facts);
    [[nodiscard]] bool key(venue_common::Element root, bool wallet_api,
                           ports::AccountFacts& facts) const;

private:
    [[nodiscard]] bool spot() const noexcept { return product_ == Product::Spot; }
    [[nodiscard]] Market market() const noexcept {
        return spot() ? Market::BinanceSpot : Market::BinanceUsdm;
    }
    [[nodiscard]] const Instrument* instrument(venue_common::Object row) const;

    const Universe& universe_;
    Product product_;
    simdjson::dom::parser json_;
};

/// Transfers of this run, as the venue's list of them has no id of ours.
class Accounts::Transfers {
public:
    struct Sent {
        std::string type;  ///< "MAIN_UMFUTURE"
        std::string asset;
        Amount amount;
        UnixNanos time;
        std::string venue_id;  ///< empty: no answer came
    };
    void sent(std::uint64_t id, Sent transfer) { sent_.try_emplace(id, std::move(transfer)); }
    [[nodiscard]] const Sent* find(std::uint64_t id) const noexcept;
    void name(std::uint64_t id, std::string venue_id);
    /// Reads the venue's list for one of them. Without its id it is the first of the same asset and
    /// amount that is no other's.
    [[nodiscard]] Result<ports::TransferReport> state(std::uint64_t id, venue_common::Element list);

private:
    std::map<std::uint64_t, Sent> sent_;
};

}  // namespace parallax::binance
