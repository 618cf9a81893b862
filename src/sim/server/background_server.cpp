#include "sim/server/background_server.hpp"

namespace parallax::sim_server {

Result<std::unique_ptr<BackgroundServer>> BackgroundServer::start(const ServerSettings& settings) {
    auto server = SimServer::start(settings);
    if (!server) return tl::unexpected{std::move(server.error())};
    return std::unique_ptr<BackgroundServer>{new BackgroundServer{std::move(*server)}};
}

BackgroundServer::BackgroundServer(std::unique_ptr<SimServer> server)
    : server_{std::move(server)}, thread_{[this] { run(); }} {}

BackgroundServer::~BackgroundServer() {
    stop_ = true;
    thread_.join();
}

void BackgroundServer::run() {
    while (!stop_) {
        server_->poll(Nanos::millis(2));
        const std::lock_guard lock{mutex_};
        for (Question* const question : std::exchange(questions_, {})) {
            (*question->what)(*server_);
            question->done = true;
            question->done.notify_one();
        }
    }
}

void BackgroundServer::ask(const std::function<void(SimServer&)>& what) {
    Question question{&what};
    {
        const std::lock_guard lock{mutex_};
        questions_.push_back(&question);
    }
    question.done.wait(false);
}

}  // namespace parallax::sim_server
