#include "adapters/venues/bybit/account.hpp"

#include <algorithm>

#include "adapters/venues/bybit/account_reader.hpp"
#include "adapters/venues/bybit/limits.hpp"
#include "adapters/venues/common/encoding.hpp"
#include "core/assert.hpp"

namespace parallax::bybit {

using ports::AccountFacts;
using ports::AccountRequest;
using ports::AccountTopic;
using ports::AccountWallet;
using venue_common::append_parameter;
using venue_common::Element;
using venue_common::list_of;
using venue_common::millis_field;
using venue_common::Object;
using venue_common::RestAnswer;
using venue_common::RestCall;
using venue_common::text_field;

namespace {

constexpr std::string_view kCategories[] = {"spot", "linear"};

std::string_view wallet_text(AccountWallet wallet) noexcept {
    return wallet == AccountWallet::Trading ? "UNIFIED" : "FUND";
}
Market market_of(unsigned step) noexcept {
    return step == 0 ? Market::BybitSpot : Market::BybitLinear;
}
ports::TransferReport::State transfer_state(std::string_view text) noexcept {
    using State = ports::TransferReport::State;
    if (text == "SUCCESS") return State::Done;
    return text == "FAILED" ? State::Failed : State::Pending;
}

}  // namespace

Accounts::Accounts(const Universe& universe, std::string_view tag)
    : universe_{universe}, tag_{tag}, reader_{std::make_unique<Reader>(universe)} {
    PLX_ASSERT(tag.size() == 4);
}
Accounts::~Accounts() = default;

/// The tag's four bytes, then the id, in the form of a version 4 UUID.
std::string Accounts::transfer_id(std::uint64_t id) const {
    const auto hex = [](std::uint64_t value, int digits) {
        std::string out;
        while (digits-- > 0) out += "0123456789abcdef"[(value >> (4 * digits)) & 15];
        return out;
    };
    std::uint64_t tag = 0;
    for (const char c : tag_) tag = tag << 8 | static_cast<unsigned char>(c);
    return hex(tag, 8) + "-706c-4" + hex(id >> 60, 3) + "-8" + hex(id >> 48, 3) + "-" + hex(id, 12);
}

// ---- what is asked

Result<void> Accounts::check(const AccountRequest& request) const {
    const auto linear = [&] {
        return request.instrument.valid() &&
               request.instrument.index() < universe_.instruments().size() &&
               universe_.instrument(request.instrument).market == Market::BybitLinear;
    };
    switch (request.topic) {
        case AccountTopic::SetLeverage:
            if (request.leverage == 0) return fail(Errc::Rejected, "a leverage of 0");
            [[fallthrough]];
        case AccountTopic::Leverage:
        case AccountTopic::PositionMode:
            if (!linear()) return fail(Errc::Rejected, "no perpetual of this venue");
            return {};
        case AccountTopic::Transfer:
            if (!request.asset.valid() || request.amount <= Amount{} || request.id == 0 ||
                request.from == request.to)
                return fail(Errc::Rejected, "a transfer needs asset, amount, id and two wallets");
            return {};
        case AccountTopic::TransferState:
            if (request.id == 0) return fail(Errc::Rejected, "a transfer has an id");
            return {};
        case AccountTopic::DeadMan:
            if (request.after < Nanos::seconds(3) || request.after > Nanos::seconds(300))
                return fail(Errc::Rejected, "the window is 3 to 300 s");
            return {};
        default:
            return {};
    }
}

unsigned Accounts::steps(const AccountRequest& request) const noexcept {
    const bool both = request.topic == AccountTopic::Fees ||
                      request.topic == AccountTopic::OpenOrders ||
                      request.topic == AccountTopic::Fills;
    if (request.topic == AccountTopic::Leverage) return 2;  // the symbol's, the account's margin
    return both ? 2 : 1;                                    // spot, linear
}

RestCall Accounts::write(const AccountRequest& request, unsigned step, const std::string& cursor,
                         UnixNanos) const {
    RestCall call;
    const auto get = [&](Call what, std::string_view path) {
        call.rate.call = what;
        call.path = path;
    };
    const auto post = [&](Call what, std::string_view path, std::string body) {
        get(what, path);
        call.method = "POST";
        call.repeat = venue_common::Repeat::IfUnsent;
        call.body = std::move(body);
    };
    const auto with = [&](std::string_view name, std::string_view value) {
        append_parameter(call.query, name, value);
    };
    const auto paged = [&](std::string_view most) {
        with("limit", most);
        if (!cursor.empty()) with("cursor", cursor);
    };
    const auto symbol = [&] { return universe_.instrument(request.instrument).venue_symbol; };
    switch (request.topic) {
        case AccountTopic::Balances:
        case AccountTopic::Margin:
            get(Call::kWallet, "/v5/account/wallet-balance");
            with("accountType", "UNIFIED");
            break;
        case AccountTopic::Positions:
            get(kPositions, "/v5/position/list");
            with("category", "linear");
            with("settleCoin", "USDT");
            paged("200");
            break;
        case AccountTopic::Fees:
            get(kFeeRate, "/v5/account/fee-rate");
            with("category", kCategories[step]);
            break;
        case AccountTopic::OpenOrders:
            get(kOpenOrders, "/v5/order/realtime");
            with("category", kCategories[step]);
            if (step != 0) with("settleCoin", "USDT");
            paged("50");
            break;
        case AccountTopic::Fills:
        case AccountTopic::Funding:
            get(kExecutions, "/v5/execution/list");
            with("category", request.topic == AccountTopic::Funding ? "linear" : kCategories[step]);
            if (request.topic == AccountTopic::Funding) with("execType", "Funding");
            with("startTime", std::to_string(request.since.millis()));
            paged("100");
            break;
        case AccountTopic::Leverage:
            if (step == 1) {
                get(kAccountInfo, "/v5/account/info");
                break;
            }
            [[fallthrough]];
        case AccountTopic::PositionMode:  // of each symbol: no question tells that of the account
            get(kPositions, "/v5/position/list");
            with("category", "linear");
            with("symbol", symbol());
            break;
        case AccountTopic::SetLeverage: {
            const std::string leverage = std::to_string(request.leverage);
            post(kSetLeverage, "/v5/position/set-leverage",
                 R"({"category":"linear","symbol":")" + symbol() + R"(","buyLeverage":")" +
                     leverage + R"(","sellLeverage":")" + leverage + R"("})");
            break;
        }
        case AccountTopic::Transfer:
            post(kTransfer, "/v5/asset/transfer/inter-transfer",
                 R"({"transferId":")" + transfer_id(request.id) + R"(","coin":")" +
                     universe_.asset_name(request.asset) + R"(","amount":")" +
                     request.amount.text() + R"(","fromAccountType":")" +
                     std::string{wallet_text(request.from)} + R"(","toAccountType":")" +
                     std::string{wallet_text(request.to)} + R"("})");
            break;
        case AccountTopic::TransferState:
            get(kTransferList, "/v5/asset/transfer/query-inter-transfer-list");
            with("transferId", transfer_id(request.id));
            break;
        case AccountTopic::Deposits:
        case AccountTopic::Withdrawals: {
            const bool in = request.topic == AccountTopic::Deposits;
            get(in ? kDeposits : kWithdrawals,
                in ? "/v5/asset/deposit/query-record" : "/v5/asset/withdraw/query-record");
            if (request.asset.valid()) with("coin", universe_.asset_name(request.asset));
            paged("50");
            break;
        }
        case AccountTopic::Key:
            get(kKey, "/v5/user/query-api");
            break;
        case AccountTopic::DeadMan:
            post(kDisconnectCancel, "/v5/order/disconnected-cancel-all",
                 R"({"timeWindow":)" + std::to_string(request.after.as_millis() / 1'000) + "}");
            break;
    }
    return call;
}

