// Money between an account's wallets, and what is in them.
#include <algorithm>

#include "sim/venues/bybit/ids.hpp"
#include "sim/venues/bybit/rest.hpp"
#include "sim/venues/bybit/text.hpp"

namespace parallax::sim_bybit {
namespace {

using sim_engine::Wallet;

Reply good(Json result) { return {{}, std::move(result), Json::object()}; }

std::optional<Wallet> wallet_of_type(std::string_view type) noexcept {
    if (type == "UNIFIED") return Wallet::Trading;
    if (type == "FUND") return Wallet::Funding;
    return std::nullopt;
}
std::string_view type_of(Wallet wallet) noexcept {
    return wallet == Wallet::Funding ? "FUND" : "UNIFIED";
}

bool is_uuid(std::string_view text) noexcept {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const char c = text[i];
        const bool digit =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (dash ? c != '-' : !digit) return false;
    }
    return true;
}

std::string_view status_text(sim_engine::MovementStatus status) noexcept {
    switch (status) {
        case sim_engine::MovementStatus::Pending:
            return "PENDING";
        case sim_engine::MovementStatus::Done:
            return "SUCCESS";
        case sim_engine::MovementStatus::Cancelled:
            break;
    }
    return "FAILED";
}

std::string transferable(const sim_engine::SimVenue& venue, sim_engine::AccountId account,
                         Wallet wallet, AssetId asset) {
    const Amount free = venue.available(account, wallet, asset);
    return (free.is_negative() ? Amount{} : free).text();
}

/// Whether a call is about its own account: there are no sub-accounts.
bool own(const Call& call) {
    const std::string_view member = call.query.text("memberId");
    return member.empty() || member == std::to_string(member_id(call.key->account));
}

}  // namespace

Reply RestAccount::transfer(const Call& call) {
    const auto id = field(call.body, "transferId"), coin = field(call.body, "coin"),
               amount = field(call.body, "amount"), from = field(call.body, "fromAccountType"),
               to = field(call.body, "toAccountType");
    if (!id || !is_uuid(*id)) return Reply::failed(parameter_error("transferId invalid"));
    const auto asset = coin ? venue_.find_asset(*coin) : std::nullopt;
    if (!asset) return Reply::failed(parameter_error("coin invalid"));
    const bool to_trading = from && to && *from == "FUND" && *to == "UNIFIED";
    const bool to_funding = from && to && *from == "UNIFIED" && *to == "FUND";
    if (!to_trading && !to_funding) return Reply::failed(parameter_error("account type invalid"));
    const Wallet source = to_trading ? Wallet::Funding : Wallet::Trading;
    const Wallet target = to_trading ? Wallet::Trading : Wallet::Funding;
    const auto sum = Amount::parse(amount.value_or(""));
    if (!sum || !(*sum > Amount{})) return Reply::failed(parameter_error("amount invalid"));
    const auto known = transfers_.find({call.key->account, *id});
    sim_engine::MovementId movement;
    if (known != transfers_.end()) {
        movement = known->second;
    } else {
        const auto done =
            venue_.transfer(call.key->account, source, target, *asset, *sum, call.now);
        if (!done) {
            const bool poor = done.error() == sim_engine::Reject::InsufficientBalance;
            return Reply::failed(poor ? Answer{131228, "your balance is not enough"}
                                      : refusal(done.error(), false));
        }
        movement = *done;
        transfers_[{call.key->account, *id}] = movement;
    }
    const sim_engine::Movement* const m = venue_.movement(movement);
    return good({{"transferId", *id},
                 {"status", m == nullptr ? std::string_view{"SUCCESS"} : status_text(m->status)}});
}

