// Residua in browsers and Node.js: pictures in, .rsd files out, and back, bit for bit. index.d.ts says what each function
// takes, gives and throws.

import { ResiduaError } from "./errors.js";
import { Pool } from "./pool.js";

export { ResiduaError };

let opened; // a promise of the pool

/** Starts a worker. Called without options by the first call of any other function. */
export function init(options) {
    if (opened && options === undefined) return opened.then(() => {});
    close();
    const { base, variant, workers, limits } = options ?? {};
    const folder = new URL(
        base ?? new URL("../dist/", import.meta.url),
        globalThis.location?.href ?? import.meta.url,
    );
    const starting = (async () => {
        if (variant !== undefined && variant !== "simd" && variant !== "plain")
            throw new ResiduaError(
                "invalid argument",
                `there is no variant "${variant}"; there are simd and plain`,
            );
        const pool = new Pool({ workers, base: folder.href, variant, limits });
        try {
            await pool.open();
        } catch (error) {
            pool.close();
            throw error;
        }
        return pool;
    })();
    opened = starting;
    // After a failure the next call tries again.
    starting.catch(() => {
        if (opened === starting) opened = undefined;
    });
    return starting.then(() => {});
}

/** Ends the workers, and the calls that are under way. The next call starts anew. */
export function close() {
    const last = opened;
    opened = undefined;
    last?.then(
        (pool) => pool.close(),
        () => {},
    );
}

async function pool() {
    if (!opened) await init();
    return opened;
}

async function bytesOf(source) {
    if (source instanceof ArrayBuffer) return new Uint8Array(source);
    if (ArrayBuffer.isView(source)) {
        const bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
        // What goes to a worker takes all of its buffer along.
        return bytes.length === source.buffer.byteLength ? bytes : bytes.slice();
    }
    if (typeof source?.arrayBuffer === "function") {
        try {
            return new Uint8Array(await source.arrayBuffer());
        } catch (cause) {
            throw new ResiduaError("input/output", `could not read the file: ${cause.message}`);
        }
    }
    throw new ResiduaError("invalid argument", "a file is an ArrayBuffer, a Uint8Array or a Blob");
}

async function withFile(call, file, options, ...more) {
    const bytes = await bytesOf(file);
    return (await pool()).call(call, [bytes, ...more], options);
}

export async function decode(file, options) {
    const { width, height, data } = await withFile("decode", file, options);
    if (typeof ImageData === "function") return new ImageData(data, width, height);
    return { width, height, data, colorSpace: "srgb" };
}

export const decodeSamples = (file, options) => withFile("decodeSamples", file, options);

export const info = (file, options) => withFile("info", file, options);

export const originalFile = (file, options) => withFile("originalFile", file, options);

export async function toBlob(file, options) {
    const { type, bytes } = await withFile("display", file, options);
    return new Blob([bytes], { type });
}

export const toPng = (file, options) => withFile("toPng", file, options);

// What may be asked of an encoder, checked here, where the caller is.
function encoding({ effort = 0, codec = "", metadata } = {}) {
    if (!Number.isInteger(effort) || effort < 0 || effort > 9)
        throw new ResiduaError(
            "invalid argument",
            "effort is a number from 1, the fastest, to 9, the smallest; 0 is the default",
        );
    if (!["", "olm", "scc", "l3c"].includes(codec))
        throw new ResiduaError(
            "invalid argument",
            `there is no codec "${codec}"; there are olm, scc and l3c`,
        );
    for (const entry of metadata ?? [])
        if (typeof entry?.name !== "string" || !(entry.data instanceof Uint8Array))
            throw new ResiduaError(
                "invalid argument",
                "metadata are an array of {name: string, data: Uint8Array}",
            );
    return { effort, codec };
}

function checkPicture({ width, height, data } = {}) {
    for (const side of [width, height])
        if (!Number.isInteger(side) || side < 1 || side > 2 ** 31 - 1)
            throw new ResiduaError("invalid argument", "a picture has a width and a height of at least 1");
    if (!ArrayBuffer.isView(data))
        throw new ResiduaError("invalid argument", "a picture has its samples in an array, data");
}

export async function encode(picture, options = {}) {
    const told = encoding(options);
    checkPicture(picture);
    const { width, height, data } = picture;
    if (data.length !== width * height * 4 || data.BYTES_PER_ELEMENT !== 1)
        throw new ResiduaError("invalid argument", "an ImageData has four bytes for each pixel");
    return (await pool()).call(
        "encode",
        [{ width, height, data, metadata: options.metadata }, told],
        options,
    );
}

export async function encodeSamples(picture, options = {}) {
    const told = encoding(options);
    checkPicture(picture);
    const { width, height, bits = 8, colour, alpha = false, data, metadata } = picture;
    if (!Number.isInteger(bits) || bits < 1 || bits > 16)
        throw new ResiduaError("invalid argument", "samples have 1 to 16 bits");
    encoding({ metadata });
    return (await pool()).call(
        "encodeSamples",
        [{ width, height, bits, colour, alpha, data, metadata }, told],
        options,
    );
}

export const encodeJpeg = async (file, options = {}) =>
    withFile("encodeJpeg", file, options, encoding(options));

export const encodePng = async (file, options = {}) => withFile("fromPng", file, options, encoding(options));

export async function addModel(file) {
    const bytes = await bytesOf(file);
    await (await pool()).addModel(bytes);
}

export async function about() {
    return (await pool()).call("about", []);
}
