// Files that replace others.
#include "base/file_io.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace residua {
namespace {

namespace fs = std::filesystem;

class FileIo : public ::testing::Test {
  protected:
    FileIo() {
        std::string pattern = (fs::temp_directory_path() / "residua-test-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~FileIo() override { fs::remove_all(folder_); }

    std::string at(const std::string& name) const { return (folder_ / name).string(); }
    static std::string text(const std::string& path) {
        std::ifstream file(path);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    static void put(const std::string& path, const std::string& text, bool overwrite) {
        write_file(path, {reinterpret_cast<const uint8_t*>(text.data()), text.size()}, overwrite);
    }
    static ErrorCode code_of_put(const std::string& path, bool overwrite) {
        try {
            put(path, "new", overwrite);
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::kOk;
    }
    static mode_t mode(const std::string& path) {
        struct stat status = {};
        EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
        return status.st_mode & 07777;
    }
    size_t count() const {
        return static_cast<size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
    }

    fs::path folder_;
};

TEST_F(FileIo, AReplacedFileLeavesItsMode) {
    for (const mode_t kept : {0600u, 0640u, 0444u, 0666u, 0755u}) {
        const std::string path = at(std::to_string(kept));
        put(path, "old", false);
        ASSERT_EQ(::chmod(path.c_str(), kept), 0);
        FileWriter file(path, true);
        EXPECT_EQ(mode(file.temporary()), kept) << "while it is written, too";
        file.commit();
        EXPECT_EQ(mode(path), kept);
        EXPECT_EQ(text(path), "");
    }
}

TEST_F(FileIo, LinksAreWrittenThrough) {
    fs::create_directory(folder_ / "store");
    put(at("store/real"), "old", false);
    fs::create_symlink("store/real", folder_ / "first");
    fs::create_symlink(folder_ / "first", folder_ / "second");
    EXPECT_EQ(code_of_put(at("second"), false), ErrorCode::kIo) << "it exists";
    {
        const FileWriter file(at("second"), true);
        EXPECT_EQ(fs::path(file.temporary()).parent_path(), folder_ / "store");
    }
    EXPECT_EQ(text(at("second")), "old");
    put(at("second"), "new", true);
    EXPECT_TRUE(fs::is_symlink(folder_ / "first"));
    EXPECT_TRUE(fs::is_symlink(folder_ / "second"));
    EXPECT_FALSE(fs::is_symlink(folder_ / "store/real"));
    EXPECT_EQ(text(at("store/real")), "new");
}

TEST_F(FileIo, ALinkToWhatIsNotThereMakesIt) {
    fs::create_directory(folder_ / "store");
    fs::create_symlink("store/real", folder_ / "link");
    put(at("link"), "new", false);
    EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
    EXPECT_EQ(text(at("store/real")), "new");
    fs::create_symlink("no/such/folder", folder_ / "nowhere");
    EXPECT_EQ(code_of_put(at("nowhere"), false), ErrorCode::kIo);
}

TEST_F(FileIo, LinksInACircleStay) {
    fs::create_symlink("b", folder_ / "a");
    fs::create_symlink("a", folder_ / "b");
    for (const bool overwrite : {false, true}) EXPECT_EQ(code_of_put(at("a"), overwrite), ErrorCode::kIo);
    EXPECT_TRUE(fs::is_symlink(folder_ / "a"));
    EXPECT_EQ(count(), 2u);
}

TEST_F(FileIo, NamesMayBeAsLongAsTheSystemAllows) {
    const long most = ::pathconf(folder_.c_str(), _PC_NAME_MAX);
    ASSERT_GT(most, 0);
    const std::string name(static_cast<size_t>(most), 'x');
    put(at(name), "first", false);
    put(at(name), "second", true);
    EXPECT_EQ(text(at(name)), "second");
    EXPECT_EQ(code_of_put(at(name + "x"), false), ErrorCode::kIo);
    EXPECT_EQ(count(), 1u);
}

// A file system may allow less than 255 bytes of a name, and all of them less than 4096 of a path. The
// unfinished file's name fits where the file's own does.
TEST_F(FileIo, PathsMayBeAsLongAsTheSystemAllows) {
    constexpr size_t kName = 60, kPath = PATH_MAX - 1;
    std::string folder = folder_.string();
    while (folder.size() + kName + 2 < kPath) {
        folder.append(1, '/').append(std::min<size_t>(200, kPath - kName - 1 - folder.size()), 'd');
        ASSERT_TRUE(fs::create_directory(folder));
    }
    std::string path = folder;
    path.append(1, '/').append(kPath - folder.size() - 1, 'x');
    ASSERT_EQ(path.size(), kPath);
    put(path, "first", false);
    put(path, "second", true);
    EXPECT_EQ(text(path), "second");
}

}  // namespace
}  // namespace residua
