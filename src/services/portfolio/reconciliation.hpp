#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

#include "core/amount.hpp"
#include "core/ids.hpp"
#include "core/market.hpp"
#include "messages/portfolio.hpp"

namespace parallax::portfolio {

/// A venue's balance that is not ours, and stayed so.
struct Discrepancy {
    Market wallet{};
    AssetId asset;
    Amount ours;
    Amount venue;
    UnixNanos time;
};

/// Compares balances with zero tolerance (I12). Messages cross on the wire, so a difference counts
/// only when it is the same in several reports in a row, no order of the wallet was open and
/// nothing was booked on it in between.
class Reconciler {
public:
    explicit Reconciler(std::int64_t reports) noexcept : reports_{reports} {}

    /// `movements` grows with every posting to the balance. True when the difference has to be
    /// acted upon; it then starts to count anew.
    bool compare(Market wallet, AssetId asset, Amount difference, std::uint64_t movements,
                 bool in_flight);
    [[nodiscard]] std::uint64_t compared() const noexcept { return compared_; }

    template <class Archive>
    void describe(Archive& a) {
        a(watches_, compared_);
    }

private:
    struct Watch {
        Amount difference;
        std::uint64_t movements = 0;
        std::int64_t seen = 0;
        template <class Archive>
        void describe(Archive& a) {
            a(difference, movements, seen);
        }
    };
    std::int64_t reports_;
    std::uint64_t compared_ = 0;
    std::map<std::pair<Market, AssetId>, Watch> watches_;  ///< differences not yet old enough
};

/// What makes a venue's cash event one and the same.
struct CashKey {
    std::uint64_t venue_id = 0;
    Market wallet{};
    messages::EntryKind kind{};
    AssetId asset;
    friend bool operator==(const CashKey&, const CashKey&) = default;
    friend std::size_t hash_value(const CashKey& key) noexcept {
        const auto rest = static_cast<std::uint64_t>(key.wallet) << 24 |
                          static_cast<std::uint64_t>(key.kind) << 16 | key.asset.raw();
        return static_cast<std::size_t>((key.venue_id ^ rest << 32) * 0x9E3779B97F4A7C15ULL);
    }
    template <class Archive>
    void describe(Archive& a) {
        a(venue_id, wallet, kind, asset);
    }
};

}  // namespace parallax::portfolio
