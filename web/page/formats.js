// Files of the page: what kind each is, how it becomes a .rsd and what it becomes again, and what other formats take.

import * as residua from "../lib/index.js";

const begins = (bytes, ...numbers) => numbers.every((number, i) => bytes[i] === number);

/** "rsd", "png", "jpeg" or "other". */
export function kindOf(bytes) {
    if (begins(bytes, 0x89, 0x52, 0x53, 0x44)) return "rsd";
    if (begins(bytes, 0x89, 0x50, 0x4e, 0x47)) return "png";
    if (begins(bytes, 0xff, 0xd8, 0xff)) return "jpeg";
    return "other";
}

export const KIND_NAMES = { rsd: "Residua", png: "PNG", jpeg: "JPEG", other: "picture" };

/** Of formats that are neither PNG nor JPEG: the pixels as this browser gives them. */
async function browserPixels(blob) {
    const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
    const context = canvasOf(bitmap).getContext("2d");
    const pixels = context.getImageData(0, 0, bitmap.width, bitmap.height);
    bitmap.close();
    return pixels;
}

function canvasOf(source) {
    const canvas = document.createElement("canvas");
    canvas.width = source.width;
    canvas.height = source.height;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (source instanceof ImageData) context.putImageData(source, 0, 0);
    else context.drawImage(source, 0, 0);
    return canvas;
}

const blobOf = (canvas, type, quality) => new Promise((resolve) => canvas.toBlob(resolve, type, quality));

/** The bytes of the .rsd that a file becomes. */
export async function toRsd({ kind, bytes, blob }, options) {
    if (kind === "png") return residua.encodePng(bytes, options);
    if (kind === "jpeg") return residua.encodeJpeg(bytes, options);
    return residua.encode(await browserPixels(blob), options);
}

/** {name, bytes or blob, type} of what a .rsd becomes again: the JPEG that it keeps, or a PNG. */
export async function fromRsd({ bytes, about }, options) {
    if (about.keptJpeg)
        return {
            label: "JPEG",
            extension: "jpg",
            type: "image/jpeg",
            bytes: await residua.originalFile(bytes, options),
        };
    return { label: "PNG", extension: "png", type: "image/png", bytes: await residua.toPng(bytes, options) };
}

/** Pixels of 8 bits for comparisons; undefined where the browser does not give exactly those. */
export async function pixelsOf({ kind, bytes, blob, about }) {
    if (kind === "rsd")
        return about.bits === 8 && about.colour !== "cmyk" ? residua.decode(bytes) : undefined;
    return browserPixels(blob);
}

function same(a, b) {
    if (a.length !== b.length) return false;
    for (let i = 0; i < a.length; ++i) if (a[i] !== b[i]) return false;
    return true;
}

/** {png, webp}: what this browser's own encoders take for the pixels, in bytes; undefined where that is not lossless. */
export async function otherSizes(pixels) {
    const canvas = canvasOf(pixels);
    // A canvas multiplies alpha into the colours: what it has may be other pixels.
    const kept = canvas.getContext("2d").getImageData(0, 0, pixels.width, pixels.height).data;
    if (!same(kept, pixels.data)) return {};
    const png = await blobOf(canvas, "image/png");
    const webp = await blobOf(canvas, "image/webp", 1);
    const lossless = webp?.type === "image/webp" && same((await browserPixels(webp)).data, pixels.data);
    return { png: png?.size, webp: lossless ? webp.size : undefined };
}
