// What several tests need.
import { readFileSync, readdirSync } from "node:fs";
import { Codec } from "../lib/codec.js";

export const ROOT = new URL("../../", import.meta.url);
export const GOLDEN = new URL("tests/golden/", ROOT);
export const DIST = new URL("../dist/", import.meta.url);

export const golden = (name) => new Uint8Array(readFileSync(new URL(`${name}.rsd`, GOLDEN)));
export const goldenNames = () =>
    readdirSync(GOLDEN)
        .filter((name) => name.endsWith(".rsd"))
        .map((name) => name.slice(0, -4))
        .sort();
export const goldenModels = () =>
    readdirSync(GOLDEN)
        .filter((name) => name.endsWith(".rsm"))
        .map((name) => new Uint8Array(readFileSync(new URL(name, GOLDEN))));

/** A codec of this thread, with the models of the golden files. */
export async function openCodec(options = {}, models = goldenModels()) {
    const codec = new Codec({ base: DIST, ...options });
    await codec.open();
    for (const model of models) await codec.addModel(model);
    return codec;
}

/** Numbers that look random, the same every time. */
export function noise(seed = 1) {
    let state = seed >>> 0;
    return () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state >>> 8;
    };
}

/** A picture of slopes and noise, with samples of any kind. */
export function somePicture(width, height, { bits = 8, colour = "rgb", alpha = false } = {}) {
    const channels = { grey: 1, rgb: 3, cmyk: 4 }[colour] + (alpha ? 1 : 0);
    const largest = 2 ** bits - 1;
    const random = noise(width * 31 + height);
    const data =
        bits > 8 ? new Uint16Array(width * height * channels) : new Uint8Array(width * height * channels);
    for (let y = 0, i = 0; y < height; ++y)
        for (let x = 0; x < width; ++x)
            for (let c = 0; c < channels; ++c, ++i)
                data[i] = Math.floor(
                    (((x + 2 * y + 30 * c) % 200) / 200) * largest * 0.9 +
                        ((random() % 16) / 16) * largest * 0.05,
                );
    return { width, height, bits, colour, alpha, data };
}
