/** The areas, in the order of the navigation: one line each. An area's screens live in its own folder. */
import type { Area } from "../shared/area";
import { area as dynamodb } from "./dynamodb";
import { area as iam } from "./iam";
import { area as load } from "./load";
import { area as monitoring } from "./monitoring";
import { area as query } from "./query";
import { area as redshift } from "./redshift";
import { area as s3 } from "./s3";
import { area as schedules } from "./schedules";
import { area as secrets } from "./secrets";

export const AREAS: readonly Area[] = [redshift, query, load, monitoring, schedules, iam, s3, dynamodb, secrets];

export function areaOf(pathname: string): Area | undefined {
  return AREAS.find((area) => pathname === area.path || pathname.startsWith(`${area.path}/`));
}
