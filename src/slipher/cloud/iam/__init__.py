"""IAM: roles, users, groups, access keys, policies and instance profiles. The table of operations."""

from __future__ import annotations

from slipher.cloud.call import Call, Operation, Resource
from slipher.cloud.iam import (
    access_keys,
    account,
    attached,
    boundaries,
    entities,
    groups,
    instance_profiles,
    policies,
    roles,
    service_linked,
    simulate,
    tags,
    users,
    versions,
)
from slipher.cloud.iam.common import entity_arn
from slipher.cloud.iam.conditions import about


def _role(call: Call) -> str:
    return entity_arn(call, "role", str(call.params.get("RoleName") or "*"))


def _user(call: Call) -> str:
    return entity_arn(call, "user", str(call.params.get("UserName") or call.caller.user_name or "*"))


def _group(call: Call) -> str:
    return entity_arn(call, "group", str(call.params.get("GroupName") or "*"))


def _profile(call: Call) -> str:
    return entity_arn(call, "instance-profile", str(call.params.get("InstanceProfileName") or "*"))


def _policy(call: Call) -> str:
    if call.params.get("PolicyArn"):
        return str(call.params["PolicyArn"])
    return f"arn:aws:iam::{call.account}:policy{call.params.get('Path') or '/'}{call.params.get('PolicyName', '*')}"


def _all(kind: str) -> Resource:
    return lambda call: f"arn:aws:iam::{call.account}:{kind}/"


def _source(call: Call) -> str:
    return str(call.params["PolicySourceArn"])


PAGE = "Marker MaxItems"
SIMULATED = (
    "PermissionsBoundaryPolicyInputList ActionNames ResourceArns ResourcePolicy ResourceOwner CallerArn ContextEntries "
    f"{PAGE}"
)


def _of(kind: str, member: str, resource: Resource) -> dict[str, Operation]:
    """The operations on the policies of a role, user or group."""
    one, context = kind.lower(), about(kind.lower())
    return {
        f"Attach{kind}Policy": Operation(attached.attach(one), f"{member} PolicyArn", resource, context),
        f"Detach{kind}Policy": Operation(attached.detach(one), f"{member} PolicyArn", resource, context),
        f"ListAttached{kind}Policies": Operation(
            attached.list_attached(one), f"{member} PathPrefix {PAGE}", resource, context
        ),
        f"Put{kind}Policy": Operation(
            attached.put_inline(one), f"{member} PolicyName PolicyDocument", resource, context
        ),
        f"Get{kind}Policy": Operation(attached.get_inline(one), f"{member} PolicyName", resource, context),
        f"Delete{kind}Policy": Operation(attached.delete_inline(one), f"{member} PolicyName", resource, context),
        f"List{kind}Policies": Operation(attached.list_inline(one), f"{member} {PAGE}", resource, context),
    }


def _tags(kind: str, member: str, resource: Resource, key: str) -> dict[str, Operation]:
    """The operations on the tags of a kind of entity."""
    context = about(key)
    return {
        f"Tag{kind}": Operation(tags.tag(key), f"{member} Tags", resource, context),
        f"Untag{kind}": Operation(tags.untag(key), f"{member} TagKeys", resource, context),
        f"List{kind}Tags": Operation(tags.list_(key), f"{member} {PAGE}", resource, context),
    }


def _bounds(kind: str, member: str, resource: Resource) -> dict[str, Operation]:
    one, context = kind.lower(), about(kind.lower())
    return {
        f"Put{kind}PermissionsBoundary": Operation(
            boundaries.put(one), f"{member} PermissionsBoundary", resource, context
        ),
        f"Delete{kind}PermissionsBoundary": Operation(boundaries.delete_(one), member, resource, context),
    }


