/* The public header serves C programs, and the library what needs no model. */
#include <residua/residua.h>
#include <stdio.h>
#include <string.h>

#define CHECK(condition)                                            \
    do {                                                            \
        if (!(condition)) {                                         \
            fprintf(stderr, "line %d: %s\n", __LINE__, #condition); \
            return 1;                                               \
        }                                                           \
    } while (0)

int main(void) {
    residua_context* context = NULL;
    residua_settings settings;
    residua_buffer buffer = {NULL, 0};
    residua_image image;
    residua_info info;
    memset(&settings, 0, sizeof settings);

    CHECK(strcmp(residua_version(), "0.1.0") == 0);
    CHECK(strcmp(residua_status_name(RESIDUA_CORRUPT), "corrupt") == 0);

    settings.threads = -1;
    CHECK(residua_context_create(&settings, &context) == RESIDUA_INVALID_ARGUMENT);
    CHECK(context == NULL && residua_last_error(NULL)[0] != '\0');
    settings.threads = 2;
    CHECK(residua_context_create(&settings, &context) == RESIDUA_OK);
    CHECK(residua_last_error(context)[0] == '\0');

    CHECK(residua_decode(context, "not a file", 10, &image) == RESIDUA_CORRUPT);
    CHECK(image.pixels == NULL && residua_last_error(context)[0] != '\0');
    CHECK(residua_decode(context, NULL, 0, &image) == RESIDUA_CORRUPT);
    CHECK(residua_inspect(context, "\x89RSD\x01", 5, &info) == RESIDUA_TRUNCATED);
    CHECK(residua_file_read(context, "/no such folder/file", &buffer) == RESIDUA_IO);
    CHECK(residua_encode(context, NULL, NULL, &buffer) == RESIDUA_INVALID_ARGUMENT);
    CHECK(residua_decode(NULL, "", 0, &image) == RESIDUA_INVALID_ARGUMENT);
    residua_buffer_free(context, &buffer);
    residua_image_free(context, &image);
    residua_context_destroy(context);
    residua_context_destroy(NULL);
    return 0;
}
