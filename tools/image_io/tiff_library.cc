#include "image_io/tiff_library.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <new>

namespace image_io {

namespace {

Source& source_of(thandle_t handle) { return *static_cast<TiffHandle*>(handle)->source; }

tmsize_t read_bytes(thandle_t handle, void* out, tmsize_t size) {
    return size > 0 ? static_cast<tmsize_t>(source_of(handle).read(out, static_cast<size_t>(size))) : 0;
}
tmsize_t write_bytes(thandle_t, void*, tmsize_t) { return 0; }
toff_t seek(thandle_t handle, toff_t offset, int whence) {
    Source& source = source_of(handle);
    const uint64_t base = whence == SEEK_CUR ? source.position() : whence == SEEK_END ? source.size() : 0;
    source.seek(base + offset);
    return base + offset;
}
int close_nothing(thandle_t) { return 0; }
toff_t file_size(thandle_t handle) { return source_of(handle).size(); }

int remember(TIFF*, void* user, const char*, const char* format, va_list arguments) {
    char text[512];
    std::vsnprintf(text, sizeof text, format, arguments);
    static_cast<TiffHandle*>(user)->error = text;
    return 1;
}
int ignore(TIFF*, void*, const char*, const char*, va_list) { return 1; }

}  // namespace

Tiff open_tiff_library(TiffHandle& handle, uint64_t max_bytes) {
    const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> options(TIFFOpenOptionsAlloc(),
                                                                               TIFFOpenOptionsFree);
    if (!options) throw std::bad_alloc();
    handle.source->seek(0);
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), remember, &handle);
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), ignore, nullptr);
    TIFFOpenOptionsSetMaxSingleMemAlloc(
        options.get(),
        static_cast<tmsize_t>(std::min<uint64_t>(std::max<uint64_t>(max_bytes, 1 << 20), INT64_MAX)));
    return {TIFFClientOpenExt("picture", "rm", &handle, read_bytes, write_bytes, seek, close_nothing,
                              file_size, nullptr, nullptr, options.get()),
            TIFFClose};
}

}  // namespace image_io
