/*
 * Residua: learned lossless image compression.
 *
 * This header is the library's whole face. A first program:
 *
 *     residua_context *context;
 *     residua_context_create(NULL, &context);
 *     residua_image image = {.pixels = rgb, .width = w, .height = h, .channels = 3};
 *     residua_buffer file = {0};
 *     if (residua_encode(context, &image, NULL, &file) != RESIDUA_OK)
 *         fprintf(stderr, "%s\n", residua_last_error(context));
 *     ...
 *     residua_buffer_free(context, &file);
 *     residua_context_destroy(context);
 *
 * Rules that hold everywhere:
 *
 *  - A function that returns a residua_status either succeeds (RESIDUA_OK) and fills its outputs, or fails
 *    and sets its outputs to empty (zero bytes): there is then nothing to free.
 *
 *  - What a call returns in a residua_buffer or residua_image belongs to the caller, who frees it with the
 *    same context, before that context is destroyed.
 *
 *  - Structures with options may be all zeroes, which means "the defaults". Always zero them first
 *    (`residua_settings settings = {0};`), then fields that later versions add keep their defaults.
 *
 *  - A context serves one call at a time. Different contexts may be used by different threads at once.
 *
 *  - No function writes to standard output or error, changes the locale, or ends the process.
 */
#ifndef RESIDUA_RESIDUA_H
#define RESIDUA_RESIDUA_H

#include <stddef.h>
#include <stdint.h>

#if defined(RESIDUA_STATIC) || !(defined(__GNUC__) || defined(__clang__))
#define RESIDUA_API
#else
#define RESIDUA_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define RESIDUA_VERSION_MAJOR 0
#define RESIDUA_VERSION_MINOR 1
#define RESIDUA_VERSION_PATCH 0

/* The largest width and the largest height that a file can have, in pixels. */
#define RESIDUA_MAX_SIDE 65535

/* ---- Status -------------------------------------------------------------------------------------------- */

typedef enum residua_status {
    RESIDUA_OK = 0,
    RESIDUA_INVALID_ARGUMENT = 1, /* the caller broke a rule stated here */
    RESIDUA_UNSUPPORTED = 2,      /* well-formed, but not something this version or build can code */
    RESIDUA_CORRUPT = 3,          /* the bytes are not a valid file, or a checksum differs */
    RESIDUA_TRUNCATED = 4,        /* the bytes end too early */
    RESIDUA_MODEL_MISSING = 5,    /* the file names a model that this context does not have */
    RESIDUA_MEMORY_LIMIT = 6,     /* residua_settings.memory_limit would be exceeded */
    RESIDUA_OUT_OF_MEMORY = 7,    /* the allocator returned NULL */
    RESIDUA_IO = 8,        /* reading or writing a file failed, or a function that the caller gave for it */
    RESIDUA_CANCELLED = 9, /* the progress callback asked to stop */
    RESIDUA_INTERNAL = 10  /* a defect of Residua itself; nothing wrong was written */
} residua_status;

/* The library's version, "MAJOR.MINOR.PATCH". Never NULL; static. */
RESIDUA_API const char* residua_version(void);

/* The name of a status, such as "corrupt". Never NULL; static; "unknown" for other numbers. */
RESIDUA_API const char* residua_status_name(residua_status status);

/* 1 when this build can encode, 0 for a decoder-only build, whose encoding functions return
 * RESIDUA_UNSUPPORTED. */
RESIDUA_API int residua_can_encode(void);

/* The kernels in use: "scalar", "avx2" or "avx512vnni". The environment variable RESIDUA_CPU, holding one of
 * these words, overrides the automatic choice (never the result: all give the same files and pixels). Static.
 */
RESIDUA_API const char* residua_cpu(void);

/* ---- Context ------------------------------------------------------------------------------------------- */

typedef struct residua_context residua_context;

typedef enum residua_log_level {
    RESIDUA_LOG_WARNING = 0,
    RESIDUA_LOG_INFO = 1,
    RESIDUA_LOG_DEBUG = 2
} residua_log_level;

