#include "app/session.hpp"

#include <algorithm>

#include "adapters/venues/binance/instruments.hpp"
#include "adapters/venues/bybit/instruments.hpp"
#include "adapters/venues/okx/instruments.hpp"
#include "app/snapshot.hpp"
#include "journal/snapshot.hpp"
#include "runtime/clock.hpp"

namespace parallax::app {
namespace {

constexpr Nanos kTick = Nanos::millis(100);  ///< clock ticks of the services
constexpr Nanos kPause =
    Nanos::seconds(60);  ///< a longer silence is jumped over, not ticked through
constexpr std::size_t kMaxComplaints = 5;
constexpr std::size_t kSnapshotsKept = 2;  ///< the newest may turn out damaged
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

std::string run_configuration(const Settings& settings) {
    Settings copy = settings;
    std::string text = format_settings(copy, false);
    return text + "\n" + format_fees(settings.fees, "fees.");
}

Result<Settings> settings_of_run(const std::string& configuration) {
    return parse_settings(configuration, "journal's manifest");
}

Session::Session(const Settings& settings, SessionOptions options)
    : settings_{settings}, options_{std::move(options)}, events_(256) {}

Result<void> Session::open() {
    if (!options_.journal.empty()) {
        auto writer = journal::Writer::open(options_.journal, {});
        if (!writer) return tl::unexpected<Error>{writer.error()};
        journal_ = std::move(*writer);
        if (journal_->last_sequence() != 0) {
            return fail(Errc::Rejected,
                        options_.journal + ": holds a run already; give an empty directory");
        }
    }
    if (journal_ != nullptr) next_snapshot_ = options_.snapshot_every;
    messages::RunManifest manifest;
    manifest.seed = options_.seed;
    manifest.version = PLX_VERSION;
    manifest.mode = options_.mode;
    manifest.inputs = options_.inputs;
    manifest.configuration = run_configuration(settings_);
    pipeline_ = std::make_unique<Pipeline>(settings_, manifest, journal_.get());
    if (options_.measure) {
        stages_ = std::make_unique<StageLatency>();
        pipeline_->set_measured(stages_.get());
    }
    venue_ = std::make_unique<paper::PaperVenue>(pipeline_->universe(), pipeline_->market().books(),
                                                 settings_.fees, settings_.paper, options_.seed);
    crosses_ = std::make_unique<analytics::Crosses>(pipeline_->universe(), options_.thresholds);
    for (const InstrumentDefinition& definition : settings_.instruments) define(definition);
    return {};
}

std::optional<Error> Session::journal_error() const {
    if (journal_ == nullptr) return std::nullopt;
    const auto status = journal_->status();
    return status ? std::nullopt : std::optional{status.error()};
}

void Session::define(const InstrumentDefinition& definition) {
    definitions_[definition_key(definition.market, definition.venue_symbol)] = definition;
}

void Session::complain(std::string text) {
    if (complaints_.size() < kMaxComplaints) complaints_.push_back(std::move(text));
}

// ---- time
// -------------------------------------------------------------------------------------------------

void Session::reset_clock(UnixNanos now) {
    next_tick_ = UnixNanos::from_nanos((now.nanos() / kTick.count() + 1) * kTick.count());
}

void Session::advance(UnixNanos now) {
    if (!next_tick_.known()) reset_clock(now);
    for (;;) {
        const UnixNanos answer = venue_->next_due();
        const UnixNanos deadline = pipeline_->next_deadline();
        const UnixNanos tick = deadline.known() ? std::min(next_tick_, deadline) : next_tick_;
        const UnixNanos next = std::min(answer, tick);
        if (next > now) break;
        now_ = std::max(now_, next);
        if (answer <= tick) {
            venue_->advance(now_);
            exchange_orders();
            continue;
        }
        pipeline_->on(messages::ClockTick{now_});
        exchange_orders();
        report_balances();
        if (next_tick_ <= now_) next_tick_ = next_tick_ + kTick;
        if (now - next_tick_ > kPause && venue_->next_due() > now) reset_clock(now);
    }
    now_ = std::max(now_, now);
}

/// The venue says what the wallets hold, as it does every so often; portfolio compares.
void Session::report_balances() {
    if (now_ < next_reports_) return;
    next_reports_ = now_ + settings_.paper.balance_interval;
    venue_->advance(now_);
    for (const messages::BalanceReport& report : venue_->balance_reports()) pipeline_->on(report);
}

void Session::exchange_orders() {
    for (;;) {
        const auto requests = pipeline_->take_requests();
        submit(requests);
        const std::size_t count = venue_->poll(events_);
        for (std::size_t i = 0; i < count; ++i) pipeline_->on(events_[i]);
        std::array<messages::CashEvent, 16> cash;
        const std::size_t payments = venue_->poll_cash(cash);
        for (std::size_t i = 0; i < payments; ++i) pipeline_->on(cash[i]);
        if (count == 0 && payments == 0 && requests.empty()) return;
    }
}

/// What the venue has no room for never left: it is answered like an order it refused, so that the
/// plan behind it goes on. A lost cancel or query leaves an order without an end: trading asks.
void Session::submit(std::span<const messages::OrderRequest> requests) {
    if (requests.empty() || venue_->submit(requests)) return;
    for (const messages::OrderRequest& request : requests) {
        if (venue_->submit({&request, 1})) continue;
        if (request.action != messages::OrderAction::Place) continue;
        messages::OrderEvent event;
        event.kind = messages::OrderEventKind::Rejected;
        event.id = request.id;
        event.instrument = request.instrument;
        event.side = request.side;
        event.received = event.venue_time = now_;
        event.reason = {messages::ReasonCode::RateBudget, 0, settings_.paper.max_in_flight};
        refused_.push_back(event);
    }
    // The requests are the pipeline's until the next input: they must all have been read.
    for (const messages::OrderEvent& event : refused_) pipeline_->on(event);
    refused_.clear();
}

/// Between two inputs, with nothing on its way to the gateway. One that fails costs nothing but
/// itself.
void Session::take_snapshot() {
    next_snapshot_ = pipeline_->inputs() + options_.snapshot_every;
    auto written = journal_->sync();
    if (written)
        written = journal::write_snapshot(options_.journal, journal_->last_sequence(),
                                          to_snapshot(*pipeline_));
    if (written) written = journal::remove_old_snapshots(options_.journal, kSnapshotsKept);
    if (!written) complain("snapshot: " + written.error().detail);
}

// ---- frames
// -------------------------------------------------------------------------------------------------

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
    if (next_snapshot_ != 0 && pipeline_->inputs() >= next_snapshot_) take_snapshot();
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
    if (requests.empty()) return;
    if (stages_ != nullptr) stages_->tick_to_order.record((runtime::mono_now() - start).count());
    submit(requests);
    exchange_orders();
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
        venue_->rescale(change);
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
        venue_->rescale(change);
    }
    funded_.resize(pipeline_->universe().instruments().size());
}

