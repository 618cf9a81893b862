#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/venues/common/live_account.hpp"
#include "adapters/venues/common/live_gateway.hpp"
#include "app/execution.hpp"
#include "app/venue_access.hpp"

namespace parallax::app {

/// Orders go to accounts at the venues. A venue is halted until its key is checked, its private
/// stream is up, and what its wallets hold is in the ledger; it stays halted, and says why, while
/// its key is refused or it has positions that the ledger does not know.
class LiveExecution final : public Execution {
public:
    explicit LiveExecution(const Pipeline& pipeline) noexcept : pipeline_{pipeline} {}

    /// One of our accounts. Binance has one a wallet, the others one for all markets. The access
    /// outlives this; its REST clients are driven by the market feed.
    void add(const VenueAccess& access, std::vector<Market> markets,
             std::unique_ptr<venue_common::LiveGateway> gateway,
             std::unique_ptr<venue_common::LiveAccount> account);

    bool on(const ports::NetEvent& event);
    /// After each poll of the transport. False: nothing for deliver() came of it.
    void poll(UnixNanos now);
    [[nodiscard]] UnixNanos due() const noexcept;

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
    [[nodiscard]] Amount balance(Market wallet, AssetId asset) const override;

    /// All venues trade.
    [[nodiscard]] bool open() const noexcept;
    /// Cancels what rests.
    void cancel_all();
    /// Wallets were told after ask_balances() and nothing is on its way.
    [[nodiscard]] bool settled() const noexcept;
    void ask_balances();
    void stop(UnixNanos now);

    /// A venue's state, for people.
    struct SeatState {
        Venue venue{};
        std::vector<Market> markets;
        bool trading = false;
        std::string why;  ///< it does not trade
        std::size_t open_orders = 0;
        std::size_t foreign_orders = 0;
    };
    [[nodiscard]] std::vector<SeatState> seats() const;

private:
    struct Wallet {
        Market wallet{};
        AssetId asset;
        Amount total;
    };
    struct Seat {
        const VenueAccess* access = nullptr;
        std::vector<Market> markets;
        std::unique_ptr<venue_common::LiveGateway> gateway;
        std::unique_ptr<venue_common::LiveAccount> account;
        bool trading = false;
        bool halted_told = false;
        std::uint64_t balances_asked = 0, positions_asked = 0;  ///< tokens; 0 = not asked
        bool balances_known = false, positions_known = false;
        std::size_t assets_asked = 0, assets_known = 0;  ///< of the universe, at the last question
        std::string why = "not connected so far";
    };
    void open_up(Seat& seat, Pipeline& pipeline);
    void ask_balances(Seat& seat);
    void take_answers(Seat& seat, Pipeline& pipeline);
    void take_balance(Seat& seat, const messages::BalanceReport& report, Pipeline& pipeline);
    void take_all_balances(Seat& seat, const std::vector<messages::BalanceReport>& reports,
                           Pipeline& pipeline);
    void check_positions(Seat& seat, const std::vector<ports::PositionReport>& positions);
    [[nodiscard]] Seat* seat_of(Market market) noexcept;

    const Pipeline& pipeline_;
    std::vector<Seat> seats_;
    std::vector<Wallet> wallets_;  ///< as last told
    std::vector<messages::OrderEvent> events_ = std::vector<messages::OrderEvent>(256);
    std::vector<messages::OrderEvent> refused_;
    UnixNanos now_;
};

}  // namespace parallax::app
