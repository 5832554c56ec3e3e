// The command line: what each command accepts, and its help.
#include "command_line.h"

#include "app.h"
#include "command_options.h"

namespace {

using tool::add_common;
using tool::add_inputs;
using tool::Command;
using tool::Options;

constexpr const char* kFooter = R"(Examples:
  residua encode photo.png                    writes photo.rsd beside it
  residua encode *.png -d archive -v          many files, into a folder, with details
  residua encode -r photos -d archive         a folder with all below it; goes on with --skip-existing
  residua decode photo.rsd -o copy.png        the same pixels again
  residua verify archive/*.rsd                checks every file completely
  residua preview photo.rsd -o quick.png      the lossy picture inside, at once
  residua explain photo.rsd --heatmap map.png where its bytes go, also as a picture
  residua encode --codec l3c photo.png        the other method: learned scales, no lossy layer
  residua sample --codec l3c photo.png        what the model imagines, given the scales
  convert scan.bmp ppm:- | residua encode - -o scan.rsd

Environment:
  RESIDUA_CPU     the kernels to use, which never change a result: scalar; avx2, avxvnni, avx512vnni (x86-64);
                  neon, neondot (64-bit Arm)
  RESIDUA_MODELS  folders, separated by ':', whose .rsm model files are added

Exit codes:
  0 success                               4 damaged, or not the kind of file expected
  1 wrong command line                    5 the model that is needed is not there
  2 a file cannot be read or written      6 not enough memory, or over the limit
  3 a picture this version cannot keep    7 a defect of Residua; please report it
  8 salvaged, but not all             130 interrupted
With several inputs, all are tried; the code is that of the first failure.

Help on one command: residua COMMAND --help)";

// Those of `metadata`.
void add_metadata_commands(CLI::App& metadata, Options& options, Command& chosen) {
    metadata.require_subcommand(1);
    const auto add = [&](const char* name, const char* text, Command command) -> CLI::App& {
        CLI::App& subcommand = *metadata.add_subcommand(name, text);
        subcommand.callback([&chosen, command] { chosen = command; });
        add_common(subcommand, options);
        return subcommand;
    };
    const auto add_file = [&](CLI::App& command) {
        command
            .add_option_function<std::string>(
                "FILE", [&](const std::string& path) { options.inputs = {path}; }, "The .rsd file")
            ->required();
    };
    CLI::App& list =
        add("list", "Show each entry's name and size, and what can be said of it", tool::metadata_list);
    add_inputs(list, options, ".rsd files");
    list.add_flag("--json", options.json, "One line of JSON for each file");

    CLI::App& get = add("get", "Write an entry's bytes to a file or to standard output", tool::metadata_get);
    add_file(get);
    get.add_option("NAME", options.name, "icc, exif, xmp, or another name that 'list' shows")->required();
    get.add_option("--index", options.index, "Which of several of that name, from 1")
        ->check(CLI::PositiveNumber);
    get.add_option("-o,--output", options.output, "Output file (default: standard output)");
    get.add_flag("--force", options.force, "Overwrite an existing file");

    CLI::App& set =
        add("set", "Give an entry the bytes of a file; one that is not there is added", tool::metadata_set);
    add_file(set);
    set.add_option("NAME", options.name, "icc, exif, xmp, or another name (docs/metadata.md)")->required();
    set.add_option("VALUE", options.value_file, "A file with the bytes; '-' reads standard input")
        ->required();
    set.add_option("--index", options.index,
                   "Which of several of that name, from 1; one more than there are adds another")
        ->check(CLI::PositiveNumber);

    CLI::App& strip = add("strip", "Remove entries", tool::metadata_strip);
    add_file(strip);
    strip.add_option(
        "NAME", options.names,
        "Names, in which '*' stands for anything (default: all that do not decide how the pixels look, "
        "as encode --metadata strip)");
    auto* all = strip.add_flag("--all", options.all, "All entries");
    strip.add_flag("--except", options.except, "All entries but those named")->excludes(all);
}

}  // namespace

void tool::add_commands(CLI::App& app, Options& options, Command& chosen) {
    app.description("Residua: learned lossless image compression. Photographs come back bit for bit.");
    app.name("residua");
    app.footer(kFooter);
    app.require_subcommand(1);
    app.set_version_flag("--version", std::string("residua ") + residua_version());

    const auto add = [&](const char* name, const char* text, Command command) -> CLI::App& {
        CLI::App& subcommand = *app.add_subcommand(name, text);
        subcommand.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
        subcommand.callback([&chosen, command] {
            if (!chosen) chosen = command;  // its own subcommands choose before it
        });
        return subcommand;
    };

    CLI::App& encode =
        add("encode", "Compress pictures (PNG, JPEG, TIFF, WebP, BMP, GIF, ICO, QOI, PNM, PAM) to .rsd files",
            tool::encode);
    add_inputs(encode, options, "Pictures");
    add_outputs(encode, options, "the input's name with .rsd");
    add_batch(encode, options, "the pictures");
    add_skip_existing(encode, options);
    encode.add_flag("--replace", options.replace,
                    "Remove each original once its .rsd is on disk, was read again from there, decoded, and "
                    "found equal in pixels and metadata, or byte for byte (JPEG files). Originals that could "
                    "not be made again stay: what has something that is not kept");
    encode
        .add_option(
            "--effort", options.effort,
            "1 (fastest) to 9 (smallest). JPEG files: 1 to 3 are light, 4 to 7 usual, 8 and 9 dense. olm "
            "without --model: 1 and 2 take the model olm-light, 3 olm-fast, 4 to 6 olm-mid (of more than 8 "
            "bits olm, or olm-deep if it suits the picture), 7 and 8 olm, 9 olm-best, and decoding takes as "
            "long as encoding. rc: from 7 on several Q are "
            "tried. scc: 1 to 3 fast, 4 to 6 usual, 7 to 9 dense. l3c: without effect")
        ->check(CLI::Range(1, 9))
        ->capture_default_str();
    encode
        .add_option_function<std::string>(
            "--jpeg", [&](const std::string& text) { options.jpeg_pixels = text == "pixels"; },
            "Of JPEG files: keep their bytes (default), or their pixels alone. Options that ask for pixels "
            "(--codec, --model, --page, --metadata strip and others) do so, too")
        ->check(CLI::IsMember({"bytes", "pixels"}));
    add_page(encode, options);
    add_codec(encode, options);
    encode
        .add_option("--tau", options.tau,
                    "rc: look for factors of the model's sigmas that suit the picture, and keep them where "
                    "they make it smaller: on or off (default: on without adaptation)")
        ->check(CLI::IsMember({"on", "off"}));
    encode
        .add_option("--adaptation", options.adaptation,
                    "rc, l3c: let the mixtures follow what has been decoded around a sample; off: as the "
                    "papers have it (default: the model's, which is on unless it is one of the papers' own)")
        ->check(CLI::IsMember({"on", "off"}));
    encode
        .add_option("--strip-height", options.strip_height,
                    "Rows of the strips into which the picture is cut, a multiple of 16, so that encoder and "
                    "decoder need the memory of one strip; a number that is not below the picture's height: "
                    "not cut. 0: olm cuts pictures of more than 12 megapixels into strips of at most 8, rc "
                    "and l3c cut none")
        ->check(CLI::Range(int64_t{0}, int64_t{1} << 40))
        ->capture_default_str();
    CLI::Option* fast_proof = encode.add_flag("--fast-proof", options.fast_proof,
                                              "Prove the result by exact checks of each part, instead of "
                                              "decoding the whole file again; efforts 1 to "
                                              "6 of olm do so unasked");
    encode.add_flag("--full-proof", options.full_proof, "Decode the whole file again, at any effort")
        ->excludes(fast_proof);
    add_metadata(encode, options,
                 "Exit with 3, and write nothing, where anything that the input holds cannot be kept");
    add_timing(encode, options);
    add_common(encode, options);
    encode.footer(
        "Every file is proved before it is written: it is decoded again and compared with the picture, or, "
        "with\n"
        "--fast-proof, each part of it by exact checks.\n"
        "All metadata are kept. What cannot be kept exactly (a whole animation, floating-point samples) is "
        "refused;\n"
        "anything else that the input holds and the output does not is named.");

    CLI::App& decode =
        add("decode", "Decode .rsd files to PNG, TIFF, PNM or PAM, or to the JPEG files that they keep",
            tool::decode);
    add_inputs(decode, options, ".rsd files");
    add_outputs(decode, options, "the input's name with .png, or .jpg where it keeps a JPEG file");
    add_batch(decode, options, "the .rsd files");
    add_skip_existing(decode, options);
    add_region(decode, options);
    add_format(decode, options, {"jpg", "jpeg", "png", "tiff", "tif", "pbm", "pgm", "ppm", "pnm", "pam"});
    add_tiff_compression(decode, options);
    add_metadata(decode, options,
                 "Exit with 3, and write nothing, where the output would lack any of the metadata");
    add_timing(decode, options);
    add_limits(decode, options);
    add_sandbox(decode, options);
    add_common(decode, options);
    decode.footer(
        "The output's extension chooses its format: .png, .tif, .tiff, .pam, or .pbm, .pgm, .ppm and .pnm,\n"
        "which are PBM, PGM or PPM as the picture is. Metadata come back where the format has a place for "
        "them;\n"
        "those that do not are named on standard error, also with -q (docs/metadata.md).\n"
        "Of a file of strips, standard output gets each strip once it is found right; an error after that "
        "ends\n"
        "with a message and its exit code. A file appears only when all is right.");

    CLI::App& info = add("info", "Show what .rsd files hold, without decoding them", tool::info);
    add_inputs(info, options, ".rsd files");
    info.add_flag("--json", options.json, "Print one line of JSON for each file");
    add_limits(info, options);
    add_sandbox(info, options);
    add_common(info, options);

    CLI::App& explain =
        add("explain", "Show where the bytes of .rsd files go, down to single pixels; decodes them",
            tool::explain);
    add_inputs(explain, options, ".rsd files");
    CLI::Option* heat_map = explain.add_option(
        "--heatmap", options.heat_map,
        "Write a picture of bits per pixel (.png or .ppm), dark blue 0, bright yellow many");
    explain
        .add_option("--heatmap-stage", options.heat_map_stage,
                    "Of one stage only, by its name in the list of parts (default: all stages)")
        ->needs(heat_map);
    explain
        .add_option(
            "--heatmap-max", options.heat_map_end,
            "Bits per pixel at the scale's bright end, so that several maps can be compared (default: "
            "what 99.5 % of the pixels do not exceed)")
        ->needs(heat_map)
        ->check(CLI::PositiveNumber);
    explain.add_flag("--force", options.force, "Overwrite an existing heat map");
    explain.add_flag("--json", options.json, "Print one line of JSON for each file (docs/research.md)");
    add_limits(explain, options);
    add_common(explain, options);

    CLI::App& verify = add("verify", "Decode .rsd files and check everything, writing nothing", tool::verify);
    add_inputs(verify, options, ".rsd files");
    add_batch(verify, options, "the .rsd files");
    verify.add_option(
        "--against", options.against,
        "Also compare with this picture: pixels, kind, each entry of the metadata, bytes behind the picture");
    add_page(verify, options);
    add_limits(verify, options);
    add_sandbox(verify, options);
    add_common(verify, options);

    CLI::App& preview =
        add("preview", "Show .rsd files without their last and largest stage, fast", tool::preview);
    add_inputs(preview, options, ".rsd files");
    add_outputs(preview, options, "the input's name with .preview.png");
    add_format(preview, options, {"png", "tiff", "tif", "ppm", "pgm", "pnm", "pam", "bpg"});
    add_limits(preview, options);
    add_sandbox(preview, options);
    add_common(preview, options);
    preview.footer(
        "rc: the lossy picture inside, without a model. An output that ends in .bpg gets the BPG stream\n"
        "itself, which BPG viewers show.\n"
        "l3c: the mean of what the model expects, given the scales.");

    CLI::App& salvage =
        add("salvage", "Save what is left of the pictures in damaged .rsd files", tool::salvage);
    add_inputs(salvage, options, "Damaged .rsd files");
    add_outputs(salvage, options, "the input's name with .salvaged.png");
    add_batch(salvage, options, "the .rsd files");
    salvage.add_option(
        "--map", options.map,
        "Also write a grey picture of what is right: 255 as it was encoded, 128 of the file's preview "
        "(rc, l3c), 0 made up from the nearest that is known");
    add_format(salvage, options, {"png", "tiff", "tif", "ppm", "pgm", "pnm", "pam"});
    add_limits(salvage, options);
    add_sandbox(salvage, options);
    add_common(salvage, options);
    salvage.footer(
        "Strips and tiles have checksums of their own: those that are whole are given, wherever they now lie "
        "in\n"
        "the file. Exit code 0: nothing is missing; 8: some is, and all that there is was written; 4: "
        "nothing is left.");

    CLI::App& thumbnail =
        add("thumbnail", "Make small upright PNG files of .rsd files, as file managers show them",
            tool::thumbnail);
    add_inputs(thumbnail, options, ".rsd files");
    add_outputs(thumbnail, options, "the input's name with .thumbnail.png");
    thumbnail
        .add_option("--size", options.thumbnail_size,
                    "Pixels of the longer side; smaller pictures stay as large as they are")
        ->check(CLI::Range(1, 65535))
        ->capture_default_str();
    thumbnail
        .add_option("--uri", options.uri,
                    "The file's URI: it is written into the PNG, with the file's time and size, as the "
                    "Thumbnail Managing Standard of freedesktop.org has it")
        ->type_name("URI");
    add_limits(thumbnail, options);
    add_sandbox(thumbnail, options);
    add_common(thumbnail, options);
    thumbnail.footer(
        "Colours are those of sRGB, 8 bits. A kept JPEG gives its coarse part, an eighth of its size, where "
        "that\n"
        "is enough; of rc and l3c the preview is taken. Other files are decoded as a whole.");

    CLI::App& sample =
        add("sample", "Draw pictures from a model, given the coarse part of one", tool::sample);
    add_inputs(sample, options, "Pictures");
    auto* stem = sample.add_option("-o,--output", options.output,
                                   "Beginning of the outputs' names (default: the input's name)");
    sample.add_option("-d,--directory", options.directory, "Folder for the outputs, made when missing")
        ->excludes(stem);
    sample.add_flag("--force", options.force, "Overwrite existing files");
    add_codec(sample, options);
    sample
        .add_option("--seed", options.seed,
                    "The same seed and picture give the same sample, on every machine")
        ->capture_default_str();
    add_format(sample, options, {"png", "tiff", "tif", "ppm", "pgm", "pnm", "pam"});
    add_common(sample, options);
    sample.footer(
        "l3c writes NAME.sample-1.png (all scales kept, the picture drawn), NAME.sample-2.png (the finest\n"
        "scale drawn, too), and so on.\n"
        "rc writes NAME.sample.png (the lossy picture kept, the residual drawn), NAME.residual.png (the "
        "true\n"
        "residual, its range stretched from black to white, white where it is zero) and\n"
        "NAME.sample-residual.png (the drawn one, on the same scale).");

    CLI::App& metadata = add(
        "metadata", "List, take out, put in or remove the metadata of .rsd files; pixels stay as they are",
        tool::metadata_list);
    add_metadata_commands(metadata, options, chosen);

    CLI::App& models =
        add("models", "List the models (-v describes them), install or remove one", tool::models);
    add_common(models, options);
    models.require_subcommand(0, 1);
    const auto add_to_models = [&](const char* name, const char* text, Command command,
                                   const char* inputs) -> CLI::App& {
        CLI::App& subcommand = *models.add_subcommand(name, text);
        add_inputs(subcommand, options, inputs);
        subcommand.callback([&chosen, command] { chosen = command; });
        return subcommand;
    };
    CLI::App& install = add_to_models(
        "add", "Install models for every later command, in $XDG_DATA_HOME/residua/models or ~/.local/share/…",
        tool::models_add, "Model files (.rsm)");
    install.add_flag("--force", options.force, "Even if there is another model of that name");
    add_to_models("remove", "Remove installed models", tool::models_remove, "Names of models");
}
