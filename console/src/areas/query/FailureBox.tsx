/** A failed statement: message, code, detail, hint, and where in it the error is. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import { StatementError } from "../../shared/dataApi";
import { ErrorBox } from "../../shared/errors";
import { marked, parseFailure } from "./failure";

export interface FailureBoxProps {
  error: unknown;
  sql: string;
  doing?: string;
  /** Show the place in the editor. */
  onShow?: () => void;
}

export function FailureBox({ error, sql, doing = "The statement failed", onShow }: FailureBoxProps) {
  if (!(error instanceof StatementError)) return <ErrorBox error={error} doing={doing} />;
  const failure = parseFailure(error.message);
  const place = marked(sql, failure);
  const before = place ? sql.slice(0, place.from).split("\n") : [];
  return (
    <div role="alert">
      <Alert type="error" header={doing} data-testid="failure" action={place && onShow ? <Button onClick={onShow}>Show in the editor</Button> : undefined}>
        <span className="slipher-message">{failure.message}</span>
        {failure.hint ? (
          <Box variant="p">
            <b>Hint:</b> <span className="slipher-message">{failure.hint}</span>
          </Box>
        ) : null}
        {failure.detail ? (
          <Box variant="p">
            <b>Detail:</b> <span className="slipher-message">{failure.detail}</span>
          </Box>
        ) : null}
        {place ? (
          <Box variant="p" color="text-body-secondary">
            Line {before.length}, column {(before.at(-1)?.length ?? 0) + 1} of the statement
          </Box>
        ) : null}
        {failure.code ? (
          <Box variant="p">
            <b>Code:</b> {failure.code}
          </Box>
        ) : null}
        {failure.engine.length > 0 ? (
          <ExpandableSection headerText="Details of the engine" variant="footer">
            <KeyValuePairs columns={2} items={failure.engine.map(([label, value]) => ({ label, value: <span className="slipher-mono">{value}</span> }))} />
          </ExpandableSection>
        ) : null}
        {/stl_load_errors|sys_load_error_detail/.test(failure.message) ? <Link href="/console/load">See the load errors</Link> : null}
      </Alert>
    </div>
  );
}
