/*
 * Residua for those who study or train its codecs: RC's lossy layer, samples from a model, what OLM's heads
 * are trained on, the parts of a file. The rules of residua.h hold here, too. research.hpp is its C++ face.
 */
#ifndef RESIDUA_RESEARCH_H
#define RESIDUA_RESEARCH_H

#include <residua/residua.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Encoding ------------------------------------------------------------------------------------------ */

typedef enum residua_tau {
    RESIDUA_TAU_DEFAULT = 0, /* RESIDUA_TAU_ON for RC without adaptation */
    RESIDUA_TAU_OFF = 1,     /* the model's sigmas as they are */
    RESIDUA_TAU_ON = 2       /* RC only: for other codecs RESIDUA_INVALID_ARGUMENT */
} residua_tau;

typedef enum residua_adaptation {
    RESIDUA_ADAPTATION_DEFAULT = 0, /* RC and L3C: as the model was made for (residua_research_model_info) */
    RESIDUA_ADAPTATION_OFF = 1,     /* the mixtures as the network gives them, as the papers have it */
    RESIDUA_ADAPTATION_ON = 2       /* for OLM RESIDUA_INVALID_ARGUMENT: its mixtures always adapt */
} residua_adaptation;

/* For q: the model's default_q, whatever the picture is. */
#define RESIDUA_Q_FIXED (-1)

/* For residua_encode_options.research. */
typedef struct residua_research_options {
    size_t struct_size;

    /* RC: quality of the lossy layer, 1…51: lower is finer. It moves bytes between the lossy layer and the
     * residual, and so changes the size, never the pixels. 0: what the model's Q-classifier chooses for the
     * picture, or the model's default_q where it has none (at effort ≥ 7 the encoder tries values around it).
     * RESIDUA_Q_FIXED: default_q itself. Other codecs have no lossy layer: 0 only. */
    int32_t q;

    /* RC: bits per sample of the lossy layer: 8, 10, or 0 for the model's default. Other codecs: 0 only. */
    int32_t bit_depth;

    /* RC, a residua_tau: whether the encoder looks for factors of the model's sigmas that suit this picture.
     * They are kept only where the file, they included, becomes smaller. Decoding takes the same time. */
    int32_t tau;

    /* RC and L3C, a residua_adaptation: whether the means and sigmas of the mixtures follow what has been
     * decoded around a sample (docs/format-adaptation.md). Smaller files; the decoder's network works as
     * before, its entropy coder somewhat longer. */
    int32_t adaptation;
} residua_research_options;

/* ---- Samples from a model ------------------------------------------------------------------------------ */

typedef struct residua_sample_options {
    size_t struct_size;

    /* As in residua_encode_options, but NULL is "rc", and of "olm" there are no samples. */
    const char* codec;
    const char* model;

    /* Of RC's lossy layer, as in residua_research_options and
     * residua_encode_options; L3C: q and bit_depth 0 only. */
    int32_t q, bit_depth, effort;

    /* How many stages, coarse to fine, keep the picture's own values; what is finer is
     * drawn from the model. RC: 1 (x_l is kept, the residual drawn). L3C with S scales:
     * 1 … S, of z^(S), …, z^(1); the picture is always drawn. S: all z are kept; S
     * − 1: z^(1) is drawn, too; and so on. 0: the most that the codec has, 1 or S. */
    int32_t kept;

    uint64_t seed; /* the same seed and picture give the same sample, on every machine */
} residua_sample_options;

/*
 * Draws a picture from the model, given the coarse part of *image: what the model knows after some stages,
 * and what it imagines for the rest. Each symbol is drawn from the distribution that it would be coded with.
 * `options` may be NULL. *sample has the size and colour of *image, no metadata, and is the caller's, who
 * frees it with residua_image_free.
 *
 * Returns as residua_encode.
 */
RESIDUA_API residua_status residua_sample(residua_context* context, const residua_image* image,
                                          const residua_sample_options* options, residua_image* sample);

/* ---- RC's lossy layer ---------------------------------------------------------------------------------- */

/*
 * Computes the lossy reconstruction x_l of a picture, exactly as residua_encode with this q (0…51), bit_depth
 * (8 or 10) and effort (1…9) would have it and every decoder will: what a model is trained on.
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
 * The same reconstruction before its rounding to 8 bits: 64 times the value,
 * 0…16320, so that x_l = (fine + 32) / 64 rounded down. fine: width · height
 * · channels numbers, rows without gaps. All else as residua_lossy_layer.
 */
RESIDUA_API residua_status residua_lossy_layer_fine(residua_context* context, const residua_image* image,
                                                    int q, int bit_depth, int effort, uint16_t* fine,
                                                    uint64_t* bpg_size);

/* The BPG stream of the lossy layer, as it lies in the file: a complete BPG picture, which the caller frees
 * with residua_buffer_free. Returns as residua_decode; RESIDUA_UNSUPPORTED for other codecs, which have no
 * lossy layer, and for files of strips, which have one for each. */
