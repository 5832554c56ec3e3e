// residua models: lists, installs and removes models.
#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <filesystem>
#include <set>
#include <string>

#include "app.h"
#include "display/source.h"

namespace tool {

namespace {

namespace fs = std::filesystem;

// Where the model of that name is installed.
fs::path place_of(const std::string& name) {
    if (name.empty() || name[0] == '.' || name.find('/') != std::string::npos)
        throw Failure(kUsage, "'" + name + "' is no name for an installed model");
    return fs::path(installed_models_folder()) / (name + ".rsm");
}

// What this build cannot do with the models of a codec.
const char* limits_of(const char* codec) {
    if (!residua_codec_can_decode(codec)) return "; not of use to this build";
    return residua_codec_can_encode(codec) ? "" : "; this build only decodes with it";
}

}  // namespace

std::string hash_text(uint64_t hash) {
    char text[17];
    std::snprintf(text, sizeof text, "%016" PRIx64, hash);
    return text;
}

std::string installed_models_folder() {
    std::string folder = display::installed_models_folder();
    if (!folder.empty()) return folder;
    throw Failure(kFileError, "no folder for installed models: neither XDG_DATA_HOME nor HOME is set");
}

int models(const Options& options) {
    App app(options);
    const std::vector<residua_model_info> all = app.context().models();
    if (all.empty()) {
        std::fprintf(stderr, "residua: there is no model; add one with 'residua models add'\n");
        return kModelMissing;
    }
    std::printf("%-16s %-16s %-6s %10s  %s\n", "NAME", "HASH", "CODEC", "BYTES", "ORIGIN");
    // Of each codec the first one is the default.
    std::set<std::string> codecs;
    for (const residua_model_info& model : all) {
        std::printf("%-16s %s %-6s %10zu  %s%s%s\n", model.name, hash_text(model.hash).c_str(), model.codec,
                    model.file_size, model.built_in ? "built in" : "added",
                    codecs.insert(model.codec).second ? ", the default" : "", limits_of(model.codec));
        if (!options.verbose) continue;
        std::string description = model.description;
        for (size_t begin = 0; begin < description.size();) {
            const size_t end = description.find('\n', begin);
            std::printf("    %s\n", description.substr(begin, end - begin).c_str());
            begin = end + 1;
        }
    }
    return kSuccess;
}

int models_add(const Options& options) {
    App app(options);
    return app.for_each_input([&](const std::string& path) {
        const Input file = app.read(path);
        const std::vector<residua_model_info> before = app.context().models();
        const residua_model_info model = app.context().add_model(file.data(), file.size());
        const fs::path place = place_of(model.name);
        for (const residua_model_info& other : before) {
            if (other.hash == model.hash && (other.built_in || fs::exists(place))) {
                app.message(std::string("is there already, as ") + model.name);
                return;
            }
            if (std::string(other.name) == model.name && other.hash != model.hash && !options.force)
                throw Failure(kFileError, std::string("there is another model '") + model.name + "' (" +
                                              hash_text(other.hash) +
                                              "), which files may need; use --force to install it beside "
                                              "or over that one, or export this one with another --name");
        }
        make_folder(place.parent_path().string());
        app.write(place.string(), file.data(), file.size());
        app.message(std::string("installed; use it by --model ") + model.name);
    });
}

int models_remove(const Options& options) {
    App app(options);
    return app.for_each_input([&](const std::string& name) {
        const fs::path place = place_of(name);
        if (!fs::exists(place)) throw Failure(kFileError, "no such model is installed");
        const Input file = app.read(place.string());
        std::error_code error;
        if (!fs::remove(place, error)) throw Failure(kFileError, "cannot remove " + place.string());
        app.message("removed; files that were made with it need it again: keep a copy of the model file");
    });
}

}  // namespace tool
