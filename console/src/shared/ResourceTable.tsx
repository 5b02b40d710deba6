/** A table of resources as AWS's console has them: count, filter, sorting, pages, selection, preferences, empty and error states. */
import { useCollection } from "@cloudscape-design/collection-hooks";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import CollectionPreferences from "@cloudscape-design/components/collection-preferences";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useEffect, useState, type ReactNode } from "react";
import { Empty, type EmptyProps } from "./Empty";
import { ErrorBox } from "./errors";

export interface Column<T> {
  id: string;
  header: string;
  cell: (item: T) => ReactNode;
  /** What it is sorted and filtered by; without, the column cannot be sorted. */
  value?: (item: T) => string | number | undefined;
  width?: number;
  minWidth?: number;
}

export interface ResourceTableProps<T> {
  title: string;
  description?: ReactNode;
  items: readonly T[];
  itemKey: (item: T) => string;
  columns: Column<T>[];
  loading?: boolean;
  error?: unknown;
  /** False: there is more than `items` (see usePages); `more` loads it. */
  complete?: boolean;
  more?: () => void;
  refresh?: () => void;
  empty: EmptyProps;
  filterPlaceholder?: string;
  selection?: "single" | "multi";
  /** Buttons at the head; a function gets what is selected. */
  actions?: ReactNode | ((selected: T[], clear: () => void) => ReactNode);
  onSelect?: (selected: T[]) => void;
  /** "full-page" for a screen that is this table; its heading is then the page's (h1). */
  variant?: "full-page" | "container" | "embedded" | "borderless";
  pageSize?: number;
  /** What stands beside the filter. */
  filters?: ReactNode;
  /** The first column is the row's heading unless said otherwise. */
  rowHeader?: string;
}

const SIZES = [20, 50, 100, 200];

export function ResourceTable<T>(props: ResourceTableProps<T>) {
  const { title, items, columns, complete = true, variant = "full-page", itemKey } = props;
  const [pageSize, setPageSize] = useState(props.pageSize ?? 20);
  const searched = (item: T, text: string): boolean => {
    const wanted = text.toLowerCase();
    return columns.some((column) => String(column.value?.(item) ?? "").toLowerCase().includes(wanted));
  };
  const { items: shown, collectionProps, filterProps, filteredItemsCount, paginationProps, actions } = useCollection(items, {
    filtering: {
      filteringFunction: searched,
      empty: <Empty {...props.empty} />,
      noMatch: (
        <Empty
          title="No matches"
          text="Nothing here has this text."
          action={<Button onClick={() => actions.setFiltering("")}>Clear filter</Button>}
        />
      ),
    },
    pagination: { pageSize },
    sorting: {},
    selection: { keepSelection: true, trackBy: itemKey },
  });
  const selected = (collectionProps.selectedItems ?? []) as T[];
  const onSelect = props.onSelect;
  const marks = selected.map(itemKey).join("\n");
  useEffect(() => onSelect?.(selected), [marks]);
  const clear = () => actions.setSelectedItems([]);
  const count = props.loading && items.length === 0 ? undefined : `(${items.length}${complete ? "" : "+"})`;
  const last = paginationProps.currentPageIndex >= paginationProps.pagesCount;
  const buttons = typeof props.actions === "function" ? props.actions(selected, clear) : props.actions;
  return (
    <Table<T>
      {...collectionProps}
      variant={variant}
      items={shown}
      trackBy={itemKey}
      columnDefinitions={columns.map((column, index) => ({
        id: column.id,
        header: column.header,
        cell: column.cell,
        width: column.width,
        minWidth: column.minWidth ?? 110,
        isRowHeader: props.rowHeader ? column.id === props.rowHeader : index === 0,
        ...(column.value ? { sortingComparator: (a: T, b: T) => compare(column.value!(a), column.value!(b)) } : {}),
      }))}
      loading={props.loading && items.length === 0}
      loadingText={`Loading ${title.toLowerCase()}`}
      selectionType={props.selection}
      stickyHeader={variant === "full-page"}
      resizableColumns
      enableKeyboardNavigation
      renderAriaLive={({ firstIndex, lastIndex, totalItemsCount }) => `Displaying ${firstIndex} to ${lastIndex} of ${totalItemsCount}`}
      totalItemsCount={items.length}
      ariaLabels={{
        tableLabel: title,
        selectionGroupLabel: `Select from ${title.toLowerCase()}`,
        allItemsSelectionLabel: () => "Select all",
        itemSelectionLabel: (_, item) => `Select ${itemKey(item)}`,
      }}
      empty={props.error ? <ErrorBox error={props.error} retry={props.refresh} /> : <Empty {...props.empty} />}
      header={
        <SpaceBetween size="s">
          <Header
            variant={variant === "full-page" ? "awsui-h1-sticky" : "h2"}
            counter={count}
            description={props.description}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                {props.refresh ? (
                  <Button iconName="refresh" ariaLabel={`Refresh ${title.toLowerCase()}`} onClick={props.refresh} loading={props.loading} />
                ) : null}
                {buttons}
              </SpaceBetween>
            }
          >
            {title}
          </Header>
          {props.error && items.length > 0 ? <ErrorBox error={props.error} retry={props.refresh} /> : null}
        </SpaceBetween>
      }
      filter={
        <SpaceBetween direction="horizontal" size="xs">
          <TextFilter
            {...filterProps}
            filteringPlaceholder={props.filterPlaceholder ?? `Find ${title.toLowerCase()}`}
            filteringAriaLabel={props.filterPlaceholder ?? `Find ${title.toLowerCase()}`}
            countText={`${filteredItemsCount} ${filteredItemsCount === 1 ? "match" : "matches"}${complete ? "" : " so far"}`}
          />
          {props.filters}
        </SpaceBetween>
      }
      pagination={
        <Pagination
          {...paginationProps}
          openEnd={!complete}
          onChange={(event) => {
            if (!complete && event.detail.currentPageIndex >= paginationProps.pagesCount) props.more?.();
            paginationProps.onChange(event);
          }}
          onNextPageClick={() => {
            if (!complete && last) props.more?.();
          }}
          ariaLabels={{
            nextPageLabel: "Next page",
            previousPageLabel: "Previous page",
            pageLabel: (page) => `Page ${page}`,
          }}
        />
      }
      preferences={
        <CollectionPreferences
          title="Preferences"
          confirmLabel="Confirm"
          cancelLabel="Cancel"
          preferences={{ pageSize }}
          pageSizePreference={{ title: "Page size", options: SIZES.map((value) => ({ value, label: `${value} rows` })) }}
          onConfirm={({ detail }) => setPageSize(detail.pageSize ?? 20)}
        />
      }
      footer={!complete && !props.loading ? <Box textAlign="center"><Button onClick={props.more}>Load more</Button></Box> : undefined}
    />
  );
}

function compare(a: string | number | undefined, b: string | number | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en", { numeric: true });
}
