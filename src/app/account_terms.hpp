#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "app/settings.hpp"
#include "core/fees.hpp"
#include "core/instrument.hpp"
#include "ports/account.hpp"

namespace parallax::app {

/// What the configuration reckons with.
struct AccountTermsConfig {
    FeeSchedule fees;
    std::int64_t leverage = 1;               ///< of perpetuals, cross margin
    Nanos pause = Nanos::seconds(5);         ///< after an error
    Nanos patience = Nanos::seconds(60);     ///< with terms that are not good
    Nanos interval = Nanos::seconds(3'600);  ///< tiers change: asked again; 0: never
};

[[nodiscard]] inline AccountTermsConfig terms_of(const Settings& settings) {
    AccountTermsConfig terms;
    terms.fees = settings.fees;
    terms.leverage = settings.portfolio.derivative_leverage;
    return terms;
}

/// Whether an account's terms are those that orders are reckoned with: it pays no higher fees than
/// the configuration says, its perpetuals have one position each (one-way mode) and the configured
/// leverage with cross margin, set where it has another and read back. Without that it must not
/// trade: an edge reckoned with fees that are too low is none, a purchase that closes nothing is no
/// hedge, and margin held back for another leverage is not what the venue takes.
/// Spot and linear perpetuals that are listed; one question at a time. One thread, no clock; the
/// account outlives it, its answers come from whoever polls it.
class AccountTerms {
public:
    static constexpr auto kNever = UnixNanos::from_nanos(INT64_MAX);

    AccountTerms(ports::Account& account, std::vector<Market> markets, AccountTermsConfig config)
        : account_{account}, markets_{std::move(markets)}, config_{config} {}

    /// False: the answer is to somebody else's question.
    bool on(const ports::AccountAnswer& answer, UnixNanos now, const Universe& universe);
    /// Asks what is due; at once of instruments that are new.
    void advance(UnixNanos now, const Universe& universe);

    /// All of them are known and good.
    [[nodiscard]] bool good() const noexcept { return good_; }
    /// What stands in the way; for people.
    [[nodiscard]] const std::string& why() const noexcept { return why_; }
    /// What is better than configured, and therefore not counted on; for people. Empty: nothing.
    [[nodiscard]] const std::string& note() const noexcept { return note_; }
    /// When advance() has something to ask; answers wake it besides.
    [[nodiscard]] UnixNanos next_due() const noexcept;
    /// The venue lists other instruments than we think, as an answer showed; once.
    [[nodiscard]] bool take_outdated() noexcept { return std::exchange(outdated_, false); }

private:
    enum class Step : std::uint8_t { Fees, Mode, Read, Set, Verify };
    struct Question {
        Step step{};
        InstrumentId instrument;  ///< not of fees
    };
    [[nodiscard]] bool concerns(const Instrument& listing) const noexcept;
    [[nodiscard]] bool complete(const Universe& universe) const noexcept;
    void begin(const Universe& universe);
    void ask(UnixNanos now, const Universe& universe);
    void fail(UnixNanos now, std::string why);
    void take_fees(const std::vector<ports::FeeReport>& reports, const Universe& universe);
    void take_mode(Question question, const ports::PositionModeReport& report,
                   const Universe& universe);
    void take_leverage(Question question, const ports::LeverageReport& report,
                       const Universe& universe);
    void finish(UnixNanos now);
    [[nodiscard]] std::uint16_t wanted(const Instrument& listing) const noexcept;

    ports::Account& account_;
    std::vector<Market> markets_;
    AccountTermsConfig config_;
    bool good_ = false;
    std::string why_ = "its fees, position mode and leverage are not known yet";
    std::string note_;
    UnixNanos due_;
    std::vector<bool> seen_;  ///< by instrument: part of the last round
    bool outdated_ = false;

    // Of the round that is under way.
    std::deque<Question> questions_;  ///< the first is asked, when `token_` is not 0
    std::uint64_t token_ = 0;
    std::string wrong_, better_;
};

/// What a venue's fees say of the configured ones, instrument by instrument.
struct FeeVerdict {
    std::string worse;   ///< what the account pays more than configured; empty: nothing
    std::string better;  ///< what it pays less
};
/// Of every instrument among `listings`; one that no report names is worse than anything known.
[[nodiscard]] FeeVerdict judge_fees(const std::vector<ports::FeeReport>& reports,
                                    const std::vector<const Instrument*>& listings,
                                    const FeeSchedule& configured);

}  // namespace parallax::app