bool Accounts::done_already(const AccountRequest& request,
                            const RestAnswer& answer) const noexcept {
    return request.topic == AccountTopic::SetLeverage &&
           answer.verdict.reaction == venue_common::Reaction::Done;
}

Result<std::string> Accounts::read(const AccountRequest& request, unsigned step,
                                   const RestAnswer& answer, AccountFacts& facts) {
    Object root;
    if (reader_->json.parse(answer.body.data(), answer.body.size()).get(root) != simdjson::SUCCESS)
        return fail(Errc::Malformed, "no JSON");
    const auto result = venue_common::object_field(root, "result");
    if (!result) return fail(Errc::Malformed, "no result");
    switch (request.topic) {
        case AccountTopic::SetLeverage:
            facts = ports::LeverageReport{request.instrument, request.leverage, true};
            return std::string{};
        case AccountTopic::Transfer:
            facts = ports::TransferReport{request.id, transfer_state(text_field(*result, "status")),
                                          std::string{text_field(*result, "transferId")}};
            return std::string{};
        case AccountTopic::Key:
            Reader::key(*result, facts);
            return std::string{};
        case AccountTopic::DeadMan:
            return std::string{};
        case AccountTopic::Leverage: {
            if (step == 0) break;
            // Margin is the account's, for all symbols; portfolio margin is a kind of cross.
            auto* const told = std::get_if<ports::LeverageReport>(&facts);
            const std::string_view mode = text_field(*result, "marginMode");
            if (told == nullptr || mode.empty()) return fail(Errc::Malformed, "no margin mode");
            told->cross = mode != "ISOLATED_MARGIN";
            return std::string{};
        }
        case AccountTopic::Positions:
            (void)list_of<ports::PositionReport>(facts);
            break;
        case AccountTopic::OpenOrders:
            (void)list_of<ports::AccountOrder>(facts);
            break;
        case AccountTopic::Fills:
            (void)list_of<ports::AccountFill>(facts);
            break;
        case AccountTopic::Funding:
            (void)list_of<messages::CashEvent>(facts);
            break;
        case AccountTopic::Fees:
            (void)list_of<ports::FeeReport>(facts);
            break;
        case AccountTopic::Deposits:
        case AccountTopic::Withdrawals:
            (void)list_of<ports::MovementReport>(facts);
            break;
        default:
            break;
    }
    auto rows = venue_common::array_field(*result, "list");
    if (!rows) rows = venue_common::array_field(*result, "rows");
    if (!rows) return fail(Errc::Malformed, "no list");
    const UnixNanos time = millis_field(root, "time");
    for (const Element element : *rows) {
        Object row;
        if (element.get(row) != simdjson::SUCCESS) return fail(Errc::Malformed, "no row");
        bool good = true;
        switch (request.topic) {
            case AccountTopic::Balances:
            case AccountTopic::Margin:
                reader_->wallet(row, request.topic == AccountTopic::Margin, time, facts);
                break;
            case AccountTopic::Positions:
                good = reader_->position(row, facts);
                break;
            case AccountTopic::Fees:
                reader_->fee(row, market_of(step), facts);
                break;
            case AccountTopic::OpenOrders:
                good = reader_->order(row, market_of(step), facts);
                break;
            case AccountTopic::Fills:
                good = reader_->fill(row, market_of(step), facts);
                break;
            case AccountTopic::Funding:
                reader_->payment(row, facts);
                break;
            case AccountTopic::Leverage:
                facts = ports::LeverageReport{
                    request.instrument, venue_common::leverage_field(row, "leverage"),
                    venue_common::integer_field(row, "tradeMode").value_or(0) == 0};
                break;
            case AccountTopic::PositionMode: {  // in hedge mode a row a side
                const auto* const other = std::get_if<ports::PositionModeReport>(&facts);
                const auto index = venue_common::integer_field(row, "positionIdx");
                if (!index) return fail(Errc::Malformed, "a position without its side");
                facts = ports::PositionModeReport{
                    request.instrument, *index == 0 && (other == nullptr || other->one_way), false};
                break;
            }
            case AccountTopic::TransferState:
                facts = ports::TransferReport{request.id, transfer_state(text_field(row, "status")),
                                              std::string{text_field(row, "transferId")}};
                break;
            case AccountTopic::Deposits:
            case AccountTopic::Withdrawals:
                reader_->movement(row, request.topic == AccountTopic::Deposits, facts);
                break;
            default:
                break;
        }
        if (!good) return fail(Errc::Malformed, "a row cannot be read");
    }
    if (std::holds_alternative<std::monostate>(facts))
        return fail(Errc::Rejected, "the venue knows nothing of it");
    std::string next =
        rows->size() == 0 ? std::string{} : std::string{text_field(*result, "nextPageCursor")};
    if (!next.empty()) return next;
    // All pages of the product are there, the newest first; then both products by time.
    if (auto* const fills = std::get_if<std::vector<ports::AccountFill>>(&facts)) {
        const auto begin = std::ranges::find_if(*fills, [&](const ports::AccountFill& fill) {
            return universe_.instrument(fill.instrument).market == market_of(step);
        });
        std::reverse(begin, fills->end());
        std::ranges::stable_sort(*fills, {}, &ports::AccountFill::time);
    }
    if (auto* const cash = std::get_if<std::vector<messages::CashEvent>>(&facts))
        std::ranges::reverse(*cash);
    return next;
}

}  // namespace parallax::bybit
