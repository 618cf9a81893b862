#pragma once

#include <algorithm>
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
/// acted upon when it was the same in several reports in a row and nothing that was not told yet
/// can explain it any more: every order that was open at the first of them is over, for one still
/// open may have filled without anybody telling; and the venue's list of cash events was read up to
/// the first of them, for funding is in a balance before it is told. A list that cannot be read is
/// waited for so long and no longer.
class Reconciler {
public:
    static constexpr std::uint64_t kNone = ~std::uint64_t{0};
    Reconciler(std::int64_t reports, Nanos cash_patience) noexcept
        : reports_{reports}, cash_patience_{cash_patience} {}

    void advance(UnixNanos now) noexcept { now_ = std::max(now_, now); }
    /// A change of what the venue calls the balance.
    void booked(Market wallet, AssetId asset, Amount amount, Cut cut);
    /// All cash events of the wallet until then, by the venue's clock, are booked. Nobody waits for
    /// those of a wallet this was never said of.
    void cash_told(Market wallet, UnixNanos until);

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
        a(watches_, compared_, cash_told_, now_);
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
        UnixNanos first;           ///< the time of the first of these, by the venue's clock
        UnixNanos first_seen;      ///< and by ours
        std::deque<Change> later;  ///< booked, and not contained in the last report
        template <class Archive>
        void describe(Archive& a) {
            a(report, difference, counted, placed, steady, seen, since, first, first_seen, later);
        }
    };
    void count(Watch& watch) const;
    [[nodiscard]] bool awaits_cash(Market wallet, const Watch& watch) const noexcept;

    std::int64_t reports_;
    Nanos cash_patience_;
    UnixNanos now_;
    std::uint64_t compared_ = 0;
    std::map<Market, UnixNanos> cash_told_;
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
