/** What went wrong, in one sentence; `status` is the library's word for it (see index.d.ts). */
export class ResiduaError extends Error {
    constructor(status, message) {
        super(message);
        this.name = "ResiduaError";
        this.status = status;
    }
}
