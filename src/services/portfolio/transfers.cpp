#include "services/portfolio/transfers.hpp"

#include "services/portfolio/service.hpp"

namespace parallax::portfolio {

using messages::TransferState;

TransferVerdict TransferRegistry::accept(const messages::Transfer& step) {
    const Market from = wallet_of(step.from), to = wallet_of(step.to);
    if (step.id == 0 || from == to || step.amount <= Amount{} || step.fee.is_negative())
        return TransferVerdict::Malformed;
    if (over_.contains(step.id)) return TransferVerdict::Duplicate;
    const auto [it, fresh] = open_.try_emplace(step.id);
    OpenTransfer& transfer = it->second;
    if (fresh) {
        transfer.from = from;
        transfer.to = to;
        transfer.asset = step.asset;
    } else if (transfer.from != from || transfer.to != to || transfer.asset != step.asset) {
        return TransferVerdict::Malformed;
    }
    bool& told = step.state == TransferState::Sent ? transfer.sent : transfer.ended;
    if (told) return TransferVerdict::Duplicate;
    told = true;
    return TransferVerdict::Book;
}

void TransferRegistry::close(std::uint64_t id) {
    open_.erase(id);
    over_.insert(id);
}

Amount TransferRegistry::in_transit(AssetId asset) const noexcept {
    Amount sum;
    for (const auto& [id, transfer] : open_) {
        if (transfer.asset == asset) sum += transfer.in_transit;
    }
    return sum;
}

/// Money leaves a wallet into transit and comes out of it at the other, or back. Its fees are a
/// plan's `transfers`, if it is made for one.
void Service::on(const messages::Transfer& step) {
    const Market from = wallet_of(step.from), to = wallet_of(step.to);
    const Market told_by = step.state == TransferState::Arrived ? to : from;
    marks_.advance(step.time);
    if (!known(step.asset) || !sensible(step.amount) || !sensible(step.fee))
        return halt(told_by, Alarm::UnknownEntry, step.time);
    switch (transfers_.accept(step)) {
        case TransferVerdict::Duplicate:
            ++counters_.duplicates;
            return;
        case TransferVerdict::Malformed:
            return halt(told_by, Alarm::BadTransfer, step.time);
        case TransferVerdict::Book:
            break;
    }
    PlanAccount* account = nullptr;
    bool ended = false;  // the plan is over, or was never told: a fee of it is explained by itself
    if (step.plan.valid() && !step.fee.is_zero()) {
        account = plans_.find(step.plan.raw());
        ended = account == nullptr;
        if (ended) account = &open_plan(step.plan);
        value_in(*account, AssetId::none());
        Item& item = touch(*account, ItemKey::of(step.asset), marks_, universe_, nullptr, {});
        item.transfer_fees += step.fee;
        item.transfer_fees_value += Wide::product(step.fee, value_of(step.asset, *account, item));
    }
    current_ = account;
    begin(step.plan, step.time, {step.account_update, step.time});
    book_transfer(step, transfers_.at(step.id));
    current_ = nullptr;
    if (ended) finish(*account, {}, step.time);
}

void Service::book_transfer(const messages::Transfer& step, OpenTransfer& transfer) {
    const Place transit{transfer.from, Bucket::InTransit};
    const Place fees{transfer.from, Bucket::Fee};
    if (step.state == TransferState::Sent) {
        pay(EntryKind::Transfer, step.asset, transit, step.amount, nullptr, step.time);
        if (!step.fee.is_zero())
            pay(EntryKind::Fee, step.asset, fees, step.fee, nullptr, step.time);
        transfer.in_transit += step.amount;
    } else {
        const Market end = step.state == TransferState::Arrived ? transfer.to : transfer.from;
        move(EntryKind::Transfer, step.asset, transit, {end, Bucket::Available}, step.amount);
        if (!step.fee.is_zero()) move(EntryKind::Fee, step.asset, transit, fees, step.fee);
        transfer.in_transit -= step.amount + step.fee;
    }
    if (!transfer.over()) return;
    const Place suspense{transfer.from, Bucket::Suspense};
    const Amount rest = transfer.in_transit;  // what neither came nor was kept as a fee (I10)
    if (rest > Amount{}) move(EntryKind::Unexplained, step.asset, transit, suspense, rest);
    if (rest.is_negative()) move(EntryKind::Unexplained, step.asset, suspense, transit, -rest);
    if (!rest.is_zero()) halt(transfer.to, Alarm::BadTransfer, step.time, step.asset, -rest);
    transfers_.close(step.id);
}

}  // namespace parallax::portfolio
