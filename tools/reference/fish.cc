#include "reference/commands.h"

namespace reference {

namespace {

std::string quoted(const std::string& text) {
    std::string result = "'";
    for (const char letter : text) {
        if (letter == '\'' || letter == '\\') result += '\\';
        result += letter;
    }
    return result + "'";
}

// True in a command line of that command.
std::string condition(const Command& command) {
    std::string text;
    for (size_t begin = 0; begin < command.path.size();) {
        const size_t end = std::min(command.path.find(' ', begin), command.path.size());
        text += (text.empty() ? "" : "; and ") + std::string("__fish_seen_subcommand_from ") +
                command.path.substr(begin, end - begin);
        begin = end + 1;
    }
    if (!command.commands.empty()) {
        text += (text.empty() ? "" : "; and ") + std::string("not __fish_seen_subcommand_from");
        for (const Command& below : command.commands) text += " " + below.name;
    }
    return text;
}

}  // namespace

std::string fish_completion(const Command& tool) {
    std::string script = "# Completion of residua for fish. Made from the tool's own table of options.\n";
    for_each(tool, [&](const Command& command) {
        const std::string start = "complete -c residua -n " + quoted(condition(command));
        for (const Option& option : command.options) {
            script += start;
            for (const std::string& name : option.names)
                script += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
            if (!option.value.empty()) script += option.choices.empty() ? " -r" : " -x";
            if (!option.choices.empty()) {
                std::string choices;
                for (const std::string& choice : option.choices)
                    choices += (choices.empty() ? "" : " ") + choice;
                script += " -a " + quoted(choices);
            }
            script += " -d " + quoted(first_sentence(option.text)) + "\n";
        }
        for (const Command& below : command.commands)
            script += start + " -f -a " + below.name + " -d " + quoted(first_sentence(below.text)) + "\n";
    });
    return script;
}

}  // namespace reference
