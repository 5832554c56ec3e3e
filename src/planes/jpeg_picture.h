// The pixels of a JPEG file's coefficients, bit for bit as libjpeg-turbo 2.1 gives them by its defaults: the
// "islow" inverse DCT, "fancy" upsampling, block smoothing of progressive files that end early (jpeg_smoothing.h),
// RGB from YCbCr, CMYK as the file has it (Adobe's: 255 is no ink).
//
// What the scans of a damaged or shortened file do not hold counts as zero: blocks that lack are grey, 128 in each
// component, and so is a component without a scan. libjpeg-turbo instead goes on from where damaged data make
// sense to it again, so that its pixels behind may be others.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/memory.h"
#include "image/picture.h"
#include "image/picture_kind.h"
#include "jpeg/dissection.h"
#include "planes/jpeg_colour.h"
#include "planes/jpeg_component.h"

namespace residua::codec {

// Grey, RGB or CMYK of 8 bits; none where there are no pixels, and why_no_pixels() says in a sentence why.
std::optional<PictureKind> jpeg_picture_kind(const jpeg::JpegPart& part);
std::string why_no_pixels(const jpeg::JpegPart& part);

// All coefficients of a part.
std::vector<ComponentBlocks> all_blocks(const jpeg::JpegPart& part);

// Pixels of one picture. For several threads at once.
class JpegRows {
  public:
    // Of a part that has a jpeg_picture_kind(); its coefficients need not be there yet. Each call of write()
    // allocates memory for some rows, never for the picture.
    JpegRows(const jpeg::JpegPart& part, Allocator& allocator);

    int width() const { return width_; }
    int height() const { return height_; }
    const PictureKind& kind() const { return kind_; }
    int components() const { return static_cast<int>(components_.size()); }

    // The rows of blocks of a component that rows `top` … `end` − 1 of the picture are made of.
    IndexRange block_rows(int component, int top, int end) const;
    // The pixels from column `left` and row `top` on, as many as `to` has. `blocks`: of each component, at least
    // the rows that block_rows() says. Bands of a multiple of 8 · most_down rows cost least.
    void write(std::span<const ComponentBlocks> blocks, int left, int top,
               const MutablePictureView& to) const;

    // The picture at 1/8, of the means of blocks: what libjpeg's scale 1/8 gives where all components have as
    // many samples. Otherwise the means are repeated.
    int preview_width() const { return (width_ + kBlockSide - 1) / kBlockSide; }
    int preview_height() const { return (height_ + kBlockSide - 1) / kBlockSide; }
    IndexRange preview_block_rows(int component, int top, int end) const;
    // Rows top … top + to.height − 1 of the preview; `to` is as wide as it.
    void write_preview(std::span<const ComponentBlocks> blocks, int top, const MutablePictureView& to) const;

  private:
    int width_, height_;
    PictureKind kind_;
    JpegColour colour_;
    std::vector<JpegComponent> components_;
    Allocator& allocator_;
};

}  // namespace residua::codec