typedef struct residua_settings {
    /* Worker threads, the calling thread included; 0: one per hardware thread. At most 256. Results never
     * depend on it. */
    int threads;

    /* Upper bound, in bytes, of the memory that this context holds at any time: its own buffers exactly, the
     * HEVC library's by a safe estimate. Models (some MB) are not counted. 0: no limit. A call that needs
     * more returns RESIDUA_MEMORY_LIMIT before it allocates. */
    uint64_t memory_limit;

    /* Memory callbacks, both or neither. allocate returns memory aligned to `alignment` (a power of two, at
     * most 64) or NULL; free gets what allocate returned. They may be called from several threads at once.
     * All memory whose size depends on a picture comes from here, except the HEVC library's own. */
    void* (*allocate)(void* user, size_t bytes, size_t alignment);
    void (*free)(void* user, void* pointer);

    /* Called with one line of text, without a line end, on the thread that called the library. NULL: no log.
     */
    void (*log)(void* user, residua_log_level level, const char* message);

    /* Called from time to time on the thread that called the library, with the share of the work done, 0…1,
     * which never falls within one call. A return value other than 0 cancels: the call ends soon with
     * RESIDUA_CANCELLED. NULL: no reports. */
    int (*progress)(void* user, double fraction);

    void* user; /* passed to every callback */
    uint64_t reserved[4];
} residua_settings;

/*
 * Makes a context. `settings` may be NULL (defaults) and is copied.
 *
 * Returns RESIDUA_OK; RESIDUA_INVALID_ARGUMENT (a number out of range, or one memory callback without the
 * other); RESIDUA_UNSUPPORTED (RESIDUA_CPU asks for what this processor lacks); RESIDUA_OUT_OF_MEMORY. On
 * failure *context is NULL and residua_last_error(NULL) tells why.
 */
RESIDUA_API residua_status residua_context_create(const residua_settings* settings,
                                                  residua_context** context);

/* Ends a context. NULL is allowed. Buffers and images from it must have been freed before. */
RESIDUA_API void residua_context_destroy(residua_context* context);

/* One sentence for a person about the last failed call on this context; "" when the last call succeeded. With
 * NULL: about the last failed residua_context_create on this thread. Valid until the next call. Never NULL.
 */
RESIDUA_API const char* residua_last_error(const residua_context* context);

/* The most memory, in bytes, that the context has held at once, counted as for memory_limit. */
RESIDUA_API uint64_t residua_peak_memory(const residua_context* context);

/* ---- Bytes and pictures -------------------------------------------------------------------------------- */

typedef struct residua_buffer {
    uint8_t* data;
    size_t size; /* bytes */
} residua_buffer;

/* Frees what a call returned and sets it to empty. Empty buffers are allowed. */
RESIDUA_API void residua_buffer_free(residua_context* context, residua_buffer* buffer);

/* An 8-bit picture: grey or RGB, no alpha. Its metadata are kept byte for byte and not interpreted. */
typedef struct residua_image {
    uint8_t* pixels;    /* rows top to bottom, channels interleaved; encoding only reads them */
    uint32_t width;     /* pixels, 1…RESIDUA_MAX_SIDE */
    uint32_t height;    /* pixels, 1…RESIDUA_MAX_SIDE */
    uint32_t channels;  /* 1: grey; 3: R, G, B */
    size_t stride;      /* bytes from a row to the next, ≥ width · channels; 0 means exactly that */
    const uint8_t* icc; /* ICC profile, NULL when there is none */
    size_t icc_size;
    const uint8_t* exif; /* Exif block, starting with its TIFF header ("II*\0" or "MM\0*") */
    size_t exif_size;
    const uint8_t* xmp; /* XMP packet (UTF-8 XML) */
    size_t xmp_size;
} residua_image;

/* Frees a picture that a call of this library returned, its metadata too, and sets it to empty. Empty
 * pictures are allowed; pictures that the caller made are not. */
RESIDUA_API void residua_image_free(residua_context* context, residua_image* image);

/* Reads a whole file into *buffer. Returns RESIDUA_OK, RESIDUA_IO, RESIDUA_MEMORY_LIMIT or
 * RESIDUA_OUT_OF_MEMORY. */
RESIDUA_API residua_status residua_file_read(residua_context* context, const char* path,
                                             residua_buffer* buffer);

