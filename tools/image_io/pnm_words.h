// Words of netpbm's headers, and of samples as text.
#pragma once

#include <string>

#include "image_io/image.h"

namespace image_io {

inline bool is_pnm_space(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// White space and comments, from '#' to the end of a line, stand between words. The first pass over a picture
// keeps the comments as its metadata.
class PnmWords {
  public:
    // From the source's position on: behind the two bytes of the kind.
    PnmWords(Source& source, const ReadOptions& options, Description& picture)
        : source_(source), options_(options), picture_(picture) {
        advance();
    }

    std::string word();
    uint32_t number();
    // The rest of the line.
    std::string line();
    // One digit of a bitmap; they need no white space between them.
    uint32_t digit();
    uint32_t sample(uint32_t maximum);
    // Passes over white space and comments, to the next byte; the file's end is the source's size.
    uint64_t next_word();
    // Back to a position that was asked for; from now on comments are known.
    void return_to(uint64_t position);
    // Behind the header's last word: one byte of white space, or a comment, with the end of its line.
    uint64_t behind_header();
    // Where the byte behind the last word lies.
    uint64_t position() const { return base_ + used_ - (next_ >= 0 ? 1 : 0); }

  private:
    void skip();
    void take_comment();
    void advance();

    Source& source_;
    const ReadOptions& options_;
    Description& picture_;
    uint8_t buffer_[4096];
    uint64_t base_ = 0, kept_ = 0;
    bool keeps_comments_ = true;
    size_t used_ = 0, size_ = 0;
    int next_ = -1;
};

}  // namespace image_io
