// What leaves the spot and the funding wallet and what arrives there, of which the engine keeps the
// money.
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "sim/venues/binance/api.hpp"
#include "sim/venues/binance/numbers.hpp"

namespace parallax::sim_binance {
namespace {

using sim_engine::Movement;
using sim_engine::MovementKind;
using sim_engine::MovementStatus;
using sim_engine::Wallet;
using sim_front::Permission;

constexpr std::int64_t kMostRows = 1'000;
constexpr Nanos kRemembered = Nanos::seconds(90 * 86'400);

/// "2026-01-31 08:15:00", in UTC.
std::string time_text(UnixNanos time) {
    using namespace std::chrono;
    const sys_seconds whole = floor<seconds>(sys_time<nanoseconds>{nanoseconds{time.nanos()}});
    const sys_days day = floor<days>(whole);
    const year_month_day date{day};
    const hh_mm_ss clock{whole - day};
    char text[40];
    std::snprintf(
        text, sizeof text, "%04d-%02u-%02u %02d:%02d:%02d", int{date.year()},
        unsigned{date.month()}, unsigned{date.day()}, static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
    return text;
}

int withdrawal_status(MovementStatus status) {
    switch (status) {
        case MovementStatus::Done:
            return 6;
        case MovementStatus::Cancelled:
            return 3;
        case MovementStatus::Pending:
            break;
    }
    return 4;
}

int wallet_type(Wallet wallet) { return wallet == Wallet::Funding ? 1 : 0; }

/// What a history is asked for.
struct Page {
    std::string_view coin;
    std::optional<std::int64_t> status, from, to;
    std::size_t skip = 0, most = 0;

    Page(Arguments& in, UnixNanos now) {
        coin = in.may("coin");
        status = in.number("status");
        from = in.number("startTime");
        to = in.number("endTime");
        skip = static_cast<std::size_t>(in.number("offset").value_or(0));
        most = static_cast<std::size_t>(in.number_or("limit", kMostRows, kMostRows));
        const std::int64_t span = kRemembered.as_millis();
        const std::int64_t end = to.value_or(now.millis());
        if (from && end - *from > span)
            in.wrong(-1127, "More than 90 days between startTime and endTime.");
        if (!from) from = end - span;
    }
    /// Whether the row is on the page; counts those before it.
    bool takes(const Json& row, std::int64_t time, std::size_t rows) {
        if (!coin.empty() && row["coin"] != coin) return false;
        if (status && row["status"] != *status) return false;
        if (time < *from || (to && time > *to) || rows >= most) return false;
        if (skip == 0) return true;
        --skip;
        return false;
    }
};

}  // namespace

/// The fee comes out of the amount.
Reply Api::withdraw(Call& call) {
    Arguments in{call};
    const std::string coin{in.must("coin")};
    const std::string address{in.must("address")};
    const std::string tag{in.may("addressTag")};
    const std::string order_id{in.may("withdrawOrderId")};
    const std::string network{in.may("network")};
    const auto amount = Amount::parse(in.must("amount"));
    const std::int64_t wallet = in.number("walletType").value_or(0);
    if (in.fault()) return in.failure();
    if (!call.key->may(Permission::Withdraw))
        return refuse(-1002, "You are not authorized to execute this request.", 401);
    const auto asset = venue_.find_asset(coin);
    const Amount fee = *Amount::parse(kWithdrawalFee);
    const auto malformed = [](const char* name) {
        return refuse(-1102, std::string{"Mandatory parameter '"} + name +
                                 "' was not sent, was empty/null, or malformed.");
    };
    if (!asset) return malformed("coin");
    if (!network.empty() && network != coin) return malformed("network");
    if (!amount || *amount <= fee) return malformed("amount");
    if (wallet > 1) return malformed("walletType");
    const auto done =
        venue_.withdraw(call.account(), wallet == 1 ? Wallet::Funding : Wallet::Trading, *asset,
                        *amount - fee, fee, call.now);
    if (!done) return refuse(-4026, "User has insufficient balance");
    withdrawn_[*done] = {order_id, address, tag};
    if (withdrawn_.size() > kMostKept) withdrawn_.erase(withdrawn_.begin());
    return Json{{"id", std::to_string(done->raw())}};
}

/// Newest first.
Reply Api::withdrawals(Call& call) {
    Arguments in{call};
    Page page{in, call.now};
    const std::string_view order_id = in.may("withdrawOrderId");
    if (in.fault()) return in.failure();
    Json rows = Json::array();
    for (auto at = venue_.movements().rbegin(); at != venue_.movements().rend(); ++at) {
        const Movement& m = *at;
        if (m.account != call.account() || m.kind != MovementKind::Withdrawal) continue;
        const auto sent = withdrawn_.find(m.id);
        const Withdrawn more = sent == withdrawn_.end() ? Withdrawn{} : sent->second;
        if (!order_id.empty() && more.order_id != order_id) continue;
        const std::string& coin = venue_.asset_name(m.asset);
        const bool done = m.status == MovementStatus::Done;
        Json row{{"id", std::to_string(m.id.raw())},
                 {"amount", text(m.amount)},
                 {"transactionFee", text(m.fee)},
                 {"coin", coin},
                 {"status", withdrawal_status(m.status)},
                 {"address", more.address},
                 {"addressTag", more.tag},
                 {"txId", ""},
                 {"applyTime", time_text(m.created)},
                 {"network", coin},
                 {"transferType", 0},
                 {"withdrawOrderId", more.order_id},
                 {"info", ""},
                 {"confirmNo", done ? 1 : 0},
                 {"walletType", wallet_type(m.from)},
                 {"txKey", ""}};
        if (done) row["completeTime"] = time_text(m.due);
        if (page.takes(row, m.created.millis(), rows.size())) rows.push_back(std::move(row));
    }
    return rows;
}

/// One for each account and coin; only a program that runs the simulation can send there.
Reply Api::deposit_address(Call& call) {
    Arguments in{call};
    const std::string coin{in.must("coin")};
    const std::string_view network = in.may("network");
    if (in.fault()) return in.failure();
    const auto asset = venue_.find_asset(coin);
    if (!asset || (!network.empty() && network != coin))
        return refuse(-4019, "The current currency is not open for deposit.");
    return Json{{"address", "sim-" + coin + "-" + std::to_string(call.account().raw())},
                {"coin", coin},
                {"tag", ""},
                {"url", ""}};
}

/// Newest first.
Reply Api::deposits(Call& call) {
    Arguments in{call};
    Page page{in, call.now};
    if (in.fault()) return in.failure();
    Json rows = Json::array();
    for (auto at = venue_.movements().rbegin(); at != venue_.movements().rend(); ++at) {
        const Movement& m = *at;
        if (m.account != call.account() || m.kind != MovementKind::Deposit) continue;
        const std::string& coin = venue_.asset_name(m.asset);
        const bool done = m.status == MovementStatus::Done;
        Json row{{"id", std::to_string(m.id.raw())},
                 {"amount", text(m.amount)},
                 {"coin", coin},
                 {"network", coin},
                 {"status", done ? 1 : 0},
                 {"address", ""},
                 {"addressTag", ""},
                 {"txId", ""},
                 {"insertTime", m.created.millis()},
                 {"transferType", 0},
                 {"confirmTimes", done ? "1/1" : "0/1"},
                 {"unlockConfirm", 1},
                 {"walletType", wallet_type(m.to)}};
        if (done) row["completeTime"] = m.due.millis();
        if (page.takes(row, m.created.millis(), rows.size())) rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace parallax::sim_binance
