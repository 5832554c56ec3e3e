import type { ResiduaError } from "./index.js";

/** `error` events of the element have what went wrong. */
export interface ResiduaErrorEvent extends Event {
    readonly error: ResiduaError;
}

/**
 * The element <residua-img>: attributes src, alt, width, height, loading ("lazy") as <img> has them; events load and
 * error; aria-busy while it works. Style the picture inside by ::part(image).
 */
export class ResiduaImage extends HTMLElement {
    src: string;
    alt: string;
    /** Whether the last src has been shown or has failed. */
    readonly complete: boolean;
    readonly naturalWidth: number;
    readonly naturalHeight: number;
}

/**
 * From now on every <img> below `root` whose src ends in .rsd is decoded. The browser first fetches the file itself and
 * fires an error event without `error`. Returns a function that ends it.
 */
export function observe(root?: Document | Element): () => void;

declare global {
    interface HTMLElementTagNameMap {
        "residua-img": ResiduaImage;
    }
}
