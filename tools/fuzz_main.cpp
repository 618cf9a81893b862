// Runs a fuzzer's entry point once on every file below the given folders and on a few thousand
// cheap mutations of each, so that a plain g++ build keeps the fuzzers honest. `make fuzz` does the
// real search with libFuzzer.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::uint64_t next_random(std::uint64_t& state) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

void run_mutations(const std::vector<std::uint8_t>& seed, std::uint64_t& state) {
    for (int round = 0; round < 300; ++round) {
        std::vector<std::uint8_t> data = seed;
        const std::uint64_t edits = 1 + next_random(state) % 4;
        for (std::uint64_t i = 0; i < edits && !data.empty(); ++i) {
            const std::size_t at = next_random(state) % data.size();
            switch (next_random(state) % 4) {
                case 0:
                    data[at] = static_cast<std::uint8_t>(next_random(state));
                    break;
                case 1:
                    data.resize(at);
                    break;
                case 2:
                    data.erase(data.begin() + static_cast<std::ptrdiff_t>(at));
                    break;
                default:
                    data.insert(data.begin() + static_cast<std::ptrdiff_t>(at),
                                data[data.size() / 2]);
                    break;
            }
        }
        LLVMFuzzerTestOneInput(data.data(), data.size());
    }
}

}  // namespace

int main(int argc, char** argv) {
    std::size_t files = 0;
    std::uint64_t state = 0x9e3779b97f4a7c15ULL;
    for (int i = 1; i < argc; ++i) {
        if (!std::filesystem::exists(argv[i])) {
            std::fprintf(stderr, "no corpus at %s\n", argv[i]);
            return 1;
        }
        for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
            if (!entry.is_regular_file()) continue;
            std::ifstream in{entry.path(), std::ios::binary};
            const std::vector<std::uint8_t> data{std::istreambuf_iterator<char>{in}, {}};
            LLVMFuzzerTestOneInput(data.data(), data.size());
            run_mutations(data, state);
            ++files;
        }
    }
    std::printf("%zu corpus files run\n", files);
    return files == 0 ? 1 : 0;
}
