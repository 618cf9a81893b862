#pragma once

#include <cstdint>
#include <string>

/// What a journal says about itself.
namespace parallax::messages {

/// First record of a run: all that decides how inputs turn into outputs.
struct RunManifest {
    std::string version;   ///< of the binary
    std::string settings;  ///< canonical text of all settings, as `parallax config` prints it
    std::string fees;      ///< canonical text of the fee schedule
    std::uint64_t seed = 0;
    template <class Archive>
    void describe(Archive& a) { a(version, settings, fees, seed); }
};

/// Proof after every so many inputs and at the end.
struct StateHash {
    std::uint64_t inputs = 0;   ///< inputs so far
    std::uint64_t outputs = 0;  ///< outputs so far
    std::uint64_t chain = 0;    ///< hash of all outputs and all earlier state hashes
    std::uint64_t state = 0;    ///< hash of the whole state now
    template <class Archive>
    void describe(Archive& a) { a(inputs, outputs, chain, state); }
};

}  // namespace parallax::messages
