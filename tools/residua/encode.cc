// residua encode: pictures to .rsd files.
#include <cinttypes>
#include <cstdio>
#include <optional>
#include <residua/research.hpp>

#include "batch.h"
#include "image_io/translate.h"
#include "kept.h"
#include "picture.h"
#include "replace.h"

namespace tool {

namespace {

residua_row_source source_of(const image_io::Description& picture, const MetadataEntries& metadata) {
    residua_row_source source = RESIDUA_INIT(residua_row_source);
    source.width = picture.width;
    source.height = picture.height;
    source.colour = static_cast<uint32_t>(picture.colour);
    source.alpha = picture.alpha;
    source.bits = picture.bits;
    metadata.give_to(source);
    return source;
}

residua::research::encode_options settings_of(const Options& options) {
    residua::research::encode_options settings;
    settings.codec = options.codec.empty() ? nullptr : options.codec.c_str();
    settings.model = options.model.empty() ? nullptr : options.model.c_str();
    settings.q = options.q;
    settings.bit_depth = options.bit_depth;
    settings.effort = options.effort;
    settings.strip_height = options.strip_height;
    settings.proof = options.fast_proof   ? RESIDUA_PROOF_FAST
                     : options.full_proof ? RESIDUA_PROOF_FULL
                                          : RESIDUA_PROOF_DEFAULT;
    if (!options.tau.empty()) settings.tau = options.tau == "on" ? RESIDUA_TAU_ON : RESIDUA_TAU_OFF;
    if (!options.adaptation.empty())
        settings.adaptation = options.adaptation == "on" ? RESIDUA_ADAPTATION_ON : RESIDUA_ADAPTATION_OFF;
    return settings;
}

// What came of it, in words.
void tell(App& app, const Job& job, const image_io::Description& picture, uint64_t size) {
    const double subpixels = static_cast<double>(picture.pixel_bytes()) / picture.sample_bytes();
    const auto bytes = static_cast<double>(size);
    char text[200];
    std::snprintf(text, sizeof text, "%" PRIu64 " bytes, %.3f bpsp", size, 8.0 * bytes / subpixels);
    std::string line = text;
    if (job.bytes > 0) {
        std::snprintf(text, sizeof text, " (%.1f %% of the input)",
                      100.0 * bytes / static_cast<double>(job.bytes));
        line += text;
    }
    app.message((job.output == "-" ? "" : "-> " + job.output + ", ") + line);
    if (job.bytes > 0 && size > job.bytes)
        app.warning(
            "the result is larger than the input file: JPEG and WebP may have dropped what is kept here, "
            "and drawings often suit PNG better");
}

// What came of a JPEG that is kept.
void tell(App& app, const Job& job, uint64_t before, uint64_t after) {
    char text[100];
    std::snprintf(text, sizeof text,
                  "%" PRIu64 " bytes (%.1f %% of the JPEG, which comes back byte for byte)", after,
                  100.0 * static_cast<double>(after) / static_cast<double>(before));
    app.message((job.output == "-" ? "" : "-> " + job.output + ", ") + text);
}

// A run before this one was ended between its last two steps.
void finish_replacement(App& app, const Job& job, const Replacement& replacement) {
    try {
        replacement.prove(job.output);
    } catch (const std::exception& failure) {
        const ExitCode code = exit_code(failure);
        if (code != kDamaged && code != kUnsupported) throw;
        throw Failure(kFileError, "'" + job.output + "' exists already and is not this picture (" +
                                      failure.what() + "); use --force to overwrite it");
    }
    replacement.remove_original();
    app.message("-> " + job.output + ", which was there already");
}

// The file as it is, and not its pixels.
void encode_jpeg(App& app, Job& job, PictureSource& source) {
    const Options& options = app.options();
    std::optional<Replacement> replacement;
    if (options.replace) replacement.emplace(app, job, std::as_const(source));
    if (replacement && job.there && !options.force) return finish_replacement(app, job, *replacement);
    const std::vector<uint8_t> bytes = all_bytes(source, app.memory_limit());
    residua_encode_options settings = RESIDUA_INIT(residua_encode_options);
    settings.effort = options.effort;
    FileOutput file(app.context(), job.output, options.force, source.attributes());
    const residua::buffer coded = app.context().jpeg_encode(bytes.data(), bytes.size(), settings);
    app.note_times();
    file.write(coded.data(), coded.size());
    if (replacement) {
        file.sync();
        replacement->prove(file.temporary());
    }
    file.commit();
    app.outcome().written = file.size();
    if (replacement) replacement->remove_original();
    tell(app, job, bytes.size(), file.size());
}

}  // namespace

int encode(const Options& options) {
    const residua::research::encode_options settings = settings_of(options);
    return run_batch(options, {InputKind::kPictures, ".rsd", "encoded"}, [&](App& app, Job& job) {
        PictureSource source(job.input, app.memory_limit());
        if (image_io::begins_as_jpeg(source.source())) {
            if (keeps_jpegs(options)) return encode_jpeg(app, job, source);
            app.detail("the pixels of the JPEG are kept, not its bytes");
        }
        PictureInput picture = app.open_picture(std::move(source));
        image_io::Description described = picture.description();
        app.outcome().picture = {described.width, described.height, described.bits,
                                 static_cast<uint32_t>(described.colour), described.alpha};
        std::optional<Replacement> replacement;
        if (options.replace) replacement.emplace(app, job, picture);
        if (replacement && job.there && !options.force) return finish_replacement(app, job, *replacement);

        if (options.strip_metadata) image_io::strip_metadata(described);
        const MetadataEntries metadata(described);
        FileOutput file(app.context(), job.output, options.force, picture.attributes());
        app.context().encode_rows(
            source_of(described, metadata),
            [&](uint32_t, uint32_t rows, void* pixels) { picture.read(rows, static_cast<uint8_t*>(pixels)); },
            [&](const void* data, size_t size) { file.write(data, size); }, settings);
        app.note_times();
        if (replacement) {
            file.sync();
            replacement->prove(file.temporary());
        }
        file.commit();
        app.outcome().written = file.size();
        if (replacement) replacement->remove_original();
        tell(app, job, described, file.size());
    });
}

}  // namespace tool
