// Pictures between the library and image files.
#pragma once

#include <residua/residua.hpp>
#include <string>

#include "app.h"
#include "display/description.h"
#include "image_io/writer.h"

namespace tool {

// A picture's metadata as the library takes them; points into the description, which must outlive it.
class MetadataEntries {
  public:
    explicit MetadataEntries(const image_io::Description& picture);
    std::span<const residua_metadata> all() const { return entries_; }
    void give_to(residua_image& image) const {
        image.metadata = entries_.data(), image.metadata_count = entries_.size();
    }
    void give_to(residua_row_source& source) const {
        source.metadata = entries_.data(), source.metadata_count = entries_.size();
    }

  private:
    std::vector<residua_metadata> entries_;
};

using display::description_of;

// All but the metadata. Points into the image, which must outlive it.
residua_image view_of(image_io::Image& image);

// The format that --to asks for, or else the output's name; PNG for a pipe. Throws ImageError for an unknown one.
image_io::OutputFormat format_of(const Options& options, const std::string& output);

// The extension of outputs that -o does not name.
inline std::string extension_of(const Options& options) {
    return "." + (options.format.empty() ? "png" : options.format);
}

// A picture that is written to a file from top to bottom,
// with its metadata. Says what the format cannot hold; with --strict that is an error, and nothing is written.
class PictureOutput {
  public:
    // Of `image`, all but the pixels. `output`: the file's name, or "-". The file must outlive it.
    PictureOutput(App& app, FileOutput& file, const residua_image& image, const std::string& output)
        : PictureOutput(app, file, description_of(image), output) {}
    PictureOutput(App& app, FileOutput& file, image_io::Description picture, const std::string& output);
    void write(uint32_t rows, const void* pixels) {
        writer_->write(rows, static_cast<const uint8_t*>(pixels));
    }

  private:
    std::unique_ptr<image_io::Writer> writer_;
};

// Commits the file and says so.
void finish(App& app, FileOutput& file, const std::string& output);

// A whole picture that is not the one in a file, such as a preview: what of the metadata depends on exact pixels,
// as a palette does, is left out.
void write_image(App& app, const residua_image& image, const std::string& output);

}  // namespace tool
