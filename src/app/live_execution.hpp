#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/venues/common/live_account.hpp"
#include "adapters/venues/common/live_gateway.hpp"
#include "app/account_check.hpp"
#include "app/account_terms.hpp"
#include "app/execution.hpp"
#include "app/venue_access.hpp"

namespace parallax::app {

/// Orders go to accounts at the venues. A venue is halted until its key is checked, its private
/// stream is up, everything was told that happened while nobody listened, its wallets and
/// positions are what the ledger says (account_check.hpp), and its fees, position mode and leverage
/// are what is reckoned with (account_terms.hpp). It is halted, and says why, whenever
/// that is no longer so, and goes on when it is again. Orders of this instance that the ledger does
/// not know are cancelled; those of others are left alone.
class LiveExecution final : public Execution {
public:
    explicit LiveExecution(const Pipeline& pipeline, AccountTermsConfig terms,
                           AccountCheckConfig check = {}) noexcept
        : pipeline_{pipeline}, terms_{terms}, check_{check} {}

    /// One of our accounts. Binance has one a wallet, the others one for all markets. The access
    /// outlives this; its REST clients are driven by the market feed.
    void add(const VenueAccess& access, std::vector<Market> markets,
             std::unique_ptr<venue_common::LiveGateway> gateway,
             std::unique_ptr<venue_common::LiveAccount> account);

    bool on(const ports::NetEvent& event);
    /// After each poll of the transport. False: nothing for deliver() came of it.
    void poll(UnixNanos now);
    [[nodiscard]] UnixNanos due() const noexcept;
    /// Markets whose instruments have other rules than ours, as refused orders showed.
    [[nodiscard]] std::vector<Market> take_outdated();

    void submit(std::span<const messages::OrderRequest> requests, UnixNanos now) override;
    /// poll() is told the time by whoever owns the transport.
    void advance(UnixNanos) override {}
    [[nodiscard]] UnixNanos next_due() const noexcept override {
        return venue_common::LiveGateway::kNever;
    }
    bool deliver(Pipeline& pipeline) override;
    /// Balances come by themselves, with the private streams and by query.
    void report_balances(Pipeline&, UnixNanos) override {}
    [[nodiscard]] bool quiet() const noexcept override;
    void rescale(const Rescale& change) override;
    [[nodiscard]] Amount balance(Market wallet, AssetId asset) const override;

    /// All venues trade.
    [[nodiscard]] bool open() const noexcept;
    /// The run ends: nothing new from now on, only what ends what is open. Not a command, which
    /// would outlive this process and lift what breakers set.
    void retire() noexcept { retired_ = true; }
    /// Cancels what rests.
    void cancel_all();
    /// Wallets were told after ask_balances() and nothing is on its way.
    [[nodiscard]] bool settled() const noexcept;
    void ask_balances();
    void stop(UnixNanos now);
    /// What happened to accounts since the last call and is nobody's fault, a line each.
    [[nodiscard]] std::vector<std::string> take_notices() { return std::exchange(notices_, {}); }

    /// A venue's state, for people.
    struct SeatState {
        Venue venue{};
        std::vector<Market> markets;
        bool trading = false;
        std::string why;   ///< it does not trade
        std::string note;  ///< its terms are better than what is reckoned with
        std::size_t open_orders = 0;
        std::size_t foreign_orders = 0;
    };
    [[nodiscard]] std::vector<SeatState> seats() const;

private:
    struct Seat {
        const VenueAccess* access = nullptr;
        std::vector<Market> markets;
        std::unique_ptr<venue_common::LiveGateway> gateway;
        std::unique_ptr<venue_common::LiveAccount> account;
        std::unique_ptr<AccountCheck> check;
        std::unique_ptr<AccountTerms> terms;
        bool trading = false;
        std::uint64_t fills = 0;  ///< told of so far
        UnixNanos next_look;      ///< for strays, and at the lists of orders and fills
        std::string why = "not connected so far";
    };
    void look_after(Seat& seat, Pipeline& pipeline);
    void tell_cash(const Seat& seat, UnixNanos until, Pipeline& pipeline);
    void cancel_strays(Seat& seat);
    [[nodiscard]] bool busy(const Seat& seat) const noexcept;
    void tell(Pipeline& pipeline);
    [[nodiscard]] Seat* seat_of(Market market) noexcept;

    const Pipeline& pipeline_;
    AccountTermsConfig terms_;
    AccountCheckConfig check_;
    std::vector<Seat> seats_;
    /// By venue: why it is not good; empty: it is; none: nothing told so far.
    std::array<std::optional<std::string>, kVenueCount> told_;
    std::vector<messages::OrderEvent> events_ = std::vector<messages::OrderEvent>(256);
    std::vector<messages::OrderEvent> refused_;
    std::vector<std::string> notices_;
    UnixNanos now_;
    bool retired_ = false;
};

}  // namespace parallax::app
