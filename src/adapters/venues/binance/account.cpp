// What is asked of a wallet. account_reader.cpp has what is told.
#include "adapters/venues/binance/account.hpp"

#include <algorithm>

#include "adapters/venues/binance/account_reader.hpp"
#include "adapters/venues/common/encoding.hpp"

namespace parallax::binance {

using ports::AccountFacts;
using ports::AccountRequest;
using ports::AccountTopic;
using ports::AccountWallet;
using venue_common::append_parameter;
using venue_common::RestAnswer;
using venue_common::RestCall;

namespace {

/// The venue's clock may be behind ours.
constexpr Nanos kBefore = Nanos::seconds(10);

std::string_view transfer_type(Product product, AccountWallet from) noexcept {
    if (product == Product::Spot)
        return from == AccountWallet::Trading ? "MAIN_FUNDING" : "FUNDING_MAIN";
    return from == AccountWallet::Trading ? "UMFUTURE_MAIN" : "MAIN_UMFUTURE";
}

/// Fills in the pages of all symbols, oldest first.
void sort_fills(AccountFacts& facts) {
    if (auto* const fills = std::get_if<std::vector<ports::AccountFill>>(&facts))
        std::ranges::stable_sort(*fills, {}, &ports::AccountFill::time);
}

}  // namespace

Accounts::Accounts(const Universe& universe, AccountSettings settings)
    : universe_{universe},
      settings_{std::move(settings)},
      reader_{std::make_unique<Reader>(universe, settings_.product)},
      transfers_{std::make_unique<Transfers>()} {}
Accounts::~Accounts() = default;

std::vector<InstrumentId> Accounts::symbols(AccountTopic topic) const {
    if (topic == AccountTopic::DeadMan && !settings_.guarded.empty()) return settings_.guarded;
    std::vector<InstrumentId> out;
    for (const Instrument& instrument : universe_.instruments()) {
        if (instrument.market == market()) out.push_back(instrument.id);
    }
    return out;
}

Result<void> Accounts::check(const AccountRequest& request) const {
    const auto none_on_spot = [&]() -> Result<void> {
        if (spot()) return fail(Errc::Rejected, "a spot wallet has no such thing");
        return {};
    };
    switch (request.topic) {
        case AccountTopic::Positions:
        case AccountTopic::Margin:
        case AccountTopic::Funding:
            return none_on_spot();
        case AccountTopic::SetLeverage:
            if (request.leverage == 0) return fail(Errc::Rejected, "a leverage of 0");
            [[fallthrough]];
        case AccountTopic::Leverage:
        case AccountTopic::PositionMode:
            if (!request.instrument.valid() ||
                request.instrument.index() >= universe_.instruments().size() ||
                universe_.instrument(request.instrument).market != Market::BinanceUsdm)
                return fail(Errc::Rejected, "no perpetual of this venue");
            return none_on_spot();
        case AccountTopic::DeadMan:
            if (spot()) return fail(Errc::Rejected, "spot has no dead man's switch");
            if (request.after < Nanos{} || request.after > Nanos::seconds(86'400))
                return fail(Errc::Rejected, "the switch takes up to a day, or 0");
            [[fallthrough]];
        case AccountTopic::Fees:
        case AccountTopic::Fills:
            if (symbols(request.topic).empty()) return fail(Errc::Rejected, "no symbol is listed");
            return {};
        case AccountTopic::Transfer:
            if (!request.asset.valid() || request.amount <= Amount{} || request.id == 0 ||
                request.from == request.to)
                return fail(Errc::Rejected, "a transfer needs asset, amount, id and two wallets");
            if (transfers_->find(request.id) != nullptr)
                return fail(Errc::Rejected, "a transfer's id is used once");
            [[fallthrough]];
        case AccountTopic::TransferState:
            if (!settings_.wallet_api) return fail(Errc::Rejected, "no wallet API here");
            return {};
        case AccountTopic::Deposits:
        case AccountTopic::Withdrawals:
            if (!spot()) return fail(Errc::Rejected, "they go by the spot wallet");
            if (!settings_.wallet_api) return fail(Errc::Rejected, "no wallet API here");
            return {};
        case AccountTopic::Balances:
        case AccountTopic::OpenOrders:
        case AccountTopic::Key:
            return {};
    }
    return {};
}

unsigned Accounts::steps(const AccountRequest& request) const noexcept {
    switch (request.topic) {
        case AccountTopic::Fees:
        case AccountTopic::Fills:
        case AccountTopic::DeadMan:
            return static_cast<unsigned>(symbols(request.topic).size());
        case AccountTopic::Positions:    // what is held, then its leverage
        case AccountTopic::SetLeverage:  // cross margin, then the leverage
            return 2;
        default:
            return 1;
    }
}

RestCall Accounts::write(const AccountRequest& request, unsigned step, const std::string& cursor,
                         UnixNanos now) const {
    RestCall call;
    const auto get = [&](std::uint8_t what, std::string_view path) {
        call.rate.call = what;
        call.path = path;
    };
    const auto post = [&](std::uint8_t what, std::string_view path) {
        get(what, path);
        call.method = "POST";
        call.repeat = venue_common::Repeat::IfUnsent;
    };
    const auto symbol = [&](InstrumentId id) {
        append_parameter(call.query, "symbol", universe_.instrument(id).venue_symbol);
    };
    const auto nth = [&] { return symbols(request.topic).at(step); };
    const auto add = [&](std::string_view name, std::string_view value) {
        append_parameter(call.query, name, value);
    };
    switch (request.topic) {
        case AccountTopic::Balances:
            if (spot()) {
                get(spot::kAccount, "/api/v3/account");
            } else {
                get(usdm::kBalance, "/fapi/v3/balance");
            }
            break;
        case AccountTopic::Margin:
            get(usdm::kAccount, "/fapi/v3/account");
            break;
        case AccountTopic::Positions:
            if (step == 0) {
                get(usdm::kPositions, "/fapi/v3/positionRisk");
            } else {
                get(usdm::kSymbolConfig, "/fapi/v1/symbolConfig");
            }
            break;
        case AccountTopic::Fees:
            if (spot()) {
                get(spot::kCommission, "/api/v3/account/commission");
            } else {
                get(usdm::kCommission, "/fapi/v1/commissionRate");
            }
            symbol(nth());
            break;
        case AccountTopic::OpenOrders:
            if (spot()) {
                get(spot::kAllOpenOrders, "/api/v3/openOrders");
            } else {
                get(usdm::kAllOpenOrders, "/fapi/v1/openOrders");
            }
            break;
        case AccountTopic::Fills:
            if (spot()) {
                get(spot::kMyTrades, "/api/v3/myTrades");
            } else {
                get(usdm::kMyTrades, "/fapi/v1/userTrades");
            }
            symbol(nth());
            add(cursor.empty() ? "startTime" : "fromId",
                cursor.empty() ? std::to_string(request.since.millis()) : cursor);
            add("limit", std::to_string(kPage));
            break;
        case AccountTopic::Funding:
            get(usdm::kIncome, "/fapi/v1/income");
            add("incomeType", "FUNDING_FEE");
            add("startTime", cursor.empty() ? std::to_string(request.since.millis()) : cursor);
            add("limit", std::to_string(kPage));
            break;
        case AccountTopic::Leverage:
            get(usdm::kSymbolConfig, "/fapi/v1/symbolConfig");
            symbol(request.instrument);
            break;
        case AccountTopic::PositionMode:
            get(usdm::kPositionMode, "/fapi/v1/positionSide/dual");
            break;
        case AccountTopic::SetLeverage:
            post(usdm::kSetting, step == 0 ? "/fapi/v1/marginType" : "/fapi/v1/leverage");
            symbol(request.instrument);
            if (step == 0) {
                add("marginType", "CROSSED");
            } else {
                add("leverage", std::to_string(request.leverage));
            }
            break;
        case AccountTopic::Transfer: {
            const std::string_view type = transfer_type(settings_.product, request.from);
            transfers_->sent(
                request.id,
                {std::string{type}, universe_.asset_name(request.asset), request.amount, now, {}});
            post(spot() ? std::uint8_t{spot::kTransfer} : std::uint8_t{usdm::kTransfer},
                 "/sapi/v1/asset/transfer");
            add("type", type);
            add("asset", universe_.asset_name(request.asset));
            add("amount", request.amount.text());
            break;
        }
        case AccountTopic::TransferState: {
            get(spot() ? std::uint8_t{spot::kTransferHistory}
                       : std::uint8_t{usdm::kTransferHistory},
                "/sapi/v1/asset/transfer");
            const auto* const sent = transfers_->find(request.id);
            add("type", sent != nullptr ? std::string_view{sent->type}
                                        : transfer_type(settings_.product, AccountWallet::Trading));
            const UnixNanos from = (sent != nullptr ? sent->time : now) - kBefore;
            add("startTime", std::to_string(from.millis()));
            add("size", "100");
            break;
        }
        case AccountTopic::Key:
            if (settings_.wallet_api) {
                get(spot() ? std::uint8_t{spot::kKeyPermissions}
                           : std::uint8_t{usdm::kKeyPermissions},
                    "/sapi/v1/account/apiRestrictions");
            } else if (spot()) {
                get(spot::kAccount, "/api/v3/account");
            } else {
                get(usdm::kAccountConfig, "/fapi/v1/accountConfig");
            }
            break;
        case AccountTopic::DeadMan:
            post(usdm::kCountdownCancel, "/fapi/v1/countdownCancelAll");
            call.repeat = venue_common::Repeat::Always;  // the later one counts
            symbol(nth());
            add("countdownTime", std::to_string(request.after.as_millis()));
            break;
        case AccountTopic::Deposits:
        case AccountTopic::Withdrawals: {
            const bool in = request.topic == AccountTopic::Deposits;
            get(in ? spot::kDepositHistory : spot::kWithdrawalHistory,
                in ? "/sapi/v1/capital/deposit/hisrec" : "/sapi/v1/capital/withdraw/history");
            if (request.asset.valid()) add("coin", universe_.asset_name(request.asset));
            if (!cursor.empty()) add("endTime", cursor);
            add("limit", std::to_string(kPage));
            break;
        }
    }
    return call;
}

bool Accounts::done_already(const AccountRequest& request,
                            const RestAnswer& answer) const noexcept {
    return request.topic == AccountTopic::SetLeverage && answer.code == -4046;
}

/// Symbols are asked about one by one: what is gone says nothing of the others.
bool Accounts::skip(const AccountRequest& request, unsigned step, bool refused,
                    AccountFacts& facts) const {
    const bool by_symbol = request.topic == AccountTopic::Fees ||
                           request.topic == AccountTopic::Fills ||
                           request.topic == AccountTopic::DeadMan;
    if (!by_symbol) return false;
    const std::vector<InstrumentId> all = symbols(request.topic);
    if (step >= all.size()) return false;
    const bool gone = universe_.instrument(all[step]).status == InstrumentStatus::Delisted;
    if (!gone && !refused) return false;
    if (request.topic == AccountTopic::Fees) {
        ports::FeeReport report;
        report.market = market();
        report.spot = spot();
        report.instrument = all[step];
        report.unlisted = true;
        venue_common::list_of<ports::FeeReport>(facts).push_back(report);
    }
    return true;
}

Result<std::string> Accounts::read(const AccountRequest& request, unsigned step,
                                   const RestAnswer& answer, AccountFacts& facts) {
    const auto root = reader_->parse(answer.body);
    if (!root) return fail(Errc::Malformed, "no JSON");
    bool good = true;
    std::size_t count = 0;
    switch (request.topic) {
        case AccountTopic::Balances:
            good = reader_->balances(*root, facts);
            break;
        case AccountTopic::Margin:
            good = reader_->margins(*root, facts);
            break;
        case AccountTopic::Positions:
            good = step == 0 ? reader_->positions(*root, facts) : reader_->settings(*root, facts);
            break;
        case AccountTopic::Fees:
            good = reader_->fees(*root, symbols(request.topic).at(step), facts);
            break;
        case AccountTopic::OpenOrders:
            good = reader_->orders(*root, facts);
            break;
        case AccountTopic::Fills: {
            std::uint64_t last = 0;
            good = reader_->fills(*root, facts, count, last);
            if (good && count >= kPage) return std::to_string(last + 1);
            sort_fills(facts);
            break;
        }
        case AccountTopic::Funding: {
            UnixNanos first;
            UnixNanos last;
            good = reader_->payments(*root, request.since, facts, count, first, last);
            // The next page begins where this one ends: some may have the same time.
            if (good && count >= kPage)
                return std::to_string(first == last ? last.millis() + 1 : last.millis());
            break;
        }
        case AccountTopic::Leverage:
            good = reader_->leverage(*root, request.instrument, facts);
            break;
        case AccountTopic::PositionMode:
            good = Reader::position_mode(*root, request.instrument, facts);
            break;
        case AccountTopic::SetLeverage:
            if (step == 1) good = reader_->leverage(*root, request.instrument, facts);
            break;
        case AccountTopic::Transfer: {
            venue_common::Object object;
            good = root->get(object) == simdjson::SUCCESS;
            const std::string id = good ? venue_common::scalar_field(object, "tranId") : "";
            good = !id.empty();
            transfers_->name(request.id, id);
            facts = ports::TransferReport{request.id, ports::TransferReport::State::Pending, id};
            break;
        }
        case AccountTopic::TransferState: {
            auto state = transfers_->state(request.id, *root);
            if (!state) return tl::unexpected{state.error()};
            facts = std::move(*state);
            break;
        }
        case AccountTopic::Key:
            good = reader_->key(*root, settings_.wallet_api, facts);
            break;
        case AccountTopic::Deposits:
        case AccountTopic::Withdrawals: {
            UnixNanos before;
            good = reader_->movements(*root, request.topic == AccountTopic::Deposits, facts, count,
                                      before);
            if (good && count >= kPage) return std::to_string(before.millis());
            break;
        }
        case AccountTopic::DeadMan:
            break;
    }
    if (!good) return fail(Errc::Malformed, "the answer cannot be read");
    return std::string{};
}

}  // namespace parallax::binance
