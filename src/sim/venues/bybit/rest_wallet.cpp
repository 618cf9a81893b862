// Deposits and withdrawals, from the engine's movements.
#include <algorithm>

#include "sim/venues/bybit/ids.hpp"
#include "sim/venues/bybit/rest_history.hpp"

namespace parallax::sim_bybit {

using sim_engine::Movement;
using sim_engine::MovementId;
using sim_engine::MovementKind;
using sim_engine::MovementStatus;
using sim_engine::Reject;
using sim_engine::Wallet;

namespace {

constexpr Nanos kMonth = Nanos::seconds(30 * 86'400);
constexpr Nanos kPause = Nanos::seconds(10);  ///< between withdrawals of one coin

/// Of one account for one coin, always the same, and of no real chain.
std::string address_of(sim_engine::AccountId account, const std::string& coin) {
    return "simulated-bybit-" + std::to_string(member_id(account)) + '-' + coin;
}

std::string transaction_of(const Movement& m) { return "sim" + std::to_string(m.id.raw()); }

/// {rows, nextPageCursor} of the rows a cursor and a limit choose.
Reply rows_page(const Call& call, std::vector<Json> rows, std::size_t limit) {
    Json paged = page(call.query, std::move(rows), limit);
    return {{},
            {{"rows", std::move(paged["list"])}, {"nextPageCursor", paged["nextPageCursor"]}},
            Json::object()};
}

bool asked(std::string_view wanted, std::string_view value) noexcept {
    return wanted.empty() || wanted == value;
}

bool is_request_id(std::string_view text) noexcept {
    return text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
           });
}

std::optional<MovementId> movement_id(std::string_view text) {
    const auto number = sim_front::integer(text);
    if (!number || *number < 0) return std::nullopt;
    return MovementId{static_cast<std::uint64_t>(*number)};
}

}  // namespace

Reply RestWallet::deposit_address(const Call& call) const {
    const auto asset = venue_.find_asset(call.query.text("coin"));
    if (!asset) return Reply::failed(parameter_error("coin invalid"));
    const std::string& coin = venue_.asset_name(*asset);
    if (!asked(call.query.text("chainType"), coin))
        return Reply::failed(parameter_error("chainType invalid"));
    const Json chain{
        {"chainType", coin},         {"addressDeposit", address_of(call.key->account, coin)},
        {"tagDeposit", ""},          {"chain", coin},
        {"batchReleaseLimit", "-1"}, {"contractAddress", ""}};
    return {{}, {{"coin", coin}, {"chains", Json::array({chain})}}, Json::object()};
}

/// The fee of a withdrawal comes out of this too.
Reply RestWallet::withdrawable(const Call& call) const {
    const auto asset = venue_.find_asset(call.query.text("coin"));
    if (!asset) return Reply::failed(parameter_error("coin invalid"));
    const auto of = [&](Wallet wallet) {
        const Amount free = venue_.available(call.key->account, wallet, *asset);
        const std::string text = (free.is_negative() ? Amount{} : free).text();
        return Json{{"coin", venue_.asset_name(*asset)},
                    {"withdrawableAmount", text},
                    {"availableBalance", text}};
    };
    return {{},
            {{"limitAmountUsd", "0"},  // nothing is frozen
             {"withdrawableAmount", {{"FUND", of(Wallet::Funding)}, {"UTA", of(Wallet::Trading)}}}},
            Json::object()};
}

Reply RestWallet::deposits(const Call& call) const {
    const auto limit = list_limit(call.query, 50, 50);
    if (!limit) return Reply::failed(parameter_error("limit invalid"));
    TimeSpan span = time_span(call, kMonth, kMonth);
    if (!span.answer.ok()) return Reply::failed(span.answer);
    span.from -= span.from % 1'000;  // only seconds count
    span.to += 999 - span.to % 1'000;
    const std::string_view id = call.query.text("id");
    std::vector<Json> rows;
    const auto& movements = venue_.movements();
    for (auto m = movements.rbegin(); m != movements.rend(); ++m) {
        if (m->account != call.key->account || m->kind != MovementKind::Deposit) continue;
        const std::string number = std::to_string(m->id.raw());
        const std::string& coin = venue_.asset_name(m->asset);
        // An id goes before everything else.
        if (!asked(id, number)) continue;
        if (id.empty() && (!asked(call.query.text("coin"), coin) || !span.holds(m->created) ||
                           !asked(call.query.text("txID"), transaction_of(*m)))) {
            continue;
        }
        const bool done = m->status == MovementStatus::Done;
        rows.push_back(Json{{"id", number},
                            {"coin", coin},
                            {"chain", coin},
                            {"amount", m->amount.text()},
                            {"txID", transaction_of(*m)},
                            {"status", done ? 3 : 1},  // success, to be confirmed
                            {"toAddress", address_of(m->account, coin)},
                            {"tag", ""},
                            {"depositFee", ""},
                            {"successAt", std::to_string((done ? m->due : m->created).millis())},
                            {"confirmations", done ? "1" : "0"},
                            {"txIndex", ""},
                            {"blockHash", ""},
                            {"batchReleaseLimit", "-1"},
                            {"depositType", "0"},
                            {"fromAddress", ""},
                            {"taxStatus", ""}});
    }
    return rows_page(call, std::move(rows), *limit);
}

