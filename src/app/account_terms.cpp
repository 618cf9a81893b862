#include "app/account_terms.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace parallax::app {
namespace {

using ports::AccountTopic;

constexpr std::size_t kMostNamed = 3;

/// In basis points: "7.5".
std::string bp(Rate rate) {
    return Amount::from_raw(static_cast<__int128>(rate.raw()) *
                            (Amount::units(10'000).raw() / Rate::kOne))
        .text();
}

/// One sentence of a few, and how many there are besides.
class Sentences {
public:
    void add(const std::string& one) {
        if (++count_ <= kMostNamed) text_ += (text_.empty() ? "" : "; ") + one;
    }
    [[nodiscard]] std::string text() const {
        return count_ <= kMostNamed ? text_
                                    : text_ + fmt::format("; and {} more", count_ - kMostNamed);
    }

private:
    std::string text_;
    std::size_t count_ = 0;
};

}  // namespace

FeeVerdict judge_fees(const std::vector<ports::FeeReport>& reports,
                      const std::vector<const Instrument*>& listings,
                      const FeeSchedule& configured) {
    Sentences worse, better;
    for (const Instrument* const listing : listings) {
        const bool spot = is_spot(listing->kind);
        // What is said of the instrument itself counts before what is said of all.
        const ports::FeeReport* told = nullptr;
        for (const ports::FeeReport& one : reports) {
            if (one.market != listing->market || one.spot != spot) continue;
            if (one.instrument == listing->id) told = &one;
            if (!one.instrument.valid() && told == nullptr) told = &one;
        }
        if (told != nullptr && told->unlisted) continue;  // there is nothing to pay for
        if (told == nullptr) {
            worse.add("the venue does not say what " + listing->venue_symbol + " costs");
            continue;
        }
        const FeeRates& ours = configured.rates(listing->market, listing->kind);
        const std::pair<const char*, std::pair<Rate, Rate>> sides[] = {
            {"maker", {told->rates.maker, ours.maker}}, {"taker", {told->rates.taker, ours.taker}}};
        for (const auto& [side, rates] : sides) {
            const auto& [actual, reckoned] = rates;
            if (actual == reckoned) continue;
            const std::string text =
                fmt::format("{} pays {} bp as {}, [fees.\"{}\"] {}_{}_bp says {}",
                            listing->venue_symbol, bp(actual), side, to_string(listing->market),
                            spot ? "spot" : "derivative", side, bp(reckoned));
            (actual > reckoned ? worse : better).add(text);
        }
    }
    return {worse.text(), better.text()};
}

bool AccountTerms::concerns(const Instrument& listing) const noexcept {
    return std::ranges::find(markets_, listing.market) != markets_.end() &&
           listing.status != InstrumentStatus::Delisted &&
           (is_spot(listing.kind) || listing.kind == InstrumentKind::LinearPerpetual);
}

std::uint16_t AccountTerms::wanted(const Instrument& listing) const noexcept {
    return static_cast<std::uint16_t>(std::clamp<std::int64_t>(
        config_.leverage, 1, std::max<std::int64_t>(listing.max_leverage, 1)));
}

UnixNanos AccountTerms::next_due() const noexcept {
    return token_ != 0 ? kNever : !questions_.empty() ? UnixNanos{} : due_;
}

void AccountTerms::begin(const Universe& universe) {
    questions_.clear();
    wrong_.clear();
    better_.clear();
    seen_.assign(universe.instruments().size(), false);
    bool any = false;
    std::vector<InstrumentId> perpetuals;
    for (const Instrument& listing : universe.instruments()) {
        if (!concerns(listing)) continue;
        seen_[listing.id.index()] = true;
        if (!std::exchange(any, true)) questions_.push_back({Step::Fees, {}});
        if (!is_spot(listing.kind)) perpetuals.push_back(listing.id);
    }
    // All modes first: the leverage of a position that is held in two parts is no question.
    for (const Step step : {Step::Mode, Step::Read}) {
        for (const InstrumentId id : perpetuals) questions_.push_back({step, id});
    }
}

/// The last round was about all that there is now.
bool AccountTerms::complete(const Universe& universe) const noexcept {
    return std::ranges::all_of(universe.instruments(), [this](const Instrument& listing) {
        return !concerns(listing) ||
               (listing.id.index() < seen_.size() && seen_[listing.id.index()]);
    });
}

void AccountTerms::advance(UnixNanos now, const Universe& universe) {
    if (token_ != 0) return;
    if (questions_.empty()) {
        if (now < due_ && complete(universe)) return;
        begin(universe);
        if (questions_.empty()) return finish(now);
    }
    ask(now, universe);
}

void AccountTerms::ask(UnixNanos now, const Universe& universe) {
    const Question& first = questions_.front();
    ports::AccountRequest request;
    request.topic = first.step == Step::Fees   ? AccountTopic::Fees
                    : first.step == Step::Mode ? AccountTopic::PositionMode
                    : first.step == Step::Set  ? AccountTopic::SetLeverage
                                               : AccountTopic::Leverage;
    request.instrument = first.instrument;
    if (first.step == Step::Set) request.leverage = wanted(universe.instrument(first.instrument));
    const auto asked = account_.ask(request);
    if (!asked) return fail(now, asked.error().detail);
    token_ = *asked;
}

void AccountTerms::fail(UnixNanos now, std::string why) {
    good_ = false;
    why_ = std::move(why);
    questions_.clear();
    due_ = now + config_.pause;
}

bool AccountTerms::on(const ports::AccountAnswer& answer, UnixNanos now, const Universe& universe) {
    if (token_ == 0 || answer.token != token_) return false;
    token_ = 0;
    const Question question = questions_.front();
    questions_.pop_front();
    if (answer.error && answer.unlisted && question.instrument.valid()) {
        // It ended while we did not look. Its orders are refused; the others go on.
        outdated_ = true;
        if (questions_.empty()) finish(now);
        return true;
    }
    if (answer.error) {
        // What cannot be asked just now says nothing about an account that was good.
        const bool passing = good_ && answer.error->code == Errc::Unavailable;
        std::string why = answer.error->detail;
        if (question.step == Step::Fees) why = "its fees are not known: " + why;
        if (question.instrument.valid()) {
            const Instrument& listing = universe.instrument(question.instrument);
            why = question.step == Step::Mode
                      ? fmt::format("the position mode of {} is not known: {}",
                                    listing.venue_symbol, why)
                      : fmt::format("the leverage of {} {}: {}", listing.venue_symbol,
                                    question.step == Step::Set
                                        ? fmt::format("cannot be set to {}", wanted(listing))
                                        : "is not known",
                                    why);
        }
        fail(now, std::move(why));
        if (passing) {
            good_ = true;
            why_.clear();
        }
        return true;
    }
    const auto* const fees = std::get_if<std::vector<ports::FeeReport>>(&answer.facts);
    const auto* const mode = std::get_if<ports::PositionModeReport>(&answer.facts);
    const auto* const leverage = std::get_if<ports::LeverageReport>(&answer.facts);
    if (question.step == Step::Fees && fees != nullptr) {
        take_fees(*fees, universe);
    } else if (question.step == Step::Mode && mode != nullptr) {
        take_mode(question, *mode, universe);
    } else if (question.step > Step::Mode && leverage != nullptr) {
        take_leverage(question, *leverage, universe);
    } else {
        fail(now, "the venue's answer about fees, position mode or leverage cannot be read");
        return true;
    }
    if (questions_.empty()) finish(now);
    return true;
}

void AccountTerms::take_fees(const std::vector<ports::FeeReport>& reports,
                             const Universe& universe) {
    std::vector<const Instrument*> listings;
    for (const Instrument& listing : universe.instruments()) {
        if (listing.id.index() < seen_.size() && concerns(listing)) listings.push_back(&listing);
    }
    for (const Instrument* const listing : listings) {
        bool told = false, gone = false;
        for (const ports::FeeReport& one : reports) {
            const bool its = one.instrument == listing->id;
            gone = gone || (its && one.unlisted);
            told = told || its ||
                   (!one.instrument.valid() && one.market == listing->market &&
                    one.spot == is_spot(listing->kind));
        }
        outdated_ = outdated_ || gone || !told;
    }
    FeeVerdict verdict = judge_fees(reports, listings, config_.fees);
    better_ = std::move(verdict.better);
    if (!verdict.worse.empty())
        wrong_ = verdict.worse + ": orders would be reckoned with fees better than the account's";
}

void AccountTerms::take_mode(Question question, const ports::PositionModeReport& report,
                             const Universe& universe) {
    if (!report.one_way) {
        wrong_ = (report.whole_account ? std::string{"the account"}
                                       : universe.instrument(question.instrument).venue_symbol) +
                 " is in hedge mode, which keeps long and short positions apart: set one-way mode";
        questions_.clear();  // whatever its leverage is
        return;
    }
    if (!report.whole_account) return;
    std::erase_if(questions_, [](const Question& one) { return one.step == Step::Mode; });
}

void AccountTerms::take_leverage(Question question, const ports::LeverageReport& report,
                                 const Universe& universe) {
    const Instrument& listing = universe.instrument(question.instrument);
    const std::uint16_t want = wanted(listing);
    if (question.step == Step::Set) {
        questions_.push_front({Step::Verify, question.instrument});
        return;
    }
    if (report.leverage == want && report.cross) return;
    if (question.step == Step::Read) {
        questions_.push_front({Step::Set, question.instrument});
        return;
    }
    if (wrong_.empty())
        wrong_ = fmt::format(
            "{} has leverage {} with {} margin although {} with cross margin was set",
            listing.venue_symbol, report.leverage, report.cross ? "cross" : "isolated", want);
}

void AccountTerms::finish(UnixNanos now) {
    good_ = wrong_.empty();
    why_ = wrong_;
    note_ = better_;
    due_ = !good_                        ? now + config_.patience
           : config_.interval == Nanos{} ? kNever
                                         : now + config_.interval;
}

}  // namespace parallax::app
