/** A large result, read where it is looked at. */
import type { ColumnMetadata } from "@aws-sdk/client-redshift-data";
import type { ResultPage, Value } from "../../shared/dataApi";

interface Chunk {
  start: number;
  count: number;
  token: string | undefined;
  rows?: Value[][];
}

export type Fetch = (token: string | undefined) => Promise<ResultPage>;

/**
 * The Data API gives a result by pages of about a megabyte, each named by the token that the page before it brought: a place far on
 * is reached by walking there once; the rows of few pages are kept, the tokens of all.
 */
export class ResultPages {
  columns: ColumnMetadata[] = [];
  private chunks: Chunk[] = [];
  private next: string | undefined;
  private whole = false;
  private used: Chunk[] = [];
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly fetch: Fetch,
    private readonly keep = 4,
  ) {}

  /** The rows from `from` up to `to`, fewer at the end. Calls wait for each other: pages come in order anyway. */
  rows(from: number, to: number): Promise<Value[][]> {
    const mine = this.turn.then(() => this.read(from, to));
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  private async read(from: number, to: number): Promise<Value[][]> {
    while (!this.whole && this.end() < to) await this.walk();
    const found: Value[][] = [];
    for (const chunk of this.chunks) {
      if (chunk.start >= to || chunk.start + chunk.count <= from) continue;
      if (!chunk.rows) chunk.rows = (await this.fetch(chunk.token)).rows;
      this.touch(chunk);
      found.push(...chunk.rows.slice(Math.max(0, from - chunk.start), to - chunk.start));
    }
    return found;
  }

  private end(): number {
    const last = this.chunks.at(-1);
    return last ? last.start + last.count : 0;
  }

  private async walk(): Promise<void> {
    const token = this.next;
    const page = await this.fetch(token);
    if (this.columns.length === 0) this.columns = page.columns;
    const chunk = { start: this.end(), count: page.rows.length, token, rows: page.rows };
    this.chunks.push(chunk);
    this.touch(chunk);
    this.next = page.next;
    this.whole = page.next === undefined;
  }

  private touch(chunk: Chunk): void {
    this.used = [...this.used.filter((one) => one !== chunk), chunk];
    for (const old of this.used.splice(0, this.used.length - this.keep)) old.rows = undefined;
  }
}
