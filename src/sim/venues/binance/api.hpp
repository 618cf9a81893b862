#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "runtime/random.hpp"
#include "sim/venues/binance/call.hpp"
#include "sim/venues/binance/history.hpp"
#include "sim/venues/binance/limits.hpp"
#include "sim/venues/binance/tape.hpp"

namespace parallax::sim_binance {

class Api;
enum class Security : std::uint8_t {
    None,
    Key,    ///< the API key's name is enough
    Read,   ///< signed
    Trade,  ///< signed, with a key that may trade
};

/// One thing that can be asked for, by HTTP, over the WebSocket API, or both.
struct Operation {
    Product product;
    const char* method;  ///< of HTTP
    const char* path;    ///< empty: WebSocket API only
    const char* socket;  ///< method of the WebSocket API; empty: HTTP only
    Security security;
    std::uint32_t weight;
    bool free_when_good;  ///< costs its weight only when it fails
    Reply (Api::*run)(Call&);
    const char* parameters;  ///< known ones, between spaces; others are refused on spot; "*" = any
};
[[nodiscard]] const std::vector<Operation>& operations();

/// Everything Binance answers to requests, whichever way they came. Sessions and streams are not
/// its business.
class Api {
public:
    /// Units of any asset; a choice of the simulation.
    static constexpr const char* kWithdrawalFee = "0.00100000";

    Api(SimVenue& venue, std::uint64_t seed);

    /// Weight, security and parameters are checked already.
    Reply run(const Operation& operation, Call& call) { return (this->*operation.run)(call); }
    /// What a request weighs, which for some depends on what it asks for.
    [[nodiscard]] std::uint32_t weight(const Operation& operation, const Call& call) const;

    [[nodiscard]] SimVenue& venue() noexcept { return venue_; }
    [[nodiscard]] Limits& limits(Product product) noexcept {
        return product == Product::Spot ? spot_limits_ : futures_limits_;
    }
    [[nodiscard]] const Tape& tape(ListingId id) const noexcept { return tapes_[id.index()]; }
    /// A print of the venue, in order.
    void traded(UnixNanos time, const sim_engine::TradePrint& print);
    void marked(UnixNanos time, const sim_engine::MarkChange& change);
    void funded(UnixNanos time, const sim_engine::FundingPayment& payment);
    /// The id a cancelled order goes by in reports; empty when nobody asked for its end.
    [[nodiscard]] std::string cancel_id(OrderId order) const;
    void forget_cancel_ids() { cancel_ids_.clear(); }
    /// Whose stream the listen key is; keys end after an hour without a PUT.
    [[nodiscard]] std::optional<AccountId> listener(std::string_view listen_key,
                                                    UnixNanos now) const;
    /// Keys that ended by now, with their accounts.
    std::vector<std::string> expire_listen_keys(UnixNanos now);
    void end_listen_keys() noexcept {
        for (auto& [id, key] : listen_keys_) key.until = {};
    }
    [[nodiscard]] UnixNanos next_due() const noexcept;
    /// Does what is due: countdowns that cancel everything.
    void advance(UnixNanos now);

