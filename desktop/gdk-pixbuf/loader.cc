// The gdk-pixbuf module: .rsd files in eog, gpicview, GIMP's previews and whatever else uses GdkPixbuf. A pixbuf has 8
// bits, RGB, with alpha or without; profile and orientation go with it as options, which viewers look for.
#define GDK_PIXBUF_ENABLE_BACKEND
#include <gdk-pixbuf/gdk-pixbuf.h>

#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "common/limits.h"
#include "display/conversion.h"
#include "display/source.h"
#include "image_io/translate.h"

namespace {

struct Loading {
    GdkPixbufModuleSizeFunc size;
    GdkPixbufModulePreparedFunc prepared;
    GdkPixbufModuleUpdatedFunc updated;
    gpointer user;
    std::vector<uint8_t> file;
    bool failed = false;
};

void set_error(GError** error, GdkPixbufError code, const char* message) {
    g_set_error_literal(error, GDK_PIXBUF_ERROR, code, message);
}

// For use in a catch block.
void set_error_of_exception(GError** error) {
    try {
        throw;
    } catch (const residua::error& failure) {
        const bool memory =
            failure.status() == RESIDUA_MEMORY_LIMIT || failure.status() == RESIDUA_OUT_OF_MEMORY;
        const bool damaged = failure.status() == RESIDUA_CORRUPT || failure.status() == RESIDUA_TRUNCATED;
        set_error(error,
                  memory    ? GDK_PIXBUF_ERROR_INSUFFICIENT_MEMORY
                  : damaged ? GDK_PIXBUF_ERROR_CORRUPT_IMAGE
                            : GDK_PIXBUF_ERROR_FAILED,
                  failure.what());
    } catch (const std::bad_alloc&) {
        set_error(error, GDK_PIXBUF_ERROR_INSUFFICIENT_MEMORY, "out of memory");
    } catch (const std::exception& failure) {
        set_error(error, GDK_PIXBUF_ERROR_FAILED, failure.what());
    }
}

GdkPixbuf* new_pixbuf(const image_io::Description& picture) {
    GdkPixbuf* pixbuf = nullptr;
    if (uint64_t{picture.width} * picture.height <= desktop::kMaxPixels)
        pixbuf = gdk_pixbuf_new(GDK_COLORSPACE_RGB, picture.alpha, 8, static_cast<int>(picture.width),
                                static_cast<int>(picture.height));
    if (!pixbuf) throw std::bad_alloc();
    return pixbuf;
}

void set_options(GdkPixbuf* pixbuf, const image_io::Description& picture, std::span<const uint8_t> profile) {
    const uint32_t orientation = image_io::orientation_of(picture);
    if (orientation != 1) gdk_pixbuf_set_option(pixbuf, "orientation", std::to_string(orientation).c_str());
    if (!profile.empty()) {
        gchar* text = g_base64_encode(profile.data(), profile.size());
        gdk_pixbuf_set_option(pixbuf, "icc-profile", text);
        g_free(text);
    }
}

// The whole picture; or, where the program asked for a smaller one and the file has such a preview, that. GdkPixbuf
// makes it fit.
GdkPixbuf* decode(residua::context& context, const Loading& loading, display::Size least) {
    GdkPixbuf* pixbuf = nullptr;
    try {
        std::optional<display::Conversion> conversion;
        uint32_t width = 0;
        size_t pixel_bytes = 0;
        display::read(
            context, loading.file, least,
            [&](const image_io::Description& picture) {
                const display::Layout layout{picture.alpha ? 4u : 3u, 8};
                conversion.emplace(picture, layout, false);
                pixbuf = new_pixbuf(picture);
                set_options(pixbuf, picture, conversion->profile());
                width = picture.width;
                pixel_bytes = size_t{picture.channels()} * picture.sample_bytes();
            },
            [&](uint32_t y, uint32_t rows, const void* samples) {
                const auto stride = static_cast<size_t>(gdk_pixbuf_get_rowstride(pixbuf));
                for (uint32_t i = 0; i < rows; ++i)
                    conversion->convert(static_cast<const uint8_t*>(samples) + i * width * pixel_bytes, width,
                                        gdk_pixbuf_get_pixels(pixbuf) + (y + size_t{i}) * stride);
            });
        return pixbuf;
    } catch (...) {
        if (pixbuf) g_object_unref(pixbuf);
        throw;
    }
}

// Size first, then pixels. False where the program wants no more than the size.
bool load(const Loading& loading) {
    residua::context context = desktop::make_context();
    const residua_info info = context.inspect(loading.file.data(), loading.file.size());
    if (info.width > G_MAXINT || info.height > G_MAXINT) throw std::bad_alloc();
    gint width = static_cast<gint>(info.width), height = static_cast<gint>(info.height);
    if (width > 0 && loading.size) {
        loading.size(&width, &height, loading.user);
        if (width <= 0 || height <= 0) return false;
    }
    display::Size least;
    if (static_cast<uint32_t>(width) < info.width && static_cast<uint32_t>(height) < info.height)
        least = {static_cast<uint32_t>(width), static_cast<uint32_t>(height)};
    display::add_models_for(context, loading.file);
    GdkPixbuf* pixbuf = decode(context, loading, least);
    if (loading.prepared) loading.prepared(pixbuf, nullptr, loading.user);
    if (loading.updated)
        loading.updated(pixbuf, 0, 0, gdk_pixbuf_get_width(pixbuf), gdk_pixbuf_get_height(pixbuf),
                        loading.user);
    g_object_unref(pixbuf);
    return true;
}

gpointer begin_load(GdkPixbufModuleSizeFunc size, GdkPixbufModulePreparedFunc prepared,
                    GdkPixbufModuleUpdatedFunc updated, gpointer user, GError** error) {
    auto* loading = new (std::nothrow) Loading{size, prepared, updated, user, {}};
    if (!loading) set_error(error, GDK_PIXBUF_ERROR_INSUFFICIENT_MEMORY, "out of memory");
    return loading;
}

gboolean load_increment(gpointer state, const guchar* data, guint size, GError** error) {
    auto& loading = *static_cast<Loading*>(state);
    try {
        if (size > desktop::kMaxFileBytes - loading.file.size()) {
            loading.failed = true;
            set_error(error, GDK_PIXBUF_ERROR_INSUFFICIENT_MEMORY,
                      "the file is larger than 1 GiB; decode it with residua decode");
            return FALSE;
        }
        loading.file.insert(loading.file.end(), data, data + size);
        return TRUE;
    } catch (...) {
        loading.failed = true;
        set_error_of_exception(error);
        return FALSE;
    }
}

// Frees the state, whatever comes.
gboolean stop_load(gpointer state, GError** error) {
    const std::unique_ptr<Loading> loading(static_cast<Loading*>(state));
    if (loading->failed) {
        set_error(error, GDK_PIXBUF_ERROR_FAILED, "loading was given up");
        return FALSE;
    }
    try {
        if (load(*loading)) return TRUE;
        set_error(error, GDK_PIXBUF_ERROR_FAILED, "no pixels were asked for");
    } catch (...) {
        set_error_of_exception(error);
    }
    return FALSE;
}

}  // namespace

extern "C" {

G_MODULE_EXPORT void fill_vtable(GdkPixbufModule* module) {
    module->begin_load = begin_load;
    module->load_increment = load_increment;
    module->stop_load = stop_load;
}

G_MODULE_EXPORT void fill_info(GdkPixbufFormat* info) {
    static GdkPixbufModulePattern signature[] = {
        {const_cast<char*>("\x89RSD"), const_cast<char*>("    "), 100}, {nullptr, nullptr, 0}};
    static const gchar* mime_types[] = {"image/x-residua", nullptr};
    static const gchar* extensions[] = {"rsd", nullptr};
    info->name = const_cast<gchar*>("rsd");
    info->signature = signature;
    info->description = const_cast<gchar*>("Residua");
    info->mime_types = const_cast<gchar**>(mime_types);
    info->extensions = const_cast<gchar**>(extensions);
    info->flags = GDK_PIXBUF_FORMAT_THREADSAFE;
    info->license = const_cast<gchar*>("BSD");
}
}
