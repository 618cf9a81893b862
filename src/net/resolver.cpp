#include "net/resolver.hpp"

#include <netdb.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>

#include "core/assert.hpp"

namespace parallax::net {

struct Resolver::Shared {
    struct Question {
        std::uint64_t id;
        std::string host;
        std::uint16_t port;
    };
    struct Answer {
        std::uint64_t id;
        std::vector<Address> addresses;
        std::string error;
    };
    Shared() : wake{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} { PLX_ASSERT(wake >= 0); }
    ~Shared() { ::close(wake); }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;

    static Answer answer(const Question& question);
    void run();

    const int wake;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Question> questions;
    std::vector<Answer> answers;
    bool started = false;
    bool stopped = false;
};

Resolver::Shared::Answer Resolver::Shared::answer(const Question& question) {
    Answer answer{question.id, {}, {}};
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* list = nullptr;
    const int error = ::getaddrinfo(question.host.c_str(), nullptr, &hints, &list);
    if (error != 0) {
        answer.error = "cannot find host " + question.host + ": " + ::gai_strerror(error);
        return answer;
    }
    for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
        if (entry->ai_addrlen > sizeof(sockaddr_storage)) continue;
        Address address;
        std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
        address.length = entry->ai_addrlen;
        address.set_port(question.port);
        answer.addresses.push_back(address);
    }
    ::freeaddrinfo(list);
    return answer;
}

void Resolver::Shared::run() {
    std::unique_lock lock{mutex};
    for (;;) {
        changed.wait(lock, [&] { return stopped || !questions.empty(); });
        if (stopped) return;
        const Question question = std::move(questions.front());
        questions.pop_front();
        lock.unlock();
        Answer found = answer(question);
        lock.lock();
        answers.push_back(std::move(found));
        const std::uint64_t one = 1;
        (void)!::write(wake, &one, sizeof one);
    }
}

Resolver::Resolver(Loop& loop) : Handler{loop}, shared_{std::make_shared<Shared>()} {
    PLX_ASSERT(loop.watch(shared_->wake, *this));
}

Resolver::~Resolver() {
    const std::lock_guard lock{shared_->mutex};
    shared_->stopped = true;
    shared_->changed.notify_one();
}

void Resolver::look_up(const std::string& host, std::uint16_t port, Client& client) {
    waiting_.emplace(++last_, &client);
    const std::lock_guard lock{shared_->mutex};
    shared_->questions.push_back({last_, host, port});
    if (!shared_->started) {
        shared_->started = true;
        // Detached: getaddrinfo cannot be interrupted, and nobody wants to wait for it at the end.
        std::thread{[shared = shared_] { shared->run(); }}.detach();
    }
    shared_->changed.notify_one();
}

void Resolver::cancel(const Client& client) noexcept {
    std::erase_if(waiting_, [&](const auto& entry) { return entry.second == &client; });
}

void Resolver::on_ready(std::uint32_t /*events*/) {
    std::uint64_t count = 0;
    (void)!::read(shared_->wake, &count, sizeof count);
    std::vector<Shared::Answer> answers;
    {
        const std::lock_guard lock{shared_->mutex};
        answers.swap(shared_->answers);
    }
    for (Shared::Answer& answer : answers) {
        const auto found = waiting_.find(answer.id);
        if (found == waiting_.end()) continue;
        Client* client = found->second;
        waiting_.erase(found);
        client->on_resolved(std::move(answer.addresses), answer.error);
    }
}

}  // namespace parallax::net
