// The table of commands and options: what is parsed, --help shows, and man pages and completions are made of.
#pragma once

#include <CLI/CLI.hpp>

namespace tool {

struct Options;
using Command = int (*)(const Options&);

// Gives `app` all of them. Parsing fills `options` and `chosen`, which must outlive the app.
void add_commands(CLI::App& app, Options& options, Command& chosen);

}  // namespace tool
