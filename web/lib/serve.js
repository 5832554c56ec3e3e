// The worker's side: calls of a Codec, one after the other. A message {id, open} or {id, call, args} is answered by
// {id, result} or {id, error}, and {id, progress} before.

import { Codec } from "./codec.js";
import { ResiduaError } from "./errors.js";
import { readPng } from "./png-read.js";
import { writePng } from "./png-write.js";

// Beyond the codec's own: what the page should not wait for, either.
const MORE = {
    // What a browser shows by itself, with its profile: a kept JPEG as it was, all else as a PNG.
    async display(codec, bytes, progress) {
        const about = await codec.info(bytes);
        if (about.keptJpeg && about.width > 0)
            return { type: "image/jpeg", bytes: await codec.originalFile(bytes) };
        const picture = await codec.decodeSamples(bytes, progress);
        return { type: "image/png", bytes: await writePng(picture, { compress: false }) };
    },
    async toPng(codec, bytes, progress) {
        return writePng(await codec.decodeSamples(bytes, progress));
    },
    async fromPng(codec, bytes, options, progress) {
        return codec.encodeSamples(
            await readPng(bytes, { pixels: codec.limits.pixels || Infinity }),
            options,
            progress,
        );
    },
    about: (codec) => codec.about(),
};
const CALLS = [
    "info",
    "decode",
    "decodeSamples",
    "originalFile",
    "encode",
    "encodeSamples",
    "encodeJpeg",
    "addModel",
];

function buffersOf(value) {
    if (ArrayBuffer.isView(value)) return [value.buffer];
    if (Array.isArray(value)) return value.flatMap(buffersOf);
    return value && typeof value === "object" ? Object.values(value).flatMap(buffersOf) : [];
}

/** `post(message, transfer)` sends to the page; what comes back is for its messages. */
export function serve(post) {
    let codec;
    let before = Promise.resolve();

    async function answer({ id, open, call, args = [] }) {
        try {
            let result;
            if (open) {
                codec = new Codec(open);
                await codec.open();
            } else {
                const progress = (fraction) => post({ id, progress: fraction }, []);
                if (Object.hasOwn(MORE, call)) result = await MORE[call](codec, ...args, progress);
                else if (CALLS.includes(call)) result = await codec[call](...args, progress);
                else throw new ResiduaError("invalid argument", `there is no call ${call}`);
            }
            post({ id, result }, [...new Set(buffersOf(result))]);
        } catch (error) {
            // An array that would be too large is a RangeError.
            const status =
                error instanceof ResiduaError
                    ? error.status
                    : error instanceof RangeError
                      ? "out of memory"
                      : "internal";
            post({ id, error: { status, message: String(error?.message ?? error) } }, []);
        }
    }
    return (message) => {
        before = before.then(() => answer(message));
    };
}