/* Writes a whole file: first a temporary one in the same folder, which is renamed when it is complete and on
 * disk, so that `path` never holds half a file. An existing file is replaced only when overwrite is not 0.
 * Returns RESIDUA_OK, or RESIDUA_IO (also when the file exists and overwrite is 0; nothing has then changed).
 */
RESIDUA_API residua_status residua_file_write(residua_context* context, const char* path, const void* data,
                                              size_t size, int overwrite);

/*
 * A file that is written piece by piece, in the same way: residua_file_create makes the temporary one,
 * residua_file_append adds bytes to it, residua_file_commit gives it its name, and residua_file_close ends
 * it, which throws it away unless it was committed. A path that is no regular file (a device, a pipe) is
 * written directly.
 *
 * A file depends on no context once it is created: it may be used in the callbacks of a call on the same one.
 */
typedef struct residua_file residua_file;

/* Returns RESIDUA_OK, RESIDUA_IO (also when the file exists and overwrite is 0) or RESIDUA_OUT_OF_MEMORY; on
 * failure *file is NULL. */
RESIDUA_API residua_status residua_file_create(residua_context* context, const char* path, int overwrite,
                                               residua_file** file);
/* Both return RESIDUA_OK or RESIDUA_IO; after a failure the file can only be closed. */
RESIDUA_API residua_status residua_file_append(residua_file* file, const void* data, size_t size);
RESIDUA_API residua_status residua_file_commit(residua_file* file);
/* As residua_last_error, for the last call with this file. */
RESIDUA_API const char* residua_file_error(const residua_file* file);
/* NULL is allowed. */
RESIDUA_API void residua_file_close(residua_file* file);

/* ---- Models -------------------------------------------------------------------------------------------- */

typedef struct residua_model_info {
    uint64_t hash;           /* identity: XXH3-64 of the model file */
    const char* name;        /* such as "rc-small" */
    const char* codec;       /* the method it serves: "rc", "l3c" or "olm" */
    const char* description; /* all of the file's "key=value" lines */
    size_t file_size;        /* bytes of the model file */
    int built_in;            /* 1: part of the library; 0: added with residua_model_add */
    int default_q;           /* Q that residua_encode uses when it is asked for none and the model has no
                                Q-classifier; 0 for other codecs */
    int default_bit_depth;   /* 8 or 10; 0 for other codecs */
} residua_model_info;

/* How many models the context has. They are numbered from 0: those of the library by their names, then those
 * that were added. residua_encode_options says which one is taken where none is named. */
RESIDUA_API size_t residua_model_count(const residua_context* context);

/* Describes model `index`. Its strings live as long as the context. Returns RESIDUA_OK or
 * RESIDUA_INVALID_ARGUMENT (no such index). */
RESIDUA_API residua_status residua_model_describe(residua_context* context, size_t index,
                                                  residua_model_info* info);

/* Adds a model file (".rsm") from memory; the bytes are copied. `info` may be NULL. A model that is already
 * there is not added twice. Returns RESIDUA_OK, RESIDUA_CORRUPT or RESIDUA_TRUNCATED (not a valid model),
 * RESIDUA_UNSUPPORTED (made for a later version) or RESIDUA_OUT_OF_MEMORY. */
RESIDUA_API residua_status residua_model_add(residua_context* context, const void* data, size_t size,
                                             residua_model_info* info);

/* ---- Encoding ------------------------------------------------------------------------------------------ */

typedef enum residua_proof {
    RESIDUA_PROOF_DEFAULT = 0, /* RESIDUA_PROOF_FULL; with OLM at efforts 1 to 6 RESIDUA_PROOF_FAST */
    /* The written bytes are parsed, RC's lossy layer decoded and compared, and every entropy-coded symbol
     * read back from them, against the distributions that the encoder had computed. With OLM the decoder's
     * search must find each symbol at both ends of its interval, and the planes are made a picture again as
     * the written bytes say and compared: all that a decoder does but to run the experts and heads a second
     * time, on the same samples in the same order. */
    RESIDUA_PROOF_FAST = 1,
    /* The written bytes are decoded from nothing else, as any decoder would, and the pixels compared. */
    RESIDUA_PROOF_FULL = 2
} residua_proof;