ROLE, USER, PROFILE = about("role"), about("user"), about("instance-profile")
OPERATIONS: dict[str, Operation] = {
    "CreateRole": Operation(
        roles.create,
        "RoleName AssumeRolePolicyDocument Path Description MaxSessionDuration PermissionsBoundary Tags",
        _role,
        ROLE,
    ),
    "GetRole": Operation(roles.get, "RoleName", _role, ROLE),
    "ListRoles": Operation(roles.list_, f"PathPrefix {PAGE}", _all("role")),
    "DeleteRole": Operation(roles.delete_, "RoleName", _role, ROLE),
    "UpdateRole": Operation(roles.update_, "RoleName Description MaxSessionDuration", _role, ROLE),
    "UpdateRoleDescription": Operation(roles.update_description, "RoleName Description", _role, ROLE),
    "UpdateAssumeRolePolicy": Operation(roles.update_trust, "RoleName PolicyDocument", _role, ROLE),
    "CreateServiceLinkedRole": Operation(
        service_linked.create,
        "AWSServiceName Description CustomSuffix",
        service_linked.role_arn,
        lambda call: {"iam:awsservicename": str(call.params["AWSServiceName"])},
    ),
    "DeleteServiceLinkedRole": Operation(service_linked.delete_, "RoleName", _role),
    "GetServiceLinkedRoleDeletionStatus": Operation(service_linked.deletion_status, "DeletionTaskId", _role),
    "CreateUser": Operation(users.create, "UserName Path PermissionsBoundary Tags", _user, USER),
    "GetUser": Operation(users.get, "UserName", _user, USER),
    "UpdateUser": Operation(users.update_, "UserName NewUserName NewPath", _user, USER),
    "ListUsers": Operation(users.list_, f"PathPrefix {PAGE}", _all("user")),
    "DeleteUser": Operation(users.delete_, "UserName", _user, USER),
    "ListGroupsForUser": Operation(groups.list_for_user, f"UserName {PAGE}", _user, USER),
    "CreateAccessKey": Operation(access_keys.create, "UserName", _user, USER),
    "ListAccessKeys": Operation(access_keys.list_, f"UserName {PAGE}", _user, USER),
    "UpdateAccessKey": Operation(access_keys.update_, "UserName AccessKeyId Status", _user, USER),
    "DeleteAccessKey": Operation(access_keys.delete_, "UserName AccessKeyId", _user, USER),
    "GetAccessKeyLastUsed": Operation(access_keys.last_used, "AccessKeyId", access_keys.owner),
    "CreateGroup": Operation(groups.create, "GroupName Path", _group),
    "GetGroup": Operation(groups.get, f"GroupName {PAGE}", _group),
    "ListGroups": Operation(groups.list_, f"PathPrefix {PAGE}", _all("group")),
    "UpdateGroup": Operation(groups.update_, "GroupName NewPath NewGroupName", _group),
    "DeleteGroup": Operation(groups.delete_, "GroupName", _group),
    "AddUserToGroup": Operation(groups.add_user, "GroupName UserName", _group),
    "RemoveUserFromGroup": Operation(groups.remove_user, "GroupName UserName", _group),
    "CreatePolicy": Operation(policies.create, "PolicyName Path PolicyDocument Description Tags", _policy),
    "GetPolicy": Operation(policies.get, "PolicyArn", _policy),
    "ListPolicies": Operation(policies.list_, f"Scope OnlyAttached PathPrefix PolicyUsageFilter {PAGE}"),
    "DeletePolicy": Operation(policies.delete_, "PolicyArn", _policy),
    "CreatePolicyVersion": Operation(versions.create, "PolicyArn PolicyDocument SetAsDefault", _policy),
    "GetPolicyVersion": Operation(versions.get_version, "PolicyArn VersionId", _policy),
    "ListPolicyVersions": Operation(versions.list_, f"PolicyArn {PAGE}", _policy),
    "SetDefaultPolicyVersion": Operation(versions.set_default, "PolicyArn VersionId", _policy),
    "DeletePolicyVersion": Operation(versions.delete_, "PolicyArn VersionId", _policy),
    "ListEntitiesForPolicy": Operation(
        entities.list_, f"PolicyArn EntityFilter PathPrefix PolicyUsageFilter {PAGE}", _policy
    ),
    "CreateInstanceProfile": Operation(instance_profiles.create, "InstanceProfileName Path Tags", _profile, PROFILE),
    "GetInstanceProfile": Operation(instance_profiles.get, "InstanceProfileName", _profile, PROFILE),
    "ListInstanceProfiles": Operation(instance_profiles.list_, f"PathPrefix {PAGE}", _all("instance-profile")),
    "ListInstanceProfilesForRole": Operation(instance_profiles.list_for_role, f"RoleName {PAGE}", _role, ROLE),
    "AddRoleToInstanceProfile": Operation(
        instance_profiles.add_role, "InstanceProfileName RoleName", _profile, PROFILE
    ),
    "RemoveRoleFromInstanceProfile": Operation(
        instance_profiles.remove_role, "InstanceProfileName RoleName", _profile, PROFILE
    ),
    "DeleteInstanceProfile": Operation(instance_profiles.delete_, "InstanceProfileName", _profile, PROFILE),
    "GetAccountSummary": Operation(account.summary),
    "GetAccountAuthorizationDetails": Operation(account.details, f"Filter {PAGE}"),
    "SimulateCustomPolicy": Operation(simulate.custom, f"PolicyInputList {SIMULATED}"),
    "SimulatePrincipalPolicy": Operation(simulate.principal, f"PolicySourceArn PolicyInputList {SIMULATED}", _source),
    "GetContextKeysForCustomPolicy": Operation(simulate.custom_keys, "PolicyInputList"),
    "GetContextKeysForPrincipalPolicy": Operation(simulate.principal_keys, "PolicySourceArn PolicyInputList", _source),
    **_of("Role", "RoleName", _role),
    **_of("User", "UserName", _user),
    **_of("Group", "GroupName", _group),
    **_bounds("Role", "RoleName", _role),
    **_bounds("User", "UserName", _user),
    **_tags("Role", "RoleName", _role, "role"),
    **_tags("User", "UserName", _user, "user"),
    **_tags("Policy", "PolicyArn", _policy, "policy"),
    **_tags("InstanceProfile", "InstanceProfileName", _profile, "instance-profile"),
}
