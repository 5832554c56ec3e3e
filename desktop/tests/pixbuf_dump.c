/* pixbuf_dump FILE [WIDTH HEIGHT]: what a program gets of GdkPixbuf, as a PAM; its options before that, as lines on
 * standard error. The file comes in small pieces, as from a network, where no size is asked for. */
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <stdio.h>
#include <stdlib.h>

static int fail(GError* error) {
    fprintf(stderr, "error: %s\n", error ? error->message : "none was given");
    return 1;
}

static void write_pam(GdkPixbuf* pixbuf) {
    const int channels = gdk_pixbuf_get_n_channels(pixbuf), width = gdk_pixbuf_get_width(pixbuf);
    printf("P7\nWIDTH %d\nHEIGHT %d\nDEPTH %d\nMAXVAL 255\nTUPLTYPE %s\nENDHDR\n", width,
           gdk_pixbuf_get_height(pixbuf), channels, channels == 4 ? "RGB_ALPHA" : "RGB");
    for (int y = 0; y < gdk_pixbuf_get_height(pixbuf); ++y)
        fwrite(gdk_pixbuf_read_pixels(pixbuf) + (size_t)y * gdk_pixbuf_get_rowstride(pixbuf), 1,
               (size_t)width * channels, stdout);
}

int main(int argc, char** argv) {
    GError* error = NULL;
    GdkPixbuf* pixbuf = NULL;
    if (argc == 4) {
        pixbuf = gdk_pixbuf_new_from_file_at_size(argv[1], atoi(argv[2]), atoi(argv[3]), &error);
        if (!pixbuf) return fail(error);
    } else {
        gchar* data;
        gsize size;
        if (!g_file_get_contents(argv[1], &data, &size, &error)) return fail(error);
        GdkPixbufLoader* loader = gdk_pixbuf_loader_new();
        for (gsize at = 0; at < size; at += 1000)
            if (!gdk_pixbuf_loader_write(loader, (const guchar*)data + at, MIN(1000, size - at), &error)) {
                gdk_pixbuf_loader_close(loader, NULL);
                return fail(error);
            }
        if (!gdk_pixbuf_loader_close(loader, &error)) return fail(error);
        pixbuf = gdk_pixbuf_loader_get_pixbuf(loader);
        if (!pixbuf) return fail(NULL);
    }
    gint width, height;
    if (!gdk_pixbuf_get_file_info(argv[1], &width, &height)) return fail(NULL);
    fprintf(stderr, "size %d %d\n", width, height);
    const gchar* orientation = gdk_pixbuf_get_option(pixbuf, "orientation");
    const gchar* profile = gdk_pixbuf_get_option(pixbuf, "icc-profile");
    if (orientation) fprintf(stderr, "orientation %s\n", orientation);
    if (profile) fprintf(stderr, "icc-profile %s\n", profile);
    write_pam(pixbuf);
    return 0;
}
