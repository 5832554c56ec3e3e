// What is encoded is decoded to the same samples, of every kind; efforts take the models that they should.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { golden, openCodec, somePicture } from "./support.js";

const KINDS = [
    [90, 70, {}],
    [33, 45, { alpha: true }],
    [64, 50, { colour: "grey" }],
    [61, 30, { colour: "grey", alpha: true }],
    [40, 41, { bits: 16 }],
    [40, 41, { bits: 12, colour: "grey" }],
    [37, 29, { bits: 1, colour: "grey" }],
    [30, 31, { colour: "cmyk" }],
    [1, 1, {}],
];

for (const variant of ["simd", "plain"]) {
    describe(variant, () => {
        let codec;
        before(async () => {
            codec = await openCodec({ variant }, []);
        });
        for (const [width, height, kind] of KINDS)
            test(`${width} x ${height} ${JSON.stringify(kind)}`, async () => {
                const picture = somePicture(width, height, kind);
                const metadata = [
                    { name: "xmp", data: new TextEncoder().encode("<x/>") },
                    { name: "png:tEXt", data: new Uint8Array([1, 0, 2]) },
                ];
                const file = await codec.encodeSamples({ ...picture, metadata }, {});
                assert.ok(file.length < picture.data.byteLength + 200);
                const again = await codec.decodeSamples(file);
                assert.deepEqual(again, { ...picture, metadata });
            });

        test("an ImageData, with and without alpha", async () => {
            const { width, height, data } = somePicture(50, 40, { alpha: true });
            const pixels = new Uint8ClampedArray(data);
            assert.deepEqual(
                (await codec.decode(await codec.encode({ width, height, data: pixels }, {}))).data,
                pixels,
            );
            for (let i = 3; i < pixels.length; i += 4) pixels[i] = 255;
            const file = await codec.encode({ width, height, data: pixels }, {});
            assert.equal((await codec.info(file)).alpha, false);
            assert.deepEqual((await codec.decode(file)).data, pixels);
        });

        test("a JPEG file comes back byte for byte", async () => {
            const jpeg = await codec.originalFile(golden("jpeg-phone"));
            for (const effort of [1, 5]) {
                const file = await codec.encodeJpeg(jpeg, { effort });
                assert.ok(file.length < jpeg.length * 0.95);
                assert.deepEqual(await codec.originalFile(file), jpeg);
            }
        });
    });
}

test("each effort has its own model, and what it made is decoded without having encoded", async () => {
    const encoder = await openCodec({}, []);
    const models = {
        1: "olm-light",
        2: "olm-light",
        3: "olm-fast",
        4: "olm-mid",
        5: "olm-mid",
        6: "olm-mid",
        7: "olm",
        8: "olm",
        9: "olm-best",
    };
    const picture = somePicture(48, 40);
    for (const [effort, model] of Object.entries(models)) {
        const file = await encoder.encodeSamples(picture, { effort: Number(effort), codec: "olm" });
        assert.equal((await encoder.info(file)).modelName, model, `effort ${effort}`);
        const decoder = await openCodec({}, []);
        assert.deepEqual((await decoder.decodeSamples(file)).data, picture.data);
    }
    const deep = await encoder.encodeSamples(somePicture(48, 40, { bits: 16 }), { codec: "olm" });
    assert.match((await encoder.info(deep)).modelName, /^olm(-deep)?$/);
});

test(
    "the same bytes as the command line tool's",
    { skip: !process.env.RESIDUA_TOOL && "RESIDUA_TOOL names no tool" },
    async () => {
        const codec = await openCodec({}, []);
        const folder = mkdtempSync(join(tmpdir(), "residua-web-"));
        try {
            for (const effort of [1, 5, 9]) {
                const picture = somePicture(80, 60);
                const source = join(folder, "picture.ppm");
                writeFileSync(source, Buffer.concat([Buffer.from("P6\n80 60\n255\n"), picture.data]));
                execFileSync(process.env.RESIDUA_TOOL, [
                    "encode",
                    "-q",
                    "--force",
                    "--effort",
                    String(effort),
                    source,
                    "-o",
                    join(folder, "picture.rsd"),
                ]);
                const tools = new Uint8Array(readFileSync(join(folder, "picture.rsd")));
                const { metadata } = await codec.info(tools);
                assert.deepEqual(await codec.encodeSamples({ ...picture, metadata }, { effort }), tools);
                assert.deepEqual((await codec.decodeSamples(tools)).data, picture.data);
            }
        } finally {
            rmSync(folder, { recursive: true });
        }
    },
);