RESIDUA_API residua_status residua_preview_bpg(residua_context* context, const void* data, size_t size,
                                               residua_buffer* bpg);

/* ---- What OLM's head is trained on --------------------------------------------------------------------- */

/* A sample of a picture, in coding order, with what the experts say before they see it. docs/format-olm.md
 * defines the numbers. The library makes it: of one that is older than your header, only the first
 * struct_size bytes are there. */
typedef struct residua_olm_sample {
    size_t struct_size;
    const uint8_t* inputs; /* what the head reads; valid during the call */
    uint32_t input_count;
    uint32_t plane;    /* 0 … 2, in coding order */
    int32_t centre;    /* 1/64 sample: what the mixture's means are relative to */
    int32_t scale;     /* 1/64 sample: what they are measured in */
    int32_t log_scale; /* 1/32 octave: what the log sigmas are relative to */
    int32_t sample;    /* 0 … 255, or its rank among the values that occur */
} residua_olm_sample;

/*
 * Calls visit(user, sample) on the calling thread for each sample of a picture
 * of 8 bits, grey or RGB. Of other kinds, those of 9 to 16 bits and with alpha
 * among them, for each sample of the planes that have more than 256 values.
 * experts: those of the released model of that name, "olm-light", "olm-fast",
 * "olm-mid", "olm" (which "olm-deep" shares) or "olm-best"; NULL: "olm".
 * Returns as residua_encode.
 */
RESIDUA_API residua_status residua_olm_samples(residua_context* context, const residua_image* image,
                                               const char* experts,
                                               void (*visit)(void* user, const residua_olm_sample* sample),
                                               void* user);

/* ---- Files and models in detail ------------------------------------------------------------------------ */

/* The parts of a file, in bytes: lossy_size, all of latent_size, residual_size, tau_size, metadata_size and
 * overhead_size add up to residua_info.file_size. */
typedef struct residua_research_info {
    size_t struct_size;
    int32_t q;               /* of RC's lossy layer; otherwise 0 */
    int32_t bit_depth;       /* of RC's lossy layer: 8 or 10; otherwise 0 */
    int32_t has_tau;         /* 1: the file scales the model's sigma (tau) */
    int32_t adapts;          /* 1: RC's or L3C's mixtures adapt to the picture (residua_adaptation) */
    uint32_t coded_channels; /* 1 also for an RGB picture stored as grey */
    uint32_t tile_width, tile_height, tile_count; /* of a tile in pixels; how many */
    uint32_t latent_count;                        /* L3C: the number of scales S; otherwise 0 */
    uint32_t reserved;                            /* 0 */
    uint64_t lossy_size;                          /* RC: the BPG stream; otherwise 0 */
    uint64_t latent_size[4];                      /* L3C: entropy-coded z^(1), …, z^(S), in this order */
    uint64_t residual_size; /* RC: the entropy-coded residual; L3C: the picture, given z^(1) … z^(S); OLM:
                               its planes */
    uint64_t tau_size;
    /* What the residua_info.metadata_size bytes of metadata take in the file, where they may be packed. */
    uint64_t metadata_size;
    uint64_t overhead_size; /* all the rest: header, index, checksums */
    double bpsp; /* bits of the file per sub-pixel: 8 · file_size / (width · height · channels) */
} residua_research_info;

/* As residua_inspect. Of a file of strips the sizes and tile_count are those of all strips together,
 * coded_channels is the largest, has_tau says whether any has it; q, bit_depth, adapts, latent_count and the
 * size of tiles are the first strip's (this encoder makes all alike). */
RESIDUA_API residua_status residua_research_inspect(residua_context* context, const void* data, size_t size,
                                                    residua_research_info* info);

typedef struct residua_research_model_info {
    size_t struct_size;
    int32_t default_q;          /* RC: Q where none is asked for and the model has no Q-classifier; else 0 */
    int32_t default_bit_depth;  /* RC: 8 or 10; otherwise 0 */
    int32_t default_adaptation; /* RC, L3C: RESIDUA_ADAPTATION_ON, or RESIDUA_ADAPTATION_OFF for models that
                                   are to be coded as the papers have it; otherwise 0 */
    int32_t has_q_classifier;   /* RC: 1 where the model chooses a Q for each picture; otherwise 0 */
} residua_research_model_info;

/* Describes the context's model with that hash. Returns RESIDUA_OK or RESIDUA_MODEL_MISSING. */
RESIDUA_API residua_status residua_research_model(residua_context* context, uint64_t hash,
                                                  residua_research_model_info* info);

/* ---- Where the time goes ------------------------------------------------------------------------------- */

