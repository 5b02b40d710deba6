/** A result as a chart; the chart components are loaded with this module, when the first chart is shown. */
import AreaChart from "@cloudscape-design/components/area-chart";
import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import MixedLineBarChart from "@cloudscape-design/components/mixed-line-bar-chart";
import Multiselect from "@cloudscape-design/components/multiselect";
import PieChart from "@cloudscape-design/components/pie-chart";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useState } from "react";
import { Empty } from "../../shared/Empty";
import { ErrorBox } from "../../shared/errors";
import { count } from "../../shared/format";
import { useAws } from "../../shared/useAws";
import { isNumeric, kindOf, MOST, points, suggested, type Shape } from "./chart";
import type { ResultPages } from "./pages";

const SHAPES: { value: Shape; label: string }[] = [
  { value: "bar", label: "Bars" },
  { value: "line", label: "Lines" },
  { value: "area", label: "Areas" },
  { value: "pie", label: "Pie" },
];
const HEIGHT = 300;

export default function ResultChart({ pages, total, mark }: { pages: ResultPages; total: number; mark: string }) {
  const { data: rows, error, refresh } = useAws(() => pages.rows(0, MOST), [mark]);
  const [x, setX] = useState<number>();
  const [ys, setYs] = useState<number[]>();
  const [shape, setShape] = useState<Shape>();
  if (error) return <ErrorBox error={error} retry={refresh} />;
  if (!rows) return <Spinner size="large" />;
  const chosen = suggested(pages.columns);
  if (!chosen) return <Empty title="Nothing to draw" text="A chart needs a column of numbers: for instance count(*) with a group by." />;
  if (rows.length === 0) return <Empty title="No rows" text="The result has no rows to draw." />;
  const columns = pages.columns.map((column, index) => ({ value: String(index), label: column.label ?? column.name ?? String(index), column }));
  const at = x ?? chosen.x;
  const drawn = (ys ?? chosen.ys).filter((one) => one < columns.length);
  const kind = kindOf(pages.columns[at]!);
  const how = shape ?? chosen.shape;
  const series = drawn.map((one) => ({ title: columns[one]!.label, data: points(rows, at, one, how === "bar" || how === "pie" ? "text" : kind) }));
  return (
    <SpaceBetween size="m">
      <SpaceBetween direction="horizontal" size="m">
        <FormField label="Chart">
          <Select
            selectedOption={SHAPES.find((one) => one.value === how) ?? null}
            options={SHAPES}
            onChange={({ detail }) => setShape(detail.selectedOption.value as Shape)}
          />
        </FormField>
        <FormField label={how === "pie" ? "Slices" : "Along the x axis"}>
          <Select selectedOption={columns[at] ?? null} options={columns} onChange={({ detail }) => setX(Number(detail.selectedOption.value))} />
        </FormField>
        <FormField label="Values">
          <Multiselect
            selectedOptions={drawn.map((one) => columns[one]!)}
            options={columns.filter((one) => isNumeric(one.column))}
            placeholder="Choose columns"
            deselectAriaLabel={(option) => `Remove ${option.label}`}
            onChange={({ detail }) => setYs(detail.selectedOptions.map((one) => Number(one.value)))}
          />
        </FormField>
      </SpaceBetween>
      <Drawn how={how} kind={kind} series={series} x={columns[at]!.label} />
      {total > rows.length ? (
        <Box variant="small" color="text-body-secondary">
          The first {count(rows.length)} of {count(total)} rows.
        </Box>
      ) : null}
    </SpaceBetween>
  );
}

interface DrawnProps {
  how: Shape;
  kind: "number" | "time" | "text";
  series: { title: string; data: ReturnType<typeof points> }[];
  x: string;
}

function Drawn({ how, kind, series, x }: DrawnProps) {
  const name = `${series.map((one) => one.title).join(", ")} by ${x}`;
  const empty = <Empty title="No values" text="Choose a column of numbers." />;
  if (how === "pie") {
    const data = (series[0]?.data ?? []).filter((one) => one.y > 0).map((one) => ({ title: String(one.x), value: one.y }));
    return <PieChart data={data.slice(0, 30)} ariaLabel={name} hideFilter empty={empty} size="large" detailPopoverContent={(datum) => [{ key: "Value", value: count(datum.value) }]} />;
  }
  const scale = how === "bar" || kind === "text" ? "categorical" : kind === "time" ? "time" : "linear";
  const shared = { xScaleType: scale, xTitle: x, height: HEIGHT, hideFilter: true, ariaLabel: name, empty } as const;
  if (how === "area") {
    return <AreaChart {...shared} series={series.map((one) => ({ title: one.title, type: "area" as const, data: one.data as never }))} />;
  }
  return <MixedLineBarChart {...shared} series={series.map((one) => ({ title: one.title, type: how, data: one.data as never }))} />;
}
