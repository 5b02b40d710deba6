"""EventBridge Scheduler: the table of operations."""

from __future__ import annotations

from slipher.cloud.call import Call, Operation
from slipher.cloud.scheduler import groups, schedules
from slipher.cloud.scheduler.common import group_arn, schedule_arn

WRITE = (
    "Name GroupName ScheduleExpression StartDate EndDate Description ScheduleExpressionTimezone State Target "
    "FlexibleTimeWindow ActionAfterCompletion ClientToken"
)


def _tagged(call: Call) -> str:
    return str(call.params["ResourceArn"])


OPERATIONS: dict[str, Operation] = {
    "CreateSchedule": Operation(schedules.create, WRITE, schedule_arn),
    "UpdateSchedule": Operation(schedules.update_, WRITE, schedule_arn),
    "GetSchedule": Operation(schedules.get, "Name GroupName", schedule_arn),
    "DeleteSchedule": Operation(schedules.delete_, "Name GroupName ClientToken", schedule_arn),
    "ListSchedules": Operation(schedules.list_, "GroupName NamePrefix State NextToken MaxResults"),
    "CreateScheduleGroup": Operation(groups.create, "Name Tags ClientToken", group_arn),
    "GetScheduleGroup": Operation(groups.get, "Name", group_arn),
    "DeleteScheduleGroup": Operation(groups.delete_, "Name ClientToken", group_arn),
    "ListScheduleGroups": Operation(groups.list_, "NamePrefix NextToken MaxResults"),
    "ListTagsForResource": Operation(groups.list_tags, "ResourceArn", _tagged),
    "TagResource": Operation(groups.tag, "ResourceArn Tags", _tagged),
    "UntagResource": Operation(groups.untag, "ResourceArn TagKeys", _tagged),
}
