#include "services/portfolio/ledger.hpp"

#include <gtest/gtest.h>

#include "core/archive.hpp"
#include "services/portfolio/test_world.hpp"

namespace parallax::portfolio {
namespace {

using test::amount;
using test::at;

constexpr AssetId kUsdt{0};
constexpr Place kOutside{Market::Okx, Bucket::External};
constexpr Place kFree{Market::Okx, Bucket::Available};
constexpr Place kFees{Market::Okx, Bucket::Fee};

Ledger funded() {
    Ledger ledger;
    ledger.grow(2);
    ledger.begin(PlanId::none(), at(1));
    ledger.post(EntryKind::Deposit, kUsdt, kOutside, kFree, amount("10"));
    return ledger;
}

TEST(Ledger, APostingMovesOneAmountBetweenTwoAccounts) {
    Ledger ledger = funded();
    ledger.begin(PlanId{7}, at(2));
    const LedgerEntry entry = ledger.post(EntryKind::Fee, kUsdt, kFree, kFees, amount("0.25"));
    EXPECT_EQ(entry.sequence, 2u);
    EXPECT_EQ(entry.transaction, 2u);
    EXPECT_EQ(entry.plan, PlanId{7});
    EXPECT_EQ(ledger.balance(Market::Okx, kUsdt, Bucket::Available), amount("9.75"));
    EXPECT_EQ(ledger.total(kUsdt, Bucket::Fee), amount("0.25"));
    EXPECT_EQ(ledger.total(kUsdt, Bucket::External), amount("-10"));
}

TEST(Ledger, StopsTheProcessRatherThanOverdrawing) {
    Ledger ledger = funded();
    EXPECT_DEATH(ledger.post(EntryKind::Fee, kUsdt, kFree, kFees, amount("10.01")),
                 "assertion failed");
    EXPECT_DEATH(ledger.post(EntryKind::Fee, kUsdt, kFree, kFees, Amount{}), "assertion failed");
    EXPECT_DEATH(
        ledger.post(EntryKind::Fee, kUsdt, {Market::BybitLinear, Bucket::Fee}, kFree, amount("1")),
        "assertion failed");
}

TEST(Ledger, ItsEntriesRebuildItToTheLastHash) {
    Ledger ledger = funded();
    ledger.begin(PlanId{1}, at(2));
    ledger.post(EntryKind::Fee, kUsdt, kFree, kFees, amount("1"));
    ledger.post(EntryKind::Rebate, kUsdt, kFees, kFree, amount("0.5"));
    Ledger copy;
    copy.grow(2);
    for (const LedgerEntry& entry : ledger.entries()) ASSERT_TRUE(copy.replay(entry));
    ledger.clear_outputs();
    EXPECT_EQ(state_hash(copy), state_hash(ledger));
    std::uint64_t checks = 0;
    EXPECT_FALSE(copy.verify(checks));
    EXPECT_GT(checks, 0u);
}

TEST(Ledger, RefusesAStreamThatMissesRepeatsOrOverdraws) {
    const Ledger ledger = funded();
    LedgerEntry entry = ledger.entries()[0];
    Ledger copy;
    ASSERT_TRUE(copy.replay(entry));
    EXPECT_FALSE(copy.replay(entry));
    entry.sequence = 3;
    EXPECT_FALSE(copy.replay(entry));
    entry.sequence = 2;
    entry.debit = Bucket::Available;
    entry.amount = amount("11");
    EXPECT_FALSE(copy.replay(entry));
}

TEST(Ledger, TheFoldDependsOnEveryEntryAndItsOrder) {
    const auto fold = [](std::initializer_list<std::int64_t> changes) {
        Account account;
        std::uint64_t sequence = 0;
        for (const std::int64_t change : changes) account.apply(++sequence, Amount::units(change));
        return account;
    };
    EXPECT_EQ(fold({5, -2}), fold({5, -2}));
    EXPECT_EQ(fold({5, -2}).balance, fold({-2, 5}).balance);
    EXPECT_NE(fold({5, -2}).fold, fold({-2, 5}).fold);
    EXPECT_NE(fold({5, -2}).fold, fold({3}).fold);
}

TEST(Ledger, VerifiesAgainstTheLastClearedOutputOnly) {
    Ledger ledger = funded();
    ledger.clear_outputs();
    ledger.begin(PlanId::none(), at(2));
    ledger.post(EntryKind::Fee, kUsdt, kFree, kFees, amount("1"));
    std::uint64_t checks = 0;
    EXPECT_FALSE(ledger.verify(checks));
    EXPECT_EQ(ledger.entries().size(), 1u);
    EXPECT_EQ(ledger.entries()[0].sequence, 2u);
}

TEST(Ledger, ADamagedSnapshotDoesNotVerify) {
    Ledger ledger = funded();
    ledger.clear_outputs();
    std::vector<std::byte> bytes;
    StateWriter{bytes}(ledger);
    bytes.back() =
        std::byte{0};  // cuts the count of entries of the last account; then damage a balance
    bytes[8 + 4 + 8 + 16] ^= std::byte{1};
    Ledger copy;
    StateReader reader{bytes};
    reader(copy);
    std::uint64_t checks = 0;
    const auto failure = copy.verify(checks);
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->substr(0, 2), "I6");
}

}  // namespace
}  // namespace parallax::portfolio