typedef enum residua_tau {
    RESIDUA_TAU_DEFAULT = 0, /* RESIDUA_TAU_ON for RC without adaptation */
    RESIDUA_TAU_OFF = 1,     /* the model's sigmas as they are */
    RESIDUA_TAU_ON = 2       /* RC only: for other codecs RESIDUA_INVALID_ARGUMENT */
} residua_tau;

typedef enum residua_adaptation {
    RESIDUA_ADAPTATION_DEFAULT = 0, /* RESIDUA_ADAPTATION_ON for RC and L3C */
    RESIDUA_ADAPTATION_OFF = 1,     /* the mixtures as the network gives them, as the papers have it */
    RESIDUA_ADAPTATION_ON = 2       /* for OLM RESIDUA_INVALID_ARGUMENT: its mixtures always adapt */
} residua_adaptation;

/* For q: the model's default_q, whatever the picture is. */
#define RESIDUA_Q_FIXED (-1)

typedef struct residua_encode_options {
    /* Which model: its name, its hash as 16 hexadecimal digits, or a unique beginning of the hash of at least
     * four digits. It is taken at every effort. NULL: OLM's is chosen by `effort`; RC's is "rc-coarse",
     * without adaptation "rc-small"; of other codecs, and where there is no model of that name, the first one
     * for `codec` that the context has. */
    const char* model;

    /* RC: quality of the lossy layer, 1…51: lower is finer. It moves bytes between the lossy layer and the
     * residual, and so changes the size, never the pixels. 0: what the model's Q-classifier chooses for the
     * picture, or the model's default_q where it has none (at effort ≥ 7 the encoder tries values around it).
     * RESIDUA_Q_FIXED: default_q itself. Other codecs have no lossy layer: 0 only. */
    int q;

    /* RC: bits per sample of the lossy layer: 8, 10, or 0 for the model's default. Other codecs: 0 only. */
    int bit_depth;

    /* 1 (fastest) … 9 (smallest file); 0: 5.
     * OLM, where no model is named: which model, and decoding takes as long as encoding: 1 to 3 "olm-fast",
     * 4 to 6 "olm", 7 to 9 "olm-best".
     * RC: how long the HEVC library looks for a good lossy layer, from 7 on with several Q; decoding takes
     * the same time for all. L3C has nothing to choose and is the same for all. */
    int effort;

    residua_proof proof;

    /* The method: "rc" (a BPG lossy layer and its residual), "l3c" (learned scales, coarse to fine) or "olm"
     * (experts that learn the picture while it is coded). NULL: that of `model`; when no model is
     * named, "rc" where q, bit_depth or tau ask for something that it alone has, otherwise "olm". A model of
     * another method is RESIDUA_INVALID_ARGUMENT. */
    const char* codec;

    /* RC: whether the encoder looks for factors of the model's sigmas that suit this picture. They are kept
     * only where the file, they included, becomes smaller. Decoding takes the same time. */
    residua_tau tau;

    /* RC and L3C: whether the means and sigmas of the mixtures follow what has been decoded around a sample
     * (docs/format-adaptation.md). Smaller files; the decoder's network works as before, its entropy coder
     * somewhat longer. */
    residua_adaptation adaptation;

    /* Rows of a strip. A picture that is higher becomes a file of strips, each a file by itself, so that its
     * encoder and its decoder need the memory of one strip (residua_encode_rows). A multiple of 16; with a
     * number that is not below the picture's height it is not cut. 0: OLM cuts pictures of more than 12 ·
     * 2^20 pixels into strips of at most 8 · 2^20 (but of 16 rows at least); the other codecs cut none, since
     * their networks see the whole picture. */
    uint64_t strip_height;

    uint64_t reserved[1];
} residua_encode_options;

/*
 * Compresses a picture. `options` may be NULL. An RGB picture whose channels are all equal is stored as grey,
 * and still decoded as RGB. Success means that the proof was made: *file decodes to exactly these pixels.
 *
 * Returns RESIDUA_OK; RESIDUA_INVALID_ARGUMENT; RESIDUA_UNSUPPORTED (channels other than 1 and 3, a side over
 * RESIDUA_MAX_SIDE, or a decoder-only build); RESIDUA_MODEL_MISSING; RESIDUA_MEMORY_LIMIT;
 * RESIDUA_OUT_OF_MEMORY; RESIDUA_CANCELLED; RESIDUA_INTERNAL (the proof failed). *file is the caller's, who
 * frees it with residua_buffer_free.
 */
