#include "app/sim_truth.hpp"

#include <algorithm>

#include "app/report.hpp"

namespace parallax::app {
namespace {

constexpr std::size_t kLevels = 20;  // of each side of each book

using messages::Bucket;
using sim_engine::SimVenue;
using sim_engine::Wallet;

/// A number of one scale in another; the larger one of the two is exact.
struct Scaled {
    std::int64_t raw;
    std::uint8_t decimals;
    friend bool operator==(const Scaled& a, const Scaled& b) noexcept {
        const auto most = std::max(a.decimals, b.decimals);
        const auto up = [&](const Scaled& s) {
            return static_cast<__int128>(s.raw) *
                   pow10(static_cast<std::uint8_t>(most - s.decimals));
        };
        return up(a) == up(b);
    }
    [[nodiscard]] std::string text() const { return format_decimal(raw, decimals); }
};

class Inquiry {
public:
    Inquiry(const Session& session, const LiveExecution& execution, sim_world::SimWorld& world,
            std::uint64_t fills_before)
        : session_{session}, execution_{execution}, world_{world}, before_{fills_before} {}

    std::vector<std::string> all() {
        for (const Venue venue : {Venue::Binance, Venue::Okx, Venue::Bybit}) {
            if (!world_.venue(venue).audit()) say(venue, "the venue's own sums are wrong");
            open_orders(venue);
        }
        wallets();
        fills();
        plans();
        for (const Instrument& listing : pipeline().universe().instruments()) {
            const auto id = world_.venue(venue_of(listing.market))
                                .find_listing(listing.market, listing.venue_symbol);
            if (!id) continue;
            book(listing, *id);
            position(listing, *id);
        }
        return std::move(found_);
    }

private:
    [[nodiscard]] const Pipeline& pipeline() const noexcept { return session_.pipeline(); }
    [[nodiscard]] sim_engine::AccountId account(Venue venue) const {
        return world_.account(venue, 0);
    }
    void say(Venue venue, const std::string& what) {
        found_.push_back(std::string{to_string(venue)} + ": " + what);
    }

    void open_orders(Venue at) {
        for (const sim_engine::Order* order : world_.venue(at).open_orders(account(at), {}))
            say(at, "order " + std::string{order->client_id.text()} + " is still open");
    }

    void wallets() {
        if (!session_.consistent())
            found_.emplace_back("the session itself sees that its ledger differs");
        for (const MarketInfo& market : kMarkets) {
            if (market.wallet != market.market) continue;
            const Wallet wallet =
                market.market == Market::BinanceUsdm ? Wallet::Derivatives : Wallet::Trading;
            const SimVenue& venue = world_.venue(market.venue);
            for (std::size_t i = 0; i < pipeline().universe().asset_count(); ++i) {
                const AssetId ours{static_cast<AssetId::rep>(i)};
                const std::string& name = pipeline().universe().asset_name(ours);
                Amount ledger;
                for (const Bucket bucket :
                     {Bucket::Available, Bucket::Reserved, Bucket::Margin, Bucket::InTransit})
                    ledger += pipeline().portfolio().ledger().balance(market.market, ours, bucket);
                Amount truth;
                const auto theirs = venue.find_asset(name);
                const bool known =
                    market.market != Market::BinanceCoinm && market.market != Market::BybitInverse;
                if (theirs && known)
                    truth = venue.balance(account(market.venue), wallet, *theirs).total;
                if (ledger == truth) continue;
                found_.push_back(std::string{to_string(market.market)} + ": the ledger has " +
                                 ledger.text() + " " + name + ", the venue " + truth.text() +
                                 ", told was " + execution_.balance(market.market, ours).text());
            }
        }
    }

