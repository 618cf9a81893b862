#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "core/ids.hpp"

namespace parallax::sim_engine {

using AccountId = Id<struct SimAccountTag, std::uint32_t>;    ///< dense; 0 is the house
using ListingId = Id<struct SimListingTag, std::uint32_t>;    ///< dense, in order of listing
using OrderId = Id<struct SimOrderTag, std::uint64_t>;        ///< rises over the whole venue
using TradeId = Id<struct SimTradeTag, std::uint64_t>;        ///< rises by one a listing
using MovementId = Id<struct SimMovementTag, std::uint64_t>;  ///< transfer, deposit, withdrawal

/// Where an account keeps its assets. A venue with unified accounts (OKX, Bybit) has no
/// Derivatives wallet: perpetuals settle in Trading.
enum class Wallet : std::uint8_t { Trading, Funding, Derivatives };
inline constexpr std::size_t kWalletCount = 3;

enum class OrderType : std::uint8_t { Limit, Market };
enum class TimeInForce : std::uint8_t { GoodTillCancel, ImmediateOrCancel, FillOrKill };

/// What happens when an order meets one of the same owner. The taker's mode decides.
enum class SelfTrade : std::uint8_t {
    Allow,
    CancelTaker,
    CancelMaker,
    CancelBoth,
    Decrement,  ///< both shrink by the smaller one, without a trade
};

enum class OrderStatus : std::uint8_t {
    New,
    PartiallyFilled,
    Filled,
    Cancelled,  ///< by its owner, or by somebody in the owner's name
    Expired,    ///< by the rules of the order or the venue
};
[[nodiscard]] constexpr bool is_open(OrderStatus status) noexcept {
    return status == OrderStatus::New || status == OrderStatus::PartiallyFilled;
}

enum class ListingState : std::uint8_t {
    Trading,
    Halted,      ///< no new orders, no amends; cancels work
    PostOnly,    ///< only orders that rest
    CancelOnly,  ///< as Halted; venues tell the two apart
    Delisted,    ///< all orders are gone
};

/// Text of at most 40 bytes that is copied like a number: client order ids.
class ClientId {
public:
    static constexpr std::size_t kMost = 40;
    constexpr ClientId() = default;
    /// Longer text is cut: fronts check lengths first, each by its venue's rule.
    explicit ClientId(std::string_view text) noexcept
        : size_{static_cast<std::uint8_t>(std::min(text.size(), kMost))} {
        std::memcpy(text_.data(), text.data(), size_);
    }
    [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), size_}; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    friend bool operator==(const ClientId& a, const ClientId& b) noexcept {
        return a.text() == b.text();
    }
    friend bool operator<(const ClientId& a, const ClientId& b) noexcept {
        return a.text() < b.text();
    }
    template <class Archive>
    void describe(Archive& a) {
        a(text_, size_);
        size_ = std::min<std::uint8_t>(size_, kMost);
    }

private:
    std::array<char, kMost> text_{};
    std::uint8_t size_ = 0;
};

}  // namespace parallax::sim_engine
