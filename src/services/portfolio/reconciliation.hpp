#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "core/amount.hpp"
#include "core/ids.hpp"
#include "core/market.hpp"
#include "core/time.hpp"
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

/// When something happened at a venue, as far as it says: the number of its last change of the
/// wallet (0: the venue gives none), and its clock.
struct Cut {
    std::uint64_t update = 0;
    UnixNanos time;
    /// Whether a change with this cut is part of a report with the other; neither, when nobody can
    /// say.
    [[nodiscard]] bool within(Cut report) const noexcept {
        if (update != 0 && report.update != 0) return update <= report.update;
        return update == 0 && report.update == 0 && time.known() && time <= report.time;
    }
    [[nodiscard]] bool after(Cut report) const noexcept {
        if (update != 0 && report.update != 0) return update > report.update;
        return update == 0 && report.update == 0 && time.known() && time > report.time;
    }
    template <class Archive>
    void describe(Archive& a) {
        a(update, time);
    }
};

/// Compares balances with zero tolerance (I12), also of a wallet that never rests. A report is
/// compared at its own cut: what we booked and it does not contain is taken out, and what it
/// contains and we book later is taken in when it comes. So what is in flight drops out of each
/// difference by the time of the next report, and what remains is one that persists. It has to be
/// acted upon when it was the same in several reports in a row and every order that was open at the
/// first of them is over: an order still open may have filled without anybody telling, and would
/// then explain it.
class Reconciler {
public:
    static constexpr std::uint64_t kNone = ~std::uint64_t{0};
    explicit Reconciler(std::int64_t reports) noexcept : reports_{reports} {}

    /// A change of what the venue calls the balance.
    void booked(Market wallet, AssetId asset, Amount amount, Cut cut);

    /// Orders, by the number of their placing.
    struct OrdersOpen {
        std::uint64_t oldest = kNone;  ///< open in this wallet; kNone: nothing is in flight
        std::uint64_t placed = 0;      ///< ever, anywhere
    };
    /// `difference` is the venue's balance less ours now. The difference to act upon, if it is
    /// time; it then starts to count anew.
    [[nodiscard]] std::optional<Amount> compare(Market wallet, AssetId asset, Amount difference,
                                                Cut report, OrdersOpen orders);
    [[nodiscard]] std::uint64_t compared() const noexcept { return compared_; }

    template <class Archive>
    void describe(Archive& a) {
        a(watches_, compared_);
    }

private:
    struct Change {
        Cut cut;
        Amount amount;
        template <class Archive>
        void describe(Archive& a) {
            a(cut, amount);
        }
    };
    struct Watch {
        Cut report;                ///< the last one
        Amount difference;         ///< of the last one, at its cut
        bool counted = true;       ///< it is final and part of `seen`
        std::uint64_t placed = 0;  ///< orders ever placed by then
        Amount steady;             ///< the difference that was seen so many times in a row
        std::int64_t seen = 0;
        std::uint64_t since = 0;   ///< orders ever placed by the first of these
        std::deque<Change> later;  ///< booked, and not contained in the last report
        template <class Archive>
        void describe(Archive& a) {
            a(report, difference, counted, placed, steady, seen, since, later);
        }
    };
    static void count(Watch& watch);

    std::int64_t reports_;
    std::uint64_t compared_ = 0;
    std::map<std::pair<Market, AssetId>, Watch> watches_;  ///< of every balance ever reported
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
