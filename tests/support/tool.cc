#include "support/tool.h"

#include <fcntl.h>

#include <algorithm>
#include <filesystem>

#include "image_io/test_image.h"
#include "stages/test_models.h"

namespace residua::testing {

namespace fs = std::filesystem;

ToolTest::ToolTest() {
    const std::vector<uint8_t> model = models::make_olm_model();
    write_text(models_ / "experts.rsm", {model.begin(), model.end()});
}

std::vector<std::string> ToolTest::command(const std::string& command,
                                           const std::vector<std::string>& arguments) const {
    std::vector<std::string> all = {RESIDUA_TOOL, command,        "--threads",
                                    "1",          "--model-file", models_ / "experts.rsm"};
    if (command == "encode") all.insert(all.end(), {"--model", "experts"});
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
}

Outcome ToolTest::shell(const std::string& script) const {
    const std::string model = " --model-file " + models_ / "experts.rsm";
    const std::string lines = "cd '" + folder_ / "" + "'\nresidua=" RESIDUA_TOOL +
                              "\nencode=\"$residua encode" + model +
                              " --model experts\"\ndecode=\"$residua decode" + model + "\"\n" + script;
    return run_program({"/bin/bash", "-c", lines});
}

void ToolTest::put_picture(const std::string& name, uint64_t seed, uint32_t width, uint32_t height) {
    const TestPicture made = make_picture(width, height, 3, seed);
    const std::vector<uint8_t> icc(100, 0x31);
    const std::vector<uint8_t> bytes = image_io::write(
        image_io::test_image(width, height, 3, made.pixels, icc), image_io::OutputFormat::kPng);
    put(name, {bytes.begin(), bytes.end()});
}

void ToolTest::make_folder(const std::string& name) const { fs::create_directories(folder_ / name); }

image_io::Image ToolTest::picture(const std::string& name) const {
    const std::string bytes = text(name);
    return image_io::read({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, UINT64_MAX);
}

bool ToolTest::exists(const std::string& name) const {
    return fs::symlink_status(folder_ / name).type() != fs::file_type::not_found;
}

std::vector<std::string> ToolTest::files() const {
    const fs::path root = folder_ / "";
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(root))
        if (!entry.is_directory()) names.push_back(entry.path().lexically_relative(root).string());
    std::sort(names.begin(), names.end());
    return names;
}

struct stat ToolTest::status(const std::string& name) const {
    struct stat status = {};
    EXPECT_EQ(::lstat((folder_ / name).c_str(), &status), 0) << name;
    return status;
}

void ToolTest::set_mode(const std::string& name, unsigned mode) const {
    EXPECT_EQ(::chmod((folder_ / name).c_str(), mode), 0) << name;
}

void ToolTest::set_time(const std::string& name, time_t seconds) const {
    const timespec times[] = {{seconds, 111}, {seconds, 222}};
    EXPECT_EQ(::utimensat(AT_FDCWD, (folder_ / name).c_str(), times, 0), 0) << name;
}

}  // namespace residua::testing
