// residua decode and residua preview: .rsd files to pictures.
#include <algorithm>
#include <optional>
#include <residua/research.hpp>

#include "batch.h"
#include "kept.h"
#include "picture.h"
#include "region.h"

namespace tool {

namespace {

bool is_bpg(const std::string& path) { return path.size() > 4 && path.ends_with(".bpg"); }

// A JPEG that is kept byte for byte: those bytes, or its picture in another format.
void decode_jpeg(App& app, Job& job, const std::vector<uint8_t>& coded,
                 const std::optional<Attributes>& attributes) {
    const Options& options = app.options();
    const bool wants_bytes = wants_jpeg(options, job.output);
    if (!wants_bytes) format_of(options, job.output);
    const residua::buffer jpeg = app.context().jpeg_decode(coded.data(), coded.size());
    app.note_times();
    FileOutput out(app.context(), job.output, options.force, attributes);
    if (wants_bytes) {
        if (options.strip_metadata)
            throw Failure(kUsage,
                          "the JPEG comes back byte for byte, metadata included; --metadata strip needs "
                          "--to png or another format");
        out.write(jpeg.data(), jpeg.size());
    } else {
        PictureInput picture = app.open_picture(PictureSource(job.input, {jpeg.data(), jpeg.size()}), 1);
        RegionOutput writer(app, out, picture.description(), job.output);
        const image_io::Description& described = picture.description();
        constexpr uint64_t kPiece = uint64_t{1} << 20;
        const auto rows = static_cast<uint32_t>(std::max<uint64_t>(1, kPiece / described.row_bytes()));
        std::vector<uint8_t> pixels(rows * described.row_bytes());
        for (uint32_t y = 0; y < described.height && !writer.complete(); y += rows) {
            const uint32_t count = std::min(rows, described.height - y);
            picture.read(count, pixels.data());
            writer.write(count, pixels.data());
        }
    }
    finish(app, out, job.output);
}

}  // namespace

int decode(const Options& options) {
    const Work work{InputKind::kCoded, extension_of(options), "decoded",
                    options.format.empty() && !options.region && options.scale == 0};
    return run_batch(options, work, [&](App& app, Job& job) {
        FileInput file(job.input);
        Peeked bytes(file);
        if (bytes.keeps_jpeg())
            return decode_jpeg(app, job, bytes.all(app.memory_limit()), file.attributes());
        format_of(options, job.output);  // refuses an unknown extension before the work
        // The functions below may not use the context.
        FileOutput out(app.context(), job.output, options.force, file.attributes());
        std::optional<RegionOutput> picture;  // from the first rows on
        const auto read = [&](void* data, size_t size) { return bytes.read(data, size); };
        const auto begin = [&](const residua_image& image) {
            picture.emplace(app, out, description_of(image), job.output);
        };
        if (const auto& part = options.region)
            app.context().decode_region_rows(
                read, file.size(), part->x, part->y, part->width, part->height, begin,
                [&](uint32_t, uint32_t rows, const void* pixels) { picture->write_cut(rows, pixels); });
        else
            app.context().decode_rows(
                read, file.size(), begin,
                [&](uint32_t, uint32_t rows, const void* pixels) { picture->write(rows, pixels); });
        app.note_times();
        finish(app, out, job.output);
    });
}

int preview(const Options& options) {
    const Work work{InputKind::kCoded, ".preview" + extension_of(options), "previewed"};
    return run_batch(options, work, [&](App& app, Job& job) {
        const bool bpg = options.format == "bpg" || is_bpg(options.output);
        const std::string& output = job.output;
        if (!bpg) format_of(options, output);
        const Input file = app.read(job.input);
        if (bpg) {
            const residua::buffer stream =
                residua::research::preview_bpg(app.context(), file.data(), file.size());
            app.write(output, stream.data(), stream.size());
            if (output != "-") app.detail("-> " + output);
        } else {
            const residua::image image = app.context().preview(file.data(), file.size());
            write_image(app, image.get(), output);
        }
    });
}

}  // namespace tool
