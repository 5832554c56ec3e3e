// Man pages, in the macros of man(7).
#include "reference/commands.h"

namespace reference {

namespace {

// Text that roff takes for nothing else.
std::string roff(const std::string& text) {
    std::string result;
    bool begins = true;
    for (const char letter : text) {
        if (begins && (letter == '.' || letter == '\'')) result += "\\&";
        if (letter == '\\')
            result += "\\e";
        else if (letter == '-')
            result += "\\-";
        else if (letter == '\'')
            result += "\\(aq";
        else
            result += letter;
        begins = letter == '\n';
    }
    return result;
}

std::string section(const std::string& name) { return ".SH " + name + "\n"; }

std::string capitals(std::string text) {
    for (char& letter : text)
        if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    return text;
}

std::string synopsis(const Command& command) {
    std::string text =
        ".B residua" + (command.path.empty() ? "" : std::string(" ") + roff(command.path)) + "\n";
    if (!command.options.empty()) text += "[\\fIOPTION\\fR]...\n";
    if (!command.commands.empty()) text += "\\fICOMMAND\\fR\n";
    for (const Option& input : command.inputs)
        text += (input.required ? "\\fI" : "[\\fI") + roff(input.names[0]) + "\\fR" +
                (input.several ? "..." : "") + (input.required ? "\n" : "]\n");
    return text;
}

std::string options(const std::vector<Option>& all) {
    std::string text;
    for (const Option& option : all) {
        text += ".TP\n";
        std::string names;
        for (const std::string& name : option.names)
            names += (names.empty() ? "\\fB" : ", \\fB") + roff(name) + "\\fR";
        if (!option.value.empty() && option.names[0][0] == '-')
            names += std::string(" \\fI") + roff(option.value) + "\\fR";
        text += names + "\n" + roff(option.text);
        std::string choices;
        for (const std::string& choice : option.choices) choices += (choices.empty() ? "" : ", ") + choice;
        if (!choices.empty()) text += std::string(".\nOne of: ") + roff(choices);
        if (!option.standard.empty()) text += std::string(".\nDefault: ") + roff(option.standard);
        text += ".\n";
    }
    return text;
}

std::string as_typed(const std::string& text) {
    return text.empty() ? "" : std::string(".PP\n.nf\n") + roff(text) + "\n.fi\n";
}

}  // namespace

std::string man_page(const Command& tool, const Command& command, const std::string& version) {
    const bool is_tool = command.path.empty();
    const std::string name = is_tool ? "residua" : "residua-" + command.name;
    std::string page = std::string(".TH ") + capitals(roff(name)) + " 1 \"\" \"Residua " + version +
                       "\" \"User Commands\"\n";
    page += section("NAME") + roff(name) + " \\- " + roff(first_sentence(command.text)) + "\n";
    page += section("SYNOPSIS") + synopsis(command);
    page += section("DESCRIPTION") + roff(command.text) + ".\n";
    if (!command.inputs.empty()) page += section("INPUTS") + options(command.inputs);
    if (!command.options.empty()) page += section("OPTIONS") + options(command.options);
    if (!command.commands.empty()) {
        page += section("COMMANDS");
        for (const Command& below : command.commands) {
            if (is_tool) {
                page += std::string(".TP\n.BR residua\\-") + roff(below.name) + " (1)\n" + roff(below.text) +
                        ".\n";
                continue;
            }
            page += std::string(".SS ") + roff(below.path) + "\n" + synopsis(below) + ".PP\n" +
                    roff(below.text) + ".\n" + options(below.inputs) + options(below.options) +
                    as_typed(below.footer);
        }
    }
    if (!command.footer.empty()) page += section("NOTES") + as_typed(command.footer);
    page += section("SEE ALSO");
    if (!is_tool) return page + ".BR residua (1)\n";
    for (size_t i = 0; i < tool.commands.size(); ++i)
        page += std::string(".BR residua\\-") + roff(tool.commands[i].name) + " (1)" +
                (i + 1 < tool.commands.size() ? ",\n" : "\n");
    return page;
}

}  // namespace reference
