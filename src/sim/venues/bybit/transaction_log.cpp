#include "sim/venues/bybit/transaction_log.hpp"

namespace parallax::sim_bybit {

using sim_engine::AccountId;
using sim_engine::Listing;
using sim_engine::MovementKind;
using sim_engine::MovementStatus;
using sim_engine::Wallet;

namespace {

constexpr std::size_t kMostLines = 10'000;

}  // namespace

const std::deque<LogLine>& TransactionLog::lines(AccountId account) const noexcept {
    static const std::deque<LogLine> kNone;
    const auto found = books_.find(account);
    return found == books_.end() ? kNone : found->second.lines;
}

void TransactionLog::add(AccountId account, const LogLine& line) {
    Book& book = books_[account];
    book.lines.push_back(line);
    ++book.unbalanced;
    if (book.lines.size() <= kMostLines) return;
    if (!book.lines.front().balanced) --book.unbalanced;
    book.lines.pop_front();
}

void TransactionLog::happened(const sim_engine::PrivateEvent& event) {
    LogLine line;
    line.number = event.number;
    line.time = event.time;
    if (const auto* const update = std::get_if<sim_engine::OrderUpdate>(&event.body)) {
        if (update->change == sim_engine::OrderChange::Filled) filled(*update, line);
    } else if (const auto* const payment = std::get_if<sim_engine::FundingPayment>(&event.body)) {
        paid(*payment, line);
    } else if (const auto* const movement = std::get_if<sim_engine::Movement>(&event.body)) {
        moved(*movement, line);
    } else if (const auto* const change = std::get_if<sim_engine::BalanceChange>(&event.body)) {
        if (change->wallet == Wallet::Trading) balanced(*change, line);
    } else if (const auto* const notice = std::get_if<sim_engine::LiquidationNotice>(&event.body)) {
        books_[notice->account].liquidated.insert(venue_.listing(notice->listing).quote);
    }
}

void TransactionLog::filled(const sim_engine::OrderUpdate& update, LogLine line) {
    const sim_engine::Order& o = update.order;
    const sim_engine::Execution& e = update.execution;
    const Listing& l = venue_.listing(o.listing);
    const FeeRates& rates =
        venue_.account(o.account).settings.fees.rates(l.definition.market, l.definition.kind);
    line.type = LogLine::Type::Trade;
    line.listing = o.listing;
    line.side = o.side;
    line.price = e.price;
    line.rate = e.maker ? rates.maker : rates.taker;
    line.trade = e.trade;
    line.order = o.id;
    line.client_id = o.client_id;
    if (l.perpetual) {
        line.asset = l.quote;
        line.quantity = l.amount(e.quantity);
        line.cash = e.realised;
        line.fee = e.fee;
        return add(o.account, line);
    }
    const bool buys = o.side == Side::Buy;
    const Amount base = l.amount(e.quantity);
    for (const AssetId asset : {l.base, l.quote}) {
        const Amount moved = asset == l.base ? base : e.quote;
        line.asset = asset;
        line.quantity = line.cash = buys == (asset == l.base) ? moved : -moved;
        line.fee = asset == e.fee_asset ? e.fee : Amount{};
        add(o.account, line);
    }
}

void TransactionLog::paid(const sim_engine::FundingPayment& f, LogLine line) {
    const Listing& l = venue_.listing(f.listing);
    const bool is_long = f.position > Quantity{};
    line.type = LogLine::Type::Settlement;
    line.listing = f.listing;
    line.asset = l.quote;
    line.side = is_long ? Side::Buy : Side::Sell;
    line.quantity = l.amount(f.position).magnitude();
    line.price = f.mark;
    line.rate = is_long ? f.rate : -f.rate;
    line.funding = -f.amount;
    add(f.account, line);
}

/// Deposits and withdrawals of the unified wallet are told like transfers.
void TransactionLog::moved(const sim_engine::Movement& m, LogLine line) {
    const bool pending = m.status == MovementStatus::Pending;
    const bool leaves = pending && m.kind != MovementKind::Deposit && m.from == Wallet::Trading;
    const bool arrives = m.status == MovementStatus::Done && m.kind != MovementKind::Withdrawal &&
                         m.to == Wallet::Trading;
    const bool returns = m.status == MovementStatus::Cancelled && m.from == Wallet::Trading;
    if (!leaves && !arrives && !returns) return;
    line.type = leaves ? LogLine::Type::TransferOut : LogLine::Type::TransferIn;
    line.asset = m.asset;
    line.cash = leaves ? -m.amount : m.amount;
    if (!arrives) line.fee = leaves ? m.fee : -m.fee;
    line.quantity = line.cash;
    add(m.account, line);
}

void TransactionLog::balanced(const sim_engine::BalanceChange& change, LogLine line) {
    Book& book = books_[change.account];
    const auto told = book.told.find(change.asset);
    if (book.liquidated.erase(change.asset) > 0 && told != book.told.end()) {
        // What the insurance fund took or gave is told by the balance only.
        Amount rest = change.total - told->second;
        std::size_t left = book.unbalanced;
        for (auto at = book.lines.rbegin(); at != book.lines.rend() && left > 0; ++at) {
            if (at->balanced) continue;
            --left;
            if (at->asset == change.asset) rest -= at->change();
        }
        if (!rest.is_zero()) {
            line.type = LogLine::Type::Liquidation;
            line.asset = change.asset;
            line.cash = line.quantity = rest;
            add(change.account, line);
        }
    }
    book.told[change.asset] = change.total;
    Amount after = change.total;
    for (auto at = book.lines.rbegin(); at != book.lines.rend() && book.unbalanced > 0; ++at) {
        if (at->asset != change.asset) continue;
        if (at->balanced) break;
        at->balance = after;
        at->balanced = true;
        after -= at->change();
        --book.unbalanced;
    }
}

}  // namespace parallax::sim_bybit
