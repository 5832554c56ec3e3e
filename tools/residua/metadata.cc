// residua metadata: what comes with a picture, listed, taken out, put in and removed. The code of the pixels is
// copied as it is.
#include <fnmatch.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "app.h"
#include "image_io/translate.h"
#include "json.h"
#include "kept.h"
#include "listing.h"
#include "picture.h"

namespace tool {

namespace {

using image_io::Metadata;

constexpr const char* kOneFile = "the file would be written again in its place; give a file, not '-'";

std::vector<Metadata> entries_of(App& app, const Input& file) {
    return described(app, "", file.data(), file.size()).metadata;
}

[[noreturn]] void not_there(const std::string& name) {
    throw Failure(kUsage, "the file has no metadata named '" + printable(name) +
                              "'; 'residua metadata list' shows those it has");
}

// The one of that name that the command line means.
size_t chosen(const std::vector<Metadata>& entries, const Options& options) {
    const auto count = static_cast<uint32_t>(std::ranges::count(entries, options.name, &Metadata::name));
    if (count == 0) not_there(options.name);
    if (count > 1 && options.index == 0)
        throw Failure(kUsage, "the file has " + std::to_string(count) + " of '" + printable(options.name) +
                                  "'; say which with --index 1 to " + std::to_string(count));
    if (options.index > count)
        throw Failure(kUsage,
                      "the file has only " + std::to_string(count) + " of '" + printable(options.name) + "'");
    uint32_t seen = 0;
    size_t i = 0;
    for (;; ++i)
        if (entries[i].name == options.name && ++seen == std::max(options.index, 1u)) return i;
}

// Writes the file again, with these entries instead of its own.
void replace(App& app, const std::string& path, const Input& file, const std::vector<Metadata>& entries) {
    image_io::Description description;
    description.metadata = entries;
    const MetadataEntries all(description);
    const residua::buffer changed = app.context().replace_metadata(file.data(), file.size(), all.all());
    const residua::image head = app.context().decode_head(changed.data(), changed.size());
    if (description_of(head.get()).metadata != entries)
        throw Failure(kInternal, "the metadata do not come back as they were given; nothing is written");
    FileOutput output(app.context(), path, true);
    output.write(changed.data(), changed.size());
    output.commit();
}

std::vector<uint8_t> value_of(App& app, const std::string& path, const std::string& name) {
    const Input bytes = app.read(path);
    const bool own = name.find(':') != std::string::npos;  // a chunk or a segment may be empty
    if (bytes.size() == 0 && !own)
        throw Failure(kUsage,
                      "'" + printable(path) + "' is empty; to remove an entry: residua metadata strip");
    return {bytes.data(), bytes.data() + bytes.size()};
}

}  // namespace

int metadata_list(const Options& options) {
    App app(options);
    return app.for_each_input([&](const std::string& path) {
        const std::vector<Metadata> entries = entries_of(app, app.read(path));
        if (options.json) {
            Json json('{');
            json.add("file", json_string(path)).add("metadata", entries_json(entries));
            std::printf("%s\n", json.text().c_str());
            return;
        }
        if (options.inputs.size() > 1) std::printf("%s\n", printable(path).c_str());
        for (const Metadata& entry : entries)
            std::printf("%s%s\n", options.inputs.size() > 1 ? "  " : "", entry_line(entry).c_str());
        if (entries.empty()) app.message("no metadata");
    });
}

int metadata_get(const Options& options) {
    App app(options);
    return app.for_each_input([&](const std::string& path) {
        const std::vector<Metadata> entries = entries_of(app, app.read(path));
        const std::vector<uint8_t>& bytes = entries[chosen(entries, options)].bytes;
        const std::string output = options.output.empty() ? "-" : options.output;
        if (output != "-")
            app.check_place(output);
        else if (isatty(STDOUT_FILENO))
            throw Failure(kUsage, "will not write bytes to the terminal; give -o");
        app.write(output, bytes.data(), bytes.size());
    });
}

int metadata_set(const Options& options) {
    App app(options);
    return app.for_each_input([&](const std::string& path) {
        if (path == "-") throw Failure(kUsage, kOneFile);
        const Input file = app.read(path);
        std::vector<Metadata> entries = entries_of(app, file);
        const auto count = static_cast<uint32_t>(std::ranges::count(entries, options.name, &Metadata::name));
        std::vector<uint8_t> bytes = value_of(app, options.value_file, options.name);
        if (count == 0 ? options.index <= 1 : options.index == count + 1)
            // A profile before all else, since a PNG with a palette wants it there.
            entries.insert(options.name == "icc" ? entries.begin() : entries.end(),
                           {options.name, std::move(bytes)});
        else
            entries[chosen(entries, options)].bytes = std::move(bytes);
        replace(app, path, file, entries);
    });
}

int metadata_strip(const Options& options) {
    if (options.except && options.names.empty())
        throw Failure(kUsage, "--except needs names; all entries go with --all");
    if (options.all && !options.names.empty()) throw Failure(kUsage, "--all and names exclude each other");
    App app(options);
    return app.for_each_input([&](const std::string& path) {
        if (path == "-") throw Failure(kUsage, kOneFile);
        const Input file = app.read(path);
        image_io::Description head = described(app, path, file.data(), file.size());
        const size_t before = head.metadata.size();
        std::vector<bool> used(options.names.size());
        const auto is_named = [&](const Metadata& entry) {
            bool named = false;
            for (size_t i = 0; i < options.names.size(); ++i)
                if (fnmatch(options.names[i].c_str(), entry.name.c_str(), 0) == 0) named = used[i] = true;
            return named;
        };
        if (options.all)
            head.metadata.clear();
        else if (options.names.empty())
            image_io::strip_metadata(head);
        else
            std::erase_if(head.metadata,
                          [&](const Metadata& entry) { return is_named(entry) != options.except; });
        for (size_t i = 0; i < used.size(); ++i)
            if (!used[i] && !options.except) not_there(options.names[i]);
        replace(app, path, file, head.metadata);
        app.message("removed " + std::to_string(before - std::min(before, head.metadata.size())) + " of " +
                    std::to_string(before) + " entries");
    });
}

}  // namespace tool
