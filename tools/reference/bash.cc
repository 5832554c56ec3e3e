#include "reference/commands.h"

namespace reference {

namespace {

std::string joined(const std::vector<std::string>& words, const std::string& between) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
    return text;
}

}  // namespace

// Needs nothing of the package bash-completion.
std::string bash_completion(const Command& tool) {
    std::vector<std::string> paths;
    std::string values, words;
    for_each(tool, [&](const Command& command) {
        if (!command.path.empty()) paths.push_back("'" + command.path + "'");
        std::vector<std::string> names, below;
        for (const Option& option : command.options) {
            names.insert(names.end(), option.names.begin(), option.names.end());
            if (option.value.empty()) continue;
            std::vector<std::string> patterns;
            for (const std::string& name : option.names)
                patterns.push_back("'" + command.path + ":" + name + "'");
            values += "        " + joined(patterns, " | ") + ") COMPREPLY=(" +
                      (option.choices.empty()
                           ? ""
                           : "$(compgen -W '" + joined(option.choices, " ") + "' -- \"$word\")") +
                      "); return ;;\n";
        }
        for (const Command& subcommand : command.commands) below.push_back(subcommand.name);
        words += "        '" + command.path + "') options='" + joined(names, " ") + "' commands='" +
                 joined(below, " ") + "' ;;\n";
    });
    return R"(# Completion of residua for bash. Made from the tool's own table of options.
_residua() {
    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} path='' options='' commands='' i
    # --codec=rc comes as three words.
    if [[ $word == '=' ]]; then
        word=''
    elif [[ $previous == '=' && COMP_CWORD -gt 1 ]]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    for ((i = 1; i < COMP_CWORD; ++i)); do
        case "${path:+$path }${COMP_WORDS[i]}" in
            )" +
           joined(paths, " | ") + R"() path="${path:+$path }${COMP_WORDS[i]}" ;;
        esac
    done
    # Without answers, bash completes names of files.
    case "$path:$previous" in
)" + values +
           R"(    esac
    case "$path" in
)" + words +
           R"(    esac
    if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$word"))
    elif [[ $commands ]]; then
        COMPREPLY=($(compgen -W "$commands" -- "$word"))
    else
        COMPREPLY=()
    fi
}
complete -o default -F _residua residua
)";
}

}  // namespace reference