    void fills() {
        const std::uint64_t theirs = fills_at_venues(world_) - before_;
        const portfolio::Counters& ours = pipeline().portfolio().counters();
        if (ours.fills != theirs)
            found_.push_back(std::to_string(theirs) + " fills at the venues, " +
                             std::to_string(ours.fills) + " booked");
        for (const portfolio::AlarmRaised& raised : pipeline().alarms())
            found_.push_back("alarm: " + text_of(raised, pipeline().universe()));
        for (std::size_t i = 0; i < portfolio::kAlarmCount; ++i) {
            if (ours.alarms[i] != 0)
                found_.push_back(std::to_string(ours.alarms[i]) + " alarms: " +
                                 std::string{to_string(static_cast<portfolio::Alarm>(i))});
        }
        if (ours.inexact_attributions != 0)
            found_.push_back(std::to_string(ours.inexact_attributions) + " inexact attributions");
    }

    void plans() {
        const std::size_t trading = pipeline().trading().open_plans();
        const std::size_t booked = pipeline().portfolio().open_plans();
        if (trading != 0) found_.push_back(std::to_string(trading) + " plans are open");
        if (booked != 0) found_.push_back(std::to_string(booked) + " plans are open in the ledger");
        if (const auto orphans = pipeline().trading().counters().orphan_fills; orphans != 0)
            found_.push_back(std::to_string(orphans) + " fills of forgotten plans");
    }

    void book(const Instrument& listing, sim_engine::ListingId id) {
        const SimVenue& venue = world_.venue(venue_of(listing.market));
        const sim_engine::Listing& theirs = venue.listing(id);
        const book::FeedBook& ours = pipeline().market().books()[listing.id];
        const Symbol& symbol = pipeline().universe().symbol_of(listing.id);
        if (!ours.tradable()) return;  // told elsewhere
        for (const Side side : {Side::Buy, Side::Sell}) {
            auto cursor = ours.cursor(side);
            std::size_t depth = 0;
            for (const Level& level : venue.levels(id, side, kLevels)) {
                const Scaled price{level.price.raw(), theirs.price_scale.decimals};
                const Scaled quantity{level.quantity.raw(), theirs.quantity_scale.decimals};
                const Level mine = cursor.done() ? Level{} : *cursor;
                const Scaled my_price{mine.price.raw(), symbol.price_scale.decimals};
                const Scaled my_quantity{mine.quantity.raw(), symbol.quantity_scale.decimals};
                if (!(price == my_price) || !(quantity == my_quantity)) {
                    found_.push_back(
                        std::string{to_string(listing.market)} + " " + listing.venue_symbol +
                        (side == Side::Buy ? ": bid " : ": ask ") + std::to_string(depth) + " is " +
                        quantity.text() + " at " + price.text() + ", our book says " +
                        my_quantity.text() + " at " + my_price.text());
                    break;
                }
                ++depth;
                ++cursor;
            }
        }
    }

    void position(const Instrument& listing, sim_engine::ListingId id) {
        if (listing.kind == InstrumentKind::Spot) return;
        const Venue at = venue_of(listing.market);
        const SimVenue& venue = world_.venue(at);
        const Scaled theirs{venue.position(account(at), id).quantity().raw(),
                            venue.listing(id).quantity_scale.decimals};
        const auto exact = Amount::parse(theirs.text());
        Amount ours;
        for (const portfolio::PositionReport& report : pipeline().portfolio().positions()) {
            if (report.instrument == listing.id) ours = report.net;
        }
        if (!exact || ours != *exact)
            found_.push_back(std::string{to_string(listing.market)} + " " + listing.venue_symbol +
                             ": the position is " + theirs.text() + ", the ledger says " +
                             ours.text());
    }

    const Session& session_;
    const LiveExecution& execution_;
    sim_world::SimWorld& world_;
    std::uint64_t before_;
    std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> differences(const Session& session, const LiveExecution& execution,
                                     sim_world::SimWorld& world, std::uint64_t fills_before) {
    return Inquiry{session, execution, world, fills_before}.all();
}

std::uint64_t fills_at_venues(sim_world::SimWorld& world) {
    std::uint64_t count = 0;
    for (const Venue venue : {Venue::Binance, Venue::Okx, Venue::Bybit})
        count += world.venue(venue).fills_since(world.account(venue, 0), 0).size();
    return count;
}

}  // namespace parallax::app
