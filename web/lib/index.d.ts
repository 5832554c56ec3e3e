/**
 * Residua: lossless pictures. A `.rsd` file decodes to the same samples in every browser and on every machine.
 *
 * All work is done in workers. Every function that returns a promise rejects it with a ResiduaError.
 */

/** The library's word for what went wrong. */
export type Status =
    | "invalid argument" // a rule stated here is broken
    | "unsupported" // well-formed, but not something this version can code; or the browser is too old
    | "corrupt" // the bytes are no valid file, or a checksum differs
    | "truncated" // the bytes end too early
    | "model missing" // the file names a model that is not there: addModel
    | "memory limit" // one of Limits would be exceeded
    | "out of memory" // the browser has no more
    | "input/output" // a file of the package could not be fetched, or a Blob not be read
    | "cancelled" // close() was called
    | "internal"; // a defect of Residua

export class ResiduaError extends Error {
    readonly name: "ResiduaError";
    readonly status: Status;
    constructor(status: Status, message: string);
}

/** Of files that are decoded: they may come from anywhere. null or 0: no limit. */
export interface Limits {
    /** Bytes that the library holds at once, without what it gives back. Default: 2^30. */
    memory?: number | null;
    /** Width times height. Bounds the time, too. Default: 2^27, which are 512 MiB as ImageData. */
    pixels?: number | null;
    /** Bytes of all metadata together. Default: 2^26. */
    metadata?: number | null;
    /** Default: 2^16. */
    strips?: number | null;
}

export interface InitOptions {
    /** Where the package's folder `dist` is served, with "/" at its end. Default: beside the package. */
    base?: string | URL;
    /** "simd" is chosen where the browser has WebAssembly's vectors. Both give the same bytes and pixels. */
    variant?: "simd" | "plain";
    /** How many calls may be at work at once, each in a worker of its own. Default: 1. */
    workers?: number;
    limits?: Limits;
}

export interface CallOptions {
    /** Ends the call; the promise rejects with signal.reason. */
    signal?: AbortSignal;
    /** The share of the work done, 0 ... 1. */
    onProgress?: (fraction: number) => void;
}

export interface EncodeOptions extends CallOptions {
    /** 1 (fastest) ... 9 (smallest file); default 5. Decoding takes as long as encoding. */
    effort?: number;
    /** Chosen by the picture: "olm" is for photographs, "scc" for drawings and screens. */
    codec?: "olm" | "scc" | "l3c";
}

/** Something that comes with a picture, byte for byte: "icc", "exif", "xmp", or a name such as "png:tEXt". */
export interface Metadata {
    name: string;
    data: Uint8Array;
}

export type Colour = "grey" | "rgb" | "cmyk";

/** A picture as a file has it: rows from top to bottom, channels interleaved, alpha last and not multiplied in. */
export interface Samples {
    width: number;
    height: number;
    /** Of a sample, 1 ... 16. Default where you give it: 8. */
    bits?: number;
    colour: Colour;
    /** Default where you give it: false. */
    alpha?: boolean;
    /** Above 8 bits a Uint16Array; each value lies below 2^bits. */
    data: Uint8Array | Uint8ClampedArray | Uint16Array;
    metadata?: Metadata[];
}

export interface DecodedSamples extends Samples {
    bits: number;
    alpha: boolean;
    metadata: Metadata[];
}

export interface Info {
    codec: "olm" | "scc" | "l3c" | "rc" | "jpeg";
    formatVersion: number;
    /** 0, as height and bits, where a kept file has no pixels that could be decoded. */
    width: number;
    height: number;
    bits: number;
    colour?: Colour;
    alpha: boolean;
    strips: number;
    stripHeight: number;
    /** Bytes. */
    fileSize: number;
    /** Whether it keeps a file byte for byte: originalFile. */
    keptJpeg: boolean;
    /** 16 hexadecimal digits; zeros where none is needed. */
    modelHash: string;
    modelName?: string;
    /** XXH3-64 of the pixels as they are coded. */
    pixelChecksum: string;
    /** undefined where the file is larger than the limits. */
    metadata?: Metadata[];
}

export type File = ArrayBuffer | ArrayBufferView | Blob;

/**
 * Starts the workers. The first call of any other function does it, too, by the defaults. With options it starts anew,
 * and models that were added are gone.
 */
export function init(options?: InitOptions): Promise<void>;

/** Ends the workers and all calls. The next call starts anew. */
export function close(): void;

/**
 * The picture as a canvas takes it: 8 bits, RGBA. Deeper samples are rounded, CMYK is converted without a profile. Colours
 * are as in the file, and so is the orientation: where there is an ICC profile, or an Exif block that says that the camera
 * was turned, `toBlob` shows the picture right. (In Node.js, which has no ImageData, an object of the same shape.)
 */
export function decode(file: File, options?: CallOptions): Promise<ImageData>;

/** The samples themselves, and all that comes with them. */
export function decodeSamples(file: File, options?: CallOptions): Promise<DecodedSamples>;

/** For an <img>, with colour profile and orientation: the JPEG file that was kept, or a PNG, which is not packed. */
export function toBlob(file: File, options?: CallOptions): Promise<Blob>;

/** A PNG file of the samples, with all metadata that encodePng keeps. CMYK becomes RGB. */
export function toPng(file: File, options?: CallOptions): Promise<Uint8Array>;

/** What a file says about itself. No pixels are decoded. */
export function info(file: File, options?: CallOptions): Promise<Info>;

/** The JPEG file that was kept, the same bytes. Rejects with "unsupported" where the file is a picture. */
export function originalFile(file: File, options?: CallOptions): Promise<Uint8Array>;

/**
 * Compresses pixels. Alpha is left out where every pixel is opaque. The promise resolves after the proof that the file
 * decodes to exactly these pixels.
 */
export function encode(
    picture: ImageData,
    options?: EncodeOptions & { metadata?: Metadata[] },
): Promise<Uint8Array>;

/** The same for samples of any kind. */
export function encodeSamples(picture: Samples, options?: EncodeOptions): Promise<Uint8Array>;

/** Keeps a JPEG file byte for byte, a fifth to a quarter smaller. Of the options, codec does not matter. */
export function encodeJpeg(file: File, options?: EncodeOptions): Promise<Uint8Array>;

/**
 * Compresses the samples of a PNG file, all of their bits, with ICC profile, Exif, XMP, texts, and what else tells of
 * colours and size. Palettes become colours; animations are refused.
 */
export function encodePng(file: File, options?: EncodeOptions): Promise<Uint8Array>;

/** Adds a model file (.rsm), for files that were made with one of your own. */
export function addModel(file: File): Promise<void>;

/** The library's version, and the kernels at work: "simd128" or "scalar". */
export function about(): Promise<{ version: string; kernels: string }>;
