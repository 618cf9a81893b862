#pragma once

#include "core/amount.hpp"
#include "core/price.hpp"
#include "sim/engine/listing.hpp"

namespace parallax::sim_engine {

/// One account's position in one perpetual (one-way mode), with the open orders that could make it
/// grow. The price paid is kept as a sum, which is exact; the entry price is its quotient.
class Position {
public:
    [[nodiscard]] Quantity quantity() const noexcept { return quantity_; }  ///< signed
    /// What was paid for it, signed as the quantity.
    [[nodiscard]] Amount entry_value() const noexcept { return entry_value_; }
    [[nodiscard]] Amount realised() const noexcept { return realised_; }  ///< since ever
    /// Of one unit, rounded; zero when there is no position.
    [[nodiscard]] Price entry_price(const Listing& listing) const noexcept;
    [[nodiscard]] std::uint16_t leverage() const noexcept { return leverage_; }
    void set_leverage(std::uint16_t leverage) noexcept { leverage_ = leverage; }
    [[nodiscard]] Quantity magnitude() const noexcept {
        return quantity_ < Quantity{} ? Quantity{} - quantity_ : quantity_;
    }
    /// How much an order of this side could reduce.
    [[nodiscard]] Quantity reducible(Side side) const noexcept {
        const bool against = side == Side::Buy ? quantity_ < Quantity{} : quantity_ > Quantity{};
        return against ? magnitude() : Quantity{};
    }

    /// Takes a fill and returns the profit it realises. What a partial close releases of the entry
    /// value is rounded against the account, and the profit cut to the digits the venue pays in;
    /// nothing is lost by it, the rest of the position carries the difference.
    Amount apply(const Listing& listing, Side side, Price price, Quantity quantity) noexcept;

    /// At a mark price: what closing would bring.
    [[nodiscard]] Amount unrealised(const Listing& listing, Price mark) const noexcept;
    [[nodiscard]] Amount mark_value(const Listing& listing, Price mark) const noexcept {
        return listing.notional(mark, magnitude());
    }
    [[nodiscard]] Amount maintenance(const Listing& listing, Price mark) const noexcept {
        return parallax::apply(listing.maintenance_margin, mark_value(listing, mark), Rounding::Up);
    }
    /// Initial margin of the position and of the open orders on whichever side could make it
    /// larger, orders against the position counting only beyond its size.
    [[nodiscard]] Amount margin(const Listing& listing, Price mark) const noexcept;

    /// Open orders that are not reduce-only: their remaining quantity and worth.
    void add_order(Side side, Quantity quantity, Amount worth) noexcept {
        open_quantity_[static_cast<std::size_t>(side)] += quantity;
        open_worth_[static_cast<std::size_t>(side)] += worth;
    }
    [[nodiscard]] Quantity open_quantity(Side side) const noexcept {
        return open_quantity_[static_cast<std::size_t>(side)];
    }

    Amount margin_booked;  ///< as it is in the account's sum

    template <class Archive>
    void describe(Archive& a) {
        a(quantity_, entry_value_, realised_, leverage_, open_quantity_, open_worth_,
          margin_booked);
    }

private:
    Quantity quantity_;
    Amount entry_value_;
    Amount realised_;
    std::uint16_t leverage_ = 1;
    std::array<Quantity, 2> open_quantity_{};
    std::array<Amount, 2> open_worth_{};
};

}  // namespace parallax::sim_engine