/* Seconds of wall time; parts do not overlap, and their sum is the whole call. */
typedef struct residua_research_times {
    size_t struct_size;
    double lossy_layer;   /* RC: BPG, encoded and decoded; reading a file: decoded */
    double network;       /* RC, L3C: their networks, but for the Q-classifier */
    double entropy_coder; /* RC, L3C */
    double q_classifier;  /* RC: the choice of Q */
    double tau;           /* RC: the search for tau, with its own passes of network and coder */
    double proof;         /* of the encoder: decoding what it wrote, or the exact checks */
    double other;         /* all the rest; all of OLM but its proof */
} residua_research_times;

/* Of the context's last call that encoded, decoded, explained, previewed or sampled; zeros
 * where there was none, or where it failed. Of pictures in strips all strips together. */
RESIDUA_API residua_status residua_research_last_times(residua_context* context,
                                                       residua_research_times* times);

/* ---- Where the bits of a file are ---------------------------------------------------------------------- */

/* What the planes of a stage are. */
typedef enum residua_planes {
    RESIDUA_PLANES_SAMPLES = 0, /* the picture's own channels */
    RESIDUA_PLANES_JPEG = 1,    /* Y, Cb, Cr, from which a JPEG decoder makes the picture's colours */
    RESIDUA_PLANES_PHOTO_CD = 2 /* Y, C1, C2 of Photo CD, likewise */
} residua_planes;

/*
 * What one stage of a file takes, pixel by pixel. The library makes it: of one that is older than your
 * header, only the first struct_size bytes are there. All that it points to is valid during the call.
 *
 * A symbol of probability p takes −log2 p bits, counted to 2^−16. All of them together are the stage's
 * streams (8 · size) but for what the entropy coder rounds and the states that it ends with: they differ by
 * less than 1 per cent and 700 bits for each tile.
 */
typedef struct residua_stage_bits {
    size_t struct_size;
    const char* name; /* "lossy", "residual"; "z1", "z2", …; "picture" */
    /* bits[(y · width + x) · channels + c]: what channel c of pixel x, y took. A symbol that stands for
     * several pixels is spread evenly over them: a sample of z^(s) over 2^s × 2^s, a sample of smaller chroma
     * over chroma_columns × chroma_rows, a block of DCT coefficients over its 8×8 samples. Of such pixels,
     * those beyond the picture's edge have no part; where all are beyond it, the nearest pixel gets all. */
    const float* bits;
    const char* const* channel_names; /* `channels` of them, such as "red", "Cb", "channel 3" */
    /* How many of the 256 values occur in each channel, as far as the file says so; only these are coded. */
    const uint32_t* value_counts;
    const uint64_t* tile_sizes; /* bytes of each tile's stream, row by row; NULL where there are no tiles */
    /* RC: what is added to the logarithms of the model's sigmas, in 1/32 octave, for the components of the
     * first coded channel, then for those of the next; tau_count numbers. NULL: nothing. */
    const int8_t* tau;
    uint64_t size; /* bytes of the stage: its streams, or RC's BPG stream */
    /* OLM: bytes by which the file says what the planes are. Part of residua_research_info.overhead_size. */
    uint64_t description_size;
    uint32_t strip;                   /* 0, 1, … from top to bottom; 0 where the picture was not cut */
    uint32_t first_row;               /* of the strip, in the picture */
    uint32_t width, height;           /* of the strip, in pixels */
    uint32_t channels;                /* 1 for the lossy layer and for a picture stored as grey */
    uint32_t spread;                  /* 1: only the sum is known, and spread over all pixels (lossy layer) */
    uint32_t tile_columns, tile_rows; /* 0 where there are no tiles */
    uint32_t tile_width, tile_height; /* in pixels; the last ones may be smaller */
    uint32_t tau_count;
    uint32_t planes; /* residua_planes */
    /* Pixels for which a sample of the second and third channel stands: 1 or 2 along each axis. */
    uint32_t chroma_columns, chroma_rows;
    /* 1: planes are coded as quantised DCT coefficients, of blocks of 8×8 samples, as a JPEG has them. */
    uint32_t blocks;
    uint32_t exceptions; /* pixels whose colours the planes do not give; they are in the description */
} residua_stage_bits;

/*
 * Decodes a file and calls visit(user, stage) for each stage, coarse to fine, of each strip, on the calling
 * thread. What visit returns is 0; any other value ends the call with RESIDUA_IO. Checks all that
 * residua_decode checks: when the call fails, what was visited until then may be wrong. Beside what decoding
 * takes it holds one stage's bits, 4 bytes for each pixel and channel of a strip.
 *
 * Returns as residua_decode, or RESIDUA_IO.
 */
RESIDUA_API residua_status residua_explain(residua_context* context, const void* data, size_t size,
                                           int (*visit)(void* user, const residua_stage_bits* stage),
                                           void* user);

#ifdef __cplusplus
}
#endif

#endif /* RESIDUA_RESEARCH_H */