RESIDUA_API residua_status residua_encode(residua_context* context, const residua_image* image,
                                          const residua_encode_options* options, residua_buffer* file);

/* A picture that comes by rows. Its metadata are those of residua_image; they must stay until the call ends.
 */
typedef struct residua_row_source {
    uint32_t width, height, channels; /* as in residua_image */
    const uint8_t* icc;
    size_t icc_size;
    const uint8_t* exif;
    size_t exif_size;
    const uint8_t* xmp;
    size_t xmp_size;

    /* Fills `pixels` with the rows y, …, y + rows − 1, without gaps: rows · width · channels bytes. Every row
     * is asked for once, from top to bottom, on the thread that called the library. Returns 0; any other
     * value ends the call with RESIDUA_IO. */
    int (*read)(void* user, uint32_t y, uint32_t rows, uint8_t* pixels);
    void* user;
    uint64_t reserved[2];
} residua_row_source;

/* What takes a file's bytes, in order. Returns 0; any other value ends the call with RESIDUA_IO. */
typedef struct residua_byte_sink {
    int (*write)(void* user, const void* data, size_t size);
    void* user;
    uint64_t reserved[2];
} residua_byte_sink;

/*
 * Compresses a picture that need not be in memory as a whole: the same bytes as residua_encode. Of a picture
 * that is cut into strips (residua_encode_options.strip_height) one strip is held at a time, otherwise all of
 * it.
 *
 * `sink` gets a strip's bytes after the proof that they decode to that strip. When the call fails, what it
 * got until then is no file and must be thrown away. The functions of `source` and `sink` may not use the
 * context.
 *
 * Returns as residua_encode, or RESIDUA_IO.
 */
RESIDUA_API residua_status residua_encode_rows(residua_context* context, const residua_row_source* source,
                                               const residua_encode_options* options,
                                               const residua_byte_sink* sink);

/* residua_encode, then residua_file_write. */
RESIDUA_API residua_status residua_encode_file(residua_context* context, const residua_image* image,
                                               const residua_encode_options* options, const char* path,
                                               int overwrite);

typedef struct residua_sample_options {
    /* As in residua_encode_options, but NULL is "rc", and of "olm" there are no samples. */
    const char* codec;
    const char* model;
    int q, bit_depth, effort; /* of RC's lossy layer, as in residua_encode_options; L3C: 0 only */

    /* How many stages, coarse to fine, keep the picture's own values; what is finer is drawn from the model.
     * RC: 1 (x_l is kept, the residual drawn). L3C with S scales: 1 … S, of z^(S), …, z^(1); the picture is
     * always drawn. S: all z are kept; S − 1: z^(1) is drawn, too; and so on. 0: the most that the codec has,
     * 1 or S. */
    int kept;

    uint64_t seed; /* the same seed and picture give the same sample, on every machine */
    uint64_t reserved[4];
} residua_sample_options;

/*
 * Draws a picture from the model, given the coarse part of *image: what the model knows after some stages,
 * and what it imagines for the rest. Each symbol is drawn from the distribution that it would be coded with.
 * `options` may be NULL. *sample has the size and channels of *image, no metadata, and is the caller's, who
 * frees it with residua_image_free.
 *
 * Returns as residua_encode.
 */
RESIDUA_API residua_status residua_sample(residua_context* context, const residua_image* image,
                                          const residua_sample_options* options, residua_image* sample);

/*
 * Computes the lossy reconstruction x_l of a picture, exactly as residua_encode with this q, bit_depth and
 * effort (all given, none 0) would have it and every decoder will: what a model is trained on.
 *
 * pixels: width · height · channels bytes, rows without gaps, filled with x_l (for a grey picture: one
 * channel). bpg_size: the size of the BPG stream in bytes; may be NULL. Metadata are ignored.
 *
 * Returns as residua_encode; on failure the contents of `pixels` are undefined.
 */
