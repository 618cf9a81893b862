#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/venues/common/rest_client.hpp"
#include "core/instrument.hpp"
#include "ports/account.hpp"

namespace parallax::venue_common {

/// How a venue tells of an account: one request is one or several calls, each of one or several
/// pages. One thread.
class AccountProtocol {
public:
    virtual ~AccountProtocol() = default;
    /// What `topic` is answered with, empty. Errors: Rejected (something is missing, or the venue
    /// has no such thing).
    [[nodiscard]] virtual Result<void> check(const ports::AccountRequest& request) const = 0;
    [[nodiscard]] virtual unsigned steps(const ports::AccountRequest& request) const noexcept = 0;
    [[nodiscard]] virtual RestCall write(const ports::AccountRequest& request, unsigned step,
                                         const std::string& cursor, UnixNanos now) const = 0;
    /// Whether a refusal says that what was asked for is so already.
    [[nodiscard]] virtual bool done_already(const ports::AccountRequest& request,
                                            const RestAnswer& answer) const noexcept = 0;
    /// Whether a step may be left out, and says so in `facts` where that is one. `refused`: the
    /// venue answered that it does not list what the step asks about; else by what is known before.
    [[nodiscard]] virtual bool skip(const ports::AccountRequest&, unsigned /*step*/,
                                    bool /*refused*/, ports::AccountFacts&) const {
        return false;
    }
    /// Adds to `facts`, which begin as monostate. The next page's cursor; empty: that was all.
    /// Errors: Malformed; Rejected (the venue refused inside its answer).
    [[nodiscard]] virtual Result<std::string> read(const ports::AccountRequest& request,
                                                   unsigned step, const RestAnswer& answer,
                                                   ports::AccountFacts& facts) = 0;
};

struct AccountConfig {
    bool may_withdraw = false;                    ///< else a key that can is refused
    Nanos balance_interval = Nanos::seconds(30);  ///< 0: not polled
    Nanos funding_interval = Nanos::seconds(60);  ///< 0: not polled
    UnixNanos funding_since;  ///< payments from here on are told at the start; unknown: from now
    Nanos dead_man{};         ///< the venue cancels our orders when silent for so long; 0: off
    Nanos patience = Nanos::seconds(20);  ///< for one call, limits and repetitions included
    std::size_t most_asked = 256;
};

/// An account over REST. Checks the key first: one that may not trade, or may withdraw although
/// nobody wants that, makes it refuse everything. Then it polls balances and funding, and keeps the
/// venue's dead man's switch armed. Polled, one thread, as LiveGateway; the REST client is its
/// owner's to drive.
class LiveAccount final : public ports::Account {
public:
    static constexpr UnixNanos kNever = RateLimiter::kNever;

    LiveAccount(RestClient& rest, std::unique_ptr<AccountProtocol> protocol, AccountConfig config,
                UnixNanos now);

    [[nodiscard]] Result<std::uint64_t> ask(const ports::AccountRequest& request) override;
    [[nodiscard]] std::optional<ports::AccountAnswer> next() override;

    void advance(UnixNanos now);
    [[nodiscard]] UnixNanos next_due() const noexcept;
    /// Payments are polled soon, if they are at all: somebody waits for them.
    void hurry_cash() noexcept;
    /// What was polled besides the questions.
    [[nodiscard]] std::size_t poll_balances(std::span<messages::BalanceReport> out);
    [[nodiscard]] std::size_t poll_cash(std::span<messages::CashEvent> out);
    /// Payments of that time and before, by the venue's clock, were handed out by poll_cash(), if
    /// that moved since the last call; at the start, those before the account was made. None: they
    /// are not polled.
    [[nodiscard]] std::optional<UnixNanos> take_cash_told() noexcept {
        return std::exchange(cash_told_, std::nullopt);
    }

    /// The key was checked and is good.
    [[nodiscard]] bool ready() const noexcept { return key_ && !refused_; }
    [[nodiscard]] const std::optional<ports::KeyReport>& key() const noexcept { return key_; }
    /// Why this account is not used; none: it is, or the key is not checked yet.
    [[nodiscard]] const std::optional<Error>& refused() const noexcept { return refused_; }
    /// What went wrong with checking the key, last; for people.
    [[nodiscard]] const std::string& key_trouble() const noexcept { return key_trouble_; }
    /// When the venue's dead man's switch was armed last; unknown: never.
    [[nodiscard]] UnixNanos armed() const noexcept { return armed_; }
    /// Whether our silence would be noticed: false long after arming failed.
    [[nodiscard]] bool guarded(UnixNanos now) const noexcept {
        return config_.dead_man == Nanos{} || (armed_.known() && now < armed_ + config_.dead_man);
    }

private:
    struct Asked {
        std::uint64_t token = 0;
        bool own = false;  ///< ours: its answer is not for next()
        ports::AccountRequest request;
        UnixNanos begun;
        unsigned step = 0;
        std::string cursor;
        RestToken call = 0;
        ports::AccountFacts facts;
    };
    std::uint64_t add(const ports::AccountRequest& request, bool own);
    bool asked_already(ports::AccountTopic topic) const noexcept;
    void send(Asked& asked, UnixNanos now);
    [[nodiscard]] bool over(Asked& asked) const;
    void on_answer(Asked& asked, const RestAnswer& answer);
    void finish(Asked& asked, std::optional<Error> error, bool unlisted = false);
    void own_answer(const ports::AccountAnswer& answer, UnixNanos begun);
    void check_key(const ports::AccountAnswer& answer);
    void poll(UnixNanos now);

    RestClient& rest_;
    std::unique_ptr<AccountProtocol> protocol_;
    AccountConfig config_;
    RestUser user_;
    std::uint64_t last_token_ = 0;
    std::vector<Asked> asked_;
    std::deque<ports::AccountAnswer> answers_;
    std::vector<messages::BalanceReport> balances_;
    std::vector<messages::CashEvent> cash_;
    std::optional<ports::KeyReport> key_;
    std::optional<Error> refused_;
    std::string key_trouble_;
    UnixNanos key_due_, balances_due_, funding_due_, dead_man_due_;
    UnixNanos funding_since_;
    std::optional<UnixNanos> cash_told_;
    UnixNanos armed_, arming_;
    UnixNanos now_;
};

}  // namespace parallax::venue_common
