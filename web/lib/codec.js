// The library, called synchronously: one module and one context. In a page this runs in a worker (worker.js).

import { ResiduaError } from "./errors.js";
import { chooseVariant, fetchBytes, instantiate } from "./instance.js";
import { COLOURS, COLOUR_NAMES, channelsOf, fromImageData, sampleArray, toRgba } from "./samples.js";

const MEBIBYTE = 2 ** 20;

/** For files of strangers; null or 0 in `init` means no limit. */
export const DEFAULT_LIMITS = {
    memory: 1024 * MEBIBYTE,
    pixels: 2 ** 27,
    metadata: 64 * MEBIBYTE,
    strips: 2 ** 16,
};

// A module's memory never becomes smaller: one that has become larger than this is replaced.
const LARGE_MEMORY = 512 * MEBIBYTE;

const text = new TextDecoder();

export class Codec {
    #options;
    #module;
    #models = []; // bytes of those that were added
    #exports;
    #job = {}; // of the call under way: what its callbacks fill
    #catalogue; // name, hash and file of each model beside the module; `there` once it was fetched

    /** `base`: the folder of residua-simd.wasm and models.json, with "/" at its end. */
    constructor({ base, variant, limits }) {
        this.#options = {
            base: new URL(base),
            variant: variant ?? chooseVariant(),
            limits: { ...DEFAULT_LIMITS, ...limits },
        };
    }

    async open() {
        const { base, variant } = this.#options;
        const [bytes, catalogue] = await Promise.all([
            fetchBytes(new URL(`residua-${variant}.wasm`, base)),
            fetchBytes(new URL("models.json", base)),
        ]);
        try {
            this.#module = await WebAssembly.compile(bytes);
        } catch (cause) {
            throw new ResiduaError(
                "unsupported",
                `this browser does not take the WebAssembly module: ${cause.message}`,
            );
        }
        this.#catalogue = JSON.parse(text.decode(catalogue));
        await this.#start();
    }

    get limits() {
        return this.#options.limits;
    }

    about() {
        return { version: this.#string(this.#exports.version()), kernels: this.#string(this.#exports.cpu()) };
    }

    async #start() {
        this.#exports = await instantiate(this.#module, this.#callbacks());
        const { memory, pixels, metadata, strips } = this.#options.limits;
        this.#check(this.#exports.open(memory ?? 0, pixels ?? 0, metadata ?? 0, strips ?? 0));
        for (const model of this.#models)
            this.#withBytes(model, (at, size) => this.#check(this.#exports.add_model(at, size)));
    }

    // Called by the module. They keep what is thrown, and end the call by a number.
    #callbacks() {
        const guarded =
            (body) =>
            (...numbers) => {
                try {
                    return body(...numbers) ?? 0;
                } catch (error) {
                    this.#job.error ??= error;
                    return 1;
                }
            };
        return {
            begin: guarded((width, height, bits, colour, alpha) => {
                this.#job.picture = {
                    width: width >>> 0,
                    height: height >>> 0,
                    bits,
                    colour: COLOUR_NAMES[colour],
                    alpha: alpha !== 0,
                };
                this.#job.metadata = [];
            }),
            metadata: guarded((name, data, size) => {
                this.#job.metadata.push({ name: this.#string(name), data: this.#copy(data, size) });
            }),
            rows: guarded((y, rows, pixels, size) =>
                this.#job.rows?.(y >>> 0, rows, pixels >>> 0, size >>> 0),
            ),
            fill: guarded((y, rows, pixels, size) => this.#job.fill(y >>> 0, rows, pixels >>> 0, size >>> 0)),
            take: guarded((data, size) => {
                this.#job.written.push(this.#copy(data, size));
            }),
            progress: guarded((fraction) => {
                this.#job.progress?.(fraction);
            }),
        };
    }

    // ---- Between the two memories

    #memory() {
        return new Uint8Array(this.#exports.memory.buffer);
    }
    #copy(at, size) {
        return this.#memory().slice(at >>> 0, (at >>> 0) + (size >>> 0));
    }
    #string(at) {
        const memory = this.#memory();
        return text.decode(memory.subarray(at >>> 0, memory.indexOf(0, at >>> 0)));
    }
    #withBytes(bytes, body) {
        const at = this.#exports.allocate(Math.max(bytes.length, 1)) >>> 0;
        if (at === 0) throw new ResiduaError("out of memory", `no memory for ${bytes.length} bytes`);
        try {
            this.#memory().set(bytes, at);
            return body(at, bytes.length);
        } finally {
            this.#exports.release(at);
        }
    }
    #withString(string, body) {
        return this.#withBytes(new TextEncoder().encode(`${string}\0`), body);
    }
    #check(status) {
        if (status === 0) return;
        if (this.#job.error) throw this.#job.error;
        throw new ResiduaError(
            this.#string(this.#exports.status_name(status)),
            this.#string(this.#exports.last_error()),
        );
    }
    #result() {
        const bytes = this.#copy(this.#exports.result_data(), this.#exports.result_size());
        this.#exports.free_result();
        return bytes;
    }

    // Runs one call; replaces the module where it has failed as it never should, and where it has become large.
    async #run(progress, body) {
        if (!this.#exports) await this.#start();
        this.#job = { progress, written: [] };
        try {
            return await body();
        } catch (error) {
            if (error instanceof ResiduaError) throw error;
            this.#exports = undefined;
            if (error instanceof WebAssembly.RuntimeError || error instanceof WebAssembly.Exception)
                throw new ResiduaError("internal", `a defect of Residua: ${error.message ?? "exception"}`);
            if (error instanceof RangeError)
                throw new ResiduaError("out of memory", `no memory: ${error.message}`);
            throw error;
        } finally {
            this.#job = {};
            if (this.#exports?.memory.buffer.byteLength > LARGE_MEMORY) this.#exports = undefined;
        }
    }

    // ---- Models

    async #fetchModel(entry) {
        if (entry.there) return;
        await this.#addModel(await fetchBytes(new URL(entry.file, this.#options.base)));
        entry.there = true;
    }
    // "HASH NAME".
    #addModel(bytes) {
        this.#withBytes(bytes, (at, size) => this.#check(this.#exports.add_model(at, size)));
        this.#models.push(bytes);
        return this.#string(this.#exports.model_text());
    }
    addModel(bytes) {
        return this.#run(undefined, () => this.#addModel(bytes));
    }

    // Calls body; where it misses a model that lies beside the module, fetches it and calls again. Strips have models of
    // their own, so that this may happen several times.
    async #withModels(body) {
        for (;;) {
            try {
                return body();
            } catch (error) {
                if (!(error instanceof ResiduaError) || error.status !== "model missing") throw error;
                const hash = /[0-9a-f]{16}/.exec(error.message)?.[0];
                const entry = this.#catalogue.find((model) => model.hash === hash && !model.there);
                if (!entry) throw error;
                await this.#fetchModel(entry);
            }
        }
    }

    // Those that the encoder chooses from at an effort. Where one is missing it would take another.
    async #modelsFor(effort, bits, codec) {
        const names = codec === "l3c" ? ["l3c"] : [];
        if (codec !== "l3c" && codec !== "scc") {
            if (effort <= 2) names.push("olm-light");
            else if (effort <= 3) names.push("olm-fast");
            else if (effort > 8) names.push("olm-best");
            else if (effort > 6 || bits > 8) names.push("olm");
            if (effort > 3 && effort <= 8 && bits > 8) names.push("olm-deep");
        }
        for (const entry of this.#catalogue) if (names.includes(entry.name)) await this.#fetchModel(entry);
    }

    // ---- Decoding

    #info(at, size) {
        this.#check(this.#exports.info(at, size));
        const about = {};
        for (const line of this.#string(this.#exports.info_text()).trimEnd().split("\n")) {
            const space = line.indexOf(" ");
            const [name, value] = [line.slice(0, space), line.slice(space + 1)];
            about[name] = ["codec", "modelHash", "modelName", "pixelChecksum"].includes(name)
                ? value
                : Number(value);
        }
        about.colour = COLOUR_NAMES[about.colour] || undefined;
        about.alpha = about.alpha !== 0;
        about.keptJpeg = about.keptJpeg !== 0;
        return about;
    }

    info(bytes) {
        return this.#run(undefined, () =>
            this.#withBytes(bytes, (at, size) => {
                const about = this.#info(at, size);
                // A kept file that has no pixels has no head of a picture, either.
                about.metadata = [];
                if (about.width === 0) return about;
                try {
                    this.#check(this.#exports.head(at, size));
                    about.metadata = this.#job.metadata;
                } catch (error) {
                    // What the file says of itself may be known in any case.
                    if (error.status !== "memory limit") throw error;
                    about.metadata = undefined;
                }
                return about;
            }),
        );
    }

    // The samples as they are in the file.
    decodeSamples(bytes, progress) {
        return this.#run(progress, () => this.#decode(bytes));
    }
    #decode(bytes) {
        const job = this.#job;
        return this.#withModels(() =>
            this.#withBytes(bytes, (at, size) => {
                let data;
                job.rows = (y, _rows, pixels, count) => {
                    const { width, height, bits, colour, alpha } = job.picture;
                    const row = width * channelsOf(colour, alpha);
                    data ??= sampleArray(row * height, bits);
                    const samples =
                        bits > 8
                            ? new Uint16Array(this.#exports.memory.buffer, pixels, count / 2)
                            : new Uint8Array(this.#exports.memory.buffer, pixels, count);
                    data.set(samples, y * row);
                };
                this.#check(this.#exports.decode(at, size));
                return { ...job.picture, data, metadata: job.metadata };
            }),
        );
    }

    // 8 bits, RGBA.
    decode(bytes, progress) {
        return this.#run(progress, async () => {
            const job = this.#job;
            return this.#withModels(() =>
                this.#withBytes(bytes, (at, size) => {
                    let rgba;
                    job.rows = (y, rows, pixels, count) => {
                        const { width, height, bits } = job.picture;
                        rgba ??= new Uint8ClampedArray(width * height * 4);
                        const samples =
                            bits > 8
                                ? new Uint16Array(this.#exports.memory.buffer, pixels, count / 2)
                                : new Uint8Array(this.#exports.memory.buffer, pixels, count);
                        const out = rgba.subarray(y * width * 4, (y + rows) * width * 4);
                        toRgba(samples, job.picture, rows * width, out, isInvertedCmyk(job));
                    };
                    if (this.#info(at, size).keptJpeg) job.jpeg = this.#jpeg(at, size);
                    this.#check(this.#exports.decode(at, size));
                    return { width: job.picture.width, height: job.picture.height, data: rgba };
                }),
            );
        });
    }

    #jpeg(at, size) {
        this.#check(this.#exports.jpeg_decode(at, size));
        return this.#result();
    }
    originalFile(bytes) {
        return this.#run(undefined, () => this.#withBytes(bytes, (at, size) => this.#jpeg(at, size)));
    }

    // ---- Encoding

    // Of an ImageData, and perhaps metadata.
    encode(picture, options, progress) {
        return this.encodeSamples(
            { ...fromImageData(picture), metadata: picture.metadata },
            options,
            progress,
        );
    }

    encodeSamples(
        { width, height, bits, colour, alpha, data, metadata = [] },
        { effort = 0, codec = "" } = {},
        progress,
    ) {
        return this.#run(progress, async () => {
            const job = this.#job;
            if (!Object.hasOwn(COLOURS, colour))
                throw new ResiduaError(
                    "invalid argument",
                    `there is no colour "${colour}"; there are grey, rgb and cmyk`,
                );
            const row = width * channelsOf(colour, alpha);
            const wide = bits > 8;
            if (
                !(wide
                    ? data instanceof Uint16Array
                    : data instanceof Uint8Array || data instanceof Uint8ClampedArray)
            )
                throw new ResiduaError(
                    "invalid argument",
                    `samples of ${bits} bits are a ${wide ? "Uint16Array" : "Uint8Array"}`,
                );
            if (data.length !== row * height)
                throw new ResiduaError(
                    "invalid argument",
                    `${width} x ${height} pixels are ${row * height} samples, not ${data.length}`,
                );
            await this.#modelsFor(effort || 5, bits, codec);
            for (const entry of metadata)
                this.#withString(entry.name, (name) =>
                    this.#withBytes(entry.data, (at, size) => this.#exports.add_metadata(name, at, size)),
                );
            job.fill = (y, rows, pixels) => {
                const part = data.subarray(y * row, (y + rows) * row);
                if (wide) new Uint16Array(this.#exports.memory.buffer, pixels, part.length).set(part);
                else new Uint8Array(this.#exports.memory.buffer, pixels, part.length).set(part);
            };
            const status = this.#withString(codec, (name) =>
                this.#exports.encode(width, height, bits, COLOURS[colour], alpha ? 1 : 0, effort, name),
            );
            this.#check(status);
            return joined(job.written);
        });
    }

    encodeJpeg(bytes, { effort = 0 } = {}, progress) {
        return this.#run(progress, () =>
            this.#withBytes(bytes, (at, size) => {
                this.#check(this.#exports.jpeg_encode(at, size, effort));
                return this.#result();
            }),
        );
    }
}

function joined(parts) {
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
        bytes.set(part, at);
        at += part.length;
    }
    return bytes;
}

// Programs of Adobe's write CMYK with 0 for full ink, and a marker of theirs.
function isInvertedCmyk({ picture, metadata, jpeg }) {
    if (picture.colour !== "cmyk") return false;
    const adobe = (bytes) => bytes.length >= 5 && String.fromCharCode(...bytes.subarray(0, 5)) === "Adobe";
    if (metadata.some(({ name, data }) => name === "jpeg:APP14" && adobe(data))) return true;
    for (
        let at = 2;
        jpeg && at + 9 < jpeg.length && jpeg[at] === 0xff && jpeg[at + 1] !== 0xda;
        at += 2 + jpeg[at + 2] * 256 + jpeg[at + 3]
    )
        if (jpeg[at + 1] === 0xee && adobe(jpeg.subarray(at + 4))) return true;
    return false;
}
