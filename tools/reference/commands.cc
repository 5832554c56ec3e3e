#include "reference/commands.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace reference {

namespace {

// CLI11 says "TEXT:{rc,l3c}" of an option with choices, and "INT:INT in [1 - 9]" of one with a range.
Option option_of(const CLI::Option& option) {
    Option result;
    for (const std::string& name : option.get_snames()) result.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) result.names.push_back("--" + name);
    if (option.get_positional()) result.names = {option.get_name(true, false)};
    result.text = option.get_description();
    result.required = option.get_required();
    result.several = option.get_items_expected_max() > 1;
    if (option.get_type_size_max() == 0) return result;
    const std::string type = option.get_type_name();
    result.value = type.substr(0, type.find(':'));
    result.standard = option.get_default_str();
    const size_t begin = type.find('{'), end = type.find('}');
    if (begin != std::string::npos && end != std::string::npos)
        result.choices = CLI::detail::split(type.substr(begin + 1, end - begin - 1), ',');
    return result;
}

}  // namespace

Command command_of(const CLI::App& app, const std::string& path) {
    Command command;
    command.path = path;
    command.name = app.get_name();
    command.text = app.get_description();
    command.footer = app.get_footer();
    for (const CLI::Option* option : app.get_options())
        (option->get_positional() ? command.inputs : command.options).push_back(option_of(*option));
    for (const CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; }))
        command.commands.push_back(command_of(*below, (path.empty() ? "" : path + " ") + below->get_name()));
    return command;
}

std::string first_sentence(const std::string& text) {
    std::string sentence = text.substr(0, std::min(text.find(". "), text.find("; ")));
    std::replace(sentence.begin(), sentence.end(), '\n', ' ');
    return sentence;
}

}  // namespace reference
