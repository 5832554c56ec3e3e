// residua_reference FOLDER: writes the tool's man pages and completions.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <residua/residua.hpp>

#include "reference/commands.h"
#include "residua/app.h"
#include "residua/command_line.h"

namespace {

void write(const std::filesystem::path& path, const std::string& text) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream file(path, std::ios::binary);
    if (!(file << text) || !file.flush()) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: residua_reference FOLDER\n");
        return 1;
    }
    try {
        tool::Options options;
        tool::Command chosen = nullptr;
        CLI::App app;
        tool::add_commands(app, options, chosen);
        const reference::Command tool = reference::command_of(app);
        const std::filesystem::path folder = argv[1];
        const std::string version = residua_version();
        write(folder / "man1/residua.1", reference::man_page(tool, tool, version));
        for (const reference::Command& command : tool.commands)
            write(folder / ("man1/residua-" + command.name + ".1"),
                  reference::man_page(tool, command, version));
        write(folder / "bash/residua", reference::bash_completion(tool));
        write(folder / "zsh/_residua", reference::zsh_completion(tool));
        write(folder / "fish/residua.fish", reference::fish_completion(tool));
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "residua_reference: %s\n", failure.what());
        return 1;
    }
    return 0;
}
