#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>
#include <vector>

#include "app/doctor.hpp"
#include "runtime/clock.hpp"

namespace parallax::app {
namespace {

constexpr std::int64_t kWorstClock = 250'000;  ///< us the system's clock may be off by its own word
constexpr std::uint64_t kFewFiles = 1'024;
constexpr std::uint64_t kLittleDisk = 10'000'000'000, kFullDisk = 1'000'000'000;  ///< bytes
constexpr Nanos kSlowSync = Nanos::millis(50);
constexpr std::size_t kProbe = 1'000'000;  ///< bytes written to the disk

Finding machine(Health health, const char* what, std::string text) {
    return {"machine", health, what, std::move(text)};
}

/// By what the kernel is told by whoever keeps its time. Venues refuse requests that are late.
Finding clock() {
    timex state{};
    const int answer = ::adjtimex(&state);
    if (answer < 0)
        return machine(Health::Warning, "clock", "the kernel does not tell how good it is");
    if (answer == TIME_ERROR || (state.status & STA_UNSYNC) != 0)
        return machine(Health::Warning, "clock",
                       "nobody keeps it right by the kernel's word: run chrony or "
                       "systemd-timesyncd, unless the host does; the venues' clocks are below");
    const std::string text = fmt::format("kept in time, off by at most {} us", state.maxerror);
    return state.maxerror > kWorstClock
               ? machine(Health::Warning, "clock", text + ": more than venues like")
               : machine(Health::Good, "clock", text);
}

Finding processor() {
    const unsigned cores = std::thread::hardware_concurrency();
    if (!__builtin_cpu_supports("avx2"))
        return machine(Health::Failed, "processor", "no AVX2: this build needs x86-64-v3");
    return machine(
        cores < 2 ? Health::Warning : Health::Good, "processor",
        fmt::format("{} cores, AVX2{}", cores, cores < 2 ? "; trading wants one for itself" : ""));
}

Finding open_files() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    const std::string text = limit.rlim_cur == RLIM_INFINITY
                                 ? std::string{"no limit"}
                                 : fmt::format("up to {}", limit.rlim_cur);
    return limit.rlim_cur < kFewFiles
               ? machine(Health::Warning, "open files", text + ": raise it (ulimit -n 4096)")
               : machine(Health::Good, "open files", text);
}

/// Keys are kept where they cannot be swapped out.
Finding locked_memory() {
    rlimit limit{};
    ::getrlimit(RLIMIT_MEMLOCK, &limit);
    return limit.rlim_cur < 64 * 1'024
               ? machine(Health::Warning, "locked memory",
                         fmt::format("{} bytes: keys may be swapped to disk (ulimit -l 64)",
                                     limit.rlim_cur))
               : machine(Health::Good, "locked memory", "enough for the keys");
}

/// Writes and syncs a probe; its time, or errno.
Result<Nanos> try_disk(const std::string& folder) {
    std::string path = folder + "/.parallax-doctor-XXXXXX";
    const int fd = ::mkostemp(path.data(), O_CLOEXEC);
    if (fd < 0) return fail(Errc::Unavailable, std::strerror(errno));
    ::unlink(path.c_str());  // whatever happens from here on, nothing stays behind
    const std::vector<char> probe(kProbe, 'p');
    const MonoNanos start = runtime::mono_now();
    const bool good = ::write(fd, probe.data(), probe.size()) == static_cast<ssize_t>(kProbe) &&
                      ::fdatasync(fd) == 0;
    const std::string why = good ? "" : std::strerror(errno);
    const Nanos took = runtime::mono_now() - start;
    ::close(fd);
    if (!good) return fail(Errc::Unavailable, why);
    return took;
}

Finding disk(const std::string& folder) {
    std::error_code ignored;
    const std::string place = std::filesystem::absolute(folder, ignored).string();
    struct statvfs space{};
    if (::statvfs(folder.c_str(), &space) != 0)
        return machine(Health::Failed, "disk", place + ": " + std::strerror(errno));
    const std::uint64_t left = static_cast<std::uint64_t>(space.f_bavail) * space.f_frsize;
    const auto took = try_disk(folder);
    if (!took) return machine(Health::Failed, "disk", place + ": " + took.error().detail);
    const std::string text =
        fmt::format("{}: {:.1f} GB free, a megabyte is safe after {:.1f} ms", place,
                    static_cast<double>(left) / 1e9, static_cast<double>(took->count()) / 1e6);
    if (left < kFullDisk) return machine(Health::Failed, "disk", text + ": nearly full");
    if (left < kLittleDisk) return machine(Health::Warning, "disk", text + ": getting full");
    return machine(*took > kSlowSync ? Health::Warning : Health::Good, "disk",
                   *took > kSlowSync ? text + ": slow" : text);
}

}  // namespace

Findings examine_machine(const std::string& folder) {
    return {clock(), processor(), open_files(), locked_memory(),
            disk(folder.empty() ? "." : folder)};
}

}  // namespace parallax::app
