#include "adapters/recording/source.hpp"

#include <algorithm>

#include "adapters/recording/blocks.hpp"
#include "adapters/recording/combined.hpp"
#include "adapters/recording/evidence.hpp"
#include "adapters/recording/formats.hpp"
#include "adapters/recording/recording_reader.hpp"

namespace parallax::recording {
namespace {

namespace fs = std::filesystem;
using ports::Frame;
using Source = std::unique_ptr<ports::FrameSource>;

/// Frames of a file of lines.
template <class Format>
class LineSource final : public ports::FrameSource {
public:
    LineSource(Market market, const Storage& storage, std::unique_ptr<BlockSource> blocks,
               Format format)
        : market_{market},
          name_{storage.name()},
          size_{storage.size()},
          lines_{std::move(blocks)},
          format_{std::move(format)} {}

    Result<bool> next(Frame& frame) override {
        for (std::string_view line;;) {
            auto more = lines_.next(line);
            if (!more) return more;
            if (!*more) {
                finish();
                return false;
            }
            frame = Frame{};
            frame.market = market_;
            const auto parsed = format_.parse(line, frame);
            if (!parsed) {
                return fail(Errc::Malformed,
                            name_ + ":" + std::to_string(lines_.number()) + ": " + parsed.error());
            }
            if (*parsed) break;
        }
        if (frame.received < latest_)
            ++out_of_order_;
        else
            latest_ = frame.received;
        return true;
    }
    ports::SourceProgress progress() const noexcept override { return {lines_.consumed(), size_}; }
    std::uint64_t out_of_order() const noexcept override { return out_of_order_; }
    std::span<const std::string> notes() const noexcept override { return notes_; }

private:
    void finish() {
        if constexpr (requires { format_.skipped_trades(); }) {
            if (format_.skipped_trades() == 0 || !notes_.empty()) return;
            notes_.push_back(name_ + ": " + std::to_string(format_.skipped_trades()) +
                             " bars of trades skipped: a bar is no trade");
        }
    }