RESIDUA_API residua_status residua_lossy_layer(residua_context* context, const residua_image* image, int q,
                                               int bit_depth, int effort, uint8_t* pixels,
                                               uint64_t* bpg_size);

/*
 * The same reconstruction before its rounding to 8 bits: 64 times the value, 0…16320, so that
 * x_l = (fine + 32) / 64 rounded down. fine: width · height · channels numbers, rows without gaps. All else
 * as residua_lossy_layer.
 */
RESIDUA_API residua_status residua_lossy_layer_fine(residua_context* context, const residua_image* image,
                                                    int q, int bit_depth, int effort, uint16_t* fine,
                                                    uint64_t* bpg_size);

/*
 * What OLM's head is trained on: all samples of a picture in coding order, each with what the experts say
 * before they see it. docs/format-olm.md defines the numbers.
 */
typedef struct residua_olm_sample {
    const uint8_t* inputs; /* what the head reads; valid during the call */
    uint32_t input_count;
    uint32_t plane;    /* 0 … 2, in coding order */
    int32_t centre;    /* 1/64 sample: what the mixture's means are relative to */
    int32_t scale;     /* 1/64 sample: what they are measured in */
    int32_t log_scale; /* 1/32 octave: what the log sigmas are relative to */
    int32_t sample;    /* 0 … 255, or its rank among the values that occur */
} residua_olm_sample;

/*
 * Calls visit(user, sample) for each sample of a picture of 1 or 3 channels. experts: those of the released
 * model of that name, "olm-fast", "olm" or "olm-best"; NULL: "olm". Returns as residua_encode.
 */
RESIDUA_API residua_status residua_olm_samples(residua_context* context, const residua_image* image,
                                               const char* experts,
                                               void (*visit)(void* user, const residua_olm_sample* sample),
                                               void* user);

/* ---- Decoding ------------------------------------------------------------------------------------------ */

/*
 * Decodes a file and checks every checksum, that of the pixels included. *image is the caller's, who frees it
 * with residua_image_free; its stride is width · channels.
 *
 * Returns RESIDUA_OK; RESIDUA_CORRUPT; RESIDUA_TRUNCATED; RESIDUA_UNSUPPORTED (made by a later version);
 * RESIDUA_MODEL_MISSING (the message names the hash); RESIDUA_MEMORY_LIMIT; RESIDUA_OUT_OF_MEMORY;
 * RESIDUA_CANCELLED.
 */
RESIDUA_API residua_status residua_decode(residua_context* context, const void* data, size_t size,
                                          residua_image* image);

/* residua_file_read, then residua_decode. */
RESIDUA_API residua_status residua_decode_file(residua_context* context, const char* path,
                                               residua_image* image);

/* A file that comes in order. */
typedef struct residua_byte_source {
    /* Fills `data` with at most `size` bytes (1 or more) and returns how many; 0 at the end of the file. A
     * negative value ends the call with RESIDUA_IO. */
    int64_t (*read)(void* user, void* data, size_t size);
    void* user;
    uint64_t size; /* bytes of the file, where that is known, and otherwise 0: saves memory and copies */
    uint64_t reserved[2];
} residua_byte_source;

/* What takes a picture's rows. Both functions return 0; any other value ends the call with RESIDUA_IO. */
typedef struct residua_row_sink {
    /* Once, before the first rows: size, channels and metadata; pixels is NULL. Valid during the call. */
    int (*begin)(void* user, const residua_image* picture);
    /* The rows y, …, y + rows − 1 without gaps, each row once, from top to bottom. */
    int (*rows)(void* user, uint32_t y, uint32_t rows, const uint8_t* pixels);
    void* user;
    uint64_t reserved[2];
} residua_row_sink;

/*
 * Decodes a file by rows, and checks all that residua_decode checks. Of a file of strips one strip is held at
 * a time, any other one is decoded as a whole. `sink` may be NULL: then the file is checked and no more.
 *
 * `sink` gets a strip's rows after their checksum was found right. When the call fails, what it got until
 * then is the upper part of a picture whose rest is missing. The functions of `source` and `sink` may not use
 * the context.
 *
 * Returns as residua_decode, or RESIDUA_IO.
 */
RESIDUA_API residua_status residua_decode_rows(residua_context* context, const residua_byte_source* source,
                                               const residua_row_sink* sink);

