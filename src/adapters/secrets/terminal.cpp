#include "adapters/secrets/terminal.hpp"

#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace parallax::secrets {
namespace {

constexpr std::size_t kLongestLine = 64 * 1024;

/// No echo, byte by byte; as it was when it goes.
class QuietTerminal {
public:
    QuietTerminal() : file_{::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)} {
        if (file_ < 0 || ::tcgetattr(file_, &before_) != 0) return;
        termios quiet = before_;
        // Signals too: a process stopped in here would leave the terminal mute.
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ICANON | ISIG);
        quiet.c_cc[VMIN] = 1;
        quiet.c_cc[VTIME] = 0;
        ready_ = ::tcsetattr(file_, TCSAFLUSH, &quiet) == 0;
    }
    ~QuietTerminal() {
        if (ready_) ::tcsetattr(file_, TCSAFLUSH, &before_);
        if (file_ >= 0) ::close(file_);
    }
    QuietTerminal(const QuietTerminal&) = delete;
    QuietTerminal& operator=(const QuietTerminal&) = delete;
    [[nodiscard]] bool ready() const { return ready_; }
    [[nodiscard]] int file() const { return file_; }
    void say(const std::string& text) const {
        if (::write(file_, text.data(), text.size()) < 0) return;  // a prompt nobody can see
    }

private:
    int file_;
    termios before_{};
    bool ready_ = false;
};

}  // namespace

Result<ports::Secret> ask(const std::string& prompt) {
    const QuietTerminal terminal;
    if (!terminal.ready()) return fail(Errc::Unavailable, "there is no terminal to ask at");
    terminal.say(prompt);
    ports::Secret line(kLongestLine);
    std::size_t size = 0;
    while (true) {
        char c = 0;
        const ssize_t got = ::read(terminal.file(), &c, 1);
        if (got < 0 && errno == EINTR) continue;
        const bool end = got <= 0 || c == '\x03' || c == '\x04';  // Ctrl-C, Ctrl-D
        if (end || c == '\n' || c == '\r') terminal.say("\n");
        if (end) return fail(Errc::Rejected, "cancelled");
        if (c == '\n' || c == '\r') break;
        if (c == '\x7f' || c == '\b') {
            if (size > 0) --size;
        } else if (c == '\x15') {  // Ctrl-U
            size = 0;
        } else if (size < kLongestLine) {
            line.fill()[size++] = c;
        } else {
            return fail(Errc::Rejected, "more than 64 KiB in one line");
        }
    }
    line.shrink(size);
    return line;
}

Result<ports::Secret> read_all(int file) {
    ports::Secret text(kLongestLine + 1);
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t got = ::read(file, text.fill().data() + size, text.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(Errc::Unavailable, std::string{"cannot read: "} + strerror(errno));
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    if (size > kLongestLine) return fail(Errc::Rejected, "more than 64 KiB");
    if (size > 0 && text.fill()[size - 1] == '\n') --size;
    if (size > 0 && text.fill()[size - 1] == '\r') --size;
    text.shrink(size);
    return text;
}

Result<ports::Secret> read_file(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return fail(Errc::Unavailable, "cannot read " + path + ": " + strerror(errno));
    auto text = read_all(file);
    ::close(file);
    if (!text) return fail(text.error().code, path + ": " + text.error().detail);
    return text;
}

ports::Secret take_environment(const char* name) {
    char* value = std::getenv(name);
    if (value == nullptr) return {};
    ports::Secret taken = ports::Secret::copy_of(value);
    ::explicit_bzero(value, taken.size());
    ::unsetenv(name);
    return taken;
}

}  // namespace parallax::secrets
