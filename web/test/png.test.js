// PNG files: read as an independent writer, here, has written them; written so that they are read again. What browsers
// read of it browser.test.js looks at.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as zlib from "node:zlib";
import { readPng } from "../lib/png-read.js";
import { crc32, writePng } from "../lib/png-write.js";
import { noise, somePicture } from "./support.js";

const TYPES = { grey: 0, rgb: 2, palette: 3, greyalpha: 4, rgbalpha: 6 };

function chunk(name, data) {
    const body = Buffer.concat([Buffer.from(name), data]);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(data.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([size, body, sum]);
}

// Samples of `bits` in rows, each with the filter that `filter(y)` says.
function pass(sample, columns, rows, channels, bits, filter) {
    const lines = [];
    const bytes = Math.max(1, (channels * bits) >> 3);
    let above = Buffer.alloc(Math.ceil((columns * channels * bits) / 8));
    for (let y = 0; y < rows; ++y) {
        const row = Buffer.alloc(above.length);
        for (let i = 0; i < columns * channels; ++i) {
            const value = sample(Math.floor(i / channels), y, i % channels);
            if (bits === 16) row.writeUInt16BE(value, 2 * i);
            else row[(i * bits) >> 3] |= value << (8 - bits - ((i * bits) & 7));
        }
        const f = filter(y);
        const line = Buffer.alloc(row.length + 1);
        line[0] = f;
        for (let i = 0; i < row.length; ++i) {
            const [a, b, c] = [i >= bytes ? row[i - bytes] : 0, above[i], i >= bytes ? above[i - bytes] : 0];
            const p = a + b - c;
            const nearest = [a, b, c].reduce((best, v) => (Math.abs(p - v) < Math.abs(p - best) ? v : best));
            line[i + 1] = row[i] - [0, a, b, (a + b) >> 1, nearest][f];
        }
        lines.push(line);
        above = row;
    }
    return Buffer.concat(lines);
}

function pngOf({ width, height, bits, type, channels, data }, { interlaced = false, extra = [] } = {}) {
    const header = Buffer.alloc(13);
    header.writeUInt32BE(width, 0);
    header.writeUInt32BE(height, 4);
    header.set([bits, TYPES[type], 0, 0, interlaced ? 1 : 0], 8);
    const filter = (y) => (y * 7 + 3) % 5;
    const at = (x, y, c) => data[(y * width + x) * channels + c];
    let lines;
    if (!interlaced) lines = pass(at, width, height, channels, bits, filter);
    else {
        const passes = [];
        // From the specification's picture of 8 by 8 pixels: which pass each belongs to.
        const order = [
            "16462646",
            "77777777",
            "56565656",
            "77777777",
            "36463646",
            "77777777",
            "56565656",
            "77777777",
        ];
        for (let number = 1; number <= 7; ++number) {
            const columns = [...Array(width).keys()].filter((x) =>
                order.some((row) => row[x % 8] === String(number)),
            );
            const rows = [...Array(height).keys()].filter((y) => order[y % 8].includes(String(number)));
            const own = columns.filter((x) => rows.some((y) => order[y % 8][x % 8] === String(number)));
            if (own.length > 0 && rows.length > 0)
                passes.push(
                    pass(
                        (x, y, c) => at(own[x], rows[y], c),
                        own.length,
                        rows.length,
                        channels,
                        bits,
                        filter,
                    ),
                );
        }
        lines = Buffer.concat(passes);
    }
    const packed = zlib.deflateSync(lines);
    const half = packed.length >> 1;
    return new Uint8Array(
        Buffer.concat([
            Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
            chunk("IHDR", header),
            ...extra.map(([name, bytes]) => chunk(name, Buffer.from(bytes))),
            chunk("IDAT", packed.subarray(0, half)),
            chunk("IDAT", packed.subarray(half)),
            chunk("IEND", Buffer.alloc(0)),
        ]),
    );
}

const KINDS = [
    ["grey", 1, [1, 2, 4, 8, 16]],
    ["rgb", 3, [8, 16]],
    ["greyalpha", 2, [8, 16]],
    ["rgbalpha", 4, [8, 16]],
];

for (const [type, channels, depths] of KINDS)
    for (const bits of depths)
        for (const interlaced of [false, true])
            test(`${type} of ${bits} bits${interlaced ? ", interlaced" : ""}`, async () => {
                for (const [width, height] of [
                    [13, 11],
                    [1, 1],
                    [3, 9],
                    [64, 2],
                ]) {
                    const random = noise(width * bits);
                    const data = Array.from(
                        { length: width * height * channels },
                        () => random() % 2 ** bits,
                    );
                    const picture = await readPng(
                        pngOf({ width, height, bits, type, channels, data }, { interlaced }),
                    );
                    assert.deepEqual(
                        [picture.width, picture.height, picture.bits, picture.colour, picture.alpha],
                        [width, height, bits, type.replace("alpha", ""), type.includes("alpha")],
                    );
                    assert.deepEqual([...picture.data], data);
                }
            });

test("palettes and transparent colours", async () => {
    const palette = { width: 4, height: 1, bits: 2, type: "palette", channels: 1, data: [0, 1, 2, 1] };
    const colours = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    const plain = await readPng(pngOf(palette, { extra: [["PLTE", colours]] }));
    assert.deepEqual([...plain.data], [1, 2, 3, 4, 5, 6, 7, 8, 9, 4, 5, 6]);
    const clear = await readPng(
        pngOf(palette, {
            extra: [
                ["PLTE", colours],
                ["tRNS", [0, 128]],
            ],
        }),
    );
    assert.deepEqual([...clear.data], [1, 2, 3, 0, 4, 5, 6, 128, 7, 8, 9, 255, 4, 5, 6, 128]);
    const key = await readPng(
        pngOf(
            { width: 2, height: 1, bits: 16, type: "grey", channels: 1, data: [700, 701] },
            { extra: [["tRNS", [2, 188]]] },
        ),
    );
    assert.deepEqual([...key.data], [700, 0, 701, 65535]);
    await assert.rejects(readPng(pngOf({ ...palette, data: [0, 3, 0, 0] }, { extra: [["PLTE", colours]] })), {
        status: "corrupt",
    });
});

test("animations are refused; what cannot be read beside the picture is left out", async () => {
    const picture = { width: 2, height: 1, bits: 8, type: "grey", channels: 1, data: [7, 8] };
    await assert.rejects(readPng(pngOf(picture, { extra: [["acTL", [0, 0, 0, 2, 0, 0, 0, 0]]] })), {
        status: "unsupported",
    });
    for (const profile of [[], [105, 0, 0], [105, 0, 0, 1, 2, 3]])
        assert.deepEqual((await readPng(pngOf(picture, { extra: [["iCCP", profile]] }))).metadata, []);
    const damaged = pngOf(picture, { extra: [["eXIf", [77, 77, 0, 42]]] });
    damaged[damaged.indexOf(42)] = 43;
    assert.deepEqual((await readPng(damaged)).metadata, []);
    assert.deepEqual([...(await readPng(damaged)).data], [7, 8]);
});

test("damage ends in an error", async () => {
    const good = pngOf({
        width: 9,
        height: 9,
        bits: 8,
        type: "rgb",
        channels: 3,
        data: somePicture(9, 9).data,
    });
    await readPng(good);
    for (let i = 0; i < good.length; ++i) {
        const bytes = good.slice();
        bytes[i] ^= 0x21;
        await readPng(bytes).then(
            () => assert.ok(i < 8 && i > 3, `damage at ${i} was taken`),
            (error) => assert.ok(["corrupt", "truncated"].includes(error.status), `${i}: ${error.stack}`),
        );
        await assert.rejects(
            readPng(good.slice(0, i)),
            (error) => ["corrupt", "truncated"].includes(error.status) || assert.fail(error.stack),
        );
    }
    await assert.rejects(readPng(good, { pixels: 80 }), { status: "memory limit" });
});

test("what is written is read again: kinds, depths, metadata", async () => {
    const metadata = ["icc", "exif", "xmp", "png:gAMA", "png:tEXt", "png:tEXt", "png-end:zTXt"].map(
        (name, i) => ({ name, data: Uint8Array.from({ length: 300 + i }, (_, at) => (at * 7) & 127) }),
    );
    for (const kind of [
        {},
        { alpha: true },
        { colour: "grey" },
        { bits: 1, colour: "grey" },
        { bits: 2, colour: "grey" },
        { bits: 4, colour: "grey" },
        { colour: "grey", alpha: true },
        { bits: 16 },
        { bits: 16, colour: "grey", alpha: true },
    ])
        for (const compress of [true, false]) {
            const picture = { ...somePicture(300, 90, kind), metadata };
            assert.deepEqual(await readPng(await writePng(picture, { compress })), picture);
        }
    // Depths that PNG lacks.
    const few = somePicture(5, 5, { bits: 4, alpha: true });
    assert.deepEqual(
        [...(await readPng(await writePng(few))).data],
        [...few.data].map((v) => v * 17),
    );
    const many = somePicture(5, 5, { bits: 12 });
    assert.deepEqual(
        [...(await readPng(await writePng(many))).data],
        [...many.data].map((v) => Math.round((v * 65535) / 4095)),
    );
});

test("checksums are zlib's", { skip: !zlib.crc32 && "an older Node.js" }, () => {
    for (const length of [0, 1, 7, 8, 9, 1000]) {
        const random = noise(length);
        const bytes = Uint8Array.from({ length }, () => random() & 255);
        assert.equal(crc32(bytes), zlib.crc32(bytes));
    }
});
