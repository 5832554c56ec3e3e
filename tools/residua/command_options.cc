#include "command_options.h"

#include <sys/stat.h>

#include <algorithm>
#include <residua/research.hpp>
#include <string_view>

#include "region.h"

namespace tool {

namespace {

// What --lossy-q takes, as the library's number for it.
std::string lossy_q(const std::string& text) {
    if (text == "auto") return "0";
    if (text == "default") return std::to_string(RESIDUA_Q_FIXED);
    const std::string problem = CLI::Range(1, 51)(text);
    if (!problem.empty()) throw CLI::ValidationError("--lossy-q", problem + ", nor 'auto' or 'default'");
    return text;
}

// What this build lacks for codec rc.
std::string limits_of_rc() {
    if (!residua_codec_can_decode("rc")) return " (which this build, made without libde265, cannot code)";
    if (!residua_codec_can_encode("rc")) return " (which this build, made without libx265, can only decode)";
    return "";
}

}  // namespace

void add_common(CLI::App& command, Options& options) {
    command
        .add_option("--threads", options.threads,
                    "Worker threads; 0: one per processor. Results never depend on it")
        ->check(CLI::Range(0, 256));
    command
        .add_option("--memory-limit", options.memory_limit_mib,
                    "Memory to use at most, in MiB; 0: no limit (default: three quarters of the machine's)")
        ->check(CLI::Range(int64_t{0}, int64_t{1} << 40));
    command
        .add_option("--model-file", options.model_files,
                    "A model file (.rsm) to add; may be given several times")
        ->expected(1)
        ->allow_extra_args(false)  // or it takes the inputs that follow it
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    auto* quiet = command.add_flag("-q,--quiet", options.quiet, "Say nothing but errors and losses");
    command.add_flag("-v,--verbose", options.verbose, "Say more")->excludes(quiet);
}

void add_inputs(CLI::App& command, Options& options, const std::string& what) {
    command.add_option("INPUT", options.inputs, what + "; '-' reads standard input")
        ->required()
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void add_outputs(CLI::App& command, Options& options, const std::string& default_name) {
    auto* output =
        command.add_option("-o,--output", options.output,
                           "Output file; '-' writes to standard output (default: " + default_name + ")");
    command.add_option("-d,--directory", options.directory, "Folder for the outputs, made when missing")
        ->excludes(output);
    command.add_flag("--force", options.force, "Overwrite existing files; they keep their mode and owner");
}

void add_batch(CLI::App& command, Options& options, const std::string& of_folders) {
    command.add_flag("-r,--recursive", options.recursive,
                     "Take " + of_folders +
                         " in the folders given, and in those below: not hidden ones, nor links to folders. "
                         "With -d the outputs lie there as the inputs lie in their folder");
    command.add_option("--report", options.report,
                       "File for what became of each input: a line of JSON with its name, output, status, "
                       "error, sizes, kind, pixel checksum and seconds; '-' is standard output");
}

void add_skip_existing(CLI::App& command, Options& options) {
    command
        .add_flag(
            "--skip-existing", options.skip_existing,
            "Leave out inputs whose output is there: to begin a batch again. One that is newer than its "
            "output is named")
        ->excludes(command.get_option("--force"));
}

void add_format(CLI::App& command, Options& options, const std::vector<std::string>& formats) {
    command
        .add_option("--to,--format", options.format,
                    "Format of the outputs (default: as the name given with -o says, and png)")
        ->check(CLI::IsMember(formats));
}

void add_tiff_compression(CLI::App& command, Options& options) {
    command
        .add_option(
            "--tiff-compression", options.tiff_compression,
            "How TIFF files are compressed: deflate, or none (default: deflate, and none for pipes, to "
            "which files go in one piece)")
        ->check(CLI::IsMember({"deflate", "none"}));
}

void add_page(CLI::App& command, Options& options) {
    command
        .add_option("--page", options.page,
                    "Which picture of a file that holds several (TIFF, MPO, icons, netpbm), from 1, or of an "
                    "animation, as it is shown then; the others are left out")
        ->check(CLI::Range(1, 65535));
}

void add_region(CLI::App& command, Options& options) {
    command.add_option_function<std::string>(
        "--region",
        [&](const std::string& text) {
            options.region = region_named(text);
            if (!options.region)
                throw CLI::ValidationError(
                    "--region",
                    "is WIDTHxHEIGHT+X+Y or X,Y,WIDTH,HEIGHT, in pixels from the left and from the top: "
                    "640x480+100+0");
        },
        "Only a part of each picture, WIDTHxHEIGHT+X+Y or X,Y,WIDTH,HEIGHT in pixels; of a kept JPEG its "
        "pixels, "
        "too");
    command.add_option_function<std::string>(
        "--scale",
        [&](const std::string& text) {
            const auto scale = scale_named(text);
            if (!scale) throw CLI::ValidationError("--scale", "is 1, 1/2, 1/4 and so on to 1/1024");
            options.scale = *scale;
        },
        "A smaller picture, 1/2, 1/4 … 1/1024 of the width and height: means of square blocks of its pixels");
}

void add_limits(CLI::App& command, Options& options) {
    const auto add = [&](const char* name, uint64_t& value, const char* what) {
        command.add_option(name, value, std::string(what) + "; 0: no limit")
            ->check(CLI::Range(uint64_t{0}, uint64_t{1} << 40))
            ->capture_default_str();
    };
    add("--limit-megapixels", options.limit_megapixels, "Refuse .rsd files of larger pictures");
    add("--limit-metadata", options.limit_metadata_mib, "Refuse .rsd files with more MiB of metadata");
    add("--limit-strips", options.limit_strips, "Refuse .rsd files of more strips");
}

void add_metadata(CLI::App& command, Options& options, const std::string& strict) {
    command
        .add_option_function<std::string>(
            "--metadata", [&](const std::string& text) { options.strip_metadata = text == "strip"; },
            "keep: all of them (default). strip: only what decides how the pixels look, which is the colour "
            "space, the orientation and how samples are meant")
        ->check(CLI::IsMember({"keep", "strip"}));
    command.add_flag("--strict", options.strict, strict);
}

void add_sandbox(CLI::App& command, Options& options) {
    command
        .add_option("--sandbox", options.sandbox,
                    "Read the .rsd files in a process that can open nothing, start nothing and send nothing, "
                    "whatever they make of it. on: or not at all; auto: where the system can do it")
        ->check(CLI::IsMember({"on", "off", "auto"}))
        ->capture_default_str();
}

void add_timing(CLI::App& command, Options& options) {
    command.add_option(
        "--timing", options.timing,
        "File for where the time went: a line of JSON for each input, in seconds (bpg, network, "
        "entropy, q_classifier, tau, proof and other add up to total)");
}

void add_codec(CLI::App& command, Options& options) {
    command
        .add_option(
            "--codec", options.codec,
            std::string("rc: a lossy picture and its residual") + limits_of_rc() +
                ". l3c: learned scales, coarse to fine. olm: experts that learn the picture while it is "
                "coded, "
                "for photographs. scc: colours that their neighbours suggest, for screens, drawings and text "
                "(default: the model's; without one what suits the picture, olm or scc, or rc for options "
                "that "
                "it alone has; of samples rc, where the build has it, or l3c)")
        ->check(CLI::IsMember({"rc", "l3c", "olm", "scc"}));
    command.add_option("--model", options.model,
                       "Model, by its name or hash (default: the codec's first that 'residua models' lists)");
    command
        .add_option(
            "--lossy-q", options.q,
            "rc: Q of the lossy layer, 1 to 51, which changes the size, never the pixels; 'auto': the "
            "model's "
            "classifier chooses it for each picture; 'default': the model's own, whatever the picture "
            "(default: auto)")
        ->transform(lossy_q);
    command
        .add_option("--bit-depth", options.bit_depth,
                    "rc: bits of the lossy layer, 8 or 10 (default: the model's)")
        ->check(CLI::IsMember({8, 10}));
}

void check_together(const Options& options) {
    if (options.inputs.size() > 1 && !options.output.empty())
        throw CLI::ValidationError("-o", "takes one input; use -d for several");
    if (options.recursive && !options.output.empty())
        throw CLI::ValidationError("-o", "takes one input; use -d with -r");
    if (options.replace && options.page > 0)
        throw CLI::ValidationError("--replace",
                                   "does not go with --page: the file's other pages would be lost");
    if (options.replace && options.strip_metadata)
        throw CLI::ValidationError("--replace", "does not go with --metadata strip: those would be lost");
    if (options.recursive && !options.against.empty())
        throw CLI::ValidationError("--against", "takes one input");
    if (options.inputs.size() > 1 && !options.against.empty())
        throw CLI::ValidationError("--against", "takes one input");
    if (options.inputs.size() > 1 && !options.heat_map.empty())
        throw CLI::ValidationError("--heatmap", "takes one input");
    if (options.inputs.size() > 1 && !options.map.empty())
        throw CLI::ValidationError("--map", "takes one input");
    if (options.map == "-" || (!options.map.empty() && options.recursive))
        throw CLI::ValidationError("--map", "needs a name of its own, and one input");
    if (options.heat_map == "-")
        throw CLI::ValidationError("--heatmap", "needs a name: standard output gets the text");
    if (std::count(options.inputs.begin(), options.inputs.end(), "-") > 1)
        throw CLI::ValidationError("INPUT", "'-' can be given once");
}

void check_names(int argc, char** argv) {
    for (int i = 1; i < argc && std::string_view(argv[i]) != "--"; ++i) {
        struct stat status;
        const std::string argument = argv[i];
        if (argument.size() < 2 || argument[0] != '-' || ::lstat(argv[i], &status) != 0) continue;
        std::string text = "'";
        text += argument;
        text += "' is a file here and looks like an option; write './";
        text += argument;
        text += "', or put -- before the names of all inputs";
        throw Failure(kUsage, text);
    }
}

}  // namespace tool
