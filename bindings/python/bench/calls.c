/* The C calls that bench/calls.py makes through Python: encode|decode PICTURE.ppm EFFORT COUNT. Prints their user time in
 * seconds. */
#include <residua/residua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static int fail(const char* what) {
    fprintf(stderr, "calls: %s\n", what);
    return 1;
}

static double user_time(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + 1e-6 * (double)usage.ru_utime.tv_usec;
}

int main(int count, char** arguments) {
    residua_settings settings = {.struct_size = sizeof settings, .threads = 1};
    residua_encode_options options = {.struct_size = sizeof options};
    residua_image picture = {.struct_size = sizeof picture, .colour = RESIDUA_COLOUR_RGB};
    residua_context* context;
    residua_buffer file = {0};
    size_t bytes;
    FILE* input;
    double before;
    int i;
    if (count != 5 || !(input = fopen(arguments[2], "rb")))
        return fail("encode|decode PICTURE.ppm EFFORT COUNT");
    if (fscanf(input, "P6 %u %u 255", &picture.width, &picture.height) != 2 || fgetc(input) == EOF)
        return fail("no PPM of 8 bits");
    bytes = (size_t)picture.width * picture.height * 3;
    picture.pixels = malloc(bytes);
    if (!picture.pixels || fread(picture.pixels, 1, bytes, input) != bytes)
        return fail("the picture is cut off");
    fclose(input);
    options.effort = atoi(arguments[3]);
    if (residua_context_create(&settings, &context) != RESIDUA_OK) return fail(residua_last_error(NULL));
    if (residua_encode(context, &picture, &options, &file) != RESIDUA_OK)
        return fail(residua_last_error(context));
    before = user_time();
    for (i = 0; i < atoi(arguments[4]); ++i) {
        residua_buffer encoded = {0};
        residua_image decoded = {.struct_size = sizeof decoded};
        const residua_status status = strcmp(arguments[1], "encode") == 0
                                          ? residua_encode(context, &picture, &options, &encoded)
                                          : residua_decode(context, file.data, file.size, &decoded);
        if (status != RESIDUA_OK) return fail(residua_last_error(context));
        residua_buffer_free(&encoded);
        residua_image_free(&decoded);
    }
    printf("%.6f\n", user_time() - before);
    residua_buffer_free(&file);
    residua_context_destroy(context);
    free(picture.pixels);
    return 0;
}