Reply RestAccount::transfers(const Call& call) const {
    const auto limit = list_limit(call.query, 20, 50);
    if (!limit) return Reply::failed(parameter_error("limit invalid"));
    const std::string_view wanted = call.query.text("transferId");
    const std::string_view coin = call.query.text("coin");
    std::vector<std::pair<sim_engine::MovementId, Json>> found;
    for (const auto& [key, id] : transfers_) {
        const sim_engine::Movement* const m = venue_.movement(id);
        if (key.first != call.key->account || m == nullptr) continue;
        if (!wanted.empty() && key.second != wanted) continue;
        if (!coin.empty() && venue_.asset_name(m->asset) != coin) continue;
        found.emplace_back(id, Json{{"transferId", key.second},
                                    {"coin", venue_.asset_name(m->asset)},
                                    {"amount", m->amount.text()},
                                    {"fromAccountType", type_of(m->from)},
                                    {"toAccountType", type_of(m->to)},
                                    {"timestamp", std::to_string(m->created.millis())},
                                    {"status", status_text(m->status)}});
    }
    std::sort(found.begin(), found.end(),
              [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<Json> rows;
    for (auto& [id, row] : found) rows.push_back(std::move(row));
    Json out = page(call.query, std::move(rows), *limit);
    out.erase("category");
    return good(std::move(out));
}

/// Every coin can go from either wallet to the other.
Reply RestAccount::transfer_coins(const Call& call) const {
    const auto from = wallet_of_type(call.query.text("fromAccountType"));
    const auto to = wallet_of_type(call.query.text("toAccountType"));
    if (!from || !to || *from == *to) return Reply::failed(parameter_error("account type invalid"));
    Json list = Json::array();
    for (std::size_t i = 0; i < venue_.assets(); ++i)
        list.push_back(venue_.asset_name(AssetId{static_cast<AssetId::rep>(i)}));
    return good({{"list", std::move(list)}});
}

Reply RestAccount::coin(const Call& call) const {
    const auto wallet = wallet_of_type(call.query.text("accountType"));
    if (!wallet) return Reply::failed(parameter_error("account type invalid"));
    if (!own(call)) return Reply::failed(parameter_error("memberId invalid"));
    const auto asset = venue_.find_asset(call.query.text("coin"));
    if (!asset) return Reply::failed(parameter_error("coin invalid"));
    const sim_engine::AccountId account = call.key->account;
    const std::string member = std::to_string(member_id(account));
    const std::string free = transferable(venue_, account, *wallet, *asset);
    const bool safe = call.query.text("withTransferSafeAmount") == "1";
    return good({{"accountType", type_of(*wallet)},
                 {"bizType", 1},
                 {"accountId", member},
                 {"memberId", member},
                 {"balance",
                  {{"coin", venue_.asset_name(*asset)},
                   {"walletBalance", venue_.balance(account, *wallet, *asset).total.text()},
                   {"transferBalance", free},
                   {"bonus", ""},
                   {"transferSafeAmount", safe ? free : ""},
                   {"ltvTransferSafeAmount", ""}}}});
}

Reply RestAccount::coins(const Call& call) const {
    const auto wallet = wallet_of_type(call.query.text("accountType"));
    if (!wallet) return Reply::failed(parameter_error("account type invalid"));
    if (!own(call)) return Reply::failed(parameter_error("memberId invalid"));
    const std::vector<std::string> wanted = split(call.query.text("coin"));
    Json list = Json::array();
    for (std::size_t i = 0; i < venue_.ledger().assets(); ++i) {
        const AssetId asset{static_cast<AssetId::rep>(i)};
        const std::string& name = venue_.asset_name(asset);
        const Amount total = venue_.balance(call.key->account, *wallet, asset).total;
        const bool listed = wanted.empty()
                                ? !total.is_zero()
                                : std::find(wanted.begin(), wanted.end(), name) != wanted.end();
        if (!listed) continue;
        list.push_back(
            {{"coin", name},
             {"transferBalance", transferable(venue_, call.key->account, *wallet, asset)},
             {"walletBalance", total.text()},
             {"bonus", ""}});
    }
    return good({{"memberId", std::to_string(member_id(call.key->account))},
                 {"accountType", type_of(*wallet)},
                 {"balance", std::move(list)}});
}

}  // namespace parallax::sim_bybit
