"""IAM: roles, users, access keys and policies. The table of operations."""

from __future__ import annotations

from slipher.cloud.call import Call, Operation, Resource
from slipher.cloud.iam import policies, roles, tags, users
from slipher.cloud.iam.common import entity_arn


def _role(call: Call) -> str:
    return entity_arn(call, "role", str(call.params.get("RoleName") or "*"))


def _user(call: Call) -> str:
    return entity_arn(call, "user", str(call.params.get("UserName") or call.caller.user_name or "*"))


def _policy(call: Call) -> str:
    if call.params.get("PolicyArn"):
        return str(call.params["PolicyArn"])
    return f"arn:aws:iam::{call.account}:policy{call.params.get('Path') or '/'}{call.params.get('PolicyName', '*')}"


def _roles(call: Call) -> str:
    return f"arn:aws:iam::{call.account}:role/"


def _users(call: Call) -> str:
    return f"arn:aws:iam::{call.account}:user/"


def _attached(call: Call) -> dict[str, str]:
    return {"iam:policyarn": str(call.params["PolicyArn"])}


PAGE = "Marker MaxItems"


def _of(kind: str, member: str, resource: Resource) -> dict[str, Operation]:
    """The operations on the policies of a role or user."""
    return {
        f"Attach{kind}Policy": Operation(policies.attach(kind.lower()), f"{member} PolicyArn", resource, _attached),
        f"Detach{kind}Policy": Operation(policies.detach(kind.lower()), f"{member} PolicyArn", resource, _attached),
        f"ListAttached{kind}Policies": Operation(
            policies.list_attached(kind.lower()), f"{member} PathPrefix {PAGE}", resource
        ),
        f"Put{kind}Policy": Operation(
            policies.put_inline(kind.lower()), f"{member} PolicyName PolicyDocument", resource
        ),
        f"Get{kind}Policy": Operation(policies.get_inline(kind.lower()), f"{member} PolicyName", resource),
        f"Delete{kind}Policy": Operation(policies.delete_inline(kind.lower()), f"{member} PolicyName", resource),
        f"List{kind}Policies": Operation(policies.list_inline(kind.lower()), f"{member} {PAGE}", resource),
    }


OPERATIONS: dict[str, Operation] = {
    "CreateRole": Operation(
        roles.create, "RoleName AssumeRolePolicyDocument Path Description MaxSessionDuration Tags", _role
    ),
    "GetRole": Operation(roles.get, "RoleName", _role),
    "ListRoles": Operation(roles.list_, f"PathPrefix {PAGE}", _roles),
    "DeleteRole": Operation(roles.delete_, "RoleName", _role),
    "UpdateRole": Operation(roles.update_, "RoleName Description MaxSessionDuration", _role),
    "UpdateAssumeRolePolicy": Operation(roles.update_trust, "RoleName PolicyDocument", _role),
    "TagRole": Operation(tags.tag("role"), "RoleName Tags", _role),
    "UntagRole": Operation(tags.untag("role"), "RoleName TagKeys", _role),
    "ListRoleTags": Operation(tags.list_("role"), f"RoleName {PAGE}", _role),
    "ListInstanceProfilesForRole": Operation(roles.list_instance_profiles, f"RoleName {PAGE}", _role),
    "CreateUser": Operation(users.create, "UserName Path Tags", _user),
    "GetUser": Operation(users.get, "UserName", _user),
    "ListUsers": Operation(users.list_, f"PathPrefix {PAGE}", _users),
    "DeleteUser": Operation(users.delete_, "UserName", _user),
    "TagUser": Operation(tags.tag("user"), "UserName Tags", _user),
    "UntagUser": Operation(tags.untag("user"), "UserName TagKeys", _user),
    "ListUserTags": Operation(tags.list_("user"), f"UserName {PAGE}", _user),
    "ListGroupsForUser": Operation(users.list_groups, f"UserName {PAGE}", _user),
    "CreateAccessKey": Operation(users.create_key, "UserName", _user),
    "ListAccessKeys": Operation(users.list_keys, f"UserName {PAGE}", _user),
    "UpdateAccessKey": Operation(users.update_key, "UserName AccessKeyId Status", _user),
    "DeleteAccessKey": Operation(users.delete_key, "UserName AccessKeyId", _user),
    "CreatePolicy": Operation(policies.create, "PolicyName Path PolicyDocument Description", _policy),
    "GetPolicy": Operation(policies.get, "PolicyArn", _policy),
    "GetPolicyVersion": Operation(policies.get_version, "PolicyArn VersionId", _policy),
    "ListPolicyVersions": Operation(policies.list_versions, f"PolicyArn {PAGE}", _policy),
    "ListPolicies": Operation(policies.list_, f"Scope OnlyAttached PathPrefix PolicyUsageFilter {PAGE}"),
    "ListEntitiesForPolicy": Operation(
        policies.list_entities, f"PolicyArn EntityFilter PathPrefix PolicyUsageFilter {PAGE}", _policy
    ),
    "DeletePolicy": Operation(policies.delete_, "PolicyArn", _policy),
    **_of("Role", "RoleName", _role),
    **_of("User", "UserName", _user),
}