void Session::feed(const ports::Frame& frame) {
    using ports::MarketFrame;
    if (parsed_.has(MarketFrame::kControl) || parsed_.has(MarketFrame::kError)) ++counts_.control;
    if (parsed_.has(MarketFrame::kDepth)) {
        const InstrumentId id = parsed_.depth.instrument;
        remember_symbol(frame, id);
        pipeline_->on(parsed_.depth);
        venue_->on_book(id);
        if (!funded_[id.index()] && pipeline_->market().books()[id].tradable()) fund(id);
    }
    if (parsed_.has(MarketFrame::kQuote)) {
        remember_symbol(frame, parsed_.quote.instrument);
        crosses_->on(parsed_.quote);
        pipeline_->on(parsed_.quote);
        venue_->on_book(parsed_.quote.instrument);
    }
    for (const messages::TradePrint& trade : parsed_.has(MarketFrame::kTrades)
                                                 ? parsed_.trades
                                                 : std::span<const messages::TradePrint>{}) {
        pipeline_->on(trade);
        venue_->on(trade);
    }
    if (parsed_.has(MarketFrame::kMark)) {
        pipeline_->on(parsed_.mark);
        venue_->on(parsed_.mark);
    }
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

// ---- paper money
// -------------------------------------------------------------------------------------------------

/// Lays out the paper money of an instrument's wallet when its first book is live and gives a
/// price.
void Session::fund(InstrumentId id) {
    funded_[id.index()] = true;
    const Universe& universe = pipeline_->universe();
    const Instrument& listing = universe.instrument(id);
    const Market wallet = wallet_of(listing.market);
    const Level best = pipeline_->market().books()[id].best_bid();
    const Amount base = settings_.funding.base_value.is_zero()
                            ? Amount{}
                            : divide_by_price(settings_.funding.base_value, best.price,
                                              universe.symbol_of(id).price_scale, Rounding::Down);
    if (is_inverse(listing.kind)) {
        deposit(wallet, listing.settle, base);
        return;
    }
    deposit(wallet, listing.quote, settings_.funding.quote_per_wallet);
    if (is_spot(listing.kind)) deposit(wallet, listing.base, base);
}

void Session::deposit(Market wallet, AssetId asset, Amount amount) {
    const std::uint64_t key = static_cast<std::uint64_t>(wallet) << 32 | asset.raw();
    if (std::ranges::find(funded_keys_, key) != funded_keys_.end()) return;
    funded_keys_.push_back(key);
    const std::string& name = pipeline_->universe().asset_name(asset);
    bool named = false;
    for (const Balance& balance : settings_.balances) {
        if (balance.wallet != wallet) continue;
        if (!named)
            amount = Amount{};  // a wallet that is named has what is named, and nothing else
        named = true;
        if (balance.asset == name) amount = balance.amount;
    }
    if (amount <= Amount{}) return;
    venue_->deposit(wallet, asset, amount);
    pipeline_->on(messages::ExternalFlow{wallet, asset, amount, now_});
}

Amount Session::venue_difference(AssetId asset) const {
    Amount ours, theirs;
    for (const MarketInfo& market : kMarkets) {
        if (market.wallet != market.market) continue;
        for (const messages::Bucket bucket :
             {messages::Bucket::Available, messages::Bucket::Reserved, messages::Bucket::Margin,
              messages::Bucket::InTransit}) {
            ours += pipeline_->portfolio().ledger().balance(market.market, asset, bucket);
        }
        theirs += venue_->balance(market.market, asset);
    }
    return ours - theirs;
}

bool Session::consistent() const {
    for (const messages::Attribution& total : pipeline_->portfolio().totals()) {
        if (!total.residual.is_zero()) return false;
    }
    for (const portfolio::Conservation& asset : pipeline_->portfolio().conservation()) {
        if (!asset.residual.is_zero() || !venue_difference(asset.asset).is_zero()) return false;
    }
    return true;
}

Result<void> Session::finish() {
    // What is open gets the time its own deadlines ask for.
    const UnixNanos end = now_ + Nanos::seconds(30);
    while (now_ < end && (!venue_->quiet() || pipeline_->trading().open_plans() > 0))
        advance(now_ + kTick);
    pipeline_->finish();
    exchange_orders();
    if (journal_ != nullptr) {
        if (const auto synced = journal_->sync(); !synced) return synced;
    }
    if (const auto error = journal_error()) return tl::unexpected<Error>{*error};
    return {};
}

}  // namespace parallax::app
