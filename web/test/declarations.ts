// Compiled, never run (api.test.js).
import * as residua from "residua";
import { ResiduaImage, observe, type ResiduaErrorEvent } from "residua/img";

export async function all(
    file: Blob,
    context: CanvasRenderingContext2D,
): Promise<residua.Status | undefined> {
    await residua.init({ variant: "simd", workers: 2, limits: { pixels: null } });
    const picture: ImageData = await residua.decode(file, {
        onProgress: (share: number) => console.log(share),
    });
    context.putImageData(picture, 0, 0);
    const samples: residua.DecodedSamples = await residua.decodeSamples(await file.arrayBuffer());
    const again: Uint8Array = await residua.encodeSamples(samples, { effort: 7, codec: "olm" });
    await residua.encode(picture, { metadata: samples.metadata, signal: new AbortController().signal });
    await residua.encodeJpeg(await residua.originalFile(again));
    await residua.encodePng(await residua.toPng(again));
    await residua.addModel(again);
    const { colour, metadata }: residua.Info = await residua.info(again);
    const kernels: string = (await residua.about()).kernels;
    const image: ResiduaImage = document.createElement("residua-img");
    image.src = URL.createObjectURL(await residua.toBlob(again));
    image.addEventListener("error", (event) =>
        console.log((event as ResiduaErrorEvent).error.status, colour, metadata?.length, kernels),
    );
    observe()();
    residua.close();
    // @ts-expect-error: there is no such codec
    await residua.encode(picture, { codec: "png" });
    try {
        return undefined;
    } catch (error) {
        return error instanceof residua.ResiduaError ? error.status : undefined;
    }
}
