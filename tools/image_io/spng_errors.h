// What both sides of PNG share.
#pragma once

#include <spng.h>

#include <exception>
#include <memory>
#include <new>
#include <string>

#include "image_io/image.h"

namespace image_io {

inline constexpr char kPngXmpKeyword[] = "XML:com.adobe.xmp";

struct FreeSpng {
    void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};
using Spng = std::unique_ptr<spng_ctx, FreeSpng>;

inline void check_spng(int result) {
    if (result == SPNG_OK) return;
    if (result == SPNG_EMEM) throw std::bad_alloc();
    damaged(std::string("the PNG file is damaged: ") + spng_strerror(result));
}

}  // namespace image_io
