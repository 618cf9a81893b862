// Frames on their way into the pipeline: definitions of instruments, parsing, first listing, finer
// scales. Time, orders and money are in session.cpp.
#include <algorithm>

#include "adapters/venues/binance/instruments.hpp"
#include "adapters/venues/bybit/instruments.hpp"
#include "adapters/venues/okx/instruments.hpp"
#include "app/session.hpp"
#include "runtime/clock.hpp"

namespace parallax::app {
namespace {

/// 2200-01-01. A receive time beyond is damage, and would leave all later frames in its past.
constexpr UnixNanos kLatest = UnixNanos::from_millis(7'258'118'400'000);
constexpr int kMaxParses =
    4;  ///< a frame may need its instrument listed and its scale refined, twice at most

std::string definition_key(Market market, std::string_view symbol) {
    return std::string(to_string(market)) + "|" + std::string(symbol);
}

bool is_definitions(std::string_view url) {
    return url.find("exchangeInfo") != std::string_view::npos ||
           url.find("instruments") != std::string_view::npos;
}

InstrumentDefinition infer_definition(Market market, std::string_view symbol,
                                      std::uint8_t price_decimals, std::uint8_t quantity_decimals) {
    switch (venue_of(market)) {
        case Venue::Binance:
            return binance::infer_definition(market, symbol, price_decimals, quantity_decimals);
        case Venue::Okx:
            return okx::infer_definition(market, symbol, price_decimals, quantity_decimals);
        case Venue::Bybit:
            return bybit::infer_definition(market, symbol, price_decimals, quantity_decimals);
    }
    return {};
}

}  // namespace

void Session::define(const InstrumentDefinition& definition) {
    definitions_[definition_key(definition.market, definition.venue_symbol)] = definition;
    // Rules change while it runs, or have changed while nobody was there.
    const Universe& universe = pipeline_->universe();
    const auto known = universe.find(definition.market, definition.venue_symbol);
    if (known && universe.definition(*known) != definition) list(definition);
}

std::string_view Session::symbol_of(const ports::Frame& frame) const {
    if (!frame.symbol.empty()) return frame.symbol;
    const std::size_t at = frame.connection;
    InstrumentId id =
        at < last_on_connection_.size() ? last_on_connection_[at] : InstrumentId::none();
    if (!id.valid()) id = last_on_market_[static_cast<std::size_t>(frame.market)];
    return id.valid() ? std::string_view{pipeline_->universe().instrument(id).venue_symbol}
                      : std::string_view{};
}

void Session::remember_symbol(const ports::Frame& frame, InstrumentId id) {
    if (frame.connection >= last_on_connection_.size())
        last_on_connection_.resize(frame.connection + 1);
    last_on_connection_[frame.connection] = id;
    last_on_market_[static_cast<std::size_t>(frame.market)] = id;
}

void Session::on_frame(const ports::Frame& frame) {
    if (frame.kind == ports::FrameKind::Connected || frame.kind == ports::FrameKind::Sent) return;
    ++counts_.messages;
    if (frame.received < UnixNanos{} || frame.received > kLatest) {
        ++counts_.malformed;
        complain(std::string(to_string(frame.market)) + ": a receive time of " +
                 std::to_string(frame.received.nanos()) + " ns cannot be");
        return;
    }
    idle();
    advance(frame.received);
    if (frame.kind == ports::FrameKind::CsvQuote) {
        on_table_quote(frame);
        return;
    }
    if (frame.kind == ports::FrameKind::RestBody && is_definitions(frame.url)) {
        on_definitions(frame);
        return;
    }
    const MonoNanos start = stages_ == nullptr ? MonoNanos{} : runtime::mono_now();
    parse_and_feed(frame);
    const auto requests = pipeline_->take_requests();
    if (!requests.empty()) {
        if (stages_ != nullptr)
            stages_->tick_to_order.record((runtime::mono_now() - start).count());
        execution_->submit(requests, now_);
    }
    pipeline_->settle();
    if (!requests.empty()) exchange_orders();
}

HotResult<void> Session::parse(Market market, std::string_view bytes, std::string_view only_symbol,
                               UnixNanos received) {
    auto& parser = parsers_[static_cast<std::size_t>(market)];
    if (parser == nullptr) {
        const Universe& universe = pipeline_->universe();
        switch (venue_of(market)) {
            case Venue::Binance:
                parser =
                    std::make_unique<Parser>(std::in_place_type<binance::Parser>, market, universe);
                break;
            case Venue::Okx:
                parser =
                    std::make_unique<Parser>(std::in_place_type<okx::Parser>, market, universe);
                break;
            case Venue::Bybit:
                parser =
                    std::make_unique<Parser>(std::in_place_type<bybit::Parser>, market, universe);
                break;
        }
    }
    if (auto* venue = std::get_if<binance::Parser>(parser.get()))
        return venue->parse(bytes, received, parsed_, only_symbol);
    if (auto* venue = std::get_if<okx::Parser>(parser.get()))
        return venue->parse(bytes, received, parsed_);
    return std::get<bybit::Parser>(*parser).parse(bytes, received, parsed_);
}

void Session::parse_and_feed(const ports::Frame& frame) {
    for (int round = 0; round < kMaxParses; ++round) {
        const MonoNanos start = stages_ == nullptr ? MonoNanos{} : runtime::mono_now();
        const auto result = parse(frame.market, frame.bytes, symbol_of(frame), frame.received);
        if (stages_ != nullptr) stages_->parse.record((runtime::mono_now() - start).count());
        if (!result) {
            ++counts_.malformed;
            complain(std::string(to_string(frame.market)) +
                     ": malformed: " + std::string(frame.bytes.substr(0, 120)));
            return;
        }
        const bool unresolved = parsed_.has(ports::MarketFrame::kUnknownInstrument) ||
                                parsed_.has(ports::MarketFrame::kFinerScale);
        if (!unresolved) {
            feed(frame);
            return;
        }
        if (!resolve(frame.market)) break;
    }
    ++counts_.refused;
}

/// Lists an instrument seen for the first time, or grows a scale; true when the frame is worth
/// another parse.
bool Session::resolve(Market market) {
    if (parsed_.has(ports::MarketFrame::kFinerScale)) {
        const Instrument& listing = pipeline_->universe().instrument(parsed_.instrument);
        const SymbolId symbol = listing.symbol;
        const Scale price = pipeline_->universe().symbol(symbol).price_scale;
        const Scale quantity = pipeline_->universe().symbol(symbol).quantity_scale;
        const auto refined = pipeline_->on(messages::InstrumentRefined{
            parsed_.instrument, now_, parsed_.price_decimals, parsed_.quantity_decimals});
        if (!refined) {
            complain(refined.error().detail);
            return false;
        }
        const Symbol& grown = pipeline_->universe().symbol(symbol);
        const Rescale change{
            symbol, static_cast<std::uint8_t>(grown.price_scale.decimals - price.decimals),
            static_cast<std::uint8_t>(grown.quantity_scale.decimals - quantity.decimals)};
        crosses_->on_rescale(change);
        execution_->rescale(change);
        return true;
    }
    const std::string symbol{parsed_.note};
    const auto known = definitions_.find(definition_key(market, symbol));
    if (known != definitions_.end()) {
        list(known->second);
    } else {
        list(infer_definition(market, symbol, parsed_.price_decimals, parsed_.quantity_decimals));
    }
    return pipeline_->universe().find(market, symbol).has_value();
}

void Session::list(const InstrumentDefinition& definition) {
    std::vector<std::pair<Scale, Scale>> before;
    for (const Symbol& symbol : pipeline_->universe().symbols())
        before.emplace_back(symbol.price_scale, symbol.quantity_scale);
    const auto listed = pipeline_->on(messages::InstrumentListed{now_, definition});
    if (!listed) {
        complain(listed.error().detail);
        return;
    }
    for (std::size_t i = 0; i < before.size(); ++i) {
        const Symbol& symbol = pipeline_->universe().symbols()[i];
        const Rescale change{
            symbol.id,
            static_cast<std::uint8_t>(symbol.price_scale.decimals - before[i].first.decimals),
            static_cast<std::uint8_t>(symbol.quantity_scale.decimals - before[i].second.decimals)};
        if (change.price_digits == 0 && change.quantity_digits == 0) continue;
        crosses_->on_rescale(change);
        execution_->rescale(change);
    }
}

void Session::feed(const ports::Frame& frame) {
    using ports::MarketFrame;
    if (parsed_.has(MarketFrame::kControl) || parsed_.has(MarketFrame::kError)) ++counts_.control;
    if (parsed_.has(MarketFrame::kDepth)) {
        const InstrumentId id = parsed_.depth.instrument;
        remember_symbol(frame, id);
        pipeline_->on(parsed_.depth);
        if (pipeline_->applied().needs_snapshot) wanted_snapshot_ = id;
        if (paper_ != nullptr) {
            paper_->on_book(id);
            if (pipeline_->market().books()[id].tradable()) paper_->fund(id, *pipeline_, now_);
        }
    }
    if (parsed_.has(MarketFrame::kQuote)) {
        remember_symbol(frame, parsed_.quote.instrument);
        crosses_->on(parsed_.quote);
        pipeline_->on(parsed_.quote);
        if (paper_ != nullptr) paper_->on_book(parsed_.quote.instrument);
    }
    for (const messages::TradePrint& trade : parsed_.has(MarketFrame::kTrades)
                                                 ? parsed_.trades
                                                 : std::span<const messages::TradePrint>{}) {
        pipeline_->on(trade);
        if (paper_ != nullptr) paper_->on(trade);
    }
    if (parsed_.has(MarketFrame::kMark)) {
        pipeline_->on(parsed_.mark);
        if (paper_ != nullptr) paper_->on(parsed_.mark);
    }
}

void Session::on(const messages::FeedStatus& status) {
    advance(status.time);
    pipeline_->on(status);
    exchange_orders();
}

void Session::on(const messages::SetTradingState& command) {
    pipeline_->on(command);
    exchange_orders();
}

void Session::on_book_lost(Market market, std::string_view symbol) {
    const auto id = pipeline_->universe().find(market, symbol);
    if (!id) return;
    pipeline_->on(messages::BookLost{*id, now_});
    exchange_orders();
}

void Session::list_defined(Market market, const std::string& symbol) {
    if (pipeline_->universe().find(market, symbol)) return;
    const auto known = definitions_.find(definition_key(market, symbol));
    if (known != definitions_.end()) list(known->second);
}

void Session::on_delisted(Market market, std::string_view symbol) {
    const auto id = pipeline_->universe().find(market, symbol);
    if (!id) return;
    InstrumentDefinition definition = pipeline_->universe().definition(*id);
    definition.status = InstrumentStatus::Delisted;
    define(definition);
    exchange_orders();
}

void Session::on_definitions(const ports::Frame& frame) {
    std::optional<Result<std::vector<InstrumentDefinition>>> definitions;
    switch (venue_of(frame.market)) {
        case Venue::Binance:
            definitions = binance::parse_exchange_info(frame.market, frame.bytes);
            break;
        case Venue::Okx:
            definitions = okx::parse_instruments(frame.bytes);
            break;
        case Venue::Bybit:
            definitions = bybit::parse_instruments(frame.market, frame.bytes);
            break;
    }
    if (!*definitions) {
        ++counts_.malformed;
        complain(std::string(to_string(frame.market)) +
                 ": instrument definitions: " + definitions->error().detail);
        return;
    }
    for (const InstrumentDefinition& definition : **definitions) define(definition);
}

/// A row of a table of bars: best bid and ask without a book. Counts for the cross report, never
/// for trading.
void Session::on_table_quote(const ports::Frame& frame) {
    const auto fields = ports::split_quote(frame.bytes);
    if (!fields) {
        ++counts_.malformed;
        return;
    }
    const std::uint8_t price_decimals =
        std::max(significant_decimals((*fields)[0]), significant_decimals((*fields)[2]));
    const std::uint8_t quantity_decimals =
        std::max(significant_decimals((*fields)[1]), significant_decimals((*fields)[3]));
    for (int round = 0; round < kMaxParses; ++round) {
        const auto id = pipeline_->universe().find(frame.market, frame.symbol);
        parsed_.contents = ports::MarketFrame::kUnknownInstrument;
        parsed_.note = frame.symbol;
        parsed_.price_decimals = price_decimals;
        parsed_.quantity_decimals = quantity_decimals;
        if (id) {
            const WireFormat& wire = pipeline_->universe().instrument(*id).wire;
            const auto bid = parse_decimal((*fields)[0], wire.price_decimals);
            const auto ask = parse_decimal((*fields)[2], wire.price_decimals);
            const auto bid_size = parse_decimal((*fields)[1], wire.quantity_decimals);
            const auto ask_size = parse_decimal((*fields)[3], wire.quantity_decimals);
            if (bid && ask && bid_size && ask_size) {
                messages::BestQuote quote;
                quote.instrument = *id;
                quote.stamp.received = frame.received;
                quote.bid = {Price::from_raw(*bid),
                             Quantity::from_raw(*bid_size * wire.quantity_multiplier)};
                quote.ask = {Price::from_raw(*ask),
                             Quantity::from_raw(*ask_size * wire.quantity_multiplier)};
                crosses_->on(quote);
                pipeline_->on(quote);
                return;
            }
            parsed_.contents = ports::MarketFrame::kFinerScale;
            parsed_.instrument = *id;
        }
        if (!resolve(frame.market)) break;
    }
    ++counts_.refused;
}

}  // namespace parallax::app
