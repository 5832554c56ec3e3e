// Every golden file (tests/golden) by both modules: the bytes and pixels that the library's own test of them expects.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { xxhash3 } from "hash-wasm";
import { ResiduaError } from "../lib/errors.js";
import { ROOT, golden, goldenNames, openCodec } from "./support.js";

// name -> {bytes, pixels}: the checksums in the tables of tests/golden_test.cc. A table's entry may use a constant.
function expectedChecksums() {
    const source = readFileSync(new URL("tests/golden_test.cc", ROOT), "utf8");
    const constants = new Map(
        [...source.matchAll(/(k\w*Checksum) = 0x([0-9a-f]+)/g)].map(([, name, number]) => [name, number]),
    );
    const digits = (word) => (constants.get(word) ?? word.replace(/^0x/, "")).padStart(16, "0");
    const expected = new Map();
    for (const [, name, bytes, pixels] of source.matchAll(
        /KeptGolden\{"([\w-]+)",\s*\d+,\s*(0x[0-9a-f]+),\s*(0x[0-9a-f]+|0)\}/g,
    ))
        expected.set(name, { bytes: digits(bytes), pixels: pixels === "0" ? undefined : digits(pixels) });
    // The name, perhaps a model, the function that makes the picture, perhaps an effort, the checksum.
    const entry =
        /(?:\bGolden\{|any_kind\(|scc\()"([\w-]+)",\s*(?:"[\w-]+",\s*)?\w+_picture,\s*(?:\d+,\s*)?(k\w+|0x[0-9a-f]+)/g;
    for (const [, name, pixels] of source.matchAll(entry)) expected.set(name, { pixels: digits(pixels) });
    return expected;
}

// XXH3-64 of samples as they are coded, in hexadecimal. Pictures whose channels are alike are coded as one of them.
const hash = (samples) => xxhash3(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
function oneChannel({ data, alpha, colour }) {
    const channels = 3 + (alpha ? 1 : 0);
    return colour === "rgb" ? data.filter((_, i) => i % channels === 0 || i % channels === 3) : data;
}
async function checksumOf(picture, { strips, stripHeight }, change = ({ data }) => data) {
    const samples = change(picture);
    if (strips === 1) return hash(samples);
    const row = samples.length / picture.height;
    const sums = [];
    for (let y = 0; y < picture.height; y += stripHeight) {
        const sum = await hash(samples.slice(y * row, Math.min(picture.height, y + stripHeight) * row));
        sums.push(...Buffer.from(sum, "hex").reverse());
    }
    return hash(Uint8Array.from(sums));
}

const expected = expectedChecksums();

for (const variant of ["simd", "plain"]) {
    describe(variant, () => {
        let codec;
        before(async () => {
            codec = await openCodec({ variant });
        });
        after(() => {
            codec = undefined;
        });

        test("is the module that it says", () => {
            assert.equal(codec.about().kernels, variant === "simd" ? "simd128" : "scalar");
        });

        for (const name of goldenNames())
            test(name, async () => {
                const file = golden(name);
                const about = await codec.info(file);
                assert.ok(expected.has(name), `${name} is in no table of tests/golden_test.cc`);
                const { bytes, pixels } = expected.get(name);
                assert.equal(about.keptJpeg, bytes !== undefined);
                if (bytes)
                    assert.equal((await hash(await codec.originalFile(file))).padStart(16, "0"), bytes);
                if (about.codec === "rc" || (bytes && !pixels)) {
                    // Without libde265; and bytes that are no picture.
                    await assert.rejects(
                        codec.decodeSamples(file),
                        (error) => error instanceof ResiduaError && error.status === "unsupported",
                    );
                    return;
                }
                assert.equal(about.pixelChecksum, pixels);
                const picture = await codec.decodeSamples(file);
                for (const field of ["width", "height", "bits", "colour", "alpha"])
                    assert.equal(picture[field], about[field]);
                const sums = [await checksumOf(picture, about), await checksumOf(picture, about, oneChannel)];
                assert.ok(sums.includes(pixels), `${sums[0]} is not ${pixels}`);
                const { width, height, data } = await codec.decode(file);
                assert.equal(data.length, width * height * 4);
                if (picture.colour === "rgb" && picture.bits === 8 && !picture.alpha)
                    assert.deepEqual(
                        data.filter((_, i) => i % 4 !== 3),
                        new Uint8ClampedArray(picture.data),
                    );
            });
    });
}

test("there are golden files", () => assert.ok(goldenNames().length > 40));