    Market market_;
    std::string name_;
    std::uint64_t size_;
    LineReader lines_;
    Format format_;
    UnixNanos latest_;
    std::uint64_t out_of_order_ = 0;
    std::vector<std::string> notes_;
};

/// What the first lines of a file tell.
struct Sniffed {
    LineFormat format{};
    MarketSet markets = MarketSet::all();
    bool instruments = false;  ///< it begins with an answer that lists instruments
};

MarketSet markets_of_line(LineFormat format, std::string_view line) {
    switch (format) {
        case LineFormat::TimedJson:
            return markets_of_message(line.substr(std::min(line.find('{'), line.size())));
        case LineFormat::Bybit:
            return markets_of_message(line);
        case LineFormat::Minute:
            return MarketSet::all();
        case LineFormat::Cryptofeed:
            break;
    }
    if (line.starts_with("http") || line.starts_with("ws"))
        return markets_of_url(line.substr(0, line.find(' ')));
    return markets_of_message(line.substr(std::min(line.find('{'), line.size())));
}

tl::unexpected<Error> wrong(const std::string& name, std::uint64_t line, const std::string& text) {
    return fail(Errc::Malformed, name + (line > 0 ? ":" + std::to_string(line) : "") + ": " + text);
}

/// Narrows the markets by up to so many lines: more of them add nothing but time.
constexpr std::uint64_t kSniffedLines = 200;

Result<Sniffed> sniff_lines(LineReader& lines, const Storage& storage) {
    const std::string& name = storage.name();
    Sniffed sniffed;
    bool recognised = false;
    for (std::string_view line; lines.number() < kSniffedLines;) {
        const auto more = lines.next(line);
        if (!more && !recognised) return tl::unexpected{more.error()};
        if (!more || !*more) break;
        if (line.empty()) continue;
        if (!recognised) {
            const auto format = recognise(line);
            if (!format)
                return wrong(name, lines.number(),
                             "not a recording: no format we know begins like this");
            sniffed.format = *format;
            sniffed.instruments = is_instruments_line(line);
            recognised = true;
        }
        const MarketSet markets = markets_of_line(sniffed.format, line);
        if ((sniffed.markets & markets).empty()) {
            return wrong(name, lines.number(),
                         "a mixed file: this line is of " + markets.text() +
                             ", those before are of " + sniffed.markets.text());
        }
        sniffed.markets = sniffed.markets & markets;
    }
    if (!recognised) return wrong(name, 0, "the file holds no lines");
    return sniffed;
}

Result<Sniffed> sniff(const std::shared_ptr<const Storage>& storage) {
    auto stream = open_stream(storage);
    if (!stream) return tl::unexpected{stream.error()};
    LineReader lines{std::make_unique<LineBlocks>(storage->name(), std::move(*stream))};
    auto sniffed = sniff_lines(lines, *storage);
    if (sniffed && sniffed->format == LineFormat::Minute) {
        if (const auto named = read_minute_name(storage->name()).market)
            sniffed->markets = {*named};
    }
    return sniffed;
}

std::string not_of_market(const MarketSet& found, Market wanted) {
    return "holds messages of " + found.text() + ", not of " + std::string{to_string(wanted)};
}

template <class Format>
Source make_lines(Market market, const Storage& storage, std::unique_ptr<BlockSource> blocks,
                  Format format) {
    return std::make_unique<LineSource<Format>>(market, storage, std::move(blocks),
                                                std::move(format));
}

Result<Source> make_source(Market market, const std::shared_ptr<const Storage>& storage,
                           LineFormat format, const OpenOptions& options) {
    auto stream = open_stream(storage);
    if (!stream) return tl::unexpected{stream.error()};
    std::unique_ptr<BlockSource> blocks =
        std::make_unique<LineBlocks>(storage->name(), std::move(*stream));
    if (options.prefetch) blocks = std::make_unique<Prefetched>(std::move(blocks));
    const fs::path path{storage->name()};
    switch (format) {
        case LineFormat::TimedJson:
            return make_lines(market, *storage, std::move(blocks),
                              TimedJsonFormat{market, symbol_of_name(path)});
        case LineFormat::Cryptofeed:
            return make_lines(market, *storage, std::move(blocks), CryptofeedFormat{market});
        case LineFormat::Bybit:
            return make_lines(market, *storage, std::move(blocks), BybitFormat{market});
        case LineFormat::Minute:
            break;
    }
    MinuteName name = read_minute_name(path);
    if (!name.day || name.symbol.empty()) {
        return wrong(storage->name(), 0,
                     "the name of a file of minute bars must say the day and the symbol");
    }
    return make_lines(market, *storage, std::move(blocks),
                      MinuteFormat{*name.day, std::move(name.symbol)});
}

Result<Source> open_own_format(Market market, const std::shared_ptr<const Storage>& storage,
                               const OpenOptions& options) {
    // A file of ours may hold several markets: whether it has this one shows only at the end of a
    // look for it.
    auto blocks = open_recording_blocks(storage);
    if (!blocks) return tl::unexpected{blocks.error()};
    const Source all =
        make_recording_source(storage->name(), storage->size(), std::move(*blocks), std::nullopt);
    Frame frame;
    std::optional<Market> other;
    for (;;) {
        const auto more = all->next(frame);
        if (!more || !*more || frame.market == market) break;
        other = frame.market;
    }
    if (other && frame.market != market) {
        return wrong(storage->name(), 0, not_of_market({*other}, market));
    }
    blocks = open_recording_blocks(storage);
    if (!blocks) return tl::unexpected{blocks.error()};
    if (options.prefetch) *blocks = std::make_unique<Prefetched>(std::move(*blocks));
    return make_recording_source(storage->name(), storage->size(), std::move(*blocks), market);
}

Result<std::vector<fs::path>> files_of(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator it{folder, error}; !error && it != fs::directory_iterator{};
         it.increment(error)) {
        if (it->is_regular_file(error)) files.push_back(it->path());
    }
    if (error) return fail(Errc::Unavailable, folder.string() + ": " + error.message());
    std::sort(files.begin(), files.end());
    return files;
}

/// Opens what it can of the folder's files; the rest becomes notes.
Result<Source> open_folder(Market market, const fs::path& folder, const OpenOptions& options) {
    const auto files = files_of(folder);
    if (!files) return tl::unexpected{files.error()};
    std::vector<Source> first;
    std::vector<Source> merged;
    std::vector<std::string> notes;
    for (const fs::path& file : *files) {
        const auto storage = open_storage(file);
        if (!storage) return tl::unexpected{storage.error()};
        auto source = open_storage_source(market, *storage, options);
        if (!source) {
            if (source.error().code != Errc::Malformed) return source;
            notes.push_back("not taken: " + source.error().detail);
            continue;
        }
        const auto sniffed = is_recording(**storage) ? Result<Sniffed>{} : sniff(*storage);
        (sniffed && sniffed->instruments ? first : merged).push_back(std::move(*source));
    }
    if (first.empty() && merged.empty()) {
        std::string why =
            folder.string() + ": no file of " + std::string{to_string(market)} + " in this folder";
        for (const std::string& note : notes) why += "; " + note;
        return fail(Errc::Malformed, std::move(why));
    }
    first.push_back(std::make_unique<MergedSource>(std::move(merged)));
    auto chain = std::make_unique<ChainedSource>(std::move(first));
    for (std::string& note : notes) chain->add_note(std::move(note));
    return chain;
}

}  // namespace

Result<Source> open_storage_source(Market market, std::shared_ptr<const Storage> storage,
                                   const OpenOptions& options) {
    if (is_recording(*storage)) return open_own_format(market, storage, options);
    const auto sniffed = sniff(storage);
    if (!sniffed) return tl::unexpected{sniffed.error()};
    if (!sniffed->markets.has(market))
        return wrong(storage->name(), 0, not_of_market(sniffed->markets, market));
    return make_source(market, storage, sniffed->format, options);
}

Result<Source> open_source(Market market, const fs::path& path, const OpenOptions& options) {
    std::error_code error;
    if (fs::is_directory(path, error)) return open_folder(market, path, options);
    auto storage = open_storage(path);
    if (!storage) return tl::unexpected{storage.error()};
    return open_storage_source(market, std::move(*storage), options);
}

}  // namespace parallax::recording
