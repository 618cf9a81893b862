#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/venues/binance/limits.hpp"
#include "adapters/venues/common/live_account.hpp"

namespace parallax::binance {

struct AccountSettings {
    Product product = Product::Spot;
    /// Where /sapi answers. Test networks have none: no transfers there, and nobody tells what a
    /// key may do.
    bool wallet_api = true;
    /// USD-M: symbols whose orders the dead man's switch cancels, each a request of weight 10;
    /// empty: all there are.
    std::vector<InstrumentId> guarded;
};

/// How Binance tells of one wallet, spot or USD-M (spot docs of 2026-07-21, USD-M and wallet SDK of
/// 2026-08). Its Trading wallet is the one traded from; its Funding wallet is, for spot, the
/// account of that name and, for USD-M, the spot wallet, where deposits arrive. Trades are listed
/// by symbol and name no client id. Transfers carry no id of ours: which is which is known as long
/// as this lives. Not there: positions, margin, leverage, funding and the switch on spot;
/// deposits and withdrawals, of which the venue tells the last 90 days, on USD-M.
class Accounts final : public venue_common::AccountProtocol {
public:
    /// The universe outlives it.
    Accounts(const Universe& universe, AccountSettings settings);
    ~Accounts() override;

    [[nodiscard]] Result<void> check(const ports::AccountRequest& request) const override;
    [[nodiscard]] unsigned steps(const ports::AccountRequest& request) const noexcept override;
    [[nodiscard]] venue_common::RestCall write(const ports::AccountRequest& request, unsigned step,
                                               const std::string& cursor,
                                               UnixNanos now) const override;
    [[nodiscard]] bool done_already(const ports::AccountRequest& request,
                                    const venue_common::RestAnswer& answer) const noexcept override;
    [[nodiscard]] bool skip(const ports::AccountRequest& request, unsigned step, bool refused,
                            ports::AccountFacts& facts) const override;
    [[nodiscard]] Result<std::string> read(const ports::AccountRequest& request, unsigned step,
                                           const venue_common::RestAnswer& answer,
                                           ports::AccountFacts& facts) override;

private:
    class Reader;
    class Transfers;
    [[nodiscard]] bool spot() const noexcept { return settings_.product == Product::Spot; }
    [[nodiscard]] Market market() const noexcept {
        return spot() ? Market::BinanceSpot : Market::BinanceUsdm;
    }
    /// Asked about one after the other where the venue wants a symbol.
    [[nodiscard]] std::vector<InstrumentId> symbols(ports::AccountTopic topic) const;

    const Universe& universe_;
    AccountSettings settings_;
    std::unique_ptr<Reader> reader_;
    std::unique_ptr<Transfers> transfers_;
};

}  // namespace parallax::binance
