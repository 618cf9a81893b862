#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "app/pipeline.hpp"
#include "ports/account.hpp"

namespace parallax::app {

struct AccountCheckConfig {
    Nanos pause = Nanos::seconds(5);       ///< after an error or a difference
    Nanos busy_pause = Nanos::seconds(1);  ///< while something is under way
    Nanos interval = Nanos::seconds(60);   ///< between comparisons while all agrees; 0: none
    int patience = 3;                      ///< differing comparisons in a row before trading stops
    /// Open positions in instruments that the ledger never had are taken into it, as the first
    /// comparison with each finds them; else they keep the account out of trading.
    bool adopt = false;
};

/// What of ours goes on at an account.
struct AccountActivity {
    bool busy = false;        ///< orders may be under way
    std::uint64_t fills = 0;  ///< told of so far
};

/// Holds what a venue says an account has against the ledger: at the start, before anything is
/// traded, and ever so often after that. What a wallet has that the ledger never knew becomes its
/// opening balance; other differences of balances are told to portfolio, which judges them.
/// Positions that differ keep the account out of trading until they do not; those that were there
/// before the ledger are taken in where that is wanted. Asks again after a while, whatever the
/// answer was. One thread, no clock; the account outlives it, its answers come
/// from whoever polls it.
class AccountCheck {
public:
    static constexpr auto kNever = UnixNanos::from_nanos(INT64_MAX);

    AccountCheck(ports::Account& account, std::vector<Market> markets, AccountCheckConfig config)
        : account_{account}, markets_{std::move(markets)}, config_{config} {}

    /// A report that came unasked.
    void on(const messages::BalanceReport& report, Pipeline& pipeline);
    /// A payment that came unasked. Until the wallets are opened it is kept; what an opening
    /// balance contains is no news after.
    void on(const messages::CashEvent& event, Pipeline& pipeline);
    /// An answer of the account, whoever asked; advance() judges it.
    void on(const ports::AccountAnswer& answer);
    /// Asks what is due.
    void advance(UnixNanos now, AccountActivity activity, Pipeline& pipeline);
    /// The wallets are to be told once more; known() is false until they were.
    void ask_again() noexcept;

    /// All was equal once since the start, and is no longer found to differ; no derivative has been
    /// listed since, of which nobody knows what the account holds.
    [[nodiscard]] bool agrees() const noexcept {
        return opened_ && differing_ < config_.patience && !behind_;
    }
    /// The wallets are known, of every asset there is.
    [[nodiscard]] bool known() const noexcept { return balances_known_; }
    /// What stands in the way, or did last; for people.
    [[nodiscard]] const std::string& why() const noexcept { return why_; }
    /// Positions taken into the ledger since the last call, a line each; for people.
    [[nodiscard]] std::vector<std::string> take_adopted() { return std::exchange(adopted_, {}); }
    [[nodiscard]] bool has(Market wallet) const noexcept;
    /// As last told.
    [[nodiscard]] Amount balance(Market wallet, AssetId asset) const noexcept;
    /// When advance() has something to ask; answers wake it besides.
    [[nodiscard]] UnixNanos next_due() const noexcept;

private:
    struct Wallet {
        Market wallet{};
        AssetId asset;
        Amount total;
        UnixNanos opened;  ///< the venue's time of the opening balance; unknown: this run made none
    };
    /// All that a venue holds of one instrument.
    struct Held {
        Amount net;
        std::size_t positions = 0;
        ports::PositionReport one;
    };
    [[nodiscard]] std::uint64_t ask(ports::AccountTopic topic);
    [[nodiscard]] bool is_behind(const Universe& universe) const noexcept;
    void begin(UnixNanos now, AccountActivity activity, const Pipeline& pipeline);
    void judge(UnixNanos now, AccountActivity activity, Pipeline& pipeline);
    void report(const messages::BalanceReport& report, bool opening, Pipeline& pipeline);
    void report_all(UnixNanos now, bool opening, Pipeline& pipeline);
    [[nodiscard]] UnixNanos later(UnixNanos now, Nanos pause) const noexcept;
    [[nodiscard]] std::string balances_differ(const Pipeline& pipeline) const;
    [[nodiscard]] Wallet& wallet_of_report(Market wallet, AssetId asset);
    [[nodiscard]] bool in_opening(const messages::CashEvent& event) const noexcept;
    [[nodiscard]] Held held(InstrumentId id) const;
    [[nodiscard]] std::string compare_positions(UnixNanos now, Pipeline& pipeline);
    [[nodiscard]] std::string adopt(const Instrument& listing, const Held& there, UnixNanos now,
                                    Pipeline& pipeline);

    ports::Account& account_;
    std::vector<Market> markets_;
    AccountCheckConfig config_;
    std::vector<Wallet> wallets_;
    bool opened_ = false;
    bool balances_known_ = false;
    int differing_ = 0;
    std::string why_;
    UnixNanos due_;
    std::size_t assets_known_ = 0;
    std::size_t listings_known_ = 0;          ///< instruments there were at the last comparison
    bool behind_ = false;                     ///< a derivative has come since
    std::vector<bool> compared_;              ///< by instrument: once flat, or known to the ledger
    std::vector<messages::CashEvent> early_;  ///< payments before the wallets were opened
    std::vector<std::string> adopted_;

    // Of the round that is under way.
    bool asking_ = false;
    bool failed_ = false;
    AccountActivity then_;
    bool with_balances_ = false, with_positions_ = false;
    std::uint64_t balances_asked_ = 0, positions_asked_ = 0;  ///< tokens; 0: not, or answered
    std::size_t assets_asked_ = 0, listings_asked_ = 0;
    std::vector<messages::BalanceReport> balances_;
    std::vector<ports::PositionReport> positions_;
};

}  // namespace parallax::app