    // rest_market.cpp
    Reply ping(Call&);
    Reply time(Call&);
    Reply exchange_info(Call&);
    Reply depth(Call&);
    Reply trades(Call&);
    Reply aggregate_trades(Call&);
    Reply klines(Call&);
    // rest_tickers.cpp
    Reply average_price(Call&);
    Reply ticker_day(Call&);
    Reply ticker_window(Call&);
    Reply ticker_price(Call&);
    Reply ticker_book(Call&);
    Reply premium_index(Call&);
    Reply funding_info(Call&);
    Reply open_interest(Call&);
    Reply ticker_trading_day(Call&);
    Reply adl_quantile(Call&);
    Reply adl_risk(Call&);
    // history.cpp
    Reply mark_klines(Call&);
    Reply index_klines(Call&);
    Reply premium_klines(Call&);
    Reply continuous_klines(Call&);
    Reply open_interest_history(Call&);
    Reply long_short_ratio(Call&);
    // rest_trade.cpp
    Reply place(Call&);
    Reply test_order(Call&);
    Reply cancel(Call&);
    Reply cancel_all(Call&);
    Reply cancel_replace(Call&);
    Reply amend(Call&);
    Reply modify(Call&);
    // rest_batch.cpp
    Reply place_batch(Call&);
    Reply modify_batch(Call&);
    Reply cancel_batch(Call&);
    Reply countdown(Call&);
    // rest_orders.cpp
    Reply query(Call&);
    Reply open_order(Call&);
    Reply open_orders(Call&);
    Reply all_orders(Call&);
    Reply my_trades(Call&);
    Reply force_orders(Call&);
    Reply order_usage(Call&);
    // amendments.cpp
    Reply spot_amendments(Call&);
    Reply futures_amendments(Call&);
    // rest_account.cpp
    Reply account(Call&);
    Reply commission(Call&);
    Reply prevented_matches(Call&);
    // rest_futures_account.cpp
    Reply futures_account(Call&);
    Reply futures_balance(Call&);
    Reply positions(Call&);
    Reply leverage(Call&);
    Reply margin_type(Call&);
    Reply position_mode(Call&);
    Reply set_position_mode(Call&);
    Reply multi_assets(Call&);
    Reply account_config(Call&);
    Reply symbol_config(Call&);
    Reply leverage_brackets(Call&);
    Reply commission_rate(Call&);
    Reply income(Call&);
    Reply fee_burn(Call&);
    Reply trading_status(Call&);
    // rest_wallet.cpp
    Reply system_status(Call&);
    Reply empty_list(Call&);
    Reply empty_page(Call&);
    Reply no_symbols(Call&);
    Reply coins(Call&);
    Reply user_assets(Call&);
    Reply funding_assets(Call&);
    Reply trade_fees(Call&);
    Reply funding_history(Call&);
    Reply key_permissions(Call&);
    Reply account_status(Call&);
    Reply transfer(Call&);
    Reply transfers(Call&);
    // rest_movements.cpp
    Reply withdraw(Call&);
    Reply withdrawals(Call&);
    Reply deposits(Call&);
    Reply deposit_address(Call&);
    // listen_keys.cpp
    Reply listen_key_start(Call&);
    Reply listen_key_extend(Call&);
    Reply listen_key_close(Call&);

private:
    /// `name`: of the parameter.
    [[nodiscard]] tl::expected<ListingId, Fault> listing_of(const Call& call,
                                                            const char* name = "symbol") const;
    /// The one listing asked for, or all of the product.
    [[nodiscard]] tl::expected<std::vector<ListingId>, Fault> listings_of(const Call& call) const;
    [[nodiscard]] tl::expected<const Order*, Fault> order_of(const Call& call, ListingId listing,
                                                             const Fault& missing) const;
    [[nodiscard]] tl::expected<sim_engine::NewOrder, Fault> read_order(const Call& call,
                                                                       ListingId listing);
    [[nodiscard]] Reply answer_placed(const Call& call, OrderId id, std::size_t events_before);
    [[nodiscard]] Reply place_one(Call& call);
    [[nodiscard]] Reply modify_one(Call& call);
    [[nodiscard]] Json cancel_one(const Call& call, const Order& order, std::string cancel_id);
    [[nodiscard]] std::string fresh_id(std::size_t size);
    [[nodiscard]] Reply assets_in(const Call& call, sim_engine::Wallet wallet) const;
    [[nodiscard]] Json asset_row(const Call& call, AssetId asset) const;
    [[nodiscard]] Json position_row(const Call& call, ListingId listing) const;

    [[nodiscard]] Reply told_klines(Call& call, const char* symbol,
                                    sim_front::PriceMinutes PerpetualHistory::* prices,
                                    std::optional<std::uint8_t> decimals);
    [[nodiscard]] Reply sampled(Call& call,
                                const std::function<Json(const sim_engine::Listing&,
                                                         const PerpetualHistory::Sample&)>& row);
    void amended(const Order& before, UnixNanos now);

    static constexpr std::size_t kMostKept = 10'000;  ///< transfers, withdrawals, amendments

    struct ListenKey {
        AccountId account;
        UnixNanos until;
    };
    struct Transferred {
        AccountId account;
        std::string type, asset, amount;
        sim_engine::MovementId movement;
        UnixNanos time;
    };
    /// What the engine does not keep of a withdrawal.
    struct Withdrawn {
        std::string order_id, address, tag;
    };
    struct Income {
        UnixNanos time;
        sim_engine::FundingPayment payment;
        std::uint64_t id = 0;
    };
    SimVenue& venue_;
    runtime::Random random_;  ///< ids that clients did not choose
    Limits spot_limits_{Product::Spot}, futures_limits_{Product::Futures};
    std::vector<Tape> tapes_;
    std::map<ListingId, PerpetualHistory> histories_;
    std::deque<Amendment> amendments_;
    std::uint64_t next_amendment_ = 1;
    std::map<OrderId, std::string> cancel_ids_;
    std::map<std::string, ListenKey, std::less<>> listen_keys_;
    std::map<std::pair<AccountId, ListingId>, UnixNanos> countdowns_;
    std::deque<Income> income_;
    std::deque<Transferred> transfers_;
    std::map<sim_engine::MovementId, Withdrawn> withdrawn_;
    std::uint64_t next_income_ = 1;
};

}  // namespace parallax::sim_binance
