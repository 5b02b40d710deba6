/** Values as people read them. */

export function when(value: Date | string | number | undefined | null): string {
  if (value === undefined || value === null || value === "") return "-";
  const at = new Date(value);
  if (Number.isNaN(at.getTime())) return String(value);
  const two = (number: number) => String(number).padStart(2, "0");
  return (
    `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ` +
    `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
  );
}

export function ago(value: Date | string | undefined | null, now: number = Date.now()): string {
  if (!value) return "-";
  const seconds = Math.max(0, Math.round((now - new Date(value).getTime()) / 1000));
  const steps: [number, string][] = [
    [86400, "day"],
    [3600, "hour"],
    [60, "minute"],
    [1, "second"],
  ];
  for (const [size, name] of steps) {
    if (seconds >= size) {
      const count = Math.floor(seconds / size);
      return `${count} ${name}${count === 1 ? "" : "s"} ago`;
    }
  }
  return "now";
}

export function bytes(value: number | undefined | null): string {
  if (value === undefined || value === null) return "-";
  let size = value;
  for (const unit of ["B", "KB", "MB", "GB", "TB"]) {
    if (size < 1024 || unit === "TB") return `${unit === "B" ? size : size.toFixed(1)} ${unit}`;
    size /= 1024;
  }
  return "-";
}

export function count(value: number | undefined | null): string {
  return value === undefined || value === null ? "-" : value.toLocaleString("en-US");
}

export function seconds(milliseconds: number | undefined | null): string {
  if (milliseconds === undefined || milliseconds === null) return "-";
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${Math.floor(milliseconds / 60_000)} min ${Math.round((milliseconds % 60_000) / 1000)} s`;
}
