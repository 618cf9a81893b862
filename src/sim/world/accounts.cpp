#include "sim/world/accounts.hpp"

#include "runtime/random.hpp"
#include "sim/prices/deviation.hpp"

namespace parallax::sim_world {
namespace {

std::string random_text(runtime::Random& random, std::string_view letters, std::size_t size) {
    std::string text(size, ' ');
    for (char& c : text) c = letters[random.below(letters.size())];
    return text;
}

constexpr std::string_view kLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view kHex = "0123456789abcdef";

std::string uuid(runtime::Random& random) {
    std::string text = random_text(random, kHex, 36);
    for (const std::size_t at : {8U, 13U, 18U, 23U}) text[at] = '-';
    return text;
}

}  // namespace

sim_front::ApiKey make_key(Venue venue, std::uint64_t seed) {
    using sim_front::Permission;
    runtime::Random random{seed};
    sim_front::ApiKey key;
    key.permissions = {Permission::Read, Permission::Trade, Permission::Transfer};
    switch (venue) {
        case Venue::Binance:
            key.id = random_text(random, kLetters, 64);
            key.secret = random_text(random, kLetters, 64);
            break;
        case Venue::Okx:
            key.id = uuid(random);
            key.secret = random_text(random, "0123456789ABCDEF", 32);
            key.passphrase = random_text(random, kLetters, 16);
            break;
        case Venue::Bybit:
            key.id = random_text(random, kLetters, 18);
            key.secret = random_text(random, kLetters, 36);
            break;
    }
    return key;
}

std::vector<AccountSettings> standard_accounts(std::uint64_t seed) {
    std::vector<AccountSettings> accounts;
    for (const char* const name : {"alice", "bob"}) {
        AccountSettings& account = accounts.emplace_back();
        account.name = name;
        account.holdings = {{"USDT", Amount::units(100'000)}, {"USDC", Amount::units(20'000)},
                            {"BTC", Amount::units(2)},        {"ETH", Amount::units(20)},
                            {"SOL", Amount::units(200)},      {"XRP", Amount::units(10'000)},
                            {"DOGE", Amount::units(100'000)}, {"PEPE", Amount::units(500'000'000)}};
        account.holdings.push_back({"BNB", Amount::units(10), Venue::Binance});
        for (const Venue venue : {Venue::Binance, Venue::Okx, Venue::Bybit}) {
            const std::uint64_t index = accounts.size() * kVenueCount + std::size_t(venue);
            account.keys.push_back(
                {venue, make_key(venue, sim_prices::derive_seed(seed, 0x4B45'5900 + index))});
        }
    }
    return accounts;
}

}  // namespace parallax::sim_world
