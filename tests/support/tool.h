// Runs the command line tool in a folder of its own, with a model that is quick.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <ctime>
#include <string>
#include <vector>

#include "image_io/image.h"
#include "support/program.h"
#include "support/test_picture.h"

namespace residua::testing {

class ToolTest : public ::testing::Test {
  protected:
    ToolTest();

    // The tool with that command and the test's model; one thread unless the arguments say more.
    std::vector<std::string> command(const std::string& command,
                                     const std::vector<std::string>& arguments) const;
    Outcome residua(const std::string& name, const std::vector<std::string>& arguments,
                    const std::string& input = "") const {
        return run_program(command(name, arguments), {}, input);
    }
    // The same by a shell in the folder, where $residua is the tool, $encode and $decode two of its commands
    // with the model.
    Outcome shell(const std::string& script) const;

    // A small picture that differs for each seed.
    void put_picture(const std::string& name, uint64_t seed = 1, uint32_t width = 40, uint32_t height = 24);
    void put(const std::string& name, const std::string& text) const { write_text(folder_ / name, text); }
    void make_folder(const std::string& name) const;
    image_io::Image picture(const std::string& name) const;
    bool exists(const std::string& name) const;  // a link that leads nowhere, too
    std::string text(const std::string& name) const { return read_text(folder_ / name); }
    // Of all files in the folder and those in it, without the model's.
    std::vector<std::string> files() const;

    struct stat status(const std::string& name) const;
    unsigned mode(const std::string& name) const { return status(name).st_mode & 07777; }
    void set_mode(const std::string& name, unsigned mode) const;
    void set_time(const std::string& name, time_t seconds) const;

    TemporaryFolder folder_, models_;
};

}  // namespace residua::testing