Reply RestWallet::withdrawals(const Call& call) const {
    const auto limit = list_limit(call.query, 50, 50);
    if (!limit) return Reply::failed(parameter_error("limit invalid"));
    const TimeSpan span = time_span(call, kMonth, kMonth);
    if (!span.answer.ok()) return Reply::failed(span.answer);
    const std::string_view type = call.query.text("withdrawType");
    if (!type.empty() && type != "0" && type != "1" && type != "2")
        return Reply::failed(parameter_error("withdrawType invalid"));
    std::vector<Json> rows;
    const auto& movements = venue_.movements();
    for (auto m = movements.rbegin(); m != movements.rend(); ++m) {
        if (m->account != call.key->account || m->kind != MovementKind::Withdrawal) continue;
        const std::string number = std::to_string(m->id.raw());
        const std::string& coin = venue_.asset_name(m->asset);
        const bool done = m->status == MovementStatus::Done;
        const bool cancelled = m->status == MovementStatus::Cancelled;
        const std::string transaction = done ? transaction_of(*m) : "";
        // All are on chain.
        if (type == "1" || !asked(call.query.text("withdrawID"), number) ||
            !asked(call.query.text("txID"), transaction) || !asked(call.query.text("coin"), coin) ||
            !span.holds(m->created)) {
            continue;
        }
        const auto found = sent_.find(m->id);
        const Sent sent = found == sent_.end() ? Sent{} : found->second;
        UnixNanos updated = done ? m->due : m->created;
        if (cancelled && sent.cancelled.known()) updated = sent.cancelled;
        const char* status = "Pending";
        if (done) status = "success";
        if (cancelled) status = "CancelByUser";
        rows.push_back(Json{{"withdrawId", number},
                            {"txID", transaction},
                            {"withdrawType", 0},
                            {"coin", coin},
                            {"chain", coin},
                            {"amount", m->amount.text()},
                            {"withdrawFee", m->fee.text()},
                            {"status", status},
                            {"toAddress", sent.address},
                            {"tag", sent.tag},
                            {"createTime", std::to_string(m->created.millis())},
                            {"updateTime", std::to_string(updated.millis())}});
    }
    return rows_page(call, std::move(rows), *limit);
}

RestWallet::Sent& RestWallet::remember(MovementId id) {
    const auto known = sent_.find(id);
    if (known != sent_.end()) return known->second;
    while (sent_.size() >= kRemembered) sent_.erase(sent_.begin());
    return sent_[id];
}

Reply RestWallet::withdraw(const Call& call) {
    const auto text = [&call](std::string_view name) {
        return field(call.body, name).value_or(std::string{"\n"});  // neither text nor number
    };
    const auto asset = venue_.find_asset(text("coin"));
    if (!asset) return Reply::failed(parameter_error("coin invalid"));
    const std::string& coin = venue_.asset_name(*asset);
    // By UID only to other main accounts of the venue, of which there are none.
    const std::string force = text("forceChain");
    if (!force.empty() && force != "0" && force != "1")
        return Reply::failed(parameter_error("forceChain invalid"));
    if (text("chain") != coin) return Reply::failed(parameter_error("chain invalid"));
    const std::string address = text("address"), tag = text("tag"), request = text("requestId");
    if (address.empty()) return Reply::failed(parameter_error("address invalid"));
    if (!sim_front::integer(text("timestamp")))
        return Reply::failed(parameter_error("timestamp invalid"));
    const std::string type = text("accountType");
    if (!type.empty() && type != "FUND" && type != "UTA")
        return Reply::failed(parameter_error("accountType invalid"));
    const std::string fees = text("feeType");
    if (!fees.empty() && fees != "0" && fees != "1")
        return Reply::failed(parameter_error("feeType invalid"));
    if (tag == "\n" || !is_request_id(request))
        return Reply::failed(parameter_error("requestId invalid"));
    const auto sum = Amount::parse(text("amount"));
    if (!sum || !(*sum > Amount{})) return Reply::failed(parameter_error("amount invalid"));

    const auto id_json = [](MovementId id) {
        return Reply{{}, {{"id", std::to_string(id.raw())}}, Json::object()};
    };
    // The same request again is the same withdrawal.
    for (const auto& [id, sent] : sent_) {
        if (request.empty() || sent.request != request) continue;
        const Movement* const m = venue_.movement(id);
        if (m != nullptr && m->account == call.key->account) return id_json(id);
    }
    if (!addresses_.contains(address))
        return Reply::failed({131093, "The withdrawal address is not in the whitelist"});
    const Amount fee = *Amount::parse(kFee);
    const Amount received = fees == "1" ? *sum - fee : *sum;
    if (received < *Amount::parse(kLeast)) {
        return Reply::failed(
            {131096, "Withdraw amount does not satify the lower limit or upper limit"});
    }
    UnixNanos& last = last_[{call.key->account, *asset}];
    if (last.known() && call.now - last < kPause)
        return Reply::failed({kTooMany, "Too many visits!"});
    const Wallet from = type == "UTA" ? Wallet::Trading : Wallet::Funding;
    const auto done = venue_.withdraw(call.key->account, from, *asset, received, fee, call.now);
    if (!done) {
        const bool poor = done.error() == Reject::InsufficientBalance;
        return Reply::failed(
            poor ? Answer{131085, "Withdrawal amount is greater than your availale balance"}
                 : parameter_error("amount invalid"));
    }
    last = call.now;
    remember(*done) = {address, tag, request, {}};
    return id_json(*done);
}

/// status 1 when it is cancelled, 0 when it cannot be any more.
Reply RestWallet::cancel(const Call& call) {
    const auto id = movement_id(field(call.body, "id").value_or(""));
    if (!id) return Reply::failed(parameter_error("id invalid"));
    const auto done = venue_.cancel_withdrawal(call.key->account, *id, call.now);
    if (done) remember(*id).cancelled = call.now;
    if (!done && done.error() != Reject::MovementFinal)
        return Reply::failed(parameter_error("id invalid"));
    return {{}, {{"status", done ? 1 : 0}}, Json::object()};
}

}  // namespace parallax::sim_bybit
