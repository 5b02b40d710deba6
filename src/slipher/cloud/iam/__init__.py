"""IAM: roles, users, access keys and policies. The table of operations."""

from __future__ import annotations

from slipher.cloud.call import Call, Operation
from slipher.cloud.iam import policies, roles, users


def _role(call: Call) -> str:
    return f"arn:aws:iam::{call.account}:role/{call.params.get('RoleName', '*')}"


def _user(call: Call) -> str:
    return f"arn:aws:iam::{call.account}:user/{call.params.get('UserName') or call.caller.user_name or '*'}"


def _policy(call: Call) -> str:
    return str(
        call.params.get("PolicyArn") or f"arn:aws:iam::{call.account}:policy/{call.params.get('PolicyName', '*')}"
    )


OPERATIONS: dict[str, Operation] = {
    "CreateRole": Operation(roles.create, "iam:CreateRole", _role),
    "GetRole": Operation(roles.get, "iam:GetRole", _role),
    "ListRoles": Operation(roles.list_, "iam:ListRoles"),
    "DeleteRole": Operation(roles.delete_, "iam:DeleteRole", _role),
    "UpdateRole": Operation(roles.update_, "iam:UpdateRole", _role),
    "UpdateAssumeRolePolicy": Operation(roles.update_trust, "iam:UpdateAssumeRolePolicy", _role),
    "TagRole": Operation(roles.tag, "iam:TagRole", _role),
    "UntagRole": Operation(roles.untag, "iam:UntagRole", _role),
    "ListRoleTags": Operation(roles.list_tags, "iam:ListRoleTags", _role),
    "CreateUser": Operation(users.create, "iam:CreateUser", _user),
    "GetUser": Operation(users.get, "iam:GetUser", _user),
    "ListUsers": Operation(users.list_, "iam:ListUsers"),
    "DeleteUser": Operation(users.delete_, "iam:DeleteUser", _user),
    "CreateAccessKey": Operation(users.create_key, "iam:CreateAccessKey", _user),
    "ListAccessKeys": Operation(users.list_keys, "iam:ListAccessKeys", _user),
    "UpdateAccessKey": Operation(users.update_key, "iam:UpdateAccessKey", _user),
    "DeleteAccessKey": Operation(users.delete_key, "iam:DeleteAccessKey", _user),
    "CreatePolicy": Operation(policies.create, "iam:CreatePolicy", _policy),
    "GetPolicy": Operation(policies.get, "iam:GetPolicy", _policy),
    "GetPolicyVersion": Operation(policies.get_version, "iam:GetPolicyVersion", _policy),
    "ListPolicyVersions": Operation(policies.list_versions, "iam:ListPolicyVersions", _policy),
    "ListPolicies": Operation(policies.list_, "iam:ListPolicies"),
    "DeletePolicy": Operation(policies.delete_, "iam:DeletePolicy", _policy),
    "AttachRolePolicy": Operation(policies.attach("role"), "iam:AttachRolePolicy", _role),
    "DetachRolePolicy": Operation(policies.detach("role"), "iam:DetachRolePolicy", _role),
    "ListAttachedRolePolicies": Operation(policies.list_attached("role"), "iam:ListAttachedRolePolicies", _role),
    "PutRolePolicy": Operation(policies.put_inline("role"), "iam:PutRolePolicy", _role),
    "GetRolePolicy": Operation(policies.get_inline("role"), "iam:GetRolePolicy", _role),
    "DeleteRolePolicy": Operation(policies.delete_inline("role"), "iam:DeleteRolePolicy", _role),
    "ListRolePolicies": Operation(policies.list_inline("role"), "iam:ListRolePolicies", _role),
    "AttachUserPolicy": Operation(policies.attach("user"), "iam:AttachUserPolicy", _user),
    "DetachUserPolicy": Operation(policies.detach("user"), "iam:DetachUserPolicy", _user),
    "ListAttachedUserPolicies": Operation(policies.list_attached("user"), "iam:ListAttachedUserPolicies", _user),
    "PutUserPolicy": Operation(policies.put_inline("user"), "iam:PutUserPolicy", _user),
    "GetUserPolicy": Operation(policies.get_inline("user"), "iam:GetUserPolicy", _user),
    "DeleteUserPolicy": Operation(policies.delete_inline("user"), "iam:DeleteUserPolicy", _user),
    "ListUserPolicies": Operation(policies.list_inline("user"), "iam:ListUserPolicies", _user),
}
