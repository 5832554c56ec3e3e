#include "reference/commands.h"

namespace reference {

namespace {

// Inside of '...', and of the brackets and colons of _arguments.
std::string quoted(const std::string& text) {
    std::string result;
    for (const char letter : text) {
        if (letter == '\'') {
            result += "'\\''";
            continue;
        }
        if (letter == ':' || letter == '[' || letter == ']' || letter == '\\') result += '\\';
        result += letter;
    }
    return result;
}

std::string argument(const Option& option) {
    std::string names, alternatives, value;
    for (const std::string& name : option.names) {
        names += (names.empty() ? "" : " ") + name;
        alternatives += (alternatives.empty() ? "" : ",") + name;
    }
    if (!option.value.empty()) {
        value = ":" + quoted(option.value) + ":";
        for (const std::string& choice : option.choices) value += (value.ends_with(":") ? "(" : " ") + choice;
        value += option.choices.empty() ? "_files" : ")";
    }
    const std::string text = "'[" + quoted(first_sentence(option.text)) + "]" + value + "'";
    if (option.names.size() == 1) return "'" + names + "'" + text;
    return "'(" + names + ")'{" + alternatives + "}" + text;
}

}  // namespace

std::string zsh_completion(const Command& tool) {
    std::string paths, cases;
    for_each(tool, [&](const Command& command) {
        if (!command.path.empty()) paths += (paths.empty() ? "" : "|") + ("'" + command.path + "'");
        cases += "        '" + command.path + "')\n            _arguments -s -S";
        for (const Option& option : command.options) cases += " \\\n                " + argument(option);
        if (!command.commands.empty()) {
            std::string below;
            for (const Command& subcommand : command.commands)
                below += (below.empty() ? "" : " ") + subcommand.name + "\\:\"" +
                         quoted(first_sentence(subcommand.text)) + "\"";
            cases += " \\\n                '1:command:((" + below + "))'";
        } else {
            cases += " \\\n                '*:file:_files'";
        }
        cases += "\n            ;;\n";
    });
    return R"(#compdef residua
# Completion of residua for zsh. Made from the tool's own table of options.
_residua() {
    local command='' i
    integer last=1
    for ((i = 2; i < CURRENT; ++i)); do
        case "${command:+$command }${words[i]}" in
            ()" +
           paths + R"() command="${command:+$command }${words[i]}" last=i ;;
        esac
    done
    # What follows is the command's own line.
    shift $((last - 1)) words
    ((CURRENT -= last - 1))
    case "$command" in
)" + cases +
           R"(    esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _residua "$@"
elif ((${+functions[compdef]})); then
    compdef _residua residua
fi
)";
}

}  // namespace reference
