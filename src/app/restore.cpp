#include "app/restore.hpp"

#include "app/session.hpp"
#include "journal/snapshot.hpp"

namespace parallax::app {
namespace {

Result<void> feed(const std::string& journal, std::uint64_t from, Verifier& verifier) {
    auto reader = journal::Reader::open(journal, from);
    if (!reader) return tl::unexpected<Error>{reader.error()};
    journal::Record record;
    for (;;) {
        const auto next = reader->next(record);
        if (!next) return tl::unexpected<Error>{next.error()};
        if (!*next) return {};
        if (const auto same = verifier.on_record(record); !same) return same;
    }
}

}  // namespace

Result<std::unique_ptr<Verifier>> restore(const std::string& journal,
                                          std::vector<std::string>& notes) {
    auto snapshot = journal::latest_snapshot(journal, notes);
    if (!snapshot) return tl::unexpected<Error>{snapshot.error()};
    if (*snapshot) {
        auto verifier = std::make_unique<Verifier>();
        auto done = verifier->start_at((*snapshot)->state);
        if (done) done = feed(journal, (*snapshot)->sequence + 1, *verifier);
        if (done) return verifier;
        notes.push_back("the snapshot at record " + std::to_string((*snapshot)->sequence) +
                        " is of no use: " + done.error().detail);
    }
    auto verifier = std::make_unique<Verifier>();
    if (const auto done = feed(journal, 1, *verifier); !done)
        return tl::unexpected<Error>{done.error()};
    if (!verifier->started()) return fail(Errc::Malformed, journal + ": holds no run");
    return verifier;
}

Result<void> may_continue(const messages::RunManifest& before, const messages::RunManifest& next) {
    const auto refuse = [](const std::string& what) {
        return fail(Errc::Rejected, what + "; give another directory for another run");
    };
    if (before.mode != next.mode)
        return refuse("it is of mode " + before.mode + ", this one is " + next.mode);
    if (before.inputs != next.inputs)
        return refuse("it was of " + before.inputs + ", this one is of " + next.inputs);
    const auto then = settings_of_run(before.configuration);
    const auto now = settings_of_run(next.configuration);
    if (!then) return tl::unexpected<Error>{then.error()};
    if (!now) return tl::unexpected<Error>{now.error()};
    const auto same_money = [](const VenueConfig& a, const VenueConfig& b) {
        return !a.on() || (a.environment == b.environment && a.account == b.account);
    };
    const auto who = [](const char* section, const VenueConfig& config) {
        return std::string{section} + " is " + config.environment + ", account " + config.account;
    };
    if (!same_money(then->live_binance, now->live_binance))
        return refuse("its ledger holds other money: there " +
                      who("live_binance", then->live_binance));
    if (!same_money(then->live_okx, now->live_okx))
        return refuse("its ledger holds other money: there " + who("live_okx", then->live_okx));
    if (!same_money(then->live_bybit, now->live_bybit))
        return refuse("its ledger holds other money: there " + who("live_bybit", then->live_bybit));
    return {};
}

}  // namespace parallax::app
