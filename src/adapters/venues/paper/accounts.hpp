#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "adapters/venues/paper/config.hpp"
#include "book/book_set.hpp"
#include "core/fees.hpp"
#include "core/instrument.hpp"
#include "messages/portfolio.hpp"
#include "messages/trade.hpp"

namespace parallax::paper {

/// One asset of one wallet as the venue keeps it.
struct Balance {
    Amount total;       ///< negative only when a price jumped past what liquidation could save
    Amount held;        ///< behind open orders
    Amount margin;      ///< behind positions
    bool used = false;  ///< there was a movement: reported from then on, even at zero
    [[nodiscard]] Amount available() const noexcept { return total - held - margin; }
    template <class Archive>
    void describe(Archive& a) {
        a(total, held, margin, used);
    }
};

/// Open derivative position at average cost.
struct Position {
    Quantity quantity;  ///< positive long, negative short
    Amount cost;        ///< what the open quantity was entered for, in the settle asset
    Amount margin;      ///< held for it: cost / leverage, rounded up
    template <class Archive>
    void describe(Archive& a) {
        a(quantity, cost, margin);
    }
};

/// Where an asset went, over all wallets: deposits = sum of wallets + fees + counterparty, always.
struct AssetFlow {
    Amount deposits;
    Amount fees;          ///< paid to the venue
    Amount counterparty;  ///< given to those we traded with, funding included
    template <class Archive>
    void describe(Archive& a) {
        a(deposits, fees, counterparty);
    }
};

/// The venue's books of our accounts. Every rounding goes against us, at 1e-18: what we pay, is
/// held and is charged rounds up, what we receive and what is rebated rounds down. Anybody who
/// books the same fills with these rules has the same balances to the last unit:
///   spot       quote moves by price x quantity, base by quantity, then the fee (rate x what it is
///   taken from, up). positions  average cost. The value of a fill is in quote (linear) or base
///   (inverse) currency; it is paid on a
///              linear purchase or an inverse sale, else received. `cost` grows by the value of
///              what a fill opens and shrinks by cost x closed / open; the difference of that share
///              and the value of what it closes is realised. A fill that turns a position opens its
///              whole value less that of the part that closes.
class Accounts {
public:
    Accounts(const Universe& universe, const book::BookSet& books, const FeeSchedule& fees,
             const Config& config)
        : universe_{universe}, books_{books}, fees_{fees}, config_{config} {}

    void deposit(Market wallet, AssetId asset, Amount amount);
    [[nodiscard]] Balance balance(Market wallet, AssetId asset) const noexcept;
    [[nodiscard]] Position position(InstrumentId instrument) const noexcept;
    [[nodiscard]] AssetFlow flow(AssetId asset) const noexcept;

    /// What an order over `quantity` holds at worst, and of which asset of the instrument's wallet.
    struct Need {
        AssetId asset;
        Amount amount;
    };
    [[nodiscard]] Need need(const messages::OrderRequest& order, Quantity quantity) const noexcept;
    void hold(Market market, AssetId asset, Amount amount);  ///< negative gives back

    /// Books one execution and returns its fee.
    struct Fee {
        AssetId asset;
        Amount amount;
    };
    Fee fill(const Instrument& listing, Side side, Price price, Quantity quantity, bool maker);
    /// Closes the whole position at a price, for a fee of its value in the settle asset.
    Fee liquidate(const Instrument& listing, Price price, Rate fee);
    /// Profit of the open position at a price, rounded against us.
    [[nodiscard]] Amount unrealised(const Instrument& listing, Price price) const;
    /// Value of the open position at a price in the settle asset, rounded up.
    [[nodiscard]] Amount exposure(const Instrument& listing, Price price) const;
    /// Number of the last change of a wallet.
    [[nodiscard]] std::uint64_t updates(Market wallet) const noexcept {
        return updates_[static_cast<std::size_t>(wallet)];
    }
    /// Books the funding of an open position: quantity x mark x rate, paid by longs when the rate
    /// is positive. Returns what was received, negative when paid, in the settle asset.
    Amount fund(const Instrument& listing, Price mark, Rate rate);
    /// How much of `quantity` on `side` would reduce the position at most.
    [[nodiscard]] Quantity reducible(InstrumentId instrument, Side side,
                                     Quantity quantity) const noexcept;

    /// Appends what each wallet holds, by wallet and asset, also where it holds nothing any more.
    void report(UnixNanos time, std::vector<messages::BalanceReport>& out) const;
    void rescale(InstrumentId instrument, std::int64_t quantity_factor) noexcept;

    template <class Archive>
    void describe(Archive& a) {
        a(balances_, positions_, flows_, updates_);
    }

private:
    enum class Other : std::uint8_t { Deposits, Fees, Counterparty };
    Balance& at(Market wallet, AssetId asset);
    void move(Market wallet, AssetId asset, Amount change, Other other);
    Fee fill_spot(const Instrument& listing, Side side, Price price, Quantity quantity,
                  const FeeRates& rates, Rate rate);
    Fee fill_derivative(const Instrument& listing, Side side, Price price, Quantity quantity,
                        Rate rate, FeeAsset fee_asset);
    void trade_position(const Instrument& listing, Side side, Price price, Quantity quantity);
    void set_margin(const Instrument& listing, Position& position);
    [[nodiscard]] Amount value(const Instrument& listing, Price price, Quantity quantity,
                               Rounding rounding) const;
    [[nodiscard]] std::optional<Fee> other_fee(const Instrument& listing, AssetId valued_in,
                                               Amount fee) const;
    [[nodiscard]] std::int64_t leverage(const Instrument& listing) const noexcept;

    const Universe& universe_;
    const book::BookSet& books_;
    const FeeSchedule& fees_;
    const Config& config_;
    std::array<std::vector<Balance>, kMarketCount> balances_;  ///< by wallet and asset
    std::vector<Position> positions_;                          ///< by instrument
    std::vector<AssetFlow> flows_;                             ///< by asset
    std::array<std::uint64_t, kMarketCount> updates_{};        ///< by wallet
};

}  // namespace parallax::paper
