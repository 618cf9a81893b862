#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "adapters/venues/binance/instruments.hpp"
#include "adapters/venues/binance/parse.hpp"
#include "adapters/venues/bybit/instruments.hpp"
#include "adapters/venues/bybit/parse.hpp"
#include "adapters/venues/okx/instruments.hpp"
#include "adapters/venues/okx/parse.hpp"
#include "ports/market_feed.hpp"
#include "services/market_data/service.hpp"

namespace parallax::feed_testing {

/// What stands behind a feed in the product, as far as books go: the venue's parser, the universe
/// and the books, which say when they need a snapshot.
class Reader {
public:
    explicit Reader(ports::MarketFeed& feed) : feed_{feed} {
        config_.stale_after = Nanos::seconds(60);
    }

    /// Takes everything the feed's last call brought.
    void take(UnixNanos now) {
        now_ = now;
        for (const ports::Frame& frame : feed_.frames()) on(frame);
        for (const messages::FeedStatus& status : feed_.statuses()) {
            service_.on(status);
            (status.up ? ups : downs) += 1;
        }
        for (const ports::FeedNotice& notice : feed_.notices()) notices.push_back(notice);
    }
    [[nodiscard]] const book::FeedBook* book(Market market, const std::string& symbol) const {
        const auto id = service_.universe().find(market, symbol);
        return id ? &service_.books()[*id] : nullptr;
    }
    [[nodiscard]] const Symbol& symbol_of(Market market, const std::string& symbol) const {
        return service_.universe().symbol_of(*service_.universe().find(market, symbol));
    }
    [[nodiscard]] bool tradable(Market market, const std::string& symbol) const {
        const book::FeedBook* const found = book(market, symbol);
        return found != nullptr && found->tradable();
    }
    [[nodiscard]] const messages::BestQuote* quote(Market market, const std::string& symbol) const {
        const auto id = service_.universe().find(market, symbol);
        const auto found = id ? quotes_.find(id->raw()) : quotes_.end();
        return found == quotes_.end() ? nullptr : &found->second;
    }
    void forget_quotes() { quotes_.clear(); }
    /// Trades told more than once.
    [[nodiscard]] std::size_t doubles() const {
        std::size_t sum = 0;
        for (const auto& [id, times] : trade_ids) sum += static_cast<std::size_t>(times - 1);
        return sum;
    }
    /// Holes in the trade ids of an instrument, for venues that count without.
    [[nodiscard]] std::size_t missing_trades() const {
        std::size_t holes = 0;
        for (auto it = trade_ids.begin(); it != trade_ids.end(); ++it) {
            const auto next = std::next(it);
            if (next == trade_ids.end() || next->first.first != it->first.first) continue;
            holes += next->first.second - it->first.second - 1;
        }
        return holes;
    }
    [[nodiscard]] std::size_t notices_of(ports::FeedNoticeKind kind) const {
        return static_cast<std::size_t>(std::count_if(
            notices.begin(), notices.end(), [&](const auto& one) { return one.kind == kind; }));
    }

    std::vector<ports::FeedNotice> notices;
    std::size_t ups = 0, downs = 0;
    std::size_t malformed = 0, errors = 0, trades = 0, marks = 0, snapshots = 0, asked = 0;
    std::string complaint;
    std::map<std::pair<std::uint32_t, std::uint64_t>, int> trade_ids;  ///< instrument and id: times

private:
    using Parser = std::variant<binance::Parser, okx::Parser, bybit::Parser>;

    void on(const ports::Frame& frame) {
        if (frame.kind == ports::FrameKind::Connected) return;
        if (frame.kind == ports::FrameKind::RestBody && frame.symbol.empty()) return define(frame);
        snapshots += frame.kind == ports::FrameKind::RestBody ? 1 : 0;
        for (int round = 0; round < 3; ++round) {
            ports::MarketFrame out;
            if (!parse(frame, out)) {
                ++malformed;
                complaint = frame.bytes.substr(0, 300);
                return;
            }
            if (!out.has(ports::MarketFrame::kFinerScale)) return apply(frame, out);
            EXPECT_TRUE(service_.on(messages::InstrumentRefined{
                out.instrument, now_, out.price_decimals, out.quantity_decimals}));
        }
    }
    void apply(const ports::Frame& frame, const ports::MarketFrame& out) {
        using ports::MarketFrame;
        errors += out.has(MarketFrame::kError) ? 1 : 0;
        EXPECT_FALSE(out.has(MarketFrame::kUnknownInstrument)) << out.note;
        if (out.has(MarketFrame::kDepth)) {
            const InstrumentId id = out.depth.instrument;
            const std::string symbol = service_.universe().instrument(id).venue_symbol;
            if (service_.on(out.depth).needs_snapshot) {
                ++asked;
                feed_.resync(frame.market, symbol, now_);
            }
        }
        if (out.has(MarketFrame::kQuote)) {
            quotes_[out.quote.instrument.raw()] = out.quote;
            service_.on(out.quote);
        }
        if (out.has(MarketFrame::kTrades)) {
            for (const messages::TradePrint& trade : out.trades) {
                ++trades;
                ++trade_ids[{trade.instrument.raw(), trade.trade_id}];
            }
        }
        marks += out.has(MarketFrame::kMark) ? 1 : 0;
    }
    HotResult<void> parse(const ports::Frame& frame, ports::MarketFrame& out) {
        auto& parser = parsers_[static_cast<std::size_t>(frame.market)];
        const Universe& universe = service_.universe();
        if (!parser) {
            switch (venue_of(frame.market)) {
                case Venue::Binance:
                    parser = std::make_unique<Parser>(std::in_place_type<binance::Parser>,
                                                      frame.market, universe);
                    break;
                case Venue::Okx:
                    parser = std::make_unique<Parser>(std::in_place_type<okx::Parser>, frame.market,
                                                      universe);
                    break;
                case Venue::Bybit:
                    parser = std::make_unique<Parser>(std::in_place_type<bybit::Parser>,
                                                      frame.market, universe);
                    break;
            }
        }
        if (auto* of = std::get_if<binance::Parser>(parser.get()))
            return of->parse(frame.bytes, frame.received, out, frame.symbol);
        if (auto* of = std::get_if<okx::Parser>(parser.get()))
            return of->parse(frame.bytes, frame.received, out);
        return std::get<bybit::Parser>(*parser).parse(frame.bytes, frame.received, out);
    }
    void define(const ports::Frame& frame) {
        const auto definitions = [&]() -> Result<std::vector<InstrumentDefinition>> {
            switch (venue_of(frame.market)) {
                case Venue::Binance:
                    return binance::parse_exchange_info(frame.market, frame.bytes);
                case Venue::Okx:
                    return okx::parse_instruments(frame.bytes);
                case Venue::Bybit:
                    return bybit::parse_instruments(frame.market, frame.bytes);
            }
            return fail(Errc::Rejected, "");
        }();
        ASSERT_TRUE(definitions) << definitions.error().detail;
        for (const InstrumentDefinition& definition : *definitions) {
            const auto listed = service_.on(messages::InstrumentListed{now_, definition});
            EXPECT_TRUE(listed) << listed.error().detail;
        }
    }

    ports::MarketFeed& feed_;
    market_data::Config config_;
    market_data::Service service_{config_};
    std::array<std::unique_ptr<Parser>, kMarketCount> parsers_;
    std::map<std::uint32_t, messages::BestQuote> quotes_;
    UnixNanos now_;
};

}  // namespace parallax::feed_testing
