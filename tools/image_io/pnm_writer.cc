// PBM (P4), PGM (P5), PPM (P6) and PAM (P7), of 1 to 16 bits.
#include <algorithm>
#include <string>

#include "image_io/bytes.h"
#include "image_io/samples.h"
#include "image_io/translate.h"
#include "image_io/writer.h"

namespace image_io {

namespace {

bool is_pam(const Placement& placement) {
    return placement.format == OutputFormat::kPam || placement.image.alpha ||
           placement.image.colour == Colour::kCmyk;
}

// Of a header: a line that no reader takes for another.
bool is_word(std::span<const uint8_t> bytes) {
    return !bytes.empty() && std::ranges::all_of(bytes, [](uint8_t c) { return c > ' ' && c < 0x7f; });
}

bool is_bitmap(const Placement& placement) {
    return !is_pam(placement) && placement.image.colour == Colour::kGrey && placement.image.bits == 1;
}

std::string header_of(const Placement& placement) {
    const Description& image = placement.image;
    const bool rgb = image.colour == Colour::kRgb;
    const std::string width = std::to_string(image.width), height = std::to_string(image.height);
    const std::string kind = is_pam(placement) ? "P7" : is_bitmap(placement) ? "P4" : rgb ? "P6" : "P5";
    std::string header = kind;
    header += '\n';
    for (const Metadata& entry : image.metadata) {
        if (!entry.name.starts_with("pnm:comment")) continue;
        // Each of its lines is one of the header.
        std::string text(entry.bytes.begin(), entry.bytes.end());
        if (entry.name.ends_with("-empty")) text.clear();
        for (size_t begin = 0; begin <= text.size();) {
            const size_t end = std::min(text.find('\n', begin), text.size());
            header.append("#").append(text, begin, end - begin).append("\n");
            begin = end + 1;
        }
    }
    if (!is_pam(placement))
        return header + width + " " + height + "\n" +
               (is_bitmap(placement) ? "" : std::to_string(placement.white) + "\n");
    const char* usual = rgb                             ? "RGB"
                        : image.colour == Colour::kCmyk ? "CMYK"
                        : placement.white == 1          ? "BLACKANDWHITE"
                                                        : "GRAYSCALE";
    const std::string type = image.has("pnm:tuple-type") ? std::string(as_text(image.find("pnm:tuple-type")))
                                                         : usual + std::string(image.alpha ? "_ALPHA" : "");
    return header + "WIDTH " + width + "\nHEIGHT " + height + "\nDEPTH " + std::to_string(image.channels()) +
           "\nMAXVAL " + std::to_string(placement.white) + "\nTUPLTYPE " + type + "\nENDHDR\n";
}

class PnmWriter : public Writer {
  public:
    PnmWriter(const Placement& placement, Output output)
        : output_(std::move(output)),
          bits_(is_bitmap(placement) ? 1 : 8 * placement.image.sample_bytes()),
          source_row_bytes_(placement.image.row_bytes()),
          // In a bitmap 1 is black.
          map_(placement.image, placement.white, placement.white, placement.inverted != is_bitmap(placement)),
          row_(packed_bytes(uint64_t{placement.image.width} * placement.image.channels(), bits_)) {
        const std::string header = header_of(placement);
        output_({reinterpret_cast<const uint8_t*>(header.data()), header.size()});
    }

    void write(uint32_t rows, const uint8_t* pixels) override {
        for (uint32_t row = 0; row < rows; ++row) {
            pack(map_.row(pixels + row * source_row_bytes_), bits_, row_.data());
            output_(row_);
        }
    }

  private:
    Output output_;
    uint32_t bits_;  // of a sample in the file
    size_t source_row_bytes_;
    SampleMap map_;
    std::vector<uint8_t> row_;
};

}  // namespace

void place_in_pnm(const Description& image, Placement& placement) {
    if (is_lab(image))
        unsupported(
            "this is a picture of Lab colours, which PNM and PAM cannot hold; write a TIFF: --to tiff");
    placement.inverted = is_min_is_white(image) || is_inverted_cmyk(image);
    for (const Metadata& entry : image.metadata) {
        if (entry.name == "pnm:comment" || entry.name == "pnm:comment-empty")
            placement.image.metadata.push_back(entry);
        else if (entry.name == "pnm:tuple-type" && is_pam(placement) && is_word(entry.bytes))
            placement.image.metadata.push_back(entry);
        else if (entry.name != "pnm:maxval" && !is_about_storage(entry, image))
            placement.left_out.push_back(named(entry));
    }
}

std::unique_ptr<Writer> make_pnm_writer(Placement placement, Output output) {
    return std::make_unique<PnmWriter>(placement, std::move(output));
}

}  // namespace image_io
