// The tool's commands and options as man pages and completions need them, read from the table that it parses with.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace reference {

struct Option {
    std::vector<std::string> names;  // with their dashes, short ones first; of an input, its name alone
    std::string text;
    std::string value;                 // what it takes, such as TEXT; empty: nothing
    std::vector<std::string> choices;  // of values; empty: any
    std::string standard;              // its default, where the table says it
    bool required = false, several = false;
};

struct Command {
    std::string path;  // "encode", "metadata list"; empty: the tool itself
    std::string name, text, footer;
    std::vector<Option> options, inputs;
    std::vector<Command> commands;
};

Command command_of(const CLI::App& app, const std::string& path = "");

// The first sentence, without line breaks.
std::string first_sentence(const std::string& text);
// Calls action for the command and all below it.
template <typename Action>
void for_each(const Command& command, const Action& action) {
    action(command);
    for (const Command& below : command.commands) for_each(below, action);
}

// One per kind of output.
std::string man_page(const Command& tool, const Command& command, const std::string& version);
std::string bash_completion(const Command& tool);
std::string zsh_completion(const Command& tool);
std::string fish_completion(const Command& tool);

}  // namespace reference
