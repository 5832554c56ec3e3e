// Goes from one scan of a JPEG file to the next.
#pragma once

#include <span>

#include "jpeg/frame.h"

namespace residua::jpeg {

// Understands frames of one picture: SOF0, SOF1, SOF2, Huffman-coded, and SOF9, SOF10, arithmetic-coded. What
// stands between markers is passed over, as decoders do. Never reads beyond the bytes, whatever they are.
class HeaderReader {
  public:
    // `start`: of the SOI. height: of the picture where its header says 0 (a DNL marker follows); otherwise
    // 0.
    HeaderReader(size_t start, int height);

    // Reads on to the first byte of the next scan's entropy-coded data, position() then. False: there is no
    // further scan in these bytes of the file's beginning, or none that this understands.
    bool next_scan(std::span<const uint8_t> bytes);
    // Where reading goes on, after a scan's data.
    void go_on_at(size_t position) { position_ = position; }

    size_t position() const { return position_; }
    // What markers said so far. Steps are those of components whose scan has begun.
    const Frame& frame() const { return frame_; }
    // The one at hand.
    const Scan& scan() const { return scan_; }
    // That many bytes lay between markers.
    size_t passed_over() const { return passed_over_; }

  private:
    bool segment(uint8_t marker, std::span<const uint8_t> body);
    void read_colour_marks(uint8_t marker, std::span<const uint8_t> body);
    bool read_frame(uint8_t marker, std::span<const uint8_t> body);
    bool read_huffman_tables(std::span<const uint8_t> body);
    void read_conditioning(std::span<const uint8_t> body);
    bool read_quantisation_tables(std::span<const uint8_t> body);
    bool read_scan(std::span<const uint8_t> body);
    bool scan_fits() const;

    size_t position_;
    size_t passed_over_ = 0;
    int height_;
    Frame frame_;
    ColourMarks marks_;
    Scan scan_;
    std::array<Steps, kMostTables> steps_{};
    std::vector<bool> begun_;  // by component
};

}  // namespace residua::jpeg
