#include <algorithm>

#include "sim/engine/venue.hpp"

namespace parallax::sim_engine {

std::optional<ListingId> SimVenue::find_listing(Market market,
                                                std::string_view symbol) const noexcept {
    for (const Desk& desk : desks_) {
        const InstrumentDefinition& d = desk.listing.definition;
        if (d.market == market && d.venue_symbol == symbol) return desk.listing.id;
    }
    return std::nullopt;
}

std::optional<AssetId> SimVenue::find_asset(std::string_view name) const noexcept {
    const auto found = std::find(assets_.begin(), assets_.end(), name);
    if (found == assets_.end()) return std::nullopt;
    return AssetId{static_cast<AssetId::rep>(found - assets_.begin())};
}

std::vector<Level> SimVenue::levels(ListingId id, Side side, std::size_t most) const {
    const auto queues = book(id).levels(side);
    std::vector<Level> out;
    out.reserve(std::min(most, queues.size()));
    for (std::size_t i = queues.size(); i-- > 0 && out.size() < most;)
        out.push_back({queues[i].price, queues[i].quantity});
    return out;
}

const Order* SimVenue::order(OrderId id) const noexcept {
    const Slot slot = orders_.find(id);
    return slot == kNoSlot ? nullptr : &orders_[slot];
}

const Order* SimVenue::order(AccountId account_id, const ClientId& id) const noexcept {
    if (!known(account_id)) return nullptr;
    const auto& ids = accounts_[account_id.index()].by_client_id;
    const auto found = ids.find(id);
    return found == ids.end() ? nullptr : order(found->second);
}

std::vector<const Order*> SimVenue::open_orders(AccountId account_id, ListingId listing_id) const {
    std::vector<const Order*> out;
    const auto& open = accounts_[account_id.index()].open;
    for (std::size_t i = 0; i < open.size(); ++i) {
        if (listing_id.valid() && listing_id.index() != i) continue;
        for (const OrderId id : open[i]) out.push_back(order(id));
    }
    std::sort(out.begin(), out.end(), [](const Order* a, const Order* b) { return a->id < b->id; });
    return out;
}

std::vector<const Order*> SimVenue::closed_orders(AccountId account_id) const {
    std::vector<const Order*> out;
    for (const OrderId id : accounts_[account_id.index()].closed) out.push_back(order(id));
    return out;
}

std::vector<Fill> SimVenue::fills_since(AccountId account_id, std::uint64_t number) const {
    const auto& fills = accounts_[account_id.index()].fills;
    const auto first = std::partition_point(
        fills.begin(), fills.end(), [number](const Fill& fill) { return fill.number <= number; });
    return {first, fills.end()};
}

bool SimVenue::audit() const {
    if (!ledger_.conserved()) return false;
    std::vector<Amount> entry(assets_.size());
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
        const AccountId id{static_cast<AccountId::rep>(i)};
        const Account& account = accounts_[i];
        std::vector<Amount> margins(assets_.size());
        std::vector<Amount> held(assets_.size() * kWalletCount);
        std::uint32_t open_total = 0;
        for (std::size_t d = 0; d < desks_.size(); ++d) {
            const Listing& listing = desks_[d].listing;
            const Position& p = account.positions[d];
            entry[listing.quote.index()] += p.entry_value();
            margins[listing.quote.index()] += p.margin_booked;
            std::array<Quantity, 2> open{};
            std::array<Quantity, 2> reducing{};
            for (const OrderId order_id : account.open[d]) {
                const Order& order = *this->order(order_id);
                const Queue* const queue = desks_[d].book.find(order.side, order.price);
                if (!is_open(order.status) || queue == nullptr) return false;
                (order.reduce_only ? reducing : open)[static_cast<std::size_t>(order.side)] +=
                    order.remaining();
                const std::size_t wallet = static_cast<std::size_t>(listing.policy.wallet);
                held[wallet * assets_.size() + pays_with(order, listing).index()] += order.held;
                ++open_total;
            }
            for (const Side side : {Side::Buy, Side::Sell}) {
                if (!listing.perpetual) continue;
                if (p.open_quantity(side) != open[static_cast<std::size_t>(side)]) return false;
                if (reducing[static_cast<std::size_t>(side)] > p.reducible(side)) return false;
            }
        }
        if (open_total != account.open_total || margins != account.margin) return false;
        for (std::size_t k = 0; k < held.size(); ++k) {
            const auto wallet = static_cast<Wallet>(k / assets_.size());
            const AssetId asset_id{static_cast<AssetId::rep>(k % assets_.size())};
            if (ledger_.balance(id, wallet, asset_id).held != held[k]) return false;
        }
    }
    for (std::size_t a = 0; a < assets_.size(); ++a) {
        if (ledger_.clearing(AssetId{static_cast<AssetId::rep>(a)}) != -entry[a]) return false;
    }
    for (const Desk& desk : desks_) {
        for (const Side side : {Side::Buy, Side::Sell}) {
            for (const Queue& queue : desk.book.levels(side)) {
                Quantity sum;
                std::uint32_t count = 0;
                for (Slot slot = queue.first; slot != kNoSlot; slot = desk.book.after(slot)) {
                    sum += orders_[slot].remaining();
                    ++count;
                }
                if (sum != queue.quantity || count != queue.orders) return false;
            }
        }
        if (!desk.book.empty(Side::Buy) && !desk.book.empty(Side::Sell) &&
            desk.book.best(Side::Buy).price >= desk.book.best(Side::Sell).price) {
            return false;
        }
    }
    return true;
}

}  // namespace parallax::sim_engine
