#include "adapters/secrets/file_secrets.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "adapters/secrets/terminal.hpp"

namespace parallax::secrets {
namespace {

using ports::Secret;
namespace fs = std::filesystem;

/// The least effort libsodium allows: tests guess nothing.
constexpr Hardness kEasy{.passes = 1, .memory_bytes = 8192};

class FileSecrets : public ::testing::Test {
protected:
    FileSecrets() {
        std::string pattern = (fs::temp_directory_path() / "parallax-secrets-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        path_ = folder_ + "/secrets";
    }
    ~FileSecrets() override { fs::remove_all(folder_); }

    std::unique_ptr<ports::Secrets> opened(std::string_view passphrase = "right") {
        auto store = open_file(path_, Secret::copy_of(passphrase), kEasy);
        EXPECT_TRUE(store) << store.error().detail;
        return std::move(*store);
    }
    Error refused(std::string_view passphrase = "right") {
        auto store = open_file(path_, Secret::copy_of(passphrase), kEasy);
        EXPECT_FALSE(store);
        return store ? Error{} : store.error();
    }
    void store(std::string_view name, std::string_view value) {
        const auto done = opened()->set(name, Secret::copy_of(value));
        ASSERT_TRUE(done) << done.error().detail;
    }
    std::string bytes() const {
        std::ifstream file{path_, std::ios::binary};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
    void write(const std::string& content) const {
        std::ofstream{path_, std::ios::binary | std::ios::trunc} << content;
    }

    std::string folder_;
    std::string path_;
};

TEST_F(FileSecrets, KeepsWhatItIsGivenAcrossPrograms) {
    store("okx.main.secret", "one");
    store("binance.main.api_key", std::string_view("two\0lines\n", 10));
    store("okx.main.secret", "three");
    auto again = opened();
    EXPECT_EQ(again->list().value(),
              (std::vector<std::string>{"binance.main.api_key", "okx.main.secret"}));
    EXPECT_EQ(again->get("okx.main.secret")->reveal(), "three");
    EXPECT_EQ(again->get("binance.main.api_key")->reveal(), std::string_view("two\0lines\n", 10));
    EXPECT_TRUE(again->remove("okx.main.secret"));
    EXPECT_EQ(opened()->get("okx.main.secret").error().code, Errc::Rejected);
    EXPECT_EQ(again->remove("okx.main.secret").error().code, Errc::Rejected);
}

TEST_F(FileSecrets, AMissingFileIsAnEmptyStoreAndIsNotMadeByReading) {
    EXPECT_TRUE(opened()->list()->empty());
    EXPECT_FALSE(fs::exists(path_));
}

TEST_F(FileSecrets, OnlyTheOwnerMayReadTheFile) {
    store("a", "value");
    struct stat about{};
    ASSERT_EQ(::stat(path_.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600U);
    ASSERT_EQ(::chmod(path_.c_str(), 0640), 0);
    EXPECT_NE(refused().detail.find("chmod 600"), std::string::npos);
}

TEST_F(FileSecrets, NothingOfAValueOrANameIsReadableInTheFile) {
    store("binance.main.secret", "a-value-of-some-length");
    EXPECT_EQ(bytes().find("a-value"), std::string::npos);
    EXPECT_EQ(bytes().find("binance"), std::string::npos);
    const std::string before = bytes();
    store("binance.main.secret", "a-value-of-some-length");
    EXPECT_NE(bytes().substr(40), before.substr(40));  // a nonce is never used twice
}

TEST_F(FileSecrets, AWrongPassphraseIsSaidToBeOne) {
    store("a", "value");
    EXPECT_EQ(refused("wrong").code, Errc::Rejected);
    EXPECT_NE(refused("wrong").detail.find("wrong passphrase"), std::string::npos);
    EXPECT_EQ(refused("").code, Errc::Rejected);
}

TEST_F(FileSecrets, DamageAtAnyByteIsSaidToBeDamage) {
    store("a", "value");
    const std::string good = bytes();
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 0x40);
        write(bad);
        EXPECT_EQ(refused().code, Errc::Malformed) << i;
    }
    for (const std::size_t size : {0UL, 7UL, 40UL, good.size() - 1}) {
        write(good.substr(0, size));
        EXPECT_EQ(refused().code, Errc::Malformed) << size;
    }
    write(good);
    EXPECT_EQ(opened()->get("a")->reveal(), "value");
}

TEST_F(FileSecrets, ACrashWhileWritingLosesNothing) {
    store("a", "value");
    std::ofstream{path_ + ".new"} << "half of a fi";
    EXPECT_EQ(opened()->get("a")->reveal(), "value");
    store("b", "other");
    EXPECT_EQ(opened()->list()->size(), 2U);
    EXPECT_FALSE(fs::exists(path_ + ".new"));
}

TEST_F(FileSecrets, TwoProgramsDoNotLoseEachOthersChanges) {
    store("a", "value");
    auto one = opened();
    auto two = opened();
    ASSERT_TRUE(one->set("b", Secret::copy_of("1")));
    ASSERT_TRUE(two->set("c", Secret::copy_of("2")));
    EXPECT_EQ(one->list()->size(), 3U);
}

TEST_F(FileSecrets, AFileMadeAnewUnderAnotherPassphraseIsNotOverwritten) {
    auto mine = opened("mine");
    {
        auto other = open_file(path_, Secret::copy_of("other"), kEasy).value();
        ASSERT_TRUE(other->set("a", Secret::copy_of("1")));
    }
    EXPECT_EQ(mine->set("b", Secret::copy_of("2")).error().code, Errc::Rejected);
    EXPECT_EQ(opened("other")->list()->size(), 1U);
}

TEST_F(FileSecrets, NamesAndValuesHaveBounds) {
    auto secrets = opened();
    for (const auto* name : {"", "Upper", "a b", "../x", "a/b"}) {
        EXPECT_EQ(secrets->set(name, Secret::copy_of("x")).error().code, Errc::Rejected) << name;
    }
    EXPECT_FALSE(secrets->set(std::string(65, 'a'), Secret::copy_of("x")));
    EXPECT_FALSE(secrets->set("a", Secret{}));
    EXPECT_FALSE(secrets->set("a", Secret(64 * 1024 + 1)));
    EXPECT_TRUE(secrets->set("a", Secret(64 * 1024)));
}

TEST_F(FileSecrets, AnAbsurdEffortIsNotTried) {
    SealKey key = new_key(Secret::copy_of("right"), kEasy).value();
    key.hardness.memory_bytes = 1ULL << 50;
    write(seal(Secret::copy_of("x"), key));
    ::chmod(path_.c_str(), 0600);
    EXPECT_EQ(refused().code, Errc::Malformed);
}

TEST(Passphrases, AreTakenOutOfTheEnvironment) {
    ::setenv("PARALLAX_TEST_SECRET", "words", 1);
    const char* where = std::getenv("PARALLAX_TEST_SECRET");
    EXPECT_EQ(take_environment("PARALLAX_TEST_SECRET").reveal(), "words");
    EXPECT_EQ(std::getenv("PARALLAX_TEST_SECRET"), nullptr);
    EXPECT_EQ(*where, '\0');
    EXPECT_TRUE(take_environment("PARALLAX_TEST_SECRET").empty());
}

TEST_F(FileSecrets, APassphraseFileLosesOneLineEnd) {
    write("words of mine\r\n");
    EXPECT_EQ(read_file(path_)->reveal(), "words of mine");
    write("words\n\n");
    EXPECT_EQ(read_file(path_)->reveal(), "words\n");
    write(std::string(70'000, 'x'));
    EXPECT_EQ(read_file(path_).error().code, Errc::Rejected);
    EXPECT_EQ(read_file(folder_ + "/none").error().code, Errc::Unavailable);
}

}  // namespace
}  // namespace parallax::secrets