/* Decodes a file, checks everything that residua_decode checks, and gives no pixels back. Returns as
 * residua_decode. */
RESIDUA_API residua_status residua_verify(residua_context* context, const void* data, size_t size);

/*
 * A preview of the picture, without its last and largest stage. Grey or RGB as the picture is, metadata
 * included. Returns as residua_decode.
 *
 * RC: the lossy reconstruction x_l; neither the network nor the model is needed. L3C: the mean of the
 * picture's distribution, given z^(S) … z^(1); this needs the model.
 * OLM: RESIDUA_UNSUPPORTED, its files have one layer only. A file of strips: the previews of all, as one.
 */
RESIDUA_API residua_status residua_preview(residua_context* context, const void* data, size_t size,
                                           residua_image* image);

/* The BPG stream of the lossy layer, as it lies in the file: a complete BPG picture. Returns as
 * residua_decode; RESIDUA_UNSUPPORTED for other codecs, which have no lossy layer, and for files of strips,
 * which have one for each. */
RESIDUA_API residua_status residua_preview_bpg(residua_context* context, const void* data, size_t size,
                                               residua_buffer* bpg);

/* What a file says about itself. Sizes in bytes; the parts (lossy_size, all of latent_size, residual_size,
 * metadata_size, tau_size, overhead_size) add up to file_size. */
typedef struct residua_info {
    uint32_t format_version;
    uint32_t width, height, channels; /* of the picture as it will be decoded; channels 1 or 3 */
    uint32_t coded_channels;          /* 1 also for an RGB picture stored as grey */
    const char* codec;                /* "rc", "l3c" or "olm"; static */
    uint64_t model_hash;
    const char* model_name; /* of the installed model with that hash, NULL when this context has none; lives
                               as long as the context */
    int q;                  /* of RC's lossy layer; otherwise 0 */
    int bit_depth;          /* of RC's lossy layer: 8 or 10; otherwise 0 */
    int has_tau;            /* 1: the file scales the model's sigma (tau) */
    uint32_t tile_width, tile_height, tile_count;
    uint64_t file_size;
    uint64_t lossy_size;     /* RC: the BPG stream; otherwise 0 */
    uint32_t latent_count;   /* L3C: the number of scales S; otherwise 0 */
    uint64_t latent_size[4]; /* L3C: entropy-coded z^(1), …, z^(S), in this order */
    uint64_t residual_size; /* RC: the entropy-coded residual; L3C: the picture, given z^(1) … z^(S); OLM: its
                               planes */
    uint64_t metadata_size; /* ICC + Exif + XMP contents */
    uint64_t tau_size;
    uint64_t overhead_size; /* all the rest: header, index, checksums */
    uint64_t icc_size, exif_size, xmp_size;
    uint64_t
        pixel_checksum;   /* XXH3-64 of the decoded pixels as they are stored (coded_channels interleaved) */
    double bpsp;          /* bits of the file per sub-pixel: 8 · file_size / (width · height · channels) */
    uint32_t strip_count; /* how many strips the picture was cut into; 1 when it was not */
    uint32_t strip_height; /* rows of each but the last, which may have fewer */
    int adapts;            /* 1: RC's or L3C's mixtures adapt to the picture (residua_adaptation) */
    int unused;            /* 0 */
    uint64_t reserved[2];
} residua_info;

/*
 * Reads and checks a file's structure: header, index and metadata, no pixels, no model needed. Returns
 * RESIDUA_OK, RESIDUA_CORRUPT, RESIDUA_TRUNCATED or RESIDUA_UNSUPPORTED.
 *
 * Of a file of strips (format version 2) the sizes and tile_count are those of all strips together,
 * coded_channels is the largest, has_tau says whether any has it; codec, model, q, bit_depth, latent_count
 * and the size of tiles are the first strip's (this encoder makes all alike), and pixel_checksum is XXH3-64
 * of the strips' own ones, 8 bytes each, little-endian.
 */
RESIDUA_API residua_status residua_inspect(residua_context* context, const void* data, size_t size,
                                           residua_info* info);

#ifdef __cplusplus
}
#endif

#endif /* RESIDUA_RESIDUA_H */
