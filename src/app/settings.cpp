#include "app/settings.hpp"

#include <toml++/toml.h>

#include <fstream>
#include <optional>
#include <set>
#include <sstream>

namespace parallax::app {
namespace {

/// Mistakes of one file, all of them, with their places.
class Mistakes {
public:
    explicit Mistakes(std::string file) : file_{std::move(file)} {}
    void add(const toml::source_region& where, const std::string& key, const std::string& what) {
        text_ += (text_.empty() ? "" : "\n") + file_ + ":" + std::to_string(where.begin.line) +
                 ": " + key + ": " + what;
    }
    [[nodiscard]] bool none() const noexcept { return text_.empty(); }
    [[nodiscard]] Error error() const { return {Errc::Malformed, text_}; }

private:
    std::string file_;
    std::string text_;
};

/// A value as the text parse_setting reads. Numbers may be written bare or quoted.
std::optional<std::string> text_of(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* whole = node.as_integer()) return std::to_string(whole->get());
    if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
    if (const auto* number = node.as_floating_point()) return format_setting("", number->get());
    return std::nullopt;
}

std::string closest(const std::string& wrong, const std::set<std::string>& known) {
    std::string best;
    std::size_t best_distance = wrong.size() / 2 + 1;
    for (const std::string& candidate : known) {
        std::vector<std::size_t> row(candidate.size() + 1);
        for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
        for (std::size_t i = 1; i <= wrong.size(); ++i) {
            std::size_t diagonal = row[0];
            row[0] = i;
            for (std::size_t j = 1; j < row.size(); ++j) {
                const std::size_t change = diagonal + (wrong[i - 1] == candidate[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
            }
        }
        if (row.back() < best_distance) {
            best_distance = row.back();
            best = candidate;
        }
    }
    return best.empty() ? std::string{} : "; did you mean " + best + "?";
}

std::string unknown_key(const std::string& key, const std::set<std::string>& known) {
    std::string all;
    for (const std::string& name : known) all += (all.empty() ? "" : ", ") + name;
    return "no such key" + closest(key, known) + "; known: " + all;
}

/// Reads the fields of one section from a table.
class SectionReader {
public:
    SectionReader(const toml::table& table, std::string section, Mistakes& mistakes)
        : table_{table}, section_{std::move(section)}, mistakes_{mistakes} {}

    template <class T>
    void field(std::string_view name, T& value, std::string_view lowest, std::string_view highest,
               std::string_view help) {
        known_.emplace(name);
        const toml::node* node = table_.get(name);
        if (node == nullptr) return;
        const auto text = text_of(*node);
        T parsed{};
        if (!text || !parse_setting(name, *text, parsed) ||
            outside(name, parsed, lowest, highest)) {
            std::string allowed = std::is_same_v<T, bool> ? "true or false" : "a number";
            // A setting of several words has no bounds: its help says what it looks like.
            if (lowest.empty() && !std::is_same_v<T, bool>) allowed = std::string(help);
            if (!lowest.empty())
                allowed += " from " + std::string(lowest) + " to " + std::string(highest);
            mistakes_.add(node->source(), key(name),
                          "'" + text.value_or("?") + "' is not allowed; allowed: " + allowed);
            return;
        }
        value = parsed;
    }

    void choice(std::string_view name, std::string& value, std::string_view choices,
                std::string_view) {
        known_.emplace(name);
        const toml::node* node = table_.get(name);
        if (node == nullptr) return;
        const std::string text = text_of(*node).value_or("?");
        const std::string padded = "|" + std::string(choices) + "|";
        if (text.find('|') != std::string::npos ||
            padded.find("|" + text + "|") == std::string::npos) {
            mistakes_.add(node->source(), key(name),
                          "'" + text + "' is not allowed; allowed: " + std::string(choices));
            return;
        }
        value = text;
    }

    /// A free text, such as the name of an asset.
    void text(std::string_view name, std::string& value, std::string_view) {
        known_.emplace(name);
        const toml::node* node = table_.get(name);
        if (node == nullptr) return;
        if (const auto found = text_of(*node))
            value = *found;
        else
            mistakes_.add(node->source(), key(name), "must be text");
    }

    void report_unknown() {
        for (const auto& [name, node] : table_) {
            const std::string text{name.str()};
            if (!known_.contains(text))
                mistakes_.add(node.source(), key(text), unknown_key(text, known_));
        }
    }

private:
    std::string key(std::string_view name) const { return section_ + "." + std::string(name); }
    template <class T>
    static bool outside(std::string_view name, const T& value, std::string_view lowest,
                        std::string_view highest) {
        if constexpr (std::is_same_v<T, bool>) {
            return false;
        } else {
            T low{}, high{};
            if (lowest.empty() || !parse_setting(name, lowest, low) ||
                !parse_setting(name, highest, high))
                return false;
            return value < low || value > high;
        }
    }
    const toml::table& table_;
    std::string section_;
    Mistakes& mistakes_;
    std::set<std::string> known_;
};

/// Writes the fields of one section.
class SectionWriter {
public:
    SectionWriter(std::string& out, bool teach) : out_{out}, teach_{teach} {}
    template <class T>
    void field(std::string_view name, T& value, std::string_view lowest, std::string_view highest,
               std::string_view help) {
        std::string range;
        if (!lowest.empty())
            range = " (" + std::string(lowest) + " to " + std::string(highest) + ")";
        comment(std::string(help) + range);
        const std::string text = format_setting(name, value);
        line(name, std::is_same_v<T, bool> ? text : '"' + text + '"');
    }
    void choice(std::string_view name, std::string& value, std::string_view choices,
                std::string_view help) {
        comment(std::string(help) + " (" + std::string(choices) + ")");
        line(name, '"' + value + '"');
    }
    void text(std::string_view name, std::string& value, std::string_view help) {
        comment(std::string(help));
        line(name, '"' + value + '"');
    }

private:
    void comment(const std::string& text) {
        if (teach_) out_ += "# " + text + "\n";
    }
    void line(std::string_view name, const std::string& value) {
        out_ += std::string(name) + " = " + value + "\n";
    }
    std::string& out_;
    bool teach_;
};

Result<std::string> read_file(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    if (!in) return fail(Errc::Unavailable, path + ": cannot be opened");
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

Result<toml::table> parse_toml(std::string_view text, const std::string& name) {
    try {
        return toml::parse(text, name);
    } catch (const toml::parse_error& error) {
        return fail(Errc::Malformed, name + ":" + std::to_string(error.source().begin.line) +
                                         ": not TOML: " + std::string(error.description()));
    }
}

std::string market_names() {
    std::string names;
    for (const MarketInfo& market : kMarkets)
        names += (names.empty() ? "" : ", ") + std::string(market.name);
    return names;
}

/// [balances."binance.spot"] USDT = "100000"
void read_balances(const toml::table& root, Settings& settings, Mistakes& mistakes) {
    const toml::table* table = root["balances"].as_table();
    if (table == nullptr) return;
    for (const auto& [wallet_name, node] : *table) {
        const std::string name{wallet_name.str()};
        const auto market = parse_market(name);
        const toml::table* assets = node.as_table();
        if (!market || assets == nullptr) {
            mistakes.add(node.source(), "balances." + name,
                         "not a wallet; allowed: a table named one of " + market_names());
            continue;
        }
        for (const auto& [asset, value] : *assets) {
            Amount amount;
            if (!parse_setting("", text_of(value).value_or(""), amount) || amount.is_negative()) {
                mistakes.add(value.source(), "balances." + name + "." + std::string(asset.str()),
                             "not an amount; allowed: a decimal number, 0 or more");
                continue;
            }
            settings.balances.push_back({wallet_of(*market), std::string(asset.str()), amount});
        }
    }
}

/// One [[instrument]]: the texts of an InstrumentDefinition.
struct InstrumentSection {
    InstrumentDefinition definition;
    std::string market, kind = "spot";
    template <class Visitor>
    void visit(Visitor& v) {
        v.text("market", market, "");
        v.choice("kind", kind,
                 "spot|linear_perpetual|inverse_perpetual|linear_future|inverse_future", "");
        v.text("symbol", definition.venue_symbol, "");
        v.text("base", definition.base, "");
        v.text("quote", definition.quote, "");
        v.text("settle", definition.settle, "");
        v.text("expiry_code", definition.expiry_code, "");
        v.text("tick", definition.tick, "");
        v.text("lot", definition.lot, "");
        v.text("min_quantity", definition.min_quantity, "");
        v.text("max_quantity", definition.max_quantity, "");
        v.text("min_notional", definition.min_notional, "");
        v.text("max_notional", definition.max_notional, "");
        v.text("contract_size", definition.contract_size, "");
    }
};

void read_instruments(const toml::table& root, Settings& settings, Mistakes& mistakes) {
    const toml::array* list = root["instrument"].as_array();
    if (list == nullptr) return;
    for (const toml::node& node : *list) {
        const toml::table* table = node.as_table();
        if (table == nullptr) {
            mistakes.add(node.source(), "instrument", "must be a table: [[instrument]]");
            continue;
        }
        InstrumentSection section;
        SectionReader reader{*table, "instrument", mistakes};
        section.visit(reader);
        reader.report_unknown();
        const auto market = parse_market(section.market);
        if (!market) {
            mistakes.add(table->source(), "instrument.market",
                         "'" + section.market + "' is not a market; allowed: " + market_names());
            continue;
        }
        section.definition.market = *market;
        for (int kind = 0; kind <= static_cast<int>(InstrumentKind::InverseFuture); ++kind) {
            if (to_string(static_cast<InstrumentKind>(kind)) == section.kind) {
                section.definition.kind = static_cast<InstrumentKind>(kind);
            }
        }
        Universe trial;
        if (const auto listed = trial.list(section.definition); !listed) {
            mistakes.add(table->source(), "instrument", listed.error().detail);
            continue;
        }
        settings.instruments.push_back(section.definition);
    }
}

/// One market's fees, in basis points.
struct FeeSection {
    FeeRates spot{Rate{}, Rate{}, FeeAsset::Received};
    FeeRates derivative{Rate{}, Rate{}, FeeAsset::Quote};
    std::string spot_asset = "received";
    template <class Visitor>
    void visit(Visitor& v) {
        v.field("spot_maker_bp", spot.maker, "-100", "1000", "");
        v.field("spot_taker_bp", spot.taker, "-100", "1000", "");
        v.choice("spot_fee_asset", spot_asset, "received|quote|other", "");
        v.field("derivative_maker_bp", derivative.maker, "-100", "1000", "");
        v.field("derivative_taker_bp", derivative.taker, "-100", "1000", "");
    }
};

constexpr std::string_view kFeeAssets[] = {"received", "quote", "other"};

FeeSection fee_section(const FeeSchedule& fees, Market market) {
    FeeSection section;
    section.spot = fees.rates(market, InstrumentKind::Spot);
    section.derivative = fees.rates(market, InstrumentKind::LinearPerpetual);
    section.spot_asset = kFeeAssets[static_cast<std::size_t>(section.spot.asset)];
    return section;
}

void read_fee_tables(const toml::table& root, const std::string& prefix, FeeSchedule& fees,
                     Mistakes& mistakes) {
    for (const auto& [name, node] : root) {
        const std::string key{name.str()};
        const auto market = parse_market(key);
        const toml::table* table = node.as_table();
        if (!market || table == nullptr) {
            mistakes.add(node.source(), prefix + key,
                         "not a market's table; allowed: " + market_names());
            continue;
        }
        FeeSection section = fee_section(fees, *market);
        SectionReader reader{*table, prefix + key, mistakes};
        section.visit(reader);
        reader.report_unknown();
        for (std::size_t i = 0; i < std::size(kFeeAssets); ++i) {
            if (kFeeAssets[i] == section.spot_asset) section.spot.asset = static_cast<FeeAsset>(i);
        }
        fees.set(*market, true, section.spot);
        fees.set(*market, false, section.derivative);
    }
}

}  // namespace

Result<Settings> parse_settings(std::string_view text, const std::string& name, Settings settings) {
    const auto root = parse_toml(text, name);
    if (!root) return tl::unexpected<Error>{root.error()};
    Mistakes mistakes{name};
    std::set<std::string> known{"balances", "instrument", "fees"};
    settings.visit_sections([&](std::string_view section, auto& config) {
        known.emplace(section);
        const toml::node* node = root->get(section);
        if (node == nullptr) return;
        const toml::table* table = node->as_table();
        if (table == nullptr) {
            mistakes.add(node->source(), std::string(section),
                         "must be a table: [" + std::string(section) + "]");
            return;
        }
        SectionReader reader{*table, std::string(section), mistakes};
        config.visit(reader);
        reader.report_unknown();
    });
    for (const auto& [key, node] : *root) {
        const std::string found{key.str()};
        if (!known.contains(found)) mistakes.add(node.source(), found, unknown_key(found, known));
    }
    read_balances(*root, settings, mistakes);
    read_instruments(*root, settings, mistakes);
    if (const toml::table* fees = (*root)["fees"].as_table())
        read_fee_tables(*fees, "fees.", settings.fees, mistakes);
    if (settings.trading.leverage != settings.portfolio.derivative_leverage) {
        mistakes.add(root->source(), "portfolio.derivative_leverage",
                     "must be trading.leverage: both say what an order holds back");
    }
    if (!mistakes.none()) return tl::unexpected<Error>{mistakes.error()};
    return settings;
}

Result<Settings> read_settings(const std::string& path, Settings defaults) {
    const auto text = read_file(path);
    if (!text) return tl::unexpected<Error>{text.error()};
    return parse_settings(*text, path, std::move(defaults));
}

std::vector<std::string> keys_not_set(const std::string& path,
                                      std::initializer_list<std::string_view> keys) {
    const auto text = read_file(path);
    const auto root = parse_toml(text ? *text : std::string{}, path);
    std::vector<std::string> missing;
    for (const std::string_view key : keys) {
        if (!root || !root->at_path(key)) missing.emplace_back(key);
    }
    return missing;
}

std::string format_settings(Settings& settings, bool teach) {
    std::string out;
    settings.visit_sections([&](std::string_view section, auto& config) {
        out += (out.empty() ? "[" : "\n[") + std::string(section) + "]\n";
        SectionWriter writer{out, teach};
        config.visit(writer);
    });
    return out;
}

Result<FeeSchedule> parse_fees(std::string_view text, const std::string& name) {
    const auto root = parse_toml(text, name);
    if (!root) return tl::unexpected<Error>{root.error()};
    FeeSchedule fees = *FeeSchedule::named("base");
    Mistakes mistakes{name};
    read_fee_tables(*root, "", fees, mistakes);
    if (!mistakes.none()) return tl::unexpected<Error>{mistakes.error()};
    return fees;
}

Result<FeeSchedule> read_fees(const std::string& name_or_path) {
    if (const auto named = FeeSchedule::named(name_or_path)) return *named;
    const auto text = read_file(name_or_path);
    if (!text)
        return fail(Errc::Unavailable,
                    name_or_path + ": neither zero, base, vip9 nor a readable file");
    return parse_fees(*text, name_or_path);
}

std::string format_fees(const FeeSchedule& fees, const std::string& prefix) {
    std::string out;
    for (const MarketInfo& market : kMarkets) {
        out += (out.empty() ? "[" : "\n[") + prefix + "\"" + std::string(market.name) + "\"]\n";
        FeeSection section = fee_section(fees, market.market);
        SectionWriter writer{out, false};
        section.visit(writer);
    }
    return out;
}

}  // namespace parallax::app
