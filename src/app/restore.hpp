#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/verifier.hpp"

namespace parallax::app {

/// The state of the run in a journal as of its last record: from the newest good snapshot and the
/// records behind it, or from all records when there is none. Each output on the way is held
/// against the recorded one. `notes`: what was passed over, for people. Errors: Unavailable
/// (cannot be read), Malformed (damaged, or no run), Rejected (this program makes something else of
/// the inputs than the one that wrote it).
[[nodiscard]] Result<std::unique_ptr<Verifier>> restore(const std::string& journal,
                                                        std::vector<std::string>& notes);

/// Whether a run may go on under these settings, which become those of its next part. Everything
/// may change but whose money it is: the environment and account of a venue that was on. What else
/// does not go together with the state, Pipeline::continue_from finds. Errors: Rejected.
[[nodiscard]] Result<void> may_continue(const messages::RunManifest& before,
                                        const messages::RunManifest& next);

}  // namespace parallax::app
