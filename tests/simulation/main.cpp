// Simulations of the whole system, a process each: an assertion that breaks ends its own seed only.
//   system_simulation [--first N] [--seeds N] [--jobs N] [--seconds N]
//   system_simulation --seed N [--faults FILE] [--journal DIR] [--trace]
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>

#include "system.hpp"

namespace parallax::simulation {
namespace {

constexpr unsigned kPatience = 120;  // wall seconds for a seed, then it hangs

/// In a process of its own. 0: all is well.
int run_one(const Options& options, bool summary) {
    const Outcome outcome = run(options);
    if (summary || !outcome.broken.empty()) {
        std::printf(
            "seed %llu: %.1f s simulated, %llu messages, %llu plans, %llu residual, %llu fills, "
            "%llu accidents, %llu idle polls, digest %016llx\n",
            static_cast<unsigned long long>(options.seed), outcome.simulated,
            static_cast<unsigned long long>(outcome.messages),
            static_cast<unsigned long long>(outcome.plans),
            static_cast<unsigned long long>(outcome.residuals),
            static_cast<unsigned long long>(outcome.fills),
            static_cast<unsigned long long>(outcome.accidents),
            static_cast<unsigned long long>(outcome.idle_polls),
            static_cast<unsigned long long>(outcome.digest));
    }
    if (!outcome.broken.empty()) {
        std::string faults = outcome.script;
        for (std::size_t at = 0; (at = faults.find('\n', at)) + 1 < faults.size(); at += 5)
            faults.replace(at, 1, "\n    ");
        std::printf("  faults:\n    %s", faults.c_str());
        for (const std::string& one : outcome.broken) std::printf("  BROKEN %s\n", one.c_str());
    }
    std::fflush(stdout);
    return outcome.broken.empty() ? 0 : 1;
}

struct Child {
    std::uint64_t seed = 0;
    FILE* out = nullptr;
};

/// Its output goes to a file: shown when it ends, not mixed with that of others.
std::pair<pid_t, Child> start(const Options& options) {
    Child child{options.seed, std::tmpfile()};
    std::fflush(nullptr);
    const pid_t pid = fork();
    if (pid == 0) {
        ::dup2(fileno(child.out), STDOUT_FILENO);
        ::dup2(fileno(child.out), STDERR_FILENO);
        ::alarm(kPatience);
        ::_exit(run_one(options, false));
    }
    return {pid, child};
}

void show(FILE* file) {
    std::rewind(file);
    char part[4096];
    for (std::size_t size; (size = std::fread(part, 1, sizeof part, file)) != 0;)
        std::fwrite(part, 1, size, stdout);
}

int run_many(Options options, std::uint64_t first, std::uint64_t seeds, unsigned jobs,
             const char* program) {
    const auto began = std::chrono::steady_clock::now();
    const bool bar = isatty(STDERR_FILENO) == 1;
    std::map<pid_t, Child> running;
    std::vector<std::uint64_t> failed;
    std::uint64_t started = 0, done = 0;
    while (done < seeds) {
        while (started < seeds && running.size() < jobs) {
            options.seed = first + started++;
            running.insert(start(options));
        }
        int status = 0;
        const pid_t pid = ::wait(&status);
        const auto found = running.find(pid);
        if (found == running.end()) continue;
        const Child child = found->second;
        running.erase(found);
        ++done;
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            failed.push_back(child.seed);
            if (bar) std::fputs("\r\x1b[K", stderr);
            show(child.out);
            if (WIFSIGNALED(status))
                std::printf("seed %llu: %s\n", static_cast<unsigned long long>(child.seed),
                            WTERMSIG(status) == SIGALRM ? "hangs" : ::strsignal(WTERMSIG(status)));
            std::printf("  replay: %s --seed %llu --trace\n", program,
                        static_cast<unsigned long long>(child.seed));
            std::fflush(stdout);
        }
        std::fclose(child.out);
        if (bar) {
            constexpr std::uint64_t kWidth = 40;
            const std::string full(done * kWidth / seeds, '#');
            std::fprintf(stderr, "\r[%-40s] %llu of %llu seeds, %zu failed", full.c_str(),
                         static_cast<unsigned long long>(done),
                         static_cast<unsigned long long>(seeds), failed.size());
        }
    }
    if (bar) std::fputs("\n", stderr);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::printf("%llu seeds from %llu in %.1f s: %zu failed",
                static_cast<unsigned long long>(seeds), static_cast<unsigned long long>(first),
                took.count(), failed.size());
    for (const std::uint64_t seed : failed)
        std::printf(" %llu", static_cast<unsigned long long>(seed));
    std::puts("");
    return failed.empty() ? 0 : 1;
}

}  // namespace
}  // namespace parallax::simulation

int main(int argc, char** argv) {
    using namespace parallax::simulation;
    CLI::App app{"Simulates the whole system, venues and faults included, once a seed."};
    Options options;
    std::uint64_t first = 1, seeds = 50, one = 0;
    unsigned jobs = 2;
    std::int64_t seconds = 30;
    std::string faults;
    app.add_option("--first", first, "the first seed");
    app.add_option("--seeds", seeds, "how many");
    app.add_option("--jobs", jobs, "at a time");
    app.add_option("--seconds", seconds, "of trading, simulated")->check(CLI::Range(15, 86'400));
    auto* const single = app.add_option("--seed", one, "just this one, and tells more");
    app.add_option("--faults", faults, "a script instead of the seed's own")->needs(single);
    app.add_option("--journal", options.journal, "writes the run's journal here")->needs(single);
    app.add_flag("--trace", options.trace, "tells what happens")->needs(single);
    CLI11_PARSE(app, argc, argv);
    options.lasting = parallax::Nanos::seconds(seconds);
    if (*single) {
        options.seed = one;
        if (!faults.empty()) {
            std::ifstream stream{faults};
            std::stringstream text;
            text << stream.rdbuf();
            options.faults = text.str();
        }
        return run_one(options, true);
    }
    return run_many(options, first, seeds, jobs, argv[0]);
}
