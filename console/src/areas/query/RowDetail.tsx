/** One row of a result with all of its values, for copying. */
import type { ColumnMetadata } from "@aws-sdk/client-redshift-data";
import Modal from "@cloudscape-design/components/modal";
import Table from "@cloudscape-design/components/table";
import { Copy } from "../../shared/Copy";
import type { Value } from "../../shared/dataApi";
import { typeOf } from "./catalog";

export interface RowDetailProps {
  number: number;
  columns: ColumnMetadata[];
  values: Value[];
  onClose: () => void;
}

export function RowDetail({ number, columns, values, onClose }: RowDetailProps) {
  const items = columns.map((column, index) => ({ id: String(index), column, value: values[index] ?? null }));
  return (
    <Modal visible size="large" header={`Row ${number}`} closeAriaLabel="Close" onDismiss={onClose}>
      <Table
        variant="embedded"
        wrapLines
        items={items}
        trackBy="id"
        ariaLabels={{ tableLabel: `Row ${number}` }}
        columnDefinitions={[
          { id: "name", header: "Column", isRowHeader: true, cell: ({ column }) => column.label ?? column.name },
          { id: "type", header: "Type", cell: ({ column }) => typeOf(column) },
          {
            id: "value",
            header: "Value",
            cell: ({ value, column }) =>
              value === null ? (
                <span className="query-null">NULL</span>
              ) : (
                <>
                  <span className="slipher-mono">{String(value)}</span> <Copy text={String(value)} label={column.name ?? "value"} />
                </>
              ),
          },
        ]}
      />
    </Modal>
  );
}
