// Options that several commands have, and what the whole command line must be like.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "app.h"

namespace tool {

void add_common(CLI::App& command, Options& options);
void add_inputs(CLI::App& command, Options& options, const std::string& what);
void add_outputs(CLI::App& command, Options& options, const std::string& default_name);
// For commands that take many inputs at once. `of_folders`: what -r takes.
void add_batch(CLI::App& command, Options& options, const std::string& of_folders);
void add_skip_existing(CLI::App& command, Options& options);
void add_format(CLI::App& command, Options& options, const std::vector<std::string>& formats);
void add_tiff_compression(CLI::App& command, Options& options);
void add_page(CLI::App& command, Options& options);
void add_region(CLI::App& command, Options& options);
// What becomes of the metadata on the way; for `encode` and `decode`.
void add_metadata(CLI::App& command, Options& options, const std::string& strict);
// For commands that read .rsd files of strangers.
void add_limits(CLI::App& command, Options& options);
void add_sandbox(CLI::App& command, Options& options);
void add_timing(CLI::App& command, Options& options);
// The method and what it works with; for `encode` and `sample`.
void add_codec(CLI::App& command, Options& options);
// What no single option can see.
void check_together(const Options& options);
// A name from "*" that begins with '-' would be taken for options, and change what happens to all others.
void check_names(int argc, char** argv);

}  // namespace tool
