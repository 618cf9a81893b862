#include <fmt/format.h>

#include <cstdio>

#include "app/commands.hpp"
#include "app/verifier.hpp"
#include "journal/reader.hpp"
#include "journal/snapshot.hpp"

namespace parallax::app {
namespace {

/// What goes wrong in a comparison is the run's fault; everything else the journal's.
int code_of(const Error& error) { return error.code == Errc::Rejected ? kFailed : kBadInput; }

/// Feeds the records from where the reader stands to the end.
Result<void> feed(journal::Reader& reader, Verifier& verifier) {
    journal::Record record;
    for (;;) {
        const auto next = reader.next(record);
        if (!next) return tl::unexpected<Error>{next.error()};
        if (!*next) return {};
        if (const auto same = verifier.on_record(record); !same) return same;
    }
}

struct SnapshotProof {
    std::uint64_t sequence = 0;
    std::uint64_t tail = 0;  ///< records behind it
};

/// The newest snapshot and the records behind it must lead to the same state as the whole run.
Result<std::optional<SnapshotProof>> prove_snapshot(const VerifyOptions& options, Verifier& whole) {
    std::vector<std::string> notes;
    auto snapshot = journal::latest_snapshot(options.journal, notes);
    for (const std::string& note : notes) std::fprintf(stderr, "warning: %s\n", note.c_str());
    if (!snapshot) return tl::unexpected<Error>{snapshot.error()};
    if (!*snapshot) return std::optional<SnapshotProof>{};
    const std::uint64_t sequence = (*snapshot)->sequence;
    const std::string name = fmt::format("snapshot at record {}", sequence);
    if (sequence > whole.records())
        return fail(Errc::Rejected, fmt::format("{}: the journal ends before it, at record {}",
                                                name, whole.records()));
    Verifier tail;
    if (const auto started = tail.start_at((*snapshot)->state); !started)
        return fail(started.error().code, name + ": " + started.error().detail);
    auto reader = journal::Reader::open(options.journal, sequence + 1);
    if (!reader) return tl::unexpected<Error>{reader.error()};
    if (const auto fed = feed(*reader, tail); !fed)
        return fail(fed.error().code, name + ": " + fed.error().detail);
    if (tail.records() != whole.records() - sequence ||
        tail.pipeline().digest() != whole.pipeline().digest()) {
        return fail(Errc::Rejected,
                    name + ": the records behind it lead to another state than the whole run");
    }
    return std::optional{SnapshotProof{sequence, tail.records()}};
}

std::string json_text(Verifier& verifier, const std::optional<SnapshotProof>& proof) {
    Pipeline& pipeline = verifier.pipeline();
    return fmt::format(
        "{{\"digest\": \"{:016x}\", \"records\": {}, \"inputs\": {}, \"outputs\": {}, "
        "\"opportunities\": {}, \"plans\": {}, \"complete\": {}, \"starts\": {}, {}\"equal\": "
        "true}}\n",
        pipeline.digest(), verifier.records(), pipeline.inputs(), verifier.outputs(),
        pipeline.scanner().counts().seen, pipeline.plan_counts().sent, verifier.complete(),
        verifier.parts(),
        proof ? fmt::format("\"snapshot\": {{\"record\": {}, \"tail\": {}}}, ", proof->sequence,
                            proof->tail)
              : "");
}

std::string text(const VerifyOptions& options, Verifier& verifier,
                 const std::optional<SnapshotProof>& proof) {
    std::string out = fmt::format(
        "{}: {} records, {} inputs, {} outputs: every byte and every state hash equal\n",
        options.journal, verifier.records(), verifier.pipeline().inputs(), verifier.outputs());
    if (verifier.parts() > 1)
        out += fmt::format("started {} times, each time from where it had stopped\n",
                           verifier.parts());
    if (!verifier.complete()) out += "the run was cut short: it ends without its last state hash\n";
    if (proof)
        out += fmt::format("snapshot at record {}: tail of {} records gives the same state\n",
                           proof->sequence, proof->tail);
    return out + fmt::format("digest {:016x}\n", verifier.pipeline().digest());
}

}  // namespace

int run_verify(const VerifyOptions& options) {
    auto reader = journal::Reader::open(options.journal);
    if (!reader) return complain("verify", reader.error().detail, kBadInput);
    Verifier verifier;
    if (const auto fed = feed(*reader, verifier); !fed)
        return complain("verify", fed.error().detail, code_of(fed.error()));
    if (!verifier.started()) return complain("verify", "no run in the journal", kBadInput);
    const auto proof = prove_snapshot(options, verifier);
    if (!proof) return complain("verify", proof.error().detail, code_of(proof.error()));
    const std::string report =
        options.json ? json_text(verifier, *proof) : text(options, verifier, *proof);
    std::fputs(report.c_str(), stdout);
    return kOk;
}

}  // namespace parallax::app
